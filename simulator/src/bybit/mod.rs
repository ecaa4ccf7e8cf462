//! Bybit's wire protocol V5: REST, public and private sockets and the socket for orders, as its public documents
//! describe them. The front of spot and that of linear contracts are one; what differs is told by the category.

mod account;
mod auth;
mod batches;
mod books;
mod call;
mod category;
mod coins;
mod dcp;
mod errors;
mod executions;
mod fees;
mod ids;
mod keys;
mod limits;
mod logon;
mod market;
mod operations;
mod order_errors;
mod order_json;
mod order_lists;
mod order_params;
mod order_sums;
mod orders;
mod params;
mod positions;
mod private;
mod private_events;
mod public;
mod rest;
mod sessions;
mod stops;
mod streams;
mod ticks;
mod told_tickers;
mod topics;
mod trade_socket;
mod wallet;
mod wish;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use rust_decimal::Decimal;

use self::books::Books;
use self::category::Category;
use self::dcp::Dcp;
use self::errors::ApiError;
use self::limits::Used;
use self::order_sums::OrderSums;
use self::sessions::Sessions;
use self::stops::Attached;
use self::ticks::Ticks;
use self::told_tickers::ToldTickers;
use self::topics::Topic;
use self::wish::{AllAlike, Streams};
use crate::accounts::{AccountEvent, AccountId};
use crate::config::Limits;
use crate::delivery::Delivery;
use crate::engine::OrderId;
use crate::exchange::Exchange;
use crate::exchanges::{Paths, Product, Simulated};
use crate::front::{Answer, Front, Interference, Refusal, Request, parameters};
use crate::listing::Listing;
use crate::market::{Market, MarketId, Moved};
use crate::policy::Policy;
use crate::requests::Note;
use crate::sockets::Socket;

/// Bybit spot among the exchanges that can be simulated.
pub(crate) const SPOT: Simulated = Simulated {
    name: "bybit-spot",
    product: Product::Spot,
    paths: Paths { ws: "/v5/public/spot", ws_api: Some(trade_socket::PATH), ws_private: Some(private::PATH) },
    policy: Policy::BYBIT_SPOT,
    front: || Box::new(Bybit::new(Category::Spot)),
    limits,
    listings: spot_listings,
};

/// Bybit's linear contracts among the exchanges that can be simulated.
pub(crate) const LINEAR: Simulated = Simulated {
    name: "bybit-linear",
    product: Product::LinearPerpetual,
    paths: Paths { ws: "/v5/public/linear", ws_api: Some(trade_socket::PATH), ws_private: Some(private::PATH) },
    policy: Policy::BYBIT_LINEAR,
    front: || Box::new(Bybit::new(Category::Linear)),
    limits,
    listings: linear_listings,
};

/// How long a socket may be silent, and the bounds within which a client may set that.
const IDLE: Duration = Duration::from_secs(600);
const SHORTEST_IDLE: Duration = Duration::from_secs(30);
/// No socket ends for its age: ten years.
const SOCKET_LIFE: u64 = 10 * 365 * 86_400;

fn limits() -> Limits {
    Limits { connections_per_5_minutes: 500, socket_life_seconds: SOCKET_LIFE, ..Limits::default() }
}

fn spot_listings() -> Vec<Listing> {
    let mut listings = Listing::defaults();
    for listing in &mut listings {
        (listing.rules.max_orders, listing.rules.max_algo_orders) = (500, 30);
    }
    listings
}

fn linear_listings() -> Vec<Listing> {
    let mut listings = Listing::perpetual_defaults();
    for listing in &mut listings {
        (listing.rules.max_orders, listing.rules.max_algo_orders) = (510, 10);
        if let Some(contract) = &mut listing.contract {
            contract.initial_leverage = Decimal::TEN;
        }
    }
    listings
}

/// The wire server of one product.
#[derive(Debug)]
pub(crate) struct Bybit {
    category: Category,
    used: Used,
    hub: Streams,
    books: Books,
    ticks: Ticks,
    /// Tickers as they were told last.
    tickers: ToldTickers,
    sums: OrderSums,
    sessions: Sessions,
    delivery: Delivery,
    dcp: Dcp,
    attached: Attached,
    /// Number of the next private message.
    messages: AtomicU64,
}

impl Bybit {
    fn new(category: Category) -> Bybit {
        Bybit {
            category,
            used: Used::default(),
            hub: Streams::default(),
            books: Books::new(category),
            ticks: Ticks::default(),
            tickers: ToldTickers::default(),
            sums: OrderSums::default(),
            sessions: Sessions::default(),
            delivery: Delivery::default(),
            dcp: Dcp::default(),
            attached: Attached::default(),
            messages: AtomicU64::new(1),
        }
    }
}

