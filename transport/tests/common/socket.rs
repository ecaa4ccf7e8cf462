//! A WebSocket server whose every step a test takes, and a handler that tells all it sees.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tradewire_core::{Error, ErrorKind, Timestamp};
use tradewire_transport::{
    Clock, ConnectPace, FrameKind, LOGIN_ID, Login, Opening, ProxyChoice, Socket, SocketConfig, SocketContext,
    SocketHandle, SocketHandler, StreamDialect, StreamKey, StreamLimits,
};

pub struct Server {
    pub url: String,
    listener: TcpListener,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0").await
    }

    pub async fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        Self { url: format!("ws://{}", listener.local_addr().expect("an address")), listener }
    }

    pub async fn accept(&self) -> Peer {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Peer(accept_async(stream).await.expect("a handshake"))
    }
}

/// The far end of one connection.
pub struct Peer(pub WebSocketStream<TcpStream>);

impl Peer {
    pub async fn message(&mut self) -> Message {
        self.0.next().await.expect("a frame").expect("a good frame")
    }

    /// The next frame of text; pings are passed over.
    pub async fn text(&mut self) -> String {
        loop {
            match self.message().await {
                Message::Text(text) => return text.to_string(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("a text was expected, not {other}"),
            }
        }
    }

    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    /// Takes one request and agrees to it. Returns its words: what, id, topics.
    pub async fn agree(&mut self) -> String {
        let request = self.text().await;
        let id = request.split(' ').nth(1).expect("an id").to_owned();
        self.send(&format!("ok {id}")).await;
        request
    }

    /// Waits for the connection to end.
    pub async fn end(mut self) {
        while let Some(Ok(_)) = self.0.next().await {}
    }
}

/// `sub 1 a,b`, `unsub 2 a`, answered by `ok 1` or `no 1`; `late` and `denied` refuse a login; `bye` before a shutdown; anything else is data.
#[derive(Debug)]
pub struct Dialect {
    pub url: String,
    pub limits: StreamLimits,
    pub ping: Option<&'static str>,
    pub login: Option<Login>,
    pub key: Option<Arc<dyn StreamKey>>,
}

impl StreamDialect for Dialect {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn key(&self) -> Option<Arc<dyn StreamKey>> {
        self.key.clone()
    }

    fn login(&self) -> Option<Login> {
        self.login.clone()
    }

    fn subscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        format!("sub {id} {}", topics.join(","))
    }

    fn unsubscribe(&self, id: u64, topics: &[Arc<str>]) -> String {
        format!("unsub {id} {}", topics.join(","))
    }

    fn limits(&self) -> StreamLimits {
        self.limits
    }

    fn ping(&self) -> Option<String> {
        self.ping.map(str::to_owned)
    }

    fn classify(&self, frame: &[u8]) -> FrameKind {
        let text = std::str::from_utf8(frame).expect("text");
        match text.split_once(' ') {
            Some(("ok", id)) => FrameKind::Reply { id: id.parse().expect("an id"), refused: None },
            Some(("no", id)) => {
                let refused = Some(Error::new(ErrorKind::UnknownInstrument, "no such topic"));
                FrameKind::Reply { id: id.parse().expect("an id"), refused }
            }
            _ if text == "late" => refused_login(ErrorKind::Clock),
            _ if text == "denied" => refused_login(ErrorKind::Auth),
            _ if text == "bye" => FrameKind::ShutdownNotice,
            _ if text == "pong" => FrameKind::Pong,
            _ => FrameKind::Data,
        }
    }
}

fn refused_login(kind: ErrorKind) -> FrameKind {
    FrameKind::Reply { id: LOGIN_ID, refused: Some(Error::new(kind, "no entry")) }
}

/// What a handler saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Opened(Opening),
    Frame(String),
    Subscribed(String),
    Refused(String),
    Closed(String),
    Unreachable(Duration),
    Tick,
}

