//! What frames say, and what is wrong with those that say nothing. Every frame is read by both readers.

use tradewire_core::{GapReason, Side, Timestamp};
use tradewire_tracking::{DecodeError, Frame, MarketDecoder, RawBestPrices, RawTrade, Slot};

use super::{FrameDecoder, FrameForm};
use crate::fuzzing::{OwnedBook, Recorder, Said, market_frame};

const BTCUSDT: Slot = Slot(0);

fn decode(form: FrameForm, frame: &str) -> (Result<Frame, DecodeError>, Vec<Said>) {
    market_frame(frame.as_bytes());
    let mut sink = Recorder::default();
    let decoded = FrameDecoder::new(form).decode(frame.as_bytes(), &mut sink);
    (decoded, sink.said)
}

fn said(frame: &str) -> Vec<Said> {
    let (decoded, said) = decode(FrameForm::Spot, frame);
    assert!(matches!(decoded, Ok(Frame::Data { .. })), "{decoded:?} of {frame}");
    said
}

fn refused(frame: &str) -> DecodeError {
    let (decoded, said) = decode(FrameForm::Spot, frame);
    assert!(said.is_empty(), "told of {frame}");
    decoded.expect_err(frame)
}

fn depth(b: &str, a: &str) -> String {
    format!(
        r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":1767225600100,"s":"BTCUSDT","U":7,"u":9,"b":{b},"a":{a}}}}}"#
    )
}

fn book(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Vec<Said> {
    let book = OwnedBook { ids: (7, 9, None), millis: 1_767_225_600_100, bids: bids.to_vec(), asks: asks.to_vec() };
    vec![Said::Book(BTCUSDT, book)]
}

#[test]
fn book_changes_come_as_integers_in_the_order_of_the_message() {
    let frame =
        depth(r#"[["61000.10000000","0.50000000"],["60999.00000000","0.00000000"]]"#, r#"[["61000.2","1.25"]]"#);
    assert_eq!(said(&frame), book(&[(6_100_010, 50_000), (6_099_900, 0)], &[(6_100_020, 125_000)]));
    assert_eq!(said(&depth("[]", "[]")), book(&[], &[]));
}

#[test]
fn unusual_but_valid_frames_say_the_same() {
    let expected = book(&[(6_100_010, 50_000)], &[]);
    for frame in [
        r#" { "stream" : "btcusdt@depth" , "data" : { "e" : "depthUpdate" , "E" : 1767225600100 , "s" : "BTCUSDT" ,
            "U" : 7 , "u" : 9 , "b" : [ [ "61000.10000000" , "0.50000000" ] ] , "a" : [ ] } } "#,
        r#"{"data":{"b":[["61000.1","0.5"]],"a":[],"u":9,"U":7,"s":"BTCUSDT","E":1767225600100,"e":"depthUpdate"},"stream":"x"}"#,
        r#"{"stream":"x","data":{"\u0065":"depth\u0055pdate","E":1767225600100,"s":"BTC\u0055SDT","U":7,"u":9,"b":[["61000.1","\u0030.5"]],"a":[]}}"#,
        r#"{"e":"depthUpdate","E":1767225600100,"novel":{"deep":[1,{"b":2}]},"s":"BTCUSDT","U":7,"u":9,"b":[[61000.1,0.5]],"a":[]}"#,
        r#"{"e":"depthUpdate","E":1767225600100,"zz":null,"long":"text","s":"BTCUSDT","Q":-1.5e3,"U":7,"u":9,"b":[["61000.1","0.5"]],"a":[]}"#,
    ] {
        assert_eq!(said(frame), expected, "{frame}");
    }
}

