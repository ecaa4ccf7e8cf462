//! The part of the control API that is about accounts.

use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, wrong};
use crate::accounts::{
    AccountId, AmendRequest, CancelRequest, KeyType, MarginMode, OrderError, OrderKind, OrderRef, OrderRequest, Placed,
    PositionMode, PositionTerms, SelfTradeMode, TriggerTerms,
};
use crate::config::AccountSetup;
use crate::engine::{OrderId, Side, TimeInForce};
use crate::exchange::Exchange;
use crate::faults::{Fault, FaultKind};
use crate::market::Market;

/// Answers a request below `/accounts`; `rest` is what follows, `NAME/ledger` for instance.
pub(super) fn route(exchange: &Exchange, method: &str, rest: &str, body: &str) -> Result<Value, Refused> {
    let (name, what) = rest.split_once('/').unwrap_or((rest, ""));
    match (method, name, what) {
        ("GET", "", "") => Ok(names(exchange)),
        ("POST", "", "") => open(exchange, body),
        ("GET", _, "ledger") => {
            let ledger =
                exchange.accounts.lock().ledger(name, &exchange.prices.marks).map_err(|error| refused(name, error))?;
            Ok(json!(ledger))
        }
        ("GET", _, "keys") => Ok(json!(exchange.credentials(name))),
        ("POST", _, "keys") => key(exchange, name, body),
        ("DELETE", _, _) if what.starts_with("keys/") => {
            let text = what.trim_start_matches("keys/");
            if exchange.revoke_key(text) { Ok(json!({})) } else { Err((404, "no such key".to_owned())) }
        }
        ("POST", _, "transfer") => transfer(exchange, name, body),
        ("POST", _, "orders") => order(exchange, name, body),
        ("POST", _, "settings") => settings(exchange, name, body),
        _ => Err((404, format!("no such thing here: {method} /accounts/{rest}"))),
    }
}

fn refused(name: &str, error: OrderError) -> Refused {
    match error {
        OrderError::NoAccount => (404, format!("there is no account `{name}`")),
        other => wrong(other),
    }
}

fn names(exchange: &Exchange) -> Value {
    let accounts = exchange.accounts.lock();
    json!(accounts.all().iter().map(|account| account.name.as_str()).collect::<Vec<_>>())
}

fn open(exchange: &Exchange, body: &str) -> Result<Value, Refused> {
    let setup: AccountSetup = serde_json::from_str(body).map_err(wrong)?;
    exchange.open_account(&setup).map(|keys| json!({ "keys": keys })).map_err(wrong)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    key_type: KeyType,
}

fn key(exchange: &Exchange, name: &str, body: &str) -> Result<Value, Refused> {
    let wanted: NewKey = serde_json::from_str(body).map_err(wrong)?;
    exchange.add_key(name, wanted.key_type).map(|key| json!(key)).map_err(wrong)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    asset: String,
    amount: Decimal,
}

fn transfer(exchange: &Exchange, name: &str, body: &str) -> Result<Value, Refused> {
    let transfer: Transfer = serde_json::from_str(body).map_err(wrong)?;
    let account = named(exchange, name)?;
    Ok(json!({ "moved": exchange.deposit(account, &transfer.asset, transfer.amount) }))
}

/// Settings of an account, of one contract or of all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    symbol: Option<String>,
    leverage: Option<Decimal>,
    position_mode: Option<PositionMode>,
    margin_mode: Option<MarginMode>,
}

/// Does what the fault `external-settings` does.
fn settings(exchange: &Exchange, name: &str, body: &str) -> Result<Value, Refused> {
    let Settings { symbol, leverage, position_mode, margin_mode } = serde_json::from_str(body).map_err(wrong)?;
    named(exchange, name)?;
    let fault = Fault::new(FaultKind::ExternalSettings { leverage, position_mode, margin_mode }).account(name);
    let fault = symbol.into_iter().fold(fault, |fault, symbol| fault.pair(&symbol));
    exchange.inject(fault).map_err(wrong)?;
    Ok(json!({}))
}

