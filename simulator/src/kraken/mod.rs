//! Kraken's wire protocol for spot: REST in its version 0 and the sockets in version 2, as its public documents
//! describe them.

mod account;
mod auth;
mod balances;
mod batches;
mod books;
mod candles;
mod deadman;
mod drafts;
mod errors;
mod exact;
mod executions;
mod fees;
mod frames;
mod hearts;
mod history;
mod ids;
mod instruments;
mod limits;
mod market;
mod names;
mod order_rows;
mod orders;
mod params;
mod private_events;
mod private_socket;
mod public_socket;
mod rest;
mod sessions;
mod streams;
mod times;
mod topics;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use self::auth::Gate;
use self::balances::Totals;
use self::books::Books;
use self::deadman::Deadman;
use self::errors::ApiError;
use self::fees::Fees;
use self::hearts::Hearts;
use self::limits::Used;
use self::sessions::Sessions;
use self::streams::{AllAlike, Last, Streams};
use self::topics::Topic;
use crate::accounts::{AccountEvent, AccountId};
use crate::config::Limits;
use crate::delivery::Delivery;
use crate::engine::OrderId;
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
    paths: Paths {
        ws: public_socket::PATH,
        ws_api: Some(private_socket::PATH),
        ws_private: Some(private_socket::PATH),
    },
    policy: Policy::KRAKEN_SPOT,
    front: || Box::<Kraken>::default(),
    limits,
    listings,
};

/// No socket ends for its age: ten years.
const SOCKET_LIFE: u64 = 10 * 365 * 86_400;
/// Open orders of an account in one pair.
const OPEN_ORDERS: usize = 225;
/// Steps of 20 ms in a second.
const SECOND_STEPS: u64 = 50;

fn limits() -> Limits {
    Limits {
        weight_per_minute: limits::CALLS_PER_MINUTE,
        orders_per_minute: limits::TRADING_PER_MINUTE,
        socket_life_seconds: SOCKET_LIFE,
        ..Limits::default()
    }
}

fn listings() -> Vec<Listing> {
    let mut listings = Listing::defaults();
    for listing in &mut listings {
        listing.rules.max_orders = OPEN_ORDERS;
    }
    listings
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
    gate: Gate,
    deadman: Deadman,
    sessions: Sessions,
    totals: Totals,
    fees: Fees,
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
        if ![public_socket::PATH, private_socket::PATH].contains(&request.path.as_str()) {
            return Err(ApiError::no_path().answer(0));
        }
        self.used.connect(exchange, request.peer).map_err(|error| error.answer(0))
    }

    fn idle_limit(&self, _: &Request) -> Option<Duration> {
        None
    }

    fn opened(&self, _: &Exchange, request: &Request, socket: &Arc<Socket>) {
        self.hearts.open(socket);
        if request.path == private_socket::PATH {
            self.sessions.open(socket);
        } else {
            self.streams.open(socket, AllAlike);
        }
        socket.send(frames::status(socket.id).to_string().into());
    }

    fn frame_limit(&self, _: &Exchange, _: &Socket) -> Option<u64> {
        None
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        if self.sessions.has(socket.id) {
            private_socket::received(self, exchange, socket, text);
        } else {
            public_socket::received(self, exchange, socket, text);
        }
    }

    fn closed(&self, _: &Exchange, socket: &Socket) {
        self.hearts.close(socket.id);
        self.streams.close(socket.id);
        self.sessions.close(socket.id);
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

    fn account_events(&self, exchange: &Exchange, events: &[AccountEvent]) {
        self.tell_accounts(exchange, events);
    }

    fn key_revoked(&self, _: &Exchange, api_key: &str) {
        for socket in self.sessions.of_key(api_key) {
            socket.close(1008, "API key is invalid");
        }
    }

    fn end_subscriptions(&self, _: &Exchange, account: Option<AccountId>, connection: Option<u64>) {
        self.sessions.end(account, connection);
    }

    /// There are no such keys here.
    fn expire_listen_keys(&self, _: &Exchange, _: Option<AccountId>, _: bool) {}

    fn order_text(&self, market: MarketId, order: OrderId) -> String {
        ids::order(market, order)
    }

    fn order_number(&self, text: &str) -> Option<OrderId> {
        ids::named_order(text).map(|(_, order)| order)
    }

    fn trade_text(&self, market: MarketId, trade: u64) -> String {
        ids::trade(market, trade)
    }

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.streams.release(exchange.clock.now());
        self.delivery.release(exchange.clock.now());
        self.books.publish(&self.streams, exchange);
        self.tell_timed(exchange, step);
        self.deadman.due(exchange);
        if step.is_multiple_of(SECOND_STEPS) {
            self.hearts.beat();
        }
    }

    /// The wire tells checksums; any other number is the engine's own.
    fn update_ids(&self, market: MarketId, told: u64) -> Vec<u64> {
        let of_sum = self.books.update_ids(market, told);
        if of_sum.is_empty() { vec![told] } else { of_sum }
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
            || self.deadman.runs()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.used.requests(exchange, peer)
    }
}
