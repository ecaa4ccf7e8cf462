//! Who is subscribed to what, and delivery of frames with the faults that strike them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::unit::{TimeUnit, of_handshake};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::front::Request;
use crate::market::{Market, MarketId};
use crate::sockets::Socket;
use crate::spoil::garbled;

/// Best bid and ask with their quantities.
type Best = [(Decimal, Decimal); 2];

/// A stream about to carry a frame.
#[derive(Debug)]
pub(super) struct Topic {
    /// Name of the stream.
    pub(super) name: String,
    /// Symbol and pair that it is about, if it is about one.
    pub(super) symbol: Option<(String, String)>,
    /// Whether the frame is an update of a book.
    pub(super) book_update: bool,
}

impl Topic {
    /// A stream of one market.
    pub(super) fn of(market: &Market, name: String) -> Topic {
        Topic { name, symbol: Some((market.listing.symbol.clone(), market.listing.pair())), book_update: false }
    }

    /// A stream of all markets.
    pub(super) fn of_all(name: String) -> Topic {
        Topic { name, symbol: None, book_update: false }
    }
}

/// One socket's subscriptions and wishes.
#[derive(Debug)]
struct Subscriber {
    socket: Arc<Socket>,
    unit: TimeUnit,
    combined: bool,
    names: Vec<String>,
}

/// All subscriptions.
#[derive(Debug, Default)]
pub(super) struct Hub {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    subscribers: HashMap<u64, Subscriber>,
    topics: HashMap<String, Vec<u64>>,
    /// Frames that faults hold back until a time.
    held: Vec<(Timestamp, String, Payload)>,
    /// Frames that faults hold back until the next one of their stream.
    parked: HashMap<String, Payload>,
    bests: HashMap<MarketId, Best>,
    open_candles: HashMap<String, i64>,
}

/// A payload in both units of time, the second only if someone wants it.
#[derive(Clone, Debug)]
struct Payload {
    millis: String,
    micros: Option<String>,
}

impl Hub {
    /// Registers a socket with the streams of its path.
    pub(super) fn open(&self, exchange: &Exchange, request: &Request, socket: &Arc<Socket>) {
        let combined = request.path.starts_with("/stream");
        let list = if combined {
            let given = request.parameters();
            given.into_iter().find(|(name, _)| name == "streams").map(|(_, value)| value).unwrap_or_default()
        } else {
            request.path.strip_prefix("/ws/").unwrap_or_default().to_owned()
        };
        let unit = of_handshake(request).unwrap_or_default();
        let subscriber = Subscriber { socket: Arc::clone(socket), unit, combined, names: Vec::new() };
        self.state.lock().subscribers.insert(socket.id, subscriber);
        let names: Vec<String> =
            list.split('/').filter(|name| !name.is_empty() && *name != "0").map(str::to_owned).collect();
        self.subscribe(exchange, socket, &names);
    }

    /// Adds subscriptions; false if the connection would have too many.
    pub(super) fn subscribe(&self, exchange: &Exchange, socket: &Arc<Socket>, names: &[String]) -> bool {
        let mut state = self.state.lock();
        let State { subscribers, topics, .. } = &mut *state;
        let Some(subscriber) = subscribers.get_mut(&socket.id) else { return true };
        let mut wanted = subscriber.names.clone();
        for name in names {
            if !wanted.contains(name) {
                wanted.push(name.clone());
            }
        }
        if wanted.len() > exchange.config.limits.streams_per_connection {
            return false;
        }
        for name in &wanted[subscriber.names.len()..] {
            topics.entry(name.clone()).or_default().push(socket.id);
        }
        socket.set_subscriptions(wanted.clone());
        subscriber.names = wanted;
        drop(state);
        exchange.wake.notify_one();
        true
    }

    /// Ends subscriptions.
    pub(super) fn unsubscribe(&self, socket: &Arc<Socket>, names: &[String]) {
        let mut state = self.state.lock();
        state.remove(socket.id, |name| names.iter().any(|ended| ended == name));
        if let Some(subscriber) = state.subscribers.get(&socket.id) {
            socket.set_subscriptions(subscriber.names.clone());
        }
    }

    /// Names of a socket's subscriptions.
    pub(super) fn subscriptions(&self, socket: u64) -> Vec<String> {
        self.state.lock().subscribers.get(&socket).map(|subscriber| subscriber.names.clone()).unwrap_or_default()
    }

    /// Whether a socket's frames are wrapped with the name of their stream.
    pub(super) fn combined(&self, socket: u64) -> bool {
        self.state.lock().subscribers.get(&socket).is_some_and(|subscriber| subscriber.combined)
    }

