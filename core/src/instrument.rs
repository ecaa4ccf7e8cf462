use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::{Contract, Pair, Price, Quantity, exact};

/// What kind of market an instrument trades on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MarketKind {
    /// Asset against asset, delivered at once.
    Spot,
    /// A perpetual contract settled in the quote asset.
    LinearPerpetual,
    /// A perpetual contract settled in the base asset.
    InversePerpetual,
}

/// Whether an instrument can be traded now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum InstrumentStatus {
    /// Orders are accepted.
    Trading,
    /// Only cancels are accepted.
    CancelOnly,
    /// Trading is interrupted; the exchange's own word is kept.
    Halted(String),
    /// A status this library does not know, in the exchange's own word. Not tradable.
    Unknown(String),
}

/// One thing that can be traded, and the rules for doing so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instrument {
    /// The pair, in this library's form.
    pub pair: Pair,
    /// The market that it trades on.
    pub kind: MarketKind,
    /// The exchange's own name for it. May hold non-ASCII letters.
    pub symbol: Arc<str>,
    /// Whether it can be traded now.
    pub status: InstrumentStatus,
    /// What it is a contract about; `None` where assets are traded.
    pub contract: Option<Contract>,
    /// What an order's numbers must satisfy.
    pub rules: InstrumentRules,
    /// Filters of the exchange that this library does not know, by name. They are left to the exchange.
    pub unknown_filters: Vec<String>,
}

impl Instrument {
    /// Whether orders are accepted now.
    pub fn tradable(&self) -> bool {
        self.status == InstrumentStatus::Trading
    }
}

/// What the numbers of an order must satisfy. Bounds that the exchange does not set are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InstrumentRules {
    /// Prices are multiples of this (tick size).
    pub price_step: Step,
    /// Lowest and highest price.
    pub price: Range<Price>,
    /// Quantities are multiples of this (lot size).
    pub quantity_step: Step,
    /// Smallest and largest quantity of an order.
    pub quantity: Range<Quantity>,
    /// Steps of the quantity of a market order.
    pub market_quantity_step: Step,
    /// Smallest and largest quantity of a market order.
    pub market_quantity: Range<Quantity>,
    /// Smallest and largest price × quantity, in the quote asset.
    pub notional: Range<Decimal>,
    /// Whether the smallest notional holds for market orders too.
    pub min_notional_for_market: bool,
    /// Whether the largest notional holds for market orders too.
    pub max_notional_for_market: bool,
    /// Whether the notional of a market order is judged by the mark price; else by what it would trade at.
    pub market_notional_by_mark: bool,
}

/// A lowest and a highest value, each absent where the exchange sets none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range<T> {
    /// Lowest allowed value.
    pub min: Option<T>,
    /// Highest allowed value.
    pub max: Option<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self { min: None, max: None }
    }
}

impl<T: PartialOrd> Range<T> {
    /// Whether `value` lies within the bounds, which belong to it.
    pub fn contains(&self, value: &T) -> bool {
        self.min.as_ref().is_none_or(|min| value >= min) && self.max.as_ref().is_none_or(|max| value <= max)
    }
}

/// The distance between allowed values, counted from `base` (0 on most exchanges). A size of zero allows every value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The distance.
    pub size: Decimal,
    /// The value that steps count from.
    pub base: Decimal,
}

impl Step {
    /// Steps of `size`, counted from zero.
    pub const fn of(size: Decimal) -> Self {
        Self { size, base: Decimal::ZERO }
    }

    /// Decimals that every allowed value can be written with.
    pub fn decimals(&self) -> u32 {
        self.size.normalize().scale().max(self.base.normalize().scale())
    }

    /// Checks that `value` is an allowed one. Nothing is rounded.
    ///
    /// # Errors
    /// The two nearest allowed values.
    pub fn check(&self, value: Decimal) -> Result<(), NotOnStep> {
        if self.past(value).is_zero() {
            return Ok(());
        }
        let below = self.down(value);
        let above = exact::add(below, self.size).unwrap_or(below);
        Err(NotOnStep { value, step: *self, below, above })
    }

    /// The highest allowed value that is not above `value`.
    pub fn down(&self, value: Decimal) -> Decimal {
        exact::subtract(value, self.past(value)).unwrap_or_else(|| self.coarsely_down(value))
    }

    /// The lowest allowed value that is not below `value`.
    pub fn up(&self, value: Decimal) -> Decimal {
        let down = self.down(value);
        if down == value { down } else { exact::add(down, self.size).unwrap_or(down) }
    }

    /// How far `value` is past the allowed value below it.
    fn past(&self, value: Decimal) -> Decimal {
        let rest = |value| exact::remainder(value, self.size).unwrap_or_default();
        match exact::subtract(value, self.base) {
            Some(counted) => rest(counted),
            None => rest(rest(value) - rest(self.base)),
        }
    }

