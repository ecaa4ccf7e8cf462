use std::fmt::Debug;
use std::sync::Arc;

use tokio::time::Instant;
use tradewire_core::{Error, Timestamp};

use crate::{Login, StreamKey};

/// What an exchange allows on one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// Topics in one request to subscribe.
    pub topics_per_request: usize,
    /// Bytes of one request.
    pub request_bytes_max: usize,
    /// Frames that the exchange takes in a second, pings and pongs included. [`CONTROL_PACE`](crate::CONTROL_PACE)
    /// percent of them are used.
    pub frames_per_second: usize,
}

/// How an exchange's stream socket is spoken to. Pure: no clock, no state.
pub trait StreamDialect: Send + Sync + Debug {
    /// Where the socket connects to. Asked for at every connection; of a stream with a key it is the address without it.
    fn url(&self) -> String;

    /// The key that every new connection needs in its address; `None` where there is none.
    fn key(&self) -> Option<Arc<dyn StreamKey>> {
        None
    }

    /// The login of every new connection, before anything else is asked; `None` where there is none.
    fn login(&self) -> Option<Login> {
        None
    }

    /// The frame that asks for topics.
    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String;

    /// The frame that ends topics.
    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String;

    /// What is allowed.
    fn limits(&self) -> StreamLimits;

    /// The exchange's own ping, sent at every ping interval. `None`: a protocol ping, sent after an interval of silence.
    fn ping(&self) -> Option<String> {
        None
    }

    /// What a frame is, for frames of a connection that is not in charge yet. Equal to what the handler says of it.
    fn classify(&self, frame: &[u8]) -> FrameKind;
}

/// What a frame is to the socket's task.
#[derive(Debug)]
pub enum FrameKind {
    /// Anything that the task need not know about.
    Data,
    /// The answer to a request to subscribe or unsubscribe, or to a login. While a login is under way, every answer is one
    /// to it.
    Reply {
        /// The id of the request; [`LOGIN_ID`](crate::LOGIN_ID) for a login.
        id: u64,
        /// Why the exchange refused it; `None` if it did not.
        refused: Option<Error>,
    },
    /// The answer to the exchange's own kind of ping.
    Pong,
    /// The exchange will close this connection soon.
    ShutdownNotice,
}

/// One connection of a socket; later ones have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

/// How a connection came into charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// There was none before it. Its topics are being subscribed.
    New,
    /// It took over from an older one without a hole: all topics are subscribed, and its frames begin before those of
    /// the older one ended, so that some come twice.
    Renewal,
}

/// What lives on a socket's task: called inline, frame by frame, without a hop between socket and state.
///
/// No method may block. A panic in one is contained: the connection is dropped with the panic as reason, and opened anew.
pub trait SocketHandler: Send + 'static {
    /// What others may ask of it, over [`SocketHandle`](crate::SocketHandle).
    type Command: Send + 'static;

    /// A connection is in charge from here on, logged in if there is a login. Frames that follow are its frames.
    fn opened(&mut self, opening: Opening, socket: &mut SocketContext);

    /// A frame of the connection in charge, as it came; `received` is our wall-clock time of that.
    fn frame(&mut self, frame: &[u8], received: Timestamp, socket: &mut SocketContext) -> FrameKind;

    /// The frames that had come so far were handed over, or as many as are taken in a row: the time for what is better done
    /// once for several.
    fn batch_ended(&mut self, socket: &mut SocketContext);

    /// A topic was acknowledged or refused. A refused one is forgotten. Not called again for a renewal that succeeds.
    fn subscribed(&mut self, topic: &Arc<str>, outcome: Result<(), Error>, socket: &mut SocketContext);

    /// The connection is lost without a successor: nothing that came over it is valid any longer. A new one is opened
    /// without being asked, and all topics of then are subscribed again.
    fn closed(&mut self, reason: &Error, socket: &mut SocketContext);

    /// An attempt to connect or to log in has failed; the next follows at `next`.
    ///
    /// After a login that was refused with kind `Auth` that is [`AUTH_RETRY`](crate::AUTH_RETRY) later if the key has worked
    /// before, and otherwise years ahead; [`SocketContext::reconnect`] then tries again at once.
    fn unreachable(&mut self, error: &Error, next: Instant, socket: &mut SocketContext);

    /// Somebody asks for something.
    fn command(&mut self, command: Self::Command, socket: &mut SocketContext);

    /// When to call [`SocketHandler::tick`]; `None` for never. Asked for after every other call.
    fn deadline(&self) -> Option<Instant>;

    /// The deadline has come.
    fn tick(&mut self, now: Instant, socket: &mut SocketContext);
}

/// What a handler may ask of its socket. It is done after the handler has returned.
#[derive(Debug)]
pub struct SocketContext {
    pub(crate) connection: ConnectionId,
    pub(crate) actions: Vec<Action>,
}

#[derive(Debug)]
pub(crate) enum Action {
    Subscribe(Arc<str>),
    Unsubscribe(Arc<str>),
    Resubscribe(Arc<str>),
    Reconnect(Error),
}

impl SocketContext {
    /// The connection in charge, or the last one that was.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Adds topics. They are subscribed at every connection from now on. One that is there already is left as it is.
    pub fn subscribe(&mut self, topics: impl IntoIterator<Item = Arc<str>>) {
        self.actions.extend(topics.into_iter().map(Action::Subscribe));
    }

    /// Removes topics. They do not come back with the next connection.
    pub fn unsubscribe(&mut self, topics: impl IntoIterator<Item = Arc<str>>) {
        self.actions.extend(topics.into_iter().map(Action::Unsubscribe));
    }

    /// Ends topics and asks for them again, on the connection in charge.
    pub fn resubscribe(&mut self, topics: impl IntoIterator<Item = Arc<str>>) {
        self.actions.extend(topics.into_iter().map(Action::Resubscribe));
    }

    /// Drops the connection for a reason and opens another. Without a connection it ends the wait after a refused login.
    pub fn reconnect(&mut self, reason: Error) {
        self.actions.push(Action::Reconnect(reason));
    }
}
