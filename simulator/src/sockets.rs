//! The open sockets and what is known about each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;

use crate::clock::Timestamp;
use crate::windows::Window;

/// What a socket's task is told to do.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Send this text.
    Text(Utf8Bytes),
    /// Send a close frame with this code and end.
    Close(u16, &'static str),
}

/// One open socket.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) opened: Timestamp,
    queue: mpsc::Sender<Outgoing>,
    /// Ends the socket at once, without a close frame.
    pub(crate) cut: CancellationToken,
    /// Stops all reading and writing, leaving the socket open.
    pub(crate) frozen: CancellationToken,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    subscriptions: Vec<String>,
    frames_out: u64,
    frames_in: u64,
    second: Window,
    most_in_a_second: u64,
}

impl Socket {
    /// Queues a text. A socket whose queue is full is cut: its client is too slow.
    pub(crate) fn send(&self, text: Utf8Bytes) {
        if self.cut.is_cancelled() {
            return;
        }
        self.counts.lock().frames_out += 1;
        if self.queue.try_send(Outgoing::Text(text)).is_err() {
            self.cut.cancel();
        }
    }

    /// Queues a close frame.
    pub(crate) fn close(&self, code: u16, reason: &'static str) {
        if self.queue.try_send(Outgoing::Close(code, reason)).is_err() {
            self.cut.cancel();
        }
    }

    /// Counts a frame from the client; returns how many came in the present second.
    pub(crate) fn frame_came(&self, now: Timestamp) -> u64 {
        let mut counts = self.counts.lock();
        counts.frames_in += 1;
        let in_second = counts.second.add(now, 1);
        counts.most_in_a_second = counts.most_in_a_second.max(in_second);
        in_second
    }

    /// How many texts were queued for the client.
    pub(crate) fn frames_out(&self) -> u64 {
        self.counts.lock().frames_out
    }

    /// Notes what the socket is subscribed to.
    pub(crate) fn set_subscriptions(&self, names: Vec<String>) {
        self.counts.lock().subscriptions = names;
    }

    /// Whether a subscription satisfies `wanted`.
    pub(crate) fn subscribes(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.counts.lock().subscriptions.iter().any(|name| wanted(name))
    }

    fn record(&self) -> ConnectionRecord {
        let counts = self.counts.lock();
        ConnectionRecord {
            id: self.id,
            path: self.path.clone(),
            opened: self.opened,
            subscriptions: counts.subscriptions.clone(),
            frames_out: counts.frames_out,
            frames_in: counts.frames_in,
            most_frames_in_a_second: counts.most_in_a_second,
        }
    }
}

/// An open socket, as seen by tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConnectionRecord {
    /// Number of the connection, from 1.
    pub id: u64,
    /// Path and query of the handshake.
    pub path: String,
    /// When it was opened, in the exchange's true time (microseconds).
    pub opened: Timestamp,
    /// Names of the streams subscribed.
    pub subscriptions: Vec<String>,
    /// Text frames queued for the client.
    pub frames_out: u64,
    /// Frames received from the client, pings and pongs included.
    pub frames_in: u64,
    /// The most frames received in one second.
    pub most_frames_in_a_second: u64,
}

/// All open sockets.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    next: AtomicU64,
    open: Mutex<BTreeMap<u64, Arc<Socket>>>,
    most_in_a_second: AtomicU64,
}

impl Sockets {
    /// Registers a socket; its task takes from the returned queue.
    pub(crate) fn open(
        &self,
        path: String,
        now: Timestamp,
        queue: usize,
        parent: &CancellationToken,
    ) -> (Arc<Socket>, mpsc::Receiver<Outgoing>) {
        let (sender, receiver) = mpsc::channel(queue.max(1));
        let second = Window::new(std::time::Duration::from_secs(1));
        let counts = Counts { subscriptions: Vec::new(), frames_out: 0, frames_in: 0, second, most_in_a_second: 0 };
        let socket = Arc::new(Socket {
            id: self.next.fetch_add(1, Ordering::Relaxed) + 1,
            path,
            opened: now,
            queue: sender,
            cut: parent.child_token(),
            frozen: CancellationToken::new(),
            counts: Mutex::new(counts),
        });
        self.open.lock().insert(socket.id, Arc::clone(&socket));
        (socket, receiver)
    }

    /// Forgets a socket.
    pub(crate) fn closed(&self, socket: &Socket) {
        self.most_in_a_second.fetch_max(socket.counts.lock().most_in_a_second, Ordering::Relaxed);
        self.open.lock().remove(&socket.id);
    }

    /// All open sockets, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Socket>> {
        self.open.lock().values().cloned().collect()
    }

    /// All open sockets, for tests.
    pub(crate) fn records(&self) -> Vec<ConnectionRecord> {
        self.all().iter().map(|socket| socket.record()).collect()
    }

    /// The most frames that any socket, open or closed, has sent in one second.
    pub(crate) fn most_frames_in_a_second(&self) -> u64 {
        let open = self.all().iter().map(|socket| socket.counts.lock().most_in_a_second).max();
        open.unwrap_or(0).max(self.most_in_a_second.load(Ordering::Relaxed))
    }
}
