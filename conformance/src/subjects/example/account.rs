//! What rows about orders must know.

use std::time::Duration;

use crate::{
    AccountPaths, AccountReports, AccountSocket, AccountWire, ExampleKey, PerpetualPaths, SignedPart, SigningExample,
    WireErrorText, WireOrderError, WireOrderLimit, WirePrivateFrame,
};
use tradewire_core::{ErrorKind, Timestamp};
use tradewire_simulator::{ConnectionRecord, Fault, KeyType, OrderCommand, RequestRecord};
use tradewire_tracking::OrderEntry;
use tradewire_transport::RenderedRequest;

use super::{Market, contract_frames, private_frames};

pub(crate) struct ExampleAccountWire(pub(crate) Market);

impl AccountWire for ExampleAccountWire {
    fn signing_examples(&self) -> &'static [SigningExample] {
        EXAMPLES
    }

    fn key_types(&self) -> &'static [KeyType] {
        &[KeyType::Hmac]
    }

    fn order_limit(&self) -> Option<WireOrderLimit> {
        Some(WireOrderLimit { limit: 100, window: Duration::from_secs(10), told: false })
    }

    fn signed_part(&self, request: &RenderedRequest) -> Option<SignedPart> {
        match request {
            RenderedRequest::Rest { method, url, headers, body } => {
                let (_, signature) = headers.iter().find(|(name, _)| name == "ex-sign")?;
                let path = &url[url.find("/1/")?..];
                let (path, query) = path.split_once('?')?;
                let payload = format!("{method}\n{path}\n{query}\n{body}");
                Some(SignedPart { payload, signature: signature.clone() })
            }
            RenderedRequest::Frame { text, .. } => {
                let frame: serde_json::Value = serde_json::from_str(text).ok()?;
                let payload = format!("LOGIN\n{}\n{}", frame["time"], frame["window"]);
                Some(SignedPart { payload, signature: frame["sign"].as_str()?.to_owned() })
            }
            _ => None,
        }
    }

    fn payload(&self, request: &RequestRecord, _: &str) -> String {
        let RequestRecord { method, path, query, body, .. } = request;
        match self.stamp(request).filter(|_| path == LOGIN) {
            Some((at, window)) => format!("LOGIN\n{}\n{}", at.as_millis(), window.as_millis()),
            None => format!("{method}\n{path}\n{query}\n{body}"),
        }
    }

    fn stamp(&self, request: &RequestRecord) -> Option<(Timestamp, Duration)> {
        let number = |name: &str| {
            let (_, rest) = request.query.rsplit_once(name)?;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        };
        let window: i64 = number("window=")?;
        Some((Timestamp::from_millis(number("time=")?), Duration::from_millis(u64::try_from(window).ok()?)))
    }

    fn secret_marks(&self) -> &'static [&'static str] {
        &["ex-key", "ex-sign"]
    }

    fn aim(&self, fault: Fault, command: OrderCommand, _: OrderEntry) -> Fault {
        let method = if command == OrderCommand::Cancel { "DELETE" } else { "POST" };
        fault.path("/1/orders").method(method)
    }

    fn order_errors(&self) -> &'static [WireOrderError] {
        if self.0 == Market::Spot { &ORDER_ERRORS[..OF_SPOT] } else { ORDER_ERRORS }
    }

    fn clock_error(&self) -> WireOrderError {
        refused(401, 2003, ErrorKind::Clock)
    }

    fn refused_credentials(&self) -> &'static [WireOrderError] {
        &ORDER_ERRORS[..CREDENTIALS]
    }

    fn paths(&self) -> AccountPaths {
        AccountPaths {
            calls: "/none",
            private: "/account",
            login: LOGIN,
            key_only: &[],
            balances: "/1/balances",
            fees: "/1/fees",
            order: "/1/orders",
            order_by_client_id: "/1/orders",
            open_orders: "/1/orders/open",
            history: "/1/orders/past",
            fills: "/1/fills",
            fills_of_order: "/1/fills",
            order_event: "order",
        }
    }

    fn window_start(&self, query: &str) -> Option<Timestamp> {
        let start = query.split('&').find_map(|field| field.strip_prefix("from="))?;
        start.parse().ok().map(Timestamp::from_millis)
    }

    fn private_frames(&self) -> Vec<WirePrivateFrame> {
        match self.0 {
            Market::Spot => private_frames::frames(),
            Market::Perpetual => contract_frames::frames(),
        }
    }

    fn balance_events(&self) -> &'static [&'static str] {
        if self.0 == Market::Perpetual { &["balance"] } else { &[] }
    }

    fn fill_event(&self) -> &'static str {
        "fill"
    }

    fn may_not_trade(&self) -> ErrorKind {
        ErrorKind::Auth
    }

    fn orders_can_change(&self) -> bool {
        false
    }

    fn unknown_order(&self) -> WireErrorText {
        WireErrorText { code: 3004, text: "no such order", kind: ErrorKind::NotFound }
    }

    fn reports(&self) -> AccountReports {
        AccountReports {
            any: "order",
            accepted: "open",
            fill: "fill",
            fills: &["fill", "open", "filled"],
            cancelled: "cancelled",
            balances: if self.0 == Market::Perpetual { "balance" } else { "none" },
        }
    }

    fn refusal_status(&self) -> u16 {
        400
    }

    fn wrong_signature(&self) -> i64 {
        2002
    }

    fn perpetual(&self) -> Option<PerpetualPaths> {
        (self.0 == Market::Perpetual).then_some(PerpetualPaths {
            positions: "/1/positions",
            leverage: "/1/settings",
            set_leverage: "/1/settings",
            funding_payments: "/1/payments",
            refused_leverage: refused(400, 3012, ErrorKind::FilterFailure),
        })
    }

    fn socket(&self, of: &ConnectionRecord) -> Option<AccountSocket> {
        of.path.starts_with("/account").then_some(AccountSocket::Private)
    }
}

