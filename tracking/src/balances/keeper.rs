use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rust_decimal::Decimal;
use tradewire_core::exact::add;
use tradewire_core::{
    AccountChange, Asset, Balance, BalanceReason, BalanceReport, BalanceSnapshot, BalanceUpdate, Basis, Fill, Order,
    Origin, Timestamp,
};

use super::asset::{AssetState, Budget, Figure, Includes};
use super::hold::Hold;
use super::lock::Filled;
use super::movements::{Movement, Movements};
use super::quiet::{Quiet, Stirred};
use super::{BalanceMode, LockFormula, ReadTaken, ReadWindow};

/// BALANCE_COALESCE: how soon a read follows what makes one necessary, so that one serves a burst.
const BALANCE_COALESCE: Duration = Duration::from_secs(1);
/// The most orders that ended since the last read and are remembered.
const ENDED_MAX: usize = 1_024;
/// Transfers that are remembered so that one told twice is counted once.
const TRANSFERS_KEPT: usize = 64;

/// What the account has of every asset.
///
/// It is told everything that happens to the account, in any order, and asked with [`Self::changes`] what follows from it. `now` is
/// our clock; all other times are by the exchange's.
#[derive(Debug)]
pub struct Balances {
    mode: BalanceMode,
    basis: Basis,
    assets: BTreeMap<Asset, AssetState>,
    holds: BTreeMap<u64, Hold>,
    /// Orders that have ended since the last read, oldest first.
    ended: VecDeque<u64>,
    movements: Movements,
    quiet: Quiet,
    read_as_of: Option<Timestamp>,
    read_due: Option<Timestamp>,
    /// The own time of the read in force, where it has one.
    last_as_of: Option<Timestamp>,
    changed: BTreeMap<Asset, BalanceReason>,
    transfers: Vec<(Asset, Decimal)>,
    known_transfers: VecDeque<(Asset, Decimal, Timestamp)>,
}

impl Balances {
    /// Balances before the first read. `told` is what was told of them before a restart: until the exchange's first word on an
    /// asset it is shown, and nothing is told of that asset.
    pub fn new(mode: BalanceMode, told: Vec<Balance>) -> Self {
        let known = |balance: Balance| (balance.asset.clone(), AssetState::new(None, Some(balance)));
        Self {
            mode,
            basis: if mode == BalanceMode::Streamed { Basis::Reported } else { Basis::Estimated },
            assets: told.into_iter().map(known).collect(),
            holds: BTreeMap::new(),
            ended: VecDeque::new(),
            movements: Movements::default(),
            quiet: Quiet::default(),
            read_as_of: None,
            read_due: None,
            last_as_of: None,
            changed: BTreeMap::new(),
            transfers: Vec::new(),
            known_transfers: VecDeque::new(),
        }
    }

    /// How balances become known.
    pub fn mode(&self) -> BalanceMode {
        self.mode
    }

    /// An order is new, or is not as it was: own ones from `PendingSubmit` on, those of others too. `number` names it. What it locks
    /// is asked for when it is seen for the first time.
    pub fn order_changed(
        &mut self,
        now: Timestamp,
        number: u64,
        order: &Order,
        first_sight: impl FnOnce() -> LockFormula,
    ) {
        let read_as_of = self.read_as_of;
        let movements = &self.movements;
        let hold = self.holds.entry(number).or_insert_with(|| {
            let mut hold = Hold::new(order, first_sight());
            hold.after = movements.filled(number, read_as_of.unwrap_or_default());
            hold
        });
        let changed_at = hold.set(now, order, read_as_of);
        self.cover_by_known_figure(number);
        self.recount(number);
        for time in changed_at.into_iter().flatten() {
            self.stir(now, time);
        }
        self.read_soon(now);
    }

    /// A report or a fill of an order came over the private stream. The stream's next balances include what it tells.
    pub fn shown_on_stream(&mut self, number: u64) {
        if let Some(hold) = self.holds.get_mut(&number) {
            hold.shown = true;
        }
    }

