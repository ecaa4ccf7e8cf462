//! Who is subscribed to what, and delivery of frames with the faults that strike them.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::market::{Market, MarketId};
use crate::sockets::Socket;
use crate::spoil::garbled;

/// Best bid and ask with their quantities.
type Best = [(Decimal, Decimal); 2];

/// How one socket wants its frames.
pub(crate) trait Wish: Clone + PartialEq + Debug + Send {
    /// What makes payloads of one publication differ.
    type Form: Copy + PartialEq + Debug + Send;

    /// The form of its payloads.
    fn form(&self) -> Self::Form;

    /// The text of a payload of the stream `name`.
    fn dressed(&self, name: &str, payload: &str) -> String;

    /// Whether it is told what happens on the stream `name`, if it has subscribed to it.
    fn hears(&self, name: &str) -> bool;

    /// A payload that no client knows.
    fn new_event(name: &str) -> String;

    /// The payload with a value that no client knows in place of one of an enumeration.
    fn with_new_enum(payload: &str) -> String;
}

/// A stream about to carry a frame.
#[derive(Debug)]
pub(crate) struct Topic {
    /// Name of the stream.
    pub(crate) name: String,
    /// Symbol and pair that it is about, if it is about one.
    pub(crate) symbol: Option<(String, String)>,
    /// Whether the frame is an update of a book.
    pub(crate) book_update: bool,
}

impl Topic {
    /// A stream of one market.
    pub(crate) fn of(market: &Market, name: String) -> Topic {
        Topic { name, symbol: Some((market.listing.symbol.clone(), market.listing.pair())), book_update: false }
    }

    /// A stream of all markets.
    pub(crate) fn of_all(name: String) -> Topic {
        Topic { name, symbol: None, book_update: false }
    }
}

/// One socket's subscriptions and its wish.
#[derive(Debug)]
struct Subscriber<W> {
    socket: Arc<Socket>,
    wish: W,
    names: Vec<String>,
}

/// All subscriptions.
#[derive(Debug)]
pub(crate) struct Hub<W: Wish> {
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W: Wish> {
    subscribers: HashMap<u64, Subscriber<W>>,
    topics: HashMap<String, Vec<u64>>,
    /// Frames that faults hold back until a time.
    held: Vec<(Timestamp, String, Payload<W>)>,
    /// Frames that faults hold back until the next one of their stream.
    parked: HashMap<String, Payload<W>>,
    bests: HashMap<MarketId, Best>,
    open_candles: HashMap<String, i64>,
}

/// A payload in each form that someone wants.
#[derive(Clone, Debug)]
struct Payload<W: Wish>(Vec<(W::Form, String)>);

impl<W: Wish> Default for Hub<W> {
    fn default() -> Hub<W> {
        Hub {
            state: Mutex::new(State {
                subscribers: HashMap::new(),
                topics: HashMap::new(),
                held: Vec::new(),
                parked: HashMap::new(),
                bests: HashMap::new(),
                open_candles: HashMap::new(),
            }),
        }
    }
}

impl<W: Wish> Hub<W> {
    /// Registers a socket.
    pub(crate) fn open(&self, socket: &Arc<Socket>, wish: W) {
        let subscriber = Subscriber { socket: Arc::clone(socket), wish, names: Vec::new() };
        self.state.lock().subscribers.insert(socket.id, subscriber);
    }

    /// Adds subscriptions; false if the connection would have too many.
    pub(crate) fn subscribe(&self, exchange: &Exchange, socket: &Arc<Socket>, names: &[String]) -> bool {
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
            if subscriber.wish.hears(name) {
                topics.entry(name.clone()).or_default().push(socket.id);
            }
        }
        socket.set_subscriptions(wanted.clone());
        subscriber.names = wanted;
        drop(state);
        exchange.wake.notify_one();
        true
    }

    /// Ends subscriptions.
    pub(crate) fn unsubscribe(&self, socket: &Arc<Socket>, names: &[String]) {
        let mut state = self.state.lock();
        state.remove(socket.id, |name| names.iter().any(|ended| ended == name));
        if let Some(subscriber) = state.subscribers.get(&socket.id) {
            socket.set_subscriptions(subscriber.names.clone());
        }
    }

    /// Names of a socket's subscriptions.
    pub(crate) fn subscriptions(&self, socket: u64) -> Vec<String> {
        self.state.lock().subscribers.get(&socket).map(|subscriber| subscriber.names.clone()).unwrap_or_default()
    }

    /// The wish of a socket.
    pub(crate) fn wish(&self, socket: u64) -> Option<W> {
        self.state.lock().subscribers.get(&socket).map(|subscriber| subscriber.wish.clone())
    }

    /// Changes the wish of a socket.
    pub(crate) fn set_wish(&self, socket: u64, wish: W) {
        if let Some(subscriber) = self.state.lock().subscribers.get_mut(&socket) {
            subscriber.wish = wish;
        }
    }

    /// Forgets a socket.
    pub(crate) fn close(&self, socket: u64) {
        let mut state = self.state.lock();
        state.remove(socket, |_| true);
        state.subscribers.remove(&socket);
    }

    /// The sockets that hear a stream, each with its wish, oldest first.
    pub(crate) fn listeners(&self, name: &str) -> Vec<(Arc<Socket>, W)> {
        let state = self.state.lock();
        let heard =
            state.subscribers_of(name).map(|subscriber| (Arc::clone(&subscriber.socket), subscriber.wish.clone()));
        let mut listeners: Vec<_> = heard.collect();
        listeners.sort_by_key(|(socket, _)| socket.id);
        listeners
    }

    /// Whether nobody is subscribed to anything.
    pub(crate) fn is_quiet(&self) -> bool {
        self.state.lock().topics.is_empty()
    }

