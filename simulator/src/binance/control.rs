//! Control messages on a market socket: SUBSCRIBE and its kin.

use std::sync::Arc;

use serde_json::{Value, json};

use super::wish::{FrameWish, Streams};
use crate::exchange::Exchange;
use crate::sockets::Socket;

/// A refused control message.
struct Refused {
    code: u8,
    message: String,
}

/// The answer to a client's text.
pub(super) fn handle(hub: &Streams, exchange: &Exchange, socket: &Arc<Socket>, text: &str) -> String {
    let parsed: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return refusal(&Refused { code: 3, message: format!("Invalid JSON: {error}") }, None),
    };
    let id = parsed.get("id").filter(|id| valid_id(id)).cloned();
    match act(hub, exchange, socket, &parsed) {
        Ok(result) => json!({ "result": result, "id": id.unwrap_or_default() }).to_string(),
        Err(refused) => refusal(&refused, id),
    }
}

fn refusal(refused: &Refused, id: Option<Value>) -> String {
    let mut body = json!({ "error": { "code": refused.code, "msg": refused.message } });
    if let (Some(id), Some(fields)) = (id, body.as_object_mut()) {
        fields.insert("id".to_owned(), id);
    }
    body.to_string()
}

/// Whole numbers, short texts and null.
fn valid_id(id: &Value) -> bool {
    match id {
        Value::Null => true,
        Value::Number(number) => number.is_i64(),
        Value::String(text) => {
            text.len() <= 36 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        }
        _ => false,
    }
}

fn act(hub: &Streams, exchange: &Exchange, socket: &Arc<Socket>, request: &Value) -> Result<Value, Refused> {
    let invalid = |message: &str| Refused { code: 2, message: format!("Invalid request: {message}") };
    let fields = request.as_object().ok_or_else(|| invalid("must be an object"))?;
    if let Some(name) = fields.keys().find(|name| !["method", "params", "id"].contains(&name.as_str())) {
        return Err(invalid(&format!("unknown field `{name}`")));
    }
    if fields.get("id").is_some_and(|id| !valid_id(id)) {
        return Err(invalid("request ID must be an unsigned integer, a short text or null"));
    }
    let method = fields.get("method").and_then(Value::as_str).ok_or_else(|| invalid("missing field `method`"))?;
    let params = fields.get("params");
    match method {
        "SUBSCRIBE" => {
            let names = names(params).ok_or_else(|| invalid("params must be a list of stream names"))?;
            if !hub.subscribe(exchange, socket, &names) {
                return Err(invalid("too many streams on this connection"));
            }
            Ok(Value::Null)
        }
        "UNSUBSCRIBE" => {
            hub.unsubscribe(socket, &names(params).ok_or_else(|| invalid("params must be a list of stream names"))?);
            Ok(Value::Null)
        }
        "LIST_SUBSCRIPTIONS" => Ok(json!(hub.subscriptions(socket.id))),
        "GET_PROPERTY" => property(params).map(|_| json!(hub.wish(socket.id).is_some_and(|wish| wish.combined))),
        "SET_PROPERTY" => {
            let value = property(params)?.and_then(Value::as_bool);
            let combined =
                value.ok_or_else(|| Refused { code: 1, message: "Invalid value type: expected Boolean".to_owned() })?;
            let wish = hub.wish(socket.id).unwrap_or_default();
            hub.set_wish(socket.id, FrameWish { combined, ..wish });
            Ok(Value::Null)
        }
        other => Err(invalid(&format!("unknown variant `{other}`"))),
    }
}

/// A list of texts.
fn names(params: Option<&Value>) -> Option<Vec<String>> {
    params?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Checks that the property is `combined` and returns the value that follows its name.
fn property(params: Option<&Value>) -> Result<Option<&Value>, Refused> {
    let list = params.and_then(Value::as_array);
    match list.and_then(|list| list.first()).and_then(Value::as_str) {
        Some("combined") => Ok(list.and_then(|list| list.get(1))),
        Some(_) => Err(Refused { code: 0, message: "Unknown property".to_owned() }),
        None => Err(Refused { code: 2, message: "Invalid request: property name must be a string".to_owned() }),
    }
}
