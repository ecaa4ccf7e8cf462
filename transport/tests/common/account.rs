//! What is signed with, and sockets that are called, in a language of a few words.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tradewire_core::{Error, ErrorKind, Timestamp};
use tradewire_transport::{
    AuthDialect, CallAnswer, CallDialect, CallFrame, CallLimits, CallSocket, Clock, ClockSample, ConnectPace, Cost,
    Credentials, Draft, Effect, Endpoint, ExternalSigner, FrameDraft, HeaderName, Limits, Login, LoginDialect, Method,
    Payload, ProxyChoice, Query, RECV_WINDOW, Refusal, RefusalKind, RestClient, RestConfig, Secret, Security,
    ServerClock, Session, Signature, SigningAlgorithm, SigningKey, SocketConfig, SocketEndpoint, Stamp, Unit, Unsigned,
    UnsignedCall, Used, Verdict,
};

use super::http::{self, MINUTE, POOLS};

pub const API_KEY: &str = "the-api-key-2f9a";
pub const SECRET: &str = "the-secret-key-71c3";
/// The wall clock at the start of every test.
pub const START: i64 = 1_700_000_041_000;

/// The exchange's clock, and how often it was asked for.
#[derive(Clone, Debug, Default)]
pub struct ServerTime {
    pub ahead: Arc<AtomicU64>,
    pub asked: Arc<AtomicU64>,
}

pub struct Bench {
    pub clock: ServerClock,
    pub limits: Limits,
    pub session: Session,
    pub time: ServerTime,
}

pub fn credentials() -> Credentials {
    let key = SigningKey::hmac_sha256(&Secret::new(SECRET)).expect("a key");
    Credentials::new(Secret::new(API_KEY), key).expect("credentials")
}

impl Bench {
    pub fn new() -> Self {
        Self::with(credentials())
    }

    pub fn with(credentials: Credentials) -> Self {
        let clock = ServerClock::new(Clock::starting_at(Timestamp::from_millis(START)));
        let time = ServerTime::default();
        let (asked, local) = (time.clone(), clock.local());
        let ask = move || -> BoxFuture<'static, Result<ClockSample, Error>> {
            let asked = asked.clone();
            async move {
                asked.asked.fetch_add(1, Ordering::SeqCst);
                let now = local.now();
                let server = now.after(Duration::from_millis(asked.ahead.load(Ordering::SeqCst)));
                Ok(ClockSample { sent: now, received: now, server, step: Duration::ZERO })
            }
            .boxed()
        };
        let session = Session::new(credentials, RECV_WINDOW, clock.clone(), ask);
        let limits = Limits::new(POOLS, 100, clock.clone()).account("ours");
        Self { clock, limits, session, time }
    }

    pub fn rest(&self, url: &str) -> RestClient {
        let config = RestConfig { proxy: ProxyChoice::Direct, ..RestConfig::new("test", url) };
        let public =
            RestClient::new(&config, http::Dialect, self.limits.clone(), self.clock.local()).expect("a client");
        public.signed(self.session.clone(), self.limits.clone(), Auth)
    }

    pub fn calls(&self, url: &str) -> CallSocket {
        self.calls_in(Calls { url: url.to_owned(), in_flight: 3, login: None })
    }

    pub fn calls_in(&self, dialect: Calls) -> CallSocket {
        let config = SocketConfig {
            exchange: "test",
            proxy: ProxyChoice::Direct,
            connects: ConnectPace::new(300, Duration::from_secs(300)),
            clock: self.clock.local(),
        };
        CallSocket::spawn(Arc::new(dialect), self.session.clone(), self.limits.clone(), config).expect("an address")
    }

    pub fn login(&self) -> Login {
        Login::new(self.session.clone(), Arc::new(Auth))
    }
}

/// Signs the query with the time behind it: `a=b&t=1700000041000&s=…`.
#[derive(Debug)]
pub struct Auth;

impl AuthDialect for Auth {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("x-key")
    }

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error> {
        let mut query = request.query.clone();
        query.add("t", request.stamp.at.as_millis());
        if *request.method == Method::PUT {
            draft.body = query.as_str().to_owned();
            draft.query = "in=body".to_owned();
            draft.headers.push((HeaderName::from_static("x-path"), request.path.parse().expect("a value")));
        } else {
            draft.query = query.as_str().to_owned();
            draft.payload = Payload::Text(format!("{}{}", draft.query, request.stamp.api_key));
        }
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        let place = if draft.body.is_empty() { &mut draft.query } else { &mut draft.body };
        place.push_str("&s=");
        signature.append_encoded_to(place);
    }

    fn outcome(&self, error: &Error) -> Verdict {
        match (error.code(), error.status()) {
            (Some(-1007), _) | (_, Some(408 | 500..)) => Verdict::Unknown,
            _ => Verdict::Refused,
        }
    }
}