    /// Whether someone is subscribed to this stream.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.state.lock().topics.contains_key(name)
    }

    /// Streams with at least one subscriber, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.state.lock().topics.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Whether steps of time are needed: for held frames, or for streams of which `timed` holds.
    pub(crate) fn wants_time(&self, timed: impl Fn(&str) -> bool) -> bool {
        let state = self.state.lock();
        !state.held.is_empty() || state.topics.keys().any(|name| timed(name))
    }

    /// Notes the best levels of a market; true if they differ from the last ones.
    pub(crate) fn best_changed(&self, id: MarketId, best: Best) -> bool {
        self.state.lock().bests.insert(id, best) != Some(best)
    }

    /// Notes the start of a stream's present candle; returns that of the one before if it is over.
    pub(crate) fn candle_over(&self, name: &str, start: i64) -> Option<i64> {
        let before = self.state.lock().open_candles.insert(name.to_owned(), start);
        before.filter(|before| *before < start)
    }

    /// The faults that strike a frame of this stream. Call only for streams that someone is subscribed to.
    pub(crate) fn faults(&self, exchange: &Exchange, topic: &Topic) -> Vec<FaultKind> {
        exchange.faults.strike(exchange.clock.now(), &[Class::Frame, Class::Message], &occasion(topic))
    }

    /// Sends a frame to the stream's subscribers, as far as faults let it through.
    pub(crate) fn publish(&self, exchange: &Exchange, topic: &Topic, render: impl Fn(W::Form) -> String) {
        if self.has(&topic.name) {
            let faults = self.faults(exchange, topic);
            self.deliver(exchange, topic, &faults, render);
        }
    }

    /// Sends a frame as `faults` order.
    pub(crate) fn deliver(
        &self,
        exchange: &Exchange,
        topic: &Topic,
        faults: &[FaultKind],
        render: impl Fn(W::Form) -> String,
    ) {
        self.strike_sockets(exchange, topic);
        // Rendering may lock markets, so it is done without the lock of the hub.
        let forms = self.state.lock().forms(&topic.name);
        let mut payload: Payload<W> = Payload(forms.into_iter().map(|form| (form, render(form))).collect());
        let mut copies = 1;
        for fault in faults {
            match fault {
                FaultKind::Mute | FaultKind::SkipUpdate => copies = 0,
                FaultKind::RepeatUpdate | FaultKind::Duplicate => copies *= 2,
                FaultKind::Garble => payload.change(garbled),
                FaultKind::Novel { what: Novelty::Field } => payload.change(with_new_field),
                FaultKind::Novel { what: Novelty::Enum } => payload.change(W::with_new_enum),
                FaultKind::Novel { what: Novelty::Event } => {
                    let mut event = payload.clone();
                    event.change(|_| W::new_event(&topic.name));
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
    pub(crate) fn release(&self, now: Timestamp) {
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

    /// Sends the state of things to a socket that has just subscribed, as far as faults let it through.
    pub(crate) fn greet(&self, exchange: &Exchange, socket: &Arc<Socket>, topic: &Topic, mut text: String) {
        let mut copies = 1;
        for fault in self.faults(exchange, topic) {
            match fault {
                FaultKind::Mute => copies = 0,
                FaultKind::Duplicate => copies *= 2,
                FaultKind::Garble => text = garbled(&text),
                _ => {}
            }
        }
        for _ in 0..copies {
            socket.send(text.clone().into());
        }
    }

    /// Sends a frame to one socket, whatever its subscriptions.
    pub(crate) fn direct(&self, socket: &Arc<Socket>, name: &str, render: impl Fn(W::Form) -> String) {
        if let Some(wish) = self.wish(socket.id) {
            socket.send(wish.dressed(name, &render(wish.form())).into());
        }
    }
}

impl<W: Wish> State<W> {
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

    fn subscribers_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Subscriber<W>> + use<'a, W> {
        let ids = self.topics.get(name).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.subscribers.get(id))
    }

    fn sockets(&self, name: &str) -> Vec<Arc<Socket>> {
        self.subscribers_of(name).map(|subscriber| Arc::clone(&subscriber.socket)).collect()
    }

    fn forms(&self, name: &str) -> Vec<W::Form> {
        let mut forms = Vec::new();
        for form in self.subscribers_of(name).map(|subscriber| subscriber.wish.form()) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }

    fn hold_or_send(&mut self, topic: &Topic, payload: &Payload<W>, faults: &[FaultKind], now: Timestamp) {
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

    fn send(&self, name: &str, payload: &Payload<W>) {
        let mut made: Vec<(&W, Utf8Bytes)> = Vec::new();
        for Subscriber { socket, wish, .. } in self.subscribers_of(name) {
            let text = match made.iter().find(|(known, _)| *known == wish) {
                Some((_, text)) => text.clone(),
                None => {
                    let Some(plain) = payload.in_form(wish.form()) else { continue };
                    let text: Utf8Bytes = wish.dressed(name, plain).into();
                    made.push((wish, text.clone()));
                    text
                }
            };
            socket.send(text);
        }
    }
}

impl<W: Wish> Payload<W> {
    /// In this form; in any if nobody wanted it when it was made.
    fn in_form(&self, form: W::Form) -> Option<&str> {
        let Payload(forms) = self;
        let found = forms.iter().find(|(known, _)| *known == form).or(forms.first());
        found.map(|(_, text)| text.as_str())
    }

    fn change(&mut self, change: impl Fn(&str) -> String) {
        self.0.iter_mut().for_each(|(_, text)| *text = change(text));
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

fn with_new_field(payload: &str) -> String {
    match payload.strip_suffix('}') {
        Some(rest) => format!("{rest},\"neverSeen\":\"yes\"}}"),
        None => payload.to_owned(),
    }
}
