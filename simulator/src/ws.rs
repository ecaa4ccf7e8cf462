//! The WebSocket server of a front: handshake, pings, limits, and one task a socket.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::header;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role};
use tokio_util::task::TaskTracker;

use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::Request;
use crate::http::Body;
use crate::sockets::{Outgoing, Socket};

type Stream = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Close code for a client that breaks the rules.
const POLICY: u16 = 1008;

/// Whether the request wants to become a socket.
pub(crate) fn asks_for_socket(request: &hyper::Request<Incoming>) -> bool {
    let is_websocket = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    request.headers().get(header::UPGRADE).is_some_and(is_websocket)
        && request.headers().contains_key(header::SEC_WEBSOCKET_KEY)
}

/// Answers the handshake and starts the socket's task.
pub(crate) fn upgrade(
    exchange: &Arc<Exchange>,
    incoming: &mut hyper::Request<Incoming>,
    request: Request,
    tasks: &TaskTracker,
) -> hyper::Response<Body> {
    let key = incoming.headers().get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let upgraded = hyper::upgrade::on(incoming);
    let exchange = Arc::clone(exchange);
    tasks.spawn(async move {
        let shutdown = exchange.shutdown.clone();
        match shutdown.run_until_cancelled(upgraded).await {
            Some(Ok(upgraded)) => run(&exchange, request, TokioIo::new(upgraded)).await,
            failed => tracing::debug!(?failed, "no socket came of the handshake"),
        }
    });
    let mut response = hyper::Response::new(Empty::new().map_err(|never| match never {}).boxed());
    *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, http::HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, http::HeaderValue::from_static("websocket"));
    if let Some(Ok(accept)) = key.map(http::HeaderValue::try_from) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

async fn run(exchange: &Exchange, request: Request, io: TokioIo<hyper::upgrade::Upgraded>) {
    let path =
        if request.query.is_empty() { request.path.clone() } else { format!("{}?{}", request.path, request.query) };
    let queue = exchange.config.limits.socket_queue;
    let now = exchange.clock.now();
    let (socket, outgoing) = exchange.sockets.open(path, now, queue, &exchange.shutdown);
    let stream = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    exchange.front.opened(exchange, &request, &socket);
    let cut = socket.cut.clone();
    let idle = exchange.front.idle_limit(&request).map(|limit| (limit, socket.opened.plus(limit)));
    let session = Session::new(exchange, Arc::clone(&socket), stream, idle);
    cut.run_until_cancelled(session.run(outgoing)).await;
    exchange.front.closed(exchange, &socket);
    exchange.sockets.closed(&socket);
}

struct Session<'a> {
    exchange: &'a Exchange,
    socket: Arc<Socket>,
    stream: Stream,
    next_ping: Timestamp,
    pong_due: Option<Timestamp>,
    /// For how long the client may be silent, and until when.
    idle: Option<(Duration, Timestamp)>,
    end_of_life: Timestamp,
}

impl<'a> Session<'a> {
    fn new(
        exchange: &'a Exchange,
        socket: Arc<Socket>,
        stream: Stream,
        idle: Option<(Duration, Timestamp)>,
    ) -> Session<'a> {
        let limits = &exchange.config.limits;
        let next_ping = socket.opened.plus(Duration::from_secs(limits.ping_seconds));
        let end_of_life = socket.opened.plus(Duration::from_secs(limits.socket_life_seconds));
        Session { exchange, socket, stream, next_ping, pong_due: None, idle, end_of_life }
    }

    async fn run(mut self, mut outgoing: mpsc::Receiver<Outgoing>) {
        while self.turn(&mut outgoing).await.is_some() {}
    }

    /// Deals with one thing; `None` ends the socket.
    async fn turn(&mut self, outgoing: &mut mpsc::Receiver<Outgoing>) -> Option<()> {
        let others = [self.pong_due, self.idle.map(|(_, until)| until), Some(self.end_of_life)];
        let timer = others.into_iter().flatten().fold(self.next_ping, Timestamp::min);
        tokio::select! {
            biased;
            () = self.socket.cut.cancelled() => None,
            () = self.socket.frozen.cancelled() => std::future::pending().await,
            () = self.exchange.clock.sleep_until(timer) => self.on_time().await,
            order = outgoing.recv() => self.outbound(order?).await,
            message = self.stream.next() => self.inbound(message?.ok()?).await,
        }
    }

    async fn inbound(&mut self, message: Message) -> Option<()> {
        let in_second = self.socket.frame_came(self.exchange.clock.now());
        if let Some((limit, until)) = &mut self.idle
            && (message.is_text() || message.is_ping())
        {
            *until = self.exchange.clock.now().plus(*limit);
        }
        let limit = self.exchange.front.frame_limit(self.exchange, &self.socket);
        if limit.is_some_and(|limit| in_second > limit) && !message.is_close() {
            return self.end(POLICY, "Too many requests").await;
        }
        match message {
            Message::Text(text) => {
                self.exchange.pass_time(false);
                self.exchange.front.received(self.exchange, &self.socket, &text);
            }
            Message::Pong(_) => self.pong_due = None,
            Message::Close(_) => return None,
            Message::Binary(_) | Message::Ping(_) | Message::Frame(_) => {}
        }
        Some(())
    }

    async fn outbound(&mut self, order: Outgoing) -> Option<()> {
        match order {
            Outgoing::Text(text) => self.stream.send(Message::Text(text)).await.ok(),
            Outgoing::Close(code, reason) => self.end(code, reason).await,
        }
    }

    async fn on_time(&mut self) -> Option<()> {
        let now = self.exchange.clock.now();
        let limits = &self.exchange.config.limits;
        if self.pong_due.is_some_and(|due| now >= due) {
            return self.end(POLICY, "Pong timeout").await;
        }
        if self.idle.is_some_and(|(_, until)| now >= until) {
            return self.end(1001, "connection was idle").await;
        }
        if now >= self.end_of_life {
            return self.end(1001, "connection has reached its maximum age").await;
        }
        if now >= self.next_ping {
            self.next_ping = now.plus(Duration::from_secs(limits.ping_seconds));
            self.pong_due.get_or_insert(now.plus(Duration::from_secs(limits.pong_seconds)));
            let payload = self.exchange.clock.server_now().millis().to_string();
            self.stream.send(Message::Ping(payload.into())).await.ok()?;
        }
        Some(())
    }

    async fn end(&mut self, code: u16, reason: &'static str) -> Option<()> {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        if let Err(error) = self.stream.close(Some(frame)).await {
            tracing::debug!(%error, "close frame not sent");
        }
        None
    }
}
