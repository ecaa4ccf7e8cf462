use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::{Pair, Price, Quantity};

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
        let below = self.down(value);
        if below == value {
            return Ok(());
        }
        let above = below.checked_add(self.size).unwrap_or(below);
        Err(NotOnStep { value, step: *self, below, above })
    }

    /// The highest allowed value that is not above `value`.
    pub fn down(&self, value: Decimal) -> Decimal {
        if self.size.is_zero() {
            return value;
        }
        let past = (value - self.base) % self.size;
        let down = if past.is_sign_negative() && !past.is_zero() { past + self.size } else { past };
        (value - down).normalize()
    }

    /// The lowest allowed value that is not below `value`.
    pub fn up(&self, value: Decimal) -> Decimal {
        let down = self.down(value);
        if down == value { down } else { down.checked_add(self.size).unwrap_or(down) }
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

    /// `quantity` made allowed by lowering it.
    pub fn round_quantity(&self, quantity: Quantity) -> Quantity {
        Quantity::new(self.quantity_step.down(quantity.value()))
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
