use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tradewire_core::{
    BookState, Candle, Decimal, Error, ErrorKind, Instrument, InstrumentRules, InstrumentStatus, Level, MarketKind,
    Pair, Side, Step as PriceStep, Timestamp,
};

use crate::capture::{CaptureKind, CaptureReader};
use crate::feed::Feed;
use crate::observer::MarketObserver;
use crate::problems::Problems;
use crate::reader::SharedBook;
use crate::readiness::{MARKET_PARTS, Readiness};
use crate::shard::{Duty, Shard, ShardContext};
use crate::{
    BookMessage, BookReader, Frame, FundingChange, LocalBook, MarketSink, MarketSource, RawBestPrices, RawTrade, Scale,
    Slot,
};

/// Lines read before they are played, so that reading the file is not counted as playing it.
const BATCH: usize = 4096;
/// Levels a side in a summary.
const TOP: usize = 20;
/// Decimals assumed while the data is searched for its own.
const PROBE: Scale = Scale { price: 8, quantity: 8 };

/// What the replay of a recording showed.
#[derive(Clone, Debug, Serialize)]
pub struct ReplaySummary {
    /// Socket messages played.
    pub messages: u64,
    /// Messages by the exchange's own name of their kind.
    pub kinds: BTreeMap<String, u64>,
    /// Times that a book was lost.
    pub gaps: u64,
    /// Times that a book became valid again after having been lost.
    pub recoveries: u64,
    /// Messages played for each second spent on decoding and books; reading the file apart.
    pub messages_per_second: u64,
    /// Best-price messages whose version a book had, and how many of those agreed with it.
    pub best_prices: Agreement,
    /// Later snapshots whose version a book reached, and how many of those agreed with it.
    pub snapshots: Agreement,
    /// REST answers that could not be read.
    pub undecodable_answers: u64,
    /// The books at the end.
    pub books: BTreeMap<Pair, ReplayedBook>,
}

/// How often two sources could be compared, and how often they agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Comparisons.
    pub compared: u64,
    /// Of these, equal ones.
    pub equal: u64,
}

/// A book at the end of a replay.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayedBook {
    /// Whether it could be trusted.
    pub state: BookState,
    /// Why not.
    pub reason: Option<String>,
    /// The exchange's id of the version.
    pub update_id: u64,
    /// The same, by the name that scripts use.
    pub last_update_id: u64,
    /// Bid levels.
    pub bids: usize,
    /// Ask levels.
    pub asks: usize,
    /// Best levels of each side.
    pub top: Top,
    /// SHA-256 of all levels as text, in hex.
    pub digest: String,
}

/// The best levels of a book as decimal text.
#[derive(Clone, Debug, Serialize)]
pub struct Top {
    /// Bids, highest first.
    pub bids: Vec<[String; 2]>,
    /// Asks, lowest first.
    pub asks: Vec<[String; 2]>,
}

/// Plays a recording through the production decoder and sequencing, as fast as it can.
///
/// Without an instrument list in the recording, the pair is `pair`, else what the symbol most likely means, and the
/// decimals are those of the data.
///
/// # Errors
/// `Io` and `Decode` of the file with the number of the line; `InvalidRequest` if it holds no market message.
pub fn replay(path: &Path, source: &Arc<dyn MarketSource>, pair: Option<&Pair>) -> Result<ReplaySummary, Error> {
    let instruments = find_instruments(path, &**source, pair)?;
    let mut replay = Replay::new(Arc::clone(source), instruments);
    let mut reader = CaptureReader::open(path)?;
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        while batch.len() < BATCH
            && let Some(line) = reader.next_line()?
        {
            batch.push(Recorded::of(line));
        }
        if batch.is_empty() {
            break;
        }
        replay.play(&batch)?;
    }
    Ok(replay.finish())
}

/// A line that matters for a replay, owned.
struct Recorded {
    received: Timestamp,
    kind: CaptureKind,
    url: String,
    raw: String,
}

impl Recorded {
    fn of(line: crate::CaptureLine<'_>) -> Self {
        let url = if line.kind == CaptureKind::Rest { line.url.into_owned() } else { String::new() };
        Self { received: line.received, kind: line.kind, url, raw: line.raw.into_owned() }
    }
}

struct Replay {
    source: Arc<dyn MarketSource>,
    instruments: HashMap<String, Arc<Instrument>>,
    shard: Shard,
    referee: Arc<Referee>,
    kinds: BTreeMap<String, u64>,
    messages: u64,
    undecodable_answers: u64,
    spent: Duration,
}

