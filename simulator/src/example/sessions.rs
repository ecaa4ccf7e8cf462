//! The account sockets, and who has logged in on them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::auth::Caller;
use crate::accounts::AccountId;
use crate::sockets::Socket;

/// All open account sockets, oldest first.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<u64, Session>>);

#[derive(Debug)]
struct Session {
    socket: Arc<Socket>,
    peer: IpAddr,
    caller: Option<Caller>,
}

impl Sessions {
    /// Registers a socket.
    pub(super) fn open(&self, peer: IpAddr, socket: &Arc<Socket>) {
        self.0.lock().insert(socket.id, Session { socket: Arc::clone(socket), peer, caller: None });
    }

    /// Forgets a socket.
    pub(super) fn close(&self, socket: u64) {
        self.0.lock().remove(&socket);
    }

    /// From where a socket was opened.
    pub(super) fn peer(&self, socket: u64) -> Option<IpAddr> {
        self.0.lock().get(&socket).map(|session| session.peer)
    }

    /// Notes who has logged in.
    pub(super) fn log_in(&self, socket: u64, caller: Caller) {
        if let Some(session) = self.0.lock().get_mut(&socket) {
            session.socket.set_subscriptions(vec!["account".to_owned()]);
            session.caller = Some(caller);
        }
    }

    /// The sockets that are told about an account.
    pub(super) fn of(&self, account: AccountId) -> Vec<Arc<Socket>> {
        let sessions = self.0.lock();
        let its = |session: &&Session| session.caller.as_ref().is_some_and(|caller| caller.account == account);
        sessions.values().filter(its).map(|session| Arc::clone(&session.socket)).collect()
    }

    /// Closes the sockets of those whom `meant` picks, by caller and number of the connection.
    pub(super) fn end(&self, meant: impl Fn(&Caller, u64) -> bool) {
        for session in self.0.lock().values_mut() {
            if session.caller.as_ref().is_some_and(|caller| meant(caller, session.socket.id)) {
                session.caller = None;
                session.socket.close(1008, "logged out");
            }
        }
    }
}
