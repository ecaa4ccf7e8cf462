use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tradewire_core::{
    BestPrices, BookState, Error, ErrorKind, Event, FundingRate, Instrument, InstrumentStatus, LastPrice,
    LastPriceSource, LifeEvent, MarketEvent, Pair, Part, Timestamp,
};
use tradewire_transport::{ClockSample, Placement, ProxyChoice, Route, Socket, SocketConfig, SocketHandle};

use super::handler::{FromSocket, MarketHandler, ToSocket};
use super::jobs::{self, Done};
use super::poll::Poll;
use super::{Instruments, Shared};
use crate::reader::{LastSeen, SharedBook};
use crate::shard::SnapshotAsk;
use crate::{BookReader, InstrumentList, LocalBook, Scale};

const CLOCK_INTERVAL: Duration = Duration::from_secs(300);
const STATUS_INTERVAL: Duration = Duration::from_secs(10);
const STATUS_MISSES: u32 = 3;
const RULES_INTERVAL: Duration = Duration::from_secs(30 * 60);
const RULES_GAP: Duration = Duration::from_secs(60);
const RULES_MAX_AGE: Duration = Duration::from_secs(2 * 3600);
const BOOK_PROBE: Duration = Duration::from_secs(5);
const LAST_PRICE_QUIET: Duration = Duration::from_secs(180);
const LAST_PRICE_INTERVAL: Duration = Duration::from_secs(5);
/// How often books are looked through for those of which little is known any longer.
const THINNESS_INTERVAL: Duration = Duration::from_secs(60);
/// Snapshots asked for at the same time; the request limits pace them further.
const SNAPSHOTS_AT_ONCE: usize = 16;
/// Pause before mark prices and funding that are not known are asked for again.
const FUNDING_RETRY: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(500);

/// Where the answer to an [`Command::Add`] goes.
type AddReply = oneshot::Sender<Result<BookReader, Error>>;

/// What the handle asks for.
#[derive(Debug)]
pub(super) enum Command {
    Add { pair: Pair, reply: AddReply },
    Remove { pair: Pair, reply: oneshot::Sender<Result<(), Error>> },
}

/// The one task that owns the sockets of a connector's market data and does everything that happens by time.
pub(super) struct Supervisor {
    shared: Arc<Shared>,
    /// Pairs to follow once the instruments are known, or once they are listed.
    wanted: BTreeSet<Pair>,
    /// Callers who wait for a pair to become valid, or for the instruments.
    adding: Vec<(Pair, AddReply)>,
    sockets: Vec<SocketHandle<ToSocket>>,
    placement: Placement,
    /// The sockets of each pair, that of its book first.
    homes: HashMap<Pair, Vec<Home>>,
    from_sockets: mpsc::Receiver<FromSocket>,
    to_supervisor: mpsc::Sender<FromSocket>,
    jobs: JoinSet<Done>,
    snapshots_running: usize,
    snapshots_waiting: VecDeque<(usize, SnapshotAsk)>,
    polls: Polls,
    rules_read: Option<Instant>,
    /// When each book is to be checked against a new snapshot.
    refresh_at: BTreeMap<Pair, Instant>,
}

/// A socket that carries topics of a pair.
#[derive(Clone, Copy, Debug)]
struct Home {
    socket: usize,
    topics: usize,
}

/// What is asked for at intervals.
struct Polls {
    clock: Poll,
    status: Poll,
    rules: Poll,
    probe: Poll,
    last_prices: Poll,
    /// Of contracts whose mark price is not known yet; the stream goes on with them.
    funding: Poll,
    thinness: Poll,
}

