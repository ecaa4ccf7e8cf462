use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use tradewire_core::{
    BestPrices, BookState, BookUpdate, Candle, Decimal, Error, Event, GapReason, Instrument, LastPriceSource, Level,
    MarketEvent, Pair, Price, Quantity, Side, Timestamp, Trade, exact,
};

use crate::feed::Feed;
use crate::observer::MarketObserver;
use crate::order_book::level;
use crate::problems::Problems;
use crate::reader::{BookReader, LastSeen, SharedBook};
use crate::readiness::Readiness;
use crate::snapshot_need::{SnapshotNeed, Ticket};
use crate::trade_sequence::{Seen, TradeSequence};
use crate::{
    BookMessage, DecodeError, Frame, FundingChange, LocalBook, MarketDecoder, MarketSink, RawBestPrices, RawSnapshot,
    RawTrade, Scale, SequenceRule, Slot, Step,
};

/// How long a book that differs from the exchange's best prices may take to catch up.
const PROBE_GRACE: Duration = Duration::from_secs(1);
/// The most decimals that a scale is widened to: integers of 64 bits must hold prices.
const SCALE_MAX: u32 = 12;

/// The books of one socket: frames in, books kept true, events out. Pure but for the locks through which others read.
///
/// A live socket and the replay of a recording drive the very same shard.
pub(crate) struct Shard {
    decoder: Box<dyn MarketDecoder>,
    books: ShardBooks,
}

/// What a shard asks of the world around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// The rules of the pair's instrument, read again: a number was finer than they say.
    Rules(Pair),
    /// The pair's topics, subscribed again: its data stopped.
    Resubscribe(Pair),
    /// The topic of the pair's book, subscribed again: that brings a snapshot.
    ResubscribeBook(Pair),
    /// The whole connection replaced: the data of several pairs stopped.
    Reconnect,
}

/// Shared by all shards of a connector.
#[derive(Clone)]
pub(crate) struct ShardContext {
    pub(crate) rule: SequenceRule,
    pub(crate) snapshot_depth: u32,
    /// Decimals to which the exchange rounds the quantities of its best prices, where the books have more.
    pub(crate) best_quantity_decimals: Option<u32>,
    pub(crate) stale_after: Duration,
    pub(crate) trade_ids_count_up: bool,
    pub(crate) feed: Feed,
    pub(crate) problems: Problems,
    pub(crate) readiness: Readiness,
    pub(crate) observer: Option<Arc<dyn MarketObserver>>,
    /// Whether every snapshot is compared with the book, as replays do.
    pub(crate) check_all_snapshots: bool,
}

struct ShardBooks {
    context: ShardContext,
    slots: FxHashMap<Box<[u8]>, Slot>,
    tracked: Vec<Option<Tracked>>,
    wants: Vec<Want>,
    snapshot_due: bool,
    received: Timestamp,
}

/// How a book has become stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    /// The exchange's best prices are others, and no message has come.
    Differs,
    /// Neither a message nor the exchange's best prices have confirmed it.
    Unconfirmed,
}

struct Tracked {
    instrument: Arc<Instrument>,
    scale: Scale,
    shared: Arc<SharedBook>,
    duty: Duty,
    /// A second book, built beside the live one from a new snapshot to check it.
    fresh: Option<LocalBook>,
    need: SnapshotNeed,
    trades: TradeSequence,
    /// The best prices that were told last on this connection, which the exchange may repeat to show that it lives.
    best: Option<RawBestPrices>,
    /// When a probe differed from the book, until a message is applied.
    suspect: Option<Timestamp>,
    /// Whether its data was found to have stopped on this connection, until a message is applied.
    muted: bool,
    /// Whether a number was finer than the scale, and the rules have not been read since.
    too_fine: bool,
}

/// What a shard does for an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// It keeps the book, and passes on whatever else comes.
    Book,
    /// It passes on what comes by this socket; another one has the book.
    Rest,
}

