//! Stands between a client and an exchange, and writes down what goes over the wire.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Addresses, Error, ErrorKind};

use super::http::{self, Incoming};
use super::pattern;
use super::script::{Answer, Line, Request};
use super::scrub::Scrub;

/// The most lines that are written down; what follows is passed on only.
const LINES_MAX: usize = 100_000;
/// Headers of requests that any client sends.
const USUAL: &[&str] =
    &["host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"];
/// Parts of the names of headers of answers that a connector may look at.
const TELLING: &[&str] = &["limit", "weight", "used", "retry-after"];

/// Passes on what a client and an exchange, mostly its testnet, say to each other, and makes a [`Script`](super::Script) of it.
#[derive(Debug)]
pub struct ScriptRecorder {
    address: SocketAddr,
    tape: Arc<Tape>,
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<()>,
}

/// What was written down, and where the exchange is.
#[derive(Debug)]
struct Tape {
    rest: String,
    sockets: String,
    http: reqwest::Client,
    scrub: Scrub,
    lines: Mutex<Vec<Line>>,
    connections: std::sync::atomic::AtomicUsize,
}

impl ScriptRecorder {
    /// Starts it on a free port of loopback. `rest` and `sockets` are the exchange's addresses without paths, for example
    /// `https://api.testnet.exchange.example` and `wss://stream.testnet.exchange.example`.
    ///
    /// # Errors
    /// `Connection` if there is no port, `Config` if TLS cannot be set up.
    pub async fn start(rest: &str, sockets: &str, scrub: Scrub) -> Result<Self, Error> {
        let none = |error| Error::new(ErrorKind::Connection, "no port for a recorder").with_source(error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(none)?;
        let address = listener.local_addr().map_err(none)?;
        let http = reqwest::Client::builder().build();
        let http =
            http.map_err(|error| Error::new(ErrorKind::Config, "no client for the exchange").with_source(error))?;
        let (rest, sockets) = (rest.trim_end_matches('/').to_owned(), sockets.trim_end_matches('/').to_owned());
        let tape = Arc::new(Tape { rest, sockets, http, scrub, lines: Mutex::default(), connections: 0.into() });
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&tape), stopped));
        Ok(Self { address, tape, stop, accepting })
    }

    /// Where it is, for the client.
    pub fn addresses(&self) -> Addresses {
        let socket = format!("ws://{}", self.address);
        Addresses::own(format!("http://{}", self.address), &socket).with_sockets(Some(socket.clone()), Some(socket))
    }

    /// Ends it, and returns the script, without what was to be taken out. Read it before it is kept: the exchange may tell secrets
    /// under names that nobody thought of.
    pub async fn finish(self) -> String {
        let Self { tape, stop, accepting, .. } = self;
        // Both fail only where it has ended already.
        let _ = stop.send(());
        let _ = accepting.await;
        let lines = tape.lines.lock();
        // Texts and numbers always have a form in JSON.
        lines.iter().map(|line| serde_json::to_string(line).unwrap_or_default() + "\n").collect()
    }
}

async fn accept(listener: TcpListener, tape: Arc<Tape>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&tape)));
                }
            }
        }
    }
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, tape: Arc<Tape>) {
    let mut client = BufReader::new(stream);
    while let Ok(Some(request)) = Incoming::next(&mut client).await {
        if request.opens_a_socket() {
            // A socket that the exchange does not open is closed to the client: it will try again.
            let _ = tape.converse(client, &request).await;
            return;
        }
        let Answer { status, headers, body } = match tape.ask(&request).await {
            Ok(answer) => answer,
            Err(error) => {
                Answer { status: 502, headers: BTreeMap::new(), body: error.without_url().to_string().into() }
            }
        };
        if http::answer(&mut client, status, &headers, &http::wire_text(&body)).await.is_err() {
            return;
        }
    }
}

impl Tape {
    /// Passes a request on, and writes it down with its answer.
    async fn ask(&self, incoming: &Incoming) -> Result<Answer, reqwest::Error> {
        let method = incoming.method.parse().unwrap_or(reqwest::Method::GET);
        let mut request = self.http.request(method, format!("{}{}", self.rest, incoming.target));
        let own =
            |name: &&String| !matches!(name.as_str(), "host" | "connection" | "content-length" | "accept-encoding");
        for (name, value) in incoming.headers.iter().filter(|(name, _)| own(name)) {
            request = request.header(name, value);
        }
        let answer = request.body(incoming.body.clone()).send().await?;
        let status = answer.status().as_u16();
        let telling = |name: &str| TELLING.iter().any(|part| name.contains(part));
        let headers = answer.headers().iter().filter(|(name, _)| telling(name.as_str()));
        let headers =
            headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect();
        let text = answer.text().await?;
        let mut written = Answer { status, headers, body: pattern::read(&text) };
        self.scrub.take_out(&mut written.body, false);
        let heard = Answer { body: text.into(), ..written.clone() };
        self.write(Line { request: Some(self.scrubbed(incoming)), answer: Some(written), ..Line::default() });
        Ok(heard)
    }

    fn scrubbed(&self, incoming: &Incoming) -> Request {
        let mut request = incoming.written();
        request.headers.retain(|name, _| !USUAL.contains(&name.as_str()));
        self.scrub.take_out_of_text(&mut request.path);
        for fields in [&mut request.query, &mut request.headers] {
            let mut object = Value::Object(std::mem::take(fields).into_iter().collect());
            self.scrub.take_out(&mut object, true);
            if let Value::Object(scrubbed) = object {
                *fields = scrubbed.into_iter().collect();
            }
        }
        self.scrub.take_out(&mut request.body, true);
        request
    }

    /// Opens the socket at the exchange too, and passes frames on in both directions.
    async fn converse(
        &self,
        client: http::Client,
        incoming: &Incoming,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (mut exchange, _) = connect_async(format!("{}{}", self.sockets, incoming.target)).await?;
        let mut client = http::upgrade(client, incoming).await?;
        let number = 1 + self.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let socket = format!("{} {number}", self.scrubbed(incoming).path);
        let line = || Line { socket: Some(socket.clone()), ..Line::default() };
        self.write(Line { opens: Some(self.scrubbed(incoming).path), ..line() });
        loop {
            tokio::select! {
                frame = client.next() => {
                    let Some(Ok(frame)) = frame else { break };
                    if let Message::Text(text) = &frame {
                        self.write(Line { gets: Some(self.frame(text, true)), ..line() });
                    }
                    exchange.send(frame).await?;
                }
                frame = exchange.next() => {
                    let Some(Ok(frame)) = frame else {
                        self.write(Line { closes: true, ..line() });
                        break;
                    };
                    if let Message::Text(text) = &frame {
                        self.write(Line { sends: Some(self.frame(text, false)), ..line() });
                    }
                    client.send(frame).await?;
                }
            }
        }
        Ok(())
    }

    fn frame(&self, text: &str, client: bool) -> Value {
        let mut frame = pattern::read(text);
        self.scrub.take_out(&mut frame, client);
        frame
    }

    fn write(&self, line: Line) {
        let mut lines = self.lines.lock();
        if lines.len() < LINES_MAX {
            lines.push(line);
        }
    }
}