fn named(exchange: &Exchange, name: &str) -> Result<AccountId, Refused> {
    exchange.accounts.lock().named(name).ok_or_else(|| refused(name, OrderError::NoAccount))
}

/// Names an order by number or client id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Id(u64),
    Client(String),
}

impl From<Named> for OrderRef {
    fn from(named: Named) -> OrderRef {
        match named {
            Named::Id(id) => OrderRef::Id(OrderId(id)),
            Named::Client(text) => OrderRef::Client(text),
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
enum Action {
    Place(Box<Place>),
    Cancel { symbol: String, order: Named },
    CancelAll { symbol: String },
    Amend { symbol: String, order: Named, quantity: Decimal },
    Fill { symbol: String, order: Named, quantity: Option<Decimal> },
}

impl Action {
    fn symbol(&self) -> &str {
        match self {
            Action::Place(place) => &place.symbol,
            Action::Cancel { symbol, .. }
            | Action::CancelAll { symbol }
            | Action::Amend { symbol, .. }
            | Action::Fill { symbol, .. } => symbol,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    symbol: String,
    side: Side,
    #[serde(rename = "type", default = "limit")]
    kind: OrderKind,
    quantity: Option<Decimal>,
    quote_quantity: Option<Decimal>,
    price: Option<Decimal>,
    stop_price: Option<Decimal>,
    trailing_delta: Option<u32>,
    iceberg_quantity: Option<Decimal>,
    #[serde(default)]
    time_in_force: TimeInForce,
    client_id: Option<String>,
    self_trade: Option<SelfTradeMode>,
    #[serde(default)]
    position: PositionTerms,
    #[serde(default)]
    trigger: TriggerTerms,
}

fn limit() -> OrderKind {
    OrderKind::Limit
}

impl Place {
    fn request(self) -> OrderRequest {
        let mut request = OrderRequest::new(self.side, self.kind);
        let timed = self.kind.has_price() && self.kind != OrderKind::LimitMaker;
        request.time_in_force = timed.then_some(self.time_in_force);
        request.quantity = self.quantity;
        request.quote_quantity = self.quote_quantity;
        request.price = self.price;
        request.stop_price = self.stop_price;
        request.trailing_delta = self.trailing_delta;
        request.iceberg_quantity = self.iceberg_quantity;
        request.client_id = self.client_id;
        request.self_trade = self.self_trade;
        request.position = self.position;
        request.trigger = self.trigger;
        request
    }
}

fn order(exchange: &Exchange, name: &str, body: &str) -> Result<Value, Refused> {
    let action: Action = serde_json::from_str(body).map_err(wrong)?;
    let account = named(exchange, name)?;
    let market = listed(exchange, action.symbol())?;
    let done = match action {
        Action::Place(place) => {
            let placed = exchange.place_order(account, &market, &place.request());
            placed.map(|Placed { order, fills, .. }| json!({ "order": order, "fills": fills }))
        }
        Action::Cancel { order, .. } => {
            let request = CancelRequest::new(order.into());
            let cancelled = exchange.cancel_order(account, &market, &request);
            cancelled.map(|cancelled| json!({ "orders": cancelled.orders }))
        }
        Action::CancelAll { .. } => {
            let cancelled = exchange.cancel_all(account, &market);
            cancelled.map(|all| json!({ "orders": all.into_iter().flat_map(|one| one.orders).collect::<Vec<_>>() }))
        }
        Action::Amend { order, quantity, .. } => {
            let request = AmendRequest::new(order.into(), quantity);
            let amended = exchange.amend_order(account, &market, &request);
            amended.map(|amended| json!({ "order": amended.order }))
        }
        Action::Fill { order, quantity, .. } => {
            let filled = exchange.fill_order(account, &market, &order.into(), quantity);
            filled.map(|filled| json!({ "filled": filled }))
        }
    };
    done.map_err(|error| refused(name, error))
}

fn listed(exchange: &Exchange, name: &str) -> Result<Arc<Mutex<Market>>, Refused> {
    exchange.find(name).ok_or_else(|| (404, format!("`{name}` is not listed")))
}
