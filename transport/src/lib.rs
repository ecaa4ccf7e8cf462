//! The wires of tradewire: REST requests, WebSocket connections, request limits, clocks. It knows no exchange: whatever is
//! particular to one comes in as data and through small traits without clock or state: [`RestDialect`] and [`AuthDialect`],
//! [`StreamDialect`] and [`LoginDialect`], [`CallDialect`].
//!
//! | for | see |
//! |---|---|
//! | one REST endpoint, and the one place that sends them all | [`Endpoint`], [`RestClient`] |
//! | request limits, shared by everything that sends from one address or for one account | [`Limits`] |
//! | keys, and what signs for an account | [`Secret`], [`Credentials`], [`Session`] |
//! | commands, and what is known of one without a good answer | [`RestClient::command`], [`CommandFailure`] |
//! | commands over a socket | [`SocketEndpoint`], [`CallSocket`] |
//! | a WebSocket that keeps itself connected, logged in and subscribed | [`Socket`], [`SocketHandler`] |
//! | our clock and the exchange's | [`Clock`], [`ServerClock`] |
//!
//! An endpoint is a type, and sending it is one call:
//!
//! ```no_run
//! use tradewire_core::{Error, ErrorKind};
//! use tradewire_transport::{
//!     Class, Clock, Cost, Effect, Endpoint, Limits, Method, PoolSpec, Query, RestClient, RestConfig, RestDialect, Scope,
//!     Security, ServerClock, Unit, Window,
//! };
//!
//! struct ServerTime;
//!
//! impl Endpoint for ServerTime {
//!     type Response = String;
//!     const METHOD: Method = Method::GET;
//!     const PATH: &'static str = "/v1/time";
//!     const SECURITY: Security = Security::None;
//!     const EFFECT: Effect = Effect::Read;
//!
//!     fn class(&self) -> Class {
//!         Class::MarketRead
//!     }
//!
//!     fn cost(&self) -> Cost {
//!         Cost::weight(1)
//!     }
//!
//!     fn query(&self, _query: &mut Query) {}
//!
//!     fn decode(&self, body: &[u8]) -> Result<String, Error> {
//!         let text = std::str::from_utf8(body);
//!         text.map(str::to_owned).map_err(|error| Error::new(ErrorKind::Decode, "not text").with_source(error))
//!     }
//! }
//!
//! async fn server_time(dialect: impl RestDialect + 'static) -> Result<String, Error> {
//!     let clock = Clock::start();
//!     let minute = Window::Fixed(std::time::Duration::from_secs(60));
//!     let scope = Scope::Address;
//!     let pool = PoolSpec { unit: Unit::Weight, limit: 6_000, window: minute, scope, cancels: true };
//!     let limits = Limits::new(&[pool], 100, ServerClock::new(clock));
//!     let client = RestClient::new(&RestConfig::new("example", "https://api.example.com"), dialect, limits, clock)?;
//!     client.send(&ServerTime).await
//! }
//! ```

mod address;
mod auth;
mod backoff;
mod block;
mod call;
mod call_line;
mod call_socket;
mod call_task;
mod call_watch;
mod clock;
mod command_wire;
mod compose;
mod cost;
mod credentials;
mod dial;
mod digest;
mod endpoint;
mod guard;
mod judge;
mod key_trial;
mod limiter;
mod limits;
mod link;
mod login;
mod offset;
mod outcome;
mod pace;
mod placement;
mod pool;
mod pulse;
mod query;
mod rendered;
mod rest;
mod secret;
mod session;
mod signature;
mod signing_key;
mod socket;
mod socket_task;
mod stream;
mod stream_key;
mod stream_token;
mod subscriptions;
mod successor;
mod tls;
mod wire;

pub use address::ProxyChoice;
pub use auth::{AuthDialect, Draft, Payload, Stamp, Unsigned};
pub use backoff::{Backoff, RECONNECT_MAX, RECONNECT_RESET, RETRY_FIRST};
pub use block::{BAN_DEFAULT, RETRY_AFTER_429, Refusal, RefusalKind};
pub use call::{CallAnswer, CallDialect, CallFrame, CallLimits, SocketEndpoint, UnsignedCall, render_call};
pub use call_socket::CallSocket;
pub use call_watch::CallWatch;
pub use clock::{Clock, ServerClock};
pub use command_wire::CommandWire;
pub use cost::{Class, Cost, Unit};
pub use credentials::{Credentials, ExternalSigner, SIGN_TIMEOUT};
pub use dial::CONNECT_TIMEOUT;
pub use digest::sha256;
pub use endpoint::{Answer, Effect, Endpoint, HeaderMap, HeaderName, HeaderValue, Method, RestDialect, Security};
pub use limiter::{Applicant, WAITING_MAX};
pub use limits::{Limits, ORDER_QUEUE_MAX, Permit};
pub use link::{RENEW_AGE, REPLY_TIMEOUT};
pub use login::{AUTH_RETRY, FrameDraft, LOGIN_ID, Login, LoginDialect};
pub use offset::{CLOCK_SAMPLES, ClockOffset, ClockSample};
pub use outcome::{CommandFailure, Outcome, Verdict, outcome_of_parts, outcomes_of_each};
pub use pace::{CONTROL_PACE, ConnectPace, Pace};
pub use placement::{Placement, Route, STREAMS_PER_SOCKET};
pub use pool::{CANCEL_RESERVE, LIMIT_SHARE, PoolSpec, PoolUsage, Scope, Used, Window};
pub use pulse::{PING_INTERVAL, PONG_TIMEOUT};
pub use query::{Argument, Query, append_json_string};
pub use rendered::RenderedRequest;
pub use rest::{Patience, READ_TRIES, REPLY_KEEP, REQUEST_TIMEOUT, RestClient, RestConfig, Timed};
pub use secret::Secret;
pub use session::{LOGIN_VALIDITY, RECV_WINDOW, Session};
pub use signature::{Signature, SigningAlgorithm};
pub use signing_key::SigningKey;
pub use socket::{STOP_TIMEOUT, Socket, SocketConfig, SocketHandle};
pub use stream::{ConnectionId, FrameKind, Opening, SocketContext, SocketHandler, StreamDialect, StreamLimits};
pub use stream_key::{KeyLife, STREAM_KEY_RENEW, STREAM_KEY_RETRY, StreamKey};
pub use stream_token::StreamToken;
