//! What happens to accounts, told on their sockets.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Example;
use super::rows::{self, plain};
use crate::accounts::{AccountChange, AccountEvent, AccountId, Order, OrderChange, OrderEvent};
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::sockets::Socket;
use crate::spoil::garbled;

/// Name of the private stream for faults.
const STREAM: &str = "userData";

/// An event about to be told.
#[derive(Clone, Debug)]
struct Told<'a> {
    /// `order` or `fill`.
    event: &'static str,
    order: &'a Order,
    /// What it reports: a status, or `fill`.
    report: &'static str,
    /// By how much a fault understates what an order has traded.
    last: Decimal,
    fields: Map<String, Value>,
}

impl Example {
    /// Tells what happened to accounts: orders and fills.
    pub(super) fn tell_accounts(&self, exchange: &Exchange, events: &[AccountEvent]) {
        for event in events {
            if let AccountChange::Order(changed) = &event.what {
                self.tell_order(exchange, event.account, changed);
            }
        }
    }

    fn tell_order(&self, exchange: &Exchange, account: AccountId, changed: &OrderEvent) {
        let order = &changed.order;
        let mut last = order.executed;
        if let OrderChange::Trade(trade) = &changed.change {
            last = trade.fill.quantity;
            let fields = rows::fill(&trade.fill, order);
            self.tell(exchange, account, &Told { event: "fill", order, report: "fill", last, fields });
        }
        let (report, _) = rows::status(order);
        self.tell(exchange, account, &Told { event: "order", order, report, last, fields: rows::order(order) });
    }

    fn tell(&self, exchange: &Exchange, account: AccountId, told: &Told<'_>) {
        for socket in self.sessions.of(account) {
            self.tell_socket(exchange, (&socket, account), told.clone());
        }
    }

    /// Sends one event to one socket, as far as faults let it through.
    fn tell_socket(&self, exchange: &Exchange, (socket, account): (&Arc<Socket>, AccountId), mut told: Told<'_>) {
        let faults = faults_on(exchange, (socket, account), &told);
        let mut copies = 1;
        for fault in &faults {
            match fault {
                FaultKind::Mute | FaultKind::EndSubscription => copies = 0,
                FaultKind::Duplicate => copies *= 2,
                FaultKind::Understate { quantity } => understate(&mut told, *quantity),
                FaultKind::NoFee => told.fields.retain(|name, _| name != "fee" && name != "fee_asset"),
                FaultKind::Novel { what: Novelty::Field } => {
                    told.fields.insert("never_seen".to_owned(), json!("yes"));
                }
                FaultKind::Novel { what: Novelty::Enum } => {
                    told.fields.insert("status".to_owned(), json!("NEVER_SEEN"));
                }
                FaultKind::Novel { what: Novelty::Event } => socket.send(r#"{"event":"NEVER_SEEN"}"#.into()),
                _ => {}
            }
        }
        let mut text = json!({ "event": told.event, told.event: told.fields }).to_string();
        if faults.contains(&FaultKind::Garble) {
            text = garbled(&text);
        }
        for _ in 0..copies {
            self.delivery.event(exchange, (socket, told.event), &text, &faults);
        }
        if faults.contains(&FaultKind::EndSubscription) {
            self.sessions.end(|_, id| id == socket.id);
        }
    }
}

/// The faults that strike an event on a socket; those on the socket itself are carried out.
fn faults_on(exchange: &Exchange, (socket, account): (&Arc<Socket>, AccountId), told: &Told<'_>) -> Vec<FaultKind> {
    if exchange.faults.is_empty() {
        return Vec::new();
    }
    let owner = exchange.accounts.lock().account(account).map(|account| account.name.clone()).unwrap_or_default();
    let pair = exchange.pair_of(&told.order.symbol);
    let id = told.order.id.0.to_string();
    let ended = !told.order.is_live() && !told.order.executed.is_zero();
    let occasion = Occasion {
        path: Some(&socket.path),
        symbol: Some(&*told.order.symbol).zip(pair.as_deref()),
        stream: Some(STREAM),
        connection: Some(socket.id),
        account: Some(&owner),
        event: Some(told.event),
        report: Some(told.report),
        end: ended && told.event == "order",
        order: Some((&id, &told.order.client_id)),
        ..Occasion::default()
    };
    let now = exchange.clock.now();
    for kind in exchange.faults.strike(now, &[Class::Socket], &occasion) {
        exchange.strike_socket(&kind, socket);
    }
    exchange.faults.strike(now, &[Class::Frame, Class::Message], &occasion)
}

/// Makes what an order has traded too low.
fn understate(told: &mut Told<'_>, quantity: Option<Decimal>) {
    let less = (told.order.executed - quantity.unwrap_or(told.last)).max(Decimal::ZERO);
    if told.event == "order" {
        told.fields.insert("filled".to_owned(), json!(plain(less)));
    }
}
