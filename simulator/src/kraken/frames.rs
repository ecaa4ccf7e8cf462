//! Requests and replies on sockets.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::params::Params;
use super::times::rfc3339;
use crate::clock::Timestamp;
use crate::exchange::Exchange;

/// What a client says.
#[derive(Debug, Deserialize)]
pub(super) struct Frame {
    /// What it wants.
    pub(super) method: String,
    #[serde(default)]
    params: Map<String, Value>,
    /// Its own number of the request.
    #[serde(default)]
    req_id: Option<Value>,
    /// When it came.
    #[serde(skip)]
    came: Option<Timestamp>,
}

impl Frame {
    /// Reads a text.
    ///
    /// # Errors
    /// The reply to what is not a request.
    pub(super) fn of(exchange: &Exchange, text: &str) -> Result<Frame, Value> {
        let now = exchange.clock.server_now();
        match serde_json::from_str::<Frame>(text) {
            Ok(frame) => Ok(Frame { came: Some(now), ..frame }),
            Err(_) => {
                let time = rfc3339(now);
                Err(json!({ "error": "Malformed request", "success": false, "time_in": time, "time_out": time }))
            }
        }
    }

    /// Its arguments.
    pub(super) fn params(&self) -> Params {
        Params::of_call(self.params.clone())
    }

    /// The reply to it; `symbol` names what a refusal is about.
    pub(super) fn reply(&self, exchange: &Exchange, done: Result<Value, ApiError>, symbol: Option<&str>) -> Value {
        let now = exchange.clock.server_now();
        let mut reply = Map::new();
        let mut set = |name: &str, value: Value| {
            reply.insert(name.to_owned(), value);
        };
        if let Err(error) = &done {
            set("error", error.json());
        }
        set("method", json!(self.method));
        if let Some(id) = &self.req_id {
            set("req_id", id.clone());
        }
        set("success", json!(done.is_ok()));
        if let (Err(_), Some(symbol)) = (&done, symbol) {
            set("symbol", json!(symbol));
        }
        if let Ok(result) = done {
            set("result", result);
        }
        set("time_in", json!(rfc3339(self.came.unwrap_or(now))));
        set("time_out", json!(rfc3339(now)));
        Value::Object(reply)
    }

    /// The reply to a ping.
    pub(super) fn pong(&self, exchange: &Exchange) -> Value {
        let now = exchange.clock.server_now();
        let mut reply = json!({ "method": "pong", "time_in": rfc3339(now), "time_out": rfc3339(now) });
        if let Some(id) = &self.req_id {
            reply["req_id"] = id.clone();
        }
        reply
    }
}

/// What a new socket is told.
pub(super) fn status(connection: u64) -> Value {
    system(connection, "online")
}

/// What a socket is told that will be closed.
pub(super) fn closing(connection: u64) -> Value {
    system(connection, "maintenance")
}

fn system(connection: u64, system: &str) -> Value {
    json!({
        "channel": "status", "type": "update",
        "data": [{ "version": "2.0.10", "system": system, "api_version": "v2", "connection_id": connection }],
    })
}