impl Replay {
    fn new(source: Arc<dyn MarketSource>, instruments: Vec<Arc<Instrument>>) -> Self {
        let clock = source.server_clock().local();
        let feed = Feed::default();
        let referee = Arc::new(Referee::default());
        let context = ShardContext {
            rule: source.sequence_rule(),
            snapshot_depth: 0,
            best_quantity_decimals: source.best_quantity_decimals(),
            stale_after: Duration::MAX,
            trade_ids_count_up: source.capabilities().market.trade_ids_count_up,
            problems: Problems::new(feed.clone(), clock),
            readiness: Readiness::new(feed.clone(), &MARKET_PARTS),
            feed,
            observer: Some(Arc::clone(&referee) as Arc<dyn MarketObserver>),
            check_all_snapshots: true,
        };
        let mut shard = Shard::new(source.decoder(), context);
        for instrument in &instruments {
            let book = LocalBook::of(&*source, Scale::of(&instrument.rules), Timestamp::default());
            shard.track(Arc::clone(instrument), SharedBook::new(book, Arc::clone(instrument), clock), Duty::Book);
        }
        let instruments =
            instruments.into_iter().map(|instrument| (instrument.symbol.to_string(), instrument)).collect();
        Self {
            source,
            instruments,
            shard,
            referee,
            kinds: BTreeMap::new(),
            messages: 0,
            undecodable_answers: 0,
            spent: Duration::ZERO,
        }
    }

    fn play(&mut self, batch: &[Recorded]) -> Result<(), Error> {
        let start = Instant::now();
        for line in batch {
            match line.kind {
                CaptureKind::Ws => self.message(line),
                CaptureKind::Rest => self.answer(line),
                _ => {}
            }
        }
        self.spent += start.elapsed();
        Ok(())
    }

    fn message(&mut self, line: &Recorded) {
        self.messages += 1;
        let kind = match self.shard.frame(line.raw.as_bytes(), line.received) {
            Frame::Data { kind } => kind,
            Frame::Reply { .. } => "reply",
            Frame::ShutdownNotice => "shutdown notice",
            Frame::Unknown => "unknown",
            Frame::Undecodable => "undecodable",
        };
        match self.kinds.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.kinds.insert(kind.to_owned(), 1)),
        }
    }

    fn answer(&mut self, line: &Recorded) {
        let Some(request) = self.source.snapshot_request(&line.url) else { return };
        let Some(instrument) = self.instruments.get(&request.symbol) else { return };
        match self.source.decode_snapshot(line.raw.as_bytes(), Scale::of(&instrument.rules)) {
            Ok(snapshot) => self.shard.recorded_snapshot(&instrument.pair, &snapshot, request.depth, line.received),
            Err(error) => {
                tracing::warn!(error = %error.error, "a recorded snapshot cannot be read");
                self.undecodable_answers += 1;
            }
        }
    }

    fn finish(self) -> ReplaySummary {
        let mut books = BTreeMap::new();
        let (mut gaps, mut recoveries, mut snapshots) = (0, 0, Agreement::default());
        for (symbol, instrument) in &self.instruments {
            let Some(reader) = self.shard.reader(symbol.as_bytes()) else { continue };
            let counters = reader.counters();
            gaps += counters.gaps;
            recoveries += counters.recoveries;
            snapshots.compared += counters.checks;
            snapshots.equal += counters.checks - counters.mismatches;
            books.insert(instrument.pair.clone(), replayed_book(&reader));
        }
        let seconds = self.spent.as_secs_f64().max(1e-9);
        ReplaySummary {
            messages: self.messages,
            kinds: self.kinds,
            gaps,
            recoveries,
            messages_per_second: (self.messages as f64 / seconds) as u64,
            best_prices: *self.referee.agreement.lock(),
            snapshots,
            undecodable_answers: self.undecodable_answers,
            books,
        }
    }
}

fn replayed_book(reader: &BookReader) -> ReplayedBook {
    let known = reader.last_known(TOP);
    let text =
        |levels: &[Level]| levels.iter().map(|level| [level.price.to_string(), level.quantity.to_string()]).collect();
    ReplayedBook {
        state: known.state,
        reason: known.reason,
        update_id: known.update_id,
        last_update_id: known.update_id,
        bids: known.bid_levels,
        asks: known.ask_levels,
        top: Top { bids: text(&known.bids), asks: text(&known.asks) },
        digest: reader.digest(),
    }
}

