use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use reqwest::redirect;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{Instrument, debug, debug_span};
use tradewire_core::{Error, ErrorKind, Timestamp};

use crate::address::Address;
use crate::judge::{Judged, Told, judge};
use crate::session::Measured;
use crate::{
    Answer, Applicant, AuthDialect, Backoff, Clock, ClockSample, CommandFailure, Cost, Effect, Endpoint, HeaderMap,
    Limits, Outcome, Permit, ProxyChoice, Query, RenderedRequest, RestDialect, Security, Session, Verdict, tls,
};

/// How long one sending of a request may take, its waiting for the limits included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the answer to a command is waited for. Callers give up earlier; evidence that comes late is still evidence.
pub const REPLY_KEEP: Duration = Duration::from_secs(30);
/// How often a read is sent at most.
pub const READ_TRIES: u32 = 3;
/// The most bytes of an answer.
const BODY_MAX: usize = 128 << 20;
/// How long a new connection may take. Shorter than [`REQUEST_TIMEOUT`], so that a request that never left is known as one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a request keeps others of its account from leaving, where they take turns.
const TURN_MAX: Duration = Duration::from_millis(500);
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

impl Timed<Timestamp> {
    /// The exchange's time, which it tells in multiples of `step`; zero where it tells it exactly.
    pub fn clock_sample(&self, step: Duration) -> ClockSample {
        ClockSample { sent: self.sent, received: self.received, server: self.response, step }
    }
}

/// Sends the requests of one exchange. Clones share connections and limits.
#[derive(Clone, Debug)]
pub struct RestClient(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) exchange: &'static str,
    pub(crate) base_url: String,
    address: Address,
    pub(crate) http: reqwest::Client,
    dialect: Arc<dyn RestDialect>,
    pub(crate) account: Option<Account>,
    limits: Limits,
    clock: Clock,
}

/// What requests for an account need besides.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) session: Session,
    pub(crate) dialect: Arc<dyn AuthDialect>,
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
        let (dialect, account) = (Arc::new(dialect), None);
        Ok(Self(Arc::new(Inner { exchange, base_url, address, http, dialect, account, limits, clock })))
    }

    /// A client for an account, over the same connections. `limits` are those of the account.
    #[must_use]
    pub fn signed(&self, session: Session, limits: Limits, dialect: impl AuthDialect + 'static) -> Self {
        let inner = &self.0;
        Self(Arc::new(Inner {
            exchange: inner.exchange,
            base_url: inner.base_url.clone(),
            address: inner.address.clone(),
            http: inner.http.clone(),
            dialect: inner.dialect.clone(),
            account: Some(Account { session, dialect: Arc::new(dialect) }),
            limits,
            clock: inner.clock,
        }))
    }

    /// The limits that its requests obey.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Sends a request and reads the answer. Reads are sent again after network errors, timeouts and 5xx; what the exchange
    /// refused because of its clock is signed anew and sent once more.
    ///
    /// # Errors
    /// What the exchange answered, or why there is no answer. Errors with the context `sent` = `no` have provably not
    /// left this machine.
    ///
    /// # Cancel safety
    /// Not cancel safe for commands: a dropped one may have reached the exchange.
    ///
    /// # Rate limit
    /// Waits for the cost of the endpoint: reads within [`REQUEST_TIMEOUT`], commands as [`RestClient::command`].
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        self.send_timed(endpoint, Patience::Bounded).await.map(|timed| timed.response)
    }

    /// The address of a public request.
    pub fn url<E: Endpoint>(&self, endpoint: &E) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        self.0.url(E::PATH, query.as_str())
    }

    /// As [`RestClient::send`], with a choice of patience and with the times of the sending that was answered.
    ///
    /// # Errors
    /// As [`RestClient::send`].
    pub async fn send_timed<E: Endpoint>(&self, endpoint: &E, patience: Patience) -> Result<Timed<E::Response>, Error> {
        self.0.send(endpoint, patience).instrument(self.0.span::<E>()).await.map_err(|failure| failure.error)
    }

    /// Sends a command once, and says what is known of it where there is no good answer. One that the exchange refused
    /// because of its clock is signed anew and sent once more: the refusal is proof that the first did nothing.
    ///
    /// # Errors
    /// See [`CommandFailure`]. Only after [`Outcome::NotSent`] is it safe to send the same again.
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped one may have reached the exchange. The answer is waited for up to [`REPLY_KEEP`].
    ///
    /// # Rate limit
    /// Waits for the cost of the endpoint: a new order at most [`ORDER_QUEUE_MAX`](crate::ORDER_QUEUE_MAX), and not at all
    /// while the exchange refuses requests.
    pub async fn command<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, CommandFailure> {
        let sent = self.0.send(endpoint, Patience::Bounded).instrument(self.0.span::<E>()).await;
        sent.map(|timed| timed.response).map_err(Failure::into_command_failure)
    }

    /// The request exactly as it would be sent, signed at the exchange's time `at`, or at that of now. Sends nothing.
    ///
    /// # Errors
    /// `Auth` if the signer fails, `Config` if the client has no credentials.
    pub async fn render<E: Endpoint>(&self, endpoint: &E, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        let request = self.0.compose(endpoint, at).await?;
        Ok(RenderedRequest::Rest {
            method: E::METHOD.to_string(),
            url: request.url,
            headers: request.headers.into_iter().map(|(name, value)| (name.to_string(), text_of(&value))).collect(),
            body: request.body,
        })
    }
}

