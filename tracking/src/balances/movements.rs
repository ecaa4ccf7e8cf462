use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use tradewire_core::exact::{add, divide};
use tradewire_core::{Asset, Contract, Fill, Side, Timestamp};

use super::lock::Filled;
use crate::Settled;

/// The most milliseconds with movements that are told apart. Beyond, the oldest are merged with those that follow them.
const INSTANTS_MAX: usize = 4_096;

/// Decimals of what a position ties up.
const MARGIN_DECIMALS: u32 = 12;

/// By how much something that happened moves a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The asset.
    pub asset: Asset,
    /// What its total gains.
    pub total: Decimal,
    /// What its available gains, locks apart.
    pub available: Decimal,
}

impl Movement {
    fn both(asset: Asset, amount: Decimal) -> Self {
        Self { asset, total: amount, available: amount }
    }

    /// What a spot fill moves: base, quote, and the fee in its own asset. An instrument that is not listed moves only the fee,
    /// since its assets are not known.
    pub(super) fn of_fill(fill: &Fill) -> Vec<Self> {
        let sign = match fill.side {
            Side::Buy => Decimal::ONE,
            Side::Sell => Decimal::NEGATIVE_ONE,
        };
        let mut moved = Vec::with_capacity(3);
        if let Some(pair) = &fill.pair {
            moved.push(Self::both(pair.base().into(), fill.quantity.value() * sign));
            moved.push(Self::both(pair.quote().into(), -fill.quote_quantity * sign));
        }
        moved.extend(fill.fee.as_ref().map(|fee| Self::both(fee.asset.clone(), -fee.amount)));
        moved
    }

    /// What a contract's fill moves: total by what it realised, available also by how much it changed what its position ties up.
    /// The fee goes off its own asset.
    pub(crate) fn of_contract(
        contract: &Contract,
        fill: &Fill,
        settled: Option<Settled>,
        leverage: Option<Decimal>,
    ) -> Vec<Self> {
        let mut moved = Vec::with_capacity(2);
        if let Some(Settled { realised, before, after }) = settled {
            let realised = realised.unwrap_or_default();
            let tied = |value: Option<Decimal>| value.zip(leverage).and_then(|(value, by)| margin(value, by));
            let more = tied(after).zip(tied(before)).map_or(Decimal::ZERO, |(after, before)| after - before);
            moved.push(Self { asset: contract.settle.clone(), total: realised, available: realised - more });
        }
        moved.extend(fill.fee.as_ref().map(|fee| Self::both(fee.asset.clone(), -fee.amount)));
        moved
    }

    pub(super) fn reversed(mut self) -> Self {
        self.total = -self.total;
        self.available = -self.available;
        self
    }
}

/// What a position of this value ties up. Rounded, so that sums stay short; by the same rule before and after, so that what is
/// taken is given back.
fn margin(value: Decimal, leverage: Decimal) -> Option<Decimal> {
    let margin = divide(value, leverage)?;
    Some(margin.round_dp_with_strategy(MARGIN_DECIMALS, RoundingStrategy::MidpointNearestEven).normalize())
}

/// What one asset gained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gain {
    pub(super) total: Decimal,
    pub(super) available: Decimal,
}

impl Gain {
    /// Takes a movement in. False if a sum needs more than 28 digits: nothing is taken in then.
    #[must_use]
    pub(super) fn take(&mut self, total: Decimal, available: Decimal) -> bool {
        match (add(self.total, total), add(self.available, available)) {
            (Some(total), Some(available)) => {
                *self = Self { total, available };
                true
            }
            _ => false,
        }
    }
}

/// Whatever moved balances since the last read, by the millisecond in which it happened.
#[derive(Debug, Default)]
pub(super) struct Movements(BTreeMap<i64, Instant>);

#[derive(Debug, Default)]
struct Instant {
    assets: BTreeMap<Asset, Gain>,
    orders: BTreeMap<u64, Filled>,
}

impl Movements {
    /// Takes in what a fill of an order moved. False if a sum needs more than 28 digits.
    #[must_use]
    pub(super) fn add(&mut self, time: Timestamp, moved: &[Movement], order: Option<(u64, Filled)>) -> bool {
        let instant = self.0.entry(time.as_millis()).or_default();
        if let Some((number, filled)) = order {
            *instant.orders.entry(number).or_default() += filled;
        }
        let mut exact = true;
        for Movement { asset, total, available } in moved {
            exact &= instant.assets.entry(asset.clone()).or_default().take(*total, *available);
        }
        self.bound();
        exact
    }

    /// Forgets what happened until `time`, the same millisecond included: a read as of then has it in its figures.
    pub(super) fn forget_until(&mut self, time: Timestamp) {
        self.0 = self.0.split_off(&time.as_millis().saturating_add(1));
    }

    /// What an asset gained after `time`; `None` if the sum needs more than 28 digits.
    pub(super) fn gained(&self, asset: &Asset, time: Timestamp) -> Option<Gain> {
        let mut sum = Gain::default();
        for (_, instant) in self.0.range(time.as_millis().saturating_add(1)..) {
            if let Some(gain) = instant.assets.get(asset)
                && !sum.take(gain.total, gain.available)
            {
                return None;
            }
        }
        Some(sum)
    }

    /// How much of an order was filled after `time`.
    pub(super) fn filled(&self, order: u64, time: Timestamp) -> Filled {
        let mut sum = Filled::default();
        for (_, instant) in self.0.range(time.as_millis().saturating_add(1)..) {
            if let Some(filled) = instant.orders.get(&order) {
                sum += *filled;
            }
        }
        sum
    }

    /// All assets that something moved.
    pub(super) fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.0.values().flat_map(|instant| instant.assets.keys())
    }

    fn bound(&mut self) {
        while self.0.len() > INSTANTS_MAX {
            let Some((_, oldest)) = self.0.pop_first() else { return };
            let Some(mut next) = self.0.first_entry() else { return };
            for (asset, gain) in oldest.assets {
                let _lost_digits = next.get_mut().assets.entry(asset).or_default().take(gain.total, gain.available);
            }
            for (number, filled) in oldest.orders {
                *next.get_mut().orders.entry(number).or_default() += filled;
            }
        }
    }
}
