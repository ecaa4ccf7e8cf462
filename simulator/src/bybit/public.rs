//! Control messages on a market socket.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Bybit;
use super::category::Category;
use super::errors::ApiError;
use super::topics::Topic;
use crate::exchange::Exchange;
use crate::hub;
use crate::sockets::Socket;

const PATH: &str = "/v5/public/";
/// Topics that one request on a socket of spot may name.
const MOST_OF_SPOT: usize = 10;
/// Letters of all topics of a connection.
const MOST_LETTERS: usize = 21_000;

/// What a market socket is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A product.
    Of(Category),
    /// Announcements.
    Status,
}

/// What the market socket at this path is about; none if there is none.
pub(super) fn scope(path: &str) -> Option<Scope> {
    let path = path.split('?').next().unwrap_or_default();
    match path.strip_prefix(PATH)?.trim_end_matches('/') {
        "misc/status" => Some(Scope::Status),
        name => Category::named(name).map(Scope::Of),
    }
}

/// A message as the client writes it.
#[derive(Debug, Deserialize)]
pub(super) struct Control {
    #[serde(default)]
    pub(super) req_id: Option<Value>,
    pub(super) op: String,
    #[serde(default)]
    pub(super) args: Vec<Value>,
}

impl Control {
    /// The topics that it names.
    pub(super) fn topics(&self) -> Result<Vec<String>, String> {
        let text = |arg: &Value| arg.as_str().map(str::to_owned).ok_or_else(|| "Params Error".to_owned());
        let topics: Vec<String> = self.args.iter().map(text).collect::<Result<_, _>>()?;
        if topics.is_empty() { Err("Params Error".to_owned()) } else { Ok(topics) }
    }
}

/// The name of a connection.
pub(super) fn connection(socket: &Socket) -> String {
    format!("{:016x}-{:08x}", socket.opened.0.unsigned_abs(), socket.id)
}

/// The reply to a control message: `told` is empty, or what went wrong.
pub(super) fn reply(socket: &Socket, control: &Control, (success, told): (bool, &str)) -> String {
    let mut reply = json!({ "success": success, "ret_msg": told, "conn_id": connection(socket) });
    if let Some(id) = &control.req_id {
        reply["req_id"] = id.clone();
    }
    reply["op"] = json!(control.op);
    reply.to_string()
}

/// Deals with a text from a client of a market socket.
pub(super) fn received(bybit: &Bybit, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    let Some(scope) = scope(&socket.path) else { return };
    let control: Control = match serde_json::from_str(text) {
        Ok(control) => control,
        Err(error) => {
            let told = format!("Params Error: {error}");
            return socket
                .send(json!({ "success": false, "ret_msg": told, "conn_id": connection(socket) }).to_string().into());
        }
    };
    let session = Public { bybit, exchange, socket, scope };
    match control.op.as_str() {
        "ping" => session.pong(&control),
        "subscribe" => session.subscribe(&control),
        "unsubscribe" => session.unsubscribe(&control),
        other => socket.send(reply(socket, &control, (false, &format!("error:invalid op {other}"))).into()),
    }
}

struct Public<'a> {
    bybit: &'a Bybit,
    exchange: &'a Exchange,
    socket: &'a Arc<Socket>,
    scope: Scope,
}

