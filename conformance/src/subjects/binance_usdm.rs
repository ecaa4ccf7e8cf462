use std::time::Duration;

use serde_json::{Value, json};
use tradewire_core::{ErrorKind, Pair, Side};

use super::binance::{BAN, LIST, MINUTE, combined, error, levels};
use super::binance_usdm_account::BinanceUsdmAccountWire;
use crate::{
    AccountWire, Paths, RefusedTopics, Wire, WireError, WireInstrument, WireLimits, WireList, WireTrade, WireUpdate,
};

/// Binance USD-M perpetuals, REST API and market streams by route.
pub(super) struct BinanceUsdmWire;

impl Wire for BinanceUsdmWire {
    fn simulated(&self) -> &'static str {
        "binance-usdm"
    }

    fn symbol(&self, pair: &Pair) -> String {
        format!("{}{}", pair.base(), pair.quote())
    }

    fn snapshot(&self, _: &str, update_id: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8> {
        let (bids, asks) = (levels(bids), levels(asks));
        format!(r#"{{"lastUpdateId":{update_id},"E":{NOW},"T":{NOW},"bids":{bids},"asks":{asks}}}"#).into_bytes()
    }

    fn update(&self, symbol: &str, update: &WireUpdate<'_>) -> Vec<u8> {
        let WireUpdate { first, last, previous, time, bids, asks } = update;
        let time = time.as_millis();
        let data = format!(
            r#"{{"e":"depthUpdate","E":{time},"T":{time},"s":{},"U":{first},"u":{last},"pu":{previous},"b":{},"a":{},"st":1}}"#,
            Value::from(symbol),
            levels(bids),
            levels(asks),
        );
        combined(&self.book_stream(symbol), &data)
    }

    fn trade(&self, symbol: &str, trade: &WireTrade<'_>) -> Vec<u8> {
        let WireTrade { id, price, quantity, taker, time } = trade;
        let time = time.as_millis();
        let data = format!(
            r#"{{"e":"aggTrade","E":{time},"s":{},"a":{id},"p":"{price}","q":"{quantity}","nq":"{quantity}","f":{id},"l":{id},"T":{time},"m":{},"st":1}}"#,
            Value::from(symbol),
            *taker == Side::Sell,
        );
        combined(&self.trade_stream(symbol), &data)
    }

    fn instruments(&self, list: &[WireInstrument<'_>]) -> Vec<u8> {
        let symbols: Vec<Value> = list.iter().map(instrument).collect();
        let body = json!({
            "timezone": "UTC",
            "serverTime": NOW,
            "rateLimits": [
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
            ],
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": true, "autoAssetExchange": null}],
            "symbols": symbols,
        });
        body.to_string().into_bytes()
    }

    fn unknown_event(&self) -> Vec<u8> {
        combined("btcusdt@moonPhase", r#"{"e":"moonPhase","E":1700000000000,"s":"BTCUSDT","p":"full"}"#)
    }

    fn paths(&self) -> Paths {
        Paths {
            rest: "/fapi",
            stream: "/public/stream",
            other_streams: &["/market/stream"],
            time: "/fapi/v1/time",
            status: "/fapi/v1/ping",
            instruments: "/fapi/v1/exchangeInfo",
            snapshot: "/fapi/v1/depth",
            last_prices: "/fapi/v2/ticker/price",
            best_prices: "/fapi/v1/ticker/bookTicker",
            candles: "/fapi/v1/klines",
            trades: "/fapi/v1/trades",
            ticker: "/fapi/v1/ticker/24hr",
            funding: &["/fapi/v1/premiumIndex", "/fapi/v1/fundingInfo"],
        }
    }

    fn book_stream(&self, symbol: &str) -> String {
        format!("{}@depth@100ms", symbol.to_lowercase())
    }

    fn trade_stream(&self, symbol: &str) -> String {
        format!("{}@aggTrade", symbol.to_lowercase())
    }

    fn streams(&self, symbol: &str) -> Vec<String> {
        let marks = format!("{}@markPrice@1s", symbol.to_lowercase());
        vec![self.book_stream(symbol), self.trade_stream(symbol), marks]
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
            weight: 2_400,
            window: MINUTE,
            tells_weight: true,
            ban: BAN,
            snapshot_weight: 20,
            largest_snapshot: (1_000, 20),
            frames_per_second: 10,
            documented: true,
            connections: 300,
            connections_window: Duration::from_secs(300),
            fills_give_orders_back: false,
            order_weight: 0,
            max_notional: false,
            market_notional_by_mark: true,
        }
    }

    fn account(&self) -> Option<&dyn AccountWire> {
        Some(&BinanceUsdmAccountWire)
    }
}

/// When things happen in answers, in milliseconds.
const NOW: i64 = 1_700_000_000_000;

/// Errors that a read can bring, by the exchange's documents.
const ERRORS: &[WireError] = &[
    error(400, -1002, ErrorKind::Auth),
    error(400, -1021, ErrorKind::Clock),
    error(400, -1022, ErrorKind::Auth),
    error(400, -1100, ErrorKind::InvalidRequest),
    error(400, -1102, ErrorKind::InvalidRequest),
    error(400, -1105, ErrorKind::InvalidRequest),
    error(400, -1111, ErrorKind::InvalidRequest),
    error(400, -1120, ErrorKind::InvalidRequest),
    error(400, -1121, ErrorKind::UnknownInstrument),
    error(400, -1127, ErrorKind::InvalidRequest),
    error(400, -1128, ErrorKind::InvalidRequest),
    error(400, -1130, ErrorKind::InvalidRequest),
    error(401, -2014, ErrorKind::Auth),
    error(401, -2015, ErrorKind::Auth),
    error(400, -4021, ErrorKind::InvalidRequest),
    error(400, -4140, ErrorKind::NotTradable),
    error(400, -4141, ErrorKind::NotTradable),
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
        json!({"filterType": "MARKET_LOT_SIZE", "minQty": of.step, "maxQty": "120000", "stepSize": of.step}),
        json!({"filterType": "MIN_NOTIONAL", "notional": "5"}),
    ];
    filters.extend(of.filter.map(|name| json!({"filterType": name, "wisdom": "none"})));
    let symbol = format!("{}{}", of.base, of.quote);
    json!({
        "symbol": symbol,
        "pair": symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000_i64,
        "onboardDate": NOW,
        "status": of.status.unwrap_or("TRADING"),
        "baseAsset": of.base,
        "quoteAsset": of.quote,
        "marginAsset": of.quote,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": filters,
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    })
}