/// SHA-256 in hex over one line a level: `B <price> <quantity>` from the highest bid down, then `A <price> <quantity>`
/// from the lowest ask up, numbers as plain decimal text without trailing zeros.
pub fn digest(bids: &[Level], asks: &[Level]) -> String {
    let mut hash = Sha256::new();
    for (letter, side) in [('B', bids), ('A', asks)] {
        for level in side {
            hash.update(format!("{letter} {} {}\n", level.price, level.quantity));
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares a book with the exchange's own statements of its best prices at the same version.
#[derive(Debug, Default)]
struct Referee {
    agreement: Mutex<Agreement>,
    books: Mutex<HashMap<Pair, Claims>>,
}

#[derive(Debug, Default)]
struct Claims {
    update_id: u64,
    best: Best,
    /// Statements about versions that the book has not reached yet.
    ahead: BTreeMap<u64, RawBestPrices>,
}

/// Best bid and best ask with their quantities, where there are any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Best {
    bid: Option<(i64, i64)>,
    ask: Option<(i64, i64)>,
}

impl Referee {
    fn judge(&self, claim: &RawBestPrices, best: Best) {
        let side = |level: (i64, i64)| (level.1 != 0).then_some(level);
        let mut agreement = self.agreement.lock();
        agreement.compared += 1;
        agreement.equal += u64::from(Best { bid: side(claim.bid), ask: side(claim.ask) } == best);
    }
}

impl MarketObserver for Referee {
    fn book(&self, instrument: &Instrument, book: &LocalBook, _: Timestamp) {
        let known = book.last_known();
        let mut books = self.books.lock();
        let claims = books.entry(instrument.pair.clone()).or_default();
        claims.update_id = book.update_id();
        claims.best = Best { bid: known.scaled_levels(Side::Buy).next(), ask: known.scaled_levels(Side::Sell).next() };
        let later = claims.ahead.split_off(&(claims.update_id + 1));
        let passed = std::mem::replace(&mut claims.ahead, later);
        if let Some(claim) = passed.get(&claims.update_id) {
            self.judge(claim, claims.best);
        }
    }

    fn trade(&self, _: &Instrument, _: &RawTrade, _: Timestamp) {}

    fn best_prices(&self, instrument: &Instrument, best: &RawBestPrices, _: Timestamp) {
        let Some(update_id) = best.update_id else { return };
        let mut books = self.books.lock();
        let claims = books.entry(instrument.pair.clone()).or_default();
        if update_id > claims.update_id {
            claims.ahead.insert(update_id, *best);
        } else if update_id == claims.update_id {
            self.judge(best, claims.best);
        }
    }
}

/// The instruments that a recording is about: those of its instrument list, else as its messages show them.
fn find_instruments(
    path: &Path,
    source: &dyn MarketSource,
    pair: Option<&Pair>,
) -> Result<Vec<Arc<Instrument>>, Error> {
    let mut reader = CaptureReader::open(path)?;
    let mut decoder = source.decoder();
    let mut probe = Probe::new(source);
    let mut messages = 0_u64;
    while let Some(line) = reader.next_line()? {
        match line.kind {
            CaptureKind::Ws => {
                messages += 1;
                probe.look(&mut *decoder, line.raw.as_bytes());
            }
            CaptureKind::Rest if source.is_instrument_list(&line.url) => {
                // The newest list comes first, and with it the rules that count.
                probe.listed.splice(..0, source.decode_instruments(line.raw.as_bytes())?.instruments);
            }
            CaptureKind::Rest => probe.snapshot(&line.url, line.raw.as_bytes()),
            _ => {}
        }
    }
    if messages == 0 {
        let error = Error::new(ErrorKind::InvalidRequest, "the recording holds no socket message");
        return Err(error.with("file", path.display()).with("lines", reader.line_number() - 1));
    }
    probe.instruments(pair)
}

/// Finds the symbols of a recording and the decimals that their numbers need.
struct Probe<'a> {
    source: &'a dyn MarketSource,
    scale: Scale,
    listed: Vec<Instrument>,
    found: Vec<Found>,
    place_holder: Arc<Instrument>,
}

struct Found {
    symbol: String,
    decimals: Scale,
}

impl<'a> Probe<'a> {
    fn new(source: &'a dyn MarketSource) -> Self {
        let pair = Pair::new("?", "?").expect("two assets without a dash");
        let place_holder = Arc::new(instrument(pair, "?", Scale { price: 0, quantity: 0 }));
        Self { source, scale: PROBE, listed: Vec::new(), found: Vec::new(), place_holder }
    }

    fn look(&mut self, decoder: &mut dyn crate::MarketDecoder, frame: &[u8]) {
        let finer = Scale { price: 12, quantity: 12 };
        if let Err(error) = decoder.decode(frame, self)
            && error.reason == tradewire_core::GapReason::Scale
            && self.scale != finer
        {
            self.scale = finer;
            drop(decoder.decode(frame, self));
        }
    }

    fn snapshot(&mut self, url: &str, body: &[u8]) {
        let Some(request) = self.source.snapshot_request(url) else { return };
        let slot = self.place(request.symbol.as_bytes());
        if let Ok(snapshot) = self.source.decode_snapshot(body, self.scale) {
            self.note(slot, snapshot.bids.iter().chain(&snapshot.asks));
        }
    }

    fn place(&mut self, symbol: &[u8]) -> Slot {
        let known = self.found.iter().position(|found| found.symbol.as_bytes() == symbol);
        let place = known.unwrap_or_else(|| {
            let symbol = String::from_utf8_lossy(symbol).into_owned();
            self.found.push(Found { symbol, decimals: Scale { price: 0, quantity: 0 } });
            self.found.len() - 1
        });
        Slot(place as u32)
    }

    fn note<'l>(&mut self, slot: Slot, levels: impl Iterator<Item = &'l (i64, i64)>) {
        let scale = self.scale;
        let decimals = &mut self.found[slot.0 as usize].decimals;
        for (price, quantity) in levels {
            decimals.price = decimals.price.max(needed(*price, scale.price));
            decimals.quantity = decimals.quantity.max(needed(*quantity, scale.quantity));
        }
    }

    fn instruments(&self, pair: Option<&Pair>) -> Result<Vec<Arc<Instrument>>, Error> {
        let made = self.found.iter().map(|found| self.instrument(found, pair));
        made.map(|instrument| instrument.map(Arc::new)).collect()
    }

    fn instrument(&self, found: &Found, pair: Option<&Pair>) -> Result<Instrument, Error> {
        if let Some(listed) = self.listed.iter().find(|listed| *listed.symbol == *found.symbol) {
            return Ok(listed.clone());
        }
        let given = pair.filter(|_| self.found.len() == 1).cloned();
        let pair = given.or_else(|| self.source.guess_pair(&found.symbol)).ok_or_else(|| {
            let text = "cannot tell base and quote of a symbol in the recording; name its pair";
            Error::new(ErrorKind::InvalidRequest, text).with("symbol", &found.symbol)
        })?;
        Ok(instrument(pair, &found.symbol, found.decimals))
    }
}

