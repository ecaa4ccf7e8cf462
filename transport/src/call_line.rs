use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tradewire_core::{Error, ErrorKind};

use crate::pulse::Pulse;
use crate::socket_task::set_alarm;
use crate::wire::{Wire, payload};
use crate::{CallDialect, CallFrame, CallLimits, Pace, REPLY_KEEP};

/// How often a connection that is to end looks whether anybody still waits for a reply.
const LOOK: Duration = Duration::from_millis(100);

/// The way to one connection. Its calls go over that connection or over none.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) calls: mpsc::Sender<Call>,
    /// A place for each call without an answer.
    pub(crate) places: Arc<Semaphore>,
}

/// How a call has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// With this reply.
    Answered(Bytes),
    /// Before its first byte was written.
    NotSent(Error),
    /// After that, and without a reply.
    Lost(Error),
}

/// A call on its way. Dropped anywhere, it tells its caller what is known of it.
#[derive(Debug)]
pub(crate) struct Call {
    id: u64,
    frame: String,
    written: bool,
    leave_by: Instant,
    caller: Option<oneshot::Sender<Ended>>,
    _place: OwnedSemaphorePermit,
}

impl Call {
    /// A call that is not written after `leave_by`.
    pub(crate) fn new(
        id: u64,
        frame: String,
        leave_by: Instant,
        place: OwnedSemaphorePermit,
    ) -> (Self, oneshot::Receiver<Ended>) {
        let (caller, ended) = oneshot::channel();
        (Self { id, frame, written: false, leave_by, caller: Some(caller), _place: place }, ended)
    }

