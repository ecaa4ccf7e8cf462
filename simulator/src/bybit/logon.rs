//! Logons on sockets: those for private topics and for orders do it alike, and answer each in its own form.

use std::sync::Arc;

use serde_json::Value;

use super::Bybit;
use super::auth;
use super::call;
use super::errors::ApiError;
use super::params::Params;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Occasion};
use crate::front::Interference;
use crate::requests::{Note, RequestRecord, Stamp};
use crate::sockets::Socket;

/// What a logon is called in the log and for faults. Clients call both `auth`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Private topics.
    Private,
    /// Orders.
    Trade,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Private => "auth.private",
            Purpose::Trade => "auth.trade",
        }
    }
}

/// A logon as it came.
pub(super) struct Logon<'a> {
    pub(super) purpose: Purpose,
    pub(super) bybit: &'a Bybit,
    pub(super) exchange: &'a Exchange,
    pub(super) socket: &'a Arc<Socket>,
    pub(super) args: &'a [Value],
}

/// What `args` say: key, time in milliseconds until which the signature is good, signature.
fn read(args: &[Value]) -> Result<(&str, i64, &str), ApiError> {
    match args {
        [Value::String(api_key), expires, Value::String(signature)] => {
            // Some clients send it as a text.
            let text = expires.as_str().map_or_else(|| expires.to_string(), str::to_owned);
            Ok((api_key, text.parse().map_err(|_| ApiError::invalid("expires"))?, signature))
        }
        _ => Err(ApiError::new(10001, "Params Error")),
    }
}

impl Logon<'_> {
    /// Carries it out as far as faults let it. `reply` writes the answer; it learns whether it is the first on this socket.
    pub(super) fn serve(&self, reply: impl FnOnce(&Result<bool, ApiError>) -> String) {
        let note = self.note();
        let faults = self.faults(&note);
        if faults.contains(&FaultKind::LoseRequest) {
            return self.log(note, None, &faults);
        }
        let outcome = match Interference::ordered(self.exchange, &faults).refusal {
            Some(refusal) => Err(ApiError::ordered(refusal)),
            None => self.log_on(),
        };
        let text = reply(&outcome);
        let lost = faults.contains(&FaultKind::LoseReply);
        self.log(note, (!lost).then_some(&outcome), &faults);
        if !lost {
            self.bybit.delivery.reply(self.exchange, self.socket, text, &faults);
        }
    }

    fn log_on(&self) -> Result<bool, ApiError> {
        let view = self.bybit.sessions.view(self.socket.id);
        let view = view.ok_or_else(|| ApiError::new(10019, "connection is closing"))?;
        let caller = auth::of_logon(self.exchange, read(self.args)?, view.peer)?;
        Ok(self.bybit.sessions.log_on(self.socket.id, caller))
    }

    fn note(&self) -> Note {
        let (api_key, expires) = read(self.args).map_or((None, None), |(key, expires, _)| (Some(key), Some(expires)));
        let note = call::note(self.exchange, None, &Params::default(), (api_key, api_key.is_some()));
        Note { stamp: expires.map(|at_ms| Stamp { at_ms, good_for_ms: 0 }), ..note }
    }

    fn faults(&self, note: &Note) -> Vec<FaultKind> {
        let occasion = Occasion {
            path: Some(self.purpose.name()),
            method: Some(self.purpose.name()),
            account: note.account.as_deref(),
            connection: Some(self.socket.id),
            ..Occasion::default()
        };
        self.exchange.faults_on_request(occasion, None)
    }

    fn log(&self, note: Note, outcome: Option<&Result<bool, ApiError>>, faults: &[FaultKind]) {
        let told = |outcome: &Result<bool, ApiError>| match outcome {
            Ok(_) => (200, 0),
            Err(error) => (error.status, error.code),
        };
        let (status, code) = outcome.map_or((0, 0), told);
        self.exchange.requests.add(RequestRecord {
            number: 0,
            time: self.exchange.clock.now(),
            method: "WS".to_owned(),
            path: self.purpose.name().to_owned(),
            query: String::new(),
            body: String::new(),
            connection: Some(self.socket.id),
            note,
            status,
            code,
            weight: 0,
            faults: faults.iter().map(FaultKind::name).collect(),
        });
    }
}
