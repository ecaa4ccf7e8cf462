use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{Instrument, debug, debug_span};
use tradewire_core::{Error, ErrorKind};

use crate::address::Address;
use crate::call::write_call;
use crate::call_line::{Call, Ended, Line};
use crate::call_task::{CallState, CallTask};
use crate::dial::{Dialer, REPLY_BUFFER};
use crate::judge::{Judged, Told, judge};
use crate::session::Measured;
use crate::{
    Applicant, CallDialect, CallWatch, CommandFailure, LOGIN_ID, Limits, ORDER_QUEUE_MAX, Outcome, Permit, REPLY_KEEP,
    STOP_TIMEOUT, Session, SocketConfig, SocketEndpoint,
};

/// A WebSocket for commands and their replies, that keeps itself connected and logged in. Clones share it; when the last
/// one is dropped it ends by itself.
///
/// A connection that has grown old or is announced to end is replaced: new calls go over the new one, and the old one lives
/// until its replies have come. A call is written on one connection or on none. While there is no connection a call fails
/// at once, as not sent, so that the caller can take another way.
#[derive(Clone)]
pub struct CallSocket(Arc<Inner>);

struct Inner {
    dialect: Arc<dyn CallDialect>,
    session: Session,
    limits: Limits,
    exchange: &'static str,
    state: watch::Receiver<CallState>,
    last_id: AtomicU64,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for CallSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSocket").field("exchange", &self.0.exchange).finish_non_exhaustive()
    }
}

/// A failed call.
struct Failure {
    failure: CommandFailure,
    /// How often the clock had been measured for the signature, if the exchange has refused the time.
    clock: Option<Measured>,
}

impl From<CommandFailure> for Failure {
    fn from(failure: CommandFailure) -> Self {
        Self { failure, clock: None }
    }
}

impl CallSocket {
    /// Starts a socket; it connects at once. `limits` are those of the account.
    ///
    /// # Errors
    /// `Config` for an address that cannot be one.
    pub fn spawn(
        dialect: Arc<dyn CallDialect>,
        session: Session,
        limits: Limits,
        config: SocketConfig,
    ) -> Result<Self, Error> {
        Address::parse(&dialect.url(), "ws", "wss")?;
        let dialer = Dialer::new(config.proxy, config.connects, REPLY_BUFFER)?;
        let (task, state) = CallTask::new(dialect.clone(), dialer, limits.clone(), config.exchange);
        let (stop, stopped) = oneshot::channel();
        let task = Mutex::new(Some(tokio::spawn(task.run(stopped))));
        let (stop, last_id) = (Mutex::new(Some(stop)), AtomicU64::new(LOGIN_ID));
        Ok(Self(Arc::new(Inner { dialect, session, limits, exchange: config.exchange, state, last_id, stop, task })))
    }

    /// Waits until calls can leave.
    ///
    /// # Errors
    /// `NotReady` if the socket was closed.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn connected(&self) -> Result<(), Error> {
        let mut state = self.0.state.clone();
        let up = state.wait_for(|state| matches!(state, CallState::Up(_))).await;
        up.map(drop).map_err(|_| Error::new(ErrorKind::NotReady, "the socket is closed"))
    }

    /// Tells whether calls can leave, and when that changes.
    pub fn watch(&self) -> CallWatch {
        CallWatch::new(self.0.state.clone())
    }

    /// Sends a command once, and says what is known of it where there is no good reply. One that the exchange refused
    /// because of its clock is signed anew and sent once more: the refusal is proof that the first did nothing.
    ///
    /// # Errors
    /// See [`CommandFailure`]. Without a connection, or if that is lost while the call waits to leave, it is not sent, kind
    /// `Connection`, or `Auth` after a refused login.
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped one may have reached the exchange. The reply is waited for up to [`REPLY_KEEP`].
    ///
    /// # Rate limit
    /// As [`RestClient::command`](crate::RestClient::command), with the same counts; and it waits for a place among the
    /// calls under way, at most [`ORDER_QUEUE_MAX`].
    pub async fn command<E: SocketEndpoint>(&self, endpoint: &E) -> Result<E::Response, CommandFailure> {
        let span = debug_span!("call", exchange = self.0.exchange, op = E::OP);
        self.0.command(endpoint).instrument(span).await
    }

    /// Waits for the replies that somebody waits for, closes the socket, and waits for its tasks to end; aborts them after
    /// [`STOP_TIMEOUT`]. Calls that have no reply then are of unknown outcome.
    ///
    /// # Errors
    /// `Timeout` if they had to be aborted, `NotReady` if the task had panicked.
    pub async fn close(&self) -> Result<(), Error> {
        drop(self.0.stop.lock().take());
        let Some(mut task) = self.0.task.lock().take() else { return Ok(()) };
        match timeout(STOP_TIMEOUT, &mut task).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::new(ErrorKind::NotReady, "the socket's task has ended")),
            Err(_) => {
                task.abort();
                // Ended or aborted: what it says about that is known already.
                let _ = task.await;
                Err(Error::new(ErrorKind::Timeout, "the socket did not close in time and was aborted"))
            }
        }
    }
}

