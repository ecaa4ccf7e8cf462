//! Heartbeats: each second, to every socket with a subscription that was told nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::sockets::Socket;

/// The only thing that it says.
const BEAT: &str = r#"{"channel":"heartbeat"}"#;

/// All open sockets, each with how many frames it had been sent a second ago.
#[derive(Debug, Default)]
pub(super) struct Hearts(Mutex<BTreeMap<u64, (Arc<Socket>, u64)>>);

impl Hearts {
    /// Registers a socket.
    pub(super) fn open(&self, socket: &Arc<Socket>) {
        self.0.lock().insert(socket.id, (Arc::clone(socket), 0));
    }

    /// Forgets a socket.
    pub(super) fn close(&self, socket: u64) {
        self.0.lock().remove(&socket);
    }

    /// Whether any of them is subscribed to something.
    pub(super) fn any(&self) -> bool {
        self.0.lock().values().any(|(socket, _)| socket.subscribes(|_| true))
    }

    /// A second is over.
    pub(super) fn beat(&self) {
        for (socket, sent) in self.0.lock().values_mut() {
            if socket.subscribes(|_| true) && socket.frames_out() == *sent {
                socket.send(BEAT.into());
            }
            *sent = socket.frames_out();
        }
    }
}
