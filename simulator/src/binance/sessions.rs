//! The sockets of the WebSocket API: who has logged on, and who is told about which account.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::auth::Caller;
use super::errors::ApiError;
use super::unit::{TimeUnit, of_handshake};
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::front::{Request, parameters};
use crate::sockets::Socket;

/// Subscriptions that a connection may have at once.
const MOST_ACTIVE: usize = 1_000;
/// Subscriptions that a connection may have had in all.
const MOST_EVER: u64 = 65_535;

/// All open sockets of the WebSocket API.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_socket: Mutex<HashMap<u64, Session>>,
}

#[derive(Debug)]
struct Session {
    socket: Arc<Socket>,
    peer: IpAddr,
    unit: TimeUnit,
    rate_limits: bool,
    connected: Timestamp,
    logon: Option<(Caller, Timestamp)>,
    subscriptions: BTreeMap<u64, Subscription>,
    next: u64,
}

#[derive(Debug)]
struct Subscription {
    account: AccountId,
    api_key: String,
    /// Whether it ends with the logon.
    of_session: bool,
}

/// What a request needs to know about its session.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) peer: IpAddr,
    pub(super) unit: TimeUnit,
    /// Whether replies tell the limits.
    pub(super) rate_limits: bool,
    pub(super) logon: Option<Caller>,
}

/// A subscription that is told something.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) socket: Arc<Socket>,
    pub(super) unit: TimeUnit,
    pub(super) subscription: u64,
}

impl Sessions {
    /// Registers a socket.
    pub(super) fn open(&self, request: &Request, socket: &Arc<Socket>, now: Timestamp) {
        let given = parameters(&request.query);
        let declined = |(name, value): &(String, String)| name == "returnRateLimits" && value == "false";
        let session = Session {
            socket: Arc::clone(socket),
            peer: request.peer,
            unit: of_handshake(request).unwrap_or_default(),
            rate_limits: !given.iter().any(declined),
            connected: now,
            logon: None,
            subscriptions: BTreeMap::new(),
            next: 0,
        };
        self.by_socket.lock().insert(socket.id, session);
    }

    /// Forgets a socket.
    pub(super) fn close(&self, socket: u64) {
        self.by_socket.lock().remove(&socket);
    }

    /// What a request on this socket needs to know.
    pub(super) fn view(&self, socket: u64) -> Option<View> {
        let by_socket = self.by_socket.lock();
        let session = by_socket.get(&socket)?;
        let logon = session.logon.as_ref().map(|(caller, _)| caller.clone());
        Some(View { peer: session.peer, unit: session.unit, rate_limits: session.rate_limits, logon })
    }

    /// Notes who has logged on; replaces who had before.
    pub(super) fn log_on(&self, socket: u64, caller: Caller, now: Timestamp) {
        if let Some(session) = self.by_socket.lock().get_mut(&socket) {
            session.logon = Some((caller, now));
        }
    }

    /// Ends the logon; returns the subscriptions that end with it.
    pub(super) fn log_out(&self, socket: u64) -> Vec<Listener> {
        let mut by_socket = self.by_socket.lock();
        let Some(session) = by_socket.get_mut(&socket) else { return Vec::new() };
        session.logon = None;
        session.end(|subscription| subscription.of_session)
    }

    /// State of a session, as the exchange writes it.
    pub(super) fn status(&self, socket: u64, now: Timestamp, unit: TimeUnit) -> Value {
        let by_socket = self.by_socket.lock();
        let Some(session) = by_socket.get(&socket) else { return Value::Null };
        json!({
            "apiKey": session.logon.as_ref().map(|(caller, _)| &caller.api_key),
            "authorizedSince": session.logon.as_ref().map(|(_, since)| unit.stamp(*since)),
            "connectedSince": unit.stamp(session.connected),
            "returnRateLimits": session.rate_limits,
            "serverTime": unit.stamp(now),
            "userDataStream": session.subscriptions.values().any(|subscription| subscription.of_session),
        })
    }

