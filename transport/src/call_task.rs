use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};
use tradewire_core::{Error, ErrorKind};

use crate::call_line::{Line, LineTask};
use crate::dial::Dialer;
use crate::link::renewal;
use crate::login::pause_after_refusal;
use crate::wire::Wire;
use crate::{Applicant, Backoff, CallDialect, CallFrame, Class, Limits, RECONNECT_RESET};

/// How far ahead the timer is set when nothing is due.
const FAR: Duration = Duration::from_secs(3_600);

/// Whether calls can leave.
#[derive(Clone, Debug)]
pub(crate) enum CallState {
    /// Over this line.
    Up(Line),
    /// Not, for this reason.
    Down(Arc<Error>),
}

/// The task that keeps a socket for calls connected. Each connection has a task of its own, owned by this one.
pub(crate) struct CallTask {
    dialect: Arc<dyn CallDialect>,
    dialer: Dialer,
    limits: Limits,
    exchange: &'static str,
    state: watch::Sender<CallState>,
    lines: JoinSet<Error>,
    /// The connection that takes new calls.
    current: Option<Current>,
    opening: Option<BoxFuture<'static, Result<Wire, Error>>>,
    /// No attempt to connect before this.
    dial_at: Instant,
    pauses: Backoff,
    /// Whether a connection was opened, and logged in, before.
    worked: bool,
}

struct Current {
    task: Id,
    opened: Instant,
    renew_at: Instant,
    notice: Arc<Notify>,
}

/// What the task woke up for.
enum Wake {
    Stop,
    Opened(Result<Wire, Error>),
    Ended(Result<(Id, Error), JoinError>),
    ShutdownNotice,
    Time,
}

impl CallTask {
    pub(crate) fn new(
        dialect: Arc<dyn CallDialect>,
        dialer: Dialer,
        limits: Limits,
        exchange: &'static str,
    ) -> (Self, watch::Receiver<CallState>) {
        let reason = Error::new(ErrorKind::Connection, "the socket is not connected yet");
        let (state, seen) = watch::channel(CallState::Down(Arc::new(reason)));
        let task = Self {
            dialect,
            dialer,
            limits,
            exchange,
            state,
            lines: JoinSet::new(),
            current: None,
            opening: None,
            dial_at: Instant::now(),
            pauses: Backoff::reconnect(),
            worked: false,
        };
        (task, seen)
    }

    /// Runs until it is told to stop or nobody can tell it any more. Replies to calls under way are waited for.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        loop {
            let now = Instant::now();
            if self.wants_connection(now) && now >= self.dial_at {
                self.opening = Some(open(self.dialer.clone(), self.dialect.clone(), self.limits.clone()).boxed());
            }
            match self.wake(&mut stop).await {
                Wake::Stop => break,
                Wake::Opened(result) => {
                    self.opening = None;
                    self.on_opened(result);
                }
                Wake::Ended(ended) => self.on_ended(ended),
                Wake::ShutdownNotice => self.renew_now(),
                Wake::Time => {}
            }
        }
        self.down(Error::new(ErrorKind::NotReady, "the socket is closed"));
        self.opening = None;
        while self.lines.join_next().await.is_some() {}
    }

    async fn wake(&mut self, stop: &mut oneshot::Receiver<()>) -> Wake {
        let deadline = self.next_deadline();
        let notice = self.current.as_ref().map(|current| current.notice.clone());
        let mut notice = notice.map(|notice| async move { notice.notified().await }.boxed());
        let Self { opening, lines, .. } = self;
        tokio::select! {
            biased;
            _ = stop => Wake::Stop,
            result = some_or_never(opening.as_mut()) => Wake::Opened(result),
            Some(ended) = lines.join_next_with_id() => Wake::Ended(ended),
            () = some_or_never(notice.as_mut()) => Wake::ShutdownNotice,
            () = sleep_until(deadline) => Wake::Time,
        }
    }

    fn wants_connection(&self, now: Instant) -> bool {
        self.opening.is_none() && self.current.as_ref().is_none_or(|current| now >= current.renew_at)
    }

    fn next_deadline(&self) -> Instant {
        let now = Instant::now();
        if self.opening.is_some() {
            return now + FAR;
        }
        let wanted_at = self.current.as_ref().map_or(now, |current| current.renew_at);
        wanted_at.max(self.dial_at).min(now + FAR)
    }

    fn on_opened(&mut self, result: Result<Wire, Error>) {
        let wire = match result {
            Ok(wire) => wire,
            Err(error) => return self.on_failure(error),
        };
        self.count("tradewire_socket_connects_total");
        self.worked = true;
        if self.current.is_some() {
            self.count("tradewire_socket_renewals_total");
        }
        let (now, notice) = (Instant::now(), Arc::new(Notify::new()));
        let (task, line) = LineTask::new(wire, self.dialect.clone(), notice.clone());
        let task = self.lines.spawn(task.run()).id();
        self.current = Some(Current { task, opened: now, renew_at: renewal(now), notice });
        // The line of the connection before this one goes with its state: it retires once its callers have let go of it.
        self.state.send_replace(CallState::Up(line));
    }

    fn on_failure(&mut self, error: Error) {
        self.count("tradewire_socket_connect_failures_total");
        debug!(exchange = self.exchange, %error, "no connection for calls");
        let pause = pause_after_refusal(&error, self.worked).unwrap_or_else(|| self.pauses.next_pause());
        self.dial_at = Instant::now() + pause;
        if self.current.is_none() {
            self.down(error);
        }
    }

    fn on_ended(&mut self, ended: Result<(Id, Error), JoinError>) {
        let (task, reason) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Error::new(ErrorKind::Decode, "the task of a connection panicked")),
        };
        let Some(lost) = self.current.take_if(|current| current.task == task) else { return };
        warn!(exchange = self.exchange, %reason, "connection for calls lost");
        self.count("tradewire_socket_losses_total");
        let now = Instant::now();
        if now >= lost.opened + RECONNECT_RESET {
            self.pauses.reset();
        }
        self.dial_at = now + self.pauses.next_pause();
        self.down(reason);
    }

    fn renew_now(&mut self) {
        let now = Instant::now();
        if let Some(current) = &mut self.current {
            current.renew_at = now;
            self.dial_at = self.dial_at.min(now);
        }
    }

    fn down(&self, reason: Error) {
        self.state.send_replace(CallState::Down(Arc::new(reason)));
    }

    fn count(&self, metric: &'static str) {
        metrics::counter!(metric, "exchange" => self.exchange).increment(1);
    }
}

/// Opens a connection within the limits, and logs it in.
async fn open(dialer: Dialer, dialect: Arc<dyn CallDialect>, limits: Limits) -> Result<Wire, Error> {
    if let Some(cost) = dialect.limits().connecting {
        let permit = limits.acquire(Applicant::read(cost, Class::AccountRead)).await?;
        permit.settle(&cost, &[]);
    }
    let mut wire = dialer.dial(dialect.url()).await?;
    let Some(login) = dialect.login() else { return Ok(wire) };
    let reply = |frame: &[u8]| match dialect.classify(frame) {
        CallFrame::Reply { .. } => Some(dialect.answer(frame).map_or_else(Some, |answer| answer.error)),
        CallFrame::ShutdownNotice | CallFrame::Other => None,
    };
    match login.perform(&mut wire, reply).await {
        Ok(()) => Ok(wire),
        Err(error) => {
            wire.close().await;
            Err(error)
        }
    }
}

async fn some_or_never<T>(future: Option<&mut BoxFuture<'_, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => pending().await,
    }
}