    /// Sets whether a socket's frames are wrapped.
    pub(super) fn set_combined(&self, socket: u64, combined: bool) {
        if let Some(subscriber) = self.state.lock().subscribers.get_mut(&socket) {
            subscriber.combined = combined;
        }
    }

    /// Forgets a socket.
    pub(super) fn close(&self, socket: u64) {
        let mut state = self.state.lock();
        state.remove(socket, |_| true);
        state.subscribers.remove(&socket);
    }

    /// Whether nobody is subscribed to anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.state.lock().topics.is_empty()
    }

    /// Whether someone is subscribed to this stream.
    pub(super) fn has(&self, name: &str) -> bool {
        self.state.lock().topics.contains_key(name)
    }

    /// Streams with at least one subscriber, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.state.lock().topics.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Whether steps of time are needed: for timed streams or held frames.
    pub(super) fn wants_time(&self) -> bool {
        let state = self.state.lock();
        !state.held.is_empty() || state.topics.keys().any(|name| super::streams::Timed::named(name).is_some())
    }

    /// Notes the best levels of a market; true if they differ from the last ones.
    pub(super) fn best_changed(&self, id: MarketId, best: Best) -> bool {
        self.state.lock().bests.insert(id, best) != Some(best)
    }

    /// Notes the start of a stream's present candle; returns that of the one before if it is over.
    pub(super) fn candle_over(&self, name: &str, start: i64) -> Option<i64> {
        let before = self.state.lock().open_candles.insert(name.to_owned(), start);
        before.filter(|before| *before < start)
    }

    /// The faults that strike a frame of this stream. Call only for streams that someone is subscribed to.
    pub(super) fn faults(&self, exchange: &Exchange, topic: &Topic) -> Vec<FaultKind> {
        exchange.faults.strike(exchange.clock.now(), &[Class::Frame, Class::Message], &occasion(topic))
    }

    /// Sends a frame to the stream's subscribers, as far as faults let it through.
    pub(super) fn publish(&self, exchange: &Exchange, topic: &Topic, render: impl Fn(TimeUnit) -> String) {
        if self.has(&topic.name) {
            let faults = self.faults(exchange, topic);
            self.deliver(exchange, topic, &faults, render);
        }
    }

    /// Sends a frame as `faults` order.
    pub(super) fn deliver(
        &self,
        exchange: &Exchange,
        topic: &Topic,
        faults: &[FaultKind],
        render: impl Fn(TimeUnit) -> String,
    ) {
        self.strike_sockets(exchange, topic);
        // Rendering may lock markets, so it is done without the lock of the hub.
        let micros = self.state.lock().wants_micros(&topic.name);
        let mut payload =
            Payload { millis: render(TimeUnit::Millisecond), micros: micros.then(|| render(TimeUnit::Microsecond)) };
        let mut copies = 1;
        for fault in faults {
            match fault {
                FaultKind::Mute | FaultKind::SkipUpdate => copies = 0,
                FaultKind::RepeatUpdate | FaultKind::Duplicate => copies *= 2,
                FaultKind::Garble => payload = payload.changed(garbled),
                FaultKind::Novel { what: Novelty::Field } => payload = with_new_field(payload),
                FaultKind::Novel { what: Novelty::Enum } => payload = with_new_event(payload),
                FaultKind::Novel { what: Novelty::Event } => {
                    let event = Payload { millis: "{\"e\":\"neverSeen\",\"E\":1}".to_owned(), micros: None };
                    self.state.lock().send(&topic.name, &event);
                }
                _ => {}
            }
        }
        let mut state = self.state.lock();
        for _ in 0..copies {
            state.hold_or_send(topic, &payload, faults, exchange.clock.now());
        }
    }

    /// Strikes sockets with faults that wait for a frame.
    fn strike_sockets(&self, exchange: &Exchange, topic: &Topic) {
        let sockets = self.state.lock().sockets(&topic.name);
        for socket in sockets {
            let occasion = Occasion { connection: Some(socket.id), path: Some(&socket.path), ..occasion(topic) };
            for kind in exchange.faults.strike(exchange.clock.now(), &[Class::Socket], &occasion) {
                exchange.strike_socket(&kind, &socket);
            }
        }
    }

    /// Sends the held frames that are due.
    pub(super) fn release(&self, now: Timestamp) {
        let mut state = self.state.lock();
        if state.held.is_empty() {
            return;
        }
        let (due, held): (Vec<_>, Vec<_>) =
            std::mem::take(&mut state.held).into_iter().partition(|(at, ..)| *at <= now);
        state.held = held;
        for (_, name, payload) in due {
            state.send(&name, &payload);
        }
    }

    /// Sends a frame to one socket, whatever its subscriptions.
    pub(super) fn direct(&self, socket: &Arc<Socket>, name: &str, render: impl Fn(TimeUnit) -> String) {
        let wish = self.state.lock().subscribers.get(&socket.id).map(|known| (known.unit, known.combined));
        if let Some((unit, combined)) = wish {
            let payload = render(unit);
            socket.send(if combined { wrapped(name, &payload) } else { payload }.into());
        }
    }
}

