use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Error, Timestamp};

use crate::link::Link;
use crate::socket_task::BATCH;
use crate::wire::payload;
use crate::{Clock, FrameKind, StreamDialect};

/// How long both connections run side by side once the new one has all topics: what the old one brings later than the new
/// one may be late by this much.
const OVERLAP: Duration = Duration::from_secs(2);
/// The most bytes of frames that are kept. With more than that the successor takes charge at once.
const KEPT_MAX: usize = 64 << 20;

/// A connection that will take charge. Its frames are kept until then, so that the handler gets all frames of the old one
/// first, and misses none.
#[derive(Debug)]
pub(crate) struct Successor {
    pub(crate) link: Link,
    kept: Vec<(Timestamp, Message)>,
    kept_bytes: usize,
    refused: Vec<(Arc<str>, Error)>,
    settled_at: Option<Instant>,
}

impl Successor {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, kept: Vec::new(), kept_bytes: 0, refused: Vec::new(), settled_at: None }
    }

    /// Whether all its topics are acknowledged.
    pub(crate) fn is_settled(&self) -> bool {
        self.link.subscriptions.is_settled()
    }

    /// Whether it may take charge.
    pub(crate) fn is_ready(&mut self, now: Instant) -> bool {
        if !self.is_settled() {
            self.settled_at = None;
            return false;
        }
        now >= *self.settled_at.get_or_insert(now) + OVERLAP || self.kept_bytes > KEPT_MAX
    }

    pub(crate) fn deadline(&self, now: Instant) -> Instant {
        let ready_at = self.settled_at.map(|at| at + OVERLAP);
        let deadline = self.link.deadline(now);
        ready_at.map_or(deadline, |at| at.min(deadline))
    }

    /// Takes the frames that are there: answers at once, anything else is put by.
    pub(crate) fn poll_keep(
        &mut self,
        context: &mut Context<'_>,
        dialect: &dyn StreamDialect,
        clock: Clock,
    ) -> Poll<Result<(), Error>> {
        for taken in 0..BATCH {
            match self.link.wire.poll_message(context) {
                Poll::Ready(message) => self.keep(message?, dialect, clock),
                Poll::Pending if taken == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn keep(&mut self, message: Message, dialect: &dyn StreamDialect, clock: Clock) {
        let now = Instant::now();
        self.link.heard(now, &message);
        let Some(frame) = payload(&message) else { return };
        if let FrameKind::Reply { id, refused } = dialect.classify(frame) {
            let answers = self.link.subscriptions.answer(id, refused);
            self.refused.extend(answers.into_iter().filter_map(|(topic, outcome)| Some((topic, outcome.err()?))));
            return;
        }
        self.kept_bytes += frame.len();
        self.kept.push((clock.at(now), message));
    }

    /// The topics that it was refused since the last call.
    pub(crate) fn take_refused(&mut self) -> Vec<(Arc<str>, Error)> {
        std::mem::take(&mut self.refused)
    }

    /// The connection, and what it has brought so far.
    pub(crate) fn into_parts(self) -> (Link, Vec<(Timestamp, Message)>) {
        (self.link, self.kept)
    }
}
