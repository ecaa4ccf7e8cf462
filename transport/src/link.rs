use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Error, ErrorKind};

use crate::subscriptions::{Ask, Subscriptions};
use crate::wire::Wire;
use crate::{ConnectionId, Pace, RECONNECT_RESET, StreamDialect, StreamLimits};

/// How long a connection may be silent before it is asked whether it lives.
pub const PING_INTERVAL: Duration = Duration::from_secs(20);
/// How long it may take to answer that.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the answer to a request to subscribe may take.
pub const REPLY_TIMEOUT: Duration = Duration::from_secs(10);
/// The age at which a connection is replaced by a new one.
pub const RENEW_AGE: Duration = Duration::from_secs(23 * 60 * 60);
/// The age varies by this much both ways, so that sockets are not renewed together.
const RENEW_SPREAD: Duration = Duration::from_secs(15 * 60);
/// One connection: its wire, its life signs and its topics.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) id: ConnectionId,
    pub(crate) wire: Wire,
    opened: Instant,
    pub(crate) renew_at: Instant,
    pub(crate) subscriptions: Subscriptions,
    /// When the last frame came.
    heard: Instant,
    /// When the last ping left.
    pinged: Option<Instant>,
    /// Whether nothing has come since.
    awaits_pong: bool,
    pace: Pace,
    limits: StreamLimits,
    own_ping: bool,
    steady: bool,
}

impl Link {
    pub(crate) fn new(id: ConnectionId, wire: Wire, dialect: &dyn StreamDialect, topics: &[Arc<str>]) -> Self {
        let now = Instant::now();
        let spread = rand::random_range(Duration::ZERO..=RENEW_SPREAD * 2);
        let limits = dialect.limits();
        let mut subscriptions = Subscriptions::default();
        for topic in topics {
            subscriptions.queue(Ask::Subscribe, topic.clone());
        }
        Self {
            id,
            wire,
            opened: now,
            renew_at: now + RENEW_AGE - RENEW_SPREAD + spread,
            subscriptions,
            heard: now,
            pinged: None,
            awaits_pong: false,
            pace: Pace::new(limits.frames_per_second, Duration::from_secs(1)),
            limits,
            own_ping: dialect.ping().is_some(),
            steady: false,
        }
    }

    /// A frame came.
    pub(crate) fn heard(&mut self, now: Instant, message: &Message) {
        self.heard = now;
        self.awaits_pong = false;
        if matches!(message, Message::Ping(_)) {
            // Its pong leaves with the next reading, and cannot be delayed.
            self.pace.count(now);
        }
    }

    /// The next time at which something is due.
    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        let mut deadline = self.pong_due_at().unwrap_or_else(|| self.ping_at());
        if let Some(asked) = self.subscriptions.oldest_question() {
            deadline = deadline.min(asked + REPLY_TIMEOUT);
        }
        if self.subscriptions.has_questions() {
            deadline = deadline.min(self.pace.ready_at(now));
        }
        deadline
    }

    /// Fails if the other side has stopped to answer.
    pub(crate) fn check(&self, now: Instant) -> Result<(), Error> {
        if self.pong_due_at().is_some_and(|due| now >= due) {
            let since = now.duration_since(self.heard).as_secs();
            return Err(Error::new(ErrorKind::Timeout, format!("the connection has been silent for {since} s")));
        }
        if self.subscriptions.oldest_question().is_some_and(|asked| now >= asked + REPLY_TIMEOUT) {
            return Err(Error::new(ErrorKind::Timeout, "no answer to a request to subscribe"));
        }
        Ok(())
    }

    /// Sends what is due: a ping, or the next request as far as the pace allows.
    pub(crate) async fn send_due(&mut self, dialect: &dyn StreamDialect, next_id: &mut u64) -> Result<(), Error> {
        let now = Instant::now();
        if now >= self.ping_at() && !self.awaits_pong {
            self.pinged = Some(now);
            self.awaits_pong = true;
            let ping = dialect.ping().map_or_else(|| Message::Ping(bytes::Bytes::new()), Message::text);
            self.send(ping).await?;
        }
        while self.pace.ready_at(now) <= now {
            let Some(frame) = self.subscriptions.next_frame(*next_id, dialect, &self.limits, now) else { break };
            *next_id += 1;
            self.send(Message::text(frame)).await?;
        }
        Ok(())
    }

    /// Whether the connection has just been seen to be steady, for the first time.
    pub(crate) fn has_become_steady(&mut self, now: Instant) -> bool {
        let becomes = !self.steady && now >= self.opened + RECONNECT_RESET;
        self.steady |= becomes;
        becomes
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.pace.count(Instant::now());
        self.wire.send(message).await
    }

    fn pong_due_at(&self) -> Option<Instant> {
        self.pinged.filter(|_| self.awaits_pong).map(|pinged| pinged + PONG_TIMEOUT)
    }

    fn ping_at(&self) -> Instant {
        let quiet_since = if self.own_ping { self.opened } else { self.heard };
        self.pinged.map_or(quiet_since, |pinged| pinged.max(quiet_since)) + PING_INTERVAL
    }
}
