//! The fictional exchange of the guide for connector authors, as its page `exchanges/example/API.md` describes it: REST, a
//! socket for the market and one for accounts. The front of spot and that of contracts are one; contracts have more.

mod account;
mod auth;
mod contracts;
mod errors;
mod events;
mod limits;
mod market;
mod orders;
mod params;
mod rest;
mod rows;
mod sessions;
mod sockets;
mod streams;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use self::errors::ApiError;
use self::limits::Used;
use self::sessions::Sessions;
use self::streams::{Published, Streams};
use crate::accounts::{AccountEvent, AccountId};
use crate::config::Limits;
use crate::delivery::Delivery;
use crate::exchange::Exchange;
use crate::exchanges::{Paths, Product, Simulated};
use crate::front::{Answer, Front, Interference, Refusal, Request};
use crate::listing::Listing;
use crate::market::{Market, MarketId, Moved};
use crate::policy::Policy;
use crate::requests::Note;
use crate::sockets::Socket;

/// Its spot market among the exchanges that can be simulated.
pub(crate) const SPOT: Simulated = Simulated {
    name: "example-spot",
    product: Product::Spot,
    paths: Paths { ws: sockets::MARKET, ws_api: None, ws_private: Some(sockets::ACCOUNT) },
    policy: Policy::EXAMPLE_SPOT,
    front: || Box::<Example>::default(),
    limits,
    listings: Listing::defaults,
};

/// Its perpetual contracts among the exchanges that can be simulated.
pub(crate) const PERP: Simulated = Simulated {
    name: "example-perp",
    product: Product::LinearPerpetual,
    policy: Policy::EXAMPLE_PERP,
    listings: Listing::perpetual_defaults,
    ..SPOT
};

fn limits() -> Limits {
    Limits { frames_per_second: 10, ..Limits::default() }
}

/// The wire server.
#[derive(Debug, Default)]
pub(crate) struct Example {
    used: Used,
    streams: Streams,
    published: Published,
    sessions: Sessions,
    delivery: Delivery,
}

impl Front for Example {
    fn answer(&self, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
        rest::answer(self, exchange, request, interference)
    }

    fn note(&self, exchange: &Exchange, request: &Request) -> Note {
        rest::note(exchange, request)
    }

    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer> {
        if exchange.in_maintenance() {
            return Err(ApiError::ordered(Refusal::Maintenance).answer(0));
        }
        if !sockets::serves(&request.path) {
            return Err(ApiError::no_path().answer(0));
        }
        self.used.connect(exchange, request.peer).map_err(|error| error.answer(0))
    }

    fn idle_limit(&self, _: &Request) -> Option<Duration> {
        None
    }

    fn opened(&self, _: &Exchange, request: &Request, socket: &Arc<Socket>) {
        if request.path == sockets::ACCOUNT {
            self.sessions.open(request.peer, socket);
        } else {
            self.streams.open(socket, streams::AllAlike);
        }
    }

    fn frame_limit(&self, exchange: &Exchange, _: &Socket) -> Option<u64> {
        Some(exchange.config.limits.frames_per_second)
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        sockets::received(self, exchange, socket, text);
    }

    fn closed(&self, _: &Exchange, socket: &Socket) {
        self.streams.close(socket.id);
        self.sessions.close(socket.id);
        self.delivery.forget(socket.id);
    }

    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        self.tell_book(exchange, market, moved);
        self.tell_trades(exchange, market, moved);
    }

    fn account_events(&self, exchange: &Exchange, events: &[AccountEvent]) {
        self.tell_accounts(exchange, events);
    }

    fn key_revoked(&self, _: &Exchange, api_key: &str) {
        self.sessions.end(|caller, _| caller.api_key == api_key);
    }

    /// There are no subscriptions to accounts: their sockets are closed.
    fn end_subscriptions(&self, _: &Exchange, account: Option<AccountId>, connection: Option<u64>) {
        self.sessions.end(|caller, socket| {
            account.is_none_or(|account| account == caller.account) && connection.is_none_or(|id| id == socket)
        });
    }

    /// There are no such keys here.
    fn expire_listen_keys(&self, _: &Exchange, _: Option<AccountId>, _: bool) {}

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.tell_fundings(exchange, step);
        self.streams.release(exchange.clock.now());
        self.delivery.release(exchange.clock.now());
    }

    fn update_ids(&self, _: MarketId, told: u64) -> Vec<u64> {
        vec![told]
    }

    /// Nothing ever waits.
    fn publish(&self, _: &Exchange) {}

    fn announce_shutdown(&self, exchange: &Exchange, socket: &Arc<Socket>) {
        socket.send(format!(r#"{{"event":"closing","time":{}}}"#, exchange.clock.now().millis()).into());
    }

    fn busy(&self) -> bool {
        self.streams.wants_time(streams::is_timed) || self.delivery.waits()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.used.weight(exchange, peer)
    }
}
