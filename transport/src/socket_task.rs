use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::{debug, warn};
use tradewire_core::{Error, ErrorKind};

use crate::dial::Dialer;
use crate::guard::{Guarded, Panicked};
use crate::link::Link;
use crate::login::pause_after_refusal;
use crate::stream::Action;
use crate::stream_key::KeyKeeper;
use crate::subscriptions::{Ask, Subscriptions};
use crate::successor::Successor;
use crate::wire::{Wire, payload};
use crate::{Backoff, Clock, ConnectionId, FrameKind, KeyLife, Opening, RECONNECT_MAX, SocketHandler, StreamDialect};

/// The most frames taken in a row before commands and timers are looked at.
pub(crate) const BATCH: usize = 64;
/// How far ahead the timer is set when nothing is due.
const FAR: Duration = Duration::from_secs(3_600);

/// The task of one socket.
pub(crate) struct SocketTask<H: SocketHandler> {
    handler: Guarded<H>,
    dialect: Arc<dyn StreamDialect>,
    dialer: Dialer,
    clock: Clock,
    exchange: &'static str,
    /// What every connection subscribes.
    topics: Vec<Arc<str>>,
    /// The connection in charge.
    active: Option<Link>,
    /// The connection that will take over from it.
    successor: Option<Successor>,
    dialing: Option<BoxFuture<'static, Result<Wire, Error>>>,
    /// The key in the address, where there is one.
    key: KeyKeeper,
    /// No attempt to connect before this.
    dial_at: Instant,
    pauses: Backoff,
    /// Whether a connection was opened, and logged in, before.
    worked: bool,
    next_connection: u64,
    next_request: u64,
}

/// What the task woke up for.
enum Wake<C> {
    Traffic(Traffic),
    Command(Option<C>),
    Time,
}

/// What the connections have brought.
struct Traffic {
    /// Frames of the one in charge were taken, the last of which may need the task.
    taken: Option<Result<Option<FrameKind>, Loss>>,
    /// Frames of its successor were put by.
    kept: Option<Result<(), Error>>,
    /// An attempt to connect has ended.
    dialled: Option<Result<Wire, Error>>,
    /// An attempt to extend the key has ended.
    extended: Option<Result<KeyLife, Error>>,
}

/// Why the connection in charge cannot go on.
enum Loss {
    /// It has ended or failed.
    Connection(Error),
    /// The handler has.
    Handler(Panicked),
}

impl<H: SocketHandler> SocketTask<H> {
    pub(crate) fn new(
        handler: H,
        dialect: Arc<dyn StreamDialect>,
        dialer: Dialer,
        clock: Clock,
        exchange: &'static str,
    ) -> Self {
        Self {
            handler: Guarded::new(handler),
            key: KeyKeeper::new(dialect.key()),
            dialect,
            dialer,
            clock,
            exchange,
            topics: Vec::new(),
            active: None,
            successor: None,
            dialing: None,
            dial_at: Instant::now(),
            pauses: Backoff::reconnect(),
            worked: false,
            next_connection: 1,
            next_request: 1,
        }
    }

