use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rust_decimal::Decimal;
use tradewire_core::{
    AccountChange, Asset, Balance, BalanceReason, BalanceSnapshot, BalanceUpdate, Basis, Fill, FundingPayment, Order,
    Origin, Timestamp,
};

use super::asset::{AssetState, Budget, Figure};
use super::hold::Hold;
use super::lock::Filled;
use super::movements::{Movement, Movements};
use super::quiet::{Quiet, Stirred};
use super::{BalanceMode, LockFormula, ReadTaken, ReadWindow};

/// BALANCE_COALESCE: how soon a read follows what makes one necessary, so that one serves a burst.
const BALANCE_COALESCE: Duration = Duration::from_secs(1);
/// POLL_SHORT: how long a read is good while an order is live, where nothing but reads tells balances.
const POLL_SHORT: Duration = Duration::from_secs(5);

/// What the account has of every asset.
///
/// It is told everything that happens to the account, in any order, and asked with [`Self::changes`] what follows from it. `now` is
/// our clock; all other times are by the exchange's.
#[derive(Debug)]
pub struct Balances {
    pub(super) mode: BalanceMode,
    pub(super) basis: Basis,
    pub(super) assets: BTreeMap<Asset, AssetState>,
    pub(super) holds: BTreeMap<u64, Hold>,
    /// Those that the exchange's own figure did not include when they were last counted: few, however many are live.
    pub(super) uncovered: BTreeSet<u64>,
    /// Orders that have ended since the last read, oldest first.
    pub(super) ended: VecDeque<u64>,
    pub(super) movements: Movements,
    pub(super) quiet: Quiet,
    pub(super) read_as_of: Option<Timestamp>,
    /// As of when balances were read for the first time.
    pub(super) first_read: Option<Timestamp>,
    pub(super) read_due: Option<Timestamp>,
    /// A read of which nobody knows yet whether it includes some orders.
    waiting: Option<WaitingRead>,
    /// When the last read came, by our clock.
    read_at: Option<Timestamp>,
    /// The own time of the read in force, where it has one.
    pub(super) last_as_of: Option<Timestamp>,
    pub(super) changed: BTreeMap<Asset, BalanceReason>,
    pub(super) transfers: Vec<(Asset, Decimal)>,
    pub(super) known_transfers: VecDeque<(Asset, Decimal, Timestamp)>,
}

/// A read that came while orders of ours were on their way: the exchange may have counted them or not.
#[derive(Debug)]
struct WaitingRead {
    snapshot: BalanceSnapshot,
    window: ReadWindow,
    /// The orders.
    undecided: BTreeSet<u64>,
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
            uncovered: BTreeSet::new(),
            ended: VecDeque::new(),
            movements: Movements::default(),
            quiet: Quiet::default(),
            read_as_of: None,
            first_read: None,
            read_due: None,
            waiting: None,
            read_at: None,
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
        self.decide(now, number);
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

    /// A funding payment was booked. Each once.
    pub fn paid(&mut self, payment: &FundingPayment) {
        self.touch(payment.asset.clone(), BalanceReason::Funding);
        self.credited(&payment.asset, payment.amount, payment.time);
    }

    /// What an order locks follows another rule from now on: the leverage of its instrument has changed.
    pub fn relock(&mut self, number: u64, formula: LockFormula) {
        if let Some(hold) = self.holds.get_mut(&number) {
            hold.follow(formula);
            self.recount(number);
        }
    }

    /// The private stream tells balances.
    pub fn update(&mut self, now: Timestamp, update: &BalanceUpdate) {
        match update {
            BalanceUpdate::Set { balances, time } => balances.iter().for_each(|report| self.set(now, report, *time)),
            BalanceUpdate::Moved { asset, delta, time } => self.transferred(asset, *delta, *time),
            _ => {}
        }
    }

