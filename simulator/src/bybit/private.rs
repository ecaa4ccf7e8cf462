//! Control messages on a socket for private topics.

use std::sync::Arc;

use serde_json::json;

use super::Bybit;
use super::errors::ApiError;
use super::logon::{Logon, Purpose};
use super::public::{Control, connection, reply};
use crate::exchange::Exchange;
use crate::sockets::Socket;

pub(super) const PATH: &str = "/v5/private";
/// Topics, each of which can be had of one product alone by a suffix.
const TOPICS: [&str; 5] = ["order", "execution", "execution.fast", "position", "greeks"];
const CATEGORIES: [&str; 4] = ["spot", "linear", "inverse", "option"];
/// Topics that concern the whole account, or arm what follows a loss of the connection.
const OTHERS: [&str; 4] = ["wallet", "dcp.future", "dcp.spot", "dcp.option"];

/// Whether a socket for private topics is at this path.
pub(super) fn serves(path: &str) -> bool {
    path.split('?').next().unwrap_or_default().trim_end_matches('/') == PATH
}

/// Deals with a text from a client.
pub(super) fn received(bybit: &Bybit, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    let control: Control = match serde_json::from_str(text) {
        Ok(control) => control,
        Err(error) => {
            let refusal = json!({ "success": false, "ret_msg": format!("Params Error: {error}"), "op": "",
                "conn_id": connection(socket) });
            return socket.send(refusal.to_string().into());
        }
    };
    let outcome = match control.op.as_str() {
        "ping" => return pong(exchange, socket, &control),
        "auth" => {
            let told = |outcome: &Result<bool, ApiError>| outcome.as_ref().err().map(|error| error.message.clone());
            return Logon { purpose: Purpose::Private, bybit, exchange, socket, args: &control.args }.serve(
                |outcome| reply(socket, &control, (outcome.is_ok(), told(outcome).as_deref().unwrap_or_default())),
            );
        }
        "subscribe" | "unsubscribe" => change(bybit, socket, &control),
        other => Err(format!("invalid op {other}")),
    };
    let told = outcome.as_ref().map_or_else(String::as_str, |()| "");
    socket.send(reply(socket, &control, (outcome.is_ok(), told)).into());
    if outcome.is_ok() && control.op == "subscribe" {
        bybit.dcp_changed(exchange, socket);
    }
}

fn pong(exchange: &Exchange, socket: &Socket, control: &Control) {
    let now = exchange.clock.server_now().millis().to_string();
    let mut pong = json!({ "req_id": control.req_id, "op": "pong", "args": [now], "conn_id": connection(socket) });
    if control.req_id.is_none()
        && let Some(fields) = pong.as_object_mut()
    {
        fields.shift_remove("req_id");
    }
    socket.send(pong.to_string().into());
}

fn change(bybit: &Bybit, socket: &Arc<Socket>, control: &Control) -> Result<(), String> {
    let logon = bybit.sessions.view(socket.id).and_then(|view| view.logon);
    logon.ok_or("Request not authorized")?;
    let topics = control.topics()?;
    for topic in &topics {
        if !is_topic(topic) {
            return Err(format!("error:handler not found,topic:{topic}"));
        }
    }
    let whole = |topic: &&String| TOPICS.contains(&topic.as_str());
    let part = |topic: &&String| split(topic).is_some();
    if control.op == "unsubscribe" {
        bybit.sessions.unsubscribe(socket.id, &topics);
    } else if topics.iter().any(|topic| whole(&topic)) && topics.iter().any(|topic| part(&topic)) {
        return Err("all-in-one topics and categorised topics cannot be subscribed together".to_owned());
    } else {
        bybit.sessions.subscribe(socket.id, &topics);
    }
    Ok(())
}

/// Topic and product of a topic of one product.
fn split(topic: &str) -> Option<(&str, &str)> {
    let (name, category) = topic.rsplit_once('.')?;
    (TOPICS.contains(&name) && CATEGORIES.contains(&category)).then_some((name, category))
}

fn is_topic(topic: &str) -> bool {
    TOPICS.contains(&topic) || OTHERS.contains(&topic) || split(topic).is_some()
}