    /// Runs until the handle is closed or dropped.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<H::Command>) {
        let mut alarm = Box::pin(sleep_until(Instant::now()));
        loop {
            self.on_time().await;
            set_alarm(&mut alarm, self.next_deadline());
            let wake = tokio::select! {
                biased;
                traffic = self.traffic() => Wake::Traffic(traffic),
                command = inbox.recv() => Wake::Command(command),
                () = &mut alarm => Wake::Time,
            };
            let command = match wake {
                // A flood of frames must not keep commands waiting.
                Wake::Traffic(traffic) => {
                    self.on_traffic(traffic);
                    match inbox.try_recv() {
                        Ok(command) => Some(command),
                        Err(TryRecvError::Empty) => continue,
                        Err(TryRecvError::Disconnected) => None,
                    }
                }
                Wake::Command(command) => command,
                // Nothing was there to be read: only now silence is silence.
                Wake::Time => {
                    self.check_life();
                    continue;
                }
            };
            let Some(command) = command else { break };
            let done = self.handler.command(command);
            self.apply(done);
        }
        self.close().await;
    }

    async fn close(self) {
        if let Some(link) = self.active {
            link.wire.close().await;
        }
        if let Some(successor) = self.successor {
            successor.link.wire.close().await;
        }
    }

    /// Does whatever is due.
    async fn on_time(&mut self) {
        let now = Instant::now();
        self.key.extend_if_due(now);
        self.send_due(now).await;
        if self.successor.as_mut().is_some_and(|successor| successor.is_ready(now)) {
            self.hand_over().await;
        }
        if self.wants_connection(now) && now >= self.dial_at {
            self.dialing = Some(open(self.dialer.clone(), self.dialect.clone()).boxed());
        }
        if self.handler.deadline().is_some_and(|deadline| now >= deadline) {
            let done = self.handler.tick(now);
            self.apply(done);
        }
    }

    async fn send_due(&mut self, now: Instant) {
        if let Some(link) = &mut self.active {
            if link.has_become_steady(now) {
                self.pauses.reset();
            }
            if let Err(reason) = link.send_due(self.dialect.as_ref(), &mut self.next_request).await {
                self.lose(reason);
            }
        }
        if let Some(successor) = &mut self.successor
            && let Err(error) = successor.link.send_due(self.dialect.as_ref(), &mut self.next_request).await
        {
            self.abandon_successor(error);
        }
    }

    /// Drops connections that do not answer.
    fn check_life(&mut self) {
        let now = Instant::now();
        if let Some(Err(reason)) = self.active.as_ref().map(|link| link.check(now)) {
            self.lose(reason);
        }
        if let Some(Err(error)) = self.successor.as_ref().map(|successor| successor.link.check(now)) {
            self.abandon_successor(error);
        }
    }

    /// Waits until a connection brings something.
    async fn traffic(&mut self) -> Traffic {
        let Self { active, successor, dialing, handler, clock, dialect, key, .. } = self;
        poll_fn(|context| {
            let dialled = dialing.as_mut().map(|dialing| dialing.as_mut().poll(context));
            let kept = successor.as_mut().map(|successor| successor.poll_keep(context, dialect.as_ref(), *clock));
            let taken = active.as_mut().map(|link| poll_batch(context, link, handler, *clock));
            let extended = ready(Some(key.poll(context)));
            match (ready(taken), ready(kept), ready(dialled), extended) {
                (None, None, None, None) => Poll::Pending,
                (taken, kept, dialled, extended) => Poll::Ready(Traffic { taken, kept, dialled, extended }),
            }
        })
        .await
    }

    fn on_traffic(&mut self, traffic: Traffic) {
        if let Some(kept) = traffic.kept {
            self.on_kept(kept);
        }
        if let Some(dialled) = traffic.dialled {
            self.on_dialled(dialled);
        }
        if let Some(extended) = traffic.extended {
            self.on_extended(extended);
        }
        match traffic.taken {
            None => return,
            Some(Ok(Some(FrameKind::Reply { id, refused }))) => self.on_reply(id, refused),
            Some(Ok(Some(FrameKind::ShutdownNotice))) => self.renew_now(),
            Some(Ok(_)) => {}
            Some(Err(Loss::Connection(reason))) => return self.lose(reason),
            Some(Err(Loss::Handler(panic))) => return self.apply(Err(panic)),
        }
        self.apply(Ok(()));
    }

    fn wants_connection(&self, now: Instant) -> bool {
        let none = self.dialing.is_none() && self.successor.is_none();
        none && self.active.as_ref().is_none_or(|link| now >= link.renew_at)
    }

    fn next_deadline(&self) -> Instant {
        let now = Instant::now();
        let mut deadline = now + FAR;
        let mut not_after = |at: Option<Instant>| deadline = at.map_or(deadline, |at| deadline.min(at));
        not_after(self.handler.deadline());
        not_after(self.key.deadline());
        not_after(self.active.as_ref().map(|link| link.deadline(now)));
        not_after(self.successor.as_ref().map(|successor| successor.deadline(now)));
        if self.dialing.is_none() && self.successor.is_none() {
            let wanted_at = self.active.as_ref().map_or(now, |link| link.renew_at);
            not_after(Some(wanted_at.max(self.dial_at)));
        }
        deadline
    }

    fn on_dialled(&mut self, result: Result<Wire, Error>) {
        self.dialing = None;
        let wire = match result {
            Ok(wire) => wire,
            Err(error) => {
                self.count("tradewire_socket_connect_failures_total");
                self.pause_after(&error);
                debug!(exchange = self.exchange, %error, "no connection");
                let told = self.handler.unreachable(&error, self.dial_at);
                return self.apply(told);
            }
        };
        self.count("tradewire_socket_connects_total");
        self.worked = true;
        self.key.taken(Instant::now());
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let link = Link::new(id, wire, self.dialect.as_ref(), &self.topics);
        if self.active.is_some() {
            self.successor = Some(Successor::new(link));
        } else {
            self.active = Some(link);
            let done = self.handler.opened(id, Opening::New);
            self.apply(done);
        }
    }

    /// A key that has ended takes the connections with it, although they are still open.
    fn on_extended(&mut self, extended: Result<KeyLife, Error>) {
        match extended {
            Ok(KeyLife::Extended) => {}
            Ok(KeyLife::Gone) => {
                let reason = Error::new(ErrorKind::Connection, "the key of the stream has ended");
                self.start_anew(&reason);
            }
            Err(error) => debug!(exchange = self.exchange, %error, "the key of a stream could not be extended"),
        }
    }

    fn on_reply(&mut self, id: u64, refused: Option<Error>) {
        let Some(link) = &mut self.active else { return };
        for (topic, outcome) in link.subscriptions.answer(id, refused) {
            self.tell_outcome(&topic, outcome);
        }
    }

    fn tell_outcome(&mut self, topic: &Arc<str>, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.count("tradewire_socket_topics_refused_total");
            self.topics.retain(|known| known != topic);
        }
        let done = self.handler.subscribed(topic, outcome);
        self.apply(done);
    }

    /// The connection in charge will end soon.
    fn renew_now(&mut self) {
        let now = Instant::now();
        if let Some(link) = &mut self.active {
            link.renew_at = now;
            self.dial_at = self.dial_at.min(now);
        }
    }

    fn on_kept(&mut self, kept: Result<(), Error>) {
        let Some(successor) = &mut self.successor else { return };
        let refused = successor.take_refused();
        for (topic, error) in refused {
            self.tell_outcome(&topic, Err(error));
        }
        if let Err(error) = kept {
            self.abandon_successor(error);
        }
    }

    fn abandon_successor(&mut self, error: Error) {
        debug!(exchange = self.exchange, %error, "the successor of a connection failed");
        self.successor = None;
        self.pause();
        let told = self.handler.unreachable(&error, self.dial_at);
        self.apply(told);
    }

    /// Lets the successor take charge, after all that the old connection has brought.
    async fn hand_over(&mut self) {
        while self.successor.is_some() {
            let Some(traffic) = self.traffic().now_or_never() else { break };
            self.on_traffic(traffic);
        }
        // If the old one has ended meanwhile, the successor is in charge already.
        let Some(successor) = self.successor.take() else { return };
        let Some(old) = self.active.take() else { return };
        self.take_charge(successor, old.subscriptions);
        old.wire.close().await;
    }

    fn take_charge(&mut self, successor: Successor, before: Subscriptions) {
        self.count("tradewire_socket_renewals_total");
        let (link, kept) = successor.into_parts();
        let mut done = self.handler.opened(link.id, Opening::Renewal);
        // What only the new connection has answered was not told yet.
        for topic in before.unanswered().filter(|topic| !link.subscriptions.unanswered().any(|open| open == *topic)) {
            done = done.and_then(|()| self.handler.subscribed(topic, Ok(())));
        }
        self.active = Some(link);
        let mut ends_too = false;
        for (received, message) in kept {
            if let Some(frame) = payload(&message) {
                // Answers among them were taken when they came.
                let kind = done.and_then(|()| self.handler.frame(frame, received));
                ends_too |= matches!(kind, Ok(FrameKind::ShutdownNotice));
                done = kind.map(drop);
            }
        }
        done = done.and_then(|()| self.handler.batch_ended());
        self.apply(done);
        if ends_too {
            self.renew_now();
        }
    }

    /// The connection in charge is no good any longer. A successor that has all topics takes its place.
    fn lose(&mut self, reason: Error) {
        let Some(mut old) = self.active.take() else { return };
        if old.has_become_steady(Instant::now()) {
            self.pauses.reset();
        }
        match self.successor.take() {
            Some(successor) if successor.is_settled() => self.take_charge(successor, old.subscriptions),
            _ => self.tell_loss(&reason),
        }
    }

    /// Nothing that the handler holds is good any longer: all connections go.
    fn start_anew(&mut self, reason: &Error) {
        self.active = None;
        self.successor = None;
        self.tell_loss(reason);
    }

    fn tell_loss(&mut self, reason: &Error) {
        warn!(exchange = self.exchange, %reason, "connection lost");
        self.count("tradewire_socket_losses_total");
        self.dialing = None;
        self.key.dropped();
        self.pause();
        self.handler.closed(reason);
        self.apply(Ok(()));
    }

    fn pause(&mut self) {
        self.dial_at = Instant::now() + self.pauses.next_pause();
    }

    fn pause_after(&mut self, error: &Error) {
        match pause_after_refusal(error, self.worked) {
            Some(pause) => {
                self.count("tradewire_socket_logins_refused_total");
                self.dial_at = Instant::now() + pause;
            }
            None => self.pause(),
        }
    }

    /// Ends a wait that is longer than any after a lost connection: that after a refused login.
    fn wait_no_longer(&mut self) {
        let now = Instant::now();
        if self.dial_at > now + RECONNECT_MAX {
            self.dial_at = now;
        }
    }

    /// Does what the handler has asked for, or drops the connection if it has panicked.
    fn apply(&mut self, done: Result<(), Panicked>) {
        if let Err(Panicked(reason)) = done {
            self.handler.context.actions.clear();
            return self.start_anew(&reason);
        }
        while !self.handler.context.actions.is_empty() {
            for action in std::mem::take(&mut self.handler.context.actions) {
                match action {
                    Action::Subscribe(topic) => self.add_topic(topic),
                    Action::Unsubscribe(topic) => self.remove_topic(&topic),
                    Action::Resubscribe(topic) => self.ask_again(&topic),
                    Action::Reconnect(reason) if self.active.is_some() => self.start_anew(&reason),
                    Action::Reconnect(_) => {
                        if let Some(login) = self.dialect.login() {
                            login.forget_refusal();
                        }
                        self.wait_no_longer();
                    }
                }
            }
        }
    }

    fn add_topic(&mut self, topic: Arc<str>) {
        if self.topics.contains(&topic) {
            return;
        }
        self.topics.push(topic.clone());
        self.ask(Ask::Subscribe, &topic);
    }

    fn remove_topic(&mut self, topic: &Arc<str>) {
        if let Some(index) = self.topics.iter().position(|known| known == topic) {
            self.topics.remove(index);
            self.ask(Ask::Unsubscribe, topic);
        }
    }

    fn ask_again(&mut self, topic: &Arc<str>) {
        if let Some(link) = self.active.as_mut().filter(|_| self.topics.contains(topic)) {
            link.subscriptions.queue(Ask::Unsubscribe, topic.clone());
            link.subscriptions.queue(Ask::Subscribe, topic.clone());
        }
    }

    fn ask(&mut self, ask: Ask, topic: &Arc<str>) {
        let successor = self.successor.as_mut().map(|successor| &mut successor.link);
        for link in [self.active.as_mut(), successor].into_iter().flatten() {
            link.subscriptions.queue(ask, topic.clone());
        }
    }

    fn count(&self, metric: &'static str) {
        metrics::counter!(metric, "exchange" => self.exchange).increment(1);
    }
}

