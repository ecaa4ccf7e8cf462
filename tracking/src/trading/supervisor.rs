use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tradewire_core::{Error, ErrorKind, FeeRates, Pair, Part, Source, Timestamp};
use tradewire_transport::{Backoff, CallWatch, ProxyChoice, Socket, SocketConfig, SocketHandle};

use super::cancel::cancel_each;
use super::config::OnStop;
use super::keeper::{Keeper, Leftover};
use super::lookup::Lookup;
use super::private::{PrivateHandler, ToPrivate};
use super::{dead_man, needs, perpetual, reconcile};
use crate::market::{Instruments, contained};
use crate::readiness::Line;
use crate::{BookReader, Need, Pruned, Trust};

/// How often the account is polled while the private stream is trusted, and while it is not.
const POLL_LONG: Duration = Duration::from_secs(120);
const POLL_SHORT: Duration = Duration::from_secs(5);
/// How long own orders may take to be cancelled when the connector stops.
pub(super) const STOP_CANCEL: Duration = Duration::from_secs(20);
/// Pause before the account is read again with credentials that were refused.
const AUTH_RETRY: Duration = Duration::from_secs(300);
/// How often what has ended long ago is deleted from the journal.
const PRUNE_EVERY: Duration = Duration::from_hours(24);
/// Replies that are awaited without a caller at most.
pub(super) const LEFTOVERS_MAX: usize = 4_096;
/// Questions about single orders that are under way at most; the request limits pace them further.
const NEEDS_AT_ONCE: usize = 32;
/// The supervisor looks at everything this often, whatever happens.
pub(super) const TICK: Duration = Duration::from_millis(500);

/// What the handle asks for.
pub(super) enum Command {
    /// An orderly end.
    Stop,
}

/// What a job has brought.
enum Done {
    Met,
    LookedUp(Result<(), Error>),
    Read(Kind, Result<(), Error>),
    Fees(Pair, Result<FeeRates, Error>),
    Pruned(Result<Pruned, Error>),
    Renewed(Result<(), Error>),
    Leftover,
}

/// What is read at intervals or on demand, each never twice at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Everything,
    Poll,
    Balances,
    Positions,
    Settings,
    Funding,
}

/// The one task that owns an account's private stream and does everything that happens by time.
pub(super) struct Supervisor {
    keeper: Arc<Keeper>,
    socket: Option<SocketHandle<ToPrivate>>,
    /// Whether commands can leave, where that is not always so.
    command_socket: Option<CallWatch>,
    /// When the private stream may be opened.
    open_at: Instant,
    jobs: JoinSet<Done>,
    needs_under_way: usize,
    /// Orders that wait to be looked for in lists, and whether others are being looked for.
    lookup: Lookup,
    looking: bool,
    everything: Paced,
    poll: Paced,
    balances: Paced,
    positions: Paced,
    settings: Paced,
    funding: Paced,
    prune: Paced,
    fees_under_way: BTreeSet<Pair>,
    /// The instruments that the orders know.
    instruments: Arc<Instruments>,
    leftovers: mpsc::Receiver<Leftover>,
}

/// A read that backs off when it fails, and is never under way twice.
struct Paced {
    due: Instant,
    running: bool,
    failed: bool,
    /// Whether the exchange has refused the credentials: asking on helps nothing, and shuts some accounts out.
    refused: bool,
    backoff: Backoff,
}

impl Paced {
    fn new() -> Self {
        Self { due: Instant::now(), running: false, failed: false, refused: false, backoff: Backoff::repeat() }
    }

    fn take_due(&mut self, now: Instant) -> bool {
        let due = !self.running && self.due <= now;
        self.running |= due;
        due
    }

    /// Whether it is under way, or has failed and waits.
    fn backs_off(&self) -> bool {
        self.running || self.failed
    }

    /// Is due by then, unless the credentials were refused.
    fn due_by(&mut self, latest: Instant) {
        if !self.refused {
            self.due = self.due.min(latest);
        }
    }

    /// The exchange takes the credentials again.
    fn accepted(&mut self) {
        if std::mem::take(&mut self.refused) {
            self.due = Instant::now();
        }
    }

