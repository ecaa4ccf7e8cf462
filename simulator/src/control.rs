//! The control API: HTTP and JSON on loopback. `docs/simulator.md` describes it.

mod accounts;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::accounts::Marks;
use crate::engine::{Instruction, NewOrder, OrderId, Side, TimeInForce};
use crate::exchange::Exchange;
use crate::faults::{FaultId, parse_faults};
use crate::front::parameters;
use crate::listing::TradingStatus;
use crate::market::{Market, MarketId};

/// Largest body that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// Serves until the exchange shuts down, then waits for every connection's task.
pub(crate) async fn serve(exchange: Arc<Exchange>, listener: TcpListener) {
    let tasks = TaskTracker::new();
    let shutdown = exchange.shutdown.clone();
    shutdown.run_until_cancelled(accept(&exchange, listener, &tasks)).await;
    tasks.close();
    tasks.wait().await;
}

async fn accept(exchange: &Arc<Exchange>, listener: TcpListener, tasks: &TaskTracker) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let exchange = Arc::clone(exchange);
        tasks.spawn(async move {
            let shutdown = exchange.shutdown.clone();
            let service = service_fn(move |request| {
                let exchange = Arc::clone(&exchange);
                async move { Ok::<_, Infallible>(respond(&exchange, request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            if let Some(Err(error)) = shutdown.run_until_cancelled(connection).await {
                tracing::debug!(%error, "control connection ended");
            }
        });
    }
}

/// A refused control request: status and text.
type Refused = (u16, String);

fn wrong(problem: impl ToString) -> Refused {
    (400, problem.to_string())
}

async fn respond(exchange: &Exchange, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let query = parameters(request.uri().query().unwrap_or_default()).into_iter().collect();
    let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    let answered = match body {
        Ok(body) => {
            let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            route(exchange, &method, &path, &query, &text)
        }
        Err(error) => Err(wrong(error)),
    };
    let (status, body) = match answered {
        Ok(value) => (200, value),
        Err((status, problem)) => (status, json!({ "error": problem })),
    };
    let mut response = hyper::Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

fn route(
    exchange: &Exchange,
    method: &str,
    path: &str,
    query: &BTreeMap<String, String>,
    body: &str,
) -> Result<Value, Refused> {
    match (method, path) {
        ("GET", "/faults") => Ok(faults(exchange)),
        ("POST", "/faults") => inject(exchange, body),
        ("DELETE", "/faults") => {
            exchange.clear_all();
            Ok(json!({}))
        }
        ("DELETE", _) if path.starts_with("/faults/") => clear(exchange, path),
        ("GET", "/time") => Ok(time(exchange)),
        ("POST", "/time") => set_time(exchange, body),
        ("GET", "/book") => book(exchange, query),
        ("GET", "/mark") => {
            let name = query.get("symbol").ok_or_else(|| wrong("parameter `symbol` is missing"))?;
            let market = exchange.find(name).ok_or_else(|| (404, format!("`{name}` is not listed")))?;
            marked(exchange, &market)
        }
        ("POST", "/market") => market(exchange, body),
        ("POST", "/publish") => {
            exchange.front.publish(exchange);
            Ok(json!({}))
        }
        ("GET", "/requests") => Ok(requests(exchange, query)),
        _ if path == "/accounts" || path.starts_with("/accounts/") => {
            accounts::route(exchange, method, path.trim_start_matches("/accounts").trim_start_matches('/'), body)
        }
        ("GET", "/totals") => Ok(json!(exchange.accounts.lock().totals())),
        ("GET", "/connections") => Ok(json!(exchange.sockets.records())),
        _ => Err((404, format!("no such thing here: {method} {path}"))),
    }
}

fn faults(exchange: &Exchange) -> Value {
    let armed = exchange.faults.list();
    let armed: Vec<Value> =
        armed.iter().map(|(id, fault, struck)| json!({ "id": id, "struck": struck, "fault": fault })).collect();
    json!({ "faults": armed, "struck": exchange.faults.struck() })
}

fn inject(exchange: &Exchange, body: &str) -> Result<Value, Refused> {
    let faults = parse_faults(body).map_err(wrong)?;
    let mut ids = Vec::new();
    for (at, fault) in faults.into_iter().enumerate() {
        ids.push(exchange.inject(fault).map_err(|problem| wrong(format!("fault {}: {problem}", at + 1)))?);
    }
    Ok(json!({ "ids": ids }))
}

fn clear(exchange: &Exchange, path: &str) -> Result<Value, Refused> {
    let id =
        path.strip_prefix("/faults/").and_then(|id| id.parse().ok()).ok_or_else(|| wrong("no number of a fault"))?;
    if exchange.clear(FaultId(id)) { Ok(json!({})) } else { Err((404, format!("no fault {id} is in force"))) }
}

fn time(exchange: &Exchange) -> Value {
    json!({
        "now_ms": exchange.clock.now().millis(),
        "server_ms": exchange.clock.server_now().millis(),
        "skew_ms": exchange.clock.skew() / 1000,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetTime {
    advance_ms: Option<u64>,
    skew_ms: Option<i64>,
}

fn set_time(exchange: &Exchange, body: &str) -> Result<Value, Refused> {
    let set: SetTime = serde_json::from_str(body).map_err(wrong)?;
    if let Some(skew) = set.skew_ms {
        exchange.clock.set_skew(skew.saturating_mul(1000));
    }
    if let Some(advance) = set.advance_ms {
        exchange.clock.advance(Duration::from_millis(advance));
        exchange.pass_time(false);
    }
    Ok(time(exchange))
}

fn book(exchange: &Exchange, query: &BTreeMap<String, String>) -> Result<Value, Refused> {
    let name = query.get("symbol").ok_or_else(|| wrong("parameter `symbol` is missing"))?;
    let market = exchange.find(name).ok_or_else(|| (404, format!("`{name}` is not listed")))?;
    let market = market.lock();
    let book = match query.get("update_id") {
        None => market.book(),
        Some(id) => {
            let id = u64::from_str(id).map_err(|_| wrong("parameter `update_id` must be a number"))?;
            exchange.books_at(&market, id).next().ok_or_else(|| (404, format!("the book at {id} is not known")))?
        }
    };
    let mut value = json!(book);
    value["digest"] = book.digest().into();
    Ok(value)
}

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
enum Action {
    Place {
        symbol: String,
        side: Side,
        #[serde(default = "test_trader")]
        trader: String,
        #[serde(rename = "type", default)]
        order_type: OrderType,
        price: Option<Decimal>,
        quantity: Option<Decimal>,
        quote_quantity: Option<Decimal>,
        #[serde(default)]
        time_in_force: TimeInForce,
    },
    Cancel {
        symbol: String,
        order_id: u64,
    },
    MovePrice {
        symbol: String,
        price: Decimal,
    },
    Status {
        symbol: String,
        status: TradingStatus,
    },
    /// Without a price it follows trades again.
    MarkPrice {
        symbol: String,
        price: Option<Decimal>,
    },
    /// Without a price it follows trades again.
    IndexPrice {
        symbol: String,
        price: Option<Decimal>,
    },
    /// Without a rate it follows the premium again.
    FundingRate {
        symbol: String,
        rate: Option<Decimal>,
    },
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OrderType {
    #[default]
    Limit,
    Market,
    PostOnly,
}

fn test_trader() -> String {
    "control".to_owned()
}

fn market(exchange: &Exchange, body: &str) -> Result<Value, Refused> {
    let action: Action = serde_json::from_str(body).map_err(wrong)?;
    let (Action::Place { symbol, .. }
    | Action::Cancel { symbol, .. }
    | Action::MovePrice { symbol, .. }
    | Action::Status { symbol, .. }
    | Action::MarkPrice { symbol, .. }
    | Action::IndexPrice { symbol, .. }
    | Action::FundingRate { symbol, .. }) = &action;
    let market = exchange.find(symbol).ok_or_else(|| (404, format!("`{symbol}` is not listed")))?;
    match action {
        Action::Place { side, trader, order_type, price, quantity, quote_quantity, time_in_force, .. } => {
            let instruction = instruction(order_type, price, quantity, quote_quantity, time_in_force)?;
            let order = NewOrder { owner: exchange.owner(&trader), side, instruction };
            exchange.place(&market, order).map(|placement| json!(placement)).map_err(wrong)
        }
        Action::Cancel { order_id, .. } => {
            let remaining = exchange.cancel(&market, OrderId(order_id));
            remaining
                .map(|remaining| json!({ "remaining": remaining }))
                .ok_or_else(|| (404, "no such order rests".to_owned()))
        }
        Action::MovePrice { price, .. } if price <= Decimal::ZERO => Err(wrong("field `price` must be positive")),
        Action::MovePrice { price, .. } => {
            exchange.move_price(&market, price);
            Ok(json!({ "update_id": market.lock().engine.update_id() }))
        }
        Action::Status { status, .. } => {
            market.lock().listing.status = status;
            Ok(json!({}))
        }
        Action::MarkPrice { price, .. } => mark(exchange, &market, price, Marks::set_mark),
        Action::IndexPrice { price, .. } => mark(exchange, &market, price, Marks::set_index),
        Action::FundingRate { rate, .. } => {
            let id = market.lock().id;
            exchange.prices.marks.set_rate(id, rate);
            marked(exchange, &market)
        }
    }
}

/// Sets a price by which contracts are marked, or sets it free.
fn mark(
    exchange: &Exchange,
    market: &Mutex<Market>,
    price: Option<Decimal>,
    set: fn(&Marks, MarketId, Option<Decimal>),
) -> Result<Value, Refused> {
    if price.is_some_and(|price| price <= Decimal::ZERO) {
        return Err(wrong("field `price` must be positive"));
    }
    let id = market.lock().id;
    set(&exchange.prices.marks, id, price);
    exchange.follow_marks();
    marked(exchange, market)
}

/// What a contract is marked at.
fn marked(exchange: &Exchange, market: &Mutex<Market>) -> Result<Value, Refused> {
    exchange.wake.notify_one();
    let id = market.lock().id;
    let quote = exchange.prices.marks.of(id);
    quote.map(|quote| json!(quote.price)).ok_or_else(|| (404, "no contract is traded here".to_owned()))
}

fn instruction(
    order_type: OrderType,
    price: Option<Decimal>,
    quantity: Option<Decimal>,
    quote_quantity: Option<Decimal>,
    time_in_force: TimeInForce,
) -> Result<Instruction, Refused> {
    let price = price.ok_or_else(|| wrong("field `price` is missing"));
    let needed = quantity.ok_or_else(|| wrong("field `quantity` is missing"));
    Ok(match order_type {
        OrderType::Limit => Instruction::Limit { price: price?, quantity: needed?, time_in_force },
        OrderType::PostOnly => Instruction::PostOnly { price: price?, quantity: needed? },
        OrderType::Market => match quote_quantity {
            Some(quote_quantity) => Instruction::MarketQuote { quote_quantity },
            None => Instruction::Market { quantity: needed? },
        },
    })
}

fn requests(exchange: &Exchange, query: &BTreeMap<String, String>) -> Value {
    let mut log = exchange.requests.snapshot();
    if let Some(since) = query.get("since").and_then(|since| since.parse::<u64>().ok()) {
        log.records.retain(|record| record.number > since);
    }
    json!(log)
}
