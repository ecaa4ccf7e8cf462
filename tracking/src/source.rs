use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BestPrices, Candle, Capabilities, Decimal, Error, ErrorKind, FundingRate, GapReason, Instrument, LastPrice, Pair,
    Price, PublicTradeId, Side, Ticker24h, Timestamp, Trade,
};
use tradewire_transport::{
    ClockSample, ConnectPace, Credentials, Endpoint, Limits, Patience, RestClient, Route, ServerClock, Session,
    StreamDialect,
};

use crate::{OrderBook, Scale, SequenceRule};

/// What an exchange supplies for market data: requests, and pure functions from bytes to what they say.
///
/// No loops, retries, tasks or clocks in an implementation: the framework has them once for all exchanges.
pub trait MarketSource: Send + Sync + Debug + 'static {
    /// What the exchange offers.
    fn capabilities(&self) -> &'static Capabilities;
    /// How its book updates follow each other.
    fn sequence_rule(&self) -> SequenceRule;
    /// Levels a side that its book stream keeps, where it tells nothing of those beyond.
    fn book_window(&self) -> Option<u32> {
        None
    }
    /// Address and control frames of its market streams by a route.
    fn streams(&self, route: Route) -> Arc<dyn StreamDialect>;
    /// The route by which a topic comes; that of a book's changes is [`Route::BOOKS`].
    fn route(&self, topic: &str) -> Route;
    /// The pace of new connections, shared by all that connect from this address.
    fn connect_pace(&self) -> &ConnectPace;
    /// The request limits that it obeys, shared by all that send from this address.
    fn limits(&self) -> &Limits;
    /// The topics to subscribe for one instrument, that of its book first.
    fn topics(&self, instrument: &Instrument, of: &TopicSet) -> Vec<Arc<str>>;
    /// A decoder with buffers of its own: one a socket.
    fn decoder(&self) -> Box<dyn MarketDecoder>;

    /// The exchange's clock, as far as it is known; the framework feeds it with samples.
    fn server_clock(&self) -> &ServerClock;
    /// Asks for the exchange's time.
    fn time(&self) -> BoxFuture<'_, Result<ClockSample, Error>>;
    /// Whether the exchange answers at all.
    fn status(&self) -> BoxFuture<'_, Result<(), Error>>;
    /// The raw instrument list.
    fn instruments(&self) -> BoxFuture<'_, Result<RawAnswer, Error>>;
    /// A further page of the raw instrument list, as the page before named it in [`InstrumentList::next_page`]. Only lists
    /// that come in pages have any.
    fn further_instruments<'a>(&'a self, _page: &'a str) -> BoxFuture<'a, Result<RawAnswer, Error>> {
        async { Err(Error::new(ErrorKind::Unsupported, "this exchange's instrument list has one page")) }.boxed()
    }
    /// Reads an instrument list, or a page of it. Limits that it publishes are taken over.
    fn decode_instruments(&self, body: &[u8]) -> Result<InstrumentList, Error>;
    /// A raw book snapshot with up to `depth` levels a side.
    fn snapshot<'a>(&'a self, instrument: &'a Instrument, depth: u32) -> BoxFuture<'a, Result<RawAnswer, Error>>;
    /// Reads a book snapshot into integers of `scale`.
    fn decode_snapshot(&self, body: &[u8], scale: Scale) -> Result<RawSnapshot, DecodeError>;
    /// Whether the answer from an address is an instrument list: recordings are read by it.
    fn is_instrument_list(&self, url: &str) -> bool;
    /// What a snapshot's address asks for, if it is one: recordings are read by it.
    fn snapshot_request(&self, url: &str) -> Option<SnapshotRequest>;
    /// The symbol that a pair most likely has, where no instrument list tells.
    fn guess_symbol(&self, pair: &Pair) -> String;
    /// The pair that a symbol most likely means, where no instrument list tells: split by known quote assets.
    fn guess_pair(&self, symbol: &str) -> Option<Pair>;

    /// Newest prices of `instruments`, in one request where the exchange has one.
    fn last_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<LastPrice>, Error>>;
    /// Decimals to which [`Self::best_prices`] rounds quantities, where the books have more.
    fn best_quantity_decimals(&self) -> Option<u32> {
        None
    }
    /// Best prices of `instruments`, in one request where the exchange has one.
    fn best_prices<'a>(&'a self, instruments: &'a [Arc<Instrument>]) -> BoxFuture<'a, Result<Vec<BestPrices>, Error>>;
    /// Up to `limit` newest candles, oldest first.
    fn candles<'a>(
        &'a self,
        instrument: &'a Instrument,
        interval: &'a str,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<Candle>, Error>>;
    /// Up to `limit` newest trades, oldest first.
    fn recent_trades<'a>(&'a self, instrument: &'a Instrument, limit: u32) -> BoxFuture<'a, Result<Vec<Trade>, Error>>;
    /// What happened in the last 24 hours.
    fn ticker_24h<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Ticker24h, Error>>;
    /// Mark price, index price and funding of `instruments`, in one request where the exchange has one. `Unsupported` where
    /// assets are traded.
    fn funding_rates<'a>(
        &'a self,
        _instruments: &'a [Arc<Instrument>],
    ) -> BoxFuture<'a, Result<Vec<FundingRate>, Error>> {
        Box::pin(async { Err(not_a_contract()) })
    }
}

