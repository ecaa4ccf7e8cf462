//! What clients say on both sockets.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::Example;
use super::auth::{self, Login};
use super::errors::ApiError;
use crate::exchange::Exchange;
use crate::sockets::Socket;

/// The socket for the market.
pub(super) const MARKET: &str = "/market";
/// The socket for an account.
pub(super) const ACCOUNT: &str = "/account";
/// Topics in one request.
const MOST_TOPICS: usize = 50;

/// Whether there is a socket at this path.
pub(super) fn serves(path: &str) -> bool {
    path == MARKET || path == ACCOUNT
}

#[derive(Debug, Deserialize)]
struct Said {
    id: u64,
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    key: String,
    #[serde(default)]
    time: i64,
    #[serde(default)]
    window: i64,
    #[serde(default)]
    sign: String,
}

/// Deals with a text from a client.
pub(super) fn received(example: &Example, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    let said: Said = match serde_json::from_str(text) {
        Ok(said) => said,
        Err(_) => return answer(socket, 0, Err(ApiError::argument("frame"))),
    };
    let account = socket.path.split('?').next() == Some(ACCOUNT);
    match (said.what.as_str(), account) {
        ("login", true) => log_in(example, exchange, socket, &said),
        ("subscribe", false) => match topics(exchange, &said) {
            Ok(topics) => {
                // The answer goes out before what is subscribed.
                answer(socket, said.id, Ok(()));
                example.streams.subscribe(exchange, socket, topics);
            }
            Err(error) => answer(socket, said.id, Err(error)),
        },
        ("unsubscribe", false) => {
            example.streams.unsubscribe(socket, &said.topics);
            answer(socket, said.id, Ok(()));
        }
        _ => answer(socket, said.id, Err(ApiError::argument("do"))),
    }
}

fn answer(socket: &Socket, id: u64, done: Result<(), ApiError>) {
    let reply = match done {
        Ok(()) => json!({ "id": id, "ok": true }),
        Err(error) => json!({ "id": id, "ok": false, "error": error.json() }),
    };
    socket.send(reply.to_string().into());
}

/// The topics of a request, all of which are good.
fn topics<'a>(exchange: &Exchange, said: &'a Said) -> Result<&'a [String], ApiError> {
    if said.topics.is_empty() || said.topics.len() > MOST_TOPICS {
        return Err(ApiError::argument("topics"));
    }
    for topic in &said.topics {
        let (kind, symbol) = topic.split_once(':').ok_or_else(|| ApiError::argument("topics"))?;
        if !["book", "trades"].contains(&kind) {
            return Err(ApiError::argument("topics"));
        }
        exchange.market(symbol).ok_or_else(ApiError::no_symbol)?;
    }
    Ok(&said.topics)
}

fn log_in(example: &Example, exchange: &Exchange, socket: &Arc<Socket>, said: &Said) {
    let login = Login { key: &said.key, time: said.time, window: said.window, sign: &said.sign };
    let Some(peer) = example.sessions.peer(socket.id) else { return };
    let caller = auth::of_login(exchange, &login, peer);
    // Nothing is told of the account before the answer.
    answer(socket, said.id, caller.as_ref().map(|_| ()).map_err(Clone::clone));
    if let Ok(caller) = caller {
        example.sessions.log_in(socket.id, caller);
    }
}