    /// A spot order was filled. Each fill once, late ones too, before or after the order's own change.
    pub fn fill(&mut self, now: Timestamp, number: u64, order: &Order, fill: &Fill) {
        let own = order.origin == Origin::Own;
        let filled = Filled { base: fill.quantity.value(), quote: fill.quote_quantity };
        if fill.pair.is_none() {
            self.read_due = Some(now);
        }
        self.moved(fill.time, &Movement::of_fill(fill), own, Some((number, filled)));
        self.after_fill(now, number, fill.time, filled);
    }

    /// A contract's order was filled: `moved` is what that realised and cost, and by how much it changed what the position ties up.
    pub fn settled(&mut self, now: Timestamp, number: u64, fill: &Fill, moved: &[Movement]) {
        let own = self.holds.get(&number).is_some_and(Hold::is_own);
        let filled = Filled { base: fill.quantity.value(), quote: fill.quote_quantity };
        self.moved(fill.time, moved, own, Some((number, filled)));
        self.after_fill(now, number, fill.time, filled);
    }

    /// The exchange's word on a fee that had been estimated.
    pub fn fee_corrected(&mut self, order: &Order, was: &Fill, is: &Fill) {
        let fee = |fill: &Fill| fill.fee.as_ref().map(|fee| (fee.asset.clone(), fee.amount));
        let moved = |(asset, amount): (Asset, Decimal)| Movement { asset, total: -amount, available: -amount };
        let given_back = fee(was).map(moved).map(Movement::reversed);
        let taken = fee(is).map(moved);
        let both: Vec<_> = given_back.into_iter().chain(taken).collect();
        self.moved(is.time, &both, order.origin == Origin::Own, None);
    }

    /// The private stream tells balances.
    pub fn update(&mut self, update: &BalanceUpdate) {
        match update {
            BalanceUpdate::Set { balances, time } => {
                for report in balances {
                    self.set(report, *time);
                }
            }
            BalanceUpdate::Moved { asset, delta, time } => self.transferred(asset, *delta, *time),
            _ => {}
        }
    }

    /// A read of all balances has come. An asset that it does not list is zero. A failed read is not told here: everything stays.
    pub fn read(&mut self, now: Timestamp, snapshot: &BalanceSnapshot, window: ReadWindow) -> ReadTaken {
        if self.mode == BalanceMode::Streamed {
            self.read_beside_stream(now, snapshot, window);
            return ReadTaken::Taken;
        }
        if snapshot.as_of.zip(self.last_as_of).is_some_and(|(new, last)| new < last) {
            return ReadTaken::Taken;
        }
        let taken = self.quiet.judge(window, snapshot.as_of.is_some());
        if taken == ReadTaken::Void {
            self.read_due = Some(now);
            return taken;
        }
        self.basis = if taken == ReadTaken::Provisional { Basis::Provisional } else { Basis::Estimated };
        self.last_as_of = snapshot.as_of;
        self.start_from(snapshot, snapshot.as_of.unwrap_or(window.sent));
        taken
    }

    /// Allows no more of an asset to be used than `amount`, own live orders and own fills from `since` on counted.
    pub fn set_budget(&mut self, asset: &Asset, amount: Decimal, since: Timestamp) {
        self.asset(asset).budget = Some(Budget { amount, since, gained: Decimal::ZERO });
        self.touch(asset.clone(), BalanceReason::Trading);
    }

    /// What has changed since it was last asked for, by asset: once for every step of the account.
    pub fn changes(&mut self) -> Vec<AccountChange> {
        let mut changes = Vec::new();
        for (asset, delta) in std::mem::take(&mut self.transfers) {
            self.tell(&asset, BalanceReason::Transfer(delta), &mut changes);
        }
        for (asset, reason) in std::mem::take(&mut self.changed) {
            self.tell(&asset, reason, &mut changes);
        }
        changes
    }

