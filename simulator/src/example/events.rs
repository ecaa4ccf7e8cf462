//! What happens to accounts, told on their sockets.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::rows::{self, fields, plain};
use super::{Example, contracts};
use crate::accounts::{AccountChange, AccountEvent, AccountId, Order, OrderChange, OrderEvent, Position, Wallet};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::sockets::Socket;
use crate::spoil::garbled;

/// Name of the private stream for faults.
const STREAM: &str = "userData";

/// An event about to be told.
#[derive(Clone, Debug)]
struct Told<'a> {
    event: &'static str,
    symbol: Option<&'a str>,
    /// The order that it is about.
    order: Option<&'a Order>,
    /// What it reports: an order's status, else its kind.
    report: &'static str,
    /// By how much a fault understates what an order has traded.
    last: Decimal,
    fields: Map<String, Value>,
}

impl<'a> Told<'a> {
    /// An event that is about no order.
    fn plain(event: &'static str, symbol: Option<&'a str>, fields: Map<String, Value>) -> Told<'a> {
        Told { event, symbol, order: None, report: event, last: Decimal::ZERO, fields }
    }

    fn of(event: &'static str, report: &'static str, (order, last): (&'a Order, Decimal)) -> Told<'a> {
        Told { event, symbol: Some(&order.symbol), order: Some(order), report, last, fields: Map::new() }
    }
}

impl Example {
    /// Tells what happened to accounts: orders and fills, and to positions where contracts are traded.
    pub(super) fn tell_accounts(&self, exchange: &Exchange, events: &[AccountEvent]) {
        for AccountEvent { account, time, what } in events {
            match what {
                AccountChange::Order(changed) => self.tell_order(exchange, *account, changed),
                AccountChange::Margin(update) => {
                    for position in &update.positions {
                        let fields = contracts::position(position);
                        self.tell(exchange, *account, &Told::plain("position", Some(&position.symbol), fields));
                    }
                    for (wallet, _) in &update.wallets {
                        self.tell(exchange, *account, &Told::plain("balance", None, balance(wallet, *time)));
                    }
                }
                AccountChange::Funding(paid) => {
                    let fields = contracts::payment(paid);
                    self.tell(exchange, *account, &Told::plain("payment", Some(&paid.symbol), fields));
                }
                AccountChange::MarginCall { positions, .. } => {
                    for position in positions {
                        let fields = margin_call(position, *time);
                        self.tell(exchange, *account, &Told::plain("margin_call", Some(&position.symbol), fields));
                    }
                }
                _ => {}
            }
        }
    }

    fn tell_order(&self, exchange: &Exchange, account: AccountId, changed: &OrderEvent) {
        let order = &changed.order;
        let mut last = order.executed;
        if let OrderChange::Trade(trade) = &changed.change {
            last = trade.fill.quantity;
            let fields = rows::fill(exchange, &trade.fill, order);
            self.tell(exchange, account, &Told { fields, ..Told::of("fill", "fill", (order, last)) });
        }
        let (report, _) = rows::status(order);
        let fields = rows::order(exchange, order);
        self.tell(exchange, account, &Told { fields, ..Told::of("order", report, (order, last)) });
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
    let pair = told.symbol.and_then(|symbol| exchange.pair_of(symbol));
    let ids = told.order.map(|order| (order.id.0.to_string(), order.client_id.as_str()));
    let ended = told.order.is_some_and(|order| !order.is_live() && !order.executed.is_zero());
    let occasion = Occasion {
        path: Some(&socket.path),
        symbol: told.symbol.zip(pair.as_deref()),
        stream: Some(STREAM),
        connection: Some(socket.id),
        account: Some(&owner),
        event: Some(told.event),
        report: Some(told.report),
        end: ended && told.event == "order",
        order: ids.as_ref().map(|(id, client_id)| (id.as_str(), *client_id)),
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
    if let Some(order) = told.order.filter(|_| told.event == "order") {
        let less = (order.executed - quantity.unwrap_or(told.last)).max(Decimal::ZERO);
        told.fields.insert("filled".to_owned(), json!(plain(less)));
    }
}

/// What an account has of an asset after a change.
fn balance(wallet: &Wallet, time: Timestamp) -> Map<String, Value> {
    fields(json!({ "asset": wallet.asset, "total": plain(wallet.balance), "time": time.millis() }))
}

/// That the margin of a position is close to too little.
fn margin_call(position: &Position, time: Timestamp) -> Map<String, Value> {
    let side = contracts::side_word(position.side);
    fields(json!({ "symbol": position.symbol, "position": side, "time": time.millis() }))
}
