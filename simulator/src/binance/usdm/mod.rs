//! Binance USD-M futures, as its public documents describe them.

mod account;
mod algos;
mod batches;
mod candles;
mod contracts;
mod depth;
mod digits;
mod events;
mod figures;
mod history;
mod info;
mod liquidations;
mod listen_keys;
mod notes;
mod operations;
mod order_errors;
mod order_json;
mod order_params;
mod orders;
mod prices;
mod routes;
mod settings;
mod streams;
mod tickers;
mod timed;
mod trades;
mod user_events;
mod user_stream;
mod weights;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use self::batches::Countdowns;
use self::contracts::Contracts;
use self::liquidations::Liquidations;
use self::listen_keys::ListenKeys;
use self::notes::Notes;
use self::routes::Address;
use self::settings::Choices;
use self::streams::Timed;
use self::user_stream::Wanted;
use super::api::{Api, Common};
use super::depths::{Due, is_turn};
use super::errors::{ApiError, web_page};
use super::operation::Operation;
use super::order_counts::CountWindow;
use super::{control, rest, ws_api};
use crate::accounts::{AccountChange, AccountEvent, AccountId, AlgoId};
use crate::config::Limits;
use crate::exchange::Exchange;
use crate::exchanges::{Paths, Product, Simulated};
use crate::front::{Answer, Front, Interference, Refusal, Request};
use crate::listing::Listing;
use crate::market::{Market, MarketId, Moved};
use crate::policy::Policy;
use crate::requests::Note;
use crate::sockets::Socket;

/// Binance USD-M futures among the exchanges that can be simulated.
pub(crate) const SIMULATED: Simulated = Simulated {
    name: "binance-usdm",
    product: Product::LinearPerpetual,
    paths: Paths { ws: "", ws_api: Some(Usdm::WS_API), ws_private: Some("/private") },
    front: || Box::new(Usdm::default()),
    limits,
    listings: Listing::perpetual_defaults,
    policy: Policy::BINANCE_USDM,
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
        interval: "MINUTE",
        number: 1,
        header: "x-mbx-order-count-1m",
        width: Duration::from_secs(60),
        limit: |limits| limits.orders_per_minute,
    },
];

fn limits() -> Limits {
    Limits {
        weight_per_minute: 2400,
        frames_per_second: 10,
        orders_per_10_seconds: 300,
        orders_per_minute: 1200,
        ping_seconds: 180,
        pong_seconds: 600,
        ..Limits::default()
    }
}

/// The wire server.
#[derive(Debug)]
pub(crate) struct Usdm {
    common: Common,
    keys: ListenKeys,
    wanted: Wanted,
    notes: Notes,
    algo_notes: Mutex<HashMap<AlgoId, notes::Note>>,
    choices: Choices,
    countdowns: Countdowns,
    liquidations: Liquidations,
    contracts: Contracts,
}

impl Default for Usdm {
    fn default() -> Usdm {
        Usdm {
            common: Common::new(&depth::SPEEDS, &COUNT_WINDOWS),
            keys: ListenKeys::default(),
            wanted: Wanted::default(),
            notes: Notes::default(),
            algo_notes: Mutex::default(),
            choices: Choices::default(),
            countdowns: Countdowns::default(),
            liquidations: Liquidations::default(),
            contracts: Contracts::default(),
        }
    }
}

impl Api for Usdm {
    const WS_API: &'static str = "/ws-fapi/v1";
    const METHOD_PREFIX: &'static str = "v1/";
    const CONNECTION_WEIGHT: u64 = 5;
    const CHOOSES_UNIT: bool = false;

    fn operations() -> &'static [Operation<Usdm>] {
        operations::OPERATIONS
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn log_out(&self, _: &Exchange, socket: u64) {
        self.common.sessions.log_out(socket);
    }
}

impl Front for Usdm {
    fn answer(&self, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
        let mut answer = rest::answer(self, exchange, request, interference);
        let used = self.used_weight(exchange, request.peer).to_string();
        answer.headers.push(("x-mbx-used-weight-1m", used));
        answer
    }

    fn note(&self, exchange: &Exchange, request: &Request) -> Note {
        rest::note::<Usdm>(exchange, request)
    }

