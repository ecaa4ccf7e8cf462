//! The HTTP server of a front: accepts connections, applies faults, hands requests over.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::task::TaskTracker;

use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::front::{Answer, Interference, Request, unsigned};
use crate::requests::RequestRecord;
use crate::spoil::{WEB_PAGE, add_enum_value, add_field};
use crate::wire::{Allowance, Wire};
use crate::ws;

/// Bytes of a request's body that are read.
const LONGEST_BODY: usize = 1 << 20;

pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// Connections that wait to be accepted at most.
const BACKLOG: u32 = 1024;

/// Pause before a closed port is opened again, if the system has not freed it yet.
const REOPEN_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the exchange shuts down, then waits for every connection's task.
pub(crate) async fn serve(exchange: Arc<Exchange>, listener: TcpListener, address: SocketAddr) {
    let tasks = TaskTracker::new();
    let shutdown = exchange.shutdown.clone();
    shutdown.run_until_cancelled(accept(&exchange, listener, address, &tasks)).await;
    tasks.close();
    tasks.wait().await;
}

async fn accept(exchange: &Arc<Exchange>, listener: TcpListener, address: SocketAddr, tasks: &TaskTracker) {
    let mut refusing = exchange.refusing.subscribe();
    let mut listener = Some(listener);
    loop {
        let mut held = None;
        if *refusing.borrow_and_update() {
            drop(listener.take());
            held = hold(address).ok();
            exchange.faults.count(&FaultKind::RefuseConnect);
            if refusing.wait_for(|refusing| !refusing).await.is_err() {
                return;
            }
        }
        let open = match listener.take() {
            Some(open) => open,
            None => match held.and_then(|held| held.listen(BACKLOG).ok()) {
                Some(open) => open,
                None => reopen(address).await,
            },
        };
        tokio::select! {
            accepted = open.accept() => if let Ok((stream, peer)) = accepted {
                connection(exchange, stream, peer.ip(), tasks);
            },
            changed = refusing.changed() => if changed.is_err() { return },
        }
        listener = Some(open);
    }
}

/// Keeps a port while nobody can connect to it: nobody else may take it meanwhile.
fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn reopen(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) => tracing::warn!(%address, %error, "cannot listen again yet"),
        }
        tokio::time::sleep(REOPEN_PAUSE).await;
    }
}

fn connection(exchange: &Arc<Exchange>, stream: TcpStream, peer: IpAddr, tasks: &TaskTracker) {
    let refused = exchange.faults.strike(exchange.clock.now(), &[Class::Connect], &Occasion::default());
    if !refused.is_empty() {
        // With no time to linger, dropping the stream resets the connection.
        let reset = stream.set_zero_linger();
        tracing::debug!(?reset, "connection refused by a fault");
        return;
    }
    let exchange = Arc::clone(exchange);
    let connection_tasks = tasks.clone();
    tasks.spawn(async move {
        let shutdown = exchange.shutdown.clone();
        shutdown.run_until_cancelled(serve_connection(exchange, stream, peer, connection_tasks)).await;
    });
}

async fn serve_connection(exchange: Arc<Exchange>, stream: TcpStream, peer: IpAddr, tasks: TaskTracker) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no nodelay");
    }
    let allowance = Allowance::unlimited();
    let io = TokioIo::new(Wire::new(stream, allowance.clone()));
    let service = service_fn(move |request| {
        let server = Server { exchange: Arc::clone(&exchange), tasks: tasks.clone(), allowance: allowance.clone() };
        async move { Ok::<_, Infallible>(server.serve(request, peer).await) }
    });
    let served = hyper::server::conn::http1::Builder::new().serve_connection(io, service).with_upgrades().await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

struct Server {
    exchange: Arc<Exchange>,
    tasks: TaskTracker,
    allowance: Allowance,
}

