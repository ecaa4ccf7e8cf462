//! One listed instrument: its engine and everything that is recorded about it.

use std::collections::VecDeque;
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use crate::accounts::{AccountId, Waiting};
use crate::candles::{Candle, Candles};
use crate::clock::Timestamp;
use crate::engine::{Engine, Event, LevelChange};
use crate::flow::Traders;
use crate::ledger::{Ledger, LedgerBook};
use crate::listing::Listing;
use crate::numbers::{floor_to, notional};
use crate::tape::{Aggregate, Tape, TradeRecord};

/// Minutes of candles that are kept: 7 days.
const MINUTES_KEPT: usize = 10_080;
/// Seconds of candles that are kept.
const SECONDS_KEPT: usize = 1_100;
const MINUTE: i64 = 60_000;

/// Number of a market within one simulator; rises in the order of listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MarketId(pub(crate) usize);

/// What one step of the engine brought, for the wire.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    pub(crate) changes: Vec<LevelChange>,
    pub(crate) trades: Vec<TradeRecord>,
    pub(crate) aggregates: Vec<Aggregate>,
}

impl Moved {
    /// Whether nothing happened.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.trades.is_empty()
    }
}

/// The names that orders, fills and balances share.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) symbol: Arc<str>,
    pub(crate) base: Arc<str>,
    pub(crate) quote: Arc<str>,
}

/// The state of one instrument.
#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) id: MarketId,
    pub(crate) listing: Listing,
    pub(crate) names: Names,
    /// Whether perpetual contracts are traded here.
    pub(crate) contract: bool,
    /// Conditional orders of accounts.
    pub(crate) waiting: Waiting,
    /// Delisted: as if it had never been here.
    pub(crate) gone: bool,
    pub(crate) engine: Engine,
    pub(crate) tape: Tape,
    pub(crate) minutes: Candles,
    pub(crate) seconds: Candles,
    pub(crate) ledger: Ledger,
    /// Background traders, where there are any.
    pub(crate) traders: Option<Traders>,
    next_trade_id: u64,
}

impl Market {
    /// Lists an instrument. Ids and history follow from the seed.
    pub(crate) fn open(id: MarketId, listing: Listing, seed: u64, now: Timestamp) -> Market {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ name_seed(&listing.symbol));
        let update_id = 1_000_000_000 + random.next_u64() % 1_000_000_000;
        let history = History::make(&listing, now, &mut random);
        let mut minutes = Candles::new(MINUTE, MINUTES_KEPT);
        minutes.set_history(history.candles);
        let engine = Engine::new(listing.step, update_id, history.next_trade_id);
        let tape = Tape::new(history.next_trade_id / 2 + 1, listing.opening_price);
        Market {
            id,
            names: Names {
                symbol: Arc::from(listing.symbol.as_str()),
                base: Arc::from(listing.base.as_str()),
                quote: Arc::from(listing.quote.as_str()),
            },
            contract: listing.contract.is_some(),
            waiting: Waiting::default(),
            gone: false,
            engine,
            tape,
            minutes,
            seconds: Candles::new(1000, SECONDS_KEPT),
            ledger: Ledger::default(),
            traders: None,
            next_trade_id: history.next_trade_id,
            listing,
        }
    }

    /// Records what the engine did since the last call, as of `now`.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Moved {
        let mut moved = Moved::default();
        for event in self.engine.take_events() {
            match event {
                Event::Level(change) => {
                    self.ledger.record(change);
                    moved.changes.push(change);
                }
                Event::Prevented(_) => {}
                Event::Trade(trade) => moved.trades.push(TradeRecord { trade, time: now }),
            }
        }
        self.roll(now);
        for TradeRecord { trade, .. } in &moved.trades {
            self.minutes.add(trade.id, trade.price, trade.quantity, trade.taker_side);
            self.seconds.add(trade.id, trade.price, trade.quantity, trade.taker_side);
            self.next_trade_id = trade.id + 1;
        }
        moved.aggregates = self.tape.record(&moved.trades);
        moved
    }

    /// Whether the engine has done something that an account must know.
    pub(crate) fn concerns_accounts(&self) -> bool {
        self.engine.events().iter().any(|event| match event {
            Event::Level(_) => false,
            Event::Prevented(_) => true,
            Event::Trade(trade) => {
                let of_account = |owner| AccountId::of_owner(owner).is_some();
                !self.waiting.is_empty() || of_account(trade.maker_owner) || of_account(trade.taker_owner)
            }
        })
    }

    /// Opens the candles of `now`.
    pub(crate) fn roll(&mut self, now: Timestamp) {
        let price = self.tape.last_price();
        self.minutes.roll(now.millis(), price, self.next_trade_id);
        self.seconds.roll(now.millis(), price, self.next_trade_id);
    }

    /// The book as it is.
    pub(crate) fn book(&self) -> LedgerBook {
        Ledger::now(&self.listing.symbol, self.engine.update_id(), self.engine.book())
    }

    /// The book as it was at `update_id`.
    pub(crate) fn book_at(&self, update_id: u64) -> Option<LedgerBook> {
        self.ledger.at(&self.listing.symbol, self.engine.update_id(), self.engine.book(), update_id)
    }

    /// Statistics of the `span` milliseconds up to `now`, by whole minutes.
    pub(crate) fn statistics(&self, now: Timestamp, span: i64) -> Candle {
        let until = now.millis();
        let from = (until - span).div_euclid(MINUTE) * MINUTE + MINUTE;
        let empty = || Candle::flat(from, self.tape.last_price(), self.next_trade_id);
        self.minutes.merged(from, until + 1).unwrap_or_else(empty)
    }

    /// Volume-weighted average price of the `span` milliseconds up to `now`; the last price without trades.
    pub(crate) fn average_price(&self, now: Timestamp, span: i64) -> Decimal {
        let until = now.millis();
        let merged = self.seconds.merged(until - span + 1, until + 1);
        merged
            .and_then(|candle| crate::numbers::ratio(candle.quote, candle.base))
            .unwrap_or_else(|| self.tape.last_price())
    }
}

