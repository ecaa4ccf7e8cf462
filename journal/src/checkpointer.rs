use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use crate::failure::Place;

/// Moves the write-ahead log into the database on a thread of its own: the waits for the disk that it needs are
/// nobody's.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(crate) fn start(connection: Connection, place: Place) -> io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let thread = thread::Builder::new().name("journal".into()).spawn(move || run(&connection, &place, &woken))?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }

    /// Asks for a checkpoint, and does not wait for it.
    pub(crate) fn wake(&self) {
        if let Some(wake) = &self.wake {
            // If it has been asked for already, that is enough.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    /// Waits for a checkpoint that is being made.
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked with anything to tell that is not on stderr already.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, place: &Place, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // The log stays, and is moved the next time.
        if let Err(cause) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(error = %place.sqlite("move the write-ahead log into the file", cause), "journal");
        }
    }
}
