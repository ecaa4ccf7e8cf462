//! The user data stream: private events, told to the sockets that name a listen key.

use std::collections::HashMap;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Usdm;
use super::routes::WantedKey;
use crate::accounts::AccountId;
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::binance::told::{Recipient, Told};
use crate::exchange::Exchange;
use crate::hub::Wish;

/// Types of events that sockets want of a listen key; all of them where none is named.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    by_socket: Mutex<HashMap<u64, Vec<WantedKey>>>,
}

impl Wanted {
    /// Notes what the address of a socket names.
    pub(super) fn note(&self, socket: u64, keys: Vec<WantedKey>) {
        if !keys.is_empty() {
            self.by_socket.lock().insert(socket, keys);
        }
    }

    /// Forgets a socket.
    pub(super) fn forget(&self, socket: u64) {
        self.by_socket.lock().remove(&socket);
    }

    fn wants(&self, socket: u64, key: &str, event: &str) -> bool {
        let by_socket = self.by_socket.lock();
        let known = by_socket.get(&socket).and_then(|keys| keys.iter().find(|wanted| wanted.key == key));
        known.is_none_or(|wanted| wanted.events.is_empty() || wanted.events.iter().any(|name| name == event))
    }
}

impl Usdm {
    /// Tells an event to every socket that listens to the account.
    pub(super) fn tell(&self, exchange: &Exchange, account: AccountId, told: &Told) {
        if let Some(key) = self.keys.of(account) {
            self.tell_key(exchange, (account, &key), told);
        }
    }

    /// Tells an event to every socket that names a listen key.
    fn tell_key(&self, exchange: &Exchange, (account, key): (AccountId, &str), told: &Told) {
        for (socket, wish) in self.common.hub.listeners(key) {
            if !self.wanted.wants(socket.id, key, told.name) {
                continue;
            }
            let dressed = |event: &Value| wish.dressed(key, &event.to_string());
            let to = Recipient { socket: &socket, account, dressed: &dressed };
            if !told.clone().send(exchange, &self.common.delivery, &to) {
                self.common.hub.unsubscribe(&socket, &[key.to_owned()]);
            }
        }
    }

    /// Tells the sockets of listen keys that these have ended.
    pub(super) fn tell_ended_keys(&self, exchange: &Exchange, ended: &[(AccountId, String)]) {
        let now = exchange.clock.server_now().millis();
        for (account, key) in ended {
            let event = json!({ "e": "listenKeyExpired", "E": now, "listenKey": key });
            self.tell_key(exchange, (*account, key), &Told::plain("listenKeyExpired", event));
        }
    }

    /// Ends the private events of an account, or of all, on one connection, or on all.
    pub(super) fn end_private(&self, account: Option<AccountId>, connection: Option<u64>) {
        for key in self.keys.live(account) {
            for (socket, _) in self.common.hub.listeners(&key) {
                if connection.is_none_or(|id| id == socket.id) {
                    self.common.hub.unsubscribe(&socket, std::slice::from_ref(&key));
                }
            }
        }
    }
}

/// `POST /fapi/v1/listenKey`, `userDataStream.start`
pub(super) fn start(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let caller = asked.caller()?;
    let key = asked.api.keys.open(caller.account, &caller.api_key, asked.exchange.clock.now());
    asked.exchange.wake.notify_one();
    text(&json!({ "listenKey": key }))
}

/// `PUT /fapi/v1/listenKey`, `userDataStream.ping`
pub(super) fn extend(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let key = asked.api.keys.extend(asked.caller()?.account, asked.exchange.clock.now());
    text(&json!({ "listenKey": key.ok_or_else(no_key)? }))
}

/// `DELETE /fapi/v1/listenKey`, `userDataStream.stop`
pub(super) fn stop(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let ended = asked.api.keys.end(Some(asked.caller()?.account));
    if ended.is_empty() { Err(no_key()) } else { Ok("{}".to_owned()) }
}

fn no_key() -> ApiError {
    ApiError::new(-1125, "This listenKey does not exist.")
}