impl LoginDialect for Auth {
    fn draft(&self, id: u64, stamp: &Stamp<'_>, draft: &mut FrameDraft) -> Result<(), Error> {
        draft.text = format!("login {id} {} {}", stamp.api_key, stamp.at.as_millis());
        draft.payload = Some(stamp.at.as_millis().to_string());
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        draft.text.push(' ');
        signature.append_to(&mut draft.text);
    }
}

/// `op id a=b&t=… s`, answered by `id status text`: text of a good reply is the result, of a bad one the code.
#[derive(Debug)]
pub struct Calls {
    pub url: String,
    pub in_flight: usize,
    pub login: Option<Login>,
}

impl CallDialect for Calls {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn login(&self) -> Option<Login> {
        self.login.clone()
    }

    fn draft(&self, call: &UnsignedCall<'_>, draft: &mut FrameDraft) {
        draft.text = format!("{} {} {} t={}", call.op, call.id, call.query.as_str(), call.stamp.at.as_millis());
        draft.payload = (call.security == Security::Signed).then(|| draft.text.clone());
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        draft.text.push(' ');
        signature.append_to(&mut draft.text);
    }

    fn limits(&self) -> CallLimits {
        CallLimits { in_flight: self.in_flight, frames_per_second: 1_000, connecting: Some(Cost::weight(2)) }
    }

    fn classify(&self, frame: &[u8]) -> CallFrame {
        let text = std::str::from_utf8(frame).expect("text");
        match text.split(' ').next() {
            Some("bye") => CallFrame::ShutdownNotice,
            Some(id) => id.parse().map_or(CallFrame::Other, |id| CallFrame::Reply { id: Some(id) }),
            None => CallFrame::Other,
        }
    }

    fn answer<'a>(&self, frame: &'a [u8]) -> Result<CallAnswer<'a>, Error> {
        let text = std::str::from_utf8(frame).expect("text");
        let broken = || Error::new(ErrorKind::Decode, "not a reply");
        let (_, rest) = text.split_once(' ').ok_or_else(broken)?;
        let (status, body) = rest.split_once(' ').ok_or_else(broken)?;
        let status = status.parse().map_err(|_| broken())?;
        let error = (status != 200).then(|| http::stated(body)).flatten();
        let refusal = matches!(status, 429 | 418).then(|| Refusal {
            kind: if status == 418 { RefusalKind::Banned } else { RefusalKind::TooMany },
            unit: body.contains("-1015").then_some(Unit::Orders),
            pause: Some(Duration::from_secs(7)),
        });
        let used = body.strip_prefix("used=").and_then(|used| used.parse().ok());
        let used = used.map(|used| Used { unit: Unit::Orders, window: MINUTE, used }).into_iter().collect();
        Ok(CallAnswer { status, body: body.as_bytes(), error, refusal, used })
    }

    fn outcome(&self, error: &Error) -> Verdict {
        Auth.outcome(error)
    }
}

/// Places an order, over either wire.
#[derive(Clone, Debug)]
pub struct Place(pub &'static str);

impl Endpoint for Place {
    type Response = String;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/order";
    const SECURITY: Security = Security::Signed;
    const EFFECT: Effect = Effect::Command;

    fn class(&self) -> tradewire_transport::Class {
        tradewire_transport::Class::Place
    }

    fn cost(&self) -> Cost {
        Cost::weight(1).with_orders(1).free_on_success()
    }

    fn query(&self, query: &mut Query) {
        query.add("id", self.0);
    }

    fn decode(&self, body: &[u8]) -> Result<String, Error> {
        http::READ.decode(body)
    }
}

impl SocketEndpoint for Place {
    const OP: &'static str = "place";

    fn decode_result(&self, result: &[u8]) -> Result<String, Error> {
        self.decode(result)
    }
}

/// A signer that answers after a while, or fails.
#[derive(Debug)]
pub struct Slow(pub Duration, pub bool);

impl ExternalSigner for Slow {
    fn algorithm(&self) -> SigningAlgorithm {
        SigningAlgorithm::HmacSha256
    }

    fn sign<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, Result<Signature, Error>> {
        async move {
            tokio::time::sleep(self.0).await;
            if self.1 {
                return Err(Error::new(ErrorKind::Io, "the device is gone"));
            }
            SigningKey::hmac_sha256(&Secret::new(SECRET))?.sign(payload)
        }
        .boxed()
    }
}
