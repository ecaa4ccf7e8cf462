use std::collections::VecDeque;
use std::time::Duration;

use tradewire_core::Timestamp;

use crate::{Class, Cost, Unit};

/// How much of a pool is used, in percent. The rest is room for differences in counting.
pub const LIMIT_SHARE: u64 = 95;
/// How much of a pool that cancels use is kept for cancels, in percent.
pub const CANCEL_RESERVE: u64 = 10;
/// How long after the turn of a fixed window it counts as turned: our idea of the exchange's time may be a little ahead.
const WINDOW_GUARD: Duration = Duration::from_millis(20);

/// How a pool forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// All at once, at every multiple of this duration of the exchange's time.
    Fixed(Duration),
    /// Each use after this duration.
    Rolling(Duration),
    /// One unit after the other, each after this duration.
    Draining(Duration),
}

impl Window {
    /// How long it is; of one that drains, how long it takes for one unit.
    pub fn length(self) -> Duration {
        match self {
            Self::Fixed(length) | Self::Rolling(length) | Self::Draining(length) => length,
        }
    }
}

/// Who shares a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything that sends from one network address.
    Address,
    /// Everything that sends for one account. Each account has pools of its own.
    Account,
}

/// A limit as the exchange states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSpec {
    /// What it counts.
    pub unit: Unit,
    /// How many of them a window allows.
    pub limit: u32,
    /// The window.
    pub window: Window,
    /// Who shares it.
    pub scope: Scope,
    /// Whether cancels take from it, so that a part is kept for them.
    pub cancels: bool,
}

/// How much of a limit is used, by the exchange's own count in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The unit of the pool.
    pub unit: Unit,
    /// The length of its window.
    pub window: Duration,
    /// The count.
    pub used: u32,
}

/// How a pool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUsage {
    /// The limit.
    pub spec: PoolSpec,
    /// What counts as used in this window, requests in flight included.
    pub used: u32,
}

/// Something taken from a pool, until it is known what the exchange counted for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taking {
    pub(crate) amount: u32,
    pub(crate) class: Class,
    /// Its place in the order of all takings of this limiter.
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
}

/// An account that sends over the same limits, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountId(pub(crate) usize);

/// One pool and its count.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    spec: PoolSpec,
    /// Whose it is; `None`: everybody's.
    owner: Option<AccountId>,
    /// The most that is used of it.
    share: u32,
    in_flight: u32,
    snapshots_in_flight: u32,
    /// How many waiting requests will take from it.
    wanted: usize,
    count: Count,
}

#[derive(Clone, Debug)]
enum Count {
    Fixed(FixedCount),
    Rolling(VecDeque<Use>),
    Draining(Level),
}

#[derive(Clone, Debug, Default)]
struct FixedCount {
    /// Which window is counted.
    index: i64,
    used: u32,
    /// What snapshots used of it.
    snapshots: u32,
    /// Requests up to this one had left when the newest count of the exchange came.
    corrected: u64,
}

/// What has not drained yet, and since when the next unit drains.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    used: u32,
    since: Timestamp,
}