    /// Subscribes a socket to an account; returns the number of the subscription.
    ///
    /// # Errors
    /// -2035 if it is subscribed already, -2042 if it has had too many.
    pub(super) fn subscribe(&self, socket: u64, caller: &Caller, of_session: bool) -> Result<u64, ApiError> {
        let mut by_socket = self.by_socket.lock();
        let gone = || ApiError::new(-1000, "The connection is gone.");
        let session = by_socket.get_mut(&socket).ok_or_else(gone)?;
        if session.subscriptions.values().any(|subscription| subscription.account == caller.account) {
            return Err(ApiError::new(-2035, "User Data Stream subscription already active."));
        }
        if session.subscriptions.len() >= MOST_ACTIVE || session.next >= MOST_EVER {
            return Err(ApiError::new(-2042, "Too many subscriptions on this connection; please reconnect."));
        }
        let number = session.next;
        session.next += 1;
        let subscription = Subscription { account: caller.account, api_key: caller.api_key.clone(), of_session };
        session.subscriptions.insert(number, subscription);
        session.note();
        Ok(number)
    }

    /// Ends one subscription of a socket, or all of them; returns those that ended.
    ///
    /// # Errors
    /// -2036 if there is none of this number.
    pub(super) fn unsubscribe(&self, socket: u64, number: Option<u64>) -> Result<Vec<Listener>, ApiError> {
        let mut by_socket = self.by_socket.lock();
        let Some(session) = by_socket.get_mut(&socket) else { return Ok(Vec::new()) };
        if number.is_some_and(|number| !session.subscriptions.contains_key(&number)) {
            return Err(ApiError::new(-2036, "User Data Stream subscription not active."));
        }
        Ok(session.end_numbers(|known| number.is_none_or(|number| number == known)))
    }

    /// Numbers of a socket's subscriptions.
    pub(super) fn subscriptions(&self, socket: u64) -> Vec<u64> {
        let by_socket = self.by_socket.lock();
        by_socket.get(&socket).map(|session| session.subscriptions.keys().copied().collect()).unwrap_or_default()
    }

    /// Ends what was subscribed with a key; returns it. A session that has logged on with it learns so later.
    pub(super) fn end_of_key(&self, api_key: &str) -> Vec<Listener> {
        let mut by_socket = self.by_socket.lock();
        let ended = by_socket.values_mut().map(|session| session.end(|known| known.api_key == api_key));
        ended.collect::<Vec<_>>().concat()
    }

    /// Ends the subscriptions to an account, or to all, on one connection, or on all; returns them.
    pub(super) fn end_of_account(&self, account: Option<AccountId>, connection: Option<u64>) -> Vec<Listener> {
        let mut by_socket = self.by_socket.lock();
        let chosen = by_socket.values_mut().filter(|session| connection.is_none_or(|id| session.socket.id == id));
        let ended = chosen.map(|session| session.end(|known| account.is_none_or(|id| known.account == id)));
        ended.collect::<Vec<_>>().concat()
    }

    /// Who is told about an account, by number of the connection.
    pub(super) fn listeners(&self, account: AccountId) -> Vec<Listener> {
        let by_socket = self.by_socket.lock();
        let mut listeners = Vec::new();
        for session in by_socket.values() {
            let numbers = session.subscriptions.iter().filter(|(_, known)| known.account == account);
            listeners.extend(numbers.map(|(number, _)| session.listener(*number)));
        }
        listeners.sort_by_key(|listener| listener.socket.id);
        listeners
    }
}

impl Session {
    fn listener(&self, subscription: u64) -> Listener {
        Listener { socket: Arc::clone(&self.socket), unit: self.unit, subscription }
    }

    fn end(&mut self, ended: impl Fn(&Subscription) -> bool) -> Vec<Listener> {
        let numbers: Vec<u64> =
            self.subscriptions.iter().filter(|(_, known)| ended(known)).map(|(number, _)| *number).collect();
        self.end_numbers(|number| numbers.contains(&number))
    }

    fn end_numbers(&mut self, ended: impl Fn(u64) -> bool) -> Vec<Listener> {
        let numbers: Vec<u64> = self.subscriptions.keys().copied().filter(|number| ended(*number)).collect();
        self.subscriptions.retain(|number, _| !numbers.contains(number));
        self.note();
        numbers.into_iter().map(|number| self.listener(number)).collect()
    }

    /// Shows tests what the socket is subscribed to.
    fn note(&self) {
        self.socket.set_subscriptions(self.subscriptions.keys().map(|number| format!("userData#{number}")).collect());
    }
}
