use std::time::Duration;

use tradewire_core::{ErrorKind, Timestamp};
use tradewire_simulator::{ConnectionRecord, Fault, OrderCommand, RequestRecord};
use tradewire_tracking::OrderEntry;
use tradewire_transport::RenderedRequest;

use super::binance::{self, RFC_8032, RSA, example, refused, text, unknown};
use super::binance_usdm_private;
use crate::account_wire::{
    AccountPaths, AccountReports, AccountSocket, AccountWire, ExampleKey, PerpetualPaths, SignedPart, SigningExample,
    WireErrorText, WireOrderError, WireOrderLimit, WirePrivateFrame,
};

/// Binance USD-M perpetuals, signed requests over REST and over the socket for calls.
pub(super) struct BinanceUsdmAccountWire;

impl AccountWire for BinanceUsdmAccountWire {
    fn signing_examples(&self) -> &'static [SigningExample] {
        EXAMPLES
    }

    fn order_limit(&self) -> Option<WireOrderLimit> {
        Some(WireOrderLimit { limit: 300, window: Duration::from_secs(10), told: true })
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
        let (method, call) = match command {
            OrderCommand::Amend => (("PUT", "/fapi/v1/order"), Some("order.modify")),
            OrderCommand::Cancel => (("DELETE", "/fapi/v1/order"), Some("order.cancel")),
            OrderCommand::CancelAll => (("DELETE", "/fapi/v1/allOpenOrders"), None),
            _ => (("POST", "/fapi/v1/order"), Some("order.place")),
        };
        match call.filter(|_| by == OrderEntry::Socket) {
            Some(call) => fault.path(call),
            None => fault.method(method.0).path(method.1),
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
        &["ACCOUNT_UPDATE"]
    }

    fn fill_event(&self) -> &'static str {
        "TRADE"
    }

    fn fill_or_kill_refusal(&self) -> Option<ErrorKind> {
        Some(ErrorKind::NotTradable)
    }

    fn paths(&self) -> AccountPaths {
        AccountPaths {
            calls: "/ws-fapi/v1",
            private: "/private",
            login: "/fapi/v1/listenKey",
            key_only: &["/fapi/v1/listenKey"],
            balances: "/fapi/v3/balance",
            fees: "/fapi/v1/commissionRate",
            order: "/fapi/v1/order",
            order_by_client_id: "/fapi/v1/order",
            open_orders: "/fapi/v1/openOrders",
            history: "/fapi/v1/allOrders",
            fills: "/fapi/v1/userTrades",
            fills_of_order: "/fapi/v1/userTrades",
            order_event: "ORDER_TRADE_UPDATE",
        }
    }

    fn unknown_order(&self) -> WireErrorText {
        text(-2011, "Unknown order sent.", ErrorKind::NotFound)
    }

    fn reports(&self) -> AccountReports {
        AccountReports {
            any: "ORDER_TRADE_UPDATE",
            accepted: "NEW",
            fill: "TRADE",
            fills: &["TRADE"],
            cancelled: "CANCELED",
            balances: "ACCOUNT_UPDATE",
        }
    }

    fn refusal_status(&self) -> u16 {
        400
    }

    fn wrong_signature(&self) -> i64 {
        -1022
    }

    fn perpetual(&self) -> Option<PerpetualPaths> {
        Some(PerpetualPaths {
            positions: "/fapi/v3/positionRisk",
            leverage: "/fapi/v1/symbolConfig",
            set_leverage: "/fapi/v1/leverage",
            funding_payments: "/fapi/v1/income",
            refused_leverage: refused(400, -2028, ErrorKind::Restricted),
        })
    }

    fn socket(&self, of: &ConnectionRecord) -> Option<AccountSocket> {
        let (calls, private) = (self.paths().calls, self.paths().private);
        match &of.path {
            path if path.starts_with(private) => Some(AccountSocket::Private),
            path if path.starts_with(calls) => Some(AccountSocket::Orders),
            _ => None,
        }
    }

    fn window_start(&self, query: &str) -> Option<Timestamp> {
        binance::window_start(query)
    }

    fn private_frames(&self) -> Vec<WirePrivateFrame> {
        binance_usdm_private::frames()
    }
}

/// The key of the documentation's examples.
const PUBLISHED: ExampleKey = ExampleKey::Hmac("2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9");

