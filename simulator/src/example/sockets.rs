//! What clients say on both sockets.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::Example;
use super::auth::{self, Login};
use super::contracts;
use super::errors::ApiError;
use super::streams::FUNDING;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Occasion};
use crate::front::Interference;
use crate::requests::{Note, RequestRecord};
use crate::sockets::Socket;

/// The socket for the market.
pub(super) const MARKET: &str = "/market";
/// The socket for an account.
pub(super) const ACCOUNT: &str = "/account";
/// The request to log in, in the log of requests.
const LOGIN: &str = "login";
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
        (LOGIN, true) => log_in(example, exchange, socket, &said),
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
    socket.send(reply(id, done).into());
}

fn reply(id: u64, done: Result<(), ApiError>) -> String {
    match done {
        Ok(()) => json!({ "id": id, "ok": true }),
        Err(error) => json!({ "id": id, "ok": false, "error": error.json() }),
    }
    .to_string()
}

/// The topics of a request, all of which are good.
fn topics<'a>(exchange: &Exchange, said: &'a Said) -> Result<&'a [String], ApiError> {
    if said.topics.is_empty() || said.topics.len() > MOST_TOPICS {
        return Err(ApiError::argument("topics"));
    }
    for topic in &said.topics {
        let (kind, symbol) = topic.split_once(':').ok_or_else(|| ApiError::argument("topics"))?;
        let known = ["book", "trades"].contains(&kind) || kind == FUNDING && contracts::are_traded(exchange);
        if !known {
            return Err(ApiError::argument("topics"));
        }
        exchange.market(symbol).ok_or_else(ApiError::no_symbol)?;
    }
    Ok(&said.topics)
}

/// Logs a socket in, as far as faults let it.
fn log_in(example: &Example, exchange: &Exchange, socket: &Arc<Socket>, said: &Said) {
    let Some(peer) = example.sessions.peer(socket.id) else { return };
    let note = note(exchange, said);
    let (path, method) = (Some(LOGIN), Some("WS"));
    let about = Occasion { path, method, account: note.account.as_deref(), ..Occasion::default() };
    let faults = exchange.faults_on_request(Occasion { connection: Some(socket.id), ..about }, None);
    if faults.contains(&FaultKind::LoseRequest) {
        return log(exchange, socket, (said, note), (0, 0), &faults);
    }
    let login = Login { key: &said.key, time: said.time, window: said.window, sign: &said.sign };
    let caller = match Interference::ordered(exchange, &faults).refusal {
        Some(refusal) => Err(ApiError::ordered(refusal)),
        None => auth::of_login(exchange, &login, peer),
    };
    let told = caller.as_ref().map_or_else(|error| (error.status(), error.code()), |_| (200, 0));
    log(exchange, socket, (said, note), told, &faults);
    if !faults.contains(&FaultKind::LoseReply) {
        let done = caller.as_ref().map(|_| ()).map_err(Clone::clone);
        example.delivery.reply(exchange, socket, reply(said.id, done), &faults);
    }
    if let Ok(caller) = caller {
        example.sessions.log_in(socket.id, caller);
    }
}

/// What a login is about.
fn note(exchange: &Exchange, said: &Said) -> Note {
    let accounts = exchange.accounts.lock();
    let account = accounts.key(&said.key).and_then(|(id, _)| accounts.account(id).ok());
    Note {
        account: account.map(|account| account.name.clone()),
        keyed: !said.key.is_empty(),
        signed: !said.sign.is_empty(),
        ..Note::default()
    }
}

fn log(
    exchange: &Exchange,
    socket: &Socket,
    (said, note): (&Said, Note),
    (status, code): (u16, i64),
    faults: &[FaultKind],
) {
    exchange.requests.add(RequestRecord {
        number: 0,
        time: exchange.clock.now(),
        method: "WS".to_owned(),
        path: LOGIN.to_owned(),
        query: format!("key={}&time={}&window={}", said.key, said.time, said.window),
        body: String::new(),
        connection: Some(socket.id),
        note,
        status,
        code,
        weight: 0,
        faults: faults.iter().map(FaultKind::name).collect(),
    });
}