impl State {
    fn remove(&mut self, socket: u64, ended: impl Fn(&str) -> bool) {
        let Some(subscriber) = self.subscribers.get_mut(&socket) else { return };
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut subscriber.names).into_iter().partition(|name| ended(name));
        subscriber.names = kept;
        for name in gone {
            if let Some(ids) = self.topics.get_mut(&name) {
                ids.retain(|id| *id != socket);
                if ids.is_empty() {
                    self.topics.remove(&name);
                    self.open_candles.remove(&name);
                    self.parked.remove(&name);
                }
            }
        }
    }

    fn subscribers_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Subscriber> + use<'a> {
        let ids = self.topics.get(name).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.subscribers.get(id))
    }

    fn sockets(&self, name: &str) -> Vec<Arc<Socket>> {
        self.subscribers_of(name).map(|subscriber| Arc::clone(&subscriber.socket)).collect()
    }

    fn wants_micros(&self, name: &str) -> bool {
        self.subscribers_of(name).any(|subscriber| subscriber.unit == TimeUnit::Microsecond)
    }

    fn hold_or_send(&mut self, topic: &Topic, payload: &Payload, faults: &[FaultKind], now: Timestamp) {
        let hold = faults.iter().find_map(|fault| match fault {
            FaultKind::Hold { ms } => Some(Duration::from_millis(*ms)),
            _ => None,
        });
        if let Some(hold) = hold {
            self.held.push((now.plus(hold), topic.name.clone(), payload.clone()));
            return;
        }
        if faults.contains(&FaultKind::Reorder) && !self.parked.contains_key(&topic.name) {
            self.parked.insert(topic.name.clone(), payload.clone());
            return;
        }
        self.send(&topic.name, payload);
        if let Some(earlier) = self.parked.remove(&topic.name) {
            self.send(&topic.name, &earlier);
        }
    }

    fn send(&self, name: &str, payload: &Payload) {
        let mut made: Vec<(TimeUnit, bool, Utf8Bytes)> = Vec::new();
        for subscriber in self.subscribers_of(name) {
            let (unit, combined) = (subscriber.unit, subscriber.combined);
            let known = made.iter().find(|(known, wrapped, _)| (*known, *wrapped) == (unit, combined));
            let text = match known {
                Some((.., text)) => text.clone(),
                None => {
                    let plain = payload.in_unit(unit);
                    let text: Utf8Bytes = if combined { wrapped(name, plain) } else { plain.to_owned() }.into();
                    made.push((unit, combined, text.clone()));
                    text
                }
            };
            subscriber.socket.send(text);
        }
    }
}

impl Payload {
    fn in_unit(&self, unit: TimeUnit) -> &str {
        match (unit, &self.micros) {
            (TimeUnit::Microsecond, Some(micros)) => micros,
            _ => &self.millis,
        }
    }

    fn changed(self, change: impl Fn(&str) -> String) -> Payload {
        Payload { millis: change(&self.millis), micros: self.micros.as_deref().map(change) }
    }
}

fn occasion(topic: &Topic) -> Occasion<'_> {
    Occasion {
        symbol: topic.symbol.as_ref().map(|(symbol, pair)| (symbol.as_str(), pair.as_str())),
        stream: Some(&topic.name),
        book_update: topic.book_update,
        ..Occasion::default()
    }
}

fn wrapped(name: &str, payload: &str) -> String {
    let name = serde_json::Value::from(name);
    format!("{{\"stream\":{name},\"data\":{payload}}}")
}

fn with_new_field(payload: Payload) -> Payload {
    payload.changed(|text| match text.strip_suffix('}') {
        Some(rest) => format!("{rest},\"neverSeen\":\"yes\"}}"),
        None => text.to_owned(),
    })
}

fn with_new_event(payload: Payload) -> Payload {
    payload.changed(|text| {
        let mut value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        if let Some(event) = value.get_mut("e") {
            *event = "NEVER_SEEN".into();
        }
        value.to_string()
    })
}
