//! Texts that faults hold back until a time.

use parking_lot::Mutex;
use std::sync::Arc;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::clock::Timestamp;
use crate::sockets::Socket;

/// Texts that wait, in the order in which they were held back.
#[derive(Debug, Default)]
pub(crate) struct Late {
    waiting: Mutex<Vec<(Timestamp, Arc<Socket>, Utf8Bytes)>>,
}

impl Late {
    /// Holds a text back until `due`.
    pub(crate) fn hold(&self, due: Timestamp, socket: &Arc<Socket>, text: Utf8Bytes) {
        self.waiting.lock().push((due, Arc::clone(socket), text));
    }

    /// Sends what is due.
    pub(crate) fn release(&self, now: Timestamp) {
        let mut due: Vec<_> = self.waiting.lock().extract_if(.., |(due, ..)| *due <= now).collect();
        due.sort_by_key(|(due, ..)| *due);
        for (_, socket, text) in due {
            socket.send(text);
        }
    }

    /// Whether something waits.
    pub(crate) fn any(&self) -> bool {
        !self.waiting.lock().is_empty()
    }

    /// Forgets what waits for a socket.
    pub(crate) fn forget(&self, socket: u64) {
        self.waiting.lock().retain(|(_, waiting, _)| waiting.id != socket);
    }
}
