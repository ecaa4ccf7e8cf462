use std::time::Duration;

use tradewire_core::{ErrorKind, Timestamp};
use tradewire_simulator::{ConnectionRecord, Fault, OrderCommand, RequestRecord};
use tradewire_tracking::OrderEntry;
use tradewire_transport::RenderedRequest;

use super::binance::{self, RFC_8032, RSA, example, refused, text, unknown};
use super::binance_spot_private;
use crate::account_wire::{
    AccountPaths, AccountReports, AccountSocket, AccountWire, ExampleKey, PerpetualPaths, SignedPart, SigningExample,
    WireErrorText, WireOrderError, WireOrderLimit, WirePrivateFrame,
};

/// Binance spot, signed requests of REST API v3 and of the WebSocket API.
pub(super) struct BinanceSpotAccountWire;

impl AccountWire for BinanceSpotAccountWire {
    fn signing_examples(&self) -> &'static [SigningExample] {
        EXAMPLES
    }

    fn order_limit(&self) -> Option<WireOrderLimit> {
        Some(WireOrderLimit { limit: 100, window: Duration::from_secs(10), told: true })
    }

    fn signed_part(&self, request: &RenderedRequest) -> Option<SignedPart> {
        binance::signed_part(request)
    }

    fn payload(&self, request: &RequestRecord, api_key: &str) -> String {
        binance::payload(request, api_key)
    }

    fn stamp(&self, request: &RequestRecord) -> Option<(Timestamp, Duration)> {
        binance::stamp(&format!("{}{}", request.query, request.body))
    }

    fn secret_marks(&self) -> &'static [&'static str] {
        binance::SECRET_MARKS
    }

    fn aim(&self, fault: Fault, command: OrderCommand, by: OrderEntry) -> Fault {
        let (method, path) = match command {
            OrderCommand::Amend => (("PUT", "/api/v3/order/amend/keepPriority"), "order.amend.keepPriority"),
            OrderCommand::Cancel => (("DELETE", "/api/v3/order"), "order.cancel"),
            OrderCommand::CancelAll => (("DELETE", "/api/v3/openOrders"), "openOrders.cancelAll"),
            OrderCommand::Replace => (("POST", "/api/v3/order/cancelReplace"), "order.cancelReplace"),
            _ => (("POST", "/api/v3/order"), "order.place"),
        };
        match by {
            OrderEntry::Rest => fault.method(method.0).path(method.1),
            OrderEntry::Socket => fault.path(path),
        }
    }

    fn order_errors(&self) -> &'static [WireOrderError] {
        ORDER_ERRORS
    }

    fn order_error_texts(&self) -> &'static [WireErrorText] {
        TEXTS
    }

    fn clock_error(&self) -> WireOrderError {
        refused(400, -1021, ErrorKind::Clock)
    }

    fn refused_credentials(&self) -> &'static [WireOrderError] {
        &ORDER_ERRORS[..CREDENTIALS]
    }

    fn balance_events(&self) -> &'static [&'static str] {
        &["outboundAccountPosition", "balanceUpdate"]
    }

    fn fill_event(&self) -> &'static str {
        "TRADE"
    }

    fn fills_in_reply(&self) -> bool {
        true
    }

    fn paths(&self) -> AccountPaths {
        AccountPaths {
            calls: "/ws-api/v3",
            private: "/ws-api/v3",
            login: "userDataStream.subscribe.signature",
            key_only: &[],
            balances: "/api/v3/account",
            fees: "/api/v3/account/commission",
            order: "/api/v3/order",
            order_by_client_id: "/api/v3/order",
            open_orders: "/api/v3/openOrders",
            history: "/api/v3/allOrders",
            fills: "/api/v3/myTrades",
            fills_of_order: "/api/v3/myTrades",
            order_event: "executionReport",
        }
    }

    fn unknown_order(&self) -> WireErrorText {
        text(-2011, "Unknown order sent.", ErrorKind::NotFound)
    }

    fn reports(&self) -> AccountReports {
        AccountReports {
            any: "executionReport",
            accepted: "NEW",
            fill: "TRADE",
            fills: &["TRADE"],
            cancelled: "CANCELED",
            balances: "outboundAccountPosition",
        }
    }

    fn refusal_status(&self) -> u16 {
        400
    }

    fn wrong_signature(&self) -> i64 {
        -1022
    }

    fn perpetual(&self) -> Option<PerpetualPaths> {
        None
    }

    /// Both are sockets for calls; private events come where they are subscribed.
    fn socket(&self, of: &ConnectionRecord) -> Option<AccountSocket> {
        let private = !of.subscriptions.is_empty();
        let kind = if private { AccountSocket::Private } else { AccountSocket::Orders };
        of.path.starts_with(self.paths().calls).then_some(kind)
    }

    fn window_start(&self, query: &str) -> Option<Timestamp> {
        binance::window_start(query)
    }

    fn private_frames(&self) -> Vec<WirePrivateFrame> {
        binance_spot_private::frames()
    }
}

