use std::time::Duration;

use serde_json::{Value, json};
use tradewire_core::{ErrorKind, Pair, Side};
use tradewire_transport::Window;

use super::binance::{error, levels};
use super::bybit_account::BybitAccountWire;
use crate::{
    AccountWire, Paths, RefusedTopics, Wire, WireBan, WireError, WireInstrument, WireLimits, WireList, WireTrade,
    WireUpdate,
};

/// Bybit V5, one of its categories: REST API and public streams.
pub(super) struct BybitWire(pub(super) Category);

/// What is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Spot,
    Linear,
}

impl Category {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Linear => "linear",
        }
    }
}

impl Wire for BybitWire {
    fn simulated(&self) -> &'static str {
        match self.0 {
            Category::Spot => "bybit-spot",
            Category::Linear => "bybit-linear",
        }
    }

    fn symbol(&self, pair: &Pair) -> String {
        format!("{}{}", pair.base(), pair.quote())
    }

    fn snapshot(&self, symbol: &str, update_id: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8> {
        self.book("snapshot", symbol, update_id, NOW, bids, asks)
    }

    fn update(&self, symbol: &str, update: &WireUpdate<'_>) -> Vec<u8> {
        self.book("delta", symbol, update.last, update.time.as_millis(), update.bids, update.asks)
    }

    fn trade(&self, symbol: &str, trade: &WireTrade<'_>) -> Vec<u8> {
        let WireTrade { id, price, quantity, taker, time } = trade;
        let (time, side) = (time.as_millis(), if *taker == Side::Buy { "Buy" } else { "Sell" });
        let trade = format!(
            r#"{{"T":{time},"s":{},"S":"{side}","v":"{quantity}","p":"{price}","i":"{id}","BT":false,"RPI":false,"seq":{id}}}"#,
            Value::from(symbol),
        );
        format!(
            r#"{{"topic":{},"type":"snapshot","ts":{time},"data":[{trade}]}}"#,
            Value::from(self.trade_stream(symbol))
        )
        .into_bytes()
    }

    fn instruments(&self, list: &[WireInstrument<'_>]) -> Vec<u8> {
        let list: Vec<Value> = list.iter().map(|of| instrument(self.0, of)).collect();
        let body = json!({
            "retCode": 0,
            "retMsg": "OK",
            "result": {"category": self.0.name(), "list": list, "nextPageCursor": ""},
            "retExtInfo": {},
            "time": NOW,
        });
        body.to_string().into_bytes()
    }

    fn unknown_event(&self) -> Vec<u8> {
        br#"{"topic":"moonPhase.BTCUSDT","type":"snapshot","ts":1700000000000,"data":{"s":"BTCUSDT","p":"full"}}"#
            .to_vec()
    }

    fn paths(&self) -> Paths {
        let (stream, funding): (_, &[&str]) = match self.0 {
            Category::Spot => ("/v5/public/spot", &[]),
            Category::Linear => ("/v5/public/linear", &["/v5/market/tickers"]),
        };
        Paths {
            rest: "/v5",
            stream,
            other_streams: &[],
            time: "/v5/market/time",
            status: "/v5/market/time",
            instruments: "/v5/market/instruments-info",
            snapshot: "/v5/market/orderbook",
            last_prices: "/v5/market/tickers",
            best_prices: "/v5/market/tickers",
            candles: "/v5/market/kline",
            trades: "/v5/market/recent-trade",
            ticker: "/v5/market/tickers",
            funding,
        }
    }

    fn book_stream(&self, symbol: &str) -> String {
        format!("orderbook.1000.{symbol}")
    }

    fn trade_stream(&self, symbol: &str) -> String {
        format!("publicTrade.{symbol}")
    }

    fn streams(&self, symbol: &str) -> Vec<String> {
        let mut streams = vec![self.book_stream(symbol), self.trade_stream(symbol)];
        if self.0 == Category::Linear {
            streams.push(format!("tickers.{symbol}"));
        }
        streams
    }

    /// Instruments that do not trade have to be asked for by their status.
    fn instrument_list(&self) -> WireList {
        WireList { halted: false, filters: false, limits: false }
    }

    fn refused_topics(&self) -> RefusedTopics {
        RefusedTopics::NotListed
    }

    fn states_highest_price(&self) -> bool {
        self.0 == Category::Linear
    }

    fn bounds_holdings(&self) -> bool {
        self.0 == Category::Linear
    }

    fn errors(&self) -> &'static [WireError] {
        ERRORS
    }

    /// There are no weights: an address may send 600 requests in five seconds.
    fn limits(&self) -> WireLimits {
        WireLimits {
            weight: 600,
            window: Window::Rolling(Duration::from_secs(5)),
            tells_weight: false,
            ban: WireBan { code: None, status: 403, tells_time: false, seconds: &[600] },
            snapshot_weight: 1,
            largest_snapshot: (1_000, 1),
            frames_per_second: 50,
            documented: true,
            connections: 500,
            connections_window: Duration::from_secs(300),
            fills_give_orders_back: false,
            order_weight: 1,
            max_notional: false,
            market_notional_by_mark: false,
        }
    }

    fn account(&self) -> Option<&dyn AccountWire> {
        Some(match self.0 {
            Category::Spot => &BybitAccountWire(Category::Spot),
            Category::Linear => &BybitAccountWire(Category::Linear),
        })
    }
}