impl Public<'_> {
    fn of_options(&self) -> bool {
        self.scope == Scope::Of(Category::Option)
    }

    fn pong(&self, control: &Control) {
        if !self.of_options() {
            return self.socket.send(reply(self.socket, control, (true, "pong")).into());
        }
        let now = self.exchange.clock.server_now().millis().to_string();
        self.socket.send(json!({ "args": [now], "op": "pong" }).to_string().into());
    }

    fn subscribe(&self, control: &Control) {
        match self.check(control) {
            Ok(topics) => {
                self.done(control, &topics);
                topics.iter().for_each(|topic| self.add(topic));
            }
            Err(told) => self.refuse(control, &told),
        }
    }

    fn unsubscribe(&self, control: &Control) {
        match control.topics() {
            Ok(topics) => {
                self.bybit.hub.unsubscribe(self.socket, &topics);
                self.done(control, &topics);
            }
            Err(told) => self.refuse(control, &told),
        }
    }

    /// The topics of a subscription, all of which are good: if one is not, none is subscribed.
    fn check(&self, control: &Control) -> Result<Vec<String>, String> {
        let topics = control.topics()?;
        if self.scope == Scope::Of(Category::Spot) && topics.len() > MOST_OF_SPOT {
            return Err(format!("args size >{MOST_OF_SPOT}"));
        }
        let letters = |names: &[String]| names.iter().map(String::len).sum::<usize>();
        if letters(&self.bybit.hub.subscriptions(self.socket.id)) + letters(&topics) > MOST_LETTERS {
            return Err("args length is too long".to_owned());
        }
        for topic in &topics {
            self.check_topic(topic)?;
        }
        Ok(topics)
    }

    fn check_topic(&self, name: &str) -> Result<(), String> {
        let unknown = || format!("error:handler not found,topic:{name}");
        let topic = Topic::named(name).ok_or_else(unknown)?;
        match (self.scope, topic.symbol()) {
            (Scope::Status, None) => Ok(()),
            (Scope::Of(category), Some(symbol)) => {
                let linear_only = matches!(topic, Topic::Liquidations { .. }) && category.is_spot();
                if linear_only {
                    return Err(unknown());
                }
                let listed = category == self.bybit.category && self.exchange.market(symbol).is_some();
                if listed { Ok(()) } else { Err(format!("Invalid symbol :[{name}]")) }
            }
            _ => Err(unknown()),
        }
    }

    /// Subscribes to a topic; where it begins with the state of things, that is told first.
    fn add(&self, name: &str) {
        let (hub, names) = (&self.bybit.hub, [name.to_owned()]);
        let topic = Topic::named(name);
        let market = topic.and_then(Topic::symbol).and_then(|symbol| self.exchange.market(symbol));
        let (Some(topic), Some(market)) = (topic, market) else {
            hub.subscribe(self.exchange, self.socket, &names);
            return;
        };
        // Nothing is told about this market in between.
        let market = market.lock();
        let first = match topic {
            Topic::Book { depth, .. } => self.bybit.books.snapshot(hub, self.exchange, &market, depth),
            Topic::Ticker { .. } => Some(self.bybit.ticker_snapshot(self.exchange, &market, name)),
            _ => None,
        };
        hub.subscribe(self.exchange, self.socket, &names);
        if let Some(text) = first {
            hub.greet(self.exchange, self.socket, &hub::Topic::of(&market, name.to_owned()), text);
        }
    }

    fn done(&self, control: &Control, topics: &[String]) {
        if self.of_options() {
            return self.listed(&[], topics);
        }
        let spot = self.scope == Scope::Of(Category::Spot);
        let told = if spot { control.op.as_str() } else { "" };
        self.socket.send(reply(self.socket, control, (true, told)).into());
    }

    fn refuse(&self, control: &Control, told: &str) {
        if self.of_options() {
            return self.listed(&control.topics().unwrap_or_default(), &[]);
        }
        self.socket.send(reply(self.socket, control, (false, told)).into());
    }

    /// The reply of the socket of options.
    fn listed(&self, failed: &[String], succeeded: &[String]) {
        let reply = json!({
            "success": failed.is_empty(), "conn_id": connection(self.socket),
            "data": { "failTopics": failed, "successTopics": succeeded }, "type": "COMMAND_RESP",
        });
        self.socket.send(reply.to_string().into());
    }
}

/// The refusal of a handshake at a path where there is no socket.
pub(super) fn no_socket() -> ApiError {
    ApiError::of_status(404, 404, "404 page not found")
}
