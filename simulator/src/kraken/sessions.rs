//! The private sockets: which tokens were used on each, and what each is told.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;

use super::auth::Caller;
use crate::accounts::AccountId;
use crate::sockets::Socket;

/// A channel of the private socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Channel {
    Executions,
    Balances,
}

impl Channel {
    /// Its name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Channel::Executions => "executions",
            Channel::Balances => "balances",
        }
    }

    /// The channel of that name.
    pub(super) fn named(name: &str) -> Option<Channel> {
        [Channel::Executions, Channel::Balances].into_iter().find(|channel| channel.name() == name)
    }
}

/// A subscription of one socket.
#[derive(Clone, Debug)]
struct Subscription {
    caller: Caller,
    /// Number of its last message.
    sequence: u64,
    /// Whether changes between the beginning and the end of an order are told.
    all_changes: bool,
}

/// Who is to be told something.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) socket: Arc<Socket>,
    pub(super) all_changes: bool,
}

/// All open private sockets, oldest first.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<BTreeMap<u64, Session>>);

#[derive(Debug)]
struct Session {
    socket: Arc<Socket>,
    /// Whose the tokens are that were shown here; they stay good as long as the socket is open.
    shown: HashMap<String, Caller>,
    channels: BTreeMap<Channel, Subscription>,
}

impl Session {
    /// Shows tests what the socket is subscribed to.
    fn note(&self) {
        self.socket.set_subscriptions(self.channels.keys().map(|channel| channel.name().to_owned()).collect());
    }
}

impl Sessions {
    /// Registers a socket.
    pub(super) fn open(&self, socket: &Arc<Socket>) {
        let session = Session { socket: Arc::clone(socket), shown: HashMap::new(), channels: BTreeMap::new() };
        self.0.lock().insert(socket.id, session);
    }

    /// Forgets a socket.
    pub(super) fn close(&self, socket: u64) {
        self.0.lock().remove(&socket);
    }

    /// Whether this is a private socket.
    pub(super) fn has(&self, socket: u64) -> bool {
        self.0.lock().contains_key(&socket)
    }

    /// Who has shown this token here before.
    pub(super) fn shown(&self, socket: u64, token: &str) -> Option<Caller> {
        self.0.lock().get(&socket)?.shown.get(token).cloned()
    }

    /// Notes that a token was shown.
    pub(super) fn show(&self, socket: u64, token: &str, caller: &Caller) {
        if let Some(session) = self.0.lock().get_mut(&socket) {
            session.shown.insert(token.to_owned(), caller.clone());
        }
    }

    /// Adds a subscription; false if there is one to this channel.
    pub(super) fn subscribe(&self, socket: u64, channel: Channel, caller: &Caller, all_changes: bool) -> bool {
        let mut sessions = self.0.lock();
        let Some(session) = sessions.get_mut(&socket) else { return true };
        if session.channels.contains_key(&channel) {
            return false;
        }
        session.channels.insert(channel, Subscription { caller: caller.clone(), sequence: 0, all_changes });
        session.note();
        true
    }

    /// Ends a subscription; false if there is none.
    pub(super) fn unsubscribe(&self, socket: u64, channel: Channel) -> bool {
        let mut sessions = self.0.lock();
        let Some(session) = sessions.get_mut(&socket) else { return false };
        let was = session.channels.remove(&channel).is_some();
        session.note();
        was
    }

    /// Who is told about an account on this channel.
    pub(super) fn listeners(&self, account: AccountId, channel: Channel) -> Vec<Listener> {
        let sessions = self.0.lock();
        let listener = |session: &Session| {
            let subscription = session.channels.get(&channel).filter(|known| known.caller.account == account)?;
            Some(Listener { socket: Arc::clone(&session.socket), all_changes: subscription.all_changes })
        };
        sessions.values().filter_map(listener).collect()
    }

    /// The number of the next message.
    pub(super) fn next_sequence(&self, socket: u64, channel: Channel) -> u64 {
        let mut sessions = self.0.lock();
        let subscription = sessions.get_mut(&socket).and_then(|session| session.channels.get_mut(&channel));
        subscription.map_or(0, |subscription| {
            subscription.sequence += 1;
            subscription.sequence
        })
    }

    /// Ends subscriptions to an account, or to all, on one connection, or on all.
    pub(super) fn end(&self, account: Option<AccountId>, connection: Option<u64>) {
        for session in self.0.lock().values_mut() {
            if connection.is_none_or(|id| id == session.socket.id) {
                session.channels.retain(|_, known| account.is_some_and(|account| account != known.caller.account));
                session.note();
            }
        }
    }

    /// The sockets on which a token of this key was shown.
    pub(super) fn of_key(&self, api_key: &str) -> Vec<Arc<Socket>> {
        let sessions = self.0.lock();
        let with_it = |session: &&Session| session.shown.values().any(|caller| caller.api_key == api_key);
        sessions.values().filter(with_it).map(|session| Arc::clone(&session.socket)).collect()
    }
}
