//! What the suite must know of the exchange's wire: `API.md` once more, as messages made by hand.

mod account;
mod contract_frames;
mod private_frames;

use std::time::Duration;

use crate::{
    AccountWire, Paths, RefusedTopics, Wire, WireBan, WireError, WireInstrument, WireLimits, WireList, WireTrade,
    WireUpdate,
};
use serde_json::{Value, json};
use tradewire_core::{ErrorKind, Pair, Side};
use tradewire_transport::Window;

/// One of the exchange's markets: contracts have more than assets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Market {
    Spot,
    Perpetual,
}

/// The exchange's wire.
pub(crate) struct ExampleWire(pub(crate) Market);

/// When things happen in answers, in milliseconds.
const NOW: i64 = 1_700_000_000_000;

impl Wire for ExampleWire {
    fn simulated(&self) -> &'static str {
        match self.0 {
            Market::Spot => "example-spot",
            Market::Perpetual => "example-perp",
        }
    }

    fn symbol(&self, pair: &Pair) -> String {
        format!("{}/{}", pair.base(), pair.quote())
    }

    fn snapshot(&self, symbol: &str, update_id: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8> {
        json!({ "symbol": symbol, "seq": update_id, "time": NOW, "bids": bids, "asks": asks }).to_string().into_bytes()
    }

    fn update(&self, symbol: &str, update: &WireUpdate<'_>) -> Vec<u8> {
        let WireUpdate { last, previous, time, bids, asks, .. } = update;
        json!({
            "topic": self.book_stream(symbol), "seq": last, "prev": previous, "time": time.as_millis(), "bids": bids,
            "asks": asks,
        })
        .to_string()
        .into_bytes()
    }

    fn trade(&self, symbol: &str, trade: &WireTrade<'_>) -> Vec<u8> {
        let WireTrade { id, price, quantity, taker, time } = trade;
        let taker = if *taker == Side::Buy { "buy" } else { "sell" };
        let row = json!({ "id": id, "price": price, "quantity": quantity, "taker": taker, "time": time.as_millis() });
        json!({ "topic": self.trade_stream(symbol), "trades": [row] }).to_string().into_bytes()
    }

    fn instruments(&self, list: &[WireInstrument<'_>]) -> Vec<u8> {
        let rows: Vec<Value> = list.iter().map(|of| instrument(self.0, of)).collect();
        json!({ "instruments": rows }).to_string().into_bytes()
    }

    fn unknown_event(&self) -> Vec<u8> {
        br#"{"topic":"moon:BTC/USDT","phase":"full"}"#.to_vec()
    }

    fn paths(&self) -> Paths {
        Paths {
            rest: "/1",
            stream: "/market",
            other_streams: &[],
            time: "/1/time",
            status: "/1/time",
            instruments: "/1/instruments",
            snapshot: "/1/book",
            last_prices: "/1/tickers",
            best_prices: "/1/tickers",
            candles: "/1/candles",
            trades: "/1/trades",
            ticker: "/1/day",
            funding: if self.0 == Market::Perpetual { &["/1/funding"] } else { &[] },
        }
    }

    fn book_stream(&self, symbol: &str) -> String {
        format!("book:{symbol}")
    }

    fn trade_stream(&self, symbol: &str) -> String {
        format!("trades:{symbol}")
    }

    fn streams(&self, symbol: &str) -> Vec<String> {
        let mut streams = vec![self.book_stream(symbol), self.trade_stream(symbol)];
        if self.0 == Market::Perpetual {
            streams.push(format!("funding:{symbol}"));
        }
        streams
    }

    fn instrument_list(&self) -> WireList {
        WireList { halted: true, filters: true, limits: false }
    }

    fn refused_topics(&self) -> RefusedTopics {
        RefusedTopics::NotListed
    }

    fn states_checksums(&self) -> bool {
        true
    }

    fn errors(&self) -> &'static [WireError] {
        ERRORS
    }

    fn limits(&self) -> WireLimits {
        WireLimits {
            weight: 6_000,
            window: Window::Fixed(Duration::from_secs(60)),
            tells_weight: true,
            ban: WireBan { code: None, status: 418, tells_time: true, seconds: &[120, 240, 480] },
            snapshot_weight: 10,
            largest_snapshot: (1_000, 10),
            frames_per_second: 10,
            documented: true,
            connections: 300,
            connections_window: Duration::from_secs(300),
            fills_give_orders_back: false,
            order_weight: 1,
            max_notional: true,
            market_notional_by_mark: self.0 == Market::Perpetual,
        }
    }

    fn account(&self) -> Option<&dyn AccountWire> {
        Some(match self.0 {
            Market::Spot => &account::ExampleAccountWire(Market::Spot),
            Market::Perpetual => &account::ExampleAccountWire(Market::Perpetual),
        })
    }
}

const fn error(status: u16, code: i64, kind: ErrorKind) -> WireError {
    WireError { status, code, kind }
}

/// Errors that a read can bring.
const ERRORS: &[WireError] = &[
    error(400, 1001, ErrorKind::InvalidRequest),
    error(400, 1002, ErrorKind::UnknownInstrument),
    error(404, 1003, ErrorKind::InvalidRequest),
    error(401, 2001, ErrorKind::Auth),
    error(401, 2003, ErrorKind::Clock),
    error(503, 5001, ErrorKind::Unavailable),
    error(400, 9999, ErrorKind::Exchange),
];

fn instrument(market: Market, of: &WireInstrument<'_>) -> Value {
    let mut row = json!({
        "symbol": format!("{}/{}", of.base, of.quote), "base": of.base, "quote": of.quote,
        "status": of.status.unwrap_or("trading"),
        "rules": {
            "price_step": of.tick, "price_max": "1000000", "quantity_step": of.step, "quantity_min": of.step,
            "quantity_max": "9000", "value_min": "5",
        },
    });
    if market == Market::Perpetual {
        row["contract"] = json!({ "settle": of.quote, "size": "1", "leverage_max": "50", "funding_hours": 8 });
    }
    if let Some(name) = of.filter {
        row["rules"][name] = json!({ "wisdom": "none" });
    }
    row
}