/// A snapshot to ask for.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotAsk {
    pub(crate) instrument: Arc<Instrument>,
    /// The decimals to read it with.
    pub(crate) scale: Scale,
    /// Levels a side to ask for.
    pub(crate) depth: u32,
    pub(crate) ticket: Ticket,
}

impl Shard {
    pub(crate) fn new(decoder: Box<dyn MarketDecoder>, context: ShardContext) -> Self {
        let books = ShardBooks {
            context,
            slots: FxHashMap::default(),
            tracked: Vec::new(),
            wants: Vec::new(),
            snapshot_due: false,
            received: Timestamp::default(),
        };
        Self { decoder, books }
    }

    /// Follows an instrument from now on.
    pub(crate) fn track(&mut self, instrument: Arc<Instrument>, shared: Arc<SharedBook>, duty: Duty) {
        let free = self.books.tracked.iter().position(Option::is_none).unwrap_or(self.books.tracked.len());
        if free == self.books.tracked.len() {
            self.books.tracked.push(None);
        }
        if duty == Duty::Book {
            self.books.context.readiness.book(&instrument.pair, Some("syncing"));
        }
        self.books.slots.insert(instrument.symbol.as_bytes().into(), Slot(free as u32));
        self.books.tracked[free] = Some(Tracked {
            scale: Scale::of(&instrument.rules),
            instrument,
            shared,
            duty,
            fresh: None,
            need: SnapshotNeed::default(),
            trades: TradeSequence::new(self.books.context.trade_ids_count_up),
            best: None,
            suspect: None,
            muted: false,
            too_fine: false,
        });
        if let Some(tracked) = self.books.keeper(Slot(free as u32)) {
            tracked.need.arise(Timestamp::default());
        }
    }

    /// Forgets a pair; later frames of it are ignored.
    pub(crate) fn untrack(&mut self, pair: &Pair) {
        let Some(slot) = self.books.slot_of(pair) else { return };
        if let Some(tracked) = self.books.tracked[slot.0 as usize].take() {
            self.books.slots.remove(tracked.instrument.symbol.as_bytes());
            if tracked.duty == Duty::Book {
                tracked.shared.remove();
                self.books.context.readiness.book(pair, None);
            }
        }
    }

    /// Takes a frame of the stream.
    pub(crate) fn frame(&mut self, frame: &[u8], received: Timestamp) -> Frame {
        self.books.received = received;
        match self.decoder.decode(frame, &mut self.books) {
            Ok(frame) => frame,
            Err(error) => {
                self.books.undecodable(error);
                Frame::Undecodable
            }
        }
    }

    /// The topics of `pair` are acknowledged: its snapshot is worth asking for.
    pub(crate) fn subscribed(&mut self, pair: &Pair, now: Timestamp) {
        if let Some(tracked) = self.books.keeper_of(pair) {
            tracked.need.on_subscribed(now);
        }
    }

    /// The connection is lost, and with it every book.
    pub(crate) fn disconnected(&mut self, now: Timestamp) {
        self.books.received = now;
        for slot in self.books.used_slots() {
            self.books.lose(slot, GapReason::Reconnect);
            if let Some(tracked) = self.books.get(slot) {
                tracked.need.on_disconnected();
                tracked.trades.on_disconnected();
                tracked.best = None;
                tracked.muted = false;
            }
        }
    }

    /// The answer to a snapshot that [`Shard::take_due_snapshots`] asked for. One that is no longer awaited is dropped.
    pub(crate) fn snapshot(&mut self, ask: &SnapshotAsk, answer: Result<RawSnapshot, DecodeError>, now: Timestamp) {
        self.books.received = now;
        let Some(slot) = self.books.slot_of(&ask.instrument.pair) else { return };
        if self.books.get(slot).is_some_and(|tracked| tracked.need.awaits(ask.ticket)) {
            match answer {
                Ok(snapshot) => self.books.snapshot(slot, &snapshot, ask.depth),
                Err(error) => self.books.snapshot_failed(slot, &error),
            }
        }
    }

