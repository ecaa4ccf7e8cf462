use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rust_decimal::Decimal;
use tradewire_core::exact::add;
use tradewire_core::{Asset, BalanceReason, BalanceReport, BalanceSnapshot, Timestamp};

use super::asset::{Figure, Includes};
use super::hold::Share;
use super::{BalanceMode, Balances, Movement, ReadWindow};

/// Transfers that are remembered so that one told twice is counted once.
const TRANSFERS_KEPT: usize = 64;

/// How far our idea of the exchange's time may be off: what the stream told so shortly before a read is as good as the read,
/// and what it tells later is newer.
pub(crate) const CLOCK_ERROR: Duration = Duration::from_millis(100);
/// How far it is off at the worst, while the machine is too busy to measure it well.
const CLOCK_ERROR_MAX: Duration = Duration::from_secs(5);

/// The exchange's own figures.
impl Balances {
    /// The stream's word on one asset.
    pub(super) fn set(&mut self, now: Timestamp, report: &BalanceReport, time: Timestamp) {
        let BalanceReport { asset, total, available } = report;
        if self.mode != BalanceMode::Streamed {
            if self.set_total(asset, *total, time) {
                self.read_soon(now);
            }
            return;
        }
        let state = self.asset(asset);
        if let Some(known) = state.figure.filter(|figure| figure.time > time) {
            if known.may_be_older_than(report, time) {
                self.read_due = Some(Timestamp::default());
            }
            return;
        }
        let available = available.unwrap_or_else(|| state.figure.map_or(*total, |figure| figure.available));
        let figure = Figure { total: *total, available, time, includes: Includes::Shown };
        state.figure = Some(figure);
        self.touch(asset.clone(), BalanceReason::Trading);
        self.cover_by_new_figure(asset, &figure);
    }

    /// The stream's word on the total of an asset whose available is estimated. Whether it is news: what has changed it may have
    /// changed what is available too.
    ///
    /// One of the very millisecond of the read counts: what came after it will be told too.
    fn set_total(&mut self, asset: &Asset, total: Decimal, time: Timestamp) -> bool {
        let known = self.assets.get(asset).and_then(|state| state.newer_total);
        let of_before = self.read_as_of.is_some_and(|read| time.as_millis() < read.as_millis());
        if known.is_some_and(|(_, of)| of > time) || of_before {
            return false;
        }
        let gain = self.movements.gained(asset, time);
        let state = self.asset(asset);
        let before = state.compute().map(|computed| computed.total);
        state.newer_total = Some((total, time));
        state.gain_of_newer_total = gain.unwrap_or_default();
        state.inexact |= gain.is_none();
        let is_news = before != state.compute().map(|computed| computed.total);
        self.touch(asset.clone(), BalanceReason::Trading);
        is_news
    }

    pub(super) fn transferred(&mut self, asset: &Asset, delta: Decimal, time: Timestamp) {
        let transfer = (asset.clone(), delta, time);
        if self.known_transfers.contains(&transfer) {
            return;
        }
        self.known_transfers.push_back(transfer);
        if self.known_transfers.len() > TRANSFERS_KEPT {
            self.known_transfers.pop_front();
        }
        self.credited(asset, delta, time);
        self.transfers.push((asset.clone(), delta));
    }

    /// Something besides trading changed an asset at `time`.
    pub(super) fn credited(&mut self, asset: &Asset, delta: Decimal, time: Timestamp) {
        if self.mode == BalanceMode::Streamed {
            // The new values are on their way: the figure keeps its time, so that they replace it.
            if let Some(figure) = self.asset(asset).figure.as_mut().filter(|figure| figure.time < time) {
                figure.total = add(figure.total, delta).unwrap_or(figure.total);
                figure.available = add(figure.available, delta).unwrap_or(figure.available);
            }
        } else {
            let moved = Movement { asset: asset.clone(), total: delta, available: delta };
            self.moved(time, &[moved], false, None);
        }
    }

    /// A read on an exchange that streams balances: it mends what the stream missed.
    pub(super) fn read_beside_stream(&mut self, now: Timestamp, snapshot: &BalanceSnapshot, window: ReadWindow) {
        let time = snapshot.as_of.unwrap_or_else(|| surely_before(window.sent));
        let includes = if snapshot.as_of.is_some() { Includes::All } else { Includes::Earlier };
        let mut figures: BTreeMap<_, _> = self.assets.keys().map(|asset| (asset.clone(), Figure::zero(time))).collect();
        for BalanceReport { asset, total, available } in &snapshot.balances {
            let available = available.unwrap_or(*total);
            figures.insert(asset.clone(), Figure { total: *total, available, time, includes });
        }
        for (asset, figure) in figures {
            let state = self.asset(&asset);
            if state.figure.is_none_or(|known| known.time < time) {
                state.figure = Some(figure);
                self.cover_by_new_figure(&asset, &figure);
                self.touch(asset, BalanceReason::Read);
            }
        }
        self.read_as_of = self.read_as_of.max(Some(time));
        self.first_read.get_or_insert(time);
        self.read_due = None;
        self.holds.values_mut().for_each(|hold| hold.ask_again_from(now));
    }

    /// Starts the estimate anew from a read as of `time`.
    pub(super) fn start_from(&mut self, snapshot: &BalanceSnapshot, time: Timestamp) {
        self.read_as_of = Some(time);
        self.first_read.get_or_insert(time);
        self.read_due = None;
        self.movements.forget_until(time);
        let listed = snapshot.balances.iter().map(|report| report.asset.clone());
        let moved = self.movements.assets().cloned();
        let all: BTreeSet<Asset> = listed.chain(moved).chain(self.assets.keys().cloned()).collect();
        let reports: BTreeMap<_, _> = snapshot.balances.iter().map(|report| (&report.asset, report)).collect();
        for asset in all {
            let gain = self.movements.gained(&asset, time);
            let report = reports.get(&asset);
            let state = self.asset(&asset);
            state.clear_shares();
            state.figure = Some(report.map_or(Figure::zero(time), |report| Figure {
                total: report.total,
                available: report.available.unwrap_or(report.total),
                time,
                includes: Includes::All,
            }));
            state.newer_total = state.newer_total.filter(|(_, of)| of.as_millis() >= time.as_millis());
            state.gain = gain.unwrap_or_default();
            state.inexact = gain.is_none();
            self.touch(asset, BalanceReason::Read);
        }
        self.count_all_anew(time);
    }

    fn count_all_anew(&mut self, time: Timestamp) {
        self.ended.clear();
        let numbers: Vec<_> = self.holds.keys().copied().collect();
        for number in numbers {
            let after = self.movements.filled(number, time);
            if let Some(hold) = self.holds.get_mut(&number) {
                hold.was_read(after);
                hold.share = Share::default();
            }
            self.recount(number);
        }
    }
}

impl Figure {
    /// Whether the stream's word, which is of an earlier `time`, may be newer all the same: a read without a time of its own has
    /// the one that we took the exchange's to be.
    fn may_be_older_than(&self, report: &BalanceReport, time: Timestamp) -> bool {
        let differs = self.total != report.total || report.available.is_some_and(|told| told != self.available);
        self.includes == Includes::Earlier && differs && self.time.since(time) < CLOCK_ERROR_MAX
    }
}

/// A time of the exchange's that is over when something is sent.
fn surely_before(sent: Timestamp) -> Timestamp {
    sent.before(CLOCK_ERROR)
}
