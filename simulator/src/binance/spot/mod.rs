//! Binance spot: REST and market streams, as its public documents describe them.

mod account;
mod auth;
mod call;
mod candles;
mod control;
mod depth;
mod errors;
mod events;
mod history;
mod info;
mod limits;
mod lists;
mod operations;
mod order_counts;
mod order_errors;
mod order_json;
mod order_params;
mod orders;
mod params;
mod rest;
mod session_calls;
mod sessions;
mod streams;
mod tickers;
mod trades;
mod unit;
mod user_events;
mod user_stream;
mod weights;
mod wish;
mod ws_api;

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use self::depth::Depths;
use self::errors::{ApiError, web_page};
use self::limits::IpLimits;
use self::order_counts::OrderCounts;
use self::sessions::Sessions;
use self::streams::Timed;
use self::wish::{FrameWish, Streams};
use crate::accounts::{AccountEvent, AccountId};
use crate::config::Limits;
use crate::delivery::Delivery;
use crate::exchange::Exchange;
use crate::exchanges::{Paths, Product, Simulated};
use crate::front::{Answer, Front, Interference, Refusal, Request};
use crate::listing::Listing;
use crate::market::{Market, Moved};
use crate::requests::Note;
use crate::sockets::Socket;

/// Binance spot among the exchanges that can be simulated.
pub(crate) const SIMULATED: Simulated = Simulated {
    name: "binance-spot",
    product: Product::Spot,
    paths: Paths { ws: "", ws_api: Some("/ws-api/v3"), ws_private: None },
    front: || Box::new(Spot::default()),
    limits: Limits::default,
    listings: Listing::defaults,
};

/// The wire server.
#[derive(Debug, Default)]
pub(crate) struct Spot {
    limits: IpLimits,
    hub: Streams,
    depths: Mutex<Depths>,
    counts: OrderCounts,
    sessions: Sessions,
    delivery: Delivery,
}

impl Front for Spot {
    fn answer(&self, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
        let mut answer = rest::answer(self, exchange, request, interference);
        let used = self.used_weight(exchange, request.peer).to_string();
        answer.headers.push(("x-mbx-used-weight", used.clone()));
        answer.headers.push(("x-mbx-used-weight-1m", used));
        answer
    }

    fn note(&self, exchange: &Exchange, request: &Request) -> Note {
        rest::note(exchange, request)
    }

    fn frame_limit(&self, exchange: &Exchange, socket: &Socket) -> Option<u64> {
        (!ws_api::serves(&socket.path)).then_some(exchange.config.limits.frames_per_second)
    }

    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer> {
        let now = exchange.clock.server_now();
        if exchange.in_maintenance() {
            return Err(ApiError::ordered(Refusal::Maintenance, now).answer(now));
        }
        let path = request.path.as_str();
        let requests = ws_api::serves(path);
        if !(requests || path == "/ws" || path == "/stream" || path.starts_with("/ws/") || path == "/stream/") {
            return Err(web_page(404));
        }
        if !self.limits.connect(request.peer, now, requests, &exchange.config.limits) {
            return Err(ApiError::with_status(429, -1034, "Too many new connections.").answer(now));
        }
        unit::of_handshake(request).map(|_| ()).map_err(|error| error.answer(now))
    }

    fn opened(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>) {
        if ws_api::serves(&request.path) {
            self.sessions.open(request, socket, exchange.clock.server_now());
        } else {
            self.open_streams(exchange, request, socket);
        }
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        if ws_api::serves(&socket.path) {
            return ws_api::received(self, exchange, socket, text);
        }
        let reply = control::handle(&self.hub, exchange, socket, text);
        socket.send(reply.into());
    }

    fn closed(&self, socket: &Socket) {
        self.hub.close(socket.id);
        self.sessions.close(socket.id);
        self.delivery.forget(socket.id);
    }

    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        self.depths.lock().note(market, moved);
        events::live(&self.hub, exchange, market, moved);
    }

    fn account_events(&self, exchange: &Exchange, events: &[AccountEvent]) {
        self.tell_accounts(exchange, events);
    }

    fn key_revoked(&self, exchange: &Exchange, api_key: &str) {
        let ended = self.sessions.end_of_key(api_key);
        self.tell_end(exchange, &ended);
    }

    fn end_subscriptions(&self, exchange: &Exchange, account: Option<AccountId>, connection: Option<u64>) {
        self.end_subscriptions_of(exchange, account, connection);
    }

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.hub.release(exchange.clock.now());
        self.delivery.release(exchange.clock.now());
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
        if let Some(session) = self.sessions.view(socket.id) {
            return socket.send(user_stream::shutdown(now, session.unit).into());
        }
        self.hub.direct(socket, "!serverShutdown", |unit| events::shutdown(unit.stamp(now)));
    }

    fn busy(&self) -> bool {
        self.depths.lock().pending()
            || self.hub.wants_time(|name| Timed::named(name).is_some())
            || self.delivery.waits()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.used(exchange, peer)
    }
}

impl Spot {
    /// Registers a market socket with the streams of its path.
    fn open_streams(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>) {
        let combined = request.path.starts_with("/stream");
        let list = if combined {
            let given = request.parameters();
            given.into_iter().find(|(name, _)| name == "streams").map(|(_, value)| value).unwrap_or_default()
        } else {
            request.path.strip_prefix("/ws/").unwrap_or_default().to_owned()
        };
        self.hub.open(socket, FrameWish { unit: unit::of_handshake(request).unwrap_or_default(), combined });
        let named = list.split('/').filter(|name| !name.is_empty() && *name != "0");
        let names: Vec<String> = named.map(str::to_owned).collect();
        self.hub.subscribe(exchange, socket, &names);
    }

    /// Request weight spent by an address in the present minute.
    fn used(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.limits.weight(peer, exchange.clock.server_now()) + exchange.other_load()
    }

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
