use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tradewire_core::{Error, ErrorKind};

/// How long a frame may take to leave.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a polite close may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The most messages that may come before the answer to a login.
const EARLY_MAX: usize = 1_024;

/// A connected WebSocket.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Boxed because it is large and moves about.
    stream: Box<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    /// What came before the answer to a login.
    early: VecDeque<Message>,
}

impl Wire {
    pub(crate) fn new(stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self { stream: Box::new(stream), early: VecDeque::new() }
    }

    /// The next message; the end of the connection is an error. Pings are answered by the next call.
    pub(crate) fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        match self.early.pop_front() {
            Some(message) => Poll::Ready(Ok(message)),
            None => self.poll_stream(context),
        }
    }

    /// Waits for the first message in whose bytes `find` finds something. Those before it are put by for [`Self::poll_message`].
    pub(crate) async fn first<T>(&mut self, find: impl Fn(&[u8]) -> Option<T>) -> Result<T, Error> {
        loop {
            let message = poll_fn(|context| self.poll_stream(context)).await?;
            let Some(frame) = payload(&message) else { continue };
            if let Some(found) = find(frame) {
                return Ok(found);
            }
            if self.early.len() >= EARLY_MAX {
                return Err(Error::new(ErrorKind::Decode, "too many frames before the answer to a login"));
            }
            self.early.push_back(message);
        }
    }

    fn poll_stream(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        self.stream.poll_next_unpin(context).map(|next| match next {
            Some(Ok(Message::Close(Some(close)))) => Err(closed().with("code", close.code).with("text", close.reason)),
            Some(Ok(Message::Close(None))) | None => Err(closed()),
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(broken(error)),
        })
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: Message) -> Result<(), Error> {
        match timeout(SEND_TIMEOUT, self.stream.send(message)).await {
            Ok(sent) => sent.map_err(broken),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the other side takes no more frames")),
        }
    }

    /// Says goodbye, without waiting long for the other side.
    pub(crate) async fn close(mut self) {
        // Whether the other side still listens makes no difference here.
        let _ = timeout(CLOSE_TIMEOUT, self.stream.as_mut().close(None)).await;
    }
}

/// The bytes of a message that holds some.
pub(crate) fn payload(message: &Message) -> Option<&[u8]> {
    match message {
        Message::Text(text) => Some(text.as_bytes()),
        Message::Binary(bytes) => Some(bytes),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Connection, "the exchange closed the connection")
}

fn broken(error: tungstenite::Error) -> Error {
    Error::new(ErrorKind::Connection, format!("the connection broke: {error}")).with_source(error)
}