impl Supervisor {
    pub(super) fn new(shared: Arc<Shared>, wanted: BTreeSet<Pair>) -> Self {
        let (to_supervisor, from_sockets) = mpsc::channel(1024);
        for pair in &wanted {
            shared.readiness.book(pair, Some("waiting for the instruments"));
        }
        Self {
            shared,
            wanted,
            adding: Vec::new(),
            sockets: Vec::new(),
            placement: Placement::default(),
            homes: HashMap::new(),
            from_sockets,
            to_supervisor,
            jobs: JoinSet::new(),
            snapshots_running: 0,
            snapshots_waiting: VecDeque::new(),
            polls: Polls {
                clock: Poll::retried(CLOCK_INTERVAL),
                status: Poll::steady(STATUS_INTERVAL),
                rules: Poll::retried(RULES_INTERVAL),
                probe: Poll::steady(BOOK_PROBE),
                last_prices: Poll::backing_off(LAST_PRICE_INTERVAL),
                funding: Poll::backing_off(FUNDING_RETRY),
                thinness: Poll::steady(THINNESS_INTERVAL),
            },
            rules_read: None,
            refresh_at: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let shared = Arc::clone(&self.shared);
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => break,
                },
                Some(message) = self.from_sockets.recv() => self.serve_socket(message).await,
                Some(done) = self.jobs.join_next() => self.done(done).await,
                () = shared.rules_doubted.notified() => self.polls.rules.hasten(Instant::now(), RULES_GAP),
                _ = ticks.tick() => self.tick().await,
            }
        }
        self.stop().await;
    }

    async fn stop(mut self) {
        self.jobs.shutdown().await;
        let closing = self.sockets.drain(..).map(SocketHandle::close);
        for error in futures_util::future::join_all(closing).await.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "a market socket did not close well");
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Add { pair, reply } => self.add(pair, reply).await,
            Command::Remove { pair, reply } => {
                drop(reply.send(self.remove(&pair).await));
            }
        }
    }

    async fn add(&mut self, pair: Pair, reply: AddReply) {
        if self.rules_read.is_none() {
            self.shared.readiness.book(&pair, Some("waiting for the instruments"));
            self.wanted.insert(pair.clone());
            return self.adding.push((pair, reply));
        }
        match self.follow(&pair).await {
            Err(error) => drop(reply.send(Err(error))),
            Ok(book) => {
                self.jobs.spawn(jobs::wait_until_live(book, pair.clone()));
                self.adding.push((pair, reply));
            }
        }
    }

    /// A pair that was added is valid, or has failed: then nothing of it remains.
    async fn added(&mut self, book: &BookReader, answer: Result<(), Error>) {
        let pair = book.pair();
        let current = self.shared.books.get(&pair).is_some_and(|followed| followed.is(book));
        if current && answer.is_err() {
            drop(self.remove(&pair).await);
        }
        let mut answer = Some(answer);
        for (_, reply) in self.adding.extract_if(.., |(waiting, _)| *waiting == pair) {
            let again = || Err(Error::new(ErrorKind::Exchange, "the pair was removed").with("pair", &pair));
            let answer = answer.take().unwrap_or_else(|| if current { Ok(()) } else { again() });
            drop(reply.send(answer.map(|()| book.clone())));
        }
    }

    async fn remove(&mut self, pair: &Pair) -> Result<(), Error> {
        let was_wanted = self.wanted.remove(pair);
        self.shared.readiness.possible(pair);
        self.shared.readiness.book(pair, None);
        let Some(book) = self.shared.books.remove(pair) else {
            let unknown = Error::new(ErrorKind::InvalidRequest, "this pair is not followed").with("pair", pair);
            return if was_wanted { Ok(()) } else { Err(unknown) };
        };
        book.remove();
        self.refresh_at.remove(pair);
        let homes = self.homes.remove(pair).unwrap_or_default();
        self.leave(pair, homes).await;
        Ok(())
    }

    /// Takes a pair off its sockets.
    async fn leave(&mut self, pair: &Pair, homes: Vec<Home>) {
        for home in homes {
            self.placement.free(home.socket, home.topics);
            drop(self.sockets[home.socket].send(ToSocket::Untrack(pair.clone())).await);
        }
    }

    /// Begins to follow a pair on a socket that has room for it; a pair that is followed already stays as it is.
    async fn follow(&mut self, pair: &Pair) -> Result<BookReader, Error> {
        if let Some(book) = self.shared.books.get(pair) {
            return Ok(book);
        }
        let instrument = self.find(pair)?;
        let now = self.shared.clock.now();
        let book = LocalBook::of(&*self.shared.source, Scale::of(&instrument.rules), now);
        let book = SharedBook::new(book, Arc::clone(&instrument), self.shared.clock);
        let mut homes = Vec::new();
        for (route, topics) in self.topics(&instrument) {
            let home = Home { socket: self.place(route, topics.len())?, topics: topics.len() };
            homes.push(home);
            let track = ToSocket::Track { instrument: Arc::clone(&instrument), book: Arc::clone(&book), topics };
            if let Err(error) = self.sockets[home.socket].send(track).await {
                self.leave(pair, homes).await;
                return Err(error);
            }
        }
        self.shared.readiness.book(pair, Some("syncing"));
        self.homes.insert(pair.clone(), homes);
        self.shared.books.insert(pair.clone(), Arc::clone(&book));
        self.refresh_at.insert(pair.clone(), Instant::now() + stagger(pair, self.shared.config.refresh_every));
        Ok(BookReader::new(book))
    }

    fn find(&self, pair: &Pair) -> Result<Arc<Instrument>, Error> {
        let instruments = self.shared.instruments.read();
        instruments.get(pair).cloned().ok_or_else(|| unknown_pair(pair, instruments.by_pair().keys()))
    }

    /// The socket that carries the book of a pair.
    fn book_home(&self, pair: &Pair) -> Option<usize> {
        self.homes.get(pair)?.first().map(|home| home.socket)
    }

    /// The topics of an instrument by route.
    fn topics(&self, instrument: &Instrument) -> BTreeMap<Route, Vec<Arc<str>>> {
        let source = &self.shared.source;
        let mut by_route: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for topic in source.topics(instrument, &self.shared.config.topics) {
            by_route.entry(source.route(&topic)).or_default().push(topic);
        }
        by_route
    }

    /// The socket for so many topics of a route: one that has room, or a new one.
    fn place(&mut self, route: Route, topics: usize) -> Result<usize, Error> {
        let home = self.placement.place(route, topics);
        if home == self.sockets.len() {
            let handler = MarketHandler::new(home, route, &self.shared, self.to_supervisor.clone());
            let source = &self.shared.source;
            let config = SocketConfig {
                exchange: source.capabilities().exchange,
                proxy: ProxyChoice::default(),
                connects: source.connect_pace().clone(),
                clock: self.shared.clock,
            };
            self.sockets.push(Socket::spawn(handler, source.streams(route), config)?);
        }
        Ok(home)
    }

    async fn serve_socket(&mut self, message: FromSocket) {
        match message {
            FromSocket::Snapshots(socket, asks) => {
                self.snapshots_waiting.extend(asks.into_iter().map(|ask| (socket, ask)));
                self.start_snapshots();
            }
            FromSocket::Rules => self.polls.rules.hasten(Instant::now(), RULES_GAP),
            FromSocket::Refused(pair, error) => {
                self.shared.problems.report("subscription", &error);
                drop(self.remove(&pair).await);
            }
        }
    }

    fn start_snapshots(&mut self) {
        while self.snapshots_running < SNAPSHOTS_AT_ONCE
            && let Some((socket, ask)) = self.snapshots_waiting.pop_front()
        {
            self.snapshots_running += 1;
            self.jobs.spawn(jobs::read_snapshot(Arc::clone(&self.shared), socket, ask));
        }
    }

    async fn done(&mut self, done: Result<Done, tokio::task::JoinError>) {
        let now = Instant::now();
        match done {
            Ok(Done::Clock(result)) => self.clock_read(result, now),
            Ok(Done::Status(result)) => self.status_read(result, now),
            Ok(Done::Instruments(result)) => self.instruments_read(result, now).await,
            Ok(Done::Probe(asked, result)) => self.probed(asked, result, now).await,
            Ok(Done::LastPrices(asked, result)) => self.last_prices_read(asked, result, now),
            Ok(Done::Funding(rates)) => self.funding_read(rates, now),
            Ok(Done::Snapshot(socket, ask, answer)) => {
                self.snapshots_running -= 1;
                drop(self.sockets[socket].send(ToSocket::Snapshot { ask, answer }).await);
                self.start_snapshots();
            }
            Ok(Done::Added(book, answer)) => self.added(&book, answer).await,
            Err(ended) => tracing::error!(%ended, "a background job ended abnormally"),
        }
    }

    async fn tick(&mut self) {
        let now = Instant::now();
        self.start_polls(now);
        self.judge_age_of_rules(now);
        self.refresh_books(now).await;
    }

    fn start_polls(&mut self, now: Instant) {
        let (shared, polls) = (&self.shared, &mut self.polls);
        if polls.status.take_due(now) {
            self.jobs.spawn(jobs::ask_status(Arc::clone(&shared.source)));
        }
        if polls.status.failures() >= STATUS_MISSES {
            // The exchange is down: nothing else is worth asking before it says that it is back.
            return;
        }
        if polls.clock.take_due(now) {
            self.jobs.spawn(jobs::read_clock(Arc::clone(&shared.source)));
        }
        if polls.rules.take_due(now) {
            self.jobs.spawn(jobs::read_instruments(Arc::clone(shared)));
        }
        let silent = silent_pairs(shared);
        if !silent.is_empty() && polls.probe.take_due(now) {
            self.jobs.spawn(jobs::read_best_prices(Arc::clone(shared), silent));
        }
        let quiet = quiet_pairs(shared);
        if !quiet.is_empty() && polls.last_prices.take_due(now) {
            self.jobs.spawn(jobs::read_last_prices(Arc::clone(shared), quiet));
        }
        let unpriced = unpriced_pairs(shared);
        if !unpriced.is_empty() && polls.funding.take_due(now) {
            self.jobs.spawn(jobs::read_funding(Arc::clone(shared), unpriced));
        }
    }

    fn clock_read(&mut self, result: Result<ClockSample, Error>, now: Instant) {
        self.polls.clock.ended(result.is_ok(), now);
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
        let misses = self.polls.status.ended(result.is_ok(), now);
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
        self.polls.rules.ended(result.is_ok(), now);
        let list = match result {
            Ok(list) => list,
            Err(error) => return self.poll_failed("instruments", Part::Instruments, &error, self.rules_read.is_none()),
        };
        for problem in list.unreadable.iter().chain(&list.problems) {
            self.shared.problems.report("instruments", problem);
        }
        let listed = list.instruments.into_iter().map(|instrument| (instrument.pair.clone(), Arc::new(instrument)));
        let before = Arc::clone(&self.shared.instruments.read());
        let instruments = Arc::new(Instruments::new(with_those_that_vanished(listed.collect(), before.by_pair())));
        *self.shared.instruments.write() = Arc::clone(&instruments);
        self.rules_read = Some(now);
        self.shared.readiness.ready(Part::Instruments);
        self.tell_sockets(&instruments).await;
        self.follow_wanted().await;
    }

    /// Gives every socket the rules of its pairs, as they are now.
    async fn tell_sockets(&self, instruments: &Instruments) {
        for (pair, homes) in &self.homes {
            let Some(instrument) = instruments.get(pair) else { continue };
            for home in homes {
                drop(self.sockets[home.socket].send(ToSocket::Instrument(Arc::clone(instrument))).await);
            }
        }
    }

    async fn follow_wanted(&mut self) {
        for pair in std::mem::take(&mut self.wanted) {
            match self.follow(&pair).await {
                Ok(book) => {
                    self.shared.readiness.possible(&pair);
                    if self.adding.iter().any(|(waiting, _)| *waiting == pair) {
                        self.jobs.spawn(jobs::wait_until_live(book, pair));
                    }
                }
                Err(error) => self.not_followed(pair, error),
            }
        }
        self.shared.readiness.books();
    }

    /// A wanted pair cannot be followed now. It stays wanted, unless a caller waits for it and takes the error.
    fn not_followed(&mut self, pair: Pair, error: Error) {
        let waiting = self.adding.iter().position(|(waiting, _)| *waiting == pair);
        if let Some(waiting) = waiting {
            self.shared.readiness.book(&pair, None);
            let (_, reply) = self.adding.swap_remove(waiting);
            drop(reply.send(Err(error)));
        } else {
            self.shared.readiness.book(&pair, Some("not to be followed"));
            self.shared.readiness.impossible(&pair, &error);
            self.wanted.insert(pair);
        }
    }

    fn judge_age_of_rules(&self, now: Instant) {
        if self.rules_read.is_some_and(|read| now.duration_since(read) > RULES_MAX_AGE) {
            self.shared.readiness.not_ready(Part::Instruments, "the rules have not been read for two hours");
        }
    }

    async fn probed(&mut self, asked: Timestamp, result: Result<Vec<BestPrices>, Error>, now: Instant) {
        self.polls.probe.ended(result.is_ok(), now);
        let all = match result {
            Ok(all) => all,
            Err(error) => return self.shared.problems.report("best prices", &error),
        };
        for best in all {
            if let Some(home) = self.book_home(&best.pair) {
                drop(self.sockets[home].send(ToSocket::Compare { best, asked }).await);
            }
        }
    }

    fn last_prices_read(&mut self, asked: Timestamp, result: Result<Vec<LastPrice>, Error>, now: Instant) {
        self.polls.last_prices.ended(result.is_ok(), now);
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
            book.note_last_price(seen, asked);
            self.shared.feed.publish(Event::Market(MarketEvent::LastPrice(last)));
        }
    }

    fn funding_read(&mut self, rates: Vec<Result<FundingRate, Error>>, now: Instant) {
        self.polls.funding.ended(rates.iter().all(Result::is_ok), now);
        for rate in rates {
            match rate {
                Ok(rate) => {
                    let known = self.shared.books.get(&rate.pair).and_then(|book| book.note_funding(&rate));
                    if let Some(known) = known {
                        self.shared.feed.publish(Event::Market(MarketEvent::FundingRate(known)));
                    }
                }
                Err(error) => self.shared.problems.report("funding rates", &error),
            }
        }
    }

    /// Has books checked against new snapshots when their time has come, or early when little of them is known.
    async fn refresh_books(&mut self, now: Instant) {
        let (books, depth) = (&self.shared.books, self.shared.snapshot_depth as usize);
        let look = self.polls.thinness.take_due(now);
        if look {
            self.polls.thinness.ended(true, now);
        }
        let thin = |pair: &Pair| look && books.get(pair).is_some_and(|book| book.known_is_thin(depth));
        let due: Vec<Pair> = self
            .refresh_at
            .iter()
            .filter(|(pair, at)| **at <= now || thin(pair))
            .map(|(pair, _)| pair.clone())
            .collect();
        for pair in due {
            if let Some(home) = self.book_home(&pair) {
                drop(self.sockets[home].send(ToSocket::Refresh(pair.clone())).await);
            }
            self.refresh_at.insert(pair, now + self.shared.config.refresh_every);
        }
    }
}

