use tradewire_core::{GapReason, PublicTradeId, Side, Timestamp};
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, RawBestPrices, RawTrade};

use super::{FrameDecoder, decode_snapshot};
use crate::config::BookLevels;
use crate::fuzzing::{Recorder, SCALE, SLOT, Said};

fn decoded(frame: &str) -> (Result<Frame, DecodeError>, Vec<Said>) {
    let mut sink = Recorder::new();
    let frame = FrameDecoder::new(BookLevels::Thousand).decode(frame.as_bytes(), &mut sink);
    (frame, sink.said)
}

/// What a frame says; whether the fast reader reads it as the typed one does is checked on the way.
fn said(frame: &str) -> Vec<Said> {
    let (kind, said) = decoded(frame);
    assert!(matches!(kind, Ok(Frame::Data { .. })), "{kind:?}: {frame}");
    let mut typed = Recorder::new();
    FrameDecoder::new(BookLevels::Thousand).decode_json(frame.as_bytes(), &mut typed).expect("readable");
    assert_eq!(said, typed.said);
    said
}

fn is_fast(frame: &str) -> bool {
    FrameDecoder::new(BookLevels::Thousand).read(frame.as_bytes(), &mut Recorder::new()).is_some()
}

fn refused(frame: &str) -> DecodeError {
    let (kind, said) = decoded(frame);
    assert!(said.is_empty(), "told before it was refused: {frame}");
    kind.expect_err(frame)
}

fn book(kind: &str, data: &str) -> String {
    format!(
        r#"{{"topic":"orderbook.1000.BTCUSDT","type":"{kind}","ts":1700000000005,"data":{data},"cts":1700000000001}}"#
    )
}

const DATA: &str =
    r#"{"s":"BTCUSDT","b":[["61000.10","0.5"],["61000.00","0"]],"a":[["61000.20","1.250"]],"u":77,"seq":900}"#;

#[test]
fn books_come_whole_or_as_changes_in_any_order_of_fields() {
    let expected = |snapshot| Said::Book {
        snapshot,
        id: 77,
        time: 1_700_000_000_001,
        bids: vec![(6_100_010, 500), (6_100_000, 0)],
        asks: vec![(6_100_020, 1_250)],
    };
    let delta = book("delta", DATA);
    assert!(is_fast(&delta));
    assert_eq!(said(&delta), [expected(false)]);
    assert_eq!(said(&book("snapshot", DATA)), [expected(true)]);
    let spot = format!(
        r#"{{"topic":"orderbook.1000.BTCUSDT","ts":1700000000005,"type":"delta","data":{DATA},"cts":1700000000001}}"#
    );
    assert!(is_fast(&spot));
    assert_eq!(said(&spot), [expected(false)]);
    let late = format!(
        r#"{{"data":{DATA},"cts":1700000000001,"novel":{{}},"type":"delta","topic":"orderbook.1000.BTCUSDT"}}"#
    );
    assert_eq!(said(&late), [expected(false)]);
    let spaced = delta.replace(',', ", ");
    assert!(!is_fast(&spaced));
    assert_eq!(said(&spaced), [expected(false)]);
}

