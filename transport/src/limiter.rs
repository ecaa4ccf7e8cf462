use std::collections::BTreeMap;

use tradewire_core::Timestamp;

use crate::block::{Block, Blocks};
use crate::pool::{AccountId, Pool, Taking};
use crate::{Class, Cost, PoolSpec, PoolUsage, Refusal, Scope, Used};

/// The most requests that wait at once.
pub const WAITING_MAX: usize = 10_000;

/// A request known to a [`Limiter`], from its arrival to its settlement. Tickets are ordered as requests leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ticket {
    class: Class,
    number: u64,
}

/// A request that wants to leave.
#[derive(Clone, Copy, Debug)]
pub struct Applicant {
    /// What it takes.
    pub cost: Cost,
    /// How urgent it is.
    pub class: Class,
    /// Whether it would rather fail than wait while the exchange refuses requests.
    pub fails_when_blocked: bool,
}

/// Why a request cannot wait for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// It takes more than a pool ever has.
    TooLarge,
    /// [`WAITING_MAX`] requests wait already.
    QueueFull,
    /// No pool counts it.
    NoPool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It may leave; its cost is taken.
    Leaves,
    /// It wanted to fail rather than wait.
    Refused(Block),
}

/// Everything that [`Limiter::advance`] found.
#[derive(Debug, Default)]
pub(crate) struct Advance {
    pub(crate) turns: Vec<(Ticket, Turn)>,
    /// When another look is useful, if requests still wait for time to pass.
    pub(crate) look_again: Option<Timestamp>,
}

/// Decides which request may leave when. Pure: time and everything else comes in by arguments.
///
/// A request takes from all its pools or from none. Requests leave by class, and inside a class in the order of arrival:
/// one that does not fit holds back every later one that needs the same pool.
#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    /// The limits as stated; those of accounts stand in `pools` once for each account.
    specs: Vec<PoolSpec>,
    pools: Vec<Pool>,
    accounts: usize,
    percent: u8,
    waiting: BTreeMap<Ticket, Waiting>,
    under_way: BTreeMap<Ticket, UnderWay>,
    blocks: Blocks,
    last_ticket: u64,
    last_taking: u64,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    applicant: Applicant,
    account: AccountId,
}

impl Waiting {
    fn amount(&self, pool: &Pool) -> u32 {
        pool.amount(self.account, &self.applicant.cost)
    }

    /// Whether a pool has no room for it.
    fn lacks(&self, pool: &Pool) -> bool {
        let amount = self.amount(pool);
        amount > 0 && !pool.fits(amount, self.applicant.class)
    }
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    request: Waiting,
    sequence: u64,
    at: Timestamp,
}

impl UnderWay {
    fn taking(&self, pool: &Pool) -> Taking {
        let amount = self.request.amount(pool);
        Taking { amount, class: self.request.applicant.class, sequence: self.sequence, at: self.at }
    }
}

impl Limiter {
    /// A limiter over these pools that uses `percent` of what may be used of them, for one account.
    pub(crate) fn new(specs: &[PoolSpec], percent: u8) -> Self {
        let mut limiter = Self {
            specs: Vec::new(),
            pools: Vec::new(),
            accounts: 1,
            percent,
            waiting: BTreeMap::new(),
            under_way: BTreeMap::new(),
            blocks: Blocks::default(),
            last_ticket: 0,
            last_taking: 0,
        };
        limiter.replace_pools(specs);
        limiter
    }

    /// Adds an account, with pools of its own.
    pub(crate) fn add_account(&mut self) -> AccountId {
        let account = AccountId(self.accounts);
        self.accounts += 1;
        let own = self.specs.iter().filter(|spec| spec.scope == Scope::Account);
        self.pools.extend(own.map(|spec| Pool::new(*spec, Some(account), self.percent)));
        account
    }

