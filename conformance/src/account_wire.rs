use std::time::Duration;

use tradewire_core::{ErrorKind, PrivateMessage, Timestamp};
use tradewire_simulator::{ConnectionRecord, Fault, KeyType, OrderCommand, RequestRecord};
use tradewire_tracking::OrderEntry;
use tradewire_transport::RenderedRequest;

/// What rows about an account must know of an exchange's wire.
///
/// What most exchanges have alike is given; an exchange that differs says so.
pub trait AccountWire: Send + Sync + 'static {
    /// Payloads with their signatures, for every type of key that the exchange takes.
    fn signing_examples(&self) -> &'static [SigningExample];
    /// The types of keys that the exchange takes.
    fn key_types(&self) -> &'static [KeyType] {
        &[KeyType::Hmac, KeyType::Ed25519, KeyType::Rsa]
    }
    /// Whether keys of HMAC sign with SHA-512, under a secret that is given as base64.
    fn hmac_sha512(&self) -> bool {
        false
    }
    /// Whether a signed request is good for a time after the moment that it tells. Else the number in it must be above all
    /// before it of its key; it follows the exchange's time, and two programs need two keys.
    fn has_window(&self) -> bool {
        true
    }
    /// So many reads of the account at once that the last ones wait for some seconds, and none for longer than it may.
    fn reads_at_once(&self) -> usize {
        150
    }
    /// How many questions about the account can leave at once where they are counted apart from those about the market; `None`
    /// where both take of one limit.
    fn calls_at_once(&self) -> Option<u64> {
        None
    }
    /// How often an account can be polled for long: the limits may not allow what should come every five seconds.
    fn polls_every(&self) -> Duration {
        Duration::from_secs(5)
    }
    /// For how long the limits hold up each page of a long list of fills.
    fn page_every(&self) -> Duration {
        Duration::ZERO
    }
    /// Whether the exchange is asked for the fills of one instrument; else for those of the account.
    fn fills_by_instrument(&self) -> bool {
        true
    }
    /// Whether a window of history has a longest.
    fn bounds_windows(&self) -> bool {
        true
    }
    /// The kind of the error that refuses an order because its client order id is taken; `Exchange` where the exchange has no
    /// documented code for it.
    fn copy_refused(&self) -> ErrorKind {
        ErrorKind::Duplicate
    }
    /// How new orders of an account are counted; `None` where only requests are.
    fn order_limit(&self) -> Option<WireOrderLimit> {
        None
    }
    /// What was signed of a request, by the exchange's rule, and the signature that it carries; `None` for a request that is
    /// not signed.
    fn signed_part(&self, request: &RenderedRequest) -> Option<SignedPart>;
    /// What the exchange checks the signature of a signed request against, which came with this key.
    fn payload(&self, request: &RequestRecord, api_key: &str) -> String;
    /// What is signed of a payload, where that is not its text.
    fn signed_bytes(&self, payload: &str) -> Vec<u8> {
        payload.as_bytes().to_vec()
    }
    /// The time in a signed request, and for how long it is good after that; without an end where a number is in its place.
    fn stamp(&self, request: &RequestRecord) -> Option<(Timestamp, Duration)>;
    /// Names that stand beside a key, a signature or a token where one is sent: of headers, and of arguments with their `=`. Logs
    /// hold none of them, whatever their case.
    fn secret_marks(&self) -> &'static [&'static str];
    /// Lets a fault strike an order command on a wire.
    fn aim(&self, fault: Fault, command: OrderCommand, by: OrderEntry) -> Fault;
    /// Documented errors of order commands, with the kind and the outcome that each must have.
    fn order_errors(&self) -> &'static [WireOrderError];
    /// Documented texts that make a kind finer.
    fn order_error_texts(&self) -> &'static [WireErrorText] {
        &[]
    }
    /// What an answer with an undocumented code proves of an order command, by its HTTP status: that it was refused, or nothing.
    fn undocumented(&self) -> &'static [(u16, bool)] {
        &[(400, true), (403, true), (404, true), (409, true), (408, false), (200, false), (500, false), (503, false)]
    }
    /// Whether an answer that tells of too many commands can tell for how long to wait.
    fn tells_pause(&self, _by: OrderEntry) -> bool {
        true
    }
    /// The code that refuses a command as one too many, for all and without a time, where an answer has no HTTP status to say so.
    fn frequency_code(&self, _by: OrderEntry) -> Option<i64> {
        None
    }
    /// How many new orders an account may place in a second, where each kind of command has a limit of its own.
    fn new_orders_a_second(&self) -> Option<u64> {
        None
    }
    /// How many fills of one order an answer lists, where those are not as many as of a window.
    fn fills_of_order_page(&self) -> Option<u32> {
        None
    }
    /// Whether the commission of a fill is in the quote asset on either side; else it is in what was received.
    fn fees_in_quote(&self) -> bool {
        false
    }
    /// Whether a commission can be taken in an asset that is not traded.
    fn fees_in_another_asset(&self) -> bool {
        true
    }
    /// The error that says that a request came at a wrong time.
    fn clock_error(&self) -> WireOrderError;
    /// Errors that refuse credentials.
    fn refused_credentials(&self) -> &'static [WireOrderError];
    /// The method of requests that read something of the account.
    fn read_method(&self) -> &'static str {
        "GET"
    }
    /// Where requests of the account go.
    fn paths(&self) -> AccountPaths;
    /// The login of the socket for commands; `None` where it has none.
    fn command_login(&self) -> Option<&'static str> {
        None
    }
    /// Whether a request for one of the account's lists asks for its beginning: some lists take several requests.
    fn begins_list(&self, _request: &RequestRecord) -> bool {
        true
    }
    /// Whether a request at the path of one of the account's lists asks for something else: for the settings of a contract, or
    /// for funding payments.
    fn asks_beside_list(&self, _request: &RequestRecord) -> bool {
        false
    }
    /// The beginning of the window that a request for fills asks for, by its query.
    fn window_start(&self, query: &str) -> Option<Timestamp>;
    /// Frames of the private stream, one or more of each documented kind, with what each tells.
    fn private_frames(&self) -> Vec<WirePrivateFrame>;
    /// The types of the private events that tell balances: new values, and transfers.
    fn balance_events(&self) -> &'static [&'static str];
    /// The type of the private event, or the kind of report, that tells a fill.
    fn fill_event(&self) -> &'static str;
    /// Whether the reply to a new order lists what it has filled.
    fn fills_in_reply(&self) -> bool {
        false
    }
    /// The kind of the reply that refuses a fill-or-kill order which cannot be filled wholly; `None` where it is accepted and
    /// expires.
    fn fill_or_kill_refusal(&self) -> Option<ErrorKind> {
        None
    }
    /// The kind of the reply to an order of an account that may not trade.
    fn may_not_trade(&self) -> ErrorKind {
        ErrorKind::Restricted
    }
    /// Whether what is available of an asset is what all assets of the account are worth together: a change of one changes it
    /// for all.
    fn shares_collateral(&self) -> bool {
        false
    }
    /// Whether orders can be changed on the exchange, by whomever.
    fn orders_can_change(&self) -> bool {
        true
    }
    /// The error that says that the exchange knows no such order to cancel.
    fn unknown_order(&self) -> WireErrorText;
    /// What the private stream calls its reports.
    fn reports(&self) -> AccountReports;
    /// The HTTP status of an answer that refuses an order command for a reason of its own.
    fn refusal_status(&self) -> u16;
    /// The code that says that a signature does not agree.
    fn wrong_signature(&self) -> i64;
    /// Where requests about contracts go; `None` where assets are traded.
    fn perpetual(&self) -> Option<PerpetualPaths>;
    /// Whether a post-only order that would take is refused in the reply; else it is received, and ended by a report.
    fn refuses_post_only_that_takes(&self) -> bool {
        true
    }
    /// What an open connection is for; `None`: for the market.
    fn socket(&self, of: &ConnectionRecord) -> Option<AccountSocket>;
}

