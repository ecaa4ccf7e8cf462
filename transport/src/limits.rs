use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::limiter::{Limiter, NoPlace, Ticket, Turn};
use crate::{Applicant, Class, Cost, PoolSpec, PoolUsage, Refusal, ServerClock, Used};

/// The longest sleep of a waiting request: the idea of the exchange's time may have changed meanwhile.
const NAP_MAX: Duration = Duration::from_secs(1);

/// The request limits of one address, shared by everything that sends from it. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Limits(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: ServerClock,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    limiter: Limiter,
    waiters: HashMap<Ticket, oneshot::Sender<Turn>>,
}

impl Limits {
    /// Limits over these pools, of which `percent` of the usable share are used, with windows in the time of `clock`.
    pub fn new(pools: &[PoolSpec], percent: u8, clock: ServerClock) -> Self {
        let state = State { limiter: Limiter::new(pools, percent), waiters: HashMap::new() };
        Self(Arc::new(Shared { clock, state: Mutex::new(state), changed: Notify::new() }))
    }

    /// Replaces the built-in pools by those that the exchange publishes, for the units that it names.
    pub fn replace_pools(&self, published: &[PoolSpec]) {
        self.0.state.lock().limiter.replace_pools(published);
        self.0.changed.notify_waiters();
    }

    /// Waits until a request may leave, and takes its cost.
    ///
    /// # Errors
    /// `InvalidRequest` if it can never leave, `RateLimited` if too many wait already; `RateLimited` or `Banned` at once
    /// while the exchange refuses requests, for those that fail when blocked.
    ///
    /// # Cancel safety
    /// Cancel safe: a dropped wait frees its place, and nothing stays charged.
    pub async fn acquire(&self, applicant: Applicant) -> Result<Permit, Error> {
        let (place, mut turn) = self.enqueue(applicant)?;
        loop {
            let changed = self.0.changed.notified();
            let look_again = self.advance();
            let nap = look_again.map_or(NAP_MAX, |at| at.since(self.0.clock.now()).min(NAP_MAX));
            tokio::select! {
                biased;
                turn = &mut turn => match turn {
                    Ok(Turn::Leaves) => return Ok(place.into_permit(applicant.cost)),
                    Ok(Turn::Refused(block)) => {
                        let until = block.until.since(self.0.clock.now());
                        return Err(block.error(self.0.clock.local().now().after(until)));
                    }
                    Err(_) => return Err(Error::new(ErrorKind::NotReady, "the limits are gone").with("sent", "no")),
                },
                () = changed => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Obeys a refusal. Returns until when, on our own clock.
    pub fn refused(&self, refusal: Refusal) -> Timestamp {
        let now = self.0.clock.now();
        let until = self.0.state.lock().limiter.refuse(refusal, now);
        self.advance();
        self.0.changed.notify_waiters();
        self.0.clock.local().now().after(until.since(now))
    }

    /// How the pools stand.
    pub fn usage(&self) -> Vec<PoolUsage> {
        let now = self.0.clock.now();
        self.0.state.lock().limiter.usage(now)
    }

    /// Why a request of this cost that has waited as long as it could has not left.
    pub(crate) fn too_late(&self, cost: &Cost) -> Error {
        let now = self.0.clock.now();
        let block = self.0.state.lock().limiter.block(cost, now);
        let local = |at: Timestamp| self.0.clock.local().now().after(at.since(now));
        if let Some(block) = block {
            return block.error(local(block.until));
        }
        let error = Error::new(ErrorKind::RateLimited, "the request limits left no room in time").with("sent", "no");
        match self.advance() {
            Some(at) => error.with_retry_at(local(at)),
            None => error,
        }
    }

    fn enqueue(&self, applicant: Applicant) -> Result<(Place, oneshot::Receiver<Turn>), Error> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.0.state.lock();
        let ticket = state.limiter.enqueue(applicant).map_err(no_place)?;
        state.waiters.insert(ticket, sender);
        Ok((Place { limits: self.clone(), ticket: Some(ticket) }, receiver))
    }

    fn advance(&self) -> Option<Timestamp> {
        let mut state = self.0.state.lock();
        let advance = state.limiter.advance(self.0.clock.now());
        for (ticket, turn) in advance.turns {
            if let Some(waiter) = state.waiters.remove(&ticket) {
                // A waiter that gives up takes its ticket back under this lock, so it cannot be gone here.
                let _ = waiter.send(turn);
            }
        }
        advance.look_again
    }

    fn withdraw(&self, ticket: Ticket) {
        {
            let mut state = self.0.state.lock();
            state.waiters.remove(&ticket);
            state.limiter.withdraw(ticket);
        }
        self.advance();
    }

    fn settle(&self, ticket: Ticket, charged: &Cost, used: &[Used]) {
        let now = self.0.clock.now();
        self.0.state.lock().limiter.settle(ticket, charged, used, now);
        self.advance();
    }
}

fn no_place(why: NoPlace) -> Error {
    let (kind, text) = match why {
        NoPlace::TooLarge => (ErrorKind::InvalidRequest, "the request costs more than a limit ever allows"),
        NoPlace::QueueFull => (ErrorKind::RateLimited, "too many requests wait already"),
        NoPlace::NoPool => (ErrorKind::Config, "no limit is known that counts this request"),
    };
    Error::new(kind, text).with("sent", "no")
}

/// A place in the queue. Dropping it frees the place.
#[derive(Debug)]
struct Place {
    limits: Limits,
    ticket: Option<Ticket>,
}

impl Place {
    fn into_permit(mut self, cost: Cost) -> Permit {
        Permit { limits: self.limits.clone(), ticket: self.ticket.take(), cost }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.limits.withdraw(ticket);
        }
    }
}

/// The right to send one request. Dropped without a word, the request counts as sent.
#[derive(Debug)]
pub struct Permit {
    limits: Limits,
    ticket: Option<Ticket>,
    cost: Cost,
}

impl Permit {
    /// The request was answered: with these counts, and at this cost where no count is given.
    pub fn settle(mut self, charged: &Cost, used: &[Used]) {
        if let Some(ticket) = self.ticket.take() {
            self.limits.settle(ticket, charged, used);
        }
    }

    /// The request has provably not left; its cost is given back.
    pub fn unsent(mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.limits.withdraw(ticket);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let cost = self.cost;
            self.limits.settle(ticket, &cost, &[]);
        }
    }
}

impl Applicant {
    /// A read: it waits as long as it takes.
    pub const fn read(cost: Cost, class: Class) -> Self {
        Self { cost, class, fails_when_blocked: false }
    }

    /// A command: it fails rather than leave late.
    pub const fn command(cost: Cost, class: Class) -> Self {
        Self { cost, class, fails_when_blocked: true }
    }
}
