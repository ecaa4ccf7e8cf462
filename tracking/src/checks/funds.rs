use rust_decimal::Decimal;
use tradewire_core::exact::{divide, multiply};
use tradewire_core::{
    Amount, Asset, Balance, Basis, CommandError, Contract, Error, ErrorKind, OrderRequest, Price, Side,
};

/// What an order takes from the account when it is accepted, with the fee where the exchange holds that back too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededFunds {
    /// Of which asset: quote for buying, base for selling; of a contract its collateral.
    pub asset: Asset,
    /// How much.
    pub amount: Decimal,
    /// Whether the price in it is the market's, which moves, and not the order's own.
    pub guessed: bool,
}

impl NeededFunds {
    /// What `order` needs. `fee_on_top` is the fraction that the exchange holds back beside price × quantity of a buy order, zero
    /// where it takes fees out of what is received; `market_price` is what a market order may trade at. `None` where the amount
    /// cannot be told.
    pub fn of(order: &OrderRequest, fee_on_top: Decimal, market_price: Option<Price>) -> Option<Self> {
        let (base, quote) = (order.pair.base(), order.pair.quote());
        let (asset, amount) = match (order.side, order.amount) {
            _ if order.reduce_only => return None,
            (Side::Sell, Amount::Base(quantity)) => (base, quantity.value()),
            (Side::Sell, Amount::Quote(_)) => return None,
            (Side::Buy, Amount::Quote(amount)) => (quote, amount),
            (Side::Buy, Amount::Base(quantity)) => {
                let price = order.price.or(market_price)?;
                let notional = multiply(quantity.value(), price.value())?;
                (quote, multiply(notional, Decimal::ONE + fee_on_top)?)
            }
        };
        let guessed = order.side == Side::Buy && order.price.is_none() && order.quantity().is_some();
        Some(Self { asset: asset.into(), amount, guessed })
    }

    /// What `order` of a contract needs as margin. `None` for one that closes a position, and where the amount cannot be told.
    pub fn of_contract(
        order: &OrderRequest,
        contract: &Contract,
        leverage: Decimal,
        market_price: Option<Price>,
    ) -> Option<Self> {
        if order.closes() {
            return None;
        }
        let value = match order.amount {
            Amount::Quote(amount) => amount,
            Amount::Base(quantity) => multiply(quantity.value(), order.price.or(market_price)?.value())?,
        };
        let amount = divide(value, leverage)?;
        Some(Self { asset: contract.collateral().clone(), amount, guessed: order.price.is_none() })
    }

    /// Refuses an order that the exchange is sure to refuse: the balance is the exchange's own word, and the price the order's own.
    ///
    /// # Errors
    /// `NotSent(InsufficientBalance)`.
    pub fn check(&self, balance: &Balance) -> Result<(), CommandError> {
        let sure = balance.basis == Basis::Reported && !self.guessed;
        if sure { self.within(balance.available, "the account has too little") } else { Ok(()) }
    }

    /// Refuses an order for more than what is left of the caller's own budget.
    ///
    /// # Errors
    /// `NotSent(InsufficientBalance)`.
    pub fn check_budget(&self, left: Decimal) -> Result<(), CommandError> {
        self.within(left, "the budget set for the asset has too little left")
    }

    fn within(&self, available: Decimal, text: &'static str) -> Result<(), CommandError> {
        if self.amount <= available {
            return Ok(());
        }
        let error = Error::new(ErrorKind::InsufficientBalance, text).with("asset", &self.asset);
        Err(CommandError::NotSent(error.with("needed", self.amount).with("available", available)))
    }
}