#[test]
fn another_depth_is_best_prices_or_nothing() {
    let best = book("snapshot", DATA).replace("orderbook.1000", "orderbook.1");
    let expected = RawBestPrices { update_id: None, bid: (6_100_010, 500), ask: (6_100_020, 1_250) };
    assert_eq!(said(&best), [Said::Best(expected)]);
    assert!(said(&book("delta", DATA).replace("orderbook.1000", "orderbook.50")).is_empty());
    let empty = best.replace(r#"[["61000.20","1.250"]]"#, "[]");
    assert_eq!(said(&empty), [Said::Best(RawBestPrices { ask: (0, 0), ..expected })]);
}

#[test]
fn broken_books_are_refused_with_their_instrument() {
    for (from, to, reason) in [
        ("61000.10", "61000.101", GapReason::Scale),
        ("61000.10", "-1", GapReason::Decode),
        ("61000.10", "0", GapReason::Decode),
        ("\"u\":77", "\"u\":\"x\"", GapReason::Decode),
        ("\"u\":77,", "", GapReason::Decode),
        ("\"s\":\"BTCUSDT\"", "\"s\":\"ETHUSDT\"", GapReason::Decode),
        ("delta", "moon", GapReason::Decode),
        ("\"seq\":900}", "", GapReason::Decode),
    ] {
        let error = refused(&book("delta", DATA).replace(from, to));
        assert_eq!((error.slot, error.reason), (Some(SLOT), reason), "{from} {to}");
        assert!(error.error.frame().is_some());
    }
    for frame in ["", "{", "garbage", r#"{"topic":"#] {
        assert_eq!(refused(frame).slot, None, "{frame}");
    }
    let twice = book("delta", &DATA.replace("\"u\":77", "\"u\":76,\"u\":77"));
    assert!(!is_fast(&twice));
}

fn trades(rows: &str) -> String {
    format!(r#"{{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1700000000009,"data":[{rows}]}}"#)
}

const TRADE: &str = r#"{"T":1700000000007,"s":"BTCUSDT","S":"Buy","v":"0.130","p":"61000.20","L":"PlusTick","i":"0a1b2c3d-0000-5eef-8899-00aabbccddee","BT":false,"RPI":false,"seq":17}"#;

#[test]
fn trades_say_who_took_and_keep_their_ids() {
    let trade = RawTrade {
        id: PublicTradeId::read(b"0a1b2c3d-0000-5eef-8899-00aabbccddee").expect("an id"),
        aggregates: None,
        price: 6_100_020,
        quantity: 130,
        taker: Side::Buy,
        time: Timestamp::from_millis(1_700_000_000_007),
    };
    let other = TRADE.replace("Buy", "Sell").replace("0a1b2c3d-0000-5eef-8899-00aabbccddee", "2290000000061666327");
    let frame = trades(&format!("{TRADE},{other}"));
    assert!(is_fast(&frame));
    let sold = RawTrade { id: PublicTradeId::Number(2_290_000_000_061_666_327), taker: Side::Sell, ..trade };
    assert_eq!(said(&frame), [Said::Trade(trade), Said::Trade(sold)]);
    for (from, to) in [("0.130", "0"), ("Buy", "Hold"), ("0a1b", "zzzz"), ("\"BTCUSDT\"", "\"ETHUSDT\"")] {
        let broken = trades(&format!("{TRADE},{}", TRADE.replace(from, to)));
        assert_eq!(refused(&broken).slot, Some(SLOT), "none of them is told: {to}");
    }
    assert!(said(&trades("")).is_empty());
}

#[test]
fn a_ticker_tells_only_what_changed() {
    let ticker = |kind: &str, data: &str| {
        said(&format!(r#"{{"topic":"tickers.BTCUSDT","type":"{kind}","data":{data},"cs":5,"ts":1700000000009}}"#))
    };
    let all = r#"{"symbol":"BTCUSDT","markPrice":"61000.25","indexPrice":"61001","fundingRate":"-0.0001","nextFundingTime":"1700006400000","fundingIntervalHour":"8","lastPrice":"1"}"#;
    let [Said::Funding(change)] = ticker("snapshot", all)[..] else { panic!("funding") };
    assert_eq!(change.mark_price.map(|price| price.to_string()).as_deref(), Some("61000.25"));
    assert_eq!(change.rate.map(|rate| rate.to_string()).as_deref(), Some("-0.0001"));
    assert_eq!(change.next_time, Some(Timestamp::from_millis(1_700_006_400_000)));
    assert_eq!(change.interval.map(|interval| interval.as_secs()), Some(28_800));
    let [Said::Funding(change)] = ticker("delta", r#"{"symbol":"BTCUSDT","markPrice":"61000.5"}"#)[..] else {
        panic!("funding")
    };
    assert_eq!((change.index_price, change.rate, change.next_time, change.interval), (None, None, None, None));
    assert!(ticker("delta", r#"{"symbol":"BTCUSDT","lastPrice":"2"}"#).is_empty());
    assert!(ticker("delta", r#"{"symbol":"BTCUSDT","fundingRate":""}"#).is_empty(), "an empty figure is none");
}

#[test]
fn candles_are_whole() {
    let frame = r#"{"topic":"kline.5.BTCUSDT","data":[{"start":1700000100000,"end":1700000399999,"interval":"5","open":"1","close":"2","high":"3","low":"0.5","volume":"10","turnover":"20.5","confirm":true,"timestamp":1}],"ts":1,"type":"snapshot"}"#;
    let [Said::Candle(candle)] = &said(frame)[..] else { panic!("a candle") };
    assert_eq!((candle.interval.as_str(), candle.closed, candle.trades), ("5", true, None));
    assert_eq!((candle.high.to_string(), candle.quote_volume.to_string()), ("3".to_owned(), "20.5".to_owned()));
}

#[test]
fn what_is_not_followed_or_not_known_is_left_alone() {
    assert!(said(&book("delta", DATA).replace("BTCUSDT", "ETHUSDT")).is_empty());
    assert!(matches!(decoded(r#"{"topic":"moon.phase","data":{}}"#).0, Ok(Frame::Unknown)));
    let reply = decoded(r#"{"success":false,"ret_msg":"no such topic","conn_id":"c","req_id":"4","op":"subscribe"}"#).0;
    assert!(matches!(reply, Ok(Frame::Reply { id: Some(4), refused: Some(words) }) if words == "no such topic"));
    let pong = decoded(r#"{"success":true,"ret_msg":"pong","conn_id":"c","op":"ping"}"#).0;
    assert!(matches!(pong, Ok(Frame::Reply { id: None, refused: None })));
}

#[test]
fn snapshots_by_rest_have_the_count_of_the_stream() {
    let body = format!(r#"{{"retCode":0,"retMsg":"OK","result":{DATA},"retExtInfo":{{}},"time":1}}"#);
    let snapshot = decode_snapshot(body.as_bytes(), SCALE).expect("a snapshot");
    assert_eq!((snapshot.update_id, snapshot.bids.len(), snapshot.asks), (77, 2, vec![(6_100_020, 1_250)]));
    assert!(decode_snapshot(b"{}", SCALE).is_err());
}