    /// What the account has of an asset; nothing of one that is not known.
    pub fn balance(&self, asset: &Asset) -> Balance {
        let known =
            self.assets.get(asset).and_then(|state| state.balance(asset, self.basis).or_else(|| state.told.clone()));
        known.unwrap_or_else(|| Balance {
            asset: asset.clone(),
            total: Decimal::ZERO,
            available: Decimal::ZERO,
            basis: self.basis,
            time: self.read_as_of.unwrap_or_default(),
        })
    }

    /// All assets of which the account has something, or had lately.
    pub fn all(&self) -> Vec<Balance> {
        self.assets.keys().map(|asset| self.balance(asset)).collect()
    }

    /// As of when the last read that is in force holds, by the exchange's clock.
    pub fn read_as_of(&self) -> Option<Timestamp> {
        self.read_as_of
    }

    /// When balances have to be read next, besides the reads at regular times; by our clock. In the past: at once. It can go
    /// away again.
    pub fn next_read_due(&self) -> Option<Timestamp> {
        let uncovered = self.holds.values().filter_map(Hold::uncovered_since).min();
        let by_order = uncovered.filter(|_| self.mode == BalanceMode::Streamed).map(|at| at.after(BALANCE_COALESCE));
        self.read_due.into_iter().chain(by_order).min()
    }
}

