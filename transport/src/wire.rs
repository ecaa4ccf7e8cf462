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

/// A connected WebSocket, boxed because it is large and moves about.
#[derive(Debug)]
pub(crate) struct Wire(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>);

impl Wire {
    pub(crate) fn new(stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self(Box::new(stream))
    }

    /// The next message; the end of the connection is an error. Pings are answered by the next call.
    pub(crate) fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        self.0.poll_next_unpin(context).map(|next| match next {
            Some(Ok(Message::Close(Some(close)))) => Err(closed().with("code", close.code).with("text", close.reason)),
            Some(Ok(Message::Close(None))) | None => Err(closed()),
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(broken(error)),
        })
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: Message) -> Result<(), Error> {
        match timeout(SEND_TIMEOUT, self.0.send(message)).await {
            Ok(sent) => sent.map_err(broken),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the other side takes no more frames")),
        }
    }

    /// Says goodbye, without waiting long for the other side.
    pub(crate) async fn close(mut self) {
        // Whether the other side still listens makes no difference here.
        let _ = timeout(CLOSE_TIMEOUT, self.0.as_mut().close(None)).await;
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
