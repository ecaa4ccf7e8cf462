//! The WebSocket API: requests and replies as frames of one socket.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::api::Api;
use super::auth::Proof;
use super::call::{self, Call, Done};
use super::errors::ApiError;
use super::operation::Operation;
use super::sessions::View;
use super::weights::value;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Occasion};
use crate::front::Interference;
use crate::requests::{Note, RequestRecord};
use crate::sockets::Socket;

/// Close code for a client that breaks the rules.
const POLICY: u16 = 1008;
/// Letters that a request's id may have.
const LONGEST_ID: usize = 36;

/// A request as the client writes it.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(borrow, default)]
    params: Option<BTreeMap<String, &'a RawValue>>,
}

/// A request.
#[derive(Debug)]
struct Frame {
    id: Value,
    method: String,
    /// Parameters with their values as text: numbers and lists as they were written.
    given: Vec<(String, String)>,
}

impl Frame {
    fn read(text: &str, prefix: &str) -> Result<Frame, ApiError> {
        let invalid = |what: String| ApiError::new(-1135, format!("Invalid JSON Request: {what}"));
        let written: Written<'_> = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let valid_id = match &written.id {
            Value::Null => true,
            Value::Number(number) => number.is_i64() || number.is_u64(),
            Value::String(id) => id.chars().count() <= LONGEST_ID,
            _ => false,
        };
        if !valid_id {
            return Err(invalid("id must be a whole number, a short text or null".to_owned()));
        }
        let mut given = Vec::new();
        for (name, raw) in written.params.unwrap_or_default() {
            match raw.get() {
                "null" => {}
                text if text.starts_with('"') => {
                    given.push((name, serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?));
                }
                text => given.push((name, text.to_owned())),
            }
        }
        let method = written.method.strip_prefix(prefix).unwrap_or(&written.method).to_owned();
        Ok(Frame { id: written.id, method, given })
    }
}

/// Deals with a text from a client.
pub(super) fn received<A: Api>(api: &A, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    let Some(view) = api.common().sessions.view(socket.id) else { return };
    if let Some(caller) = &view.logon
        && exchange.accounts.lock().key(&caller.api_key).is_none_or(|(_, key)| key.revoked)
    {
        api.log_out(exchange, socket.id);
        let done = Done::failed(ApiError::bad_key());
        return socket.send(reply(&Value::Null, &done, None, exchange).into());
    }
    match Frame::read(text, A::METHOD_PREFIX) {
        Ok(frame) => Exchanged { api, exchange, socket, view }.serve(frame),
        Err(error) => {
            let charged = api.common().charge(exchange, view.peer, 1);
            let done = Done::failed(charged.err().unwrap_or(error));
            socket.send(reply(&Value::Null, &done, None, exchange).into());
        }
    }
}

/// One request and its reply.
struct Exchanged<'a, A> {
    api: &'a A,
    exchange: &'a Exchange,
    socket: &'a Arc<Socket>,
    view: View,
}