    /// The book of a pair is lost, for a reason that the shard cannot see.
    pub(crate) fn lose(&mut self, pair: &Pair, reason: GapReason, now: Timestamp) {
        self.books.received = now;
        if let Some(slot) = self.books.slot_of(pair) {
            self.books.lose(slot, reason);
        }
    }

    /// A snapshot that nobody asked for, from a recording.
    pub(crate) fn recorded_snapshot(&mut self, pair: &Pair, snapshot: &RawSnapshot, asked: u32, now: Timestamp) {
        self.books.received = now;
        if let Some(slot) = self.books.slot_of(pair) {
            self.books.snapshot(slot, snapshot, asked);
        }
    }

    /// The snapshots that are to be asked for now.
    pub(crate) fn take_due_snapshots(&mut self, now: Timestamp) -> Vec<SnapshotAsk> {
        self.books.snapshot_due = false;
        let depth = self.books.context.snapshot_depth;
        let ShardBooks { context, tracked, wants, .. } = &mut self.books;
        let due = tracked.iter_mut().flatten().filter_map(|tracked| {
            let ticket = tracked.need.take_due(now)?;
            if tracked.fresh.is_none() && !context.rule.snapshot_by_rest() {
                tracked.want_book_again(wants, now);
                return None;
            }
            let instrument = Arc::clone(&tracked.instrument);
            Some(SnapshotAsk { instrument, scale: tracked.scale, depth, ticket })
        });
        due.collect()
    }

    /// A snapshot that could not be asked for now: it is due again later.
    pub(crate) fn snapshot_not_asked(&mut self, pair: &Pair, now: Timestamp) {
        if let Some(tracked) = self.books.by_pair(pair) {
            tracked.need.on_failed(now);
        }
    }

    /// Whether a frame has made a snapshot due, or anything else to be asked for.
    pub(crate) fn needs_service(&self) -> bool {
        self.books.snapshot_due || !self.books.wants.is_empty()
    }

    /// The exchange cannot be reached: the reason why no book is valid.
    pub(crate) fn unreachable(&self, error: &Error) {
        let reason = format!("without a connection ({error})");
        for tracked in self.books.tracked.iter().flatten().filter(|tracked| tracked.duty == Duty::Book) {
            if tracked.shared.book.lock().state() != BookState::Live {
                self.books.context.readiness.book(&tracked.instrument.pair, Some(&reason));
            }
        }
    }

    /// Builds a second book beside the live one from a new snapshot, to check it.
    pub(crate) fn refresh(&mut self, pair: &Pair, now: Timestamp) {
        let rule = self.books.context.rule;
        if let Some(tracked) = self.books.keeper_of(pair)
            && tracked.fresh.is_none()
            && tracked.shared.book.lock().state() == BookState::Live
        {
            if rule.checked_by_rest() {
                tracked.fresh = Some(tracked.beside(now));
                tracked.need.arise(now);
            } else {
                let pair = tracked.instrument.pair.clone();
                self.books.wants.push(Want::ResubscribeBook(pair));
            }
        }
    }

    /// Compares a silent book with what the exchange says are its best prices, asked for at `asked`.
    pub(crate) fn compare(&mut self, best: &BestPrices, asked: Timestamp, now: Timestamp) {
        let decimals = self.books.context.best_quantity_decimals;
        let Some(tracked) = self.books.keeper_of(&best.pair) else { return };
        let mut book = tracked.shared.book.lock();
        if book.state() != BookState::Live || book.confirmed() >= asked {
            return;
        }
        if agrees(&book, best, decimals) {
            book.confirm(asked);
            tracked.suspect = None;
        } else {
            tracked.suspect.get_or_insert(now);
        }
    }