/// By query, by query and body, and by socket call.
const EXAMPLES: &[SigningExample] = &[
    example(
        PUBLISHED,
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943",
        "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
    ),
    example(
        PUBLISHED,
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
        "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4",
    ),
    example(
        RFC_8032,
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000",
        "XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg==",
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
    refused(503, -1008, ErrorKind::Unavailable),
    refused(429, -1015, ErrorKind::RateLimited),
    refused(400, -1016, ErrorKind::Unavailable),
    refused(400, -1021, ErrorKind::Clock),
    refused(400, -5028, ErrorKind::Clock),
    refused(400, -1100, ErrorKind::InvalidRequest),
    refused(400, -1102, ErrorKind::InvalidRequest),
    refused(400, -1106, ErrorKind::InvalidRequest),
    refused(400, -1111, ErrorKind::InvalidRequest),
    refused(400, -1115, ErrorKind::InvalidRequest),
    refused(400, -1116, ErrorKind::InvalidRequest),
    refused(400, -1117, ErrorKind::InvalidRequest),
    refused(400, -1121, ErrorKind::UnknownInstrument),
    refused(400, -1130, ErrorKind::InvalidRequest),
    refused(400, -2010, ErrorKind::Exchange),
    refused(400, -2013, ErrorKind::NotFound),
    refused(400, -2018, ErrorKind::InsufficientBalance),
    refused(400, -2019, ErrorKind::InsufficientBalance),
    refused(400, -4050, ErrorKind::InsufficientBalance),
    refused(400, -4051, ErrorKind::InsufficientBalance),
    refused(400, -2021, ErrorKind::InvalidRequest),
    refused(400, -4142, ErrorKind::InvalidRequest),
    refused(400, -2022, ErrorKind::ReduceOnly),
    refused(400, -2024, ErrorKind::ReduceOnly),
    refused(400, -4118, ErrorKind::ReduceOnly),
    refused(400, -2023, ErrorKind::Restricted),
    refused(400, -2027, ErrorKind::FilterFailure),
    refused(400, -2028, ErrorKind::Restricted),
    refused(400, -4087, ErrorKind::Restricted),
    refused(400, -4088, ErrorKind::Restricted),
    refused(400, -4109, ErrorKind::Restricted),
    refused(400, -4192, ErrorKind::Restricted),
    refused(400, -4400, ErrorKind::Restricted),
    refused(400, -2025, ErrorKind::Capacity),
    refused(400, -4045, ErrorKind::Capacity),
    refused(400, -2026, ErrorKind::InvalidRequest),
    refused(400, -4015, ErrorKind::InvalidRequest),
    refused(400, -4060, ErrorKind::InvalidRequest),
    refused(400, -4062, ErrorKind::InvalidRequest),
    refused(400, -4001, ErrorKind::FilterFailure),
    refused(400, -4003, ErrorKind::FilterFailure),
    refused(400, -4005, ErrorKind::FilterFailure),
    refused(400, -4014, ErrorKind::FilterFailure),
    refused(400, -4023, ErrorKind::FilterFailure),
    refused(400, -4016, ErrorKind::FilterFailure),
    refused(400, -4024, ErrorKind::FilterFailure),
    refused(400, -4131, ErrorKind::FilterFailure),
    refused(400, -4164, ErrorKind::FilterFailure),
    refused(400, -4061, ErrorKind::Config),
    unknown(400, -4116, ErrorKind::Duplicate),
    refused(400, -4120, ErrorKind::Unsupported),
    refused(400, -4140, ErrorKind::NotTradable),
    refused(400, -4141, ErrorKind::NotTradable),
    refused(400, -5022, ErrorKind::PostOnlyWouldTake),
    refused(400, -5037, ErrorKind::InvalidRequest),
    refused(400, -5039, ErrorKind::InvalidRequest),
];

/// What some codes come with. The kind is the code's: texts make none finer.
const TEXTS: &[WireErrorText] = &[
    text(-2019, "Margin is insufficient.", ErrorKind::InsufficientBalance),
    text(-2022, "ReduceOnly Order is rejected.", ErrorKind::ReduceOnly),
    text(-4015, "Client order id is not valid.", ErrorKind::InvalidRequest),
];
