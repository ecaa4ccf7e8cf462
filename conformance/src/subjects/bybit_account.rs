use std::time::Duration;

use serde_json::Value;
use tradewire_core::{ErrorKind, Timestamp};
use tradewire_simulator::{ConnectionRecord, Fault, OrderCommand, RequestRecord};
use tradewire_tracking::OrderEntry;
use tradewire_transport::RenderedRequest;

use super::binance::{RSA, example, refused, text, unknown, window_start};
use super::bybit::Category;
use super::bybit_private;
use crate::account_wire::{
    AccountPaths, AccountReports, AccountSocket, AccountWire, ExampleKey, PerpetualPaths, SignedPart, SigningExample,
    WireErrorText, WireOrderError, WirePrivateFrame,
};

/// Bybit V5, one of its categories: signed requests over REST, the private stream, and the socket for commands.
pub(super) struct BybitAccountWire(pub(super) Category);

impl AccountWire for BybitAccountWire {
    fn signing_examples(&self) -> &'static [SigningExample] {
        EXAMPLES
    }

    fn signed_part(&self, request: &RenderedRequest) -> Option<SignedPart> {
        match request {
            RenderedRequest::Rest { url, headers, body, .. } => {
                let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
                let (time, key) = (header("x-bapi-timestamp")?, header("x-bapi-api-key")?);
                let query = url.split_once('?').map_or("", |(_, query)| query);
                let payload = [time, key, header("x-bapi-recv-window")?, query, body].concat();
                Some(SignedPart { payload, signature: header("x-bapi-sign")?.to_owned() })
            }
            RenderedRequest::Frame { text, .. } => {
                let frame: Value = serde_json::from_str(text).ok()?;
                let args = frame.get("args")?.as_array().filter(|_| frame["op"] == LOGIN)?;
                let payload = format!("GET/realtime{}", args.get(1)?);
                Some(SignedPart { payload, signature: args.get(2)?.as_str()?.to_owned() })
            }
            _ => None,
        }
    }

    fn payload(&self, request: &RequestRecord, api_key: &str) -> String {
        let (at, window) = request.note.stamp.map_or((0, 0), |stamp| (stamp.at_ms, stamp.good_for_ms));
        if request.path.starts_with(LOGIN) {
            format!("GET/realtime{at}")
        } else {
            format!("{at}{api_key}{window}{}{}", request.query, request.body)
        }
    }

    fn stamp(&self, request: &RequestRecord) -> Option<(Timestamp, Duration)> {
        let stamp = request.note.stamp?;
        Some((Timestamp::from_millis(stamp.at_ms), Duration::from_millis(stamp.good_for_ms)))
    }

    fn secret_marks(&self) -> &'static [&'static str] {
        &["X-BAPI-API-KEY", "X-BAPI-SIGN"]
    }

    fn aim(&self, fault: Fault, command: OrderCommand, by: OrderEntry) -> Fault {
        let (path, call) = match command {
            OrderCommand::Amend => ("/v5/order/amend", Some("order.amend")),
            OrderCommand::Cancel => ("/v5/order/cancel", Some("order.cancel")),
            OrderCommand::CancelAll => ("/v5/order/cancel-all", None),
            _ => ("/v5/order/create", Some("order.create")),
        };
        match call.filter(|_| by == OrderEntry::Socket) {
            Some(call) => fault.path(call),
            None => fault.method("POST").path(path),
        }
    }

    fn order_errors(&self) -> &'static [WireOrderError] {
        ORDER_ERRORS
    }

    fn order_error_texts(&self) -> &'static [WireErrorText] {
        TEXTS
    }

    /// Codes decide, and those that nobody knows prove nothing.
    fn undocumented(&self) -> &'static [(u16, bool)] {
        &[(200, false)]
    }

    /// Only the headers of HTTP can.
    fn tells_pause(&self, by: OrderEntry) -> bool {
        by == OrderEntry::Rest
    }

    fn frequency_code(&self, by: OrderEntry) -> Option<i64> {
        (by == OrderEntry::Socket).then_some(10_429)
    }

    fn new_orders_a_second(&self) -> Option<u64> {
        Some(if self.0 == Category::Spot { 20 } else { 10 })
    }

    fn clock_error(&self) -> WireOrderError {
        refused(200, 10_002, ErrorKind::Clock)
    }

    fn refused_credentials(&self) -> &'static [WireOrderError] {
        &ORDER_ERRORS[..CREDENTIALS]
    }

    fn balance_events(&self) -> &'static [&'static str] {
        &["wallet"]
    }

    fn fill_event(&self) -> &'static str {
        "execution"
    }

    fn paths(&self) -> AccountPaths {
        AccountPaths {
            calls: "/v5/trade",
            private: "/v5/private",
            login: "auth.private",
            key_only: &["order.create", "order.amend", "order.cancel"],
            balances: "/v5/account/wallet-balance",
            fees: "/v5/account/fee-rate",
            order: "/v5/order/realtime",
            order_by_client_id: "/v5/order/realtime",
            open_orders: "/v5/order/realtime",
            history: "/v5/order/history",
            fills: "/v5/execution/list",
            fills_of_order: "/v5/execution/list",
            order_event: "order",
        }
    }

    fn command_login(&self) -> Option<&'static str> {
        Some("auth.trade")
    }

    fn unknown_order(&self) -> WireErrorText {
        let code = if self.0 == Category::Spot { 170_213 } else { 110_001 };
        text(code, "Order does not exist.", ErrorKind::NotFound)
    }

    fn reports(&self) -> AccountReports {
        AccountReports {
            any: "order",
            accepted: "New",
            fill: "execution",
            fills: &["execution", "PartiallyFilled", "Filled"],
            cancelled: "Cancelled",
            balances: "wallet",
        }
    }

    /// What the exchange itself refuses comes with success as its status.
    fn refusal_status(&self) -> u16 {
        200
    }

    fn wrong_signature(&self) -> i64 {
        10_004
    }

    fn perpetual(&self) -> Option<PerpetualPaths> {
        (self.0 == Category::Linear).then_some(PerpetualPaths {
            positions: "/v5/position/list",
            leverage: "/v5/position/list",
            set_leverage: "/v5/position/set-leverage",
            funding_payments: "/v5/execution/list",
            refused_leverage: refused(200, 110_013, ErrorKind::FilterFailure),
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

    fn refuses_post_only_that_takes(&self) -> bool {
        self.0 == Category::Spot
    }

    /// Contracts are backed by the whole account.
    fn shares_collateral(&self) -> bool {
        self.0 == Category::Linear
    }

    /// Open orders and positions come in pages; those of all contracts by settle coin.
    fn begins_list(&self, request: &RequestRecord) -> bool {
        let further = ["cursor=", "settleCoin=USDC"];
        !request.query.split('&').any(|part| further.iter().any(|further| part.starts_with(further)))
    }

    fn asks_beside_list(&self, request: &RequestRecord) -> bool {
        let of_a_contract = request.path.ends_with("/position/list") && request.query.contains("symbol=");
        of_a_contract || request.query.contains("execType=Funding")
    }

    fn window_start(&self, query: &str) -> Option<Timestamp> {
        window_start(query)
    }

    fn private_frames(&self) -> Vec<WirePrivateFrame> {
        bybit_private::frames(self.0)
    }
}

/// What the login of a socket is called.
const LOGIN: &str = "auth";

const KNOWN: ExampleKey = ExampleKey::Hmac("example-secret");

/// By query, by body, and by login of a socket. The exchange publishes the rule and no signatures: these are by OpenSSL.
const EXAMPLES: &[SigningExample] = &[
    example(
        KNOWN,
        "1658384314791example-key5000category=linear&symbol=BTCUSDT",
        "842d868ef4896dd23a1546fee6009646ed8b0b0ca0f9900ce368628b67126d93",
    ),
    example(
        KNOWN,
        r#"1658385579423example-key5000{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"60000","timeInForce":"GTC","orderLinkId":"test-1"}"#,
        "6e0fa32807e340623ed793253dbbdbd8db6062a210cc5a0108646b506b7e0ef3",
    ),
    example(KNOWN, "GET/realtime1662350400000", "48f83e83fe0ef43ccb780ede1720f5a770c200efd699c02009b546dbda2a4e1a"),
    example(
        RSA,
        "1780000000123key-of-the-suite5000category=spot&symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT",
        "Tmre52WtxGsnKQwo6LuHVcZBRyanSgbJA/T34ZOJZs55KF18Gofi+qISyZdMEup2d8OqCHGrpqWNyPphqSioRlEyMrwChO5wXTp6MQeBEYhmf8Nl\
         n3oxrs0V8EXiy0gASKyUtw8lRFzJ2dpxPWoGFSfjJKxCnPJB2PvDI6I27bCCnjjOno9vuK0NOqqoOcZ6y68DuOIKXimFa3jwHsA/al+/0gsBJ11l\
         EcDPMFUEJ1lZhrt3c9W8lkNDs2Erk+9qK2r4kyUCrRXNqmV2v47RN6dC9YleXSFF12r7mpBavCmq/ELirGH8NlPBDsBZCS5C414psyVPR73563G9\
         E7RNfA==",
    ),
    example(
        RSA,
        "GET/realtime1780000005123",
        "ICI51d1GizUfxiYUpIIXxssxjCsQ5ri9DiWtSdD+NcjcMqQKMKf8EIH8P+5U0z+119yYh7je7pTBTTb3FvzVWETBhI8X9a85e7vVy3eowq+ItkJj\
         KWrlSDqTNbiuzilzMo6r6PyI0d+3+9rDwzAQkRtgdPXcXjQACFNbSEg4WtGc6mpbhG1RqtPI2cKojnZtiWShZzp3RYaiCJWna3p2l+an7jDX6XQB\
         SPY8FBuIx2n9q5e9PQbAOH56RQx+vvbnCMwhJU80ZzYwU1ji2V/StDkF0D6pDK4oYk+MMXHQe2CbtegMwH7odHUghdyfMB6KsNivNPxUJNjp0Hr3\
         go3NHQ==",
    ),
];

/// How many of [`ORDER_ERRORS`], from the first, refuse credentials.
const CREDENTIALS: usize = 5;

/// Errors of order commands, by the exchange's documents. They come with success as their status.
const ORDER_ERRORS: &[WireOrderError] = &[
    refused(200, 10_003, ErrorKind::Auth),
    refused(200, 10_004, ErrorKind::Auth),
    refused(200, 10_005, ErrorKind::Auth),
    refused(200, 10_010, ErrorKind::Auth),
    refused(200, 33_004, ErrorKind::Auth),
    refused(200, 10_002, ErrorKind::Clock),
    refused(200, 10_429, ErrorKind::RateLimited),
    unknown(200, 429, ErrorKind::Unavailable),
    unknown(200, 10_000, ErrorKind::Timeout),
    unknown(200, 10_016, ErrorKind::Unavailable),
    unknown(200, 170_001, ErrorKind::Unavailable),
    unknown(200, 170_032, ErrorKind::Unavailable),
    unknown(200, 170_035, ErrorKind::Unavailable),
    unknown(200, 170_234, ErrorKind::Unavailable),
    unknown(200, 170_007, ErrorKind::Timeout),
    unknown(200, 170_146, ErrorKind::Timeout),
    unknown(200, 170_147, ErrorKind::Timeout),
    unknown(200, 170_310, ErrorKind::Timeout),
    refused(200, 10_001, ErrorKind::InvalidRequest),
    refused(200, 170_115, ErrorKind::InvalidRequest),
    refused(200, 170_130, ErrorKind::InvalidRequest),
    refused(200, 110_092, ErrorKind::InvalidRequest),
    refused(200, 10_029, ErrorKind::UnknownInstrument),
    refused(200, 170_121, ErrorKind::UnknownInstrument),
    refused(200, 110_074, ErrorKind::NotTradable),
    refused(200, 170_151, ErrorKind::NotTradable),
    refused(200, 170_157, ErrorKind::NotTradable),
    refused(200, 110_003, ErrorKind::FilterFailure),
    refused(200, 110_094, ErrorKind::FilterFailure),
    refused(200, 170_124, ErrorKind::FilterFailure),
    refused(200, 170_132, ErrorKind::FilterFailure),
    refused(200, 170_140, ErrorKind::FilterFailure),
    refused(200, 110_017, ErrorKind::ReduceOnly),
    refused(200, 110_004, ErrorKind::InsufficientBalance),
    refused(200, 110_007, ErrorKind::InsufficientBalance),
    refused(200, 110_012, ErrorKind::InsufficientBalance),
    refused(200, 170_033, ErrorKind::InsufficientBalance),
    refused(200, 170_131, ErrorKind::InsufficientBalance),
    refused(200, 110_009, ErrorKind::Capacity),
    refused(200, 110_020, ErrorKind::Capacity),
    refused(200, 170_810, ErrorKind::Capacity),
    refused(200, 110_023, ErrorKind::Restricted),
    refused(200, 110_066, ErrorKind::Restricted),
    refused(200, 170_209, ErrorKind::Restricted),
    refused(200, 170_217, ErrorKind::Restricted),
    refused(200, 110_090, ErrorKind::InvalidRequest),
    unknown(200, 110_072, ErrorKind::Duplicate),
    unknown(200, 170_141, ErrorKind::Duplicate),
    refused(200, 170_218, ErrorKind::PostOnlyWouldTake),
    refused(200, 170_210, ErrorKind::Exchange),
    refused(200, 100_028, ErrorKind::Config),
];

/// What some codes come with. The kind is the code's: texts make none finer.
const TEXTS: &[WireErrorText] = &[
    text(110_007, "Available balance is insufficient", ErrorKind::InsufficientBalance),
    text(170_131, "Balance insufficient", ErrorKind::InsufficientBalance),
    text(110_017, "Reduce-only rule not satisfied", ErrorKind::ReduceOnly),
];
