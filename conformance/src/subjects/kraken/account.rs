//! What rows about orders must know.

use std::time::Duration;

use tradewire_core::{ErrorKind, Timestamp};
use tradewire_simulator::{ConnectionRecord, Fault, KeyType, OrderCommand, RequestRecord};
use tradewire_tracking::OrderEntry;
use tradewire_transport::{RenderedRequest, sha256};

use super::private_frames;
use crate::{
    AccountPaths, AccountReports, AccountSocket, AccountWire, ExampleKey, PerpetualPaths, SignedPart, SigningExample,
    WireErrorText, WireOrderError, WirePrivateFrame,
};

pub(crate) struct KrakenAccountWire;

impl AccountWire for KrakenAccountWire {
    fn signing_examples(&self) -> &'static [SigningExample] {
        EXAMPLES
    }

    fn key_types(&self) -> &'static [KeyType] {
        &[KeyType::Hmac]
    }

    fn hmac_sha512(&self) -> bool {
        true
    }

    fn has_window(&self) -> bool {
        false
    }

    /// The call counter of a key takes 15, and one more in three seconds.
    fn reads_at_once(&self) -> usize {
        16
    }

    fn calls_at_once(&self) -> Option<u64> {
        Some(15)
    }

    /// Fills of an order are asked for by their ids.
    fn fills_of_order_page(&self) -> Option<u32> {
        Some(20)
    }

    fn fees_in_quote(&self) -> bool {
        true
    }

    fn fees_in_another_asset(&self) -> bool {
        false
    }

    /// Open orders, balances, and the fills of an instrument that trades take four of the call counter.
    fn polls_every(&self) -> Duration {
        Duration::from_secs(12)
    }

    fn page_every(&self) -> Duration {
        Duration::from_secs(6)
    }

    fn fills_by_instrument(&self) -> bool {
        false
    }

    fn bounds_windows(&self) -> bool {
        false
    }

    /// That ids are unique among open orders is documented; how a copy is refused is not.
    fn copy_refused(&self) -> ErrorKind {
        ErrorKind::Exchange
    }

    fn may_not_trade(&self) -> ErrorKind {
        ErrorKind::Auth
    }

    /// Codes come with status 200, whatever they say.
    fn undocumented(&self) -> &'static [(u16, bool)] {
        &[(200, false)]
    }

    /// Path, and nonce with body: the second is digested before it is signed.
    fn signed_part(&self, request: &RenderedRequest) -> Option<SignedPart> {
        let RenderedRequest::Rest { url, headers, body, .. } = request else { return None };
        let (_, signature) = headers.iter().find(|(name, _)| name == "api-sign")?;
        let path = &url[url.find("/0/private/")?..];
        Some(SignedPart { payload: payload(path, body)?, signature: signature.clone() })
    }

    fn payload(&self, request: &RequestRecord, _: &str) -> String {
        payload(&request.path, &request.body).unwrap_or_default()
    }

    fn signed_bytes(&self, payload: &str) -> Vec<u8> {
        let (path, digested) = payload.split_once('\n').unwrap_or((payload, ""));
        [path.as_bytes(), &sha256(digested.as_bytes())].concat()
    }

    /// A nonce is not good for a time: it must be above the last one.
    fn stamp(&self, request: &RequestRecord) -> Option<(Timestamp, Duration)> {
        Some((Timestamp::from_millis(nonce(&request.body)?.parse().ok()?), Duration::MAX))
    }

    fn secret_marks(&self) -> &'static [&'static str] {
        &["API-Key", "API-Sign"]
    }

    fn aim(&self, fault: Fault, command: OrderCommand, _: OrderEntry) -> Fault {
        fault.method("POST").path(match command {
            OrderCommand::Cancel => "/0/private/CancelOrder",
            OrderCommand::Amend => "/0/private/AmendOrder",
            _ => "/0/private/AddOrder",
        })
    }

    fn order_errors(&self) -> &'static [WireOrderError] {
        ORDER_ERRORS
    }

    fn clock_error(&self) -> WireOrderError {
        refused(4, ErrorKind::Clock)
    }

    fn refused_credentials(&self) -> &'static [WireOrderError] {
        &ORDER_ERRORS[..CREDENTIALS]
    }

    fn read_method(&self) -> &'static str {
        "POST"
    }

    fn paths(&self) -> AccountPaths {
        AccountPaths {
            calls: "/none",
            private: "/ws-auth/v2",
            login: "/0/private/GetWebSocketsToken",
            key_only: &["subscribe", "unsubscribe"],
            balances: "/0/private/BalanceEx",
            fees: "/0/private/TradeVolume",
            order: "/0/private/QueryOrders",
            order_by_client_id: "/0/private/OpenOrders",
            open_orders: "/0/private/OpenOrders",
            history: "/0/private/ClosedOrders",
            fills: "/0/private/TradesHistory",
            fills_of_order: "/0/private/QueryTrades",
            order_event: "executions",
        }
    }

    /// The exchange leaves the second itself out.
    fn window_start(&self, query: &str) -> Option<Timestamp> {
        let start: i64 = query.split('&').find_map(|field| field.strip_prefix("start="))?.parse().ok()?;
        Some(Timestamp::from_millis((start + 1) * 1_000))
    }

    fn private_frames(&self) -> Vec<WirePrivateFrame> {
        private_frames::frames()
    }

    fn balance_events(&self) -> &'static [&'static str] {
        &["balances"]
    }

    fn fill_event(&self) -> &'static str {
        "TRADE"
    }

    fn unknown_order(&self) -> WireErrorText {
        WireErrorText { code: 9, text: "EOrder:Unknown order", kind: ErrorKind::NotFound }
    }

    fn reports(&self) -> AccountReports {
        AccountReports {
            any: "executions",
            accepted: "new",
            fill: "TRADE",
            fills: &["trade", "filled", "TRADE"],
            cancelled: "canceled",
            balances: "balances",
        }
    }

    fn refusal_status(&self) -> u16 {
        200
    }

    fn wrong_signature(&self) -> i64 {
        3
    }

    fn perpetual(&self) -> Option<PerpetualPaths> {
        None
    }

    fn socket(&self, of: &ConnectionRecord) -> Option<AccountSocket> {
        of.path.starts_with("/ws-auth").then_some(AccountSocket::Private)
    }
}