    /// As [`Self::down`], for a value whose neighbour needs more than 28 digits: the highest neighbour further down that
    /// does not.
    fn coarsely_down(&self, value: Decimal) -> Decimal {
        let ten_fold = Self { size: self.size.saturating_mul(Decimal::TEN), base: self.base };
        if ten_fold.size < value { ten_fold.down(value) } else { self.base }
    }
}

impl InstrumentRules {
    /// `price` made allowed without becoming more aggressive: down for buying, up for selling.
    pub fn round_price(&self, price: Price, side: crate::Side) -> Price {
        Price::new(match side {
            crate::Side::Buy => self.price_step.down(price.value()),
            crate::Side::Sell => self.price_step.up(price.value()),
        })
    }

    /// `quantity` of a limit order made allowed by lowering it.
    pub fn round_quantity(&self, quantity: Quantity) -> Quantity {
        Quantity::new(self.quantity_step.down(quantity.value()))
    }

    /// `quantity` of a market order made allowed by lowering it.
    pub fn round_market_quantity(&self, quantity: Quantity) -> Quantity {
        let coarser = self.market_quantity_step.size > self.quantity_step.size;
        let step = if coarser { self.market_quantity_step } else { self.quantity_step };
        Quantity::new(step.down(quantity.value()))
    }
}

/// A value that is not a multiple of its step, with the nearest ones that are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOnStep {
    /// The value refused.
    pub value: Decimal,
    /// The step that it misses.
    pub step: Step,
    /// The nearest allowed value below.
    pub below: Decimal,
    /// The nearest allowed value above.
    pub above: Decimal,
}

impl fmt::Display for NotOnStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, step, below, above } = self;
        write!(f, "{value} is not on the step of {}; the nearest are {below} and {above}", step.size)
    }
}

impl std::error::Error for NotOnStep {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Side;
    use proptest::prelude::*;

    fn rules() -> InstrumentRules {
        InstrumentRules {
            price_step: Step::of(Decimal::new(5, 2)),
            quantity_step: Step { size: Decimal::new(3, 1), base: Decimal::new(1, 1) },
            ..InstrumentRules::default()
        }
    }

    #[test]
    fn a_value_off_its_step_names_its_neighbours() {
        let refused = rules().price_step.check(Decimal::new(10_012, 2)).expect_err("off the step");
        assert_eq!((refused.below, refused.above), (Decimal::new(1001, 1), Decimal::new(10_015, 2)));
        assert!(rules().quantity_step.check(Decimal::new(7, 1)).is_ok(), "0.1 + 2 × 0.3");
        assert!(rules().quantity_step.check(Decimal::new(6, 1)).is_err());
    }

    #[test]
    fn steps_are_exact_at_28_digits() {
        let tiny = Step::of(Decimal::new(1, 18));
        let most: Price = "1234567890.123456789012345678".parse().expect("28 digits");
        assert_eq!(tiny.check(most.value()), Ok(()));
        assert_eq!(tiny.check(Decimal::from(10_i64.pow(15))), Ok(()), "33 digits to write both with one scale");
        let thirds = Step::of(Decimal::new(3, 18));
        let refused = thirds.check(Decimal::from(10_i64.pow(15))).expect_err("not a multiple of three");
        assert!(refused.below < refused.value && thirds.check(refused.below).is_ok(), "{refused}");
        let based = Step { size: Decimal::new(1, 18), base: Decimal::from(10_i64.pow(15)) };
        assert_eq!(based.check(Decimal::new(1, 18)), Ok(()));
    }

    #[test]
    fn a_market_quantity_fits_the_coarser_step() {
        let rules = InstrumentRules { market_quantity_step: Step::of(Decimal::ONE), ..rules() };
        let quantity: Quantity = "2.9".parse().expect("a number");
        assert_eq!(rules.round_market_quantity(quantity).to_string(), "2");
        assert_eq!(rules.round_quantity(quantity).to_string(), "2.8");
    }

    proptest! {
        #[test]
        fn rounding_is_never_more_aggressive_and_stands_still(mantissa in 1..10_000_000_i64, scale in 0..8_u32) {
            let (price, quantity) = (Price::from_scaled(mantissa, scale), Quantity::from_scaled(mantissa, scale));
            let rules = rules();
            let (buy, sell) = (rules.round_price(price, Side::Buy), rules.round_price(price, Side::Sell));
            prop_assert!(buy <= price && price <= sell);
            prop_assert_eq!(rules.round_price(buy, Side::Buy), buy);
            prop_assert!(rules.price_step.check(buy.value()).is_ok() && rules.price_step.check(sell.value()).is_ok());
            let less = rules.round_quantity(quantity);
            prop_assert!(less <= quantity);
            prop_assert!(rules.quantity_step.check(less.value()).is_ok());
        }
    }
}
