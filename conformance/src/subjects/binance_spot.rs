use std::time::Duration;

use serde_json::{Value, json};
use tradewire_core::{ErrorKind, Pair, Side};

use super::binance::{BAN, LIST, MINUTE, combined, error, levels};
use super::binance_spot_account::BinanceSpotAccountWire;
use crate::{
    AccountWire, Paths, RefusedTopics, Wire, WireError, WireInstrument, WireLimits, WireList, WireTrade, WireUpdate,
};

/// Binance spot, REST API v3 and combined market streams.
pub(super) struct BinanceSpotWire;

impl Wire for BinanceSpotWire {
    fn simulated(&self) -> &'static str {
        "binance-spot"
    }

    fn symbol(&self, pair: &Pair) -> String {
        format!("{}{}", pair.base(), pair.quote())
    }

    fn snapshot(&self, _: &str, update_id: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8> {
        format!(r#"{{"lastUpdateId":{update_id},"bids":{},"asks":{}}}"#, levels(bids), levels(asks)).into_bytes()
    }

    fn update(&self, symbol: &str, update: &WireUpdate<'_>) -> Vec<u8> {
        let WireUpdate { first, last, time, bids, asks, .. } = update;
        let data = format!(
            r#"{{"e":"depthUpdate","E":{},"s":{},"U":{first},"u":{last},"b":{},"a":{}}}"#,
            time.as_millis(),
            Value::from(symbol),
            levels(bids),
            levels(asks),
        );
        combined(&self.book_stream(symbol), &data)
    }

    fn trade(&self, symbol: &str, trade: &WireTrade<'_>) -> Vec<u8> {
        let time = trade.time.as_millis();
        let data = format!(
            r#"{{"e":"trade","E":{time},"s":{},"t":{},"p":"{}","q":"{}","T":{time},"m":{},"M":true}}"#,
            Value::from(symbol),
            trade.id,
            trade.price,
            trade.quantity,
            trade.taker == Side::Sell,
        );
        combined(&self.trade_stream(symbol), &data)
    }

    fn instruments(&self, list: &[WireInstrument<'_>]) -> Vec<u8> {
        let symbols: Vec<Value> = list.iter().map(instrument).collect();
        let body = json!({
            "timezone": "UTC",
            "serverTime": 1_700_000_000_000_i64,
            "rateLimits": [
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
            ],
            "exchangeFilters": [],
            "symbols": symbols,
        });
        body.to_string().into_bytes()
    }

    fn unknown_event(&self) -> Vec<u8> {
        combined("btcusdt@moonPhase", r#"{"e":"moonPhase","E":1700000000000,"s":"BTCUSDT","p":"full"}"#)
    }

    fn paths(&self) -> Paths {
        Paths {
            rest: "/api",
            stream: "/stream",
            other_streams: &[],
            time: "/api/v3/time",
            status: "/api/v3/ping",
            instruments: "/api/v3/exchangeInfo",
            snapshot: "/api/v3/depth",
            last_prices: "/api/v3/ticker/price",
            best_prices: "/api/v3/ticker/bookTicker",
            candles: "/api/v3/klines",
            trades: "/api/v3/trades",
            ticker: "/api/v3/ticker/24hr",
            funding: &[],
        }
    }

    fn book_stream(&self, symbol: &str) -> String {
        format!("{}@depth@100ms", symbol.to_lowercase())
    }

    fn trade_stream(&self, symbol: &str) -> String {
        format!("{}@trade", symbol.to_lowercase())
    }

    fn streams(&self, symbol: &str) -> Vec<String> {
        vec![self.book_stream(symbol), self.trade_stream(symbol)]
    }

    fn instrument_list(&self) -> WireList {
        LIST
    }

    fn refused_topics(&self) -> RefusedTopics {
        RefusedTopics::BeyondTheMost
    }

    fn errors(&self) -> &'static [WireError] {
        ERRORS
    }

    fn limits(&self) -> WireLimits {
        WireLimits {
            weight: 6_000,
            window: MINUTE,
            tells_weight: true,
            ban: BAN,
            snapshot_weight: 50,
            largest_snapshot: (5_000, 250),
            frames_per_second: 5,
            documented: true,
            connections: 300,
            connections_window: Duration::from_secs(300),
            fills_give_orders_back: true,
            order_weight: 1,
            max_notional: true,
            market_notional_by_mark: false,
        }
    }

    fn account(&self) -> Option<&dyn AccountWire> {
        Some(&BinanceSpotAccountWire)
    }
}

/// Errors that a read can bring, by the exchange's documents.
const ERRORS: &[WireError] = &[
    error(400, -1002, ErrorKind::Auth),
    error(400, -1013, ErrorKind::InvalidRequest),
    error(400, -1020, ErrorKind::Unsupported),
    error(400, -1021, ErrorKind::Clock),
    error(400, -1022, ErrorKind::Auth),
    error(400, -1100, ErrorKind::InvalidRequest),
    error(400, -1102, ErrorKind::InvalidRequest),
    error(400, -1105, ErrorKind::InvalidRequest),
    error(400, -1111, ErrorKind::InvalidRequest),
    error(400, -1112, ErrorKind::NotTradable),
    error(400, -1120, ErrorKind::InvalidRequest),
    error(400, -1121, ErrorKind::UnknownInstrument),
    error(400, -1127, ErrorKind::InvalidRequest),
    error(400, -1128, ErrorKind::InvalidRequest),
    error(400, -1130, ErrorKind::InvalidRequest),
    error(400, -1220, ErrorKind::NotTradable),
    error(401, -2014, ErrorKind::Auth),
    error(401, -2015, ErrorKind::Auth),
    error(400, -2016, ErrorKind::NotTradable),
    error(400, -99_999, ErrorKind::Exchange),
    error(500, -1000, ErrorKind::Unavailable),
    error(500, -1001, ErrorKind::Unavailable),
    error(503, -1008, ErrorKind::Unavailable),
    error(503, -1016, ErrorKind::Unavailable),
];

fn instrument(of: &WireInstrument<'_>) -> Value {
    let mut filters = vec![
        json!({"filterType": "PRICE_FILTER", "minPrice": of.tick, "maxPrice": "1000000", "tickSize": of.tick}),
        json!({"filterType": "LOT_SIZE", "minQty": of.step, "maxQty": "9000000000000000", "stepSize": of.step}),
    ];
    filters.extend(of.filter.map(|name| json!({"filterType": name, "wisdom": "none"})));
    json!({
        "symbol": format!("{}{}", of.base, of.quote),
        "status": of.status.unwrap_or("TRADING"),
        "baseAsset": of.base,
        "baseAssetPrecision": 8,
        "quoteAsset": of.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": true,
        "filters": filters,
        "permissions": [],
        "permissionSets": [],
    })
}
