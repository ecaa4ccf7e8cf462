//! REST: how requests come and answers go.

use super::api::Api;
use super::auth::Proof;
use super::call::Call;
use super::errors::{ApiError, web_page};
use super::operation::Operation;
use crate::exchange::Exchange;
use crate::front::{Answer, Interference, Refusal, Request};
use crate::requests::Note;

/// Answers a request as far as `interference` lets it.
pub(super) fn answer<A: Api>(api: &A, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
    let now = exchange.clock.server_now();
    let operation = match Operation::<A>::by_path(&request.method, &request.path) {
        Ok(operation) => operation,
        Err(path_known) => return stray(api, exchange, request, (path_known, interference.refusal)),
    };
    let call = Call {
        operation,
        given: request.parameters(),
        unit: A::unit(request.header("x-mbx-time-unit")),
        peer: request.peer,
        proof: Proof::of_request(request),
        socket: None,
    };
    let done = call.perform(api, exchange, interference);
    let mut answer = match done.result {
        Ok(body) => {
            let headers = done.account.filter(|_| operation.places());
            let other = exchange.other_orders();
            let headers = headers.map(|account| api.common().counts.headers(account, now, other));
            Answer { status: 200, headers: headers.unwrap_or_default(), body, code: 0, weight: 0 }
        }
        Err(error) => error.answer(now),
    };
    answer.weight = done.weight;
    answer
}

/// Answers a request to a path, or by a method, that is not known.
fn stray<A: Api>(
    api: &A,
    exchange: &Exchange,
    request: &Request,
    (path_known, refusal): (bool, Option<Refusal>),
) -> Answer {
    let now = exchange.clock.server_now();
    let mut answer = match (refusal, api.common().charge(exchange, request.peer, 1)) {
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
pub(super) fn note<A: Api>(exchange: &Exchange, request: &Request) -> Note {
    let command = Operation::<A>::by_path(&request.method, &request.path).ok().and_then(|operation| operation.command);
    super::call::note(exchange, command, &request.parameters(), request.header("x-mbx-apikey"))
}
