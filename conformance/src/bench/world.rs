use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tradewire_core::{Addresses, BookState, Decimal, Instrument, Level, Pair};
use tradewire_simulator::{
    Addresses as Served, Config, Fault, Flow, LedgerBook, RequestRecord, Simulator, TraderOrder,
};
use tradewire_tracking::{BookReader, LastKnown, MarketConfig, MarketData, MarketSource};

use super::{Bench, LEAVE, Witness, comes_true, is_gone};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{Wire, WireVersion};

/// Virtual time in which books that nothing hinders must be valid.
pub(crate) const SOON: Duration = Duration::from_secs(30);
/// Virtual time in which a connector must have stopped.
const STOP: Duration = Duration::from_secs(10);

/// What a world is started with.
pub(crate) struct Setup {
    pub(crate) exchange: Config,
    pub(crate) market: MarketConfig,
    pub(crate) pairs: Vec<Pair>,
    /// Faults in force before the connector starts.
    pub(crate) faults: Vec<Fault>,
    /// Whether nobody reads the events.
    pub(crate) unread: bool,
}

impl Setup {
    /// These pairs, in a market where nobody trades by himself, shallow enough to be known whole.
    pub(crate) fn quiet(bench: &Bench, pairs: &[&str]) -> Result<Self, Failed> {
        Self::with(bench, pairs, Flow::Off)
    }

    /// These pairs, traded by seeded background traders.
    pub(crate) fn busy(bench: &Bench, pairs: &[&str]) -> Result<Self, Failed> {
        Self::with(bench, pairs, Flow::Background { rate: 1000 })
    }

    /// These pairs, with or without background traders.
    pub(super) fn with(bench: &Bench, pairs: &[&str], flow: Flow) -> Result<Self, Failed> {
        let config = bench.exchange()?.listing(pairs).map_err(|error| Failed::new("a simulator's pairs", error))?;
        let mut exchange = Config { flow, ..config };
        for listing in &mut exchange.listings {
            listing.opening_depth = listing.opening_depth.min(200);
            listing.history_minutes = listing.history_minutes.min(10);
        }
        let pairs = exchange.listings.iter().map(|listing| pair(&listing.pair())).collect::<Result<_, _>>()?;
        Ok(Self { exchange, market: MarketConfig::default(), pairs, faults: Vec::new(), unread: false })
    }

    /// As many made-up pairs, quiet.
    pub(crate) fn many(bench: &Bench, count: usize) -> Result<Self, Failed> {
        let listings = Config::with_generated_pairs(count).listings;
        let exchange = Config { listings, flow: Flow::Off, ..bench.exchange()? };
        let pairs = exchange.listings.iter().map(|listing| pair(&listing.pair())).collect::<Result<_, _>>()?;
        Ok(Self { exchange, market: MarketConfig::default(), pairs, faults: Vec::new(), unread: false })
    }

    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Follows only the first pairs of those listed.
    pub(crate) fn following(mut self, count: usize) -> Self {
        self.pairs.truncate(count);
        self
    }
}

/// A simulated exchange, and the subject following its market.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) source: Arc<dyn MarketSource>,
    pub(crate) market: MarketData,
    pub(crate) witness: Witness,
    pub(crate) pairs: Vec<Pair>,
    /// Statuses of answers that the row allows besides success and what faults ordered.
    pub(crate) allowed_statuses: Vec<u16>,
    paths: Vec<&'static str>,
    frames_per_second: u64,
    wire: Arc<dyn Wire>,
    stirs: AtomicUsize,
    pub(crate) started: Instant,
}

impl World {
    pub(super) async fn start(bench: &Bench, setup: Setup) -> Result<Self, Failed> {
        let simulator = Simulator::start(setup.exchange).await?;
        for fault in setup.faults {
            simulator.inject(fault)?;
        }
        let source = bench.subject().source(&addresses(simulator.addresses()))?;
        let market = MarketData::start(Arc::clone(&source), setup.market, setup.pairs.clone());
        let witness = if setup.unread { Witness::blind() } else { Witness::of(market.events()) };
        bench.world_started();
        Ok(Self {
            simulator,
            source,
            market,
            witness,
            pairs: setup.pairs,
            allowed_statuses: Vec::new(),
            paths: bench.wire().paths().all().to_vec(),
            frames_per_second: bench.wire().limits().frames_per_second,
            wire: bench.subject().shared_wire(),
            stirs: AtomicUsize::new(0),
            started: Instant::now(),
        })
    }

