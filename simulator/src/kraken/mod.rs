//! Kraken's wire protocol for spot: REST in its version 0 and the sockets in version 2, as its public documents
//! describe them.

mod books;
mod candles;
mod errors;
mod exact;
mod frames;
mod hearts;
mod instruments;
mod limits;
mod market;
mod names;
mod params;
mod public_socket;
mod rest;
mod streams;
mod times;
mod topics;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use self::books::Books;
use self::errors::ApiError;
use self::hearts::Hearts;
use self::limits::Used;
use self::streams::{AllAlike, Last, Streams};
use self::topics::Topic;
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

/// Kraken spot among the exchanges that can be simulated.
pub(crate) const SPOT: Simulated = Simulated {
    name: "kraken-spot",
    product: Product::Spot,
    paths: Paths { ws: public_socket::PATH, ws_api: None, ws_private: None },
    policy: Policy::KRAKEN_SPOT,
    front: || Box::<Kraken>::default(),
    limits,
    listings: Listing::defaults,
};

/// No socket ends for its age: ten years.
const SOCKET_LIFE: u64 = 10 * 365 * 86_400;
/// Steps of 20 ms in a second.
const SECOND_STEPS: u64 = 50;

fn limits() -> Limits {
    Limits { socket_life_seconds: SOCKET_LIFE, ..Limits::default() }
}

/// The wire server.
#[derive(Debug, Default)]
pub(crate) struct Kraken {
    used: Used,
    streams: Streams,
    books: Books,
    last: Last,
    hearts: Hearts,
    delivery: Delivery,
}

impl Front for Kraken {
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
        if request.path != public_socket::PATH {
            return Err(ApiError::no_path().answer(0));
        }
        self.used.connect(exchange, request.peer).map_err(|error| error.answer(0))
    }

    fn idle_limit(&self, _: &Request) -> Option<Duration> {
        None
    }

    fn opened(&self, _: &Exchange, _: &Request, socket: &Arc<Socket>) {
        self.hearts.open(socket);
        self.streams.open(socket, AllAlike);
        socket.send(frames::status(socket.id).to_string().into());
    }

    fn frame_limit(&self, _: &Exchange, _: &Socket) -> Option<u64> {
        None
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        public_socket::received(self, exchange, socket, text);
    }

    fn closed(&self, _: &Exchange, socket: &Socket) {
        self.hearts.close(socket.id);
        self.streams.close(socket.id);
        self.delivery.forget(socket.id);
    }

    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        if !moved.changes.is_empty() {
            self.books.note(market.id);
        }
        if !moved.trades.is_empty() && !market.gone {
            self.tell_trades(exchange, market, moved);
        }
    }

    fn account_events(&self, _: &Exchange, _: &[AccountEvent]) {}

    fn key_revoked(&self, _: &Exchange, _: &str) {}

    fn end_subscriptions(&self, _: &Exchange, _: Option<AccountId>, _: Option<u64>) {}

    /// There are no such keys here.
    fn expire_listen_keys(&self, _: &Exchange, _: Option<AccountId>, _: bool) {}

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.streams.release(exchange.clock.now());
        self.delivery.release(exchange.clock.now());
        self.books.publish(&self.streams, exchange);
        self.tell_timed(exchange, step);
        if step.is_multiple_of(SECOND_STEPS) {
            self.hearts.beat();
        }
    }

    /// The wire tells checksums; any other number is the engine's own.
    fn update_id(&self, market: MarketId, told: u64) -> Option<u64> {
        self.books.update_id(market, told).or(Some(told))
    }

    fn publish(&self, exchange: &Exchange) {
        self.books.publish(&self.streams, exchange);
    }

    fn announce_shutdown(&self, _: &Exchange, socket: &Arc<Socket>) {
        socket.send(frames::closing(socket.id).to_string().into());
    }

    fn busy(&self) -> bool {
        self.books.pending()
            || self.streams.wants_time(|name| Topic::named(name).is_some_and(|topic| topic.is_timed()))
            || self.delivery.waits()
            || self.hearts.any()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.used.requests(exchange, peer)
    }
}