fn payload(path: &str, body: &str) -> Option<String> {
    Some(format!("{path}\n{}{body}", nonce(body)?))
}

fn nonce(body: &str) -> Option<&str> {
    body.split('&').find_map(|field| field.strip_prefix("nonce="))
}

/// The example of the documents.
const EXAMPLES: &[SigningExample] = &[SigningExample {
    key: ExampleKey::HmacSha512(
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==",
    ),
    payload: "/0/private/AddOrder\n1616492376594nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
    signature: "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
}];

const fn refused(code: i64, kind: ErrorKind) -> WireOrderError {
    WireOrderError { status: 200, code, kind, refuses: true }
}

const fn unknown(code: i64, kind: ErrorKind) -> WireOrderError {
    WireOrderError { status: 200, code, kind, refuses: false }
}

/// How many of [`ORDER_ERRORS`], from the first, refuse credentials.
const CREDENTIALS: usize = 3;

/// By their numbers in the table of words.
const ORDER_ERRORS: &[WireOrderError] = &[
    refused(2, ErrorKind::Auth),
    refused(3, ErrorKind::Auth),
    refused(5, ErrorKind::Auth),
    refused(0, ErrorKind::InvalidRequest),
    refused(9, ErrorKind::NotFound),
    refused(10, ErrorKind::InsufficientBalance),
    refused(11, ErrorKind::FilterFailure),
    refused(12, ErrorKind::FilterFailure),
    refused(13, ErrorKind::PostOnlyWouldTake),
    refused(14, ErrorKind::Capacity),
    refused(15, ErrorKind::NotTradable),
    unknown(6, ErrorKind::Unavailable),
    unknown(7, ErrorKind::Timeout),
    unknown(8, ErrorKind::Unavailable),
];