    fn frame_limit(&self, exchange: &Exchange, socket: &Socket) -> Option<u64> {
        (!Usdm::serves_calls(&socket.path)).then_some(exchange.config.limits.frames_per_second)
    }

    fn admit(&self, exchange: &Exchange, request: &Request) -> Result<(), Answer> {
        let now = exchange.clock.server_now();
        if exchange.in_maintenance() {
            return Err(ApiError::ordered(Refusal::Maintenance, now).answer(now));
        }
        let calls = Usdm::serves_calls(&request.path);
        if !calls && Address::read(request, true).is_none() {
            return Err(web_page(404));
        }
        self.common.connect(exchange, request.peer, calls.then_some(Usdm::CONNECTION_WEIGHT))
    }

    fn opened(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>) {
        if Usdm::serves_calls(&request.path) {
            return self.common.sessions.open(request, socket, exchange.clock.server_now());
        }
        let Some(mut address) = Address::read(request, !exchange.has_silent_root()) else { return };
        address.streams.names.extend(address.keys.iter().map(|wanted| wanted.key.clone()));
        self.wanted.note(socket.id, address.keys);
        self.common.open_streams(exchange, request, socket, (address.streams, address.carries));
    }

    fn received(&self, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
        if Usdm::serves_calls(&socket.path) {
            return ws_api::received(self, exchange, socket, text);
        }
        let reply = control::handle(&self.common.hub, exchange, socket, text);
        socket.send(reply.into());
    }

    fn closed(&self, _: &Exchange, socket: &Socket) {
        self.common.closed(socket.id);
        self.wanted.forget(socket.id);
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
        for event in events {
            if let AccountChange::Order(order) = &event.what {
                let order = &order.order;
                self.notes.numbered(event.account, order.market, &order.client_id, order.id);
                self.liquidations.note(order);
            }
            for told in user_events::told(self, exchange, event, exchange.clock.server_now()) {
                self.tell(exchange, event.account, &told);
            }
        }
    }

    fn key_revoked(&self, exchange: &Exchange, api_key: &str) {
        self.tell_ended_keys(exchange, &self.keys.end_of_api_key(api_key));
    }

    fn end_subscriptions(&self, _: &Exchange, account: Option<AccountId>, connection: Option<u64>) {
        self.end_private(account, connection);
    }

    fn expire_listen_keys(&self, exchange: &Exchange, account: Option<AccountId>, told: bool) {
        let ended = self.keys.end(account);
        if told {
            self.tell_ended_keys(exchange, &ended);
        }
    }

    fn stepped(&self, exchange: &Exchange, step: u64) {
        self.common.release(exchange);
        self.tell_ended_keys(exchange, &self.keys.expire(exchange.clock.now()));
        self.publish_due(exchange, Due::Step(step));
        timed::publish(&self.common.hub, exchange, step);
        self.countdowns.pass(exchange);
        self.end_by_time(exchange);
        if is_turn(step, 1000) {
            self.liquidations.publish(&self.common.hub, exchange);
            self.contracts.publish(&self.common.hub, exchange);
        }
    }

    fn publish(&self, exchange: &Exchange) {
        self.publish_due(exchange, Due::All);
    }

    fn announce_shutdown(&self, exchange: &Exchange, socket: &Arc<Socket>) {
        let now = exchange.clock.server_now().millis();
        self.common.hub.direct(socket, "!serverShutdown", |_| format!("{{\"e\":\"serverShutdown\",\"E\":{now}}}"));
    }

    fn busy(&self) -> bool {
        self.common.depths.lock().pending()
            || self.common.hub.wants_time(|name| Timed::named(name).is_some())
            || self.common.delivery.waits()
            || self.keys.any()
            || self.countdowns.any()
            || self.notes.any_ending()
            || self.liquidations.any()
    }

    fn used_weight(&self, exchange: &Exchange, peer: IpAddr) -> u64 {
        self.common.used(exchange, peer)
    }
}

impl Usdm {
    /// Ends the orders whose end has come.
    fn end_by_time(&self, exchange: &Exchange) {
        for (account, market, order) in self.notes.ending(exchange.clock.server_now()) {
            let market = exchange.market_by_id(market);
            exchange.at_desk(&market, |desk| desk.expire_by_exchange(account, order));
        }
    }

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