impl Drop for Supervisor {
    /// However it ends, no reader gets an old price from a book that nobody keeps any longer.
    fn drop(&mut self) {
        self.shared.books.end_all();
        self.shared.feed.publish(Event::Life(LifeEvent::Stopped));
        self.shared.feed.close();
    }
}

/// The instruments as they are listed now. One that is not listed any longer is halted: there may be orders of it.
fn with_those_that_vanished(
    mut listed: BTreeMap<Pair, Arc<Instrument>>,
    known: &BTreeMap<Pair, Arc<Instrument>>,
) -> BTreeMap<Pair, Arc<Instrument>> {
    for (pair, known) in known {
        listed.entry(pair.clone()).or_insert_with(|| {
            let status = InstrumentStatus::Halted("not listed any longer".to_owned());
            Arc::new(Instrument { status, ..Instrument::clone(known) })
        });
    }
    listed
}

/// Pairs whose valid book nothing has confirmed for a while.
fn silent_pairs(shared: &Shared) -> Vec<Arc<Instrument>> {
    let silent = shared.books.all().into_iter().filter(|book| {
        let known = book.last_known(0);
        known.state == BookState::Live && known.age >= BOOK_PROBE && book.instrument().tradable()
    });
    silent.map(|book| book.instrument()).collect()
}

/// Tradable pairs without a trade for long.
fn quiet_pairs(shared: &Shared) -> Vec<Arc<Instrument>> {
    let now = shared.clock.now();
    let books = shared.books.all().into_iter();
    let quiet = books.filter(|book| now.since(book.quiet_since()) >= LAST_PRICE_QUIET && book.instrument().tradable());
    quiet.map(|book| book.instrument()).collect()
}

/// Contracts whose mark price and funding have not been read yet.
fn unpriced_pairs(shared: &Shared) -> Vec<Arc<Instrument>> {
    let books = shared.books.all().into_iter();
    let unpriced = books.filter(|book| book.instrument().contract.is_some() && !book.funding_is_read());
    unpriced.map(|book| book.instrument()).collect()
}

fn unknown_pair<'a>(pair: &Pair, known: impl Iterator<Item = &'a Pair>) -> Error {
    let upper = pair.as_str().to_uppercase();
    let nearest = known.min_by_key(|candidate| distance(&candidate.as_str().to_uppercase(), &upper));
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
