//! The sockets for private topics and for orders: who has logged on, and who is told about which account.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::auth::Caller;
use crate::accounts::AccountId;
use crate::front::Request;
use crate::sockets::Socket;

/// All open private sockets.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_socket: Mutex<HashMap<u64, Session>>,
}

#[derive(Debug)]
struct Session {
    socket: Arc<Socket>,
    peer: IpAddr,
    logon: Option<Caller>,
    topics: BTreeSet<String>,
    /// Ids of requests that were used.
    requests: HashSet<String>,
}

/// What a message needs to know about its session.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) peer: IpAddr,
    pub(super) logon: Option<Caller>,
}

impl Sessions {
    /// Registers a socket.
    pub(super) fn open(&self, request: &Request, socket: &Arc<Socket>) {
        let session = Session {
            socket: Arc::clone(socket),
            peer: request.peer,
            logon: None,
            topics: BTreeSet::new(),
            requests: HashSet::new(),
        };
        self.by_socket.lock().insert(socket.id, session);
    }

    /// Forgets a socket; returns whose it was, and whether it had subscribed to this topic.
    pub(super) fn close(&self, socket: u64) -> Option<(AccountId, BTreeSet<String>)> {
        let session = self.by_socket.lock().remove(&socket)?;
        Some((session.logon?.account, session.topics))
    }

    /// What a message on this socket needs to know.
    pub(super) fn view(&self, socket: u64) -> Option<View> {
        let by_socket = self.by_socket.lock();
        by_socket.get(&socket).map(|session| View { peer: session.peer, logon: session.logon.clone() })
    }

    /// Notes who has logged on; false if somebody had before.
    pub(super) fn log_on(&self, socket: u64, caller: Caller) -> bool {
        let mut by_socket = self.by_socket.lock();
        let Some(session) = by_socket.get_mut(&socket) else { return true };
        let first = session.logon.is_none();
        session.logon = Some(caller);
        first
    }

    /// Notes the id of a request; false if it was used before.
    pub(super) fn first_use(&self, socket: u64, request: &str) -> bool {
        let mut by_socket = self.by_socket.lock();
        by_socket.get_mut(&socket).is_none_or(|session| session.requests.insert(request.to_owned()))
    }

    /// Adds topics.
    pub(super) fn subscribe(&self, socket: u64, topics: &[String]) {
        if let Some(session) = self.by_socket.lock().get_mut(&socket) {
            session.topics.extend(topics.iter().cloned());
            session.note();
        }
    }

    /// Takes topics away.
    pub(super) fn unsubscribe(&self, socket: u64, topics: &[String]) {
        if let Some(session) = self.by_socket.lock().get_mut(&socket) {
            session.topics.retain(|topic| !topics.contains(topic));
            session.note();
        }
    }

    /// The sockets that a topic of an account is told to.
    pub(super) fn listeners(&self, account: AccountId, topic: &str) -> Vec<Arc<Socket>> {
        let by_socket = self.by_socket.lock();
        let wanted = |session: &&Session| {
            session.topics.contains(topic) && session.logon.as_ref().is_some_and(|caller| caller.account == account)
        };
        let mut sockets: Vec<Arc<Socket>> =
            by_socket.values().filter(wanted).map(|session| Arc::clone(&session.socket)).collect();
        sockets.sort_by_key(|socket| socket.id);
        sockets
    }

    /// The sockets on which somebody has logged on with this key.
    pub(super) fn of_key(&self, api_key: &str) -> Vec<Arc<Socket>> {
        let by_socket = self.by_socket.lock();
        let with_it = |session: &&Session| session.logon.as_ref().is_some_and(|caller| caller.api_key == api_key);
        by_socket.values().filter(with_it).map(|session| Arc::clone(&session.socket)).collect()
    }

    /// Ends the subscriptions to an account, or to all, on one connection, or on all.
    pub(super) fn end(&self, account: Option<AccountId>, connection: Option<u64>) {
        for session in self.by_socket.lock().values_mut() {
            let of = session.logon.as_ref().map(|caller| caller.account);
            let meant = connection.is_none_or(|id| id == session.socket.id) && (account.is_none() || account == of);
            if meant {
                session.topics.clear();
                session.note();
            }
        }
    }
}

impl Session {
    /// Shows tests what the socket is subscribed to.
    fn note(&self) {
        self.socket.set_subscriptions(self.topics.iter().cloned().collect());
    }
}
