use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::time::Instant;
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::{ConnectionId, FrameKind, Opening, SocketContext, SocketHandler};

/// A panic of a handler. Whatever it was about to change may be half done.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) Error);

/// A handler behind a wall: its panics come out as errors.
#[derive(Debug)]
pub(crate) struct Guarded<H> {
    handler: H,
    pub(crate) context: SocketContext,
}

impl<H: SocketHandler> Guarded<H> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, context: SocketContext { connection: ConnectionId(0), actions: Vec::new() } }
    }

    pub(crate) fn opened(&mut self, id: ConnectionId, opening: Opening) -> Result<(), Panicked> {
        self.context.connection = id;
        self.call(|handler, context| handler.opened(opening, context))
    }

    pub(crate) fn frame(&mut self, frame: &[u8], received: Timestamp) -> Result<FrameKind, Panicked> {
        self.call(|handler, context| handler.frame(frame, received, context))
            .map_err(|Panicked(error)| Panicked(error.with_frame(frame)))
    }

    pub(crate) fn batch_ended(&mut self) -> Result<(), Panicked> {
        self.call(SocketHandler::batch_ended)
    }

    pub(crate) fn subscribed(&mut self, topic: &Arc<str>, outcome: Result<(), Error>) -> Result<(), Panicked> {
        self.call(|handler, context| handler.subscribed(topic, outcome, context))
    }

    /// Tells of a loss. A handler that panics even at this is beyond help: the panic ends the task.
    pub(crate) fn closed(&mut self, reason: &Error) {
        self.handler.closed(reason, &mut self.context);
    }

    pub(crate) fn unreachable(&mut self, error: &Error, next: Instant) -> Result<(), Panicked> {
        self.call(|handler, context| handler.unreachable(error, next, context))
    }

    pub(crate) fn command(&mut self, command: H::Command) -> Result<(), Panicked> {
        self.call(|handler, context| handler.command(command, context))
    }

    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), Panicked> {
        self.call(|handler, context| handler.tick(now, context))
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.handler.deadline()
    }

    fn call<R>(&mut self, call: impl FnOnce(&mut H, &mut SocketContext) -> R) -> Result<R, Panicked> {
        let Self { handler, context } = self;
        // After a panic the connection is dropped and the handler told, so that it throws away what it was about to change.
        catch_unwind(AssertUnwindSafe(|| call(handler, context))).map_err(|panic| {
            let text = panic_text(panic.as_ref());
            Panicked(Error::new(ErrorKind::Decode, "a handler of frames panicked").with("panic", text))
        })
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text")
}
