//! Private events on their way to a socket, with the faults that strike them.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::accounts::AccountId;
use crate::delivery::Delivery;
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::sockets::Socket;
use crate::spoil::{add_enum_value, garbled};

/// Name of the private stream for faults.
const STREAM: &str = "userData";

/// An event about to be told.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// Its type, such as `executionReport`.
    pub(super) name: &'static str,
    pub(super) symbol: Option<Arc<str>>,
    /// Number and client id of the order that it is about.
    pub(super) order: Option<(String, String)>,
    pub(super) event: Map<String, Value>,
    /// Field that holds the report of an order; the event itself if `None`.
    pub(super) report: Option<&'static str>,
}

/// Where an event goes.
pub(super) struct Recipient<'a> {
    pub(super) socket: &'a Arc<Socket>,
    pub(super) account: AccountId,
    /// The text in which an event comes.
    pub(super) dressed: &'a dyn Fn(&Value) -> String,
}

impl Told {
    /// An event that is about no order.
    pub(super) fn plain(name: &'static str, event: Value) -> Told {
        let event = if let Value::Object(event) = event { event } else { Map::new() };
        Told { name, symbol: None, order: None, event, report: None }
    }

    /// Sends it, as far as faults let it through; false if one of them ends the subscription.
    pub(super) fn send(mut self, exchange: &Exchange, delivery: &Delivery, to: &Recipient<'_>) -> bool {
        let faults = self.faults(exchange, to);
        let (name, mut copies) = (self.name, 1);
        for fault in &faults {
            match fault {
                FaultKind::Mute | FaultKind::EndSubscription => copies = 0,
                FaultKind::Duplicate => copies *= 2,
                FaultKind::Understate { quantity } => self.change(|fields| understate(fields, *quantity)),
                FaultKind::NoFee => self.change(|fields| fields.retain(|name, _| name != "n" && name != "N")),
                FaultKind::Novel { what: Novelty::Field } => {
                    self.event.insert("neverSeen".to_owned(), json!("yes"));
                }
                FaultKind::Novel { what: Novelty::Event } => {
                    to.socket.send((to.dressed)(&json!({ "e": "neverSeen", "E": 1 })).into());
                }
                _ => {}
            }
        }
        let mut text = (to.dressed)(&Value::Object(self.event));
        for fault in &faults {
            match fault {
                FaultKind::Garble => text = garbled(&text),
                FaultKind::Novel { what: Novelty::Enum } => add_enum_value(&mut text),
                _ => {}
            }
        }
        for _ in 0..copies {
            delivery.event(exchange, (to.socket, name), &text, &faults);
        }
        !faults.contains(&FaultKind::EndSubscription)
    }

    /// The faults that strike it on its way; those on the socket itself are carried out.
    fn faults(&self, exchange: &Exchange, to: &Recipient<'_>) -> Vec<FaultKind> {
        let accounts = exchange.accounts.lock();
        let name = accounts.account(to.account).map(|account| account.name.clone()).unwrap_or_default();
        drop(accounts);
        let pair = self.symbol.as_deref().and_then(|symbol| exchange.pair_of(symbol));
        let occasion = Occasion {
            path: Some(&to.socket.path),
            symbol: self.symbol.as_deref().zip(pair.as_deref()),
            stream: Some(STREAM),
            connection: Some(to.socket.id),
            account: Some(&name),
            event: Some(self.name),
            report: self.fields().get("x").and_then(Value::as_str),
            end: self.ends(),
            order: self.order.as_ref().map(|(id, client_id)| (id.as_str(), client_id.as_str())),
            ..Occasion::default()
        };
        let now = exchange.clock.now();
        for kind in exchange.faults.strike(now, &[Class::Socket], &occasion) {
            exchange.strike_socket(&kind, to.socket);
        }
        exchange.faults.strike(now, &[Class::Frame, Class::Message], &occasion)
    }

    /// The fields that report an order.
    fn fields(&self) -> &Map<String, Value> {
        self.report.and_then(|field| self.event.get(field)?.as_object()).unwrap_or(&self.event)
    }

    /// Changes the fields that report an order.
    fn change(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        match self.report.and_then(|field| self.event.get_mut(field)).and_then(Value::as_object_mut) {
            Some(fields) => change(fields),
            None => change(&mut self.event),
        }
    }

    /// Whether it is the report of the end of an order that has traded.
    fn ends(&self) -> bool {
        let over = ["FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"];
        let fields = self.fields();
        let status = fields.get("X").and_then(Value::as_str);
        status.is_some_and(|status| over.contains(&status)) && number(fields, "z").is_some_and(|z| !z.is_zero())
    }
}

/// Makes the last report of an order say that less has traded: `missing` base units less, or the last trade.
fn understate(fields: &mut Map<String, Value>, missing: Option<Decimal>) {
    let Some(traded) = number(fields, "z") else { return };
    let last = number(fields, "l").filter(|last| !last.is_zero());
    let less = (traded - missing.or(last).unwrap_or(traded)).max(Decimal::ZERO);
    let share = less.checked_div(traded).unwrap_or_default();
    fields.insert("z".to_owned(), json!(scaled(less, traded)));
    if let Some(paid) = number(fields, "Z") {
        fields.insert("Z".to_owned(), json!(scaled((paid * share).round_dp(paid.scale()), paid)));
    }
}

fn number(fields: &Map<String, Value>, name: &str) -> Option<Decimal> {
    fields.get(name)?.as_str()?.parse().ok()
}

/// Text of a number with as many decimals as another one.
fn scaled(mut value: Decimal, like: Decimal) -> String {
    value.rescale(like.scale());
    value.to_string()
}