/// The key of the documentation's examples, and its secret.
const PUBLISHED: ExampleKey = ExampleKey::Hmac("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");
/// By query, by query and body, by socket call and by login.
const EXAMPLES: &[SigningExample] = &[
    example(
        PUBLISHED,
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
    ),
    example(
        PUBLISHED,
        "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1\
         &price=0.1&recvWindow=5000&timestamp=1499827319559",
        "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
    ),
    example(
        PUBLISHED,
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
        "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
    ),
    example(
        PUBLISHED,
        "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00&quantity=0.01000000\
         &recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
        "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    ),
    example(
        PUBLISHED,
        "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=0.10000000&quantity=1.00000000\
         &recvWindow=5000&side=BUY&symbol=１２３４５６&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
        "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
    ),
    example(
        PUBLISHED,
        "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&timestamp=1649729878532",
        "1cf54395b336b0a9727ef27d5d98987962bc47aca6e13fe978612d0adee066ed",
    ),
    example(
        RFC_8032,
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000",
        "XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg==",
    ),
    example(
        RFC_8032,
        "apiKey=example-key&timestamp=1649729878532",
        "t4Phv5Si0QM9zFnkb42ruMFoIKEkA448UKCdNxZ9FrDwwHIoe7ngOqRVLwqhxiu4bvNZqiHDF+tCBZK+QAHPCA==",
    ),
    example(
        RSA,
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=61000.5&recvWindow=5000\
         &timestamp=1780000000123",
        "ad7kDEiytgxjlXso5mvsmCPCRXjnlDIIR/ve6hmpiHJrXocgV1QzQdGaOBKyEzZF7qHGm3srl+bljqMfmbrOD+A9BNbMI/k/v4arA1uFBNd3rOfr\
         9AmFUC3n+krJgnWgENxktl5Uo/w+NGsnr/OoB/d3UXYSgGFFtPAYE3bWc40T1OsErrrYficdqgZz/bKvUVWeNmT24diDUi2hBr88MsWPybXEuZSK\
         JxA9ejj5aBw6TIgoA8DzWuSB8lRibDx8M97s0pftIA8i14IqWx7VCWA9hC0JxXgJsPXUx4WfZ3K6vH64k0LQcqBrQ+TIngv7F3bvvzfva3BPd+1b\
         czO6QQ==",
    ),
    example(
        RSA,
        "apiKey=key-of-the-suite&recvWindow=5000&symbol=币安人生USDT&timestamp=1780000000123",
        "MiHSx7z+qEP0V48RntjX4xbIxu7zUo3JC/x6U/nsv71izNAc9TXlzpV+0jMM6USDrR/9kJDNXb00gbeiupPYt8h0deRIdlfu3KZarPwUT+0KbARr\
         fE5r6thefH8EyktgAi16ai9ilBSn7WWb5FZS27oMwChykdI3ZvL4XtEifWNaB5PfVKV7SiFvxMzvwWaHWyy2ImWVN1JfLltyYhwtSTcziDGuGDKY\
         ozT06yazPLpY5TmNfqax4Z/dDJnO2fa5U+ggEv/v9xHYYS/BwgI+zKVUdTX2yfabqj+w9x4uptRsxvM5WAn7x1nkTlNlP/mDGrTJIpCPV6Dd9HJz\
         uKEqqQ==",
    ),
];

/// How many of [`ORDER_ERRORS`], from the first, refuse credentials.
const CREDENTIALS: usize = 4;

/// Errors of order commands, by the exchange's documents.
const ORDER_ERRORS: &[WireOrderError] = &[
    refused(401, -1002, ErrorKind::Auth),
    refused(400, -1022, ErrorKind::Auth),
    refused(401, -2014, ErrorKind::Auth),
    refused(401, -2015, ErrorKind::Auth),
    unknown(500, -1000, ErrorKind::Unavailable),
    unknown(400, -1000, ErrorKind::Unavailable),
    unknown(500, -1001, ErrorKind::Unavailable),
    refused(429, -1003, ErrorKind::RateLimited),
    unknown(400, -1006, ErrorKind::Unavailable),
    unknown(400, -1007, ErrorKind::Timeout),
    unknown(504, -1007, ErrorKind::Timeout),
    unknown(400, -1008, ErrorKind::Unavailable),
    unknown(503, -1008, ErrorKind::Unavailable),
    refused(400, -1010, ErrorKind::Exchange),
    refused(400, -1013, ErrorKind::InvalidRequest),
    refused(400, -1014, ErrorKind::InvalidRequest),
    refused(429, -1015, ErrorKind::RateLimited),
    refused(400, -1016, ErrorKind::Unavailable),
    refused(400, -1020, ErrorKind::Unsupported),
    refused(400, -1021, ErrorKind::Clock),
    refused(400, -1034, ErrorKind::RateLimited),
    refused(400, -1100, ErrorKind::InvalidRequest),
    refused(400, -1101, ErrorKind::InvalidRequest),
    refused(400, -1102, ErrorKind::InvalidRequest),
    refused(400, -1103, ErrorKind::InvalidRequest),
    refused(400, -1104, ErrorKind::InvalidRequest),
    refused(400, -1105, ErrorKind::InvalidRequest),
    refused(400, -1106, ErrorKind::InvalidRequest),
    refused(400, -1108, ErrorKind::InvalidRequest),
    refused(400, -1111, ErrorKind::InvalidRequest),
    refused(400, -1112, ErrorKind::NotTradable),
    refused(400, -1114, ErrorKind::InvalidRequest),
    refused(400, -1115, ErrorKind::InvalidRequest),
    refused(400, -1116, ErrorKind::InvalidRequest),
    refused(400, -1117, ErrorKind::InvalidRequest),
    refused(400, -1118, ErrorKind::InvalidRequest),
    refused(400, -1119, ErrorKind::InvalidRequest),
    refused(400, -1121, ErrorKind::UnknownInstrument),
    refused(400, -1122, ErrorKind::InvalidRequest),
    refused(400, -1128, ErrorKind::InvalidRequest),
    refused(400, -1130, ErrorKind::InvalidRequest),
    refused(400, -1134, ErrorKind::InvalidRequest),
    refused(400, -1135, ErrorKind::InvalidRequest),
    refused(400, -1139, ErrorKind::InvalidRequest),
    refused(400, -1145, ErrorKind::InvalidRequest),
    refused(400, -1151, ErrorKind::InvalidRequest),
    refused(400, -1158, ErrorKind::InvalidRequest),
    refused(400, -1160, ErrorKind::InvalidRequest),
    refused(400, -1165, ErrorKind::InvalidRequest),
    refused(400, -1166, ErrorKind::InvalidRequest),
    refused(400, -1168, ErrorKind::InvalidRequest),
    refused(400, -1194, ErrorKind::InvalidRequest),
    refused(400, -1196, ErrorKind::InvalidRequest),
    refused(400, -1197, ErrorKind::InvalidRequest),
    refused(400, -1198, ErrorKind::InvalidRequest),
    refused(400, -1199, ErrorKind::InvalidRequest),
    refused(400, -1210, ErrorKind::InvalidRequest),
    refused(400, -1211, ErrorKind::InvalidRequest),
    refused(400, -1222, ErrorKind::InvalidRequest),
    refused(400, -1223, ErrorKind::InvalidRequest),
    refused(400, -1224, ErrorKind::InvalidRequest),
    refused(400, -1225, ErrorKind::InvalidRequest),
    refused(400, -2010, ErrorKind::Exchange),
    refused(400, -2011, ErrorKind::Exchange),
    refused(400, -2013, ErrorKind::NotFound),
    refused(400, -2016, ErrorKind::NotTradable),
    unknown(409, -2021, ErrorKind::Exchange),
    refused(400, -2026, ErrorKind::NotFound),
    refused(400, -2035, ErrorKind::StateConflict),
    refused(400, -2036, ErrorKind::StateConflict),
    refused(400, -2038, ErrorKind::Exchange),
    refused(400, -2039, ErrorKind::InvalidRequest),
];

/// Texts of the engine and of filters, by the exchange's documents.
const TEXTS: &[WireErrorText] = &[
    text(-2010, "Account has insufficient balance for requested action.", ErrorKind::InsufficientBalance),
    text(-2010, "Order would immediately match and take.", ErrorKind::PostOnlyWouldTake),
    text(-2010, "Order would trigger immediately.", ErrorKind::InvalidRequest),
    text(-2010, "Market is closed.", ErrorKind::NotTradable),
    text(-2010, "Market orders are not supported for this symbol.", ErrorKind::Restricted),
    text(-2010, "This symbol is not permitted for this account.", ErrorKind::Restricted),
    text(-2010, "This symbol is restricted for this account.", ErrorKind::Restricted),
    text(-2010, "This action is disabled on this account.", ErrorKind::Restricted),
    text(-2010, "This account may not place or cancel orders.", ErrorKind::Restricted),
    text(-2010, "Rest API trading is not enabled.", ErrorKind::Restricted),
    text(-2010, "Price * QTY is zero or less.", ErrorKind::InvalidRequest),
    text(-2010, "IcebergQty exceeds QTY.", ErrorKind::InvalidRequest),
    text(-2010, "Unsupported order combination", ErrorKind::InvalidRequest),
    text(-2010, "Filter failure: MAX_NUM_ORDERS", ErrorKind::Capacity),
    text(-2010, "Filter failure: MAX_POSITION", ErrorKind::FilterFailure),
    text(-1013, "Filter failure: PRICE_FILTER", ErrorKind::FilterFailure),
    text(-1013, "Filter failure: LOT_SIZE", ErrorKind::FilterFailure),
    text(-1013, "Filter failure: NOTIONAL", ErrorKind::FilterFailure),
    text(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE", ErrorKind::FilterFailure),
];
