//! REST: how requests come and answers go.

use super::Spot;
use super::auth::Proof;
use super::call::Call;
use super::errors::{ApiError, web_page};
use super::operations;
use super::unit::TimeUnit;
use crate::accounts::AccountId;
use crate::exchange::Exchange;
use crate::front::{Answer, Interference, Refusal, Request};
use crate::requests::Note;

/// Answers a request as far as `interference` lets it.
pub(super) fn answer(spot: &Spot, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
    let now = exchange.clock.server_now();
    let operation = match operations::by_path(&request.method, &request.path) {
        Ok(operation) => operation,
        Err(path_known) => return stray(spot, exchange, request, (path_known, interference.refusal)),
    };
    let call = Call {
        operation,
        given: request.parameters(),
        unit: TimeUnit::named(request.header("x-mbx-time-unit")),
        peer: request.peer,
        proof: Proof::of_request(request),
        socket: None,
    };
    let done = spot.perform(exchange, call, interference);
    let mut answer = match done.result {
        Ok(body) => {
            let headers = done.account.filter(|_| operation.places());
            let headers = headers.map(|account| order_counts(spot, exchange, account));
            Answer { status: 200, headers: headers.unwrap_or_default(), body, weight: 0 }
        }
        Err(error) => error.answer(now),
    };
    answer.weight = done.weight;
    answer
}

/// How many orders the account has placed lately.
fn order_counts(spot: &Spot, exchange: &Exchange, account: AccountId) -> Vec<(&'static str, String)> {
    let [ten_seconds, day] = spot.counts.counts(account, exchange.clock.server_now());
    let other = exchange.other_orders();
    vec![
        ("x-mbx-order-count-10s", (ten_seconds + other).to_string()),
        ("x-mbx-order-count-1d", (day + other).to_string()),
    ]
}

/// Answers a request to a path, or by a method, that is not known.
fn stray(
    spot: &Spot,
    exchange: &Exchange,
    request: &Request,
    (path_known, refusal): (bool, Option<Refusal>),
) -> Answer {
    let now = exchange.clock.server_now();
    let mut answer = match (refusal, spot.charge(exchange, request.peer, 1)) {
        (Some(refusal), _) => ApiError::ordered(refusal, now).answer(now),
        (None, Err(too_much)) => too_much.answer(now),
        (None, Ok(())) if path_known => {
            let message = format!("Request method '{}' is not supported.", request.method);
            ApiError::with_status(405, -1000, message).answer(now)
        }
        (None, Ok(())) => web_page(404),
    };
    answer.weight = 1;
    answer
}

/// What a request is about.
pub(super) fn note(exchange: &Exchange, request: &Request) -> Note {
    let command = operations::by_path(&request.method, &request.path).ok().and_then(|operation| operation.command);
    super::call::note(exchange, command, &request.parameters(), request.header("x-mbx-apikey"))
}
