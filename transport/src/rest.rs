use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use reqwest::redirect;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, debug, debug_span};
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::address::Address;
use crate::{
    Answer, Applicant, Backoff, Class, Clock, Effect, Endpoint, HeaderMap, Limits, Permit, ProxyChoice, Query, Refusal,
    RefusalKind, RestDialect, Security, tls,
};

/// How long one sending of a request may take, its waiting for the limits included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a new order may wait for the limits.
pub const ORDER_QUEUE_MAX: Duration = Duration::from_secs(2);
/// How often a read is sent at most.
pub const READ_TRIES: u32 = 3;
/// The most bytes of an answer.
const BODY_MAX: usize = 128 << 20;
/// How long a new connection may take. Shorter than [`REQUEST_TIMEOUT`], so that a request that never left is known as one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How often an idle connection is asked whether it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long an idle connection is kept.
const KEEP_IDLE: Duration = Duration::from_secs(300);

/// Where and how REST requests go.
#[derive(Clone, Debug)]
pub struct RestConfig {
    /// The exchange's name, for logs and metrics.
    pub exchange: &'static str,
    /// Scheme, host and, where needed, port and a leading path. Paths of endpoints are appended.
    pub base_url: String,
    /// The proxy to use.
    pub proxy: ProxyChoice,
    /// What the client calls itself.
    pub user_agent: String,
}

impl RestConfig {
    /// Requests of an exchange to this address.
    pub fn new(exchange: &'static str, base_url: impl Into<String>) -> Self {
        let user_agent = concat!("tradewire/", env!("CARGO_PKG_VERSION")).to_owned();
        Self { exchange, base_url: base_url.into(), proxy: ProxyChoice::default(), user_agent }
    }
}

/// How long a request waits for the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// At most [`REQUEST_TIMEOUT`], in which its sending is included. For callers that wait for the answer.
    Bounded,
    /// As long as it takes; then [`REQUEST_TIMEOUT`] for its sending. For work in the background, where giving up would
    /// only lose the place in the queue.
    Endless,
}

/// An answer and when it was under way, on our own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed<T> {
    /// The answer.
    pub response: T,
    /// When the request left, after all waiting.
    pub sent: Timestamp,
    /// When the head of the answer came.
    pub received: Timestamp,
}

/// Sends the requests of one exchange. Clones share connections and limits.
#[derive(Clone, Debug)]
pub struct RestClient(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    exchange: &'static str,
    base_url: String,
    address: Address,
    http: reqwest::Client,
    dialect: Box<dyn RestDialect>,
    limits: Limits,
    clock: Clock,
}

impl RestClient {
    /// A client for one exchange. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` for an address that cannot be one.
    pub fn new(
        config: &RestConfig,
        dialect: impl RestDialect + 'static,
        limits: Limits,
        clock: Clock,
    ) -> Result<Self, Error> {
        let address = Address::parse(&config.base_url, "http", "https")?;
        if address.uri.query().is_some() {
            return Err(Error::new(ErrorKind::Config, "the address of a REST server must not hold a query")
                .with("address", &config.base_url));
        }
        let mut http = reqwest::Client::builder()
            .user_agent(&config.user_agent)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(KEEP_IDLE)
            .tcp_keepalive(KEEP_ALIVE)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_while_idle(true)
            .tls_backend_preconfigured(tls::client_config(&["h2", "http/1.1"])?);
        if config.proxy == ProxyChoice::Direct || address.is_loopback() {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| Error::new(ErrorKind::Config, "no HTTP client").with_source(error))?;
        let base_url = config.base_url.trim_end_matches('/').to_owned();
        let exchange = config.exchange;
        Ok(Self(Arc::new(Inner { exchange, base_url, address, http, dialect: Box::new(dialect), limits, clock })))
    }

