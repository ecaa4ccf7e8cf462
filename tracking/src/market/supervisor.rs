use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tradewire_core::{
    BestPrices, BookState, Error, ErrorKind, Event, GapReason, Instrument, LastPrice, LastPriceSource, LifeEvent,
    MarketEvent, Pair, Part, Timestamp,
};
use tradewire_transport::{ClockSample, ProxyChoice, Socket, SocketConfig, SocketHandle};

use super::Shared;
use super::handler::{FromSocket, MarketHandler, ToSocket};
use super::poll::Poll;
use crate::capture::CaptureKind;
use crate::reader::{LastSeen, SharedBook};
use crate::{BookReader, DecodeError, InstrumentList, LocalBook, RawSnapshot, Scale};

const CLOCK_INTERVAL: Duration = Duration::from_secs(300);
const STATUS_INTERVAL: Duration = Duration::from_secs(10);
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);
const STATUS_MISSES: u32 = 3;
const RULES_INTERVAL: Duration = Duration::from_secs(30 * 60);
const RULES_GAP: Duration = Duration::from_secs(60);
const RULES_MAX_AGE: Duration = Duration::from_secs(2 * 3600);
const BOOK_PROBE: Duration = Duration::from_secs(5);
const LAST_PRICE_QUIET: Duration = Duration::from_secs(180);
const LAST_PRICE_INTERVAL: Duration = Duration::from_secs(5);
/// Topics on one socket: far under the exchanges' limits, so that a lost connection touches few books.
const STREAMS_PER_SOCKET: usize = 200;
/// Snapshots asked for at the same time; the request limits pace them further.
const SNAPSHOTS_AT_ONCE: usize = 16;
/// How long a pair added while running may take to become valid.
const ADD_TIMEOUT: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(500);

/// What the handle asks for.
#[derive(Debug)]
pub(super) enum Command {
    Add { pair: Pair, reply: oneshot::Sender<Result<BookReader, Error>> },
    Remove { pair: Pair, reply: oneshot::Sender<Result<(), Error>> },
}

/// What a job of the supervisor's has brought.
enum Done {
    Clock(Result<ClockSample, Error>),
    Status(Result<(), Error>),
    Instruments(Result<InstrumentList, Error>),
    Probe(Timestamp, Result<Vec<BestPrices>, Error>),
    LastPrices(Result<Vec<LastPrice>, Error>),
    Snapshot(usize, Arc<Instrument>, Result<RawSnapshot, DecodeError>),
    Added(Pair, Result<BookReader, Error>, oneshot::Sender<Result<BookReader, Error>>),
}

/// The one task that owns the sockets of a connector's market data and does everything that happens by time.
pub(super) struct Supervisor {
    shared: Arc<Shared>,
    /// Pairs to follow once the instruments are known.
    wanted: Vec<Pair>,
    sockets: Vec<OpenSocket>,
    homes: HashMap<Pair, usize>,
    from_sockets: mpsc::Receiver<FromSocket>,
    to_supervisor: mpsc::Sender<FromSocket>,
    jobs: JoinSet<Done>,
    snapshots_running: usize,
    snapshots_waiting: std::collections::VecDeque<(usize, Arc<Instrument>)>,
    clock: Poll,
    status: Poll,
    rules: Poll,
    probe: Poll,
    last_prices: Poll,
    rules_read: Option<Instant>,
    refreshed: BTreeMap<Pair, Instant>,
}

struct OpenSocket {
    handle: SocketHandle<ToSocket>,
    topics: usize,
}

