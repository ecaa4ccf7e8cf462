//! What the APIs of the products share: their state, and what each says about itself.

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::depths::Depths;
use super::errors::ApiError;
use super::limits::IpLimits;
use super::operation::Operation;
use super::order_counts::{CountWindow, OrderCounts};
use super::sessions::Sessions;
use super::unit::{self, TimeUnit};
use super::wish::{Carries, FrameWish, Streams};
use crate::delivery::Delivery;
use crate::exchange::Exchange;
use crate::front::{Answer, Request};
use crate::sockets::Socket;

/// The API of one product.
pub(super) trait Api: Sized + 'static {
    /// Path of its WebSocket API.
    const WS_API: &'static str;

    /// What may stand before a method there.
    const METHOD_PREFIX: &'static str;

    /// Request weight of a connection to it.
    const CONNECTION_WEIGHT: u64;

    /// Whether clients choose the unit of time.
    const CHOOSES_UNIT: bool;

    /// Everything that can be asked.
    fn operations() -> &'static [Operation<Self>];

    /// What all products have.
    fn common(&self) -> &Common;

    /// Ends the logon of a socket and what depends on it.
    fn log_out(&self, exchange: &Exchange, socket: u64);

    /// Whether its WebSocket API is at this path, with or without a query.
    fn serves_calls(path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        path == Self::WS_API || path.strip_suffix('/') == Some(Self::WS_API)
    }

    /// The unit of time that a request asks for.
    fn unit(asked: Option<&str>) -> Result<TimeUnit, ApiError> {
        if Self::CHOOSES_UNIT { TimeUnit::named(asked) } else { Ok(TimeUnit::default()) }
    }
}

/// State that the API of every product has.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) limits: IpLimits,
    pub(super) hub: Streams,
    pub(super) depths: Mutex<Depths>,
    pub(super) counts: OrderCounts,
    pub(super) sessions: Sessions,
    pub(super) delivery: Delivery,
}

impl Common {
    /// With nothing used yet; books are told every so many
    /// milliseconds and orders counted in `windows`.
    pub(super) fn new(every: &[u64], windows: &'static [CountWindow; 2]) -> Common {
        Common {
            limits: IpLimits::default(),
            hub: Streams::default(),
            depths: Mutex::new(Depths::new(every)),
            counts: OrderCounts::new(windows),
            sessions: Sessions::default(),
            delivery: Delivery::default(),
        }
    }

    /// Request weight spent by an address in the present minute.
    pub(super) fn used(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.limits.weight(peer, exchange.clock.server_now()) + exchange.other_load()
    }

    /// Charges an address with request weight.
    pub(super) fn charge(&self, exchange: &Exchange, peer: IpAddr, weight: u64) -> Result<(), ApiError> {
        let now = exchange.clock.server_now();
        self.limits.charge(peer, now, (weight, exchange.other_load()), &exchange.config.limits)
    }

    /// Counts a connection; one to the WebSocket API costs `weight`.
    ///
    /// # Errors
    /// The answer that refuses it.
    pub(super) fn connect(&self, exchange: &Exchange, peer: IpAddr, weight: Option<u64>) -> Result<(), Answer> {
        let now = exchange.clock.server_now();
        if self.limits.connect(peer, now, weight, &exchange.config.limits) {
            return Ok(());
        }
        Err(ApiError::with_status(429, -1034, "Too many new connections.").answer(now))
    }

    /// Registers a market socket with the streams that its address names.
    pub(super) fn open_streams(
        &self,
        exchange: &Exchange,
        request: &Request,
        socket: &Arc<Socket>,
        (address, carries): (StreamAddress, Carries),
    ) {
        let unit = unit::of_handshake(request).unwrap_or_default();
        self.hub.open(socket, FrameWish { unit, combined: address.combined, carries });
        self.hub.subscribe(exchange, socket, &address.names);
    }

    /// Forgets a socket.
    pub(super) fn closed(&self, socket: u64) {
        self.hub.close(socket);
        self.sessions.close(socket);
        self.delivery.forget(socket);
    }

    /// Sends what faults have held back and is due.
    pub(super) fn release(&self, exchange: &Exchange) {
        self.hub.release(exchange.clock.now());
        self.delivery.release(exchange.clock.now());
    }
}

/// What the address of a market socket says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StreamAddress {
    /// Whether frames are wrapped with the name of their stream.
    pub(super) combined: bool,
    /// Streams subscribed from the start.
    pub(super) names: Vec<String>,
}

impl StreamAddress {
    /// Reads `/ws`, `/ws/a@b/c@d`, `/stream` and the query `streams=a@b/c@d`; `None` for other paths.
    pub(super) fn read(path: &str, query: &[(String, String)]) -> Option<StreamAddress> {
        let list = match path {
            "/stream" | "/stream/" => query.iter().find(|(name, _)| name == "streams").map(|(_, value)| value.as_str()),
            "/ws" => None,
            path => Some(path.strip_prefix("/ws/")?),
        };
        let named = list.unwrap_or_default().split('/').filter(|name| !name.is_empty() && *name != "0");
        Some(StreamAddress { combined: path.starts_with("/stream"), names: named.map(str::to_owned).collect() })
    }
}