#[test]
fn a_bad_level_refuses_the_whole_message_and_names_the_instrument() {
    for (level, reason) in [
        (r#"["0.00000000","1.00000000"]"#, GapReason::Decode),
        (r#"["-1.00","1.0"]"#, GapReason::Decode),
        (r#"["1.00","-1.0"]"#, GapReason::Decode),
        (r#"["1e3","1.0"]"#, GapReason::Decode),
        (r#"["","1.0"]"#, GapReason::Decode),
        (r#"["1.00"]"#, GapReason::Decode),
        (r#"["1.00","1.0","2.0"]"#, GapReason::Decode),
        (r#"["1.00",null]"#, GapReason::Decode),
        (r#"["10000000000000000.00","1.0"]"#, GapReason::Decode),
        (r#"["61000.10100000","1.00000000"]"#, GapReason::Scale),
        (r#"["61000.10000000","0.00000100"]"#, GapReason::Scale),
    ] {
        let error = refused(&depth(r#"[["61000.10000000","0.50000000"]]"#, &format!("[{level}]")));
        assert_eq!((error.slot, error.reason), (Some(BTCUSDT), reason), "{level}: {}", error.error);
        assert!(error.error.frame().is_some());
    }
}

#[test]
fn ten_thousand_levels_a_side_are_the_most() {
    let side = |count: usize| format!("[{}]", vec![r#"["61000.10000000","0.50000000"]"#; count].join(","));
    assert_eq!(said(&depth(&side(10_000), "[]")), book(&[(6_100_010, 50_000); 10_000], &[]));
    assert_eq!(refused(&depth("[]", &side(10_001))).slot, Some(BTCUSDT));
}

#[test]
fn needed_fields_and_sound_ids_are_insisted_on() {
    let whole = depth("[]", "[]");
    for field in [r#""E":1767225600100,"#, r#""U":7,"#, r#""u":9,"#, r#""b":[],"#, r#","a":[]"#] {
        assert_eq!(refused(&whole.replace(field, "")).slot, Some(BTCUSDT), "{field}");
    }
    for (field, other) in [(r#""U":7"#, r#""U":10"#), (r#""U":7"#, r#""U":"7""#), (r#""U":7"#, r#""U":7,"U":7"#)] {
        assert_eq!(refused(&whole.replace(field, other)).slot, Some(BTCUSDT), "{other}");
    }
    let error = refused(&whole.replace(r#""s":"BTCUSDT","#, ""));
    assert_eq!(error.slot, Some(BTCUSDT), "by the name of the stream");
}

#[test]
fn broken_frames_name_the_instrument_where_it_can_be_read() {
    let whole = depth(r#"[["61000.10000000","0.50000000"]]"#, "[]");
    for length in [25, 60, 100, 120, whole.len() - 1] {
        assert_eq!(refused(&whole[..length]).slot, Some(BTCUSDT), "{length}");
    }
    for frame in ["", "{", "garbage", r#"{"stream":"#, r#"{"e":"depthUpdate","s":"#] {
        assert_eq!(refused(frame).slot, None, "{frame}");
    }
}

#[test]
fn trades_say_who_took() {
    let trade = RawTrade {
        id: 88.into(),
        aggregates: None,
        price: 6_100_020,
        quantity: 130,
        taker: Side::Buy,
        time: Timestamp::from_millis(1_767_225_600_299),
    };
    let frame = r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1767225600300,"s":"BTCUSDT","t":88,"p":"61000.20000000","q":"0.00130000","T":1767225600299,"m":false,"M":true}}"#;
    assert_eq!(said(frame), [Said::Trade(BTCUSDT, trade)]);
    let older = frame.replace(r#""T":"#, r#""b":881,"a":882,"T":"#);
    assert_eq!(said(&older), [Said::Trade(BTCUSDT, trade)]);
    let sold = frame.replace(r#""m":false"#, r#""m":true"#);
    assert_eq!(said(&sold), [Said::Trade(BTCUSDT, RawTrade { taker: Side::Sell, ..trade })]);
    let aggregate = frame.replace(r#""e":"trade""#, r#""e":"aggTrade""#).replace(r#""t":88"#, r#""a":88,"f":5,"l":9"#);
    assert_eq!(said(&aggregate), [Said::Trade(BTCUSDT, RawTrade { aggregates: Some((5, 9)), ..trade })]);
    for (field, other) in [("0.00130000", "0.00000000"), ("61000.20000000", "0.00000000"), ("false", "0")] {
        assert_eq!(refused(&frame.replace(field, other)).slot, Some(BTCUSDT));
    }
}

#[test]
fn best_prices_are_known_by_their_form_and_a_side_may_be_empty() {
    let best = RawBestPrices { update_id: Some(31), bid: (6_100_010, 50_000), ask: (6_100_020, 120_000) };
    let frame = r#"{"u":31,"s":"BTCUSDT","b":"61000.10000000","B":"0.50000000","a":"61000.20000000","A":"1.20000000"}"#;
    assert_eq!(said(frame), [Said::BestPrices(BTCUSDT, best)]);
    let wrapped = format!(r#"{{"stream":"btcusdt@bookTicker","data":{frame}}}"#);
    assert_eq!(said(&wrapped), [Said::BestPrices(BTCUSDT, best)]);
    let empty = frame.replace("61000.20000000", "0.00000000").replace("1.20000000", "0.00000000");
    assert_eq!(said(&empty), [Said::BestPrices(BTCUSDT, RawBestPrices { ask: (0, 0), ..best })]);
    assert_eq!(refused(&wrapped.replace("61000.20000000", "0.00000000")).slot, Some(BTCUSDT));
}

#[test]
fn candles_are_exact() {
    let candles = said(include_str!("../../fixtures/stream-kline.json"));
    let [Said::Candle(BTCUSDT, candle)] = candles.as_slice() else { panic!("{candles:?}") };
    assert_eq!(
        (candle.pair.as_str(), candle.interval.as_str(), candle.trades, candle.closed),
        ("BTC-USDT", "1m", Some(44), true)
    );
    assert_eq!(candle.high.to_string(), "61009.5");
    assert_eq!(candle.quote_volume.normalize().to_string(), "198260.125");
}

#[test]
fn instruments_that_are_not_followed_are_passed_over() {
    let frame = depth(r#"[["0.123456789","1"]]"#, "[]").replace("BTCUSDT", "DOGEUSDT");
    assert_eq!(said(&frame), []);
}

#[test]
fn answers_notices_and_novelties() {
    let spot = |frame| decode(FrameForm::Spot, frame).0.expect(frame);
    assert!(matches!(spot(r#"{"result":null,"id":12}"#), Frame::Reply { id: Some(12), refused: None }));
    assert!(matches!(spot(r#"{"result":["btcusdt@trade"],"id":3}"#), Frame::Reply { id: Some(3), refused: None }));
    assert!(matches!(spot(r#"{"result":null,"id":"abc"}"#), Frame::Reply { id: None, refused: None }));
    for frame in
        [r#"{"error":{"code":2,"msg":"Invalid request"},"id":13}"#, r#"{"code":2,"msg":"Invalid request","id":13}"#]
    {
        let Frame::Reply { id: Some(13), refused: Some(words) } = spot(frame) else { panic!("{frame}") };
        assert_eq!(words, "code 2: Invalid request");
    }
    for frame in
        [r#"{"e":"serverShutdown","E":1}"#, r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}"#]
    {
        assert!(matches!(spot(frame), Frame::ShutdownNotice));
    }
    for frame in [
        r#"{"e":"eclipse","s":"BTCUSDT"}"#,
        r#"{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker"}]}"#,
        r#"{"lastUpdateId":1,"bids":[],"asks":[]}"#,
        "[]",
        "7",
    ] {
        assert!(matches!(spot(frame), Frame::Unknown), "{frame}");
    }
}

#[test]
fn futures_name_the_id_before_and_their_market() {
    let futures = |frame: &str| decode(FrameForm::Futures, frame);
    let frame = include_str!("../../fixtures/stream-depth-update-usdm.json");
    let (decoded, said) = futures(frame);
    assert!(matches!(decoded, Ok(Frame::Data { kind: "depthUpdate" })));
    let [Said::Book(BTCUSDT, book)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(book.ids, (9_100, 9_250, Some(9_080)));
    let (decoded, said) = futures(&frame.replace(r#""st":1"#, r#""st":2"#));
    assert!(matches!(decoded, Ok(Frame::Data { .. })) && said.is_empty(), "coin-margined");
    assert_eq!(futures(&frame.replace(r#","pu":9080"#, "")).0.expect_err("no pu").slot, Some(BTCUSDT));
    let trade = include_str!("../../fixtures/stream-trade-usdm.json");
    assert_eq!(futures(trade).1.len(), 1);
    let (decoded, said) = futures(&trade.replace("MARKET", "NA").replace("61010.20", "0"));
    assert!(matches!(decoded, Ok(Frame::Unknown)) && said.is_empty(), "stands for no trade");
}
