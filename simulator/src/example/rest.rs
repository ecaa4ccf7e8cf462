//! REST: how requests come and answers go.

use serde_json::Value;

use super::auth::{self, Caller};
use super::errors::ApiError;
use super::params::Params;
use super::{Example, account, contracts, market, orders};
use crate::accounts::AccountId;
use crate::exchange::Exchange;
use crate::front::{Answer, Interference, Request};
use crate::requests::{Note, OrderCommand};

/// A signed request with everything that it needs.
pub(super) struct Asked<'a> {
    pub(super) example: &'a Example,
    pub(super) exchange: &'a Exchange,
    pub(super) params: &'a Params,
    pub(super) account: AccountId,
}

/// Answers a request as far as `interference` lets it.
pub(super) fn answer(example: &Example, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
    let weight = if request.path == market::BOOK { 10 } else { 1 };
    let charged = example.used.charge(exchange, request.peer, weight);
    let done = match (interference.refusal, charged) {
        (Some(refusal), _) => Err(ApiError::ordered(refusal)),
        (None, Err(too_much)) => Err(too_much),
        (None, Ok(())) => perform(example, exchange, request),
    };
    let mut answer = match done {
        Ok(body) => Answer { status: 200, headers: Vec::new(), body: body.to_string(), code: 0, weight },
        Err(error) => error.answer(weight),
    };
    answer.headers.push(("ex-weight", example.used.weight(exchange, request.peer).to_string()));
    answer
}

fn perform(example: &Example, exchange: &Exchange, request: &Request) -> Result<Value, ApiError> {
    let params = Params::of(request)?;
    let (method, path) = (request.method.as_str(), request.path.as_str());
    let public = market::answer(exchange, method, path, &params);
    if let Some(answer) = public.or_else(|| contracts::answer(exchange, method, path, &params)) {
        return answer;
    }
    let of_contracts = || contract_call(method, path).filter(|_| contracts::are_traded(exchange));
    let act = account_call(method, path).or_else(of_contracts).ok_or_else(ApiError::no_path)?;
    let caller: Caller = auth::of_request(exchange, request, &params)?;
    if method != "GET" && !caller.may_trade {
        return Err(ApiError::not_permitted());
    }
    act(&Asked { example, exchange, params: &params, account: caller.account })
}

type Act = fn(&Asked<'_>) -> Result<Value, ApiError>;

fn account_call(method: &str, path: &str) -> Option<Act> {
    Some(match (method, path) {
        ("POST", "/1/orders") => orders::place,
        ("DELETE", "/1/orders") => orders::cancel,
        ("GET", "/1/orders") => orders::one,
        ("GET", "/1/orders/open") => orders::open,
        ("GET", "/1/orders/past") => orders::past,
        ("GET", "/1/fills") => orders::fills,
        ("GET", "/1/balances") => account::balances,
        ("GET", "/1/fees") => account::fees,
        _ => return None,
    })
}

fn contract_call(method: &str, path: &str) -> Option<Act> {
    Some(match (method, path) {
        ("GET", "/1/positions") => contracts::positions,
        ("GET", "/1/settings") => contracts::settings,
        ("POST", "/1/settings") => contracts::set,
        ("GET", "/1/payments") => contracts::payments,
        _ => return None,
    })
}

/// What a request is about.
pub(super) fn note(exchange: &Exchange, request: &Request) -> Note {
    let params = Params::of(request).unwrap_or_default();
    let text = |name: &str| params.text(name).map(str::to_owned);
    let api_key = request.header("ex-key");
    let accounts = exchange.accounts.lock();
    let account = api_key.and_then(|key| accounts.key(key)).and_then(|(id, _)| accounts.account(id).ok());
    Note {
        command: match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/1/orders") => Some(OrderCommand::Place),
            ("DELETE", "/1/orders") => Some(OrderCommand::Cancel),
            _ => None,
        },
        client_order_id: text("client_id"),
        order_id: text("id").or_else(|| text("order")),
        symbol: text("symbol"),
        account: account.map(|account| account.name.clone()),
        keyed: api_key.is_some_and(|key| !key.is_empty()),
        signed: request.header("ex-sign").is_some(),
        stamp: None,
    }
}