/// Whether a private socket, or that for orders, is at this path.
fn needs_logon(path: &str) -> bool {
    private::serves(path) || trade_socket::serves(path)
}

impl Front for Bybit {
    fn answer(&self, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
        rest::answer(self, exchange, request, interference)
    }

    fn note(&self, exchange: &Exchange, request: &Request) -> Note {
        rest::note(exchange, request)
    }

    fn frame_limit(&self, _: &Exchange, _: &Socket) -> Option<u64> {
        None
    }

    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer> {
        let now = exchange.clock.server_now();
        if exchange.in_maintenance() {
            return Err(ApiError::ordered(Refusal::Maintenance).answer(now));
        }
        if !needs_logon(&request.path) && public::scope(&request.path).is_none() {
            return Err(public::no_socket().answer(now));
        }
        if !self.used.connect(request.peer, now, exchange.config.limits.connections_per_5_minutes) {
            return Err(ApiError::of_status(403, 403, "access too frequent").answer(now));
        }
        Ok(())
    }

    fn idle_limit(&self, request: &Request) -> Option<Duration> {
        let given = parameters(&request.query);
        let wish = given.iter().find(|(name, _)| name == "max_active_time").and_then(|(_, text)| span(text));
        let wish = wish.filter(|_| needs_logon(&request.path)).unwrap_or(IDLE);
        Some(wish.clamp(SHORTEST_IDLE, IDLE))
    }

    fn opened(&self, _: &Exchange, request: &Request, socket: &Arc<Socket>) {
        if needs_logon(&request.path) {
            self.sessions.open(request, socket);
        } else {
            self.hub.open(socket, AllAlike);
        }
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        if private::serves(&socket.path) {
            private::received(self, exchange, socket, text);
        } else if trade_socket::serves(&socket.path) {
            trade_socket::received(self, exchange, socket, text);
        } else {
            public::received(self, exchange, socket, text);
        }
    }

    fn closed(&self, exchange: &Exchange, socket: &Socket) {
        self.hub.close(socket.id);
        self.delivery.forget(socket.id);
        if let Some((account, topics)) = self.sessions.close(socket.id) {
            self.dcp_lost(exchange.clock.now(), account, &topics);
            exchange.wake.notify_one();
        }
    }

    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        self.books.note(market, moved);
        if !moved.trades.is_empty() && !market.gone {
            self.tell_trades(exchange, market, moved);
        }
    }

    fn account_events(&self, exchange: &Exchange, events: &[AccountEvent]) {
        self.tell_accounts(exchange, events);
    }

    /// Streams end. On the socket for orders each request is refused.
    fn key_revoked(&self, _: &Exchange, api_key: &str) {
        let streams = self.sessions.of_key(api_key).into_iter().filter(|socket| !trade_socket::serves(&socket.path));
        for socket in streams {
            socket.close(1008, "API key is invalid");
        }
    }

    fn end_subscriptions(&self, _: &Exchange, account: Option<AccountId>, connection: Option<u64>) {
        self.sessions.end(account, connection);
    }

    /// There are no such keys here.
    fn expire_listen_keys(&self, _: &Exchange, _: Option<AccountId>, _: bool) {}

    fn order_text(&self, market: MarketId, order: OrderId) -> String {
        ids::order_id(self.category, market, order)
    }

    fn order_number(&self, text: &str) -> Option<OrderId> {
        ids::read_order_id(text).map(|(_, order)| order)
    }

    fn trade_text(&self, market: MarketId, trade: u64) -> String {
        ids::trade_id(self.category, market, trade)
    }

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.hub.release(exchange.clock.now());
        self.delivery.release(exchange.clock.now());
        self.books.publish(&self.hub, exchange, Some(step));
        self.tell_timed(exchange, step);
        self.dcp_due(exchange);
        self.attached_due(exchange);
    }

    fn update_ids(&self, market: MarketId, told: u64) -> Vec<u64> {
        self.books.update_id(market, told).into_iter().collect()
    }

    fn publish(&self, exchange: &Exchange) {
        self.books.publish(&self.hub, exchange, None);
    }

    fn announce_shutdown(&self, _: &Exchange, socket: &Arc<Socket>) {
        socket.close(1012, "service restart");
    }

    fn busy(&self) -> bool {
        let timed = |name: &str| Topic::named(name).is_some_and(Topic::is_timed);
        self.books.pending()
            || self.hub.wants_time(timed)
            || self.delivery.waits()
            || self.dcp.runs()
            || self.attached.any_due()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.used.requests(peer, exchange.clock.server_now())
    }
}

/// A span of time such as `30s` or `2m`.
fn span(text: &str) -> Option<Duration> {
    let (number, seconds) = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 60),
        (None, None) => (text, 1),
    };
    number.parse::<u64>().ok().map(|number| Duration::from_secs(number.saturating_mul(seconds)))
}
