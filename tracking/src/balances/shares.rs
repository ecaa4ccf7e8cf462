use tradewire_core::exact::add;
use tradewire_core::{Asset, BalanceReason, Timestamp};

use super::asset::{Figure, Includes};
use super::hold::{Hold, Share};
use super::lock::Filled;
use super::{BalanceMode, Balances, Movement};

/// The most orders that ended since the last read and are remembered.
const ENDED_MAX: usize = 1_024;

/// Orders and fills.
impl Balances {
    pub(super) fn after_fill(&mut self, now: Timestamp, number: u64, time: Timestamp, filled: Filled) {
        if self.happened_after_read(time)
            && let Some(hold) = self.holds.get_mut(&number)
        {
            hold.after += filled;
        }
        self.recount(number);
        self.stir(now, time);
        self.read_soon(now);
    }

    /// Something moved balances at `time`.
    pub(super) fn moved(&mut self, time: Timestamp, moved: &[Movement], own: bool, order: Option<(u64, Filled)>) {
        // What was there at the first read had come before.
        let counts = self.first_read.is_some_and(|first| time.as_millis() >= first.as_millis());
        for movement in moved.iter().filter(|_| own) {
            if let Some(budget) = self.asset(&movement.asset).budget.as_mut().filter(|_| counts) {
                budget.gained = add(budget.gained, movement.available).unwrap_or(budget.gained);
            }
            self.touch(movement.asset.clone(), BalanceReason::Trading);
        }
        if self.mode == BalanceMode::Streamed || !self.happened_after_read(time) {
            return;
        }
        let exact = self.movements.add(time, moved, order);
        for Movement { asset, total, available } in moved {
            let state = self.asset(asset);
            let newer = state.newer_total.is_some_and(|(_, of)| time.as_millis() > of.as_millis());
            let fits =
                state.gain.take(*total, *available) && (!newer || state.gain_of_newer_total.take(*total, *available));
            state.inexact |= !fits || !exact;
            self.touch(asset.clone(), BalanceReason::Trading);
        }
    }

    pub(super) fn happened_after_read(&self, time: Timestamp) -> bool {
        self.read_as_of.is_none_or(|read| time.as_millis() > read.as_millis())
    }

    /// Counts an order's share anew.
    pub(super) fn recount(&mut self, number: u64) {
        let Some(hold) = self.holds.get_mut(&number) else { return };
        let share = match self.mode {
            BalanceMode::Streamed => hold.share_beside_figure(),
            BalanceMode::Totals | BalanceMode::Estimated => hold.share_since(self.read_as_of),
        };
        let before = std::mem::replace(&mut hold.share, share.clone());
        if before != share {
            self.replace_share(&before, &share);
        }
        self.forget_if_done(number);
        if self.holds.get(&number).is_some_and(|hold| !hold.covered) {
            self.uncovered.insert(number);
        } else {
            self.uncovered.remove(&number);
        }
    }

    /// Forgets an order that has ended, once nothing depends on it: where reads can hold something back for it, the next one as of
    /// its end or later. Of those that wait for that, only the newest are kept.
    fn forget_if_done(&mut self, number: u64) {
        let Some(hold) = self.holds.get(&number).filter(|hold| hold.has_ended() && hold.share.held.is_zero()) else {
            return;
        };
        if self.mode == BalanceMode::Streamed || self.read_as_of.is_some_and(|read| hold.had_ended_at(read)) {
            self.holds.remove(&number);
        } else if !self.ended.contains(&number) {
            self.ended.push_back(number);
            let oldest = if self.ended.len() > ENDED_MAX { self.ended.pop_front() } else { None };
            if let Some(oldest) =
                oldest.filter(|oldest| self.holds.get(oldest).is_some_and(|hold| hold.share.held.is_zero()))
            {
                self.holds.remove(&oldest);
                self.uncovered.remove(&oldest);
            }
        }
    }

    fn replace_share(&mut self, before: &Share, share: &Share) {
        if let Some(asset) = &before.asset {
            self.asset(asset).remove(before);
            self.touch(asset.clone(), BalanceReason::Trading);
        }
        if let Some(asset) = &share.asset {
            self.asset(asset).add(share);
            self.touch(asset.clone(), BalanceReason::Trading);
        }
    }

    /// Whether the figure known already includes an order, of which more is known now.
    pub(super) fn cover_by_known_figure(&mut self, number: u64) {
        let Some(hold) = self.holds.get_mut(&number) else { return };
        let figure = hold.asset().and_then(|asset| self.assets.get(&asset)?.figure);
        if let Some((figure, accepted)) = figure.zip(hold.accepted_at()) {
            hold.covered |= figure.time > accepted || (figure.time == accepted && figure.includes == Includes::All);
        }
    }

    /// The figure of an asset is new: it includes the orders that the exchange accepted before it, and of the same instant those
    /// that the stream had shown.
    pub(super) fn cover_by_new_figure(&mut self, asset: &Asset, figure: &Figure) {
        let of_asset = |hold: &Hold| !hold.covered && hold.asset().as_ref() == Some(asset);
        let mut covered = Vec::new();
        for number in &self.uncovered {
            let Some(hold) = self.holds.get_mut(number).filter(|hold| of_asset(hold)) else { continue };
            let Some(accepted) = hold.accepted_at() else { continue };
            let of_same_instant = match figure.includes {
                Includes::All => true,
                Includes::Shown => hold.shown,
                Includes::Earlier => false,
            };
            if figure.time > accepted || (figure.time == accepted && of_same_instant) {
                hold.covered = true;
                covered.push(*number);
            }
        }
        for number in covered {
            self.recount(number);
        }
    }
}