fn not_a_contract() -> Error {
    Error::new(ErrorKind::Unsupported, "this exchange does not offer it")
}

/// Which streams of an instrument are wanted besides its book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSet {
    /// Single trades, aggregated trades, or none.
    pub trades: TradeStream,
    /// Best bid and ask as the exchange states them.
    pub best_prices: bool,
    /// Mark price and funding rate, of a contract.
    pub funding: bool,
    /// The interval of candles, if wanted.
    pub candles: Option<String>,
}

impl Default for TopicSet {
    fn default() -> Self {
        Self { trades: TradeStream::Single, best_prices: false, funding: true, candles: None }
    }
}

/// The form in which trades are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TradeStream {
    /// No trades.
    None,
    /// One message a trade.
    #[default]
    Single,
    /// One message for the trades of one taker at one price.
    Aggregated,
}

/// What the address of a book snapshot asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRequest {
    /// The exchange's symbol.
    pub symbol: String,
    /// Levels a side asked for.
    pub depth: u32,
}

/// A REST answer as it came.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    /// The address asked, for recordings. Public requests only: it holds no signature.
    pub url: String,
    /// The body.
    pub body: bytes::Bytes,
}

/// Asks for a raw body.
///
/// # Errors
/// Those of [`RestClient::send_timed`].
/// # Cancel safety
/// Cancel safe: nothing is kept.
pub async fn raw_answer<E>(rest: &RestClient, endpoint: E, patience: Patience) -> Result<RawAnswer, Error>
where
    E: Endpoint<Response = bytes::Bytes>,
{
    let url = rest.url(&endpoint);
    Ok(RawAnswer { url, body: rest.send_timed(&endpoint, patience).await?.response })
}

/// A session of these credentials that asks the market for the exchange's time.
pub fn session<M: MarketSource>(credentials: Credentials, recv_window: Duration, market: &Arc<M>) -> Session {
    let clock = market.server_clock().clone();
    let market = Arc::clone(market);
    Session::new(credentials, recv_window, clock, move || {
        let market = Arc::clone(&market);
        async move { market.time().await }.boxed()
    })
}

/// An instrument list, read.
#[derive(Debug, Default)]
pub struct InstrumentList {
    /// All instruments that could be read, tradable or not.
    pub instruments: Vec<Instrument>,
    /// One error, naming the instrument, for each that could not.
    pub unreadable: Vec<Error>,
    /// The name of the next page; `None` if this is the last.
    pub next_page: Option<String>,
    /// Facts that this library does not know and does not obey, for example a new kind of limit.
    pub problems: Vec<Error>,
}

/// A book snapshot in integers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawSnapshot {
    /// Its version.
    pub update_id: u64,
    /// Bids, highest first.
    pub bids: Vec<(i64, i64)>,
    /// Asks, lowest first.
    pub asks: Vec<(i64, i64)>,
}

/// Turns frames into calls of a sink. Pure but for buffers that are reused.
pub trait MarketDecoder: Send {
    /// Decodes one frame of a market stream and tells the sink what it says, in the frame's order.
    ///
    /// A message reaches the sink whole or not at all.
    ///
    /// # Errors
    /// Anything that is not as documented; the error holds the frame and, if it can be told, whose book it was for.
    fn decode(&mut self, frame: &[u8], sink: &mut dyn MarketSink) -> Result<Frame, DecodeError>;
}

/// What kind of frame it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum Frame {
    /// Data that went to the sink, or data of an instrument that the sink does not follow.
    Data {
        /// The exchange's own name for messages of this kind, for example `depthUpdate`.
        kind: &'static str,
    },
    /// The answer to a subscription request.
    Reply {
        /// The request's id; `None` if the exchange names none.
        id: Option<u64>,
        /// The exchange's words if it refused.
        refused: Option<String>,
    },
    /// The exchange will close this connection soon.
    ShutdownNotice,
    /// Valid, but of a kind that is not known. Counted and ignored.
    Unknown,
    /// Not as documented: told, and the books that it may have been for are lost. Decoders answer an error instead.
    Undecodable,
}

/// A frame that could not be used.
#[derive(Debug)]
pub struct DecodeError {
    /// The instrument that it was for, if that could be told.
    pub slot: Option<Slot>,
    /// `Decode`, or `Scale` where a number is finer than the instrument's decimals.
    pub reason: GapReason,
    /// What is wrong, with the frame.
    pub error: Error,
}