    /// Takes over an instrument's rules, read again.
    pub(crate) fn set_instrument(&mut self, instrument: &Arc<Instrument>, now: Timestamp) {
        self.books.received = now;
        let Some(slot) = self.books.slot_of(&instrument.pair) else { return };
        self.books.set_instrument(slot, instrument);
    }

    /// Looks after what time alone can show: books that nothing confirms.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.books.received = now;
        let mut newly_muted = false;
        for slot in self.books.used_slots() {
            let Some(silence) = self.books.silence(slot, now) else { continue };
            self.books.lose(slot, GapReason::Stale);
            if let Some(tracked) = self.books.get(slot) {
                tracked.muted |= silence == Silence::Differs;
                newly_muted |= tracked.muted;
                let pair = tracked.instrument.pair.clone();
                self.books.wants.push(Want::Resubscribe(pair));
            }
        }
        if newly_muted && self.books.tracked.iter().flatten().filter(|tracked| tracked.muted).count() >= 2 {
            self.books.wants.push(Want::Reconnect);
        }
    }

    /// What the shard asks for since this was last called.
    pub(crate) fn take_wants(&mut self) -> Vec<Want> {
        std::mem::take(&mut self.books.wants)
    }

    /// The book of a symbol, for replays.
    pub(crate) fn reader(&self, symbol: &[u8]) -> Option<BookReader> {
        let slot = self.books.slots.get(symbol)?;
        let tracked = self.books.tracked[slot.0 as usize].as_ref()?;
        Some(BookReader::new(Arc::clone(&tracked.shared)))
    }
}

impl ShardBooks {
    fn get(&mut self, slot: Slot) -> Option<&mut Tracked> {
        self.tracked.get_mut(slot.0 as usize)?.as_mut()
    }

    /// What is tracked there, if this shard keeps its book.
    fn keeper(&mut self, slot: Slot) -> Option<&mut Tracked> {
        self.get(slot).filter(|tracked| tracked.duty == Duty::Book)
    }

    fn keeper_of(&mut self, pair: &Pair) -> Option<&mut Tracked> {
        self.slot_of(pair).and_then(|slot| self.keeper(slot))
    }

    fn slot_of(&self, pair: &Pair) -> Option<Slot> {
        let is_it =
            |tracked: &Option<Tracked>| tracked.as_ref().is_some_and(|tracked| tracked.instrument.pair == *pair);
        self.tracked.iter().position(is_it).map(|place| Slot(place as u32))
    }

    fn by_pair(&mut self, pair: &Pair) -> Option<&mut Tracked> {
        self.slot_of(pair).and_then(|slot| self.get(slot))
    }

    fn used_slots(&self) -> impl Iterator<Item = Slot> + use<> {
        let used: Vec<Slot> = (0..self.tracked.len())
            .filter(|place| self.tracked[*place].is_some())
            .map(|place| Slot(place as u32))
            .collect();
        used.into_iter()
    }

    /// Whether nothing vouches for a valid book any longer.
    fn silence(&self, slot: Slot, now: Timestamp) -> Option<Silence> {
        let tracked = self.tracked.get(slot.0 as usize)?.as_ref()?;
        let book = tracked.shared.book.lock();
        if tracked.duty != Duty::Book || book.state() != BookState::Live || !tracked.instrument.tradable() {
            None
        } else if tracked.suspect.is_some_and(|since| now.since(since) >= PROBE_GRACE) {
            Some(Silence::Differs)
        } else {
            (now.since(book.confirmed()) >= self.context.stale_after).then_some(Silence::Unconfirmed)
        }
    }

    fn publish(&self, event: MarketEvent) {
        if self.context.feed.wanted() {
            self.context.feed.publish(Event::Market(event));
        }
    }

    fn undecodable(&mut self, error: DecodeError) {
        self.context.problems.report("market frame", &error.error);
        match error.slot {
            Some(slot) => {
                self.lose(slot, error.reason);
                self.want_rules(slot, error.reason);
            }
            None => self.lose_all(error.reason),
        }
    }

