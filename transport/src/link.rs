use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Error, ErrorKind};

use crate::pulse::Pulse;
use crate::subscriptions::{Ask, Subscriptions};
use crate::wire::Wire;
use crate::{ConnectionId, Pace, RECONNECT_RESET, StreamDialect, StreamLimits};

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
    pub(crate) renew_at: Instant,
    pub(crate) subscriptions: Subscriptions,
    pulse: Pulse,
    pace: Pace,
    limits: StreamLimits,
    steady: bool,
}

impl Link {
    pub(crate) fn new(id: ConnectionId, wire: Wire, dialect: &dyn StreamDialect, topics: &[Arc<str>]) -> Self {
        let limits = dialect.limits();
        let mut subscriptions = Subscriptions::default();
        for topic in topics {
            subscriptions.queue(Ask::Subscribe, topic.clone());
        }
        Self {
            id,
            wire,
            renew_at: renewal(Instant::now()),
            subscriptions,
            pulse: Pulse::new(dialect.ping()),
            pace: Pace::new(limits.frames_per_second, Duration::from_secs(1)).sparing(),
            limits,
            steady: false,
        }
    }

    /// A frame came.
    pub(crate) fn heard(&mut self, now: Instant, message: &Message) {
        self.pulse.heard(now);
        if matches!(message, Message::Ping(_)) {
            // Its pong leaves with the next reading, and cannot be delayed.
            self.pace.count(now);
        }
    }

    /// The next time at which something is due.
    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        let mut deadline = self.pulse.deadline();
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
        self.pulse.check(now)?;
        if self.subscriptions.oldest_question().is_some_and(|asked| now >= asked + REPLY_TIMEOUT) {
            return Err(Error::new(ErrorKind::Timeout, "no answer to a request to subscribe"));
        }
        Ok(())
    }

    /// Sends what is due: a ping, or the next request as far as the pace allows.
    pub(crate) async fn send_due(&mut self, dialect: &dyn StreamDialect, next_id: &mut u64) -> Result<(), Error> {
        let now = Instant::now();
        if let Some(ping) = self.pulse.due_ping(now) {
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
        let becomes = !self.steady && now >= self.pulse.opened() + RECONNECT_RESET;
        self.steady |= becomes;
        becomes
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.pace.count(Instant::now());
        self.wire.send(message).await
    }
}

/// When a connection that opens now is to be replaced.
pub(crate) fn renewal(now: Instant) -> Instant {
    now + RENEW_AGE - RENEW_SPREAD + rand::random_range(Duration::ZERO..=RENEW_SPREAD * 2)
}
