//! The payloads that the exchange's documentation shows, where they are at hand.

use tradewire_core::{ErrorKind, PrivateMessage};
use tradewire_tracking::{FillQuery, Frame, MarketDecoder, PrivateFrame};
use tradewire_transport::{Answer, Endpoint, HeaderMap, RestDialect, SocketEndpoint};

use crate::account_reads::{Executions, FeeRate, WalletBalance};
use crate::category::Category;
use crate::config::BookLevels;
use crate::fuzzing::Recorder;
use crate::limits::BybitDialect;
use crate::linear::{Positions, PositionsOf};
use crate::market::FrameDecoder;
use crate::order_arguments::OrderArguments;
use crate::order_arguments::tests::{instrument, limit, order, target};
use crate::order_commands::{CancelAllOrders, CancelOrder, PlaceOrder};
use crate::order_reads::OpenOrders;
use crate::page::SettlePage;
use crate::private::WalletView;
use crate::rest::{Klines, RecentTrades, ServerTime, Tickers};
use crate::user_stream::decode_private;

fn example(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/protocols/examples/bybit-v5");
    let read = std::fs::read(format!("{folder}/{name}.json")).ok();
    if read.is_none() {
        println!("skipped: no example {name}");
    }
    read
}

/// Reads an answer over REST.
fn rest<E: Endpoint>(endpoint: &E, name: &str) -> Option<E::Response> {
    Some(endpoint.decode(&example(name)?).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn market_messages_decode() {
    for (name, told) in [
        ("ws_public_orderbook_snapshot_push", 0),
        ("ws_public_orderbook_delta_push", 0),
        ("ws_public_trade_push", 1),
        ("ws_public_ticker_linear_push", 1),
        ("ws_public_ticker_linear_delta_push", 1),
        ("ws_public_kline_push", 1),
    ] {
        let Some(frame) = example(name) else { continue };
        let mut sink = Recorder::new();
        let decoded = FrameDecoder::new(BookLevels::Thousand).decode(&frame, &mut sink);
        assert!(matches!(decoded, Ok(Frame::Data { .. })), "{name}: {decoded:?}");
        assert_eq!(sink.said.len(), told, "{name}: books of 50 levels are not followed");
    }
    for name in ["ws_public_orderbook_snapshot_push", "ws_public_orderbook_delta_push"] {
        let Some(frame) = example(name) else { continue };
        let mut sink = Recorder::new();
        FrameDecoder::new(BookLevels::Fifty).decode(&frame, &mut sink).expect(name);
        assert_eq!(sink.said.len(), 1, "{name}");
    }
}

#[test]
fn market_answers_decode() {
    rest(&ServerTime, "market_time");
    for (category, name) in [(Category::Spot, "market_instrument_spot"), (Category::Linear, "market_instrument_linear")]
    {
        let Some(body) = example(name) else { continue };
        let list = match category {
            Category::Spot => crate::spot::decode_instruments(&body),
            Category::Linear => crate::linear::decode_instruments(&body),
        };
        let list = list.expect(name);
        assert_eq!((list.instruments.len(), list.unreadable.len()), (1, 0), "{name}");
    }
    if let Some(tickers) = rest(&Tickers { category: Category::Spot, symbol: None }, "market_tickers_spot") {
        assert!(tickers[0].bid.is_some() && tickers[0].funding.is_none());
    }
    let instrument = instrument(Category::Spot);
    let received = tradewire_core::Timestamp::from_millis(1);
    let trades = RecentTrades { category: Category::Spot, instrument: &instrument, limit: 60, received };
    rest(&trades, "market_recent_trade");
    let klines =
        Klines { category: Category::Spot, instrument: &instrument, interval: "60", length: 3_600_000, limit: 3 };
    if let Some(candles) = rest(&klines, "market_kline") {
        assert!(candles.windows(2).all(|two| two[0].open_time < two[1].open_time), "oldest first");
    }
}

#[test]
fn private_messages_decode() {
    for (name, category, kind) in [
        ("ws_private_order_push", Category::Spot, "nothing"),
        ("ws_private_execution_push", Category::Linear, "fill"),
        ("ws_private_wallet_push", Category::Spot, "balance"),
        ("ws_private_position_push", Category::Linear, "position"),
    ] {
        let Some(frame) = example(name) else { continue };
        let decoded = decode_private(category, WalletView::NotLocked, &frame);
        let Ok(PrivateFrame::Messages(told, errors)) = decoded else { panic!("{name}: {decoded:?}") };
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let told = told.first().map_or("nothing", |message| match message {
            PrivateMessage::Fill(_) => "fill",
            PrivateMessage::Balance(_) => "balance",
            PrivateMessage::Position(_) => "position",
            _ => "other",
        });
        assert_eq!(told, kind, "{name}: what belongs to another category is left alone");
    }
}

#[test]
fn commands_and_reads_decode() {
    let (placing, target) = (order(Category::Linear, limit()), target(Category::Linear, None, Some("a")));
    let arguments = OrderArguments::of(Category::Linear, &placing).expect("words");
    let place = PlaceOrder { category: Category::Linear, symbol: "BTCUSDT", arguments };
    rest(&place, "order_create_order");
    if let Some(reply) = example("ws_trade_order_create_response") {
        place.decode_result(&reply).expect("a reply");
    }
    rest(&CancelOrder { category: Category::Linear, target: &target }, "order_cancel_order");
    rest(&CancelAllOrders { category: Category::Linear, symbol: "BTCUSDT", kind: None }, "order_cancel_all");
    let open = OpenOrders::of(Category::Linear, None, None).expect("a page");
    for name in ["order_open_order", "order_order_list"] {
        assert!(rest(&open, name).is_none_or(|page| page.rows.len() == 1), "{name}");
    }
    let (instrument, id) = (instrument(Category::Linear), "a".into());
    let fills = FillQuery::Order { instrument: &instrument, order: &id, page: None };
    if let Some(page) = rest(&Executions::of(Category::Linear, &fills), "order_execution") {
        assert_eq!(page.rows[0].fee.as_ref().map(|fee| fee.asset.as_str()), Some("USDC"));
    }
    rest(&WalletBalance { view: WalletView::NotMargin }, "account_wallet_balance");
    rest(&FeeRate { category: Category::Linear, symbol: "ETHUSDT" }, "account_fee_rate");
    let of = PositionsOf::Settled(SettlePage::named(None).expect("the first"));
    if let Some(positions) = rest(&Positions { of, read: |row| row.report() }, "position_position") {
        assert!(positions.rows[0].size < tradewire_core::Decimal::ZERO, "a short one");
    }
}

#[test]
fn refusals_decode() {
    let Some(body) = example("account_set_margin_mode_error") else { return };
    let headers = HeaderMap::new();
    let error = BybitDialect.error(&Answer { status: 200, headers: &headers, body: &body }).expect("an error");
    assert_eq!(error.kind(), ErrorKind::StateConflict);
}
