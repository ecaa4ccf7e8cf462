//! What the wire server of one exchange must offer to the shared parts.

use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::accounts::{AccountEvent, AccountId};
use crate::engine::OrderId;
use crate::exchange::Exchange;
use crate::faults::FaultKind;
use crate::market::{Market, MarketId, Moved};
use crate::requests::Note;
use crate::sockets::Socket;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path, percent-decoded.
    pub(crate) path: String,
    /// Query, as sent.
    pub(crate) query: String,
    /// Body, as sent.
    pub(crate) body: Bytes,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) peer: IpAddr,
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The decoded parameters of the query, then those of the body that the query does not name.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let mut given = parameters(&self.query);
        let in_query = given.len();
        for (name, value) in parameters(&String::from_utf8_lossy(&self.body)) {
            if !given[..in_query].iter().any(|(known, _)| *known == name) {
                given.push((name, value));
            }
        }
        given
    }
}

/// Decodes `a=1&b=2`.
pub(crate) fn parameters(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// `a=1&b=2` without the pair `signature`, wherever it stands; otherwise as it was.
pub(crate) fn unsigned(raw: &str) -> String {
    let kept: Vec<&str> =
        raw.split('&').filter(|pair| *pair != "signature" && !pair.starts_with("signature=")).collect();
    kept.join("&")
}

/// An answer as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// The exchange's code in it; 0 if it states none.
    pub(crate) code: i64,
    /// Request weight charged.
    pub(crate) weight: u64,
}

/// A refusal that a fault orders, to be told in the exchange's own form.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// A status with a body from a machine in front of the exchange.
    Status(u16),
    /// Too many requests: status and seconds to wait.
    RetryAfter(u16, u64),
    /// The exchange's own error: status, code, text.
    Code(u16, i64, Option<String>),
    /// The exchange is closed.
    Maintenance,
}

/// What keeps a request from a plain answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interference {
    /// It is refused; limits are charged all the same.
    pub(crate) refusal: Option<Refusal>,
}

impl Interference {
    /// What faults or maintenance order.
    pub(crate) fn ordered(exchange: &Exchange, faults: &[FaultKind]) -> Interference {
        let mut interference = Interference::default();
        for kind in faults {
            let refusal = match kind {
                FaultKind::Status { status } => Refusal::Status(*status),
                FaultKind::RetryAfter { seconds, status } => Refusal::RetryAfter(*status, *seconds),
                FaultKind::Code { code, message, status } => Refusal::Code(*status, *code, message.clone()),
                _ => continue,
            };
            interference.refusal.get_or_insert(refusal);
        }
        if exchange.in_maintenance() {
            interference.refusal = Some(Refusal::Maintenance);
        }
        interference
    }
}

/// The wire server of one exchange. Methods are quick and never wait.
pub(crate) trait Front: Send + Sync + Debug {
    /// Answers a request as far as `interference` lets it; limits are charged in any case.
    fn answer(&self, exchange: &Exchange, request: &Request, interference: Interference) -> Answer;

    /// What a request is about, for the log; it is not carried out.
    fn note(&self, exchange: &Exchange, request: &Request) -> Note;

    /// Whether a socket may be opened here.
    ///
    /// # Errors
    /// The answer that refuses it.
    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer>;

    /// For how long a socket opened by this request may be without a frame from its client; `None` is for ever.
    fn idle_limit(&self, request: &Request) -> Option<Duration>;

    /// A socket is open.
    fn opened(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>);

    /// How many frames a second a client may send on this socket; `None` is any number.
    fn frame_limit(&self, exchange: &Exchange, socket: &Socket) -> Option<u64>;

    /// A client has sent a text.
    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str);

    /// A socket is gone.
    fn closed(&self, exchange: &Exchange, socket: &Socket);

    /// The market did something. Called with the market locked, in the order in which it happened.
    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved);

    /// Something happened to accounts, in this order. Called after [`Front::moved`], with the market locked.
    fn account_events(&self, exchange: &Exchange, events: &[AccountEvent]);

    /// A key is good for nothing any more.
    fn key_revoked(&self, exchange: &Exchange, api_key: &str);

    /// Ends the subscriptions to an account, or to all, on one connection, or on all.
    fn end_subscriptions(&self, exchange: &Exchange, account: Option<AccountId>, connection: Option<u64>);

    /// Ends the listen keys of an account, or of all; `told` says whether their sockets learn it.
    fn expire_listen_keys(&self, exchange: &Exchange, account: Option<AccountId>, told: bool);

    /// How the wire writes the number of an order.
    fn order_text(&self, _market: MarketId, order: OrderId) -> String {
        order.0.to_string()
    }

    /// The number of the order that the wire writes so.
    fn order_number(&self, text: &str) -> Option<OrderId> {
        text.parse().ok().map(OrderId)
    }

    /// How the wire writes the number of a trade.
    fn trade_text(&self, _market: MarketId, trade: u64) -> String {
        trade.to_string()
    }

    /// A step of 20 ms is over; `step` counts them from a full second of the exchange's time.
    fn stepped(&self, exchange: &Exchange, step: u64);

    /// The update ids of the engine's book for what the wire tells of a version, newest first; none if that is unknown. A number
    /// is of one version, a checksum can be of several.
    fn update_ids(&self, market: MarketId, told: u64) -> Vec<u64>;

    /// Publishes pending book updates at once.
    fn publish(&self, exchange: &Exchange);

    /// Announces on this socket that it will be closed.
    fn announce_shutdown(&self, exchange: &Exchange, socket: &Arc<Socket>);

    /// Whether steps are needed though the market is quiet.
    fn busy(&self) -> bool;

    /// Request weight spent by `peer` in the present minute.
    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64;
}