    fn ended(&mut self, result: &Result<(), Error>, next: Duration) {
        self.running = false;
        self.failed = result.is_err();
        self.refused = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth);
        let pause = match result {
            Ok(()) => {
                self.backoff = Backoff::repeat();
                next
            }
            Err(_) if self.refused => AUTH_RETRY,
            Err(_) => self.backoff.next_pause(),
        };
        self.due = Instant::now() + pause;
    }
}

impl Supervisor {
    pub(super) fn new(keeper: Arc<Keeper>, leftovers: mpsc::Receiver<Leftover>) -> Self {
        let readiness = &keeper.market.readiness;
        readiness.line_expected(Line::Stream, "the private stream is not opened yet");
        let command_socket = keeper.source.command_socket();
        if let Some(problem) = command_socket.as_ref().and_then(CallWatch::problem) {
            readiness.line_expected(Line::Commands, &problem.to_string());
        }
        Self {
            keeper,
            socket: None,
            command_socket,
            open_at: Instant::now(),
            jobs: JoinSet::new(),
            needs_under_way: 0,
            lookup: Lookup::default(),
            looking: false,
            everything: Paced::new(),
            poll: Paced::new(),
            balances: Paced::new(),
            positions: Paced::new(),
            settings: Paced::new(),
            funding: Paced::new(),
            prune: Paced::new(),
            fees_under_way: BTreeSet::new(),
            instruments: Arc::default(),
            leftovers,
        }
    }

    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let keeper = Arc::clone(&self.keeper);
        self.tell_what_was_torn();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut writing = Box::pin(keeper.outbox.write_on());
        loop {
            let look_at = self.next_look();
            tokio::select! {
                command = commands.recv() => {
                    // What is still learnt is recorded; what is not is so at the end.
                    tokio::select! {
                        () = self.end(command) => {}
                        () = &mut writing => {}
                    }
                    if let Err(error) = keeper.outbox.write_all().await {
                        tracing::error!(%error, "the journal could not be completed");
                    }
                    return;
                }
                Some(leftover) = self.leftovers.recv() => self.keep(leftover),
                Some(done) = self.jobs.join_next() => self.done(done),
                () = &mut writing => {}
                down = changed(self.command_socket.as_mut()) => keeper.command_socket(down),
                () = keeper.wake.notified() => {}
                () = sleep_until(look_at) => {}
                _ = ticks.tick() => self.follow_fees(),
            }
            self.act().await;
        }
    }

    fn tell_what_was_torn(&self) {
        if let Some(what) = self.keeper.config.journal.torn() {
            self.keeper.market.problems.report("journal", &Error::new(ErrorKind::Journal, what));
        }
    }

    fn next_look(&self) -> Instant {
        let now = Instant::now();
        if self.needs_under_way >= NEEDS_AT_ONCE || !self.exchange_up() {
            return now + TICK;
        }
        let wait = self.keeper.plan_look().map(|at| at.since(self.keeper.now()));
        now + wait.unwrap_or(TICK).max(Duration::from_millis(1)).min(TICK)
    }

    fn exchange_up(&self) -> bool {
        self.keeper.market.readiness.part_ready(Part::Exchange)
    }

    fn keep(&mut self, leftover: Leftover) {
        self.jobs.spawn(async {
            leftover.await;
            Done::Leftover
        });
    }

    /// Does what is due now.
    async fn act(&mut self) {
        let now = Instant::now();
        self.learn_instruments();
        self.open_socket(now);
        if self.keeper.outbox.is_behind() {
            self.keeper.outbox.write_soon();
        }
        if !self.exchange_up() {
            // The exchange is down: nothing is worth asking before it says that it is back.
            return;
        }
        self.renew_switches();
        self.read_what_is_due(now);
        self.meet_needs().await;
    }

    fn renew_switches(&mut self) {
        for instrument in dead_man::due(&self.keeper) {
            let keeper = Arc::clone(&self.keeper);
            self.jobs.spawn(async move { Done::Renewed(contained(dead_man::renewed(&keeper, &instrument)).await) });
        }
    }

    fn learn_instruments(&mut self) {
        let newest = Arc::clone(&self.keeper.market.instruments.read());
        if !Arc::ptr_eq(&newest, &self.instruments) {
            self.keeper.change(|state| {
                for instrument in newest.by_pair().values() {
                    state.orders.instrument(instrument);
                    state.positions.instrument(instrument);
                }
            });
            self.instruments = newest;
        }
    }

    /// Opens the private stream once symbols can be translated and requests can be signed.
    fn open_socket(&mut self, now: Instant) {
        let readiness = &self.keeper.market.readiness;
        let prepared = readiness.part_ready(Part::Clock) && readiness.part_ready(Part::Instruments);
        if self.socket.is_some() || !prepared || now < self.open_at {
            return;
        }
        let config = SocketConfig {
            exchange: self.keeper.exchange(),
            proxy: ProxyChoice::default(),
            connects: self.keeper.source.market().connect_pace().clone(),
            clock: self.keeper.market.clock,
        };
        let handler = PrivateHandler::new(Arc::clone(&self.keeper));
        match Socket::spawn(handler, self.keeper.source.private_stream(), config) {
            Ok(socket) => self.socket = Some(socket),
            Err(error) => {
                self.open_at = now + AUTH_RETRY;
                self.keeper.line_down(Line::Stream, &error);
            }
        }
    }

    fn read_what_is_due(&mut self, now: Instant) {
        let our_now = self.keeper.now();
        let (connected, asked, healthy) = self.keeper.look(|state| {
            let contradicted = state.contradicted.is_some_and(|at| our_now.since(at) < POLL_LONG);
            (state.connected, state.windows.asked(), state.stream_is_whole() && !contradicted)
        });
        if connected && asked && self.everything.take_due(now) {
            self.read(Kind::Everything);
        }
        let every = if healthy { POLL_LONG } else { POLL_SHORT };
        let known_before = self.keeper.look(|state| !state.restarted);
        self.poll.due_by(now + every);
        if known_before && !self.everything.running && self.poll.take_due(now) {
            self.read(Kind::Poll);
        }
        let balances_due = self.keeper.look(|state| state.balances.next_read_due());
        if known_before && balances_due.is_some_and(|at| at <= self.keeper.now()) && self.balances.take_due(now) {
            self.read(Kind::Balances);
        }
        if known_before {
            self.read_fees();
            self.read_contracts(now);
            self.prune(now);
        }
    }

    /// What is read besides orders and balances where contracts are traded.
    fn read_contracts(&mut self, now: Instant) {
        if !self.keeper.trades_contracts() {
            return;
        }
        perpetual::expect_fundings(&self.keeper);
        let (positions_due, funding_due) =
            self.keeper.look(|state| (state.positions.next_read_due(), state.payments.next_read_due()));
        if positions_due.is_some_and(|at| at <= self.keeper.now()) && self.positions.take_due(now) {
            self.read(Kind::Positions);
        }
        if funding_due.is_none_or(|at| at <= self.keeper.exchange_now()) && self.funding.take_due(now) {
            self.read(Kind::Funding);
        }
        if !self.settings.backs_off() && perpetual::lacks_settings(&self.keeper) {
            self.settings.due_by(now + POLL_SHORT);
        }
        if self.settings.take_due(now) {
            self.read(Kind::Settings);
        }
    }

    /// Deletes from the journal what has ended long ago; never what may have to be reconciled still.
    fn prune(&mut self, now: Instant) {
        if !self.prune.take_due(now) {
            return;
        }
        let keep = i64::try_from(self.keeper.config.journal_keep.as_nanos()).unwrap_or(i64::MAX);
        let cutoff = Timestamp::from_nanos(self.keeper.exchange_now().as_nanos().saturating_sub(keep));
        let cutoff = cutoff.min(self.keeper.look(|state| state.windows.oldest()));
        let journal = Arc::clone(&self.keeper.config.journal);
        self.jobs.spawn(async move {
            let interrupted = |_| Error::new(ErrorKind::Journal, "deleting old rows was interrupted");
            let pruned = tokio::task::spawn_blocking(move || journal.prune(cutoff)).await;
            Done::Pruned(pruned.map_err(interrupted).and_then(|pruned| pruned))
        });
    }

    fn read(&mut self, kind: Kind) {
        let keeper = Arc::clone(&self.keeper);
        self.jobs.spawn(async move {
            let read = async {
                match kind {
                    Kind::Everything => reconcile::reconcile(&keeper).await,
                    Kind::Poll => reconcile::poll(&keeper).await,
                    Kind::Balances => reconcile::read_balances(&keeper).await,
                    Kind::Positions => perpetual::read_positions(&keeper, Trust::Beside).await,
                    Kind::Settings => perpetual::read_settings(&keeper).await,
                    Kind::Funding => perpetual::read_funding(&keeper, Source::Rest).await,
                }
            };
            Done::Read(kind, contained(read).await)
        });
    }

    /// Wants the commission of the pairs that are followed now.
    fn follow_fees(&self) {
        let followed: BTreeSet<Pair> = self.keeper.market.books.all().iter().map(BookReader::pair).collect();
        self.keeper.change_now(|state, now| state.fees.follow_only(&followed, now));
    }

    fn read_fees(&mut self) {
        let now = self.keeper.now();
        for pair in self.keeper.look(|state| state.fees.due(now)) {
            let Some(instrument) = self.keeper.instrument(&pair) else { continue };
            if self.fees_under_way.insert(pair.clone()) {
                let source = Arc::clone(&self.keeper.source);
                self.jobs.spawn(async move { Done::Fees(pair, contained(source.fees(&instrument)).await) });
            }
        }
    }

    async fn meet_needs(&mut self) {
        loop {
            let room = NEEDS_AT_ONCE.saturating_sub(self.needs_under_way);
            let needs = self.keeper.change_now(|state, now| state.orders.needs(now, room));
            if needs.is_empty() {
                break;
            }
            for need in needs {
                self.begin_to_meet(need).await;
            }
        }
        self.look_up();
    }

    async fn begin_to_meet(&mut self, need: Need) {
        let Some(need) = self.lookup.take(&self.keeper, need) else { return };
        if let Need::DistrustStream { subject } = &need {
            return self.distrust(&format!("it did not tell what became of {}", subject.client_order_id)).await;
        }
        self.needs_under_way += 1;
        let keeper = Arc::clone(&self.keeper);
        self.jobs.spawn(async move {
            needs::meet(keeper, need).await;
            Done::Met
        });
    }

    /// Looks for the orders that wait to be found in lists, unless others are being looked for.
    fn look_up(&mut self) {
        if self.looking {
            return;
        }
        let Some(lookup) = self.lookup.next() else { return };
        self.looking = true;
        let keeper = Arc::clone(&self.keeper);
        self.jobs.spawn(async move { Done::LookedUp(contained(lookup.meet(keeper)).await) });
    }

    async fn distrust(&mut self, why: &str) {
        let Some(socket) = &self.socket else { return };
        self.keeper.change_now(|state, now| {
            state.distrusted = true;
            state.contradicted = Some(now);
        });
        let error = Error::new(ErrorKind::Connection, format!("the private stream is not trusted: {why}"));
        self.keeper.market.problems.report("private stream", &error);
        // A socket whose task has ended is opened anew anyway.
        drop(socket.send(ToPrivate::Distrust(error)).await);
    }

    fn done(&mut self, done: Result<Done, JoinError>) {
        match done {
            Ok(Done::Met) => self.needs_under_way -= 1,
            Ok(Done::LookedUp(result)) => {
                self.looking = false;
                if let Err(error) = result {
                    self.keeper.market.problems.report("order query", &error);
                }
            }
            Ok(Done::Leftover | Done::Renewed(Ok(()))) => {}
            Ok(Done::Renewed(Err(error))) => self.keeper.market.problems.report("dead-man switch", &error),
            Ok(Done::Fees(pair, result)) => self.fees_read(&pair, result),
            Ok(Done::Pruned(result)) => {
                if let Err(error) = &result {
                    self.keeper.market.problems.report("journal", error);
                }
                self.prune.ended(&result.map(drop), PRUNE_EVERY);
            }
            Ok(Done::Read(kind, result)) => {
                if let Err(error) = &result {
                    self.read_failed(kind, error);
                }
                match kind {
                    Kind::Everything => {
                        self.everything.ended(&result, Duration::ZERO);
                        if result.is_ok() {
                            self.credentials_are_good();
                        }
                        self.poll.due = Instant::now() + POLL_LONG;
                        self.settings.due = self.settings.due.max(Instant::now() + POLL_LONG);
                    }
                    Kind::Poll => self.poll.ended(&result, POLL_LONG),
                    Kind::Balances => self.balances.ended(&result, Duration::ZERO),
                    Kind::Positions => self.positions.ended(&result, Duration::ZERO),
                    Kind::Settings => self.settings.ended(&result, POLL_LONG),
                    Kind::Funding => self.funding.ended(&result, Duration::ZERO),
                }
            }
            Err(ended) => tracing::error!(%ended, "a background job ended abnormally"),
        }
    }

    /// What was not asked for because the credentials were refused is asked for.
    fn credentials_are_good(&mut self) {
        let paced = [&mut self.poll, &mut self.balances, &mut self.positions, &mut self.settings, &mut self.funding];
        paced.into_iter().for_each(Paced::accepted);
    }

    fn read_failed(&self, kind: Kind, error: &Error) {
        self.keeper.market.problems.report("account", error);
        if kind == Kind::Everything {
            self.keeper.change(|state| state.windows.ask());
            self.keeper.not_ready(Part::Account, error);
        }
    }

    fn fees_read(&mut self, pair: &Pair, result: Result<FeeRates, Error>) {
        self.fees_under_way.remove(pair);
        let now = self.keeper.now();
        match result {
            Ok(rates) => {
                let symbol = self.keeper.instrument(pair).map(|instrument| Arc::clone(&instrument.symbol));
                self.keeper.change(|state| {
                    state.fees.learnt(pair, rates, now);
                    if let Some(symbol) = symbol {
                        state.orders.fees(&symbol, rates);
                    }
                });
            }
            Err(error) => {
                self.keeper.market.problems.report("fees", &error);
                self.keeper.change(|state| state.fees.failed(pair, now));
            }
        }
    }

    /// Nobody waits for replies any longer. What becomes of their commands is asked for after the next start.
    fn give_up_leftovers(&mut self) {
        self.leftovers.close();
        while self.leftovers.try_recv().is_ok() {}
    }

    /// Ends: in order if asked to, else at once.
    async fn end(&mut self, command: Option<Command>) {
        let keeper = Arc::clone(&self.keeper);
        keeper.change(|state| state.stopping = true);
        if let Some(Command::Stop) = command
            && keeper.config.on_stop == OnStop::Cancel
        {
            let cancelling = cancel_own(&keeper);
            tokio::pin!(cancelling);
            loop {
                tokio::select! {
                    () = &mut cancelling => break,
                    Some(leftover) = self.leftovers.recv() => self.keep(leftover),
                    Some(done) = self.jobs.join_next() => self.done(done),
                    () = tokio::time::sleep(TICK) => self.act().await,
                }
            }
        }
        if let Some(Command::Stop) = command {
            dead_man::switch_off(&keeper).await;
        }
        if let Some(socket) = self.socket.take()
            && let Err(error) = socket.close().await
        {
            tracing::warn!(%error, "the private socket did not close well");
        }
        self.jobs.shutdown().await;
        self.give_up_leftovers();
        keeper.source.close().await;
    }
}

/// Waits until commands can leave, or cannot any longer; returns why.
async fn changed(command_socket: Option<&mut CallWatch>) -> Option<Error> {
    match command_socket {
        Some(socket) => socket.changed().await,
        None => std::future::pending().await,
    }
}

async fn cancel_own(keeper: &Arc<Keeper>) {
    let own: Vec<_> =
        keeper.look(|state| state.orders.own_live().map(|record| record.order.client_order_id.clone()).collect());
    for (id, result) in cancel_each(keeper, own, STOP_CANCEL).await {
        tracing::info!(%id, ?result, "cancelled because the connector stops");
    }
}

impl Drop for Supervisor {
    /// However it ends, readers learn that nothing follows.
    fn drop(&mut self) {
        self.keeper.change(|state| state.stopping = true);
        self.keeper.feed.close();
    }
}