    /// The limits that its requests obey.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Sends a request and reads the answer. Reads are sent again after network errors, timeouts and 5xx.
    ///
    /// # Errors
    /// What the exchange answered, or why there is no answer. Errors with the context `sent` = `no` have provably not
    /// left this machine.
    ///
    /// # Cancel safety
    /// Not cancel safe for commands: a dropped one may have reached the exchange.
    ///
    /// # Rate limit
    /// Waits for the cost of the endpoint, within [`REQUEST_TIMEOUT`].
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        self.send_timed(endpoint, Patience::Bounded).await.map(|timed| timed.response)
    }

    /// As [`RestClient::send`], with a choice of patience and with the times of the sending that was answered.
    ///
    /// # Errors
    /// As [`RestClient::send`].
    pub async fn send_timed<E: Endpoint>(&self, endpoint: &E, patience: Patience) -> Result<Timed<E::Response>, Error> {
        let span = debug_span!("request", exchange = self.0.exchange, method = %E::METHOD, path = E::PATH);
        self.send_repeatedly(endpoint, patience).instrument(span).await
    }

    async fn send_repeatedly<E: Endpoint>(
        &self,
        endpoint: &E,
        patience: Patience,
    ) -> Result<Timed<E::Response>, Error> {
        let url = self.0.url(endpoint);
        let mut pauses = Backoff::repeat();
        loop {
            let failure = match self.0.send_once(endpoint, &url, patience).await {
                Ok(timed) => return Ok(timed),
                Err(failure) => failure,
            };
            let pause = pauses.next_pause();
            if !failure.repeatable || E::EFFECT == Effect::Command || pauses.attempts() >= READ_TRIES {
                return Err(failure.error.with("endpoint", format_args!("{} {}", E::METHOD, E::PATH)));
            }
            debug!(error = %failure.error, ?pause, "the read is repeated");
            metrics::counter!("tradewire_rest_repeats_total", "exchange" => self.0.exchange, "endpoint" => E::PATH)
                .increment(1);
            sleep(pause).await;
        }
    }
}

/// A failed sending.
#[derive(Debug)]
struct Failure {
    error: Error,
    repeatable: bool,
}

impl Failure {
    fn last(error: Error) -> Self {
        Self { error, repeatable: false }
    }

    fn repeatable(error: Error) -> Self {
        Self { error, repeatable: true }
    }
}

/// A whole answer.
struct Received {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    sent: Timestamp,
    received: Timestamp,
}

