use rust_decimal::Decimal;
use tradewire_core::exact::{add, subtract};
use tradewire_core::{Asset, Balance, Basis, Timestamp};

use super::hold::Share;
use super::movements::Gain;

/// One asset of the account.
#[derive(Debug, Default)]
pub(super) struct AssetState {
    /// The exchange's own word; `None` before the first.
    pub(super) figure: Option<Figure>,
    /// The exchange's newer word on the total alone.
    pub(super) newer_total: Option<(Decimal, Timestamp)>,
    /// What it gained since the figure, and since the newer total.
    pub(super) gain: Gain,
    pub(super) gain_of_newer_total: Gain,
    pub(super) budget: Option<Budget>,
    /// What was told of it last.
    pub(super) told: Option<Balance>,
    /// Whether it was told that available is below zero, or cannot be computed.
    complained: bool,
    /// Sums of the orders' shares.
    held: Decimal,
    own: Decimal,
    unsure: Decimal,
    /// A sum of it needs more than 28 digits; nothing is computed until the next read.
    pub(super) inexact: bool,
}

/// The exchange's own word on an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) total: Decimal,
    pub(super) available: Decimal,
    pub(super) time: Timestamp,
    pub(super) includes: Includes,
}

/// What of the very instant of a figure's time is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Includes {
    /// All: the exchange names the time as the one as of which it holds.
    All,
    /// What the stream had shown when it told the figure.
    Shown,
    /// Perhaps nothing: it was asked for at that time.
    Earlier,
}

impl Figure {
    pub(super) fn zero(time: Timestamp) -> Self {
        Self { total: Decimal::ZERO, available: Decimal::ZERO, time, includes: Includes::Earlier }
    }
}

/// What the caller allows to be used of an asset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) amount: Decimal,
    pub(super) gained: Decimal,
}

/// What follows from everything known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Computed {
    pub(super) total: Decimal,
    pub(super) available: Decimal,
    /// Whether what surely holds already takes more than there is.
    pub(super) below_zero: bool,
}

impl AssetState {
    pub(super) fn new(figure: Option<Figure>, told: Option<Balance>) -> Self {
        Self { figure, told, ..Self::default() }
    }

    /// Counts an order's share, in place of none.
    pub(super) fn add(&mut self, share: &Share) {
        self.change(share, add);
    }

    /// Counts an order's share no longer.
    pub(super) fn remove(&mut self, share: &Share) {
        self.change(share, subtract);
    }

    /// Forgets the shares of all orders.
    pub(super) fn clear_shares(&mut self) {
        (self.held, self.own, self.unsure) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        self.inexact = false;
    }

    /// `None` before the exchange's first word, and where a sum needs more than 28 digits.
    pub(super) fn compute(&self) -> Option<Computed> {
        let figure = self.figure.filter(|_| !self.inexact)?;
        let total = match self.newer_total {
            Some((total, _)) => add(total, self.gain_of_newer_total.total)?,
            None => add(figure.total, self.gain.total)?,
        };
        let available = subtract(add(figure.available, self.gain.available)?, self.held)?;
        let below_zero = add(available, self.unsure)?.is_sign_negative() && !available.is_zero();
        let available = match &self.budget {
            Some(budget) => available.min(budget.left(self.own)?),
            None => available,
        };
        Some(Computed { total, available: available.max(Decimal::ZERO), below_zero })
    }

    /// The balance as it would be told.
    pub(super) fn balance(&self, asset: &Asset, basis: Basis) -> Option<Balance> {
        let Computed { total, available, .. } = self.compute()?;
        Some(Balance { asset: asset.clone(), total, available, basis, time: self.figure?.time })
    }

    /// What is wrong with it, once: `estimated` tells whether available is ours to compute.
    pub(super) fn complaint(&mut self, asset: &Asset, estimated: bool) -> Option<String> {
        let what = match self.compute() {
            Some(computed) if computed.below_zero && estimated => {
                Some(format!("more of {asset} is locked and spent than the account is known to have"))
            }
            None if self.figure.is_some() => Some(format!("the balance of {asset} needs more than 28 digits")),
            _ => None,
        };
        let complained = std::mem::replace(&mut self.complained, what.is_some());
        what.filter(|_| !complained)
    }

    fn change(&mut self, share: &Share, combine: fn(Decimal, Decimal) -> Option<Decimal>) {
        match (combine(self.held, share.held), combine(self.own, share.own), combine(self.unsure, share.unsure)) {
            (Some(held), Some(own), Some(unsure)) => (self.held, self.own, self.unsure) = (held, own, unsure),
            _ => self.inexact = true,
        }
    }
}

impl Budget {
    /// What of it own orders have neither locked nor used; never below zero.
    fn left(&self, locked: Decimal) -> Option<Decimal> {
        Some(add(subtract(self.amount, locked)?, self.gained)?.max(Decimal::ZERO))
    }
}
