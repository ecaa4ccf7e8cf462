use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rust_decimal::Decimal;
use serde::Serialize;
use tokio::sync::watch;
use tradewire_core::{
    BookSnapshot, BookState, FundingRate, GapReason, Instrument, LastPrice, LastPriceSource, Level, Pair, Price,
    Quantity, QueryError, Side, Timestamp,
};
use tradewire_transport::Clock;

use crate::query::Depth;
use crate::{BookCounters, FundingChange, LocalBook, OrderBook};

/// A book shared between the task that writes it and any number of readers.
#[derive(Debug)]
pub(crate) struct SharedBook {
    pub(crate) book: Mutex<LocalBook>,
    pub(crate) instrument: RwLock<Arc<Instrument>>,
    last: Mutex<Option<LastSeen>>,
    funding: Mutex<FundingChange>,
    /// Whether mark price and funding have been read by REST: a stream may leave some of it out.
    funding_read: std::sync::atomic::AtomicBool,
    state: watch::Sender<BookState>,
    removed: std::sync::atomic::AtomicBool,
    clock: Clock,
    created: Timestamp,
}

impl SharedBook {
    pub(crate) fn new(book: LocalBook, instrument: Arc<Instrument>, clock: Clock) -> Arc<Self> {
        let (state, _) = watch::channel(book.state());
        let removed = std::sync::atomic::AtomicBool::new(false);
        let (last, funding) = (Mutex::new(None), Mutex::default());
        Arc::new(Self {
            book: Mutex::new(book),
            instrument: RwLock::new(instrument),
            last,
            funding,
            funding_read: std::sync::atomic::AtomicBool::new(false),
            state,
            removed,
            clock,
            created: clock.now(),
        })
    }

    pub(crate) fn set_last(&self, seen: LastSeen) {
        *self.last.lock() = Some(seen);
    }

    pub(crate) fn last(&self) -> Option<LastSeen> {
        *self.last.lock()
    }

    /// Takes in what is told of funding, and answers all that is known then. What is older than that only adds what is not
    /// known; `None` if it adds nothing.
    pub(crate) fn merge_funding(&self, change: &FundingChange) -> Option<FundingRate> {
        let mut known = self.funding.lock();
        if change.time < known.time {
            let filled = change.changed_by(&known);
            if filled == *known {
                return None;
            }
            *known = filled;
        } else {
            *known = known.changed_by(change);
        }
        known.whole(&self.instrument.read().pair)
    }

    fn funding(&self) -> Option<FundingRate> {
        self.funding.lock().whole(&self.instrument.read().pair)
    }

    /// Tells waiting readers the state that the book has now.
    pub(crate) fn tell(&self, now: BookState) {
        self.state.send_if_modified(|state| std::mem::replace(state, now) != now);
    }

    /// Ends the book: no reader gets a price from it any more.
    pub(crate) fn remove(&self) {
        self.removed.store(true, std::sync::atomic::Ordering::Release);
        self.book.lock().lose(GapReason::Removed, self.clock.now());
        self.state.send_modify(|_| {});
    }

    fn is_removed(&self) -> bool {
        self.removed.load(std::sync::atomic::Ordering::Acquire)
    }
}

/// The newest price of a pair, and when it was learnt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastSeen {
    pub(crate) price: Price,
    pub(crate) time: Option<Timestamp>,
    pub(crate) source: LastPriceSource,
    pub(crate) at: Timestamp,
}

/// The books of a connector by pair.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books(Arc<RwLock<HashMap<Pair, Arc<SharedBook>>>>);

impl Books {
    pub(crate) fn get(&self, pair: &Pair) -> Option<BookReader> {
        self.0.read().get(pair).cloned().map(BookReader::new)
    }

    pub(crate) fn insert(&self, pair: Pair, book: Arc<SharedBook>) {
        self.0.write().insert(pair, book);
    }

    pub(crate) fn remove(&self, pair: &Pair) -> Option<Arc<SharedBook>> {
        self.0.write().remove(pair)
    }

    /// Ends all books: no reader gets a price from them any more.
    pub(crate) fn end_all(&self) {
        self.0.read().values().for_each(|book| book.remove());
    }

    pub(crate) fn all(&self) -> Vec<BookReader> {
        let mut all: Vec<_> = self.0.read().values().cloned().map(BookReader::new).collect();
        all.sort_by_cached_key(BookReader::pair);
        all
    }
}

/// An answer and the version of the book that all parts of it come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Versioned<T> {
    /// The answer.
    pub value: T,
    /// The exchange's id of the version; counted here where its messages have no number.
    pub update_id: u64,
    /// The exchange's checksum of the version, where it has told one.
    pub checksum: Option<u32>,
    /// How long ago the book was last confirmed.
    pub age: Duration,
}

/// A handle to one live book. Cheap to clone; usable from any thread.
///
/// Every query answers from one version, and answers [`QueryError::NotValid`] instead of an old price while the book
/// cannot be trusted. A query holds the writer up for no longer than a walk over the levels that it needs.
#[derive(Clone, Debug)]
pub struct BookReader(Arc<SharedBook>);