impl BybitWire {
    fn book(
        &self,
        kind: &str,
        symbol: &str,
        update_id: u64,
        time: i64,
        bids: &[(&str, &str)],
        asks: &[(&str, &str)],
    ) -> Vec<u8> {
        format!(
            r#"{{"topic":{},"type":"{kind}","ts":{time},"data":{{"s":{},"b":{},"a":{},"u":{update_id},"seq":{update_id}}},"cts":{time}}}"#,
            Value::from(self.book_stream(symbol)),
            Value::from(symbol),
            levels(bids),
            levels(asks),
        )
        .into_bytes()
    }
}

/// When things happen in answers, in milliseconds.
const NOW: i64 = 1_700_000_000_000;

/// Errors that a read can bring, by the exchange's documents.
const ERRORS: &[WireError] = &[
    error(200, 10_001, ErrorKind::InvalidRequest),
    error(200, 10_002, ErrorKind::Clock),
    error(200, 10_003, ErrorKind::Auth),
    error(200, 10_004, ErrorKind::Auth),
    error(200, 10_005, ErrorKind::Auth),
    error(200, 10_010, ErrorKind::Auth),
    error(200, 33_004, ErrorKind::Auth),
    error(200, 10_016, ErrorKind::Unavailable),
    error(200, 10_000, ErrorKind::Timeout),
    error(200, 10_029, ErrorKind::UnknownInstrument),
    error(200, 99_999_999, ErrorKind::Exchange),
];

fn instrument(category: Category, of: &WireInstrument<'_>) -> Value {
    let symbol = format!("{}{}", of.base, of.quote);
    let status = of.status.unwrap_or("Trading");
    let mut instrument = match category {
        Category::Spot => json!({
            "symbol": symbol, "baseCoin": of.base, "quoteCoin": of.quote, "innovation": "0", "status": status,
            "marginTrading": "none", "stTag": "0",
            "lotSizeFilter": {
                "basePrecision": of.step, "quotePrecision": "0.0000001", "minOrderQty": of.step, "maxOrderQty": "9000",
                "minOrderAmt": "5", "maxOrderAmt": "4000000", "maxLimitOrderQty": "9000", "maxMarketOrderQty": "4000",
                "postOnlyMaxLimitOrderSize": "9000",
            },
            "priceFilter": {"tickSize": of.tick},
            "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
        }),
        Category::Linear => json!({
            "symbol": symbol, "contractType": "LinearPerpetual", "status": status, "baseCoin": of.base,
            "quoteCoin": of.quote, "settleCoin": of.quote, "launchTime": "1585526400000", "deliveryTime": "0",
            "deliveryFeeRate": "", "priceScale": "2",
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
            "priceFilter": {"minPrice": of.tick, "maxPrice": "1999999.8", "tickSize": of.tick},
            "lotSizeFilter": {
                "maxOrderQty": "1190", "minOrderQty": of.step, "qtyStep": of.step, "maxMktOrderQty": "500",
                "minNotionalValue": "5", "postOnlyMaxOrderQty": "1190",
            },
            "unifiedMarginTrade": true, "fundingInterval": 480, "copyTrading": "both", "isPreListing": false,
        }),
    };
    if let Some(name) = of.filter {
        instrument[name] = json!({"wisdom": "none"});
    }
    instrument
}
