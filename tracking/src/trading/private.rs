use std::sync::Arc;

use tokio::time::Instant;
use tradewire_core::{Error, ErrorKind, Timestamp};
use tradewire_transport::{FrameKind, Opening, SocketContext, SocketHandler};

use super::keeper::Keeper;
use crate::PrivateFrame;

/// Hands the frames of the private stream to the account, on the socket's own task.
pub(super) struct PrivateHandler {
    keeper: Arc<Keeper>,
    topics: Vec<Arc<str>>,
    /// Topics of a new connection that are not acknowledged yet: until all are, something may go by untold.
    awaited: Vec<Arc<str>>,
}

/// What the supervisor asks of the private stream.
#[derive(Debug)]
pub(super) enum ToPrivate {
    /// Its word is doubted: open another.
    Distrust(Error),
}

impl PrivateHandler {
    pub(super) fn new(keeper: Arc<Keeper>) -> Self {
        let topics = keeper.source.private_topics();
        Self { keeper, topics, awaited: Vec::new() }
    }
}

impl SocketHandler for PrivateHandler {
    type Command = ToPrivate;

    fn opened(&mut self, opening: Opening, socket: &mut SocketContext) {
        socket.subscribe(self.topics.iter().cloned());
        // After a renewal nothing is missing: the older connection was read until this one spoke.
        if opening == Opening::New {
            self.awaited.clone_from(&self.topics);
            if self.awaited.is_empty() {
                self.keeper.stream_opened();
            }
        }
    }

    fn frame(&mut self, frame: &[u8], received: Timestamp, socket: &mut SocketContext) -> FrameKind {
        match self.keeper.source.decode_private(frame) {
            Ok(PrivateFrame::Messages(messages, unreadable)) => {
                self.keeper.stream_messages(messages, received);
                unreadable.iter().for_each(|error| self.keeper.stream_unreadable(error));
                FrameKind::Data
            }
            Ok(PrivateFrame::Reply { id, refused }) => FrameKind::Reply { id, refused },
            Ok(PrivateFrame::Pong) => FrameKind::Pong,
            Ok(PrivateFrame::ShutdownNotice) => FrameKind::ShutdownNotice,
            Ok(PrivateFrame::SubscriptionEnded) => {
                socket.reconnect(Error::new(ErrorKind::Connection, "the exchange has ended the subscription"));
                FrameKind::Data
            }
            Ok(PrivateFrame::Unknown(_)) => {
                metrics::counter!("tradewire_private_unknown_total", "exchange" => self.keeper.exchange()).increment(1);
                FrameKind::Data
            }
            Err(error) => {
                self.keeper.stream_unreadable(&error);
                FrameKind::Data
            }
        }
    }

    /// What several frames have told is recorded together.
    fn batch_ended(&mut self, _: &mut SocketContext) {
        self.keeper.outbox.write_soon();
    }

    fn subscribed(&mut self, topic: &Arc<str>, outcome: Result<(), Error>, socket: &mut SocketContext) {
        if let Err(error) = outcome {
            return socket.reconnect(error.with("topic", topic));
        }
        let awaited = self.awaited.len();
        self.awaited.retain(|other| other != topic);
        if awaited > 0 && self.awaited.is_empty() {
            self.keeper.stream_opened();
        }
    }

    fn closed(&mut self, reason: &Error, _: &mut SocketContext) {
        self.keeper.market.problems.report("private stream", reason);
        self.keeper.stream_lost(reason);
    }

    fn unreachable(&mut self, error: &Error, _: Instant, _: &mut SocketContext) {
        self.keeper.stream_unreachable(error);
    }

    fn command(&mut self, command: ToPrivate, socket: &mut SocketContext) {
        match command {
            ToPrivate::Distrust(reason) => socket.reconnect(reason),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn tick(&mut self, _: Instant, _: &mut SocketContext) {}
}
