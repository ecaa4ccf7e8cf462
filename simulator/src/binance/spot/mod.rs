//! Binance spot: REST and market streams, as its public documents describe them.

mod account;
mod candles;
mod depth;
mod events;
mod history;
mod info;
mod lists;
mod operations;
mod order_errors;
mod order_json;
mod order_params;
mod orders;
mod streams;
mod subscriptions;
mod tickers;
mod trades;
mod user_events;
mod user_stream;
mod weights;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use self::streams::Timed;
use super::api::{Api, Common, StreamAddress};
use super::depths::Due;
use super::errors::{ApiError, web_page};
use super::operation::Operation;
use super::order_counts::CountWindow;
use super::wish::Carries;
use super::{control, rest, unit, ws_api};
use crate::accounts::{AccountEvent, AccountId};
use crate::config::Limits;
use crate::exchange::Exchange;
use crate::exchanges::{Paths, Product, Simulated};
use crate::front::{Answer, Front, Interference, Refusal, Request};
use crate::listing::Listing;
use crate::market::{Market, MarketId, Moved};
use crate::policy::Policy;
use crate::requests::Note;
use crate::sockets::Socket;

/// Binance spot among the exchanges that can be simulated.
pub(crate) const SIMULATED: Simulated = Simulated {
    name: "binance-spot",
    product: Product::Spot,
    paths: Paths { ws: "", ws_api: Some(Spot::WS_API), ws_private: None },
    policy: Policy::BINANCE_SPOT,
    front: || Box::new(Spot::default()),
    limits: Limits::default,
    listings: Listing::defaults,
};

const COUNT_WINDOWS: [CountWindow; 2] = [
    CountWindow {
        interval: "SECOND",
        number: 10,
        header: "x-mbx-order-count-10s",
        width: Duration::from_secs(10),
        limit: |limits| limits.orders_per_10_seconds,
    },
    CountWindow {
        interval: "DAY",
        number: 1,
        header: "x-mbx-order-count-1d",
        width: Duration::from_secs(24 * 3600),
        limit: |limits| limits.orders_per_day,
    },
];

/// The wire server.
#[derive(Debug)]
pub(crate) struct Spot {
    common: Common,
}

impl Default for Spot {
    fn default() -> Spot {
        Spot { common: Common::new(&depth::SPEEDS, &COUNT_WINDOWS) }
    }
}

impl Api for Spot {
    const WS_API: &'static str = "/ws-api/v3";
    const METHOD_PREFIX: &'static str = "v3/";
    const CONNECTION_WEIGHT: u64 = 2;
    const CHOOSES_UNIT: bool = true;

    fn operations() -> &'static [Operation<Spot>] {
        operations::OPERATIONS
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn log_out(&self, exchange: &Exchange, socket: u64) {
        let ended = self.common.sessions.log_out(socket);
        self.tell_end(exchange, &ended);
    }
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
        rest::note::<Spot>(exchange, request)
    }

    fn frame_limit(&self, exchange: &Exchange, socket: &Socket) -> Option<u64> {
        (!Spot::serves_calls(&socket.path)).then_some(exchange.config.limits.frames_per_second)
    }

    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer> {
        let now = exchange.clock.server_now();
        if exchange.in_maintenance() {
            return Err(ApiError::ordered(Refusal::Maintenance, now).answer(now));
        }
        let calls = Spot::serves_calls(&request.path);
        if !calls && StreamAddress::read(&request.path, &[]).is_none() {
            return Err(web_page(404));
        }
        self.common.connect(exchange, request.peer, calls.then_some(Spot::CONNECTION_WEIGHT))?;
        unit::of_handshake(request).map(|_| ()).map_err(|error| error.answer(now))
    }

    fn opened(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>) {
        if Spot::serves_calls(&request.path) {
            self.common.sessions.open(request, socket, exchange.clock.server_now());
        } else {
            let address = StreamAddress::read(&request.path, &request.parameters()).unwrap_or_default();
            self.common.open_streams(exchange, request, socket, (address, Carries::Everything));
        }
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        if Spot::serves_calls(&socket.path) {
            return ws_api::received(self, exchange, socket, text);
        }
        let reply = control::handle(&self.common.hub, exchange, socket, text);
        socket.send(reply.into());
    }

    fn closed(&self, _: &Exchange, socket: &Socket) {
        self.common.closed(socket.id);
    }

    fn idle_limit(&self, _: &Request) -> Option<Duration> {
        None
    }

    fn update_ids(&self, _: MarketId, told: u64) -> Vec<u64> {
        vec![told]
    }

    fn moved(&self, exchange: &Exchange, market: &Market, moved: &Moved) {
        self.common.depths.lock().note(market, moved);
        events::live(&self.common.hub, exchange, market, moved);
    }

    fn account_events(&self, exchange: &Exchange, events: &[AccountEvent]) {
        self.tell_accounts(exchange, events);
    }

    fn key_revoked(&self, exchange: &Exchange, api_key: &str) {
        let ended = self.common.sessions.end_of_key(api_key);
        self.tell_end(exchange, &ended);
    }

    fn end_subscriptions(&self, exchange: &Exchange, account: Option<AccountId>, connection: Option<u64>) {
        self.end_subscriptions_of(exchange, account, connection);
    }

    fn expire_listen_keys(&self, _: &Exchange, _: Option<AccountId>, _: bool) {}

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.common.release(exchange);
        self.publish_due(exchange, Due::Step(step));
        if step.is_multiple_of(50) {
            events::every_second(&self.common.hub, exchange, step.is_multiple_of(100));
        }
    }

    fn publish(&self, exchange: &Exchange) {
        self.publish_due(exchange, Due::All);
    }

    fn announce_shutdown(&self, exchange: &Exchange, socket: &Arc<Socket>) {
        let now = exchange.clock.server_now();
        if let Some(session) = self.common.sessions.view(socket.id) {
            return socket.send(user_stream::shutdown(now, session.unit).into());
        }
        self.common.hub.direct(socket, "!serverShutdown", |unit| events::shutdown(unit.stamp(now)));
    }

    fn busy(&self) -> bool {
        self.common.depths.lock().pending()
            || self.common.hub.wants_time(|name| Timed::named(name).is_some())
            || self.common.delivery.waits()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.common.used(exchange, peer)
    }
}

impl Spot {
    /// Publishes the changes of books that are due.
    fn publish_due(&self, exchange: &Exchange, due: Due) {
        let waiting = self.common.depths.lock().markets(due);
        for id in waiting {
            let market = exchange.market_by_id(id);
            let mut market = market.lock();
            let spans = self.common.depths.lock().take(id, due);
            depth::publish(&self.common.hub, exchange, &mut market, spans);
        }
    }
}
