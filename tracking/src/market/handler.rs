use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tradewire_core::{BestPrices, Error, ErrorKind, GapReason, Instrument, Pair, Timestamp};
use tradewire_transport::{FrameKind, Opening, Route, SocketContext, SocketHandler};

use super::Shared;
use crate::capture::CaptureKind;
use crate::reader::SharedBook;
use crate::shard::{Duty, Shard, ShardContext, SnapshotAsk, Want};
use crate::{DecodeError, Frame, RawSnapshot};

const TICK: Duration = Duration::from_millis(500);
/// Pause before a topic that the exchange refused, but had accepted before, is asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// What the supervisor tells a socket.
pub(crate) enum ToSocket {
    Track { instrument: Arc<Instrument>, book: Arc<SharedBook>, topics: Vec<Arc<str>> },
    Untrack(Pair),
    Snapshot { ask: SnapshotAsk, answer: Result<RawSnapshot, DecodeError> },
    Compare { best: BestPrices, asked: Timestamp },
    Refresh(Pair),
    Instrument(Arc<Instrument>),
}

/// What a socket asks of the supervisor.
pub(crate) enum FromSocket {
    /// Snapshots for the socket of this number.
    Snapshots(usize, Vec<SnapshotAsk>),
    /// The instruments, read again.
    Rules,
    /// The exchange refused a subscription.
    Refused(Pair, Error),
}

/// Which topics of a pair are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// All of them.
    All,
    /// That of its book, which stands first.
    Book,
}

/// The books of one socket, on that socket's task.
pub(super) struct MarketHandler {
    number: usize,
    duty: Duty,
    shared: Arc<Shared>,
    shard: Shard,
    topics: HashMap<Pair, Vec<Arc<str>>>,
    /// Topics whose acknowledgement is awaited.
    unacknowledged: HashMap<Arc<str>, Pair>,
    /// Pairs whose topics were all acknowledged once.
    accepted: HashSet<Pair>,
    /// Refused topics of accepted pairs, and when to ask for them again.
    ask_again: Vec<(Instant, Arc<str>)>,
    supervisor: mpsc::Sender<FromSocket>,
    url: String,
    connections: u32,
    next_tick: Instant,
}

