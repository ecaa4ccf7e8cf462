//! Kraken's wire, as messages made by hand from <https://docs.kraken.com>: REST version 0, WebSocket version 2.

mod account;
mod private_frames;

use std::time::Duration;

use serde_json::{Value, json};
use tradewire_core::{Decimal, ErrorKind, Level, Pair, Side, Timestamp};
use tradewire_tracking::OrderBook;
use tradewire_transport::Window;

use crate::{
    AccountWire, Paths, RefusedTopics, Wire, WireBan, WireError, WireInstrument, WireLimits, WireList, WireTrade,
    WireUpdate, WireVersion,
};

/// The exchange's wire.
pub(crate) struct KrakenWire;

/// Levels of each side that a checksum is taken over.
const SUMMED: usize = 10;
/// What stands in a frame until its checksum is known.
const UNSUMMED: &str = r#""checksum":0,"#;

impl Wire for KrakenWire {
    fn simulated(&self) -> &'static str {
        "kraken-spot"
    }

    fn symbol(&self, pair: &Pair) -> String {
        format!("{}/{}", pair.base(), pair.quote())
    }

    fn snapshot(&self, symbol: &str, _: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8> {
        book("snapshot", symbol, "2023-11-14T22:13:20.000000Z", bids, asks)
    }

    fn update(&self, symbol: &str, update: &WireUpdate<'_>) -> Vec<u8> {
        book("update", symbol, &rfc3339(update.time), update.bids, update.asks)
    }

    fn trade(&self, symbol: &str, trade: &WireTrade<'_>) -> Vec<u8> {
        let WireTrade { id, price, quantity, taker, time } = trade;
        let time = rfc3339(*time);
        let side = if *taker == Side::Buy { "buy" } else { "sell" };
        format!(
            r#"{{"channel":"trade","type":"update","data":[{{"symbol":{},"side":"{side}","price":{price},"qty":{quantity},"ord_type":"market","trade_id":{id},"timestamp":"{time}"}}]}}"#,
            Value::from(symbol),
        )
        .into_bytes()
    }

    fn instruments(&self, list: &[WireInstrument<'_>]) -> Vec<u8> {
        let rows: serde_json::Map<String, Value> = list.iter().map(instrument).collect();
        json!({ "error": [], "result": rows }).to_string().into_bytes()
    }

    fn unknown_event(&self) -> Vec<u8> {
        br#"{"channel":"moon","type":"update","data":[{"phase":"full"}]}"#.to_vec()
    }

    fn paths(&self) -> Paths {
        Paths {
            rest: "/0",
            stream: "/v2",
            other_streams: &[],
            time: "/0/public/Time",
            status: "/0/public/SystemStatus",
            instruments: "/0/public/AssetPairs",
            snapshot: "/0/public/Depth",
            last_prices: "/0/public/Ticker",
            best_prices: "/0/public/Ticker",
            candles: "/0/public/OHLC",
            trades: "/0/public/Trades",
            ticker: "/0/public/Ticker",
            funding: &[],
        }
    }

    fn book_stream(&self, symbol: &str) -> String {
        // The simulated exchange adds the depth to its name.
        format!("book:{symbol}:1000")
    }

    fn trade_stream(&self, symbol: &str) -> String {
        format!("trade:{symbol}")
    }

    fn streams(&self, symbol: &str) -> Vec<String> {
        vec![self.book_stream(symbol), self.trade_stream(symbol)]
    }

    fn instrument_list(&self) -> WireList {
        WireList { halted: true, filters: false, limits: false }
    }

    fn refused_topics(&self) -> RefusedTopics {
        RefusedTopics::NotListed
    }

    fn states_checksums(&self) -> bool {
        true
    }

    fn summed(&self, frame: Vec<u8>, after: &OrderBook) -> Vec<u8> {
        let scale = after.scale();
        let side = |side| after.levels(side).map(|level| (level.price.value(), level.quantity.value()));
        let sum = checksum(side(Side::Sell), side(Side::Buy), (scale.price, scale.quantity));
        // Frames are made here, of text.
        String::from_utf8_lossy(&frame).replace(UNSUMMED, &format!(r#""checksum":{sum},"#)).into_bytes()
    }

    /// The decimals of what the simulator lists are those of its books.
    fn version(&self, _: u64, bids: &[Level], asks: &[Level]) -> WireVersion {
        let scales = bids.iter().chain(asks).map(|level| (level.price.value().scale(), level.quantity.value().scale()));
        let side = |levels: &[Level]| {
            let levels = levels.iter().map(|level| (level.price.value(), level.quantity.value()));
            levels.collect::<Vec<_>>().into_iter()
        };
        let sum = checksum(side(asks), side(bids), scales.max().unwrap_or_default());
        WireVersion { id: u64::from(sum), levels: SUMMED }
    }

    fn code_word(&self, code: i64) -> Option<&'static str> {
        let known = usize::try_from(code).ok().and_then(|place| WORDS.get(place)).copied();
        known.or(Some("EOrder:Never heard of"))
    }

    /// Words are logged by a number that is made of them.
    fn logged_code(&self, _: i64, says: &str) -> i64 {
        i64::from(crc32(says.as_bytes()))
    }

    fn states_largest_quantity(&self) -> bool {
        false
    }

    fn states_highest_price(&self) -> bool {
        false
    }

    fn bounds_holdings(&self) -> bool {
        false
    }

    fn time_step(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn errors(&self) -> &'static [WireError] {
        ERRORS
    }

    /// Figures for public requests are not documented: about one a second is tolerated.
    fn limits(&self) -> WireLimits {
        WireLimits {
            weight: 15,
            window: Window::Rolling(Duration::from_secs(15)),
            tells_weight: false,
            ban: WireBan { code: Some(16), status: 429, tells_time: false, seconds: &[120, 240, 480] },
            snapshot_weight: 1,
            largest_snapshot: (500, 1),
            frames_per_second: 20,
            documented: false,
            connections: 150,
            connections_window: Duration::from_secs(600),
            fills_give_orders_back: false,
            order_weight: 0,
            max_notional: false,
            market_notional_by_mark: false,
        }
    }

    fn account(&self) -> Option<&dyn AccountWire> {
        Some(&account::KrakenAccountWire)
    }
}

/// A time as text, to the microsecond.
fn rfc3339(time: Timestamp) -> String {
    let micros = time.as_nanos().div_euclid(1_000);
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
}

/// The date so many days after the first of 1970.
fn date(mut days: i64) -> (i64, usize, i64) {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 0;
    for length in [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month + 1, days + 1)
}

fn book(kind: &str, symbol: &str, time: &str, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> Vec<u8> {
    let side = |levels: &[(&str, &str)]| {
        let levels = levels.iter().map(|(price, quantity)| format!(r#"{{"price":{price},"qty":{quantity}}}"#));
        levels.collect::<Vec<_>>().join(",")
    };
    format!(
        r#"{{"channel":"book","type":"{kind}","data":[{{"symbol":{},"bids":[{}],"asks":[{}],{UNSUMMED}"timestamp":"{time}"}}]}}"#,
        Value::from(symbol),
        side(bids),
        side(asks),
    )
    .into_bytes()
}

/// CRC-32 over the best asks and the best bids, best first: numbers with all their decimals, without point and zeros in front.
fn checksum(
    asks: impl Iterator<Item = (Decimal, Decimal)>,
    bids: impl Iterator<Item = (Decimal, Decimal)>,
    (price, quantity): (u32, u32),
) -> u32 {
    let digits = |mut number: Decimal, scale| {
        number.rescale(scale);
        number.mantissa().to_string()
    };
    let levels = asks.take(SUMMED).chain(bids.take(SUMMED));
    let text: String = levels.map(|(at, size)| digits(at, price) + &digits(size, quantity)).collect();
    crc32(text.as_bytes())
}

/// The CRC of zlib and PNG, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// The exchange's codes are words; here they have numbers, by their places.
const WORDS: &[&str] = &[
    "EGeneral:Invalid arguments",
    "EQuery:Unknown asset pair",
    "EAPI:Invalid key",
    "EAPI:Invalid signature",
    "EAPI:Invalid nonce",
    "EGeneral:Permission denied",
    "EService:Unavailable",
    "EService:Deadline elapsed",
    "EGeneral:Internal error",
    "EOrder:Unknown order",
    "EOrder:Insufficient funds",
    "EOrder:Order minimum not met",
    "EOrder:Tick size check failed",
    "EOrder:Post only order",
    "EOrder:Orders limit exceeded",
    "EService:Market in cancel_only mode",
    "EGeneral:Temporary lockout",
];

const fn error(code: i64, kind: ErrorKind) -> WireError {
    WireError { status: 200, code, kind }
}

/// Errors that a read can bring.
const ERRORS: &[WireError] = &[
    error(0, ErrorKind::InvalidRequest),
    error(1, ErrorKind::UnknownInstrument),
    error(2, ErrorKind::Auth),
    error(3, ErrorKind::Auth),
    error(4, ErrorKind::Clock),
    error(5, ErrorKind::Auth),
    error(6, ErrorKind::Unavailable),
    error(7, ErrorKind::Timeout),
    error(8, ErrorKind::Unavailable),
    error(9_999, ErrorKind::Exchange),
];

fn instrument(of: &WireInstrument<'_>) -> (String, Value) {
    let older = |asset: &str| if asset == "BTC" { "XBT".to_owned() } else { asset.to_owned() };
    let (base, quote) = (older(of.base), older(of.quote));
    let decimals = |step: &str| step.trim_end_matches('0').split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let name = format!("{base}{quote}");
    let row = json!({
        "altname": name, "wsname": format!("{base}/{quote}"), "aclass_base": "currency", "base": base,
        "aclass_quote": "currency", "quote": quote, "lot": "unit", "pair_decimals": decimals(of.tick), "cost_decimals": 8,
        "lot_decimals": decimals(of.step), "lot_multiplier": 1, "ordermin": of.step, "costmin": "0.5",
        "tick_size": of.tick, "status": of.status.unwrap_or("online"),
    });
    (name, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zlib() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn times_are_texts() {
        assert_eq!(rfc3339(Timestamp::from_millis(1_709_251_199_500)), "2024-02-29T23:59:59.500000Z");
    }
}