impl Supervisor {
    pub(super) fn new(shared: Arc<Shared>, wanted: Vec<Pair>) -> Self {
        let (to_supervisor, from_sockets) = mpsc::channel(1024);
        for pair in &wanted {
            shared.readiness.book(pair, Some("waiting for the instruments"));
        }
        Self {
            shared,
            wanted,
            sockets: Vec::new(),
            homes: HashMap::new(),
            from_sockets,
            to_supervisor,
            jobs: JoinSet::new(),
            snapshots_running: 0,
            snapshots_waiting: std::collections::VecDeque::new(),
            clock: Poll::every(CLOCK_INTERVAL),
            status: Poll::every(STATUS_INTERVAL),
            rules: Poll::every(RULES_INTERVAL),
            probe: Poll::every(BOOK_PROBE),
            last_prices: Poll::every(LAST_PRICE_INTERVAL),
            rules_read: None,
            refreshed: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => break,
                },
                Some(message) = self.from_sockets.recv() => self.from_socket(message).await,
                Some(done) = self.jobs.join_next() => self.done(done).await,
                _ = ticks.tick() => self.tick().await,
            }
        }
        self.stop().await;
    }

    async fn stop(mut self) {
        self.jobs.shutdown().await;
        let closing = self.sockets.drain(..).map(|socket| socket.handle.close());
        futures_util::future::join_all(closing).await;
        self.shared.feed.publish(Event::Life(LifeEvent::Stopped));
        self.shared.feed.close();
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Add { pair, reply } => self.add(pair, reply).await,
            Command::Remove { pair, reply } => {
                drop(reply.send(self.remove(&pair).await));
            }
        }
    }

    async fn add(&mut self, pair: Pair, reply: oneshot::Sender<Result<BookReader, Error>>) {
        if let Some(book) = self.shared.books.get(&pair) {
            drop(reply.send(Ok(book)));
            return;
        }
        match self.follow(&pair).await {
            Err(error) => drop(reply.send(Err(error))),
            Ok(book) => {
                self.jobs.spawn(async move {
                    let live = timeout(ADD_TIMEOUT, book.live()).await;
                    let answer = match live {
                        Ok(Ok(())) => Ok(book),
                        Ok(Err(_)) => {
                            Err(Error::new(ErrorKind::Exchange, "the subscription was refused").with("pair", &pair))
                        }
                        Err(_) => {
                            Err(Error::new(ErrorKind::Timeout, "the book did not become valid").with("pair", &pair))
                        }
                    };
                    Done::Added(pair, answer, reply)
                });
            }
        }
    }

    async fn remove(&mut self, pair: &Pair) -> Result<(), Error> {
        self.wanted.retain(|wanted| wanted != pair);
        let Some(book) = self.shared.books.remove(pair) else {
            return Err(Error::new(ErrorKind::InvalidRequest, "this pair is not followed").with("pair", pair));
        };
        book.remove();
        self.refreshed.remove(pair);
        self.shared.readiness.book(pair, None);
        if let Some(home) = self.homes.remove(pair) {
            let topics = self.topics(&book.instrument.read()).len();
            let socket = &mut self.sockets[home];
            socket.topics = socket.topics.saturating_sub(topics);
            drop(socket.handle.send(ToSocket::Untrack(pair.clone())).await);
        }
        Ok(())
    }

    /// Begins to follow a pair on a socket that has room for it.
    async fn follow(&mut self, pair: &Pair) -> Result<BookReader, Error> {
        let instrument = self.find(pair)?;
        let now = self.shared.clock.now();
        let book = LocalBook::new(self.shared.source.sequence_rule(), Scale::of(&instrument.rules), now);
        let book = SharedBook::new(book, Arc::clone(&instrument), self.shared.clock);
        let topics = self.topics(&instrument);
        let home = self.socket_with_room(topics.len())?;
        let track = ToSocket::Track { instrument, book: Arc::clone(&book), topics: topics.clone() };
        self.shared.readiness.book(pair, Some("syncing"));
        self.sockets[home].topics += topics.len();
        self.sockets[home].handle.send(track).await?;
        self.homes.insert(pair.clone(), home);
        self.shared.books.insert(pair.clone(), Arc::clone(&book));
        self.refreshed.insert(pair.clone(), Instant::now() + stagger(pair, self.shared.config.refresh_every));
        Ok(BookReader::new(book))
    }

    fn find(&self, pair: &Pair) -> Result<Arc<Instrument>, Error> {
        let instruments = self.shared.instruments.read();
        instruments.get(pair).cloned().ok_or_else(|| unknown_pair(pair, instruments.keys()))
    }

    fn topics(&self, instrument: &Instrument) -> Vec<Arc<str>> {
        self.shared.source.topics(instrument, &self.shared.config.topics)
    }

    fn socket_with_room(&mut self, topics: usize) -> Result<usize, Error> {
        if let Some(home) = self.sockets.iter().position(|socket| socket.topics + topics <= STREAMS_PER_SOCKET) {
            return Ok(home);
        }
        let home = self.sockets.len();
        let handler = MarketHandler::new(home, &self.shared, self.to_supervisor.clone());
        let source = &self.shared.source;
        let config = SocketConfig {
            exchange: source.capabilities().exchange,
            proxy: ProxyChoice::default(),
            connects: source.connect_pace().clone(),
            clock: self.shared.clock,
        };
        let handle = Socket::spawn(handler, source.streams(), config)?;
        self.sockets.push(OpenSocket { handle, topics: 0 });
        Ok(home)
    }

    async fn from_socket(&mut self, message: FromSocket) {
        match message {
            FromSocket::Snapshots(socket, instruments) => {
                self.snapshots_waiting.extend(instruments.into_iter().map(|instrument| (socket, instrument)));
                self.start_snapshots();
            }
            FromSocket::Rules => self.rules.hasten(Instant::now(), RULES_GAP),
            FromSocket::Refused(pair, error) => {
                self.shared.problems.report("subscription", &error);
                drop(self.remove(&pair).await);
            }
        }
    }

    fn start_snapshots(&mut self) {
        while self.snapshots_running < SNAPSHOTS_AT_ONCE
            && let Some((socket, instrument)) = self.snapshots_waiting.pop_front()
        {
            self.snapshots_running += 1;
            self.jobs.spawn(read_snapshot(Arc::clone(&self.shared), socket, instrument));
        }
    }

    async fn done(&mut self, done: Result<Done, tokio::task::JoinError>) {
        let now = Instant::now();
        match done {
            Ok(Done::Clock(result)) => self.clock_read(result, now),
            Ok(Done::Status(result)) => self.status_read(result, now),
            Ok(Done::Instruments(result)) => self.instruments_read(result, now).await,
            Ok(Done::Probe(asked, result)) => self.probed(asked, result, now).await,
            Ok(Done::LastPrices(result)) => self.last_prices_read(result, now),
            Ok(Done::Snapshot(socket, instrument, answer)) => {
                self.snapshots_running -= 1;
                drop(self.sockets[socket].handle.send(ToSocket::Snapshot { instrument, answer }).await);
                self.start_snapshots();
            }
            Ok(Done::Added(pair, answer, reply)) => {
                if answer.is_err() {
                    drop(self.remove(&pair).await);
                }
                drop(reply.send(answer));
            }
            Err(panic) => {
                let error = Error::new(ErrorKind::Decode, "a decoder panicked").with("cause", panic);
                self.shared.problems.report("background job", &error);
            }
        }
    }

    async fn tick(&mut self) {
        let now = Instant::now();
        self.start_polls(now);
        self.judge_age_of_rules(now);
        self.refresh_books(now).await;
    }

    fn start_polls(&mut self, now: Instant) {
        let shared = &self.shared;
        if self.status.take_due(now) {
            let source = Arc::clone(&shared.source);
            self.jobs.spawn(async move { Done::Status(ask_status(&*source).await) });
        }
        if self.status.failures() >= STATUS_MISSES {
            // The exchange is down: nothing else is worth asking before it says that it is back.
            return;
        }
        if self.clock.take_due(now) {
            let source = Arc::clone(&shared.source);
            self.jobs.spawn(async move { Done::Clock(source.time().await) });
        }
        if self.rules.take_due(now) {
            self.jobs.spawn(read_instruments(Arc::clone(shared)));
        }
        let silent = self.silent_pairs();
        if !silent.is_empty() && self.probe.take_due(now) {
            let (source, asked) = (Arc::clone(&shared.source), shared.clock.now());
            self.jobs.spawn(async move { Done::Probe(asked, source.best_prices(&silent).await) });
        }
        let quiet = self.quiet_pairs();
        if !quiet.is_empty() && self.last_prices.take_due(now) {
            let source = Arc::clone(&shared.source);
            self.jobs.spawn(async move { Done::LastPrices(source.last_prices(&quiet).await) });
        }
    }

    /// Pairs whose valid book nothing has confirmed for a while.
    fn silent_pairs(&self) -> Vec<Arc<Instrument>> {
        let books = self.shared.books.all().into_iter();
        let silent = books.filter(|book| {
            let known = book.last_known(0);
            known.state == BookState::Live && known.age >= BOOK_PROBE && book.instrument().tradable()
        });
        silent.map(|book| book.instrument()).collect()
    }

    /// Pairs without a trade for long.
    fn quiet_pairs(&self) -> Vec<Arc<Instrument>> {
        let now = self.shared.clock.now();
        let books = self.shared.books.all().into_iter();
        let quiet = books.filter(|book| now.since(book.quiet_since()) >= LAST_PRICE_QUIET);
        quiet.map(|book| book.instrument()).collect()
    }

    fn clock_read(&mut self, result: Result<ClockSample, Error>, now: Instant) {
        self.clock.ended(result.is_ok(), now);
        match result {
            Ok(sample) => {
                self.shared.source.server_clock().add(sample);
                self.shared.readiness.ready(Part::Clock);
            }
            Err(error) => self.poll_failed(
                "clock",
                Part::Clock,
                &error,
                self.shared.source.server_clock().offset_nanos().is_none(),
            ),
        }
    }

    fn status_read(&mut self, result: Result<(), Error>, now: Instant) {
        let misses = self.status.ended(result.is_ok(), now);
        match result {
            Ok(()) => self.shared.readiness.ready(Part::Exchange),
            Err(error) => {
                let down = misses >= STATUS_MISSES || !self.shared.readiness.part_ready(Part::Exchange);
                self.poll_failed("status", Part::Exchange, &error, down || error.kind() == ErrorKind::Banned);
            }
        }
    }

    fn poll_failed(&self, place: &'static str, part: Part, error: &Error, revoke: bool) {
        self.shared.problems.report(place, error);
        if revoke {
            self.shared.readiness.not_ready(part, &error.to_string());
        }
    }

    async fn instruments_read(&mut self, result: Result<InstrumentList, Error>, now: Instant) {
        self.rules.ended(result.is_ok(), now);
        let list = match result {
            Ok(list) => list,
            Err(error) => return self.poll_failed("instruments", Part::Instruments, &error, self.rules_read.is_none()),
        };
        for problem in list.unreadable.iter().chain(&list.problems) {
            self.shared.problems.report("instruments", problem);
        }
        let instruments =
            list.instruments.into_iter().map(|instrument| (instrument.pair.clone(), Arc::new(instrument)));
        let instruments: Arc<BTreeMap<Pair, Arc<Instrument>>> = Arc::new(instruments.collect());
        *self.shared.instruments.write() = Arc::clone(&instruments);
        self.rules_read = Some(now);
        self.shared.readiness.ready(Part::Instruments);
        self.tell_sockets(&instruments).await;
        self.follow_wanted().await;
    }

    /// Gives every socket the rules of its pairs, as they are now.
    async fn tell_sockets(&self, instruments: &BTreeMap<Pair, Arc<Instrument>>) {
        for (pair, home) in &self.homes {
            if let Some(instrument) = instruments.get(pair) {
                drop(self.sockets[*home].handle.send(ToSocket::Instrument(Arc::clone(instrument))).await);
            }
        }
    }

    async fn follow_wanted(&mut self) {
        for pair in std::mem::take(&mut self.wanted) {
            if let Err(error) = self.follow(&pair).await {
                self.shared.readiness.book(&pair, Some("not listed"));
                self.shared.readiness.fail(&error);
            }
        }
        self.shared.readiness.books();
    }

    fn judge_age_of_rules(&self, now: Instant) {
        if self.rules_read.is_some_and(|read| now.duration_since(read) > RULES_MAX_AGE) {
            self.shared.readiness.not_ready(Part::Instruments, "the rules have not been read for two hours");
        }
    }

    async fn probed(&mut self, asked: Timestamp, result: Result<Vec<BestPrices>, Error>, now: Instant) {
        self.probe.ended(result.is_ok(), now);
        let all = match result {
            Ok(all) => all,
            Err(error) => return self.shared.problems.report("best prices", &error),
        };
        for best in all {
            if let Some(home) = self.homes.get(&best.pair) {
                drop(self.sockets[*home].handle.send(ToSocket::Compare { best, asked }).await);
            }
        }
    }

    fn last_prices_read(&mut self, result: Result<Vec<LastPrice>, Error>, now: Instant) {
        self.last_prices.ended(result.is_ok(), now);
        let prices = match result {
            Ok(prices) => prices,
            Err(error) => return self.shared.problems.report("last prices", &error),
        };
        for last in prices {
            let Some(book) = self.shared.books.get(&last.pair) else { continue };
            let seen = LastSeen {
                price: last.price,
                time: last.time,
                source: LastPriceSource::Rest,
                at: self.shared.clock.now(),
            };
            book.note_last_price(seen);
            self.shared.feed.publish(Event::Market(MarketEvent::LastPrice(last)));
        }
    }

    /// Has books checked against new snapshots when their time has come, or early when little of them is known.
    async fn refresh_books(&mut self, now: Instant) {
        let every = self.shared.config.refresh_every;
        let depth = self.shared.config.snapshot_depth as usize;
        let due = self.refreshed.iter().filter(|(pair, at)| {
            **at <= now
                || self
                    .shared
                    .books
                    .get(pair)
                    .is_some_and(|book| book.known_is_thin(depth) && now + every - **at > RULES_GAP)
        });
        let due: Vec<Pair> = due.map(|(pair, _)| pair.clone()).collect();
        for pair in due {
            if let Some(home) = self.homes.get(&pair) {
                drop(self.sockets[*home].handle.send(ToSocket::Refresh(pair.clone())).await);
            }
            self.refreshed.insert(pair, now + every);
        }
    }
}