impl Level {
    fn drain(&mut self, now: Timestamp, unit: Duration) {
        let units = now.since(self.since).as_nanos() / unit.as_nanos().max(1);
        let drained = u32::try_from(units).unwrap_or(u32::MAX);
        if drained >= self.used {
            *self = Self { used: 0, since: now };
        } else {
            *self = Self { used: self.used - drained, since: self.since.after(unit.saturating_mul(drained)) };
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Use {
    at: Timestamp,
    amount: u32,
    snapshot: bool,
}

impl Pool {
    /// A pool of which `percent` of [`LIMIT_SHARE`] are used, at least one unit.
    pub(crate) fn new(spec: PoolSpec, owner: Option<AccountId>, percent: u8) -> Self {
        let share = u64::from(spec.limit) * LIMIT_SHARE * u64::from(percent.min(100)) / 10_000;
        let count = match spec.window {
            Window::Fixed(_) => Count::Fixed(FixedCount::default()),
            Window::Rolling(_) => Count::Rolling(VecDeque::new()),
            Window::Draining(_) => Count::Draining(Level::default()),
        };
        let share = u32::try_from(share).unwrap_or(u32::MAX).max(1);
        Self { spec, owner, share, in_flight: 0, snapshots_in_flight: 0, wanted: 0, count }
    }

    pub(crate) fn spec(&self) -> &PoolSpec {
        &self.spec
    }

    pub(crate) fn owner(&self) -> Option<AccountId> {
        self.owner
    }

    /// Whether an account's requests take from it.
    pub(crate) fn serves(&self, account: AccountId) -> bool {
        self.owner.is_none_or(|owner| owner == account)
    }

    /// What a request of an account takes from it.
    pub(crate) fn amount(&self, account: AccountId, cost: &Cost) -> u32 {
        if self.serves(account) { cost.of(self.spec.unit) } else { 0 }
    }

    /// Whether a waiting request will take from it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted > 0
    }

    /// Counts a request that waits and will take from it.
    pub(crate) fn want(&mut self) {
        self.wanted += 1;
    }

    /// Counts a request no longer that has waited to take from it.
    pub(crate) fn unwant(&mut self) {
        self.wanted = self.wanted.saturating_sub(1);
    }

    pub(crate) fn usage(&self) -> PoolUsage {
        PoolUsage { spec: self.spec, used: self.used() }
    }

    /// Forgets what lies before the window of `now`.
    pub(crate) fn turn(&mut self, now: Timestamp) {
        let length = self.spec.window.length();
        match &mut self.count {
            Count::Fixed(fixed) => {
                let index = window_index(now, length);
                if index > fixed.index {
                    (fixed.used, fixed.snapshots) = (0, 0);
                }
                fixed.index = index;
            }
            Count::Rolling(uses) => {
                while uses.front().is_some_and(|first| first.at.after(length) <= now) {
                    uses.pop_front();
                }
            }
            Count::Draining(level) => level.drain(now, length),
        }
    }

    /// Whether a request of this class may take `amount` now.
    pub(crate) fn fits(&self, amount: u32, class: Class) -> bool {
        if class == Class::Snapshot {
            let snapshots = self.snapshots();
            if snapshots > 0 && snapshots.saturating_add(amount) > self.share / 2 {
                return false;
            }
        }
        self.used().saturating_add(amount) <= self.cap(class)
    }

    /// Whether a request of this class could ever take `amount`.
    pub(crate) fn could_fit(&self, amount: u32, class: Class) -> bool {
        amount <= self.cap(class)
    }

    /// The next time at which the pool will have forgotten something; `None` if it only waits for answers.
    pub(crate) fn next_release(&self, now: Timestamp) -> Option<Timestamp> {
        let length = self.spec.window.length();
        match &self.count {
            Count::Fixed(_) => Some(window_start(window_index(now, length) + 1, length)),
            Count::Rolling(uses) => uses.front().map(|first| first.at.after(length)),
            Count::Draining(level) => (level.used > 0).then(|| level.since.after(length)),
        }
    }

    /// Takes `amount` for a request that leaves now.
    pub(crate) fn take(&mut self, taking: Taking) {
        self.in_flight = self.in_flight.saturating_add(taking.amount);
        if taking.class == Class::Snapshot {
            match &mut self.count {
                Count::Fixed(fixed) => fixed.snapshots = fixed.snapshots.saturating_add(taking.amount),
                Count::Rolling(_) | Count::Draining(_) => {
                    self.snapshots_in_flight = self.snapshots_in_flight.saturating_add(taking.amount);
                }
            }
        }
    }

    /// Gives back what was taken for a request that never left.
    pub(crate) fn give_back(&mut self, taking: Taking) {
        self.land(taking);
        if let (Count::Fixed(fixed), Class::Snapshot) = (&mut self.count, taking.class) {
            fixed.snapshots = fixed.snapshots.saturating_sub(taking.amount);
        }
    }

    /// Counts a request that was answered, or of which nothing more is known. `told` is the exchange's own count;
    /// without it, `charged` is what is believed to have been counted.
    pub(crate) fn settle(&mut self, taking: Taking, charged: u32, told: Option<u32>, newest: u64, now: Timestamp) {
        self.land(taking);
        let length = self.spec.window.length();
        match &mut self.count {
            Count::Fixed(fixed) => fixed.settle(taking, charged, told, newest, window_index(taking.at, length)),
            Count::Rolling(uses) => {
                uses.push_back(Use { at: now, amount: charged, snapshot: taking.class == Class::Snapshot });
                let foreign = told.unwrap_or(0).saturating_sub(sum(uses.iter()));
                if foreign > 0 {
                    uses.push_back(Use { at: now, amount: foreign, snapshot: false });
                }
            }
            Count::Draining(level) => {
                level.drain(now, length);
                level.used = level.used.saturating_add(charged).max(told.unwrap_or(0));
            }
        }
    }

    /// Takes over what another pool of the same unit and window has counted.
    pub(crate) fn inherit(&mut self, other: &Self) {
        self.in_flight = other.in_flight;
        self.snapshots_in_flight = other.snapshots_in_flight;
        self.count = other.count.clone();
    }

    fn land(&mut self, taking: Taking) {
        self.in_flight = self.in_flight.saturating_sub(taking.amount);
        if !matches!(self.count, Count::Fixed(_)) && taking.class == Class::Snapshot {
            self.snapshots_in_flight = self.snapshots_in_flight.saturating_sub(taking.amount);
        }
    }

    fn cap(&self, class: Class) -> u32 {
        let reserve = if self.spec.cancels && class != Class::Cancel {
            u64::from(self.spec.limit) * CANCEL_RESERVE / 100
        } else {
            0
        };
        self.share.saturating_sub(u32::try_from(reserve).unwrap_or(u32::MAX))
    }

    fn used(&self) -> u32 {
        let counted = match &self.count {
            Count::Fixed(fixed) => fixed.used,
            Count::Rolling(uses) => sum(uses.iter()),
            Count::Draining(level) => level.used,
        };
        counted.saturating_add(self.in_flight)
    }

    fn snapshots(&self) -> u32 {
        match &self.count {
            Count::Fixed(fixed) => fixed.snapshots,
            Count::Rolling(uses) => {
                sum(uses.iter().filter(|used| used.snapshot)).saturating_add(self.snapshots_in_flight)
            }
            Count::Draining(_) => self.snapshots_in_flight,
        }
    }
}

impl FixedCount {
    fn settle(&mut self, taking: Taking, charged: u32, told: Option<u32>, newest: u64, taken_in: i64) {
        match told {
            // The count of an answer to a request of an older window may be that window's.
            Some(told) if taken_in == self.index => {
                // A request that left after the last correction was also counted after it: its count is newer in any
                // case. Of requests that were under way together, the higher count is the newer one.
                self.used = if taking.sequence > self.corrected { told } else { self.used.max(told) };
                self.corrected = newest;
            }
            _ => self.used = self.used.saturating_add(charged),
        }
    }
}

fn sum<'a>(uses: impl Iterator<Item = &'a Use>) -> u32 {
    uses.fold(0, |sum, used| sum.saturating_add(used.amount))
}

fn window_index(now: Timestamp, length: Duration) -> i64 {
    let guard = i64::try_from(WINDOW_GUARD.as_nanos()).unwrap_or(0);
    now.as_nanos().saturating_sub(guard).div_euclid(nanos(length))
}

fn window_start(index: i64, length: Duration) -> Timestamp {
    Timestamp::from_nanos(index.saturating_mul(nanos(length))).after(WINDOW_GUARD)
}

fn nanos(length: Duration) -> i64 {
    i64::try_from(length.as_nanos()).unwrap_or(i64::MAX).max(1)
}