pub enum Command {
    Subscribe(Vec<&'static str>),
    SubscribeMany(Vec<String>),
    Unsubscribe(Vec<&'static str>),
    Resubscribe(Vec<&'static str>),
    Reconnect,
    TickAt(Instant),
    Panic,
}

pub struct Handler {
    pub dialect: Arc<Dialect>,
    pub seen: mpsc::Sender<Seen>,
    tick_at: Option<Instant>,
}

impl Handler {
    fn tell(&self, seen: Seen) {
        self.seen.try_send(seen).expect("room");
    }
}

fn shared(topics: Vec<&'static str>) -> impl Iterator<Item = Arc<str>> {
    topics.into_iter().map(Arc::from)
}

impl SocketHandler for Handler {
    type Command = Command;

    fn opened(&mut self, opening: Opening, _: &mut SocketContext) {
        self.tell(Seen::Opened(opening));
    }

    fn frame(&mut self, frame: &[u8], _: Timestamp, _: &mut SocketContext) -> FrameKind {
        let kind = self.dialect.classify(frame);
        if matches!(kind, FrameKind::Data) {
            let text = String::from_utf8(frame.to_vec()).expect("text");
            assert_ne!(text, "panic", "the decoder's own fault");
            self.tell(Seen::Frame(text));
        }
        kind
    }

    fn batch_ended(&mut self, _: &mut SocketContext) {}

    fn subscribed(&mut self, topic: &Arc<str>, outcome: Result<(), Error>, _: &mut SocketContext) {
        let topic = topic.to_string();
        self.tell(if outcome.is_ok() { Seen::Subscribed(topic) } else { Seen::Refused(topic) });
    }

    fn closed(&mut self, reason: &Error, _: &mut SocketContext) {
        self.tell(Seen::Closed(reason.to_string()));
    }

    fn unreachable(&mut self, _: &Error, next: Instant, _: &mut SocketContext) {
        self.tell(Seen::Unreachable(next.saturating_duration_since(Instant::now())));
    }

    fn command(&mut self, command: Command, socket: &mut SocketContext) {
        match command {
            Command::Subscribe(topics) => socket.subscribe(shared(topics)),
            Command::SubscribeMany(topics) => socket.subscribe(topics.into_iter().map(Arc::from)),
            Command::Unsubscribe(topics) => socket.unsubscribe(shared(topics)),
            Command::Resubscribe(topics) => socket.resubscribe(shared(topics)),
            Command::Reconnect => socket.reconnect(Error::new(ErrorKind::Decode, "asked for")),
            Command::TickAt(at) => self.tick_at = Some(at),
            Command::Panic => panic!("asked for"),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.tick_at
    }

    fn tick(&mut self, _: Instant, _: &mut SocketContext) {
        self.tick_at = None;
        self.tell(Seen::Tick);
    }
}

/// The near end: a running socket and what its handler sees.
pub struct Client {
    pub handle: SocketHandle<Command>,
    pub seen: mpsc::Receiver<Seen>,
}

impl Client {
    pub fn start(url: &str) -> Self {
        let limits = StreamLimits { topics_per_request: 3, request_bytes_max: 4_096, frames_per_second: 5 };
        Self::start_with(Dialect { url: url.to_owned(), limits, ping: None, login: None, key: None })
    }

    pub fn start_with(dialect: Dialect) -> Self {
        Self::start_over(dialect, ProxyChoice::Direct)
    }

    pub fn start_over(dialect: Dialect, proxy: ProxyChoice) -> Self {
        let dialect = Arc::new(dialect);
        let (tell, seen) = mpsc::channel(10_000);
        let handler = Handler { dialect: dialect.clone(), seen: tell, tick_at: None };
        let config = SocketConfig {
            exchange: "test",
            proxy,
            connects: ConnectPace::new(300, Duration::from_secs(300)),
            clock: Clock::starting_at(Timestamp::from_millis(1_700_000_000_000)),
        };
        Self { handle: Socket::spawn(handler, dialect, config).expect("a good address"), seen }
    }

    pub async fn command(&self, command: Command) {
        self.handle.send(command).await.expect("the task runs");
    }

    pub async fn next(&mut self) -> Seen {
        self.seen.recv().await.expect("the task runs")
    }

    pub async fn expect(&mut self, expected: &[Seen]) {
        for expected in expected {
            assert_eq!(self.next().await, *expected);
        }
    }
}
