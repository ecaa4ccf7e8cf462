use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout_at};
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::limiter::{Limiter, NoPlace, Ticket, Turn};
use crate::pool::AccountId;
use crate::{Applicant, Class, Cost, PoolSpec, PoolUsage, Refusal, ServerClock, Used};

/// How long a new order may wait for the limits.
pub const ORDER_QUEUE_MAX: Duration = Duration::from_secs(2);
/// How long any other command may.
const COMMAND_QUEUE_MAX: Duration = Duration::from_secs(10);
/// The longest sleep of a waiting request: the idea of the exchange's time may have changed meanwhile.
const NAP_MAX: Duration = Duration::from_secs(1);

/// The request limits of one address and of one account, shared by everything that sends from the one for the other. Clones
/// share the counts; [`Limits::account`] gives those of another account at the same address.
///
/// A request takes from all pools of both, or from none, in one step.
#[derive(Clone, Debug)]
pub struct Limits {
    shared: Arc<Shared>,
    account: AccountId,
}

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
    accounts: HashMap<String, AccountId>,
}

impl Limits {
    /// Limits over these pools, of which `percent` of the usable share are used, with windows in the time of `clock`. They
    /// are for an account without a name.
    pub fn new(pools: &[PoolSpec], percent: u8, clock: ServerClock) -> Self {
        let limiter = Limiter::new(pools, percent);
        let state = State { limiter, waiters: HashMap::new(), accounts: HashMap::new() };
        let shared = Shared { clock, state: Mutex::new(state), changed: Notify::new() };
        Self { shared: Arc::new(shared), account: AccountId(0) }
    }

    /// The limits of an account at the same address. The same name gives the same counts; an account once named is kept
    /// as long as the limits of the address are.
    #[must_use]
    pub fn account(&self, name: &str) -> Self {
        let mut state = self.shared.state.lock();
        let State { limiter, accounts, .. } = &mut *state;
        let account = *accounts.entry(name.to_owned()).or_insert_with(|| limiter.add_account());
        Self { shared: self.shared.clone(), account }
    }

    /// Replaces the built-in pools by those that the exchange publishes, for the units that it names.
    pub fn replace_pools(&self, published: &[PoolSpec]) {
        self.shared.state.lock().limiter.replace_pools(published);
        self.shared.changed.notify_waiters();
    }

    /// Waits until a request may leave, and takes its cost.
    ///
    /// # Errors
    /// `InvalidRequest` if it can never leave, `RateLimited` if too many wait already, and at once while the
    /// exchange refuses requests, for those that fail when blocked.
    ///
    /// # Cancel safety
    /// Cancel safe: a dropped wait frees its place, and nothing stays charged.
    pub async fn acquire(&self, applicant: Applicant) -> Result<Permit, Error> {
        let (place, mut turn) = self.enqueue(applicant)?;
        loop {
            let changed = self.shared.changed.notified();
            let look_again = self.advance();
            let nap = look_again.map_or(NAP_MAX, |at| at.since(self.shared.clock.now()).min(NAP_MAX));
            tokio::select! {
                biased;
                turn = &mut turn => match turn {
                    Ok(Turn::Leaves) => return Ok(place.into_permit(applicant.cost)),
                    Ok(Turn::Refused(block)) => {
                        let until = block.until.since(self.shared.clock.now());
                        return Err(block.error(&applicant, self.shared.clock.local().now().after(until)));
                    }
                    Err(_) => return Err(Error::new(ErrorKind::NotReady, "the limits are gone").with("sent", "no")),
                },
                () = changed => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Obeys a refusal: of the account if accounts count what it names, of the whole address otherwise. Returns until when,
    /// on our own clock.
    pub fn refused(&self, refusal: Refusal) -> Timestamp {
        let now = self.shared.clock.now();
        let until = self.shared.state.lock().limiter.refuse(self.account, refusal, now);
        self.advance();
        self.shared.changed.notify_waiters();
        self.shared.clock.local().now().after(until.since(now))
    }

    /// Why such a request may not leave now, where the exchange has asked for a pause; `None` if it may, or waits only for
    /// room.
    pub fn block(&self, applicant: Applicant) -> Option<Error> {
        let now = self.shared.clock.now();
        let block = self.shared.state.lock().limiter.block(self.account, &applicant.cost, now)?;
        Some(block.error(&applicant, self.shared.clock.local().now().after(block.until.since(now))))
    }

    /// How the pools of the address and of the account stand.
    pub fn usage(&self) -> Vec<PoolUsage> {
        let now = self.shared.clock.now();
        self.shared.state.lock().limiter.usage(self.account, now)
    }

    /// As [`Limits::acquire`], but gives up at `deadline`.
    pub(crate) async fn acquire_until(&self, deadline: Instant, applicant: Applicant) -> Result<Permit, Error> {
        match timeout_at(deadline, self.acquire(applicant)).await {
            Ok(permit) => permit,
            Err(_) => Err(self.too_late(applicant)),
        }
    }

    /// As [`Limits::acquire`] for a command: an order that would leave late is worth less than none.
    pub(crate) async fn acquire_command(&self, cost: Cost, class: Class) -> Result<Permit, Error> {
        let latest = if class == Class::Place { ORDER_QUEUE_MAX } else { COMMAND_QUEUE_MAX };
        self.acquire_until(Instant::now() + latest, Applicant::command(cost, class)).await
    }

    /// Why a request that has waited as long as it could has not left.
    fn too_late(&self, applicant: Applicant) -> Error {
        let now = self.shared.clock.now();
        let local = |at: Timestamp| self.shared.clock.local().now().after(at.since(now));
        let mut state = self.shared.state.lock();
        if let Some(block) = state.limiter.block(self.account, &applicant.cost, now) {
            return block.error(&applicant, local(block.until));
        }
        let error = Error::new(ErrorKind::RateLimited, "the request limits left no room in time").with("sent", "no");
        match state.limiter.room_at(self.account, applicant, now) {
            Some(at) => error.with_retry_at(local(at)),
            None => error,
        }
    }

    fn enqueue(&self, applicant: Applicant) -> Result<(Place, oneshot::Receiver<Turn>), Error> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.shared.state.lock();
        let ticket = state.limiter.enqueue(self.account, applicant).map_err(no_place)?;
        state.waiters.insert(ticket, sender);
        Ok((Place { limits: self.clone(), ticket: Some(ticket) }, receiver))
    }

    fn advance(&self) -> Option<Timestamp> {
        let mut state = self.shared.state.lock();
        let advance = state.limiter.advance(self.shared.clock.now());
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
            let mut state = self.shared.state.lock();
            state.waiters.remove(&ticket);
            state.limiter.withdraw(ticket);
        }
        self.advance();
    }

    fn settle(&self, ticket: Ticket, charged: &Cost, used: &[Used]) {
        let now = self.shared.clock.now();
        self.shared.state.lock().limiter.settle(ticket, charged, used, now);
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
