//! The user data stream: what happens to accounts, told to the sockets that have subscribed.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Spot;
use super::user_events::{self, Told};
use crate::accounts::{AccountChange, AccountEvent, AccountId, OrderChange};
use crate::binance::sessions::Listener;
use crate::binance::unit::TimeUnit;
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::sockets::Socket;
use crate::spoil::{add_enum_value, garbled};

/// Name of the stream for faults.
const STREAM: &str = "userData";

impl Spot {
    /// Tells what happened to accounts.
    pub(super) fn tell_accounts(&self, exchange: &Exchange, events: &[AccountEvent]) {
        for event in events {
            self.count_first_fill(exchange, event);
            for listener in self.common.sessions.listeners(event.account) {
                let told = Told::of(event, exchange.clock.server_now(), listener.unit);
                self.tell(exchange, &listener, told, event.account);
            }
        }
    }

    fn count_first_fill(&self, exchange: &Exchange, event: &AccountEvent) {
        if let AccountChange::Order(order) = &event.what
            && let OrderChange::Trade(trade) = &order.change
            && trade.first
        {
            self.common.counts.first_fill(event.account, exchange.clock.server_now(), trade.fill.maker);
        }
    }

    /// Tells subscriptions that they have ended.
    pub(super) fn tell_end(&self, exchange: &Exchange, ended: &[Listener]) {
        let now = exchange.clock.server_now();
        for listener in ended {
            let event = json!({ "e": "eventStreamTerminated", "E": listener.unit.stamp(now) });
            listener.socket.send(wrapped(listener.subscription, &event).into());
        }
    }

    /// Sends one event to one subscription, as far as faults let it through.
    fn tell(&self, exchange: &Exchange, listener: &Listener, mut told: Told, account: AccountId) {
        let socket = &listener.socket;
        let faults = self.faults_on_event(exchange, socket, &told, account);
        let (name, mut copies) = (told.name, 1);
        for fault in &faults {
            match fault {
                FaultKind::Mute => copies = 0,
                FaultKind::Duplicate => copies *= 2,
                FaultKind::Understate { quantity } => user_events::understate(&mut told.event, *quantity),
                FaultKind::NoFee => remove(&mut told.event, &["n", "N"]),
                FaultKind::Novel { what: Novelty::Field } => {
                    told.event.insert("neverSeen".to_owned(), json!("yes"));
                }
                FaultKind::Novel { what: Novelty::Event } => {
                    let event = json!({ "e": "neverSeen", "E": 1 });
                    socket.send(wrapped(listener.subscription, &event).into());
                }
                FaultKind::EndSubscription => copies = 0,
                _ => {}
            }
        }
        let mut text = wrapped(listener.subscription, &Value::Object(told.event));
        for fault in &faults {
            match fault {
                FaultKind::Garble => text = garbled(&text),
                FaultKind::Novel { what: Novelty::Enum } => add_enum_value(&mut text),
                _ => {}
            }
        }
        for _ in 0..copies {
            self.common.delivery.event(exchange, (socket, name), &text, &faults);
        }
        if faults.contains(&FaultKind::EndSubscription) {
            self.end_subscriptions_of(exchange, Some(account), Some(socket.id));
        }
    }

    /// Ends the subscriptions to an account, or to all, on one connection, or on all.
    pub(super) fn end_subscriptions_of(
        &self,
        exchange: &Exchange,
        account: Option<AccountId>,
        connection: Option<u64>,
    ) {
        let ended = self.common.sessions.end_of_account(account, connection);
        self.tell_end(exchange, &ended);
    }

    /// The faults that strike an event on a socket; those on the socket itself are carried out.
    fn faults_on_event(
        &self,
        exchange: &Exchange,
        socket: &Arc<Socket>,
        told: &Told,
        account: AccountId,
    ) -> Vec<FaultKind> {
        let accounts = exchange.accounts.lock();
        let name = accounts.account(account).map(|account| account.name.clone()).unwrap_or_default();
        drop(accounts);
        let pair = told.symbol.as_deref().and_then(|symbol| exchange.pair_of(symbol));
        let occasion = Occasion {
            path: Some(&socket.path),
            symbol: told.symbol.as_deref().zip(pair.as_deref()),
            stream: Some(STREAM),
            connection: Some(socket.id),
            account: Some(&name),
            event: Some(told.name),
            report: told.event.get("x").and_then(Value::as_str),
            end: user_events::ends(&told.event),
            order: told.order.as_ref().map(|(id, client_id)| (id.as_str(), client_id.as_str())),
            ..Occasion::default()
        };
        let now = exchange.clock.now();
        for kind in exchange.faults.strike(now, &[Class::Socket], &occasion) {
            exchange.strike_socket(&kind, socket);
        }
        exchange.faults.strike(now, &[Class::Frame, Class::Message], &occasion)
    }
}

fn remove(event: &mut Map<String, Value>, names: &[&str]) {
    event.retain(|name, _| !names.contains(&name.as_str()));
}

fn wrapped(subscription: u64, event: &Value) -> String {
    format!("{{\"subscriptionId\":{subscription},\"event\":{event}}}")
}

/// The notice that the server will close the connection.
pub(super) fn shutdown(now: crate::clock::Timestamp, unit: TimeUnit) -> String {
    format!("{{\"event\":{}}}", super::events::shutdown(unit.stamp(now)))
}