impl BookReader {
    pub(crate) fn new(shared: Arc<SharedBook>) -> Self {
        Self(shared)
    }

    /// The pair.
    pub fn pair(&self) -> Pair {
        self.0.instrument.read().pair.clone()
    }

    /// The instrument and its rules, as last read.
    pub fn instrument(&self) -> Arc<Instrument> {
        Arc::clone(&self.0.instrument.read())
    }

    /// The price of the newest trade known: from the stream, or read by REST while that is quiet.
    pub fn last_price(&self) -> Option<LastPrice> {
        let seen = self.0.last()?;
        Some(LastPrice { pair: self.pair(), price: seen.price, time: seen.time, source: seen.source })
    }

    /// Mark price, index price and funding of a contract, as last told; `None` until they are known.
    pub fn funding(&self) -> Option<FundingRate> {
        self.0.funding()
    }

    /// Whether mark price and funding have been read by REST.
    pub(crate) fn funding_is_read(&self) -> bool {
        self.0.funding_read.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Notes what was read by REST of mark price and funding, as far as the stream has not brought something newer; answers
    /// all that is known then.
    pub(crate) fn note_funding(&self, read: &FundingRate) -> Option<FundingRate> {
        self.0.funding_read.store(true, std::sync::atomic::Ordering::Relaxed);
        self.0.merge_funding(&FundingChange::from(read))
    }

    /// Notes a price read by REST, asked for at `asked`, unless the stream has brought a newer one since.
    pub(crate) fn note_last_price(&self, seen: LastSeen, asked: Timestamp) {
        let newer = self.0.last().is_some_and(|last| last.source == LastPriceSource::Stream && last.at >= asked);
        if !newer {
            self.0.set_last(seen);
        }
    }

    /// Whether both are handles to the very same book.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// When the newest trade was learnt from the stream; since the subscription if there was none.
    pub(crate) fn quiet_since(&self) -> Timestamp {
        match self.0.last() {
            Some(LastSeen { source: LastPriceSource::Stream, at, .. }) => at,
            _ => self.0.created,
        }
    }

    /// Whether less than a fifth of `depth` levels is known on a side that goes on beyond them.
    pub(crate) fn known_is_thin(&self, depth: usize) -> bool {
        let book = self.0.book.lock();
        let thin = |side| {
            let known = book.last_known();
            known.known_to(side).is_some() && known.known_levels(side).take(depth / 5 + 1).count() <= depth / 5
        };
        book.state() == BookState::Live && (thin(Side::Buy) || thin(Side::Sell))
    }

    /// Whether the book can be trusted. A removed one is `Invalid`, or was never valid.
    pub fn state(&self) -> BookState {
        self.0.book.lock().state()
    }

    /// What happened to the book so far.
    pub fn counters(&self) -> BookCounters {
        self.0.book.lock().counters()
    }

    /// Waits until the book is valid.
    ///
    /// # Errors
    /// [`QueryError::Removed`] once the pair has been removed.
    /// # Cancel safety
    /// Cancel safe.
    pub async fn live(&self) -> Result<(), QueryError> {
        let mut state = self.0.state.subscribe();
        loop {
            if self.0.is_removed() {
                return Err(QueryError::Removed);
            }
            if *state.borrow_and_update() == BookState::Live {
                return Ok(());
            }
            if state.changed().await.is_err() {
                return Err(QueryError::Removed);
            }
        }
    }

    /// Waits until the state differs from `from`, and returns it.
    ///
    /// # Errors
    /// [`QueryError::Removed`] once the pair has been removed.
    /// # Cancel safety
    /// Cancel safe.
    pub async fn changed(&self, from: BookState) -> Result<BookState, QueryError> {
        let mut state = self.0.state.subscribe();
        loop {
            if self.0.is_removed() {
                return Err(QueryError::Removed);
            }
            let now = *state.borrow_and_update();
            if now != from {
                return Ok(now);
            }
            if state.changed().await.is_err() {
                return Err(QueryError::Removed);
            }
        }
    }

    /// Asks the valid book anything, under its lock: keep it short.
    ///
    /// # Errors
    /// Those of `ask`; [`QueryError::NotValid`] or [`QueryError::Removed`] before it is called.
    pub fn read<T>(&self, ask: impl FnOnce(&OrderBook) -> Result<T, QueryError>) -> Result<Versioned<T>, QueryError> {
        if self.0.is_removed() {
            return Err(QueryError::Removed);
        }
        let now = self.0.clock.now();
        let book = self.0.book.lock();
        let value = ask(book.valid().map_err(QueryError::NotValid)?)?;
        let (update_id, checksum) = (book.update_id(), book.checksum());
        Ok(Versioned { value, update_id, checksum, age: now.since(book.confirmed()) })
    }

    /// The best level of a side: the highest bid for `Buy`, the lowest ask for `Sell`.
    ///
    /// # Errors
    /// [`QueryError::Empty`]; [`QueryError::NotValid`].
    pub fn best(&self, side: Side) -> Result<Versioned<Level>, QueryError> {
        self.read(|book| book.best(side))
    }

    /// (bid + ask) / 2, exactly.
    ///
    /// # Errors
    /// [`QueryError::Empty`]; [`QueryError::NotValid`].
    pub fn mid(&self) -> Result<Versioned<Price>, QueryError> {
        self.read(OrderBook::mid)
    }

    /// ask − bid, exactly.
    ///
    /// # Errors
    /// [`QueryError::Empty`]; [`QueryError::NotValid`].
    pub fn spread(&self) -> Result<Versioned<Decimal>, QueryError> {
        self.read(OrderBook::spread)
    }

    /// The price of the level at which the base quantity taken from the best on first reaches `volume`. Buying walks asks.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn price_for_volume(&self, side: Side, volume: Quantity) -> Result<Versioned<Price>, QueryError> {
        self.read(|book| book.price_for_volume(side, volume))
    }