    fn want_rules(&mut self, slot: Slot, reason: GapReason) {
        if reason == GapReason::Scale
            && let Some(tracked) = self.get(slot)
        {
            tracked.too_fine = true;
            let pair = tracked.instrument.pair.clone();
            self.wants.push(Want::Rules(pair));
        }
    }

    fn lose_all(&mut self, reason: GapReason) {
        for slot in self.used_slots() {
            self.lose(slot, reason);
        }
    }

    fn lose(&mut self, slot: Slot, reason: GapReason) {
        let now = self.received;
        if let Some(tracked) = self.keeper(slot) {
            let was = tracked.shared.book.lock().state();
            tracked.shared.book.lock().lose(reason, now);
            self.lost(slot, was, reason);
        }
    }

    /// Tells that a book was lost, unless it `was` not valid before, and that it needs a snapshot.
    fn lost(&mut self, slot: Slot, was: BookState, reason: GapReason) {
        let now = self.received;
        let Some(tracked) = self.get(slot) else { return };
        tracked.fresh = None;
        tracked.suspect = None;
        tracked.need.arise(now);
        let (state, buffered) = {
            let book = tracked.shared.book.lock();
            (book.state(), book.has_buffered())
        };
        if buffered {
            tracked.need.on_buffered(now);
        }
        tracked.shared.tell(state);
        let pair = tracked.instrument.pair.clone();
        self.snapshot_due |= buffered;
        if was == BookState::Live && !matches!(reason, GapReason::Reconnect | GapReason::Stale) {
            self.want_streamed_snapshot(slot);
        }
        if was == BookState::Live {
            self.publish(MarketEvent::Gap { pair: pair.clone(), reason, lost: None });
        }
        self.context.readiness.book(&pair, Some(&format!("{state} ({reason})")));
    }

    /// Asks for the snapshot that a new subscription brings, where snapshots come so.
    fn want_streamed_snapshot(&mut self, slot: Slot) {
        let now = self.received;
        if self.context.rule.snapshot_by_rest() {
            return;
        }
        if let Some(Some(tracked)) = self.tracked.get_mut(slot.0 as usize) {
            tracked.want_book_again(&mut self.wants, now);
        }
    }

    fn snapshot(&mut self, slot: Slot, snapshot: &RawSnapshot, depth: u32) {
        let now = self.received;
        let Some(tracked) = self.get(slot) else { return };
        let step = match &mut tracked.fresh {
            Some(fresh) => fresh.on_snapshot(snapshot, depth, now),
            None if tracked.shared.book.lock().state() == BookState::Live => return tracked.need.on_met(),
            None => tracked.shared.book.lock().on_snapshot(snapshot, depth, now),
        };
        let checking = tracked.fresh.is_some();
        match step {
            Step::SnapshotTooOld => tracked.need.on_failed(now),
            Step::Lost(_) if checking => self.drop_fresh(slot),
            Step::Lost(reason) => {
                tracked.need.on_failed(now);
                self.lost(slot, BookState::Invalid, reason);
            }
            _ if checking => {
                tracked.need.on_met();
                self.check_fresh(slot);
            }
            Step::Synced(after) => self.synced(slot, after),
            _ => tracked.need.on_met(),
        }
    }

    fn snapshot_failed(&mut self, slot: Slot, error: &DecodeError) {
        self.context.problems.report("book snapshot", &error.error);
        self.want_rules(slot, error.reason);
        let now = self.received;
        if let Some(tracked) = self.get(slot) {
            tracked.need.on_failed(now);
        }
    }