impl<A: Api> Exchanged<'_, A> {
    fn serve(&self, frame: Frame) {
        let note = self.note(&frame);
        let faults = self.faults(&note, &frame);
        if faults.contains(&FaultKind::LoseRequest) {
            return self.log(&frame, note, None, &faults);
        }
        let operation = Operation::<A>::by_method(&frame.method);
        let done = self.perform(&frame, operation, Interference::ordered(self.exchange, &faults));
        let limits = self.wants_limits(&frame).then(|| self.limits(operation, &done));
        let text = reply(&frame.id, &done, limits, self.exchange);
        let lost = faults.contains(&FaultKind::LoseReply);
        self.log(&frame, note, (!lost).then_some(&done), &faults);
        if !lost {
            self.api.common().delivery.reply(self.exchange, self.socket, text, &faults);
        }
        if done.result.is_err_and(|error| error.status == 418) {
            self.socket.close(POLICY, "IP banned");
        }
    }

    fn note(&self, frame: &Frame) -> Note {
        let command = Operation::<A>::by_method(&frame.method).and_then(|operation| operation.command);
        let logon = self.view.logon.as_ref().map(|caller| caller.api_key.as_str());
        call::note(self.exchange, command, &frame.given, value(&frame.given, "apiKey").or(logon))
    }

    fn faults(&self, note: &Note, frame: &Frame) -> Vec<FaultKind> {
        let occasion = Occasion {
            path: Some(&frame.method),
            method: Some(&frame.method),
            account: note.account.as_deref(),
            order: note.order(),
            connection: Some(self.socket.id),
            ..Occasion::default()
        };
        self.exchange.faults_on_request(occasion, value(&frame.given, "symbol"))
    }

    fn perform(&self, frame: &Frame, operation: Option<&'static Operation<A>>, interference: Interference) -> Done {
        let Some(operation) = operation else {
            let charged = self.api.common().charge(self.exchange, self.view.peer, 1);
            let error = ApiError::new(-1020, format!("The method '{}' is not supported.", frame.method));
            return Done::failed(charged.err().unwrap_or(error));
        };
        let session = self.view.logon.as_ref().map(|caller| caller.api_key.clone());
        let given = frame.given.iter().filter(|(name, _)| name != "returnRateLimits").cloned().collect();
        let call = Call {
            operation,
            given,
            unit: Ok(self.view.unit),
            peer: self.view.peer,
            proof: Proof::of_params(&frame.given, session),
            socket: Some(Arc::clone(self.socket)),
        };
        call.perform(self.api, self.exchange, interference)
    }

    fn wants_limits(&self, frame: &Frame) -> bool {
        value(&frame.given, "returnRateLimits").map_or(self.view.rate_limits, |wish| wish == "true")
    }

    /// The limits that a reply tells: those of orders too where orders are placed.
    fn limits(&self, operation: Option<&Operation<A>>, done: &Done) -> Vec<Value> {
        let places = operation.is_some_and(Operation::places);
        let now = self.exchange.clock.server_now();
        let limits = &self.exchange.config.limits;
        let account = done.account.filter(|_| places);
        let other = self.exchange.other_orders();
        let mut rows =
            account.map(|account| self.api.common().counts.rows(account, now, other, limits)).unwrap_or_default();
        rows.push(json!({ "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
            "limit": limits.weight_per_minute, "count": self.api.common().used(self.exchange, self.view.peer) }));
        rows
    }

    fn log(&self, frame: &Frame, note: Note, done: Option<&Done>, faults: &[FaultKind]) {
        let shown = frame.given.iter().filter(|(name, _)| name != "signature" && name != "apiKey");
        let shown: Vec<String> = shown.map(|(name, value)| format!("{name}={value}")).collect();
        let status = |done: &Done| done.result.as_ref().map_or_else(|error| error.status, |_| 200);
        let code = |done: &Done| done.result.as_ref().map_or_else(|error| error.code, |_| 0);
        self.exchange.requests.add(RequestRecord {
            number: 0,
            time: self.exchange.clock.now(),
            method: "WS".to_owned(),
            path: frame.method.clone(),
            query: shown.join("&"),
            body: String::new(),
            connection: Some(self.socket.id),
            note,
            status: done.map_or(0, status),
            code: done.map_or(0, code),
            weight: done.map_or(0, |done| done.weight),
            faults: faults.iter().map(FaultKind::name).collect(),
        });
    }
}

/// The text of a reply.
fn reply(id: &Value, done: &Done, limits: Option<Vec<Value>>, exchange: &Exchange) -> String {
    let (status, outcome) = match &done.result {
        Ok(result) => (200, format!("\"result\":{result}")),
        Err(error) => (error.status, format!("\"error\":{}", told(error, exchange))),
    };
    let limits = limits.map(|rows| format!(",\"rateLimits\":{}", Value::Array(rows))).unwrap_or_default();
    format!("{{\"id\":{id},\"status\":{status},{outcome}{limits}}}")
}

/// An error with the time from which on the client may ask again.
fn told(error: &ApiError, exchange: &Exchange) -> Value {
    let mut body = error.body();
    if let Some(retry_at) = error.retry_at {
        let now = exchange.clock.server_now().millis();
        body.insert("data".to_owned(), json!({ "serverTime": now, "retryAfter": retry_at.millis() }));
    }
    Value::Object(body)
}
