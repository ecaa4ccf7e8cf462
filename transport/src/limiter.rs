use std::collections::BTreeMap;

use tradewire_core::Timestamp;

use crate::block::{Block, Blocks};
use crate::pool::{Pool, Taking};
use crate::{Class, Cost, PoolSpec, PoolUsage, Refusal, Used};

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
    pools: Vec<Pool>,
    percent: u8,
    waiting: BTreeMap<Ticket, Applicant>,
    under_way: BTreeMap<Ticket, UnderWay>,
    blocks: Blocks,
    last_ticket: u64,
    last_taking: u64,
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    applicant: Applicant,
    sequence: u64,
    at: Timestamp,
}

impl UnderWay {
    fn taking(&self, pool: &Pool) -> Taking {
        let amount = self.applicant.cost.of(pool.spec().unit);
        Taking { amount, class: self.applicant.class, sequence: self.sequence, at: self.at }
    }
}

impl Limiter {
    /// A limiter over these pools that uses `percent` of what may be used of them.
    pub(crate) fn new(pools: &[PoolSpec], percent: u8) -> Self {
        Self {
            pools: pools.iter().map(|spec| Pool::new(*spec, percent)).collect(),
            percent,
            waiting: BTreeMap::new(),
            under_way: BTreeMap::new(),
            blocks: Blocks::default(),
            last_ticket: 0,
            last_taking: 0,
        }
    }

    /// Replaces all pools of the units that `published` names, and adds those that are new. What is counted stays.
    pub(crate) fn replace_pools(&mut self, published: &[PoolSpec]) {
        let old = std::mem::take(&mut self.pools);
        let stays = |pool: &Pool| published.iter().all(|spec| spec.unit != pool.spec().unit);
        let same = |pool: &Pool, spec: &PoolSpec| pool.spec().unit == spec.unit && pool.spec().window == spec.window;
        for spec in published {
            let mut pool = Pool::new(*spec, self.percent);
            if let Some(known) = old.iter().find(|known| same(known, spec)) {
                pool.inherit(known);
            } else {
                for request in self.under_way.values() {
                    pool.take(request.taking(&pool));
                }
            }
            self.pools.push(pool);
        }
        self.pools.extend(old.into_iter().filter(stays));
    }

    /// Puts a request into the queue.
    ///
    /// # Errors
    /// See [`NoPlace`]; nothing is queued then.
    pub(crate) fn enqueue(&mut self, applicant: Applicant) -> Result<Ticket, NoPlace> {
        let amounts = || self.pools.iter().map(|pool| (pool, applicant.cost.of(pool.spec().unit)));
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
        self.waiting.insert(ticket, applicant);
        Ok(ticket)
    }

    /// Lets go whatever may leave now.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Advance {
        for pool in &mut self.pools {
            pool.turn(now);
        }
        let mut advance = Advance::default();
        let mut full = vec![false; self.pools.len()];
        for (ticket, applicant) in &self.waiting {
            if full.iter().all(|full| *full) && !full.is_empty() {
                break;
            }
            let look_again = match self.blocks.on(&applicant.cost, now) {
                Some(block) if applicant.fails_when_blocked => {
                    advance.turns.push((*ticket, Turn::Refused(block)));
                    None
                }
                Some(block) => Some(block.until),
                None if self.held_back(applicant, &full) => None,
                None if self.mark_full(applicant, &mut full) => self.next_release(applicant, now),
                None => {
                    self.last_taking += 1;
                    let request = UnderWay { applicant: *applicant, sequence: self.last_taking, at: now };
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
            self.waiting.remove(ticket);
        }
        advance
    }

    /// Frees the place of a request that has given up, or gives back what was taken for it: it has not left.
    pub(crate) fn withdraw(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
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
        for pool in &mut self.pools {
            pool.turn(now);
            let spec = *pool.spec();
            let told = used.iter().find(|told| told.unit == spec.unit && told.window == spec.window.length());
            let taking = request.taking(pool);
            pool.settle(taking, charged.of(spec.unit), told.map(|told| told.used), self.last_taking, now);
        }
    }

    /// Obeys a refusal. Returns until when.
    pub(crate) fn refuse(&mut self, refusal: Refusal, now: Timestamp) -> Timestamp {
        self.blocks.add(refusal, now)
    }

    /// What keeps any request of this cost from leaving.
    pub(crate) fn block(&self, cost: &Cost, now: Timestamp) -> Option<Block> {
        self.blocks.on(cost, now)
    }

    /// How the pools stand.
    pub(crate) fn usage(&mut self, now: Timestamp) -> Vec<PoolUsage> {
        for pool in &mut self.pools {
            pool.turn(now);
        }
        self.pools.iter().map(Pool::usage).collect()
    }

    /// Whether an earlier request waits for a pool that this one needs.
    fn held_back(&self, applicant: &Applicant, full: &[bool]) -> bool {
        self.pools.iter().zip(full).any(|(pool, full)| *full && applicant.cost.of(pool.spec().unit) > 0)
    }

    /// Marks the pools that have no room for a request. Returns whether there is one.
    fn mark_full(&self, applicant: &Applicant, full: &mut [bool]) -> bool {
        let mut any = false;
        for (pool, full) in self.pools.iter().zip(full) {
            let amount = applicant.cost.of(pool.spec().unit);
            if amount > 0 && !pool.fits(amount, applicant.class) {
                (*full, any) = (true, true);
            }
        }
        any
    }

    /// When a pool that has no room for a request will have forgotten something.
    fn next_release(&self, applicant: &Applicant, now: Timestamp) -> Option<Timestamp> {
        let lacking = self.pools.iter().filter(|pool| {
            let amount = applicant.cost.of(pool.spec().unit);
            amount > 0 && !pool.fits(amount, applicant.class)
        });
        lacking.filter_map(|pool| pool.next_release(now)).min()
    }
}

#[cfg(test)]
#[path = "limiter_tests.rs"]
mod tests;
