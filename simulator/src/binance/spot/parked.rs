//! Texts that faults hold back until the next one of their socket.

use std::collections::HashMap;

use parking_lot::Mutex;

/// At most one text a socket.
#[derive(Debug, Default)]
pub(super) struct Parked {
    by_socket: Mutex<HashMap<u64, String>>,
}

impl Parked {
    /// Holds a text back; false if another one is held back already.
    pub(super) fn park(&self, socket: u64, text: &str) -> bool {
        let mut by_socket = self.by_socket.lock();
        let free = !by_socket.contains_key(&socket);
        if free {
            by_socket.insert(socket, text.to_owned());
        }
        free
    }

    /// Takes the text out.
    pub(super) fn take(&self, socket: u64) -> Option<String> {
        self.by_socket.lock().remove(&socket)
    }
}
