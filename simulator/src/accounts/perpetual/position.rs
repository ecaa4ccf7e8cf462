//! Positions: as they are kept, and as they are shown.

use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use super::MARGIN_DECIMALS;
use super::settings::{MarginMode, PositionSide};
use crate::clock::Timestamp;
use crate::engine::Side;
use crate::market::MarketId;
use crate::numbers::{notional, ratio};

/// A position as the exchange keeps it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    /// Signed size in base units.
    pub(crate) size: Decimal,
    /// Price times quantity of what opened it, never negative.
    pub(crate) cost: Decimal,
    /// What is allotted to it of the wallet; zero in cross mode.
    pub(crate) isolated: Decimal,
    /// Profit realised since it was opened, before fees.
    pub(crate) realised: Decimal,
    /// Profit realised in this contract ever, before fees.
    pub(crate) realised_ever: Decimal,
    /// Fees and fundings paid since it was opened.
    pub(crate) paid: Decimal,
    pub(crate) opened: Option<Timestamp>,
    pub(crate) updated: Option<Timestamp>,
    /// Counts its changes.
    pub(crate) changes: u64,
    /// Whether margin is added by itself before a liquidation.
    pub(crate) auto_add_margin: bool,
}

/// What a trade did to a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// How much of it was closed.
    pub(crate) closed: Decimal,
    /// Entry value of that part.
    pub(crate) entry_value: Decimal,
    /// Profit of that part, before fees.
    pub(crate) realised: Decimal,
    /// Entry value of what was opened.
    pub(crate) opened: Decimal,
}

impl Held {
    /// Trades: first closes what is on the other side, then opens.
    pub(crate) fn trade(&mut self, side: Side, price: Decimal, quantity: Decimal, now: Timestamp) -> Effect {
        let sign = if side == Side::Buy { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
        let against = !self.size.is_zero() && (self.size > Decimal::ZERO) != (side == Side::Buy);
        let closed = if against { quantity.min(self.size.abs()) } else { Decimal::ZERO };
        let mut effect = Effect { closed, ..Effect::default() };
        if !closed.is_zero() {
            effect.entry_value = share(self.cost, closed, self.size.abs());
            effect.realised = -sign * (notional(price, closed) - effect.entry_value);
            self.isolated -= share(self.isolated, closed, self.size.abs());
            self.cost -= effect.entry_value;
            self.size += sign * closed;
            self.realised += effect.realised;
            self.realised_ever += effect.realised;
        }
        let opening = quantity - closed;
        if !opening.is_zero() {
            if self.size.is_zero() {
                self.opened = Some(now);
                (self.realised, self.paid) = (Decimal::ZERO, Decimal::ZERO);
            }
            effect.opened = notional(price, opening);
            self.cost += effect.opened;
            self.size += sign * opening;
        }
        self.updated = Some(now);
        self.changes += 1;
        effect
    }

    /// Average price of what opened it, rounded half to even at 8 decimals; zero if it is closed.
    pub(crate) fn entry(&self) -> Decimal {
        let exact = ratio(self.cost, self.size.abs()).unwrap_or_default();
        exact.round_dp_with_strategy(MARGIN_DECIMALS, RoundingStrategy::MidpointNearestEven).normalize()
    }

    /// Profit at this mark price.
    pub(crate) fn unrealised(&self, mark: Decimal) -> Decimal {
        let value = notional(mark, self.size.abs());
        if self.size < Decimal::ZERO { self.cost - value } else { value - self.cost }
    }

    /// Price at which closing it earns what was paid for it in fees and fundings.
    pub(crate) fn break_even(&self) -> Decimal {
        let owed = if self.size < Decimal::ZERO { self.cost - self.paid } else { self.cost + self.paid };
        let exact = ratio(owed, self.size.abs()).unwrap_or_default();
        exact.round_dp_with_strategy(MARGIN_DECIMALS, RoundingStrategy::MidpointNearestEven).normalize()
    }
}

/// `whole · part / of`, rounded half to even at 8 decimals; the whole of it for the whole part.
fn share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal {
    if part == of {
        return whole;
    }
    let exact = whole.checked_mul(part).and_then(|product| product.checked_div(of));
    let exact = exact.or_else(|| whole.checked_div(of)?.checked_mul(part)).unwrap_or_default();
    exact.round_dp_with_strategy(MARGIN_DECIMALS, RoundingStrategy::MidpointNearestEven)
}

/// One position of an account, with figures at the present mark price. Values in units of the collateral.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Position {
    /// The exchange's name of the contract.
    pub symbol: Arc<str>,
    #[serde(skip)]
    pub(crate) market: MarketId,
    /// Which of the contract's positions.
    pub side: PositionSide,
    /// Signed size in base units; negative is short.
    pub size: Decimal,
    /// Average price of what opened it.
    pub entry: Decimal,
    /// Price times quantity of what opened it.
    pub cost: Decimal,
    /// Mark price.
    pub mark: Decimal,
    /// Profit at the mark price.
    pub unrealised: Decimal,
    /// Profit realised since it was opened, before fees.
    pub realised: Decimal,
    /// Profit realised in this contract ever, before fees.
    pub realised_ever: Decimal,
    /// Price at which closing it also earns the fees and fundings paid since it was opened.
    pub break_even: Decimal,
    /// Leverage.
    pub leverage: Decimal,
    /// What stands behind it.
    pub margin_mode: MarginMode,
    /// What is allotted to it of the wallet; zero in cross mode.
    pub isolated: Decimal,
    /// Initial margin.
    pub initial_margin: Decimal,
    /// Margin that live orders which could make it larger bind.
    pub order_margin: Decimal,
    /// Maintenance margin.
    pub maintenance_margin: Decimal,
    /// Mark price at which it is liquidated; absent where there is none above zero.
    pub liquidation_price: Option<Decimal>,
    /// Number of its margin tier, from 0.
    pub tier: usize,
    /// Whether margin is added by itself before a liquidation.
    pub auto_add_margin: bool,
    /// When it was opened last.
    pub opened: Option<Timestamp>,
    /// When it changed last.
    pub updated: Option<Timestamp>,
    /// Counts its changes.
    pub changes: u64,
    #[serde(skip)]
    pub(crate) asset: Arc<str>,
}

impl Position {
    /// Price times size at the mark price, never negative.
    pub fn value(&self) -> Decimal {
        notional(self.mark, self.size.abs())
    }

    /// Whether it is flat.
    pub fn is_flat(&self) -> bool {
        self.size.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn closing_takes_shares_and_turns_over() {
        let (mut held, now) = (Held::default(), Timestamp(0));
        held.trade(Side::Buy, d("100"), d("1"), now);
        held.trade(Side::Buy, d("110"), d("2"), now);
        assert_eq!((held.size, held.cost, held.entry()), (d("3"), d("320"), d("106.66666667")));
        let first = held.trade(Side::Sell, d("120"), d("1"), now);
        assert_eq!((first.entry_value, first.realised), (d("106.66666667"), d("13.33333333")));
        let second = held.trade(Side::Sell, d("120"), d("3"), now);
        assert_eq!((second.closed, second.realised), (d("2"), d("26.66666667")));
        assert_eq!((held.size, held.cost, second.opened), (d("-1"), d("120"), d("120")));
        assert_eq!(held.unrealised(d("100")), d("20"));
    }
}
