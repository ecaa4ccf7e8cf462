//! What happens to accounts, on its way to the private sockets.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Kraken;
use super::exact::{self, short};
use super::sessions::Channel;
use crate::accounts::{AccountChange, AccountEvent, AccountId};
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::sockets::Socket;
use crate::spoil::garbled;

/// Name of both channels for faults.
const STREAM: &str = "userData";

/// A message about to be told.
#[derive(Clone, Debug)]
pub(super) struct Told<'a> {
    pub(super) channel: Channel,
    pub(super) symbol: Option<&'a str>,
    /// Id and client id of the order that it is about.
    pub(super) order: Option<(String, String)>,
    /// What it reports, such as `TRADE`.
    pub(super) report: &'static str,
    /// Whether it reports the end of an order that has traded.
    pub(super) end: bool,
    /// By how much a fault understates what an order has traded.
    pub(super) last: Decimal,
    /// Whether it is left out for those who want only the beginning and the end of orders.
    pub(super) between: bool,
    pub(super) rows: Vec<Map<String, Value>>,
}

impl Kraken {
    /// Tells what happened to accounts.
    pub(super) fn tell_accounts(&self, exchange: &Exchange, events: &[AccountEvent]) {
        let mut causes = super::balances::Causes::default();
        for event in events {
            causes.note(event);
            match &event.what {
                AccountChange::Order(order) => self.tell_order(exchange, event, order),
                AccountChange::Balances(balances) => self.tell_balances(exchange, event, balances, &mut causes),
                _ => {}
            }
        }
    }

    /// Tells a message to all who listen.
    pub(super) fn tell(&self, exchange: &Exchange, account: AccountId, told: &Told<'_>) {
        for listener in self.sessions.listeners(account, told.channel) {
            if listener.all_changes || !told.between {
                self.tell_socket(exchange, (&listener.socket, account), told.clone());
            }
        }
    }

    /// Tells a socket how things stand.
    pub(super) fn tell_rows(
        &self,
        exchange: &Exchange,
        (socket, account): (&Arc<Socket>, AccountId),
        channel: Channel,
        rows: Vec<Map<String, Value>>,
    ) {
        let told = Told {
            channel,
            symbol: None,
            order: None,
            report: "snapshot",
            end: false,
            last: Decimal::ZERO,
            between: false,
            rows,
        };
        self.tell_socket(exchange, (socket, account), told);
    }

    /// Sends one message to one socket, as far as faults let it through.
    fn tell_socket(&self, exchange: &Exchange, (socket, account): (&Arc<Socket>, AccountId), mut told: Told<'_>) {
        let sequence = self.sessions.next_sequence(socket.id, told.channel);
        let faults = faults_on(exchange, (socket, account), &told);
        let mut copies = 1;
        for fault in &faults {
            match fault {
                FaultKind::Mute | FaultKind::EndSubscription => copies = 0,
                FaultKind::Duplicate => copies *= 2,
                FaultKind::Novel { what: Novelty::Event } => {
                    socket.send(json!({ "channel": "never_seen", "type": "update", "data": [{}] }).to_string().into());
                }
                other => told.strike(other),
            }
        }
        let kind = if told.report == "snapshot" { "snapshot" } else { "update" };
        let message = json!({
            "channel": told.channel.name(), "type": kind, "data": told.rows, "sequence": sequence,
        });
        let mut text = exact::text(&message);
        if faults.contains(&FaultKind::Garble) {
            text = garbled(&text);
        }
        for _ in 0..copies {
            self.delivery.event(exchange, (socket, told.channel.name()), &text, &faults);
        }
        if faults.contains(&FaultKind::EndSubscription) {
            self.sessions.end(Some(account), Some(socket.id));
        }
    }
}

impl Told<'_> {
    /// Changes it as a fault orders.
    fn strike(&mut self, fault: &FaultKind) {
        let Some(row) = self.rows.first_mut() else { return };
        match fault {
            FaultKind::Understate { quantity } => {
                let less = quantity.unwrap_or(self.last);
                if let Some(traded) = row.get("cum_qty").and_then(exact::number) {
                    row.insert("cum_qty".to_owned(), short((traded - less).max(Decimal::ZERO)));
                }
            }
            FaultKind::NoFee => row.retain(|name, _| !["fees", "fee_usd_equiv"].contains(&name.as_str())),
            FaultKind::Novel { what: Novelty::Field } => {
                row.insert("never_seen".to_owned(), json!("yes"));
            }
            FaultKind::Novel { what: Novelty::Enum } => {
                let known = ["order_status", "exec_type", "type"].into_iter().find(|name| row.contains_key(*name));
                if let Some(name) = known {
                    row.insert(name.to_owned(), json!("never_seen"));
                }
            }
            _ => {}
        }
    }
}

/// The faults that strike a message on a socket; those on the socket itself are carried out.
fn faults_on(exchange: &Exchange, (socket, account): (&Arc<Socket>, AccountId), told: &Told<'_>) -> Vec<FaultKind> {
    if exchange.faults.is_empty() {
        return Vec::new();
    }
    let owner = exchange.accounts.lock().account(account).map(|account| account.name.clone()).unwrap_or_default();
    let pair = told.symbol.and_then(|symbol| exchange.pair_of(symbol));
    let occasion = Occasion {
        path: Some(&socket.path),
        symbol: told.symbol.zip(pair.as_deref()),
        stream: Some(STREAM),
        connection: Some(socket.id),
        account: Some(&owner),
        event: Some(told.channel.name()),
        report: Some(told.report),
        end: told.end,
        order: told.order.as_ref().map(|(id, client_id)| (id.as_str(), client_id.as_str())),
        ..Occasion::default()
    };
    let now = exchange.clock.now();
    for kind in exchange.faults.strike(now, &[Class::Socket], &occasion) {
        exchange.strike_socket(&kind, socket);
    }
    exchange.faults.strike(now, &[Class::Frame, Class::Message], &occasion)
}