impl Server {
    async fn serve(&self, mut incoming: hyper::Request<Incoming>, peer: IpAddr) -> hyper::Response<Body> {
        let upgrade = ws::asks_for_socket(&incoming);
        let body = if upgrade { Bytes::new() } else { collect(incoming.body_mut()).await };
        let request = read(&incoming, body, peer);
        let note = self.exchange.front.note(&self.exchange, &request);
        let occasion = Occasion {
            path: Some(&request.path),
            method: Some(&request.method),
            account: note.account.as_deref(),
            order: note.order(),
            upgrade,
            ..Occasion::default()
        };
        self.exchange.pass_time(false);
        let faults = self.exchange.faults_on_request(occasion, note.symbol.as_deref());
        if faults.contains(&FaultKind::LoseRequest) {
            self.log(&request, None, &faults);
            return std::future::pending().await;
        }
        let interference = Interference::ordered(&self.exchange, &faults);
        if upgrade && interference.refusal.is_none() {
            let admitted = self.exchange.front.admit(&self.exchange, &request);
            return match admitted {
                Ok(()) => {
                    let switched = Answer { status: 101, headers: Vec::new(), body: String::new(), code: 0, weight: 0 };
                    self.log(&request, Some(&switched), &faults);
                    ws::upgrade(&self.exchange, &mut incoming, request, &self.tasks)
                }
                Err(answer) => self.finish(&request, answer, &faults).await,
            };
        }
        let answer = self.exchange.front.answer(&self.exchange, &request, interference);
        self.finish(&request, answer, &faults).await
    }

    /// Sends an answer, spoilt as the faults order.
    async fn finish(&self, request: &Request, mut answer: Answer, faults: &[FaultKind]) -> hyper::Response<Body> {
        let lost = faults.contains(&FaultKind::LoseReply);
        self.log(request, (!lost).then_some(&answer), faults);
        if lost {
            return std::future::pending().await;
        }
        let mut truncated = false;
        for kind in faults {
            match kind {
                FaultKind::Delay { ms } => self.exchange.clock.sleep(Duration::from_millis(*ms)).await,
                FaultKind::Cut => self.allowance.cut_after(1),
                FaultKind::Truncate => truncated = true,
                FaultKind::NotJson => answer.body = WEB_PAGE.to_owned(),
                FaultKind::Novel { what: Novelty::Field } => add_field(&mut answer.body),
                FaultKind::Novel { what: Novelty::Enum } => add_enum_value(&mut answer.body),
                _ => {}
            }
        }
        respond(answer, truncated)
    }

    fn log(&self, request: &Request, answer: Option<&Answer>, faults: &[FaultKind]) {
        self.exchange.requests.add(RequestRecord {
            number: 0,
            time: self.exchange.clock.now(),
            method: request.method.clone(),
            path: request.path.clone(),
            query: unsigned(&request.query),
            body: unsigned(&String::from_utf8_lossy(&request.body)),
            connection: None,
            note: self.exchange.front.note(&self.exchange, request),
            status: answer.map_or(0, |answer| answer.status),
            code: answer.map_or(0, |answer| answer.code),
            weight: answer.map_or(0, |answer| answer.weight),
            faults: faults.iter().map(FaultKind::name).collect(),
        });
    }
}

/// The whole body, or nothing of one that is too long or broken.
async fn collect(body: &mut Incoming) -> Bytes {
    match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            tracing::debug!(%error, "no body");
            Bytes::new()
        }
    }
}

fn read(incoming: &hyper::Request<Incoming>, body: Bytes, peer: IpAddr) -> Request {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Request {
        method: incoming.method().to_string(),
        path: percent_encoding::percent_decode_str(incoming.uri().path()).decode_utf8_lossy().into_owned(),
        query: incoming.uri().query().unwrap_or_default().to_owned(),
        body,
        headers: incoming.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        peer,
    }
}

fn respond(answer: Answer, truncated: bool) -> hyper::Response<Body> {
    let mut response = hyper::Response::builder().status(answer.status);
    if !answer.headers.iter().any(|(name, _)| *name == "content-type") {
        response = response.header("content-type", "application/json;charset=UTF-8");
    }
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = Bytes::from(answer.body);
    let built = if truncated {
        response.header("content-length", body.len()).body(half_of(&body))
    } else {
        response.body(Full::new(body).map_err(|never| match never {}).boxed())
    };
    built.unwrap_or_else(|error| {
        tracing::error!(%error, "answer with an impossible header");
        hyper::Response::new(Full::new(Bytes::new()).map_err(|never| match never {}).boxed())
    })
}

/// A body that ends in an error after its first half, once that is out.
fn half_of(body: &Bytes) -> Body {
    let half = Ok(Frame::data(body.slice(..body.len() / 2)));
    let broken = async {
        tokio::task::yield_now().await;
        Err(io::ErrorKind::ConnectionAborted.into())
    };
    BodyExt::boxed(StreamBody::new(stream::iter([half]).chain(stream::once(broken))))
}