    /// Waits until everything is ready.
    pub(crate) async fn ready(&self) -> Result<(), Failed> {
        self.ready_within(SOON).await
    }

    pub(crate) async fn ready_within(&self, within: Duration) -> Result<(), Failed> {
        match timeout(within, self.market.ready()).await {
            Ok(ready) => Ok(ready?),
            Err(_) => Err(Failed::new(
                format_args!("readiness within {} s", within.as_secs()),
                format_args!("still waiting: {:?}", self.market.waiting()),
            )),
        }
    }

    pub(crate) fn pair(&self, place: usize) -> &Pair {
        &self.pairs[place]
    }

    pub(crate) fn book(&self, pair: &Pair) -> Result<BookReader, Failed> {
        self.market.book(pair).ok_or_else(|| Failed::new(format_args!("a book of {pair}"), "none"))
    }

    pub(crate) fn instrument(&self, pair: &Pair) -> Result<Arc<Instrument>, Failed> {
        let instrument = self.market.instruments().get(pair).cloned();
        instrument.ok_or_else(|| Failed::new(format_args!("an instrument of {pair}"), "none"))
    }

    /// Lets somebody place an order, and the exchange publish what it did.
    pub(crate) fn trade(&self, pair: &Pair, order: TraderOrder) -> Result<tradewire_simulator::Placement, Failed> {
        let placement = self.simulator.place(pair.as_str(), order)?;
        self.simulator.publish();
        Ok(placement)
    }

    /// The place of a bid away from the best price, another one than that of the last call: where updates have no numbers, a
    /// change that was missed is not to be made good by the next.
    pub(crate) fn next_place(&self) -> usize {
        3 + self.stirs.fetch_add(1, Ordering::Relaxed) % 4
    }

