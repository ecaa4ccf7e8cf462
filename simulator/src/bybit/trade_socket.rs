//! The socket for orders: requests and replies as frames.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Bybit;
use super::auth;
use super::call::{self, Done};
use super::errors::ApiError;
use super::limits::Left;
use super::logon::{Logon, Purpose};
use super::operations::{self, Operation};
use super::params::Params;
use super::public::connection;
use super::sessions::View;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Occasion};
use crate::front::Interference;
use crate::requests::{Note, RequestRecord};
use crate::sockets::Socket;

pub(super) const PATH: &str = "/v5/trade";
/// Letters that a request's id may have.
const LONGEST_ID: usize = 36;

/// Whether the socket for orders is at this path.
pub(super) fn serves(path: &str) -> bool {
    path.split('?').next().unwrap_or_default().trim_end_matches('/') == PATH
}

/// A request as the client writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    #[serde(default)]
    req_id: Option<String>,
    op: String,
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    args: Vec<Value>,
}

impl Frame {
    /// The text of a header, named in whatever case.
    fn header(&self, name: &str) -> Option<String> {
        let value = self.header.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    fn params(&self) -> Result<Params, ApiError> {
        match self.args.as_slice() {
            [Value::Object(fields)] => Ok(Params::of_fields(fields)),
            _ => Err(ApiError::new(10001, "args must have one element")),
        }
    }
}

/// Deals with a text from a client.
pub(super) fn received(bybit: &Bybit, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    let Some(view) = bybit.sessions.view(socket.id) else { return };
    let exchanged = Exchanged { bybit, exchange, socket, view };
    match serde_json::from_str::<Frame>(text) {
        Ok(frame) => match frame.op.as_str() {
            "ping" => exchanged.pong(),
            "auth" => exchanged.log_on(&frame),
            _ => exchanged.serve(&frame),
        },
        Err(error) => {
            let refusal =
                json!({ "retCode": 10001, "retMsg": error.to_string(), "op": "", "connId": connection(socket) });
            socket.send(refusal.to_string().into());
        }
    }
}

/// One request and its reply.
struct Exchanged<'a> {
    bybit: &'a Bybit,
    exchange: &'a Exchange,
    socket: &'a Arc<Socket>,
    view: View,
}