/// The place of an instrument in the sink that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(pub u32);

/// Where decoded messages go. Implemented by the framework.
pub trait MarketSink {
    /// The instrument of this symbol, as the exchange writes it, and the decimals of its numbers; `None` if it is not
    /// followed here.
    fn find(&mut self, symbol: &[u8]) -> Option<(Slot, Scale)>;
    /// A change of a book, or a whole book where the stream sends those.
    fn book(&mut self, slot: Slot, message: BookMessage<'_>);
    /// A trade.
    fn trade(&mut self, slot: Slot, trade: RawTrade);
    /// Best bid and ask.
    fn best_prices(&mut self, slot: Slot, best: RawBestPrices);
    /// A candle.
    fn candle(&mut self, slot: Slot, candle: Candle);
    /// A change of mark price, index price or funding.
    fn funding(&mut self, slot: Slot, change: FundingChange);
    /// The instrument in a place that [`MarketSink::find`] has given.
    fn instrument(&self, slot: Slot) -> &Arc<Instrument>;
}

/// A book message in integers of the instrument's scale.
#[derive(Clone, Copy, Debug)]
pub struct BookMessage<'a> {
    /// Whether it replaces the book.
    pub snapshot: bool,
    /// Id of the first change in it. Equal to `last_id` where the exchange numbers messages.
    pub first_id: u64,
    /// Id of the last change in it.
    pub last_id: u64,
    /// Last id of the message before, where the exchange names it.
    pub previous_id: Option<u64>,
    /// The exchange's time.
    pub time: Timestamp,
    /// Changed bids: price and absolute quantity, 0 for gone. Prices are positive and quantities not negative.
    pub bids: &'a [(i64, i64)],
    /// Changed asks.
    pub asks: &'a [(i64, i64)],
    /// What the exchange's own book adds up to after the message, where it says so.
    pub checksum: Option<Checksum>,
}

/// The exchange's checksum of a book. A book that has another one is lost.
#[derive(Clone, Copy, Debug)]
pub struct Checksum {
    /// The exchange's figure.
    pub expected: u32,
    /// Adds up a book as the exchange does. Pure; called after every message that carries a figure.
    pub of: fn(&OrderBook) -> u32,
}

impl Checksum {
    /// Whether a book has it.
    pub fn holds(&self, book: &OrderBook) -> bool {
        (self.of)(book) == self.expected
    }
}

/// A trade in integers of the instrument's scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawTrade {
    /// The exchange's id.
    pub id: PublicTradeId,
    /// First and last trade id of an aggregate.
    pub aggregates: Option<(u64, u64)>,
    /// Price.
    pub price: i64,
    /// Quantity.
    pub quantity: i64,
    /// The side that took.
    pub taker: Side,
    /// The exchange's time.
    pub time: Timestamp,
}

/// What a message says of mark price, index price and funding. What is absent stays as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundingChange {
    /// The mark price.
    pub mark_price: Option<Price>,
    /// The index price.
    pub index_price: Option<Price>,
    /// The rate of the next funding, as a fraction of the position's value.
    pub rate: Option<Decimal>,
    /// When the next funding is, by the exchange's clock.
    pub next_time: Option<Timestamp>,
    /// Time between two fundings.
    pub interval: Option<std::time::Duration>,
    /// The exchange's time.
    pub time: Timestamp,
}

impl FundingChange {
    /// What is known after `change`.
    pub(crate) fn changed_by(&self, change: &Self) -> Self {
        Self {
            mark_price: change.mark_price.or(self.mark_price),
            index_price: change.index_price.or(self.index_price),
            rate: change.rate.or(self.rate),
            next_time: change.next_time.or(self.next_time),
            interval: change.interval.or(self.interval),
            time: change.time,
        }
    }

    /// What is known, once there is a mark price.
    pub(crate) fn whole(&self, pair: &Pair) -> Option<FundingRate> {
        Some(FundingRate {
            pair: pair.clone(),
            mark_price: self.mark_price?,
            index_price: self.index_price,
            rate: self.rate,
            next_time: self.next_time,
            interval: self.interval,
            time: self.time,
        })
    }
}

impl From<&FundingRate> for FundingChange {
    fn from(rate: &FundingRate) -> Self {
        Self {
            mark_price: Some(rate.mark_price),
            index_price: rate.index_price,
            rate: rate.rate,
            next_time: rate.next_time,
            interval: rate.interval,
            time: rate.time,
        }
    }
}

/// Best bid and ask in integers of the instrument's scale. A side without orders has quantity 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawBestPrices {
    /// The version of the book.
    pub update_id: Option<u64>,
    /// Price and quantity of the best bid.
    pub bid: (i64, i64),
    /// Price and quantity of the best ask.
    pub ask: (i64, i64),
}