/// How an exchange counts the new orders of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireOrderLimit {
    /// How many it takes in a window.
    pub limit: u64,
    /// The window, which begins at multiples of it of the exchange's time.
    pub window: Duration,
    /// Whether answers tell how many are counted.
    pub told: bool,
}

/// What a connection of an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSocket {
    /// The private stream.
    Private,
    /// Order commands.
    Orders,
}

/// The key of a [`SigningExample`].
#[derive(Clone, Copy, Debug)]
pub enum ExampleKey {
    /// HMAC-SHA256 with this secret.
    Hmac(&'static str),
    /// HMAC-SHA512 with this secret in base64.
    HmacSha512(&'static str),
    /// Ed25519 with this seed.
    Ed25519([u8; 32]),
    /// A private key in PEM.
    Pem(&'static str),
}

/// A payload and the signature that a key gives for it.
#[derive(Clone, Copy, Debug)]
pub struct SigningExample {
    /// The key.
    pub key: ExampleKey,
    /// What is signed.
    pub payload: &'static str,
    /// The signature as text.
    pub signature: &'static str,
}

/// What was signed of a request, and its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPart {
    /// The bytes that the exchange checks.
    pub payload: String,
    /// The signature as text, not encoded any further.
    pub signature: String,
}

/// A documented error of an order command.
#[derive(Clone, Copy, Debug)]
pub struct WireOrderError {
    /// The HTTP status of the answer.
    pub status: u16,
    /// Its code.
    pub code: i64,
    /// What a caller is to do about it.
    pub kind: ErrorKind,
    /// Whether it proves that the command was refused; otherwise nobody knows.
    pub refuses: bool,
}

/// A documented text of an error of an order command.
#[derive(Clone, Copy, Debug)]
pub struct WireErrorText {
    /// The code that it comes with.
    pub code: i64,
    /// The whole text.
    pub text: &'static str,
    /// What a caller is to do about it.
    pub kind: ErrorKind,
}

/// Where requests of an account go: paths, or methods of a socket.
#[derive(Clone, Copy, Debug)]
pub struct AccountPaths {
    /// The handshake of a socket for calls.
    pub calls: &'static str,
    /// The handshake of the private stream.
    pub private: &'static str,
    /// The login of the private stream, or what takes the key that it is opened with.
    pub login: &'static str,
    /// Requests that carry the key and no signature; on a socket that is logged in, calls that show no key of their own.
    pub key_only: &'static [&'static str],
    /// Balances.
    pub balances: &'static str,
    /// Commission.
    pub fees: &'static str,
    /// One order.
    pub order: &'static str,
    /// One order of which only the client's id is known.
    pub order_by_client_id: &'static str,
    /// Open orders.
    pub open_orders: &'static str,
    /// Orders of the past.
    pub history: &'static str,
    /// Fills.
    pub fills: &'static str,
    /// Fills of one order.
    pub fills_of_order: &'static str,
    /// The kind of private event that reports an order.
    pub order_event: &'static str,
}

impl AccountPaths {
    /// Whether the login of the private stream is signed.
    pub(crate) fn login_is_signed(&self) -> bool {
        !self.key_only.contains(&self.login)
    }
}

/// Where requests about contracts go.
#[derive(Clone, Copy, Debug)]
pub struct PerpetualPaths {
    /// All positions.
    pub positions: &'static str,
    /// The leverage of an instrument, as it is.
    pub leverage: &'static str,
    /// Sets the leverage of an instrument.
    pub set_leverage: &'static str,
    /// Funding payments.
    pub funding_payments: &'static str,
    /// An error that refuses a leverage.
    pub refused_leverage: WireOrderError,
}

/// A frame of the private stream.
#[derive(Clone, Debug)]
pub struct WirePrivateFrame {
    /// What it is, for people.
    pub name: &'static str,
    /// The frame.
    pub frame: String,
    /// What it tells.
    pub tells: WireTells,
}

/// What a frame of the private stream tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WireTells {
    /// These messages, in this order.
    Messages(Vec<PrivateMessage>),
    /// These messages; so many other parts of it cannot be read.
    Partly(Vec<PrivateMessage>, usize),
    /// The exchange has ended the subscription.
    SubscriptionEnded,
    /// The exchange will close the connection.
    ShutdownNotice,
    /// A kind that does not exist.
    Unknown,
    /// It cannot be read.
    Unreadable,
}

/// What the private stream calls its reports, for faults.
#[derive(Clone, Copy, Debug)]
pub struct AccountReports {
    /// Any report of an order.
    pub any: &'static str,
    /// That an order was accepted.
    pub accepted: &'static str,
    /// A fill.
    pub fill: &'static str,
    /// All that count a fill, where the order has reports of its own besides.
    pub fills: &'static [&'static str],
    /// The end of an order that was cancelled.
    pub cancelled: &'static str,
    /// Balances.
    pub balances: &'static str,
}
