use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Error, ErrorKind};

/// How long a connection may be silent before it is asked whether it lives.
pub const PING_INTERVAL: Duration = Duration::from_secs(20);
/// How long it may take to answer that.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(10);

/// The life signs of one connection. Pure.
#[derive(Debug)]
pub(crate) struct Pulse {
    opened: Instant,
    /// The exchange's own ping, if it has one.
    ping: Option<String>,
    /// When the last frame came.
    heard: Instant,
    /// When the last ping left.
    pinged: Option<Instant>,
    /// Whether nothing has come since.
    awaits_pong: bool,
}

impl Pulse {
    /// Life signs of a connection that was opened now.
    pub(crate) fn new(ping: Option<String>) -> Self {
        let now = Instant::now();
        Self { opened: now, ping, heard: now, pinged: None, awaits_pong: false }
    }

    pub(crate) fn opened(&self) -> Instant {
        self.opened
    }

    /// A frame came.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.awaits_pong = false;
    }

    /// The next time at which something is due.
    pub(crate) fn deadline(&self) -> Instant {
        self.pong_due_at().unwrap_or_else(|| self.ping_at())
    }

    /// Fails if the other side has stopped to answer.
    pub(crate) fn check(&self, now: Instant) -> Result<(), Error> {
        if self.pong_due_at().is_some_and(|due| now >= due) {
            let since = now.duration_since(self.heard).as_secs();
            return Err(Error::new(ErrorKind::Timeout, format!("the connection has been silent for {since} s")));
        }
        Ok(())
    }

    /// The ping that has to leave now.
    pub(crate) fn due_ping(&mut self, now: Instant) -> Option<Message> {
        if now < self.ping_at() || self.awaits_pong {
            return None;
        }
        self.pinged = Some(now);
        self.awaits_pong = true;
        Some(self.ping.as_ref().map_or_else(|| Message::Ping(Bytes::new()), |ping| Message::text(ping.as_str())))
    }

    fn pong_due_at(&self) -> Option<Instant> {
        self.pinged.filter(|_| self.awaits_pong).map(|pinged| pinged + PONG_TIMEOUT)
    }

    fn ping_at(&self) -> Instant {
        let quiet_since = if self.ping.is_some() { self.opened } else { self.heard };
        self.pinged.map_or(quiet_since, |pinged| pinged.max(quiet_since)) + PING_INTERVAL
    }
}