    /// A valid book got a new snapshot on the stream.
    fn restarted(&mut self, slot: Slot) {
        let Some(tracked) = self.get(slot) else { return };
        tracked.suspect = None;
        tracked.muted = false;
        if self.context.feed.wanted()
            && let Some(Some(tracked)) = self.tracked.get(slot.0 as usize)
            && let Ok(snapshot) = BookReader::new(Arc::clone(&tracked.shared)).snapshot(usize::MAX)
        {
            self.publish(MarketEvent::BookSnapshot(snapshot));
        }
    }

    fn synced(&mut self, slot: Slot, after: Duration) {
        self.drop_fresh(slot);
        let Some(tracked) = self.get(slot) else { return };
        tracked.suspect = None;
        tracked.shared.tell(BookState::Live);
        let (pair, reader) = (tracked.instrument.pair.clone(), BookReader::new(Arc::clone(&tracked.shared)));
        if self.context.feed.wanted()
            && let Ok(snapshot) = reader.snapshot(usize::MAX)
        {
            self.publish(MarketEvent::BookSnapshot(snapshot));
        }
        self.publish(MarketEvent::BookValid { pair: pair.clone(), after });
        self.context.readiness.book(&pair, None);
    }

    fn message_to_fresh(&mut self, slot: Slot, message: &BookMessage<'_>) {
        let now = self.received;
        let Some(Tracked { fresh: Some(fresh), need, .. }) = self.get(slot) else { return };
        match fresh.on_message(message, now) {
            Step::Buffered => {
                need.on_buffered(now);
                self.snapshot_due = true;
            }
            Step::Applied => self.check_fresh(slot),
            Step::Lost(_) => self.drop_fresh(slot),
            _ => {}
        }
    }

    /// Puts the second book in the place of the first once both have the same version, and tells if they differed.
    fn check_fresh(&mut self, slot: Slot) {
        let Some(Tracked { fresh: Some(fresh), shared, .. }) = self.get(slot) else { return };
        let verdict = shared.book.lock().take_over(fresh);
        let Some(equal) = verdict else { return };
        self.drop_fresh(slot);
        if let (false, Some(tracked)) = (equal, self.get(slot)) {
            let pair = tracked.instrument.pair.clone();
            self.publish(MarketEvent::Gap { pair, reason: GapReason::Mismatch, lost: None });
            self.synced(slot, Duration::ZERO);
        }
    }

    /// Ends the building of a second book, or begins the next one where every snapshot is checked.
    fn drop_fresh(&mut self, slot: Slot) {
        let (now, again) = (self.received, self.context.check_all_snapshots);
        if let Some(tracked) = self.get(slot) {
            tracked.need.on_met();
            tracked.fresh = again.then(|| tracked.beside(now));
        }
    }

    fn set_instrument(&mut self, slot: Slot, instrument: &Arc<Instrument>) {
        let now = self.received;
        let Some(tracked) = self.get(slot) else { return };
        let changed = *tracked.instrument != **instrument;
        let too_fine = std::mem::take(&mut tracked.too_fine);
        let scale = finer(tracked.scale, Scale::of(&instrument.rules), too_fine);
        let rescaled = tracked.scale != scale;
        tracked.instrument = Arc::clone(instrument);
        tracked.scale = scale;
        if tracked.duty != Duty::Book {
            return;
        }
        *tracked.shared.instrument.write() = Arc::clone(instrument);
        if rescaled {
            let was = tracked.shared.book.lock().state();
            tracked.shared.book.lock().rescale(scale, now);
            self.lost(slot, was, GapReason::Scale);
            self.want_streamed_snapshot(slot);
        }
        if changed {
            self.publish(MarketEvent::Instrument(Box::new(Instrument::clone(instrument))));
        }
    }