    fn is_abandoned(&self) -> bool {
        self.caller.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn end(mut self, how: Ended) {
        self.tell(how);
    }

    fn fail(self, error: Error) {
        let how = if self.written { Ended::Lost(error) } else { Ended::NotSent(error) };
        self.end(how);
    }

    fn tell(&mut self, how: Ended) {
        if let Some(caller) = self.caller.take() {
            // A caller that has given up need not know.
            let _ = caller.send(how);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let error = Error::new(ErrorKind::Connection, "the connection was given up");
        let how = if self.written { Ended::Lost(error) } else { Ended::NotSent(error) };
        self.tell(how);
    }
}

/// The task of one connection: writes calls at the pace allowed, and gives replies to their callers.
#[derive(Debug)]
pub(crate) struct LineTask {
    wire: Wire,
    dialect: Arc<dyn CallDialect>,
    calls: mpsc::Receiver<Call>,
    /// The next call, until the pace allows it.
    next: Option<Call>,
    in_flight: HashMap<u64, Call>,
    /// When replies are no longer waited for, in the order of the calls.
    expiries: VecDeque<(Instant, u64)>,
    pulse: Pulse,
    pace: Pace,
    /// Told when the exchange announces the end of the connection.
    notice: Arc<Notify>,
    /// No calls will come any more; the connection ends with the last reply that somebody waits for, and not after this.
    retires: Option<Instant>,
}

impl LineTask {
    pub(crate) fn new(wire: Wire, dialect: Arc<dyn CallDialect>, notice: Arc<Notify>) -> (Self, Line) {
        let CallLimits { in_flight, frames_per_second, .. } = dialect.limits();
        let in_flight = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let (sender, calls) = mpsc::channel(in_flight);
        let line = Line { calls: sender, places: Arc::new(Semaphore::new(in_flight)) };
        let task = Self {
            wire,
            calls,
            next: None,
            in_flight: HashMap::new(),
            expiries: VecDeque::new(),
            pulse: Pulse::new(dialect.ping()),
            pace: Pace::new(frames_per_second, Duration::from_secs(1)),
            notice,
            retires: None,
            dialect,
        };
        (task, line)
    }

    /// Runs until the connection ends, or until nobody holds its [`Line`] nor waits for a reply. Returns why it ended.
    pub(crate) async fn run(mut self) -> Error {
        let mut alarm = Box::pin(sleep_until(Instant::now()));
        let reason = loop {
            match self.step(&mut alarm).await {
                Ok(()) if self.has_retired() => break Error::new(ErrorKind::Connection, "the connection has retired"),
                Ok(()) => {}
                Err(reason) => break reason,
            }
        };
        self.calls.close();
        let queued = std::iter::from_fn(|| self.calls.try_recv().ok());
        let written = self.in_flight.drain().map(|(_, call)| call);
        for call in self.next.take().into_iter().chain(queued).chain(written) {
            call.fail(reason.clone());
        }
        self.wire.close().await;
        reason
    }

    async fn step(&mut self, alarm: &mut Pin<Box<Sleep>>) -> Result<(), Error> {
        self.send_due().await?;
        set_alarm(alarm, self.deadline());
        let takes_calls = self.next.is_none() && self.retires.is_none();
        let Self { wire, calls, .. } = self;
        tokio::select! {
            biased;
            message = poll_fn(|context| wire.poll_message(context)) => self.on_message(message?),
            call = calls.recv(), if takes_calls => match call {
                Some(call) => self.next = Some(call),
                None => self.retires = Some(Instant::now() + REPLY_KEEP),
            },
            () = alarm => self.on_time()?,
        }
        Ok(())
    }

    fn has_retired(&self) -> bool {
        let idle = self.next.is_none() && self.in_flight.values().all(Call::is_abandoned);
        self.retires.is_some_and(|at| idle || Instant::now() >= at)
    }

    fn deadline(&self) -> Instant {
        let mut deadline = self.pulse.deadline();
        let mut not_after = |at: Option<Instant>| deadline = at.map_or(deadline, |at| deadline.min(at));
        not_after(self.next.as_ref().map(|_| self.pace.ready_at(Instant::now())));
        not_after(self.expiries.front().map(|(at, _)| *at));
        not_after(self.retires.map(|at| at.min(Instant::now() + LOOK)));
        deadline
    }

    /// Nothing was there to be read: only now silence is silence.
    fn on_time(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        while let Some((_, id)) = self.expiries.pop_front_if(|(at, _)| *at <= now) {
            if let Some(call) = self.in_flight.remove(&id) {
                call.fail(Error::new(ErrorKind::Timeout, "no reply in time"));
            }
        }
        self.pulse.check(now)
    }

    async fn send_due(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        if let Some(ping) = self.pulse.due_ping(now) {
            self.send(ping).await?;
        }
        if self.pace.ready_at(now) > now {
            return Ok(());
        }
        let Some(mut call) = self.next.take() else { return Ok(()) };
        if call.is_abandoned() {
            return Ok(());
        }
        if now > call.leave_by {
            call.fail(Error::new(ErrorKind::RateLimited, "the pace of the socket left no room in time"));
            return Ok(());
        }
        // From here on it may have reached the exchange, whatever happens.
        call.written = true;
        let frame = std::mem::take(&mut call.frame);
        self.expiries.push_back((now + REPLY_KEEP, call.id));
        self.in_flight.insert(call.id, call);
        self.send(Message::text(frame)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.pace.count(Instant::now());
        self.wire.send(message).await
    }

    fn on_message(&mut self, message: Message) {
        let now = Instant::now();
        self.pulse.heard(now);
        if matches!(message, Message::Ping(_)) {
            // Its pong leaves with the next reading, and cannot be delayed.
            self.pace.count(now);
        }
        let Some(frame) = payload(&message) else { return };
        match self.dialect.classify(frame) {
            CallFrame::Reply { id } => {
                if let Some(call) = id.and_then(|id| self.in_flight.remove(&id)) {
                    call.end(Ended::Answered(message.into_data()));
                    self.forget_answered();
                }
            }
            CallFrame::ShutdownNotice => self.notice.notify_one(),
            CallFrame::Other => {}
        }
    }

    fn forget_answered(&mut self) {
        let Self { expiries, in_flight, .. } = self;
        while expiries.pop_front_if(|(_, id)| !in_flight.contains_key(id)).is_some() {}
    }
}