    /// A read of all balances has come. An asset that it does not list is zero. A failed read is not told here: everything stays.
    ///
    /// One that comes while orders are on their way waits, if an earlier one is in force, until it is known what became of them.
    pub fn read(&mut self, now: Timestamp, snapshot: &BalanceSnapshot, window: ReadWindow) -> ReadTaken {
        self.read_at = Some(now);
        if self.mode == BalanceMode::Streamed {
            self.read_beside_stream(now, snapshot, window);
            return ReadTaken::Taken;
        }
        let on_their_way = self.holds.iter().filter(|(_, hold)| hold.is_on_its_way()).map(|(number, _)| *number);
        let undecided: BTreeSet<_> = on_their_way.filter(|_| self.read_as_of.is_some()).collect();
        if undecided.is_empty() {
            self.waiting = None;
            return self.take_read(now, snapshot, window);
        }
        self.read_due = None;
        self.waiting = Some(WaitingRead { snapshot: snapshot.clone(), window, undecided });
        ReadTaken::Waits
    }

    /// A read comes into force.
    fn take_read(&mut self, now: Timestamp, snapshot: &BalanceSnapshot, window: ReadWindow) -> ReadTaken {
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
        if taken == ReadTaken::Provisional {
            self.read_soon(now);
        }
        taken
    }

    /// Allows no more of an asset to be used than `amount`, own live orders and own fills from the first read on counted.
    pub fn set_budget(&mut self, asset: &Asset, amount: Decimal) {
        self.asset(asset).budget = Some(Budget { amount, gained: Decimal::ZERO });
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

    /// Balances have changed in a way that only a read shows.
    pub fn read_again(&mut self, now: Timestamp) {
        self.read_due = Some(now);
    }

    /// When balances have to be read next, besides the reads at regular times; by our clock. In the past: at once. It can go
    /// away again.
    pub fn next_read_due(&self) -> Option<Timestamp> {
        let uncovered = self.uncovered.iter().filter_map(|number| self.holds.get(number)?.uncovered_since()).min();
        let by_order = uncovered.filter(|_| self.mode == BalanceMode::Streamed).map(|at| at.after(BALANCE_COALESCE));
        self.read_due.into_iter().chain(by_order).chain(self.read_due_by_age()).min()
    }

    /// Where nothing but reads tells balances, they are read often as long as an order is live.
    fn read_due_by_age(&self) -> Option<Timestamp> {
        let estimated = self.mode == BalanceMode::Estimated && !self.holds.values().all(Hold::has_ended);
        self.read_at.filter(|_| estimated).map(|at| at.after(POLL_SHORT))
    }

    /// More is known of an order: a read that waited for that comes into force.
    fn decide(&mut self, now: Timestamp, number: u64) {
        let Some(waiting) = self.waiting.as_mut() else { return };
        if self.holds.get(&number).is_some_and(Hold::is_on_its_way) || !waiting.undecided.remove(&number) {
            return;
        }
        if let Some(WaitingRead { snapshot, window, .. }) = self.waiting.take_if(|it| it.undecided.is_empty())
            && self.take_read(now, &snapshot, window) == ReadTaken::Void
        {
            self.read_due = Some(now);
        }
    }
}

/// What is told, and when to read.
impl Balances {
    pub(super) fn asset(&mut self, asset: &Asset) -> &mut AssetState {
        if !self.assets.contains_key(asset) {
            let figure = self.read_as_of.map(Figure::zero);
            self.assets.insert(asset.clone(), AssetState::new(figure, None));
        }
        self.assets.entry(asset.clone()).or_default()
    }

    pub(super) fn touch(&mut self, asset: Asset, reason: BalanceReason) {
        let told = self.changed.entry(asset).or_insert(reason);
        if reason == BalanceReason::Read {
            *told = reason;
        }
    }

    /// Something happened at the exchange at `time`.
    pub(super) fn stir(&mut self, now: Timestamp, time: Timestamp) {
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

    /// Where a stream tells totals only, a read follows whatever the account does, and a read that was not quiet. Half of the
    /// time allowed is left to the read.
    pub(super) fn read_soon(&mut self, now: Timestamp) {
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