    fn publish_update(&self, slot: Slot, message: &BookMessage<'_>, version: u64) {
        let Some(Some(tracked)) = self.tracked.get(slot.0 as usize) else { return };
        let scale = tracked.scale;
        let levels = |side: &[(i64, i64)]| {
            side.iter().map(|(price, quantity)| level(scale, *price, *quantity)).collect::<Vec<Level>>()
        };
        self.publish(MarketEvent::BookUpdate(BookUpdate {
            pair: tracked.instrument.pair.clone(),
            update_id: version,
            bids: levels(message.bids),
            asks: levels(message.asks),
            time: message.time,
            received: self.received,
        }));
    }
}

impl Tracked {
    /// A second book, to be built from a new snapshot.
    fn beside(&self, now: Timestamp) -> LocalBook {
        self.shared.book.lock().beside(self.scale, now)
    }

    /// Wants the topic of its book subscribed again. What cannot be traded may have nothing to tell.
    fn want_book_again(&mut self, wants: &mut Vec<Want>, now: Timestamp) {
        self.need.on_resubscribed(now);
        if self.instrument.tradable() {
            wants.push(Want::ResubscribeBook(self.instrument.pair.clone()));
        }
    }

    /// Gives a message to the book and, if it was applied, the book to the observer, under one lock. Returns the state before.
    fn apply(
        &self,
        message: &BookMessage<'_>,
        observer: Option<&dyn MarketObserver>,
        now: Timestamp,
    ) -> (BookState, Step) {
        let mut book = self.shared.book.lock();
        let was = book.state();
        let step = book.on_message(message, now);
        if let (Step::Applied, Some(observer)) = (step, observer) {
            observer.book(&self.instrument, &book, now);
        }
        (was, step)
    }
}

impl MarketSink for ShardBooks {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        let slot = *self.slots.get(symbol)?;
        let tracked = self.tracked.get(slot.0 as usize)?.as_ref()?;
        Some((slot, tracked.scale))
    }

    fn book(&mut self, slot: Slot, message: BookMessage<'_>) {
        let now = self.received;
        let Some(tracked) = self.tracked.get_mut(slot.0 as usize).and_then(Option::as_mut) else { return };
        if tracked.duty != Duty::Book {
            return;
        }
        let (was, step) = tracked.apply(&message, self.context.observer.as_deref(), now);
        let checking = tracked.fresh.is_some();
        match step {
            Step::Applied => {
                tracked.suspect = None;
                tracked.muted = false;
                let version = tracked.shared.book.lock().update_id();
                if self.context.feed.wanted() {
                    self.publish_update(slot, &message, version);
                }
            }
            Step::Buffered => {
                tracked.need.on_buffered(now);
                self.snapshot_due = true;
            }
            Step::Lost(reason) => return self.lost(slot, was, reason),
            Step::Synced(after) => self.synced(slot, after),
            Step::Restarted => self.restarted(slot),
            Step::Ignored | Step::SnapshotTooOld => {}
        }
        if checking {
            self.message_to_fresh(slot, &message);
        }
    }

    fn trade(&mut self, slot: Slot, trade: RawTrade) {
        let received = self.received;
        let Some(tracked) = self.get(slot) else { return };
        let lost = match tracked.trades.note(&trade) {
            Seen::Before => return,
            Seen::New { missing: 0 } => None,
            Seen::New { missing } => Some(Some(missing)),
            Seen::Restarted => Some(None),
        };
        let price = Price::from_scaled(trade.price, tracked.scale.price);
        tracked.shared.set_last(LastSeen {
            price,
            time: Some(trade.time),
            source: LastPriceSource::Stream,
            at: received,
        });
        let Some(Some(tracked)) = self.tracked.get(slot.0 as usize) else { return };
        if let Some(lost) = lost {
            let pair = tracked.instrument.pair.clone();
            self.publish(MarketEvent::Gap { pair, reason: GapReason::Trades, lost });
        }
        if let Some(observer) = &self.context.observer {
            observer.trade(&tracked.instrument, &trade, received);
        }
        if self.context.feed.wanted() {
            self.publish(MarketEvent::Trade(Trade {
                pair: tracked.instrument.pair.clone(),
                id: trade.id,
                aggregates: trade.aggregates,
                price,
                quantity: Quantity::from_scaled(trade.quantity, tracked.scale.quantity),
                taker: trade.taker,
                time: trade.time,
                received,
            }));
        }
    }

    fn best_prices(&mut self, slot: Slot, best: RawBestPrices) {
        let received = self.received;
        if self.get(slot).is_none_or(|tracked| tracked.best.replace(best) == Some(best)) {
            return;
        }
        let Some(Some(tracked)) = self.tracked.get(slot.0 as usize) else { return };
        if let Some(observer) = &self.context.observer {
            observer.best_prices(&tracked.instrument, &best, received);
        }
        if self.context.feed.wanted() {
            let side = |(price, quantity): (i64, i64)| {
                let level = level(tracked.scale, price, quantity);
                (level.quantity > Quantity::ZERO).then_some((level.price, level.quantity))
            };
            self.publish(MarketEvent::BestPrices(BestPrices {
                pair: tracked.instrument.pair.clone(),
                update_id: best.update_id,
                bid: side(best.bid),
                ask: side(best.ask),
            }));
        }
    }

    fn candle(&mut self, _: Slot, candle: Candle) {
        self.publish(MarketEvent::Candle(candle));
    }

    fn funding(&mut self, slot: Slot, change: FundingChange) {
        let Some(Some(tracked)) = self.tracked.get(slot.0 as usize) else { return };
        if let Some(funding) = tracked.shared.merge_funding(&change) {
            self.publish(MarketEvent::FundingRate(funding));
        }
    }

    fn instrument(&self, slot: Slot) -> &Arc<Instrument> {
        let tracked = self.tracked.get(slot.0 as usize).and_then(Option::as_ref);
        &tracked.expect("find has given this slot, and nothing is forgotten while a frame is decoded").instrument
    }
}