impl MarketHandler {
    pub(super) fn new(number: usize, route: Route, shared: &Arc<Shared>, supervisor: mpsc::Sender<FromSocket>) -> Self {
        let source = &shared.source;
        let context = ShardContext {
            rule: source.sequence_rule(),
            snapshot_depth: shared.snapshot_depth,
            best_quantity_decimals: shared.source.best_quantity_decimals(),
            stale_after: shared.config.stale_after,
            trade_ids_count_up: source.capabilities().market.trade_ids_count_up,
            feed: shared.feed.clone(),
            problems: shared.problems.clone(),
            readiness: shared.readiness.clone(),
            observer: shared.config.observer.clone(),
            check_all_snapshots: false,
        };
        Self {
            number,
            duty: if route == Route::BOOKS { Duty::Book } else { Duty::Rest },
            shard: Shard::new(source.decoder(), context),
            topics: HashMap::new(),
            unacknowledged: HashMap::new(),
            accepted: HashSet::new(),
            ask_again: Vec::new(),
            supervisor,
            url: source.streams(route).url(),
            connections: 0,
            next_tick: Instant::now() + TICK,
            shared: Arc::clone(shared),
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    fn track(
        &mut self,
        instrument: Arc<Instrument>,
        book: Arc<SharedBook>,
        topics: Vec<Arc<str>>,
        socket: &mut SocketContext,
    ) {
        let pair = instrument.pair.clone();
        self.expect_acknowledgements(&pair, &topics);
        socket.subscribe(topics.iter().cloned());
        self.topics.insert(pair, topics);
        self.shard.track(instrument, book, self.duty);
    }

    fn untrack(&mut self, pair: &Pair, socket: &mut SocketContext) {
        self.shard.untrack(pair);
        self.accepted.remove(pair);
        self.unacknowledged.retain(|_, owner| owner != pair);
        socket.unsubscribe(self.topics.remove(pair).unwrap_or_default());
    }

    fn owner(&self, topic: &Arc<str>) -> Option<Pair> {
        self.topics.iter().find(|(_, topics)| topics.contains(topic)).map(|(pair, _)| pair.clone())
    }

    /// A pair that was never accepted is given up. One that was is asked for again: the exchange has changed its mind once
    /// and may do so again.
    fn refused(&mut self, topic: &Arc<str>, pair: Pair, error: Error, socket: &mut SocketContext) {
        let error = error.with("pair", &pair);
        if self.accepted.contains(&pair) {
            self.shared.problems.report("subscription", &error);
            self.shard.lose(&pair, GapReason::Stale, self.now());
            self.ask_again.push((Instant::now() + ASK_AGAIN, Arc::clone(topic)));
        } else {
            self.untrack(&pair, socket);
            drop(self.supervisor.try_send(FromSocket::Refused(pair, error)));
        }
    }

    fn ask_again(&mut self, now: Instant, socket: &mut SocketContext) {
        let due = self.ask_again.extract_if(.., |(at, _)| *at <= now).map(|(_, topic)| topic);
        let due: Vec<_> = due.collect();
        for topic in due {
            if let Some(pair) = self.owner(&topic) {
                self.unacknowledged.insert(Arc::clone(&topic), pair);
                socket.subscribe([topic]);
            }
        }
    }

    fn expect_acknowledgements(&mut self, pair: &Pair, topics: &[Arc<str>]) {
        self.unacknowledged.extend(topics.iter().map(|topic| (Arc::clone(topic), pair.clone())));
    }

    fn resubscribe(&mut self, pair: &Pair, socket: &mut SocketContext, which: Which) {
        let mut topics = self.topics.get(pair).cloned().unwrap_or_default();
        if which == Which::Book {
            topics.truncate(1);
        }
        self.expect_acknowledgements(pair, &topics);
        socket.resubscribe(topics);
    }

    /// Passes on what the shard asks for.
    fn serve(&mut self, socket: &mut SocketContext) {
        self.ask_for_snapshots();
        for want in self.shard.take_wants() {
            match want {
                Want::Rules(_) => drop(self.supervisor.try_send(FromSocket::Rules)),
                Want::Resubscribe(pair) => self.resubscribe(&pair, socket, Which::All),
                Want::ResubscribeBook(pair) => self.resubscribe(&pair, socket, Which::Book),
                Want::Reconnect => {
                    let reason = Error::new(ErrorKind::Connection, "the data of several pairs stopped");
                    socket.reconnect(reason);
                }
            }
        }
    }

    fn ask_for_snapshots(&mut self) {
        let now = self.now();
        let due = self.shard.take_due_snapshots(now);
        if due.is_empty() {
            return;
        }
        if let Err(full) = self.supervisor.try_send(FromSocket::Snapshots(self.number, due))
            && let FromSocket::Snapshots(_, due) = full.into_inner()
        {
            due.iter().for_each(|ask| self.shard.snapshot_not_asked(&ask.instrument.pair, now));
        }
    }

    fn record(&self, frame: &[u8], received: Timestamp) {
        if let Some(recorder) = &self.shared.config.recorder {
            recorder.record(CaptureKind::Ws, self.connection_number(), &self.url, frame, received);
        }
    }

    /// The number of the connection in a recording: different for all connections of all sockets.
    fn connection_number(&self) -> u32 {
        1 + self.number as u32 + 1000 * self.connections.saturating_sub(1)
    }
}

impl SocketHandler for MarketHandler {
    type Command = ToSocket;

    fn opened(&mut self, opening: Opening, _: &mut SocketContext) {
        self.connections += 1;
        if let Some(recorder) = &self.shared.config.recorder {
            recorder.record(CaptureKind::Open, self.connection_number(), &self.url, b"", self.now());
        }
        if opening == Opening::New {
            self.unacknowledged.clear();
            for (pair, topics) in &self.topics {
                self.unacknowledged.extend(topics.iter().map(|topic| (Arc::clone(topic), pair.clone())));
            }
        }
    }

    fn frame(&mut self, frame: &[u8], received: Timestamp, socket: &mut SocketContext) -> FrameKind {
        if self.shared.config.recorder.is_some() {
            self.record(frame, received);
        }
        let kind = match self.shard.frame(frame, received) {
            Frame::Data { .. } => FrameKind::Data,
            Frame::Reply { id: Some(id), refused } => FrameKind::Reply { id, refused: refused.map(refusal) },
            Frame::ShutdownNotice => FrameKind::ShutdownNotice,
            Frame::Reply { id: None, .. } | Frame::Unknown | Frame::Undecodable => FrameKind::Data,
        };
        if self.shard.needs_service() {
            self.serve(socket);
        }
        kind
    }

    fn batch_ended(&mut self, _: &mut SocketContext) {}

    fn subscribed(&mut self, topic: &Arc<str>, outcome: Result<(), Error>, socket: &mut SocketContext) {
        let Some(pair) = self.owner(topic) else { return };
        match outcome {
            Ok(()) => {
                self.unacknowledged.remove(topic);
                if !self.unacknowledged.values().any(|waiting| *waiting == pair) {
                    self.accepted.insert(pair.clone());
                    self.shard.subscribed(&pair, self.now());
                }
            }
            Err(error) => self.refused(topic, pair, error, socket),
        }
    }

    fn closed(&mut self, reason: &Error, _: &mut SocketContext) {
        self.shared.problems.report("market socket", reason);
        self.shard.disconnected(self.now());
    }

    fn unreachable(&mut self, error: &Error, _: Instant, _: &mut SocketContext) {
        self.shared.problems.report("market socket", error);
        self.shard.unreachable(error);
    }

    fn command(&mut self, command: ToSocket, socket: &mut SocketContext) {
        let now = self.now();
        match command {
            ToSocket::Track { instrument, book, topics } => self.track(instrument, book, topics, socket),
            ToSocket::Untrack(pair) => self.untrack(&pair, socket),
            ToSocket::Snapshot { ask, answer } => self.shard.snapshot(&ask, answer, now),
            ToSocket::Compare { best, asked } => self.shard.compare(&best, asked, now),
            ToSocket::Refresh(pair) => self.shard.refresh(&pair, now),
            ToSocket::Instrument(instrument) => self.shard.set_instrument(&instrument, now),
        }
        self.serve(socket);
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.next_tick)
    }

    fn tick(&mut self, now: Instant, socket: &mut SocketContext) {
        self.next_tick = now + TICK;
        self.ask_again(now, socket);
        self.shard.tick(self.now());
        self.serve(socket);
    }
}

fn refusal(words: String) -> Error {
    Error::new(ErrorKind::Exchange, words)
}