/// What the login of the socket is called.
const LOGIN: &str = "login";

/// Made with another HMAC tool.
const EXAMPLES: &[SigningExample] = &[
    SigningExample {
        key: ExampleKey::Hmac("example-secret"),
        payload: "POST\n/1/orders\ntime=1700000000000&window=5000\n{\"symbol\":\"BTC/USDT\",\"side\":\"buy\"}",
        signature: "ec4c7e5360c8d365195009f5ca5fc98149e25552f0ad4ad19e6d7749aed46556",
    },
    SigningExample {
        key: ExampleKey::Hmac("example-secret"),
        payload: "LOGIN\n1700000000000\n5000",
        signature: "64a70556c950167d2abdf86e5d9305647f13d51ee6c271ecf8c66a1596204ceb",
    },
];

const fn refused(status: u16, code: i64, kind: ErrorKind) -> WireOrderError {
    WireOrderError { status, code, kind, refuses: true }
}

const fn unknown(status: u16, code: i64, kind: ErrorKind) -> WireOrderError {
    WireOrderError { status, code, kind, refuses: false }
}

/// How many of [`ORDER_ERRORS`], from the first, refuse credentials.
const CREDENTIALS: usize = 3;

/// How many of [`ORDER_ERRORS`], from the first, are not about contracts alone.
const OF_SPOT: usize = 15;

const ORDER_ERRORS: &[WireOrderError] = &[
    refused(401, 2001, ErrorKind::Auth),
    refused(401, 2002, ErrorKind::Auth),
    refused(403, 2004, ErrorKind::Auth),
    refused(400, 1001, ErrorKind::InvalidRequest),
    refused(400, 1002, ErrorKind::UnknownInstrument),
    refused(400, 3001, ErrorKind::InsufficientBalance),
    refused(400, 3002, ErrorKind::FilterFailure),
    refused(404, 3004, ErrorKind::NotFound),
    refused(400, 3005, ErrorKind::AlreadyClosed),
    refused(400, 3006, ErrorKind::PostOnlyWouldTake),
    refused(400, 3007, ErrorKind::NotTradable),
    refused(400, 3008, ErrorKind::Capacity),
    unknown(503, 5001, ErrorKind::Unavailable),
    unknown(504, 5002, ErrorKind::Timeout),
    // The id may be in use by this very order: it is asked for.
    unknown(400, 3003, ErrorKind::Duplicate),
    refused(400, 3009, ErrorKind::ReduceOnly),
    refused(400, 3010, ErrorKind::Config),
];