/// The decimals to read an instrument with: never fewer than before, since older orders may still rest at finer prices; and
/// more than the rules say, if they were not enough.
fn finer(now: Scale, rules: Scale, too_fine: bool) -> Scale {
    let wider = Scale { price: now.price.max(rules.price), quantity: now.quantity.max(rules.quantity) };
    if too_fine && wider == now {
        return Scale { price: (now.price + 2).min(SCALE_MAX), quantity: (now.quantity + 2).min(SCALE_MAX) };
    }
    wider
}

/// Whether the book's best prices are those that the exchange states, with quantities rounded to so many `decimals`.
fn agrees(book: &LocalBook, best: &BestPrices, decimals: Option<u32>) -> bool {
    let known = book.last_known();
    let side = |side, stated: Option<(Price, Quantity)>| match (known.best(side), stated) {
        (Ok(level), Some((price, quantity))) => level.price == price && equal(level.quantity, quantity, decimals),
        (Ok(_), None) | (Err(_), Some(_)) => false,
        (Err(_), None) => true,
    };
    side(Side::Buy, best.bid) && side(Side::Sell, best.ask)
}

/// Whether a quantity is what the exchange states, which may be rounded either way in its last decimal.
fn equal(known: Quantity, stated: Quantity, decimals: Option<u32>) -> bool {
    let Some(decimals) = decimals else { return known == stated };
    exact::subtract(known.value(), stated.value()).is_some_and(|off| off.abs() < Decimal::new(1, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounded_quantity_agrees_and_another_does_not() {
        let quantity = |text: &str| text.parse::<Quantity>().expect(text);
        for (known, stated, decimals, agrees) in [
            ("0.50012345", "0.500", Some(3), true),
            ("0.49990000", "0.500", Some(3), true),
            ("0.50100000", "0.500", Some(3), false),
            ("0.50012345", "0.500", None, false),
            ("0.5", "0.500", None, true),
        ] {
            assert_eq!(equal(quantity(known), quantity(stated), decimals), agrees, "{known} {stated}");
        }
    }
}