    /// Replaces all pools of the units that `published` names, and adds those that are new. What is counted stays.
    pub(crate) fn replace_pools(&mut self, published: &[PoolSpec]) {
        let named = |spec: &PoolSpec| published.iter().any(|other| other.unit == spec.unit);
        self.specs.retain(|spec| !named(spec));
        self.specs.extend(published);
        let (old, kept): (Vec<Pool>, Vec<Pool>) =
            std::mem::take(&mut self.pools).into_iter().partition(|pool| named(pool.spec()));
        for spec in published {
            for owner in self.owners(spec.scope) {
                let pool = self.new_pool(*spec, owner, &old);
                self.pools.push(pool);
            }
        }
        self.pools.extend(kept);
    }

    /// Who has a pool of this scope.
    fn owners(&self, scope: Scope) -> Vec<Option<AccountId>> {
        match scope {
            Scope::Address => vec![None],
            Scope::Account => (0..self.accounts).map(|number| Some(AccountId(number))).collect(),
        }
    }

    /// A pool that goes on where one of the `old` ones was, or else knows of what is under way.
    fn new_pool(&self, spec: PoolSpec, owner: Option<AccountId>, old: &[Pool]) -> Pool {
        let mut pool = Pool::new(spec, owner, self.percent);
        let same = |known: &&Pool| {
            let before = known.spec();
            known.owner() == owner && before.unit == spec.unit && before.window == spec.window
        };
        if let Some(known) = old.iter().find(same) {
            pool.inherit(known);
        } else {
            for request in self.under_way.values() {
                pool.take(request.taking(&pool));
            }
        }
        for request in self.waiting.values() {
            if request.amount(&pool) > 0 {
                pool.want();
            }
        }
        pool
    }

    /// Puts a request of an account into the queue.
    ///
    /// # Errors
    /// See [`NoPlace`]; nothing is queued then.
    pub(crate) fn enqueue(&mut self, account: AccountId, applicant: Applicant) -> Result<Ticket, NoPlace> {
        let request = Waiting { applicant, account };
        let amounts = || self.pools.iter().map(|pool| (pool, request.amount(pool)));
        if amounts().all(|(_, amount)| amount == 0) {
            return Err(NoPlace::NoPool);
        }
        if amounts().any(|(pool, amount)| !pool.could_fit(amount, applicant.class)) {
            return Err(NoPlace::TooLarge);
        }
        if self.waiting.len() >= WAITING_MAX {
            return Err(NoPlace::QueueFull);
        }
        self.last_ticket += 1;
        let ticket = Ticket { class: applicant.class, number: self.last_ticket };
        self.waiting.insert(ticket, request);
        self.pools.iter_mut().filter(|pool| request.amount(pool) > 0).for_each(Pool::want);
        Ok(ticket)
    }

    /// Takes a request out of the queue.
    fn unqueue(&mut self, ticket: &Ticket) {
        if let Some(request) = self.waiting.remove(ticket) {
            self.pools.iter_mut().filter(|pool| request.amount(pool) > 0).for_each(Pool::unwant);
        }
    }