    /// Lets virtual time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        sleep(time).await;
    }

    /// Checks that a valid book holds what the exchange's own book held at the same version.
    pub(crate) fn agrees(&self, pair: &Pair) -> Result<(), Failed> {
        let book = self.book(pair)?;
        let ours = book.snapshot(usize::MAX)?;
        let WireVersion { id, levels } = self.wire.version(ours.update_id, &ours.bids, &ours.asks);
        let Some(theirs) = self.simulator.book_at(pair.as_str(), id) else {
            return Err(Failed::new(format_args!("a version of {pair} that the exchange had"), id));
        };
        let place = |side: &str| format!("{side} of {pair} at {id}");
        same_levels(&ours.bids, &theirs.bids, levels).map_err(|failed| failed.at(place("bids")))?;
        same_levels(&ours.asks, &theirs.asks, levels).map_err(|failed| failed.at(place("asks")))
    }

    /// Whether a client that knows this much of a book has everything that the exchange has published of it.
    fn is_newest(&self, pair: &Pair, known: &LastKnown) -> bool {
        let WireVersion { id, levels } = self.wire.version(known.update_id, &known.bids, &known.asks);
        let same = |book: LedgerBook| {
            let side = |ours, theirs| same_levels(ours, theirs, usize::MAX).is_ok();
            side(&known.bids, &book.bids) && side(&known.asks, &book.asks)
        };
        match levels {
            usize::MAX => self.simulator.is_newest(pair.as_str(), id),
            _ => self.simulator.book(pair.as_str()).is_some_and(same),
        }
    }

    /// Checks that all books that are valid are true.
    pub(crate) fn valid_books_are_true(&self) -> Result<(), Failed> {
        let mut live = self.market.books().into_iter().filter(|book| book.state() == BookState::Live);
        live.try_for_each(|book| self.agrees(&book.pair()))
    }

    /// Waits until a book is valid and has everything that the exchange has published.
    pub(crate) async fn caught_up(&self, pair: &Pair) -> Result<(), Failed> {
        let book = self.book(pair)?;
        self.simulator.publish();
        let caught_up = || book.state() == BookState::Live && self.is_newest(pair, &book.last_known(usize::MAX));
        expect(comes_true(SOON, caught_up).await, format_args!("a book of {pair} that has caught up"), book.state())?;
        self.agrees(pair)
    }

    /// Requests that went to a path, oldest first.
    pub(crate) fn requests(&self, path: &str) -> Vec<RequestRecord> {
        self.simulator.requests().records.into_iter().filter(|record| record.path == path).collect()
    }

    /// Drops the connector without stopping it. The simulator is left to the caller.
    pub(crate) fn drop_connector(self, bench: &Bench) -> Simulator {
        bench.world_ended();
        self.simulator
    }

    /// Stops everything and checks what must hold at the end of every row.
    pub(crate) async fn end(self, bench: &Bench) -> Verdict {
        self.valid_books_are_true()?;
        let Self { simulator, source, market, witness, allowed_statuses, paths, frames_per_second, .. } = self;
        let stopping = Instant::now();
        if timeout(STOP, market.close()).await.is_err() {
            return Err(Failed::new("a stop within 10 s", "the connector still runs"));
        }
        witness.end(LEAVE).await?;
        drop(source);
        let no_socket = is_gone(|| simulator.connections().is_empty()).await;
        expect(no_socket, "no socket left open", format_args!("{:?}", simulator.connections()))?;
        expect(stopping.elapsed() <= STOP, "a stop within 10 s", format_args!("{:?}", stopping.elapsed()))?;
        for request in simulator.requests().records {
            allowed(&request, &paths, &allowed_statuses)?;
        }
        let pace = frames_per_second * 4 / 5;
        expect(
            simulator.frames_in() <= pace,
            format_args!("at most {pace} frames a second from a client"),
            simulator.frames_in(),
        )?;
        simulator.stop().await;
        bench.world_ended();
        Ok(Shown::Works)
    }
}

/// Where a simulator listens, for the subject.
pub(crate) fn addresses(served: &Served) -> Addresses {
    Addresses::own(&served.rest, &served.ws).with_sockets(served.ws_api.clone(), served.ws_private.clone())
}

pub(crate) fn pair(text: &str) -> Result<Pair, Failed> {
    text.parse().map_err(|error| Failed::new("a pair", error))
}

/// A number, for orders of the simulated market.
pub(crate) fn decimal(text: &str) -> Result<tradewire_core::Decimal, Failed> {
    Ok(text.parse::<tradewire_core::Quantity>()?.value())
}

/// Checks our levels against the exchange's. Beyond the depth of its snapshot a book holds only what has changed.
/// Up to so many levels a side.
fn same_levels(ours: &[Level], theirs: &[(Decimal, Decimal)], levels: usize) -> Result<(), Failed> {
    const BEST: usize = 10;
    let mut rest = theirs.iter();
    for level in ours.iter().take(levels) {
        let is_it = |(price, quantity): &(_, _)| *price == level.price.value() && *quantity == level.quantity.value();
        expect(rest.any(is_it), "levels that the exchange has", format_args!("{} × {}", level.price, level.quantity))?;
    }
    let best = |levels: Vec<_>| levels.into_iter().take(BEST).collect::<Vec<_>>();
    equal(
        "the best levels",
        best(theirs.to_vec()),
        best(ours.iter().map(|level| (level.price.value(), level.quantity.value())).collect()),
    )
}

/// Checks that a request is one that a connector for market data may send, and that it was answered well or struck.
fn allowed(request: &RequestRecord, paths: &[&str], statuses: &[u16]) -> Result<(), Failed> {
    let place = format!("{} {}?{}", request.method, request.path, request.query);
    let known = request.method == "GET" && paths.contains(&request.path.as_str());
    expect(known, "reads of the market only", &place)?;
    let good =
        matches!(request.status, 101 | 200..=299) || !request.faults.is_empty() || statuses.contains(&request.status);
    expect(good, format_args!("a good answer to {place}"), format_args!("status {}", request.status))
}