/// A number that differs from symbol to symbol.
pub(crate) fn name_seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Candles of the time before the opening.
struct History {
    candles: VecDeque<Candle>,
    next_trade_id: u64,
}

impl History {
    /// Walks back from the opening price, so that the last candle closes there.
    fn make(listing: &Listing, now: Timestamp, random: &mut ChaCha8Rng) -> History {
        let drawn = 1_000_000 + random.next_u64() % 1_000_000_000;
        let mut next_trade_id = listing.first_trade_id.unwrap_or(drawn);
        let minutes = i64::from(listing.history_minutes);
        let first = now.millis().div_euclid(MINUTE) * MINUTE - minutes * MINUTE;
        let mut closes = vec![listing.opening_price];
        for _ in 1..=minutes {
            let last = closes.last().copied().unwrap_or(listing.opening_price);
            closes.push(stepped(listing, last, random));
        }
        closes.reverse();
        let mut candles = VecDeque::new();
        for (start, ends) in (0..).map(|n| first + n * MINUTE).zip(closes.windows(2)) {
            let mut candle = Candle::flat(start, ends[0], next_trade_id);
            fill(&mut candle, listing, ends[1], random);
            next_trade_id += candle.count;
            candles.push_back(candle);
        }
        History { candles, next_trade_id }
    }
}

/// A price up to 8 basis points away.
fn stepped(listing: &Listing, price: Decimal, random: &mut ChaCha8Rng) -> Decimal {
    let basis_points = i64::try_from(random.next_u64() % 17).unwrap_or(8) - 8;
    let moved = price + notional(price, Decimal::new(basis_points, 4));
    floor_to(moved, listing.tick).max(listing.tick)
}

fn fill(candle: &mut Candle, listing: &Listing, close: Decimal, random: &mut ChaCha8Rng) {
    let trades = 1 + random.next_u64() % u64::from(listing.activity.max(1) * 2 + 1);
    let value = Decimal::from(trades) * listing.min_notional * Decimal::from(20);
    let base = floor_to(value.checked_div(close).unwrap_or(listing.step), listing.step).max(listing.step);
    candle.high = candle.open.max(close) + listing.tick * Decimal::from(random.next_u64() % 20);
    candle.low = (candle.open.min(close) - listing.tick * Decimal::from(random.next_u64() % 20)).max(listing.tick);
    candle.close = close;
    candle.base = base;
    candle.quote = notional(base, (candle.open + close) / Decimal::TWO);
    candle.taker_buy_base = floor_to(base / Decimal::TWO, listing.step);
    candle.taker_buy_quote = candle.quote / Decimal::TWO;
    candle.count = trades;
}

impl crate::flow::AsEngine for Market {
    fn engine(&mut self) -> (&mut Engine, &Listing) {
        (&mut self.engine, &self.listing)
    }
}
