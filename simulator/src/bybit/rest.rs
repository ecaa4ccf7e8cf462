//! REST: how requests come and answers go.

use super::Bybit;
use super::auth;
use super::call::{self, Done};
use super::errors::{ApiError, envelope};
use super::limits::Left;
use super::operations::{self, Security};
use super::params::Params;
use crate::exchange::Exchange;
use crate::front::{Answer, Interference, Request};
use crate::requests::Note;

/// Answers a request as far as `interference` lets it.
pub(super) fn answer(bybit: &Bybit, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
    let now = exchange.clock.server_now();
    let most = exchange.config.limits.requests_per_5_seconds;
    let charged = bybit.used.request(request.peer, now, most, exchange.other_load());
    let done = match (interference.refusal, charged) {
        (Some(refusal), _) => Done::failed(ApiError::ordered(refusal)),
        (None, Err(too_much)) => Done::failed(too_much),
        (None, Ok(())) => perform(bybit, exchange, request),
    };
    let mut answer = match done.result {
        Ok(reply) => {
            let body = envelope((0, "OK"), &reply.result, &reply.ext, now);
            Answer { status: 200, headers: Vec::new(), body, code: 0, weight: 1 }
        }
        Err(error) => error.answer(now),
    };
    answer.headers.extend(done.left.map(headers).into_iter().flatten());
    answer
}

fn perform(bybit: &Bybit, exchange: &Exchange, request: &Request) -> Done {
    let Some(operation) = operations::by_path(&request.method, &request.path) else {
        return Done::failed(ApiError::no_route());
    };
    if request.method == "GET" && !request.body.is_empty() {
        return Done::failed(ApiError::of_status(403, 403, "a GET request has no body"));
    }
    let open = operation.security == Security::Open;
    let caller = if open { None } else { Some(auth::of_request(exchange, request)) };
    let caller = match caller.transpose() {
        Ok(caller) => caller,
        Err(error) => return Done::failed(error),
    };
    match Params::of_request(request) {
        Ok(params) => bybit.perform(exchange, operation, &params, caller.as_ref()),
        Err(error) => Done::failed(error),
    }
}

/// What an endpoint's limit leaves, as headers.
fn headers(left: Left) -> [(&'static str, String); 3] {
    [
        ("x-bapi-limit", left.limit.to_string()),
        ("x-bapi-limit-status", left.left.to_string()),
        ("x-bapi-limit-reset-timestamp", left.reset.millis().to_string()),
    ]
}

/// What a request is about.
pub(super) fn note(exchange: &Exchange, request: &Request) -> Note {
    let operation = operations::by_path(&request.method, &request.path);
    let params = Params::of_request(request).unwrap_or_default();
    let signed = request.header("x-bapi-sign").is_some();
    let header = |name: &str| request.header(name).map(str::to_owned);
    let stamp = auth::stamp(header("x-bapi-timestamp"), header("x-bapi-recv-window"));
    Note { stamp, ..call::note(exchange, operation, &params, (request.header("x-bapi-api-key"), signed)) }
}
