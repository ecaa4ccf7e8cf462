use rust_decimal::{Decimal, RoundingStrategy};
use tradewire_core::exact::{add, divide, nearest_product as product};
use tradewire_core::{Amount, Asset, Order, Price, Side};

/// MARKET_LOCK_MARGIN: what a market order is taken to cost more than its price at sending, for slippage.
const MARKET_LOCK_MARGIN: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// Digits of a lock that is a guess; more would only make sums long.
const GUESS_DIGITS: u32 = 12;

/// How much of which asset an order holds back while it is live.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockFormula {
    /// Asset against asset. Buying holds price × quantity of the quote asset, selling the quantity of the base asset.
    Spot {
        /// The fraction by which the exchange raises the hold of a buy order for the fee; zero where it does not.
        fee: Decimal,
        /// The average price of the order's quantity when it was sent, else the last price. Orders with a price of their own
        /// do not need it; without either an order holds nothing back.
        market_price: Option<Price>,
    },
    /// A contract: price × quantity / leverage of the collateral.
    Margin {
        /// The asset that is held back.
        collateral: Asset,
        /// The leverage of the instrument.
        leverage: Decimal,
        /// Whether the order only makes a position smaller: then it holds nothing back.
        reduce_only: bool,
        /// As for spot.
        market_price: Option<Price>,
    },
}

/// What of an order decides its lock, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    assets: Option<(Asset, Asset)>,
    side: Side,
    price: Option<Price>,
    amount: Amount,
    prevented: Decimal,
}

/// What an order holds back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) asset: Asset,
    pub(super) amount: Decimal,
    /// Whether the price in it is a guess.
    pub(super) guessed: bool,
}

/// How much of an order is filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) base: Decimal,
    pub(super) quote: Decimal,
}

impl Terms {
    pub(super) fn of(order: &Order) -> Self {
        let assets = order.pair.as_ref().map(|pair| (Asset::from(pair.base()), Asset::from(pair.quote())));
        Self {
            assets,
            side: order.side,
            price: order.price.filter(|price| !price.value().is_zero()),
            amount: order.amount,
            prevented: order.prevented.value(),
        }
    }
}

impl LockFormula {
    /// What an order of `terms` holds back with `filled` of it filled; `None` for nothing.
    pub(super) fn lock(&self, terms: &Terms, filled: Filled) -> Option<Lock> {
        match self {
            Self::Spot { fee, market_price } => spot(terms, filled, *fee, *market_price),
            Self::Margin { reduce_only: true, .. } => None,
            Self::Margin { collateral, leverage, market_price, .. } => {
                let (price, guessed) = known_or_guessed(terms, *market_price)?;
                let notional = match left(terms, filled) {
                    Amount::Base(quantity) => product(quantity.value(), price)?,
                    Amount::Quote(quote) => quote,
                };
                let amount = divide(notional, *leverage)?;
                Some(Lock { asset: collateral.clone(), amount, guessed }.shortened())
            }
        }
    }

    /// The asset in which an order of `terms` holds something back.
    pub(super) fn asset(&self, terms: &Terms) -> Option<Asset> {
        match (self, &terms.assets, terms.side) {
            (Self::Margin { collateral, .. }, ..) => Some(collateral.clone()),
            (Self::Spot { .. }, Some((_, quote)), Side::Buy) => Some(quote.clone()),
            (Self::Spot { .. }, Some((base, _)), Side::Sell) => Some(base.clone()),
            (Self::Spot { .. }, None, _) => None,
        }
    }

    /// What the fills of an order of `terms` have taken of the asset that it holds back.
    pub(super) fn spent(&self, terms: &Terms, filled: Filled) -> Decimal {
        match (self, terms.side) {
            (Self::Spot { .. }, Side::Buy) => filled.quote,
            (Self::Spot { .. }, Side::Sell) => filled.base,
            // What a position ties up is in the exchange's figure only.
            (Self::Margin { .. }, _) => Decimal::ZERO,
        }
    }
}

impl Lock {
    /// A guess and a quotient have more digits than sums can carry: they are rounded up.
    fn shortened(mut self) -> Self {
        let strategy = RoundingStrategy::AwayFromZero;
        self.amount = self.amount.round_sf_with_strategy(GUESS_DIGITS, strategy).unwrap_or(self.amount).normalize();
        self
    }
}

fn spot(terms: &Terms, filled: Filled, fee: Decimal, market_price: Option<Price>) -> Option<Lock> {
    let (base, quote) = terms.assets.clone()?;
    match (terms.side, left(terms, filled)) {
        (Side::Sell, Amount::Base(quantity)) => Some(Lock { asset: base, amount: quantity.value(), guessed: false }),
        (Side::Buy, Amount::Quote(amount)) => Some(Lock { asset: quote, amount, guessed: false }),
        (Side::Sell, Amount::Quote(proceeds)) => {
            let price = market_price?.value();
            let amount = product(divide(proceeds, price)?, Decimal::ONE + MARKET_LOCK_MARGIN)?;
            Some(Lock { asset: base, amount, guessed: true }.shortened())
        }
        (Side::Buy, Amount::Base(quantity)) => {
            let (price, guessed) = known_or_guessed(terms, market_price)?;
            let amount = product(product(quantity.value(), price)?, Decimal::ONE + fee)?;
            let lock = Lock { asset: quote, amount, guessed };
            Some(if guessed { lock.shortened() } else { lock })
        }
    }
}

/// The order's own price, or what a market order may cost, and whether it is the latter.
fn known_or_guessed(terms: &Terms, market_price: Option<Price>) -> Option<(Decimal, bool)> {
    match terms.price {
        Some(price) => Some((price.value(), false)),
        None => Some((product(market_price?.value(), Decimal::ONE + MARKET_LOCK_MARGIN)?, true)),
    }
}

/// What of the order's amount is not filled.
fn left(terms: &Terms, filled: Filled) -> Amount {
    match terms.amount {
        Amount::Base(quantity) => {
            let left = quantity.value() - filled.base - terms.prevented;
            Amount::Base(tradewire_core::Quantity::new(left.max(Decimal::ZERO)))
        }
        Amount::Quote(quote) => Amount::Quote((quote - filled.quote).max(Decimal::ZERO)),
    }
}

impl std::ops::Sub for Filled {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { base: self.base - other.base, quote: self.quote - other.quote }
    }
}

impl std::ops::AddAssign for Filled {
    fn add_assign(&mut self, other: Self) {
        self.base = add(self.base, other.base).unwrap_or(self.base);
        self.quote = add(self.quote, other.quote).unwrap_or(self.quote);
    }
}