impl Inner {
    async fn command<E: SocketEndpoint>(&self, endpoint: &E) -> Result<E::Response, CommandFailure> {
        let mut resynced = false;
        loop {
            let Failure { mut failure, clock } = match self.call_once(endpoint).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            if let Some(known) = clock.filter(|_| !resynced) {
                resynced = true;
                match self.session.resync(known).await {
                    Ok(()) => continue,
                    Err(error) => debug!(%error, "the exchange's clock could not be measured again"),
                }
            }
            failure.error = failure.error.with("endpoint", E::OP);
            return Err(failure);
        }
    }

    async fn call_once<E: SocketEndpoint>(&self, endpoint: &E) -> Result<E::Response, Failure> {
        let cost = endpoint.cost();
        if let Err(down) = self.line() {
            // An exchange that has asked for a pause may close the connection too: the pause says more.
            let pause = self.limits.block(Applicant::command(cost, endpoint.class()));
            return Err(CommandFailure::not_sent(pause.unwrap_or(down)).into());
        }
        let permit = tokio::select! {
            biased;
            permit = self.limits.acquire_command(cost, endpoint.class()) => permit.map_err(CommandFailure::not_sent)?,
            reason = self.loss() => return Err(CommandFailure::not_sent(reason).into()),
        };
        let measured = self.session.measured();
        let reply = match self.exchange_once(endpoint).await {
            Ok(reply) => reply,
            Err(failure) => {
                if failure.outcome == Outcome::NotSent {
                    permit.unsent();
                }
                return Err(failure.into());
            }
        };
        self.conclude(endpoint, permit, &reply, measured)
    }

    /// Signs a call, gives it to the connection, and waits for the reply.
    async fn exchange_once<E: SocketEndpoint>(&self, endpoint: &E) -> Result<Bytes, CommandFailure> {
        let leave_by = Instant::now() + ORDER_QUEUE_MAX;
        let line = self.line().map_err(CommandFailure::not_sent)?;
        let place = match timeout_at(leave_by, line.places.acquire_owned()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(CommandFailure::not_sent(lost())),
            Err(_) => {
                let error = Error::new(ErrorKind::RateLimited, "too many calls are without a reply");
                return Err(CommandFailure::not_sent(error));
            }
        };
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let frame = write_call(endpoint, self.dialect.as_ref(), &self.session, id, None).await;
        let (call, ended) = Call::new(id, frame.map_err(CommandFailure::not_sent)?, leave_by, place);
        if line.calls.try_send(call).is_err() {
            return Err(CommandFailure::not_sent(lost()));
        }
        // Held on, it would keep a connection that is to be replaced from retiring.
        drop(line.calls);
        match timeout(REPLY_KEEP, ended).await {
            Ok(Ok(Ended::Answered(reply))) => Ok(reply),
            Ok(Ok(Ended::NotSent(error))) => Err(CommandFailure::not_sent(error)),
            Ok(Ok(Ended::Lost(error))) => Err(CommandFailure::unknown(error)),
            Ok(Err(_)) => Err(CommandFailure::unknown(lost())),
            Err(_) => Err(CommandFailure::unknown(Error::new(ErrorKind::Timeout, "no reply in time"))),
        }
    }

    fn conclude<E: SocketEndpoint>(
        &self,
        endpoint: &E,
        permit: Permit,
        reply: &Bytes,
        measured: Measured,
    ) -> Result<E::Response, Failure> {
        let undecoded = |error: Error| {
            let error = if error.frame().is_none() { error.with_frame(reply) } else { error };
            Failure::from(CommandFailure::unknown(error))
        };
        let answer = self.dialect.answer(reply).map_err(undecoded)?;
        let told = Told { status: answer.status, error: answer.error, refusal: answer.refusal, body: answer.body };
        let cost = endpoint.cost();
        let judged = judge(told, self.exchange, &self.limits, &cost, |error| self.dialect.outcome(error));
        permit.settle(&judged.charged(&cost), &answer.used);
        match judged {
            Judged::Good => endpoint.decode_result(answer.body).map_err(undecoded),
            Judged::Bad { error, outcome } => {
                let refused = error.kind() == ErrorKind::Clock && outcome == Outcome::Rejected;
                let body = Some(Bytes::copy_from_slice(answer.body));
                Err(Failure { failure: CommandFailure { outcome, error, body }, clock: refused.then_some(measured) })
            }
        }
    }

    /// Waits until the connection is lost: a call that waits for the limits then waits for no other.
    async fn loss(&self) -> Error {
        let mut state = self.state.clone();
        let down = state.wait_for(|state| matches!(state, CallState::Down(_))).await;
        match down.as_deref() {
            Ok(CallState::Down(reason)) => Error::clone(reason),
            Ok(CallState::Up(_)) | Err(_) => lost(),
        }
    }

    fn line(&self) -> Result<Line, Error> {
        match &*self.state.borrow() {
            CallState::Up(line) => Ok(line.clone()),
            CallState::Down(reason) => Err(Error::clone(reason)),
        }
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Connection, "the connection has just been lost")
}
