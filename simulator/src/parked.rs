//! Private events that faults hold back until the next one of their type on the same socket.

use std::collections::HashMap;

use parking_lot::Mutex;

/// At most one text for each type and socket.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    texts: Mutex<HashMap<(u64, &'static str), String>>,
}

impl Parked {
    /// Holds a text back; false if another one is held back already.
    pub(crate) fn park(&self, socket: u64, name: &'static str, text: &str) -> bool {
        let mut texts = self.texts.lock();
        let free = !texts.contains_key(&(socket, name));
        if free {
            texts.insert((socket, name), text.to_owned());
        }
        free
    }

    /// Takes the text out.
    pub(crate) fn take(&self, socket: u64, name: &'static str) -> Option<String> {
        self.texts.lock().remove(&(socket, name))
    }

    /// Forgets what waits for a socket.
    pub(crate) fn forget(&self, socket: u64) {
        self.texts.lock().retain(|(waiting, _), _| *waiting != socket);
    }
}