impl Inner {
    fn url<E: Endpoint>(&self, endpoint: &E) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        let mark = if query.as_str().is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", self.base_url, E::PATH, query.as_str())
    }

    async fn send_once<E: Endpoint>(
        &self,
        endpoint: &E,
        url: &str,
        patience: Patience,
    ) -> Result<Timed<E::Response>, Failure> {
        let cost = endpoint.cost();
        let mut deadline = Instant::now() + REQUEST_TIMEOUT;
        let permit = match (patience, E::EFFECT) {
            (Patience::Endless, Effect::Read) => {
                let permit = self.limits.acquire(Applicant::read(cost, endpoint.class())).await;
                deadline = Instant::now() + REQUEST_TIMEOUT;
                permit
            }
            (Patience::Bounded, Effect::Read) => {
                self.acquire_until(deadline, Applicant::read(cost, endpoint.class())).await
            }
            (_, Effect::Command) => {
                let applicant = Applicant::command(cost, endpoint.class());
                let latest = if applicant.class == Class::Place { ORDER_QUEUE_MAX } else { REQUEST_TIMEOUT };
                self.acquire_until(deadline.min(Instant::now() + latest), applicant).await
            }
        }
        .map_err(Failure::last)?;
        let result = self.exchange_once(endpoint, url, permit, deadline).await;
        let outcome = match &result {
            Ok(_) => "ok",
            Err(failure) => failure.error.status().map_or("failed", |_| "refused"),
        };
        metrics::counter!(
            "tradewire_rest_requests_total", "exchange" => self.exchange, "endpoint" => E::PATH, "outcome" => outcome
        )
        .increment(1);
        result
    }

    async fn acquire_until(&self, deadline: Instant, applicant: Applicant) -> Result<Permit, Error> {
        match timeout_at(deadline, self.limits.acquire(applicant)).await {
            Ok(permit) => permit,
            Err(_) => Err(self.limits.too_late(&applicant.cost)),
        }
    }

    async fn exchange_once<E: Endpoint>(
        &self,
        endpoint: &E,
        url: &str,
        permit: Permit,
        deadline: Instant,
    ) -> Result<Timed<E::Response>, Failure> {
        let request = match E::SECURITY {
            Security::None => self.http.request(E::METHOD, url),
        };
        let received = match timeout_at(deadline, self.receive(request)).await {
            Ok(Ok(received)) => received,
            Ok(Err(error)) => {
                if error.context("sent") == Some("no") {
                    permit.unsent();
                }
                return Err(Failure::repeatable(error));
            }
            Err(_) => {
                let text = format!("{} gave no answer in {} s", self.address.authority(), REQUEST_TIMEOUT.as_secs());
                return Err(Failure::repeatable(Error::new(ErrorKind::Timeout, text)));
            }
        };
        let answer = Answer { status: received.status.as_u16(), headers: &received.headers, body: &received.body };
        permit.settle(&endpoint.cost(), &self.dialect.used(&answer));
        self.judge(&answer)?;
        let response = endpoint.decode(answer.body).map_err(|error| {
            let error = error.with_status(answer.status);
            Failure::last(if error.frame().is_none() { error.with_frame(answer.body) } else { error })
        })?;
        Ok(Timed { response, sent: received.sent, received: received.received })
    }

    async fn receive(&self, request: reqwest::RequestBuilder) -> Result<Received, Error> {
        let sent = self.clock.now();
        let mut response = request.send().await.map_err(|error| self.no_answer(error))?;
        let received = self.clock.now();
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.no_answer(error))? {
            if body.len() + chunk.len() > BODY_MAX {
                return Err(Error::new(ErrorKind::Decode, "the answer is too long").with_status(status.as_u16()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Received { status, headers, body: body.freeze(), sent, received })
    }

    /// Finds the error that an answer states, and obeys what it says about limits.
    fn judge(&self, answer: &Answer<'_>) -> Result<(), Failure> {
        let refusal = self.dialect.refusal(answer);
        let error = match (self.dialect.error(answer), refusal) {
            (Some(error), _) => error,
            (None, None) if answer.is_success() => return Ok(()),
            (None, refusal) => {
                let kind = match (refusal.map(|refusal| refusal.kind), answer.status) {
                    (Some(RefusalKind::Banned), _) => ErrorKind::Banned,
                    (Some(RefusalKind::TooMany), _) => ErrorKind::RateLimited,
                    (None, 500..) => ErrorKind::Unavailable,
                    (None, _) => ErrorKind::Exchange,
                };
                Error::new(kind, "an answer without a reason").with_frame(answer.body)
            }
        };
        let error = error.with_status(answer.status);
        let error = match refusal {
            Some(refusal) => error.with_retry_at(self.refused(refusal)),
            None => error,
        };
        Err(Failure { error, repeatable: answer.status >= 500 })
    }

    fn refused(&self, refusal: Refusal) -> Timestamp {
        let kind = match refusal.kind {
            RefusalKind::TooMany => "too-many",
            RefusalKind::Banned => "banned",
        };
        metrics::counter!("tradewire_limit_refusals_total", "exchange" => self.exchange, "kind" => kind).increment(1);
        self.limits.refused(refusal)
    }

    /// What went wrong on the way, without the address: it may hold a signature.
    fn no_answer(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        let host = self.address.authority();
        let cause = innermost(&error).to_string();
        if error.is_connect() {
            Error::new(ErrorKind::Connection, format!("cannot connect to {host}: {cause}"))
                .with("sent", "no")
                .with_source(error)
        } else {
            Error::new(ErrorKind::Connection, format!("the connection to {host} failed: {cause}")).with_source(error)
        }
    }
}

fn innermost<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error)
}
