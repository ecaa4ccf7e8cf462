//! Binance spot: REST and market streams, as its public documents describe them.

mod candles;
mod control;
mod depth;
mod errors;
mod events;
mod hub;
mod info;
mod limits;
mod params;
mod rest;
mod streams;
mod tickers;
mod trades;
mod unit;
mod weights;

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use self::depth::Depths;
use self::errors::ApiError;
use self::hub::Hub;
use self::limits::IpLimits;
use crate::exchange::Exchange;
use crate::front::{Answer, Front, Refusal, Request};
use crate::market::{Market, Moved};
use crate::sockets::Socket;

/// The wire server.
#[derive(Debug, Default)]
pub(crate) struct Spot {
    limits: IpLimits,
    hub: Hub,
    depths: Mutex<Depths>,
}

impl Front for Spot {
    fn answer(&self, exchange: &Exchange, request: &Request, refusal: Option<Refusal>) -> Answer {
        let weight = weights::weight(exchange, request);
        let now = exchange.clock.server_now();
        let other = exchange.other_load();
        let charged = self.limits.charge(request.peer, now, (weight, other), &exchange.config.limits);
        let mut answer = match (refusal, charged) {
            (Some(refusal), _) => refused(refusal),
            (None, Err(too_much)) => {
                let mut answer = too_much.error.answer();
                answer.headers.push(("retry-after", too_much.retry_after.to_string()));
                answer
            }
            (None, Ok(())) => rest::answer(exchange, request).unwrap_or_else(|error| error.answer()),
        };
        let used = self.used_weight(exchange, request.peer).to_string();
        answer.headers.push(("x-mbx-used-weight", used.clone()));
        answer.headers.push(("x-mbx-used-weight-1m", used));
        answer.weight = weight;
        answer
    }

    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer> {
        if exchange.in_maintenance() {
            return Err(refused(Refusal::Maintenance));
        }
        let path = request.path.as_str();
        if !(path == "/ws" || path == "/stream" || path.starts_with("/ws/") || path == "/stream/") {
            return Err(not_found());
        }
        let now = exchange.clock.server_now();
        if !self.limits.connect(request.peer, now, &exchange.config.limits) {
            let error = ApiError { status: 429, code: -1034, message: "Too many new connections.".to_owned() };
            return Err(error.answer());
        }
        self.hub.time_unit(request).map(|_| ()).map_err(|error| error.answer())
    }

    fn opened(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>) {
        self.hub.open(exchange, request, socket);
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        let reply = control::handle(&self.hub, exchange, socket, text);
        socket.send(reply.into());
    }

    fn closed(&self, socket: &Socket) {
        self.hub.close(socket.id);
    }

    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        self.depths.lock().note(market, moved);
        events::live(&self.hub, exchange, market, moved);
    }

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.hub.release(exchange.clock.now());
        if step.is_multiple_of(5) {
            self.publish_due(exchange, step.is_multiple_of(50));
        }
        if step.is_multiple_of(50) {
            events::every_second(&self.hub, exchange, step.is_multiple_of(100));
        }
    }

    fn publish(&self, exchange: &Exchange) {
        self.publish_due(exchange, true);
    }

    fn announce_shutdown(&self, exchange: &Exchange, socket: &Arc<Socket>) {
        let now = exchange.clock.server_now();
        self.hub.direct(socket, "!serverShutdown", |unit| events::shutdown(unit.stamp(now)));
    }

    fn busy(&self) -> bool {
        self.depths.lock().pending() || self.hub.wants_time()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.limits.weight(peer, exchange.clock.server_now()) + exchange.other_load()
    }
}

impl Spot {
    /// Publishes what has changed: the fast streams, and the slow ones if `slow`.
    fn publish_due(&self, exchange: &Exchange, slow: bool) {
        let waiting = self.depths.lock().markets(slow);
        for id in waiting {
            let market = exchange.market_by_id(id);
            let mut market = market.lock();
            let due = self.depths.lock().take(id, slow);
            depth::publish(&self.hub, exchange, &mut market, due);
        }
    }
}

fn refused(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Status(429) => {
            ApiError { status: 429, code: -1003, message: "Too many requests.".to_owned() }.answer()
        }
        Refusal::Status(status) => web_page(status),
        Refusal::RetryAfter(status, seconds) => {
            let message = "Too many requests queued.".to_owned();
            let mut answer = ApiError { status, code: -1003, message }.answer();
            answer.headers.push(("retry-after", seconds.to_string()));
            answer
        }
        Refusal::Code(status, code, message) => {
            ApiError { status, code, message: message.unwrap_or_else(|| "Ordered by a fault.".to_owned()) }.answer()
        }
        Refusal::Maintenance => {
            ApiError { status: 503, code: -1016, message: "This service is no longer available.".to_owned() }.answer()
        }
    }
}

fn web_page(status: u16) -> Answer {
    let body = format!("<html>\r\n<head><title>{status}</title></head>\r\n<body>{status}</body>\r\n</html>\r\n");
    Answer { status, headers: vec![("content-type", "text/html".to_owned())], body, weight: 0 }
}

fn not_found() -> Answer {
    web_page(404)
}