/// Orders and fills.
impl Balances {
    fn after_fill(&mut self, now: Timestamp, number: u64, time: Timestamp, filled: Filled) {
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
    fn moved(&mut self, time: Timestamp, moved: &[Movement], own: bool, order: Option<(u64, Filled)>) {
        for movement in moved.iter().filter(|_| own) {
            if let Some(budget) = self.asset(&movement.asset).budget.as_mut().filter(|budget| time >= budget.since) {
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

    fn happened_after_read(&self, time: Timestamp) -> bool {
        self.read_as_of.is_none_or(|read| time.as_millis() > read.as_millis())
    }

    /// Counts an order's share anew.
    fn recount(&mut self, number: u64) {
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
            }
        }
    }

    fn replace_share(&mut self, before: &super::hold::Share, share: &super::hold::Share) {
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
    fn cover_by_known_figure(&mut self, number: u64) {
        let Some(hold) = self.holds.get_mut(&number) else { return };
        let figure = hold.asset().and_then(|asset| self.assets.get(&asset)?.figure);
        if let Some((figure, accepted)) = figure.zip(hold.accepted_at()) {
            hold.covered |= figure.time > accepted || (figure.time == accepted && figure.includes == Includes::All);
        }
    }

    /// The figure of an asset is new: it includes the orders that the exchange accepted before it, and of the same instant those
    /// that the stream had shown.
    fn cover_by_new_figure(&mut self, asset: &Asset, figure: &Figure) {
        let of_asset = |hold: &Hold| !hold.covered && hold.asset().as_ref() == Some(asset);
        let mut covered = Vec::new();
        for (number, hold) in self.holds.iter_mut().filter(|(_, hold)| of_asset(hold)) {
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

/// The exchange's own figures.
impl Balances {
    /// The stream's word on one asset.
    fn set(&mut self, report: &BalanceReport, time: Timestamp) {
        let BalanceReport { asset, total, available } = report;
        if self.mode != BalanceMode::Streamed {
            return self.set_total(asset, *total, time);
        }
        let state = self.asset(asset);
        if state.figure.is_some_and(|figure| figure.time > time) {
            return;
        }
        let available = available.unwrap_or_else(|| state.figure.map_or(*total, |figure| figure.available));
        let figure = Figure { total: *total, available, time, includes: Includes::Shown };
        state.figure = Some(figure);
        self.touch(asset.clone(), BalanceReason::Trading);
        self.cover_by_new_figure(asset, &figure);
    }

    /// The stream's word on the total of an asset whose available is estimated.
    fn set_total(&mut self, asset: &Asset, total: Decimal, time: Timestamp) {
        let known = self.assets.get(asset).and_then(|state| state.newer_total);
        if known.is_some_and(|(_, of)| of > time) || !self.happened_after_read(time) {
            return;
        }
        let gain = self.movements.gained(asset, time);
        let state = self.asset(asset);
        state.newer_total = Some((total, time));
        state.gain_of_newer_total = gain.unwrap_or_default();
        state.inexact |= gain.is_none();
        self.touch(asset.clone(), BalanceReason::Trading);
    }

    fn transferred(&mut self, asset: &Asset, delta: Decimal, time: Timestamp) {
        let transfer = (asset.clone(), delta, time);
        if self.known_transfers.contains(&transfer) {
            return;
        }
        self.known_transfers.push_back(transfer);
        if self.known_transfers.len() > TRANSFERS_KEPT {
            self.known_transfers.pop_front();
        }
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
        self.transfers.push((asset.clone(), delta));
    }

    /// A read on an exchange that streams balances: it mends what the stream missed.
    fn read_beside_stream(&mut self, now: Timestamp, snapshot: &BalanceSnapshot, window: ReadWindow) {
        let time = snapshot.as_of.unwrap_or(window.sent);
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
        self.read_due = None;
        self.holds.values_mut().for_each(|hold| hold.ask_again_from(now));
    }

    /// Starts the estimate anew from a read as of `time`.
    fn start_from(&mut self, snapshot: &BalanceSnapshot, time: Timestamp) {
        self.read_as_of = Some(time);
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
            state.newer_total = state.newer_total.filter(|(_, of)| of.as_millis() > time.as_millis());
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
                hold.share = super::hold::Share::default();
            }
            self.recount(number);
        }
    }
}

/// What is told, and when to read.
impl Balances {
    fn asset(&mut self, asset: &Asset) -> &mut AssetState {
        if !self.assets.contains_key(asset) {
            let figure = self.read_as_of.map(Figure::zero);
            self.assets.insert(asset.clone(), AssetState::new(figure, None));
        }
        self.assets.entry(asset.clone()).or_default()
    }

    fn touch(&mut self, asset: Asset, reason: BalanceReason) {
        let told = self.changed.entry(asset).or_insert(reason);
        if reason == BalanceReason::Read {
            *told = reason;
        }
    }

    /// Something happened at the exchange at `time`.
    fn stir(&mut self, now: Timestamp, time: Timestamp) {
        if self.mode == BalanceMode::Streamed {
            return;
        }
        let stirred = self.quiet.stir(time);
        if stirred == Stirred::Nothing {
            return;
        }
        self.basis = Basis::Provisional;
        for asset in self.assets.keys() {
            self.changed.entry(asset.clone()).or_insert(BalanceReason::Read);
        }
        if stirred == Stirred::ReadAgain {
            self.read_due = Some(now);
        }
    }

    /// Where a stream tells totals only, a read follows whatever the account does. Half of the time allowed is left to the read.
    fn read_soon(&mut self, now: Timestamp) {
        if self.mode == BalanceMode::Totals {
            let due = now.after(BALANCE_COALESCE / 2);
            self.read_due = Some(self.read_due.map_or(due, |known| known.min(due)));
        }
    }

    fn tell(&mut self, asset: &Asset, reason: BalanceReason, changes: &mut Vec<AccountChange>) {
        let (basis, estimated) = (self.basis, self.mode != BalanceMode::Streamed);
        let state = self.asset(asset);
        let complaint = state.complaint(asset, estimated).map(|what| AccountChange::Inconsistent { what });
        let complains = complaint.is_some();
        changes.extend(complaint);
        if let Some(balance) = state.balance(asset, basis) {
            let transfer = matches!(reason, BalanceReason::Transfer(_));
            let differs = state.told.as_ref().map_or(!balance.total.is_zero(), |told| differs(told, &balance));
            state.told = Some(balance.clone());
            changes.extend((transfer || differs).then_some(AccountChange::Balance { balance, reason }));
        }
        if complains {
            self.read_due = Some(Timestamp::default());
        }
    }
}

fn differs(told: &Balance, is: &Balance) -> bool {
    (told.total, told.available, told.basis) != (is.total, is.available, is.basis)
}