impl Exchanged<'_> {
    fn pong(&self) {
        let now = self.exchange.clock.server_now().millis().to_string();
        let pong =
            json!({ "retCode": 0, "retMsg": "OK", "op": "pong", "data": [now], "connId": connection(self.socket) });
        self.socket.send(pong.to_string().into());
    }

    fn log_on(&self, frame: &Frame) {
        let Exchanged { bybit, exchange, socket, .. } = *self;
        Logon { purpose: Purpose::Trade, bybit, exchange, socket, args: &frame.args }.serve(|outcome| {
            let (code, told) = match outcome {
                Ok(true) => (0, "OK"),
                Ok(false) => (20001, "Repeat auth"),
                Err(error) => (error.code, error.message.as_str()),
            };
            let mut reply = Map::new();
            if let Some(id) = &frame.req_id {
                reply.insert("reqId".to_owned(), json!(id));
            }
            reply.insert("retCode".to_owned(), json!(code));
            reply.insert("retMsg".to_owned(), json!(told));
            reply.insert("op".to_owned(), json!("auth"));
            reply.insert("connId".to_owned(), json!(connection(socket)));
            Value::Object(reply).to_string()
        });
    }

    fn serve(&self, frame: &Frame) {
        let params = frame.params();
        let known = params.clone().unwrap_or_default();
        let operation = operations::by_op(&frame.op);
        let note = self.note(operation, &known, frame);
        let faults = self.faults(&note, frame);
        if faults.contains(&FaultKind::LoseRequest) {
            return self.log((frame, &known), note, None, &faults);
        }
        let interference = Interference::ordered(self.exchange, &faults);
        let done = match interference.refusal {
            Some(refusal) => Done::failed(ApiError::ordered(refusal)),
            None => self.perform(frame, operation, params),
        };
        let text = self.reply(frame, &done);
        let lost = faults.contains(&FaultKind::LoseReply);
        self.log((frame, &known), note, (!lost).then_some(&done), &faults);
        if !lost {
            self.bybit.delivery.reply(self.exchange, self.socket, text, &faults);
        }
    }

    fn perform(&self, frame: &Frame, operation: Option<&'static Operation>, params: Result<Params, ApiError>) -> Done {
        let checked = || {
            let caller = self.view.logon.as_ref().ok_or_else(|| ApiError::new(10004, "Request not authorized"))?;
            if !auth::is_good(self.exchange, &caller.api_key) {
                return Err(ApiError::bad_key());
            }
            let operation = operation.ok_or_else(|| ApiError::new(10404, "Invalid op"))?;
            if let Some(id) = &frame.req_id {
                if id.len() > LONGEST_ID {
                    return Err(ApiError::new(10001, "reqId is too long"));
                }
                if !self.bybit.sessions.first_use(self.socket.id, id) {
                    return Err(ApiError::new(20006, "Duplicate reqId"));
                }
            }
            let stamp = frame.header("X-BAPI-TIMESTAMP");
            let stamp = stamp.ok_or_else(|| ApiError::new(10001, "header X-BAPI-TIMESTAMP is missing"))?;
            let window = frame.header("X-BAPI-RECV-WINDOW");
            auth::timely(&stamp, window.as_deref(), self.exchange.clock.server_now())?;
            Ok((operation, params?, caller))
        };
        match checked() {
            Ok((operation, params, caller)) => self.bybit.perform(self.exchange, operation, &params, Some(caller)),
            Err(error) => Done::failed(error),
        }
    }

    fn reply(&self, frame: &Frame, done: &Done) -> String {
        let (code, told, data, ext) = match &done.result {
            Ok(reply) => (0, "OK", reply.result.clone(), reply.ext.clone()),
            Err(error) => (error.code, error.message.as_str(), json!({}), json!({})),
        };
        let mut reply = Map::new();
        if let Some(id) = &frame.req_id {
            reply.insert("reqId".to_owned(), json!(id));
        }
        let header = self.header(done.left);
        let rest = json!({
            "retCode": code, "retMsg": told, "op": frame.op, "data": data, "retExtInfo": ext, "header": header,
            "connId": connection(self.socket),
        });
        if let Value::Object(rest) = rest {
            reply.extend(rest);
        }
        Value::Object(reply).to_string()
    }

    fn header(&self, left: Option<Left>) -> Value {
        let now = self.exchange.clock.server_now().millis();
        let mut header = Map::new();
        if let Some(left) = left {
            header.insert("X-Bapi-Limit".to_owned(), json!(left.limit.to_string()));
            header.insert("X-Bapi-Limit-Status".to_owned(), json!(left.left.to_string()));
            header.insert("X-Bapi-Limit-Reset-Timestamp".to_owned(), json!(left.reset.millis().to_string()));
        }
        header.insert("Traceid".to_owned(), json!(format!("{now:032x}")));
        header.insert("Timenow".to_owned(), json!(now.to_string()));
        Value::Object(header)
    }

    fn note(&self, operation: Option<&Operation>, params: &Params, frame: &Frame) -> Note {
        let logon = self.view.logon.as_ref().map(|caller| caller.api_key.as_str());
        let stamp = auth::stamp(frame.header("X-BAPI-TIMESTAMP"), frame.header("X-BAPI-RECV-WINDOW"));
        Note { stamp, ..call::note(self.exchange, operation, params, (logon, false)) }
    }

    fn faults(&self, note: &Note, frame: &Frame) -> Vec<FaultKind> {
        let occasion = Occasion {
            path: Some(&frame.op),
            method: Some(&frame.op),
            account: note.account.as_deref(),
            order: note.order(),
            connection: Some(self.socket.id),
            ..Occasion::default()
        };
        self.exchange.faults_on_request(occasion, note.symbol.as_deref())
    }

    fn log(&self, (frame, params): (&Frame, &Params), note: Note, done: Option<&Done>, faults: &[FaultKind]) {
        let status = |done: &Done| done.result.as_ref().map_or_else(|error| error.status, |_| 200);
        let code = |done: &Done| done.result.as_ref().map_or_else(|error| error.code, |_| 0);
        self.exchange.requests.add(RequestRecord {
            number: 0,
            time: self.exchange.clock.now(),
            method: "WS".to_owned(),
            path: frame.op.clone(),
            query: params.shown(),
            body: String::new(),
            connection: Some(self.socket.id),
            note,
            status: done.map_or(0, status),
            code: done.map_or(0, code),
            weight: 1,
            faults: faults.iter().map(FaultKind::name).collect(),
        });
    }
}
