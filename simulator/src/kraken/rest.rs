//! REST: how requests come and answers go.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::exact;
use super::params::Params;
use super::{Kraken, market, names};
use crate::exchange::Exchange;
use crate::front::{Answer, Interference, Request};
use crate::requests::Note;

const PUBLIC: &str = "/0/public/";

/// Answers a request as far as `interference` lets it.
pub(super) fn answer(kraken: &Kraken, exchange: &Exchange, request: &Request, interference: Interference) -> Answer {
    kraken.used.note(exchange, request.peer);
    let done = match interference.refusal {
        Some(refusal) => Err(ApiError::ordered(refusal)),
        None => perform(exchange, request),
    };
    match done {
        Ok(result) => {
            let body = exact::text(&json!({ "error": [], "result": result }));
            Answer { status: 200, headers: Vec::new(), body, code: 0, weight: 1 }
        }
        Err(error) => error.answer(1),
    }
}

fn perform(exchange: &Exchange, request: &Request) -> Result<Value, ApiError> {
    let params = Params::of(request)?;
    match request.path.strip_prefix(PUBLIC) {
        Some(method) => market::answer(exchange, method, &params),
        None => Err(ApiError::no_path()),
    }
}

/// What a request is about.
pub(super) fn note(exchange: &Exchange, request: &Request) -> Note {
    let params = Params::of(request).unwrap_or_default();
    let market = params.text("pair").and_then(|pair| names::market(exchange, &pair).ok());
    Note { symbol: market.map(|market| market.lock().listing.symbol.clone()), ..Note::default() }
}
