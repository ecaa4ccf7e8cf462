//! What the wire server of one exchange must offer to the shared parts.

use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

use crate::exchange::Exchange;
use crate::market::{Market, Moved};
use crate::sockets::Socket;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path, percent-decoded.
    pub(crate) path: String,
    /// Query, as sent.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) peer: IpAddr,
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The decoded parameters of the query, in order.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        parameters(&self.query)
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

/// An answer as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
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

/// The wire server of one exchange. Methods are quick and never wait.
pub(crate) trait Front: Send + Sync + Debug {
    /// Answers a request, or tells `refusal` in its stead; limits are charged in both cases.
    fn answer(&self, exchange: &Exchange, request: &Request, refusal: Option<Refusal>) -> Answer;

    /// Whether a socket may be opened here.
    ///
    /// # Errors
    /// The answer that refuses it.
    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer>;

    /// A socket is open.
    fn opened(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>);

    /// A client has sent a text.
    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str);

    /// A socket is gone.
    fn closed(&self, socket: &Socket);

    /// The market did something. Called with the market locked, in the order in which it happened.
    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved);

    /// A step of 20 ms is over; `step` counts them from a full second of the exchange's time.
    fn stepped(&self, exchange: &Exchange, step: u64);

    /// Publishes pending book updates at once.
    fn publish(&self, exchange: &Exchange);

    /// Announces on this socket that it will be closed.
    fn announce_shutdown(&self, exchange: &Exchange, socket: &Arc<Socket>);

    /// Whether steps are needed though the market is quiet.
    fn busy(&self) -> bool;

    /// Request weight spent by `peer` in the present minute.
    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64;
}