async fn ask_status(source: &dyn crate::MarketSource) -> Result<(), Error> {
    let late = |_| Error::new(ErrorKind::Timeout, "the exchange did not say that it is up");
    timeout(STATUS_TIMEOUT, source.status()).await.map_err(late)?
}

async fn read_instruments(shared: Arc<Shared>) -> Done {
    let read = async {
        let answer = shared.source.instruments().await?;
        if let Some(recorder) = &shared.config.recorder {
            recorder.record(CaptureKind::Rest, 0, &answer.url, &answer.body, shared.clock.now());
        }
        shared.source.decode_instruments(&answer.body)
    };
    Done::Instruments(read.await)
}

async fn read_snapshot(shared: Arc<Shared>, socket: usize, instrument: Arc<Instrument>) -> Done {
    let read = async {
        let failed = |error| DecodeError { slot: None, reason: GapReason::Reconnect, error };
        let answer = shared.source.snapshot(&instrument, shared.config.snapshot_depth).await.map_err(failed)?;
        if let Some(recorder) = &shared.config.recorder {
            recorder.record(CaptureKind::Rest, 0, &answer.url, &answer.body, shared.clock.now());
        }
        shared.source.decode_snapshot(&answer.body, Scale::of(&instrument.rules))
    };
    let answer = read.await;
    Done::Snapshot(socket, instrument, answer)
}

fn unknown_pair<'a>(pair: &Pair, known: impl Iterator<Item = &'a Pair>) -> Error {
    let nearest = known.min_by_key(|candidate| distance(candidate.as_str(), pair.as_str()));
    let error = Error::new(ErrorKind::UnknownInstrument, "the exchange does not list this pair").with("pair", pair);
    match nearest {
        Some(nearest) => error.with("nearest", nearest),
        None => error,
    }
}

/// A moment within `every` that differs from pair to pair, so that not all books are checked at once.
fn stagger(pair: &Pair, every: Duration) -> Duration {
    let hash = pair.as_str().bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    every / 2 + every.mul_f64(f64::from(hash % 1000) / 2000.0)
}

/// How many letters must be changed, added or taken away to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
