//! The user data stream: what happens to accounts, told to the sockets that have subscribed.

use serde_json::{Value, json};

use super::Spot;
use super::user_events::told;
use crate::accounts::{AccountChange, AccountEvent, AccountId, OrderChange};
use crate::binance::sessions::Listener;
use crate::binance::told::{Recipient, Told};
use crate::binance::unit::TimeUnit;
use crate::exchange::Exchange;

impl Spot {
    /// Tells what happened to accounts.
    pub(super) fn tell_accounts(&self, exchange: &Exchange, events: &[AccountEvent]) {
        for event in events {
            self.count_first_fill(exchange, event);
            for listener in self.common.sessions.listeners(event.account) {
                if let Some(told) = told(event, exchange.clock.server_now(), listener.unit) {
                    self.tell(exchange, &listener, told, event.account);
                }
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
    fn tell(&self, exchange: &Exchange, listener: &Listener, told: Told, account: AccountId) {
        let socket = &listener.socket;
        let dressed = |event: &Value| wrapped(listener.subscription, event);
        if !told.send(exchange, &self.common.delivery, &Recipient { socket, account, dressed: &dressed }) {
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
}

fn wrapped(subscription: u64, event: &Value) -> String {
    format!("{{\"subscriptionId\":{subscription},\"event\":{event}}}")
}

/// The notice that the server will close the connection.
pub(super) fn shutdown(now: crate::clock::Timestamp, unit: TimeUnit) -> String {
    format!("{{\"event\":{}}}", super::events::shutdown(unit.stamp(now)))
}