    /// Lets go whatever may leave now.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Advance {
        for pool in &mut self.pools {
            pool.turn(now);
        }
        let mut advance = Advance::default();
        let mut full = vec![false; self.pools.len()];
        let nothing_blocked = self.blocks.none(now);
        for (ticket, request) in &self.waiting {
            if nothing_blocked && self.all_wanted_are(&full) {
                break;
            }
            let look_again = match self.blocks.on(request.account, &request.applicant.cost, now) {
                Some(block) if request.applicant.fails_when_blocked => {
                    advance.turns.push((*ticket, Turn::Refused(block)));
                    None
                }
                Some(block) => Some(block.until),
                None if self.held_back(request, &full) => None,
                None if self.mark_full(request, &mut full) => self.next_release(request, now),
                None => {
                    self.last_taking += 1;
                    let request = UnderWay { request: *request, sequence: self.last_taking, at: now };
                    for pool in &mut self.pools {
                        pool.take(request.taking(pool));
                    }
                    self.under_way.insert(*ticket, request);
                    advance.turns.push((*ticket, Turn::Leaves));
                    None
                }
            };
            advance.look_again = [advance.look_again, look_again].into_iter().flatten().min();
        }
        for (ticket, _) in &advance.turns {
            self.unqueue(ticket);
        }
        advance
    }

    /// Frees the place of a request that has given up, or gives back what was taken for it: it has not left.
    pub(crate) fn withdraw(&mut self, ticket: Ticket) {
        self.unqueue(&ticket);
        if let Some(request) = self.under_way.remove(&ticket) {
            for pool in &mut self.pools {
                let taking = request.taking(pool);
                pool.give_back(taking);
            }
        }
    }

    /// Ends a request that has left: with the counts in its answer, and with what it has cost where there is no count.
    /// A request of unknown fate costs what it was taken for.
    pub(crate) fn settle(&mut self, ticket: Ticket, charged: &Cost, used: &[Used], now: Timestamp) {
        let Some(request) = self.under_way.remove(&ticket) else { return };
        let cost = request.request.applicant.cost;
        for pool in &mut self.pools {
            if !pool.serves(request.request.account) {
                continue;
            }
            pool.turn(now);
            let spec = *pool.spec();
            let means = |told: &&Used| cost.meant(told.unit) == spec.unit && told.window == spec.window.length();
            let told = used.iter().find(means);
            let taking = request.taking(pool);
            pool.settle(taking, charged.of(spec.unit), told.map(|told| told.used), self.last_taking, now);
        }
    }

    /// Obeys a refusal of a request of an account. Returns until when.
    pub(crate) fn refuse(&mut self, account: AccountId, refusal: Refusal, now: Timestamp) -> Timestamp {
        let of_accounts = |unit| self.specs.iter().any(|spec| spec.unit == unit && spec.scope == Scope::Account);
        let owner = refusal.unit.is_some_and(of_accounts).then_some(account);
        self.blocks.add(refusal, owner, now)
    }

    /// What keeps any request of an account and of this cost from leaving.
    pub(crate) fn block(&self, account: AccountId, cost: &Cost, now: Timestamp) -> Option<Block> {
        self.blocks.on(account, cost, now)
    }

    /// When there may be room for a request of an account, if time alone brings it.
    pub(crate) fn room_at(&mut self, account: AccountId, applicant: Applicant, now: Timestamp) -> Option<Timestamp> {
        for pool in &mut self.pools {
            pool.turn(now);
        }
        let request = Waiting { applicant, account };
        // One that would fit was kept waiting by others in the same pools.
        self.next_release(&request, now).or_else(|| {
            let own = self.pools.iter().filter(|pool| request.amount(pool) > 0);
            own.filter_map(|pool| pool.next_release(now)).min()
        })
    }

    /// How the pools stand that an account's requests take from.
    pub(crate) fn usage(&mut self, account: AccountId, now: Timestamp) -> Vec<PoolUsage> {
        for pool in &mut self.pools {
            pool.turn(now);
        }
        self.pools.iter().filter(|pool| pool.serves(account)).map(Pool::usage).collect()
    }

    /// Whether an earlier request waits for a pool that this one needs.
    fn held_back(&self, request: &Waiting, full: &[bool]) -> bool {
        self.pools.iter().zip(full).any(|(pool, full)| *full && request.amount(pool) > 0)
    }

    /// Whether every pool is full that any waiting request needs.
    fn all_wanted_are(&self, full: &[bool]) -> bool {
        self.pools.iter().zip(full).all(|(pool, full)| *full || !pool.is_wanted())
    }

    /// Marks the pools that have no room for a request. Returns whether there is one.
    fn mark_full(&self, request: &Waiting, full: &mut [bool]) -> bool {
        let mut any = false;
        for (pool, full) in self.pools.iter().zip(full) {
            if request.lacks(pool) {
                (*full, any) = (true, true);
            }
        }
        any
    }

    /// When a pool that has no room for a request will have forgotten something.
    fn next_release(&self, request: &Waiting, now: Timestamp) -> Option<Timestamp> {
        self.pools.iter().filter(|pool| request.lacks(pool)).filter_map(|pool| pool.next_release(now)).min()
    }
}

#[cfg(test)]
#[path = "limiter_tests.rs"]
mod tests;