fn text_of(value: &http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// A failed sending.
#[derive(Debug)]
struct Failure {
    error: Error,
    outcome: Outcome,
    repeatable: bool,
    /// The body of an error answer.
    body: Option<Bytes>,
    /// How often the clock had been measured for the signature, if the exchange has refused the time.
    clock: Option<Measured>,
}

impl Failure {
    fn not_sent(error: Error) -> Self {
        Self { error, outcome: Outcome::NotSent, repeatable: false, body: None, clock: None }
    }

    fn unknown(error: Error) -> Self {
        Self { error, outcome: Outcome::Unknown, repeatable: true, body: None, clock: None }
    }

    fn into_command_failure(self) -> CommandFailure {
        match self.outcome {
            Outcome::NotSent => CommandFailure::not_sent(self.error),
            outcome => CommandFailure { outcome, error: self.error, body: self.body },
        }
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
    fn span<E: Endpoint>(&self) -> tracing::Span {
        debug_span!("request", exchange = self.exchange, method = %E::METHOD, path = E::PATH)
    }

    async fn send<E: Endpoint>(&self, endpoint: &E, patience: Patience) -> Result<Timed<E::Response>, Failure> {
        let mut pauses = Backoff::repeat();
        let mut resynced = false;
        loop {
            let mut failure = match self.send_once(endpoint, patience).await {
                Ok(timed) => return Ok(timed),
                Err(failure) => failure,
            };
            if !resynced && self.resync(&failure).await {
                resynced = true;
                continue;
            }
            let pause = pauses.next_pause();
            if !failure.repeatable || E::EFFECT == Effect::Command || pauses.attempts() >= READ_TRIES {
                failure.error = failure.error.with("endpoint", format_args!("{} {}", E::METHOD, E::PATH));
                return Err(failure);
            }
            debug!(error = %failure.error, ?pause, "the read is repeated");
            metrics::counter!("tradewire_rest_repeats_total", "exchange" => self.exchange, "endpoint" => E::PATH)
                .increment(1);
            sleep(pause).await;
        }
    }

    /// Measures the exchange's clock again if that is what a request was refused for. Returns whether it is worth another
    /// sending.
    async fn resync(&self, failure: &Failure) -> bool {
        let (Some(known), Some(account)) = (failure.clock, &self.account) else { return false };
        match account.session.resync(known).await {
            Ok(()) => true,
            Err(error) => {
                debug!(%error, "the exchange's clock could not be measured again");
                false
            }
        }
    }

    async fn send_once<E: Endpoint>(&self, endpoint: &E, patience: Patience) -> Result<Timed<E::Response>, Failure> {
        let (permit, deadline) = self.acquire(endpoint, patience).await.map_err(Failure::not_sent)?;
        let result = self.exchange_once(endpoint, permit, deadline).await;
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

    /// Waits for the limits. Returns also until when the answer is waited for.
    async fn acquire<E: Endpoint>(&self, endpoint: &E, patience: Patience) -> Result<(Permit, Instant), Error> {
        let (cost, class) = (endpoint.cost(), endpoint.class());
        match (E::EFFECT, patience) {
            (Effect::Command, _) => {
                let permit = self.limits.acquire_command(cost, class).await?;
                Ok((permit, Instant::now() + REPLY_KEEP))
            }
            (Effect::Read, Patience::Bounded) => {
                let deadline = Instant::now() + REQUEST_TIMEOUT;
                let permit = self.limits.acquire_until(deadline, Applicant::read(cost, class)).await?;
                Ok((permit, deadline))
            }
            (Effect::Read, Patience::Endless) => {
                let permit = self.limits.acquire(Applicant::read(cost, class)).await?;
                Ok((permit, Instant::now() + REQUEST_TIMEOUT))
            }
        }
    }

    async fn exchange_once<E: Endpoint>(
        &self,
        endpoint: &E,
        permit: Permit,
        deadline: Instant,
    ) -> Result<Timed<E::Response>, Failure> {
        let in_turn = async {
            let turn = self.turn(E::SECURITY, deadline).await?;
            Ok((turn, self.compose(endpoint, None).await?))
        };
        let (turn, request) = match in_turn.await {
            Ok(ready) => ready,
            Err(error) => {
                permit.unsent();
                return Err(Failure::not_sent(error));
            }
        };
        let measured = request.measured;
        let sending = self.receive(request.into_builder(&self.http, E::METHOD));
        let received = match timeout_at(deadline, keeping(turn, sending)).await {
            Ok(Ok(received)) => received,
            Ok(Err(error)) => {
                let unsent = error.context("sent") == Some("no");
                if unsent {
                    permit.unsent();
                }
                let outcome = if unsent { Outcome::NotSent } else { Outcome::Unknown };
                return Err(Failure { outcome, ..Failure::unknown(error) });
            }
            Err(_) => {
                let text = format!("{} gave no answer in time", self.address.authority());
                return Err(Failure::unknown(Error::new(ErrorKind::Timeout, text)));
            }
        };
        let answer = Answer { status: received.status.as_u16(), headers: &received.headers, body: &received.body };
        let cost = endpoint.cost();
        let judged = self.judge(&answer, &cost);
        permit.settle(&judged.charged(&cost), &self.dialect.used(&answer));
        match judged {
            Judged::Good => {}
            Judged::Bad { error, outcome } => {
                let clock = measured.filter(|_| error.kind() == ErrorKind::Clock && outcome == Outcome::Rejected);
                let repeatable = answer.status >= 500;
                return Err(Failure { error, outcome, repeatable, body: Some(received.body.clone()), clock });
            }
        }
        let response = endpoint.decode(answer.body).map_err(|error| {
            let error = error.with_status(answer.status);
            let error = if error.frame().is_none() { error.with_frame(answer.body) } else { error };
            Failure { repeatable: false, ..Failure::unknown(error) }
        })?;
        Ok(Timed { response, sent: received.sent, received: received.received })
    }

    /// Waits for the turn of a signed request, where the exchange wants them one after the other.
    async fn turn(&self, security: Security, deadline: Instant) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let taking = self.account.as_ref().filter(|own| security == Security::Signed && own.dialect.takes_turns());
        let Some(account) = taking else { return Ok(None) };
        let late = |_| Error::new(ErrorKind::Timeout, "no turn in time to send").with("sent", "no");
        timeout_at(deadline, account.session.turn()).await.map_err(late)?.map(Some)
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

    /// What an answer says; what it says about limits is obeyed.
    fn judge(&self, answer: &Answer<'_>, cost: &Cost) -> Judged {
        let told = Told {
            status: answer.status,
            error: self.dialect.error(answer),
            refusal: self.dialect.refusal(answer),
            body: answer.body,
        };
        let outcome = |error: &Error| self.account.as_ref().map_or(Verdict::Unknown, |own| own.dialect.outcome(error));
        judge(told, self.exchange, &self.limits, cost, outcome)
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

/// Keeps the turn to send until there is an answer, or until the request must have arrived long since.
async fn keeping<T>(turn: Option<SemaphorePermit<'_>>, sending: impl Future<Output = T>) -> T {
    let Some(turn) = turn else { return sending.await };
    let mut sending = pin!(sending);
    let answered = timeout(TURN_MAX, &mut sending).await;
    drop(turn);
    match answered {
        Ok(answer) => answer,
        Err(_) => sending.await,
    }
}

fn innermost<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error)
}