impl MarketSink for Probe<'_> {
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)> {
        Some((self.place(symbol), self.scale))
    }

    fn book(&mut self, slot: Slot, message: BookMessage<'_>) {
        self.note(slot, message.bids.iter().chain(message.asks));
    }

    fn trade(&mut self, slot: Slot, trade: RawTrade) {
        self.note(slot, [(trade.price, trade.quantity)].iter());
    }

    fn best_prices(&mut self, slot: Slot, best: RawBestPrices) {
        self.note(slot, [best.bid, best.ask].iter());
    }

    fn candle(&mut self, _: Slot, _: Candle) {}

    fn funding(&mut self, _: Slot, _: FundingChange) {}

    fn instrument(&self, _: Slot) -> &Arc<Instrument> {
        &self.place_holder
    }
}

/// The decimals that a number of scale `scale` needs.
fn needed(mut mantissa: i64, mut scale: u32) -> u32 {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    scale
}

pub(crate) fn instrument(pair: Pair, symbol: &str, decimals: Scale) -> Instrument {
    let rules = InstrumentRules {
        price_step: PriceStep::of(Decimal::new(1, decimals.price)),
        quantity_step: PriceStep::of(Decimal::new(1, decimals.quantity)),
        ..InstrumentRules::default()
    };
    Instrument {
        pair,
        kind: MarketKind::Spot,
        symbol: symbol.into(),
        status: InstrumentStatus::Trading,
        contract: None,
        rules,
        unknown_filters: Vec::new(),
    }
}