    /// Base quantity at `price` or better. Buying counts asks.
    ///
    /// # Errors
    /// [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn volume_for_price(&self, side: Side, price: Price) -> Result<Versioned<Depth<Quantity>>, QueryError> {
        self.read(|book| book.volume_for_price(side, price))
    }

    /// Σ price × quantity at `price` or better, in the quote asset. Buying counts asks.
    ///
    /// # Errors
    /// [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn quote_volume_for_price(&self, side: Side, price: Price) -> Result<Versioned<Depth<Decimal>>, QueryError> {
        self.read(|book| book.quote_volume_for_price(side, price))
    }

    /// The average price of exactly `volume`, the last level in part, rounded half to even at 28 digits.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn vwap(&self, side: Side, volume: Quantity) -> Result<Versioned<Price>, QueryError> {
        self.read(|book| book.vwap(side, volume))
    }

    /// What exactly `volume` costs or brings, in the quote asset.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn quote_volume_for_base(&self, side: Side, volume: Quantity) -> Result<Versioned<Decimal>, QueryError> {
        self.read(|book| book.quote_volume_for_base(side, volume))
    }

    /// The price of the level at which Σ price × quantity first reaches `quote`.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn price_for_quote_volume(&self, side: Side, quote: Decimal) -> Result<Versioned<Price>, QueryError> {
        self.read(|book| book.price_for_quote_volume(side, quote))
    }

    /// The base quantity that exactly `quote` buys or that must be sold for it.
    ///
    /// # Errors
    /// [`QueryError::Insufficient`]; [`QueryError::InvalidRequest`] unless positive; [`QueryError::NotValid`].
    pub fn base_for_quote(&self, side: Side, quote: Decimal) -> Result<Versioned<Quantity>, QueryError> {
        self.read(|book| book.base_for_quote(side, quote))
    }

    /// Up to `levels` best levels of each side.
    ///
    /// # Errors
    /// [`QueryError::NotValid`].
    pub fn snapshot(&self, levels: usize) -> Result<BookSnapshot, QueryError> {
        let top = self.read(|book| Ok((book.top(Side::Buy, levels), book.top(Side::Sell, levels))))?;
        let (bids, asks) = top.value;
        Ok(BookSnapshot { pair: self.pair(), update_id: top.update_id, bids, asks })
    }

    /// SHA-256 in hex over the levels last known, as text: one line `B <price> <quantity>` a bid from the highest down, then
    /// `A <price> <quantity>` an ask from the lowest up, numbers as plain decimals without trailing zeros.
    pub fn digest(&self) -> String {
        let known = self.last_known(usize::MAX);
        crate::digest(&known.bids, &known.asks)
    }

    /// The levels last known and their state, valid or not: to show, never to trade on.
    pub fn last_known(&self, levels: usize) -> LastKnown {
        let now = self.0.clock.now();
        let book = self.0.book.lock();
        let known = book.last_known();
        LastKnown {
            state: book.state(),
            since: book.since(),
            reason: book.valid().err().and_then(|not| not.reason.map(|reason| reason.to_string())),
            update_id: book.update_id(),
            age: now.since(book.confirmed()),
            exchange_time: book.time(),
            bids: known.top(Side::Buy, levels),
            asks: known.top(Side::Sell, levels),
            bid_levels: known.len(Side::Buy),
            ask_levels: known.len(Side::Sell),
        }
    }
}

/// A book as last known, with its state.
#[derive(Clone, Debug, Serialize)]
pub struct LastKnown {
    /// Whether it can be trusted.
    pub state: BookState,
    /// Since when it has been in this state.
    pub since: Timestamp,
    /// Why it is not valid.
    pub reason: Option<String>,
    /// The exchange's id of this version.
    pub update_id: u64,
    /// How long ago it was last confirmed.
    pub age: Duration,
    /// The exchange's time of the newest message.
    pub exchange_time: Timestamp,
    /// Best bids, highest first.
    pub bids: Vec<Level>,
    /// Best asks, lowest first.
    pub asks: Vec<Level>,
    /// Bid levels in all.
    pub bid_levels: usize,
    /// Ask levels in all.
    pub ask_levels: usize,
}