/// Opens a connection, with a new key in its address where one is needed, and logs it in.
async fn open(dialer: Dialer, dialect: Arc<dyn StreamDialect>) -> Result<Wire, Error> {
    let url = match dialect.key() {
        Some(key) => key.take().await?,
        None => dialect.url(),
    };
    let mut wire = dialer.dial(url).await?;
    let Some(login) = dialect.login() else { return Ok(wire) };
    let reply = |frame: &[u8]| match dialect.classify(frame) {
        FrameKind::Reply { refused, .. } => Some(refused),
        _ => None,
    };
    match login.perform(&mut wire, reply).await {
        Ok(()) => Ok(wire),
        Err(error) => {
            wire.close().await;
            Err(error)
        }
    }
}

/// Sets an alarm that is not later than `at`. One that is set for earlier stays: it only wakes in vain.
pub(crate) fn set_alarm(alarm: &mut Pin<Box<Sleep>>, at: Instant) {
    if alarm.is_elapsed() || at < alarm.deadline() {
        alarm.as_mut().reset(at);
    }
}

fn ready<T>(polled: Option<Poll<T>>) -> Option<T> {
    match polled {
        Some(Poll::Ready(value)) => Some(value),
        Some(Poll::Pending) | None => None,
    }
}

/// Gives frames to the handler, and tells it when that is all for now.
fn poll_batch<H: SocketHandler>(
    context: &mut Context<'_>,
    link: &mut Link,
    handler: &mut Guarded<H>,
    clock: Clock,
) -> Poll<Result<Option<FrameKind>, Loss>> {
    let taken = poll_frames(context, link, handler, clock);
    taken.map(|taken| taken.and_then(|last| handler.batch_ended().map(|()| last).map_err(Loss::Handler)))
}

/// Gives frames to the handler until there is none left, one needs the task, or a batch is full.
fn poll_frames<H: SocketHandler>(
    context: &mut Context<'_>,
    link: &mut Link,
    handler: &mut Guarded<H>,
    clock: Clock,
) -> Poll<Result<Option<FrameKind>, Loss>> {
    for taken in 0..BATCH {
        let message = match link.wire.poll_message(context) {
            Poll::Ready(message) => message.map_err(Loss::Connection)?,
            Poll::Pending if taken == 0 => return Poll::Pending,
            Poll::Pending => break,
        };
        let now = Instant::now();
        link.heard(now, &message);
        let Some(frame) = payload(&message) else { continue };
        match handler.frame(frame, clock.at(now)).map_err(Loss::Handler)? {
            FrameKind::Data | FrameKind::Pong if handler.context.actions.is_empty() => {}
            kind => return Poll::Ready(Ok(Some(kind))),
        }
    }
    Poll::Ready(Ok(None))
}
