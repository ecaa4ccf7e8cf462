//! An HTTP server whose answers a test decides.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tradewire_core::{Error, ErrorKind, Timestamp};
use tradewire_transport::{
    Answer, Class, Clock, Cost, Effect, Endpoint, Limits, Method, PoolSpec, ProxyChoice, Query, Refusal, RefusalKind,
    RestClient, RestConfig, RestDialect, Scope, Security, ServerClock, Unit, Used, Window,
};

/// What the server does with a request.
pub enum Reply {
    /// Answers with these bytes.
    Bytes(String),
    /// Answers with these bytes and closes the connection.
    Cut(String),
    /// Never answers.
    Silence,
}

/// An answer with a status, further header lines and a body.
pub fn reply(status: u16, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(format!("HTTP/1.1 {status} status\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<(String, Instant)>>>,
    _task: JoinSet<()>,
}

impl Server {
    /// Starts a server; `answer` gets the head of each request and its number, from 0.
    pub async fn start(answer: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut task = JoinSet::new();
        task.spawn(accept(listener, seen.clone(), Arc::new(answer)));
        Self { url, seen, _task: task }
    }

    /// The first lines of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().iter().map(|(head, _)| head.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// When the requests came.
    pub fn times(&self) -> Vec<Instant> {
        self.seen.lock().iter().map(|(_, at)| *at).collect()
    }
}

type Answering = Arc<dyn Fn(usize, &str) -> Reply + Send + Sync>;

async fn accept(listener: TcpListener, seen: Arc<Mutex<Vec<(String, Instant)>>>, answer: Answering) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        connections.spawn(serve(stream, seen.clone(), answer.clone()));
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Vec<(String, Instant)>>>, answer: Answering) {
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let text = String::from_utf8(head.clone()).expect("a head of ASCII");
        let number = {
            let mut seen = seen.lock();
            seen.push((text.clone(), Instant::now()));
            seen.len() - 1
        };
        match answer(number, &text) {
            Reply::Bytes(bytes) => stream.write_all(bytes.as_bytes()).await.expect("written"),
            Reply::Cut(bytes) => {
                stream.write_all(bytes.as_bytes()).await.expect("written");
                return;
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

/// Reads one text.
#[derive(Clone, Debug)]
pub struct Read {
    pub weight: u32,
    pub class: Class,
    pub text: &'static str,
}

pub const READ: Read = Read { weight: 1, class: Class::MarketRead, text: "" };

impl Endpoint for Read {
    type Response = String;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/read";
    const SECURITY: Security = Security::None;
    const EFFECT: Effect = Effect::Read;

    fn class(&self) -> Class {
        self.class
    }

    fn cost(&self) -> Cost {
        Cost::weight(self.weight)
    }

    fn query(&self, query: &mut Query) {
        if !self.text.is_empty() {
            query.add("text", self.text);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<String, Error> {
        match std::str::from_utf8(body) {
            Ok(text) if text.starts_with('=') => Ok(text[1..].to_owned()),
            _ => Err(Error::new(ErrorKind::Decode, "an answer begins with =")),
        }
    }
}

/// Does something.
#[derive(Clone, Debug)]
pub struct Act;

impl Endpoint for Act {
    type Response = ();
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/act";
    const SECURITY: Security = Security::None;
    const EFFECT: Effect = Effect::Command;

    fn class(&self) -> Class {
        Class::Place
    }

    fn cost(&self) -> Cost {
        Cost::weight(1).with_orders(1)
    }

    fn query(&self, _query: &mut Query) {}

    fn decode(&self, _body: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

/// Counts in `x-used`, refusals as 429 and 418, errors as bodies that begin with `!` and a code.
#[derive(Debug)]
pub struct Dialect;

impl RestDialect for Dialect {
    fn used(&self, answer: &Answer<'_>) -> Vec<Used> {
        let used = answer.header("x-used").and_then(|text| text.parse().ok());
        used.map(|used| Used { unit: Unit::Weight, window: MINUTE, used }).into_iter().collect()
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        let kind = match answer.status {
            429 => RefusalKind::TooMany,
            418 => RefusalKind::Banned,
            _ => return None,
        };
        Some(Refusal { kind, unit: None, pause: answer.retry_after() })
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        stated(std::str::from_utf8(answer.body).ok()?)
    }
}

/// The error in a text like `!-1021`.
pub fn stated(text: &str) -> Option<Error> {
    let code = text.strip_prefix('!')?.parse().ok()?;
    let kind = match code {
        -1021 => ErrorKind::Clock,
        -2015 => ErrorKind::Auth,
        _ => ErrorKind::Exchange,
    };
    Some(Error::new(kind, "refused").with_code(code))
}

pub const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

pub const POOLS: &[PoolSpec] = &[
    PoolSpec { unit: Unit::Weight, limit: 100, window: Window::Fixed(MINUTE), scope: Scope::Address, cancels: true },
    PoolSpec { unit: Unit::Orders, limit: 50, window: Window::Fixed(MINUTE), scope: Scope::Account, cancels: false },
];

/// A client whose exchange's clock stands one second after a full minute.
pub fn client(url: &str) -> RestClient {
    let clock = Clock::starting_at(Timestamp::from_millis(1_700_000_041_000));
    let limits = Limits::new(POOLS, 100, ServerClock::new(clock));
    let config = RestConfig { proxy: ProxyChoice::Direct, ..RestConfig::new("test", url) };
    RestClient::new(&config, Dialect, limits, clock).expect("a client")
}
