//! The private socket: subscriptions to an account, and commands on orders. In reality it has a host of its own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Kraken;
use super::auth::{self, Caller};
use super::batches;
use super::errors::ApiError;
use super::frames::Frame;
use super::limits::trading_bound;
use super::orders::{self, Asked};
use super::params::Params;
use super::sessions::Channel;
use crate::exchange::Exchange;
use crate::faults::{FaultKind, Occasion};
use crate::front::Interference;
use crate::requests::{Note, OrderCommand, RequestRecord};
use crate::sockets::Socket;

/// Where it is.
pub(super) const PATH: &str = "/ws-auth/v2";

/// Deals with a text from a client.
pub(super) fn received(kraken: &Kraken, exchange: &Exchange, socket: &Arc<Socket>, text: &str) {
    match Frame::of(exchange, text) {
        Ok(frame) if frame.method == "ping" => socket.send(frame.pong(exchange).to_string().into()),
        Ok(frame) => {
            let params = frame.params();
            Call { kraken, exchange, socket, frame: &frame, params: &params }.serve();
        }
        Err(refusal) => socket.send(refusal.to_string().into()),
    }
}

/// What a call has brought about: one reply each, and perhaps a subscription.
struct Done {
    replies: Vec<Result<Value, ApiError>>,
    subscribed: Option<(Channel, Caller)>,
}

impl Done {
    fn one(reply: Result<Value, ApiError>) -> Done {
        Done { replies: vec![reply], subscribed: None }
    }
}

struct Call<'a> {
    kraken: &'a Kraken,
    exchange: &'a Exchange,
    socket: &'a Arc<Socket>,
    frame: &'a Frame,
    params: &'a Params,
}

impl Call<'_> {
    fn serve(&self) {
        let note = self.note();
        let faults = self.faults(&note);
        if faults.contains(&FaultKind::LoseRequest) {
            return self.log(note, (0, 0), &faults);
        }
        // What a subscription shows at first, and what happens from then on, follow each other.
        let outlet = (self.frame.method == "subscribe").then(|| self.exchange.outlet.lock());
        let done = match Interference::ordered(self.exchange, &faults).refusal {
            Some(refusal) => Done::one(Err(ApiError::ordered(refusal))),
            None => self.perform().unwrap_or_else(|error| Done::one(Err(error))),
        };
        let lost = faults.contains(&FaultKind::LoseReply);
        let refused = done.replies.iter().find_map(|reply| reply.as_ref().err());
        let answered = refused.map_or((200, 0), |error| (error.status, error.code));
        self.log(note, if lost { (0, 0) } else { answered }, &faults);
        if !lost {
            for reply in done.replies {
                let text = self.frame.reply(self.exchange, reply, None).to_string();
                self.kraken.delivery.reply(self.exchange, self.socket, text, &faults);
            }
        }
        if let Some((channel, caller)) = done.subscribed {
            self.greet(channel, &caller);
        }
        drop(outlet);
    }

    fn perform(&self) -> Result<Done, ApiError> {
        let caller = self.caller()?;
        let asked = Asked { kraken: self.kraken, exchange: self.exchange, params: self.params, caller: &caller };
        let method = self.frame.method.as_str();
        if let Some(act) = command(method) {
            if !caller.may_trade {
                return Err(ApiError::new("EGeneral:Permission denied"));
            }
            return Ok(Done { replies: act(&asked), subscribed: None });
        }
        match method {
            "subscribe" => self.subscribe(caller),
            "unsubscribe" => self.unsubscribe(),
            _ => Err(ApiError::new("Method not supported")),
        }
    }

    /// Whose the token is.
    fn caller(&self) -> Result<Caller, ApiError> {
        let token = self.params.needed("token")?;
        if let Some(caller) = self.kraken.sessions.shown(self.socket.id, &token) {
            let good = auth::is_good(self.exchange, &caller.api_key);
            return if good { Ok(caller) } else { Err(auth::bad_token()) };
        }
        let caller = self.kraken.gate.of_token(self.exchange, &token)?;
        self.kraken.sessions.show(self.socket.id, &token, &caller);
        Ok(caller)
    }

    fn channel(&self) -> Result<Channel, ApiError> {
        let name = self.params.text("channel").unwrap_or_default();
        Channel::named(&name).ok_or_else(|| ApiError::new("Channel not supported"))
    }

    fn subscribe(&self, caller: Caller) -> Result<Done, ApiError> {
        let channel = self.channel()?;
        let all_changes = self.params.flag("order_status", true)?;
        let result = match channel {
            Channel::Executions => json!({
                "channel": channel.name(), "maxratecount": trading_bound(self.exchange),
                "snap_orders": self.params.flag("snap_orders", true)?,
                "snap_trades": self.params.flag("snap_trades", false)?,
            }),
            Channel::Balances => {
                json!({ "channel": channel.name(), "snapshot": self.params.flag("snapshot", true)? })
            }
        };
        if !self.kraken.sessions.subscribe(self.socket.id, channel, &caller, all_changes) {
            return Err(ApiError::new("Already subscribed"));
        }
        self.exchange.wake.notify_one();
        Ok(Done { replies: vec![Ok(result)], subscribed: Some((channel, caller)) })
    }

    fn unsubscribe(&self) -> Result<Done, ApiError> {
        let channel = self.channel()?;
        if self.kraken.sessions.unsubscribe(self.socket.id, channel) {
            Ok(Done::one(Ok(json!({ "channel": channel.name() }))))
        } else {
            Err(ApiError::new("Subscription Not Found"))
        }
    }

    /// Tells how things stand.
    fn greet(&self, channel: Channel, caller: &Caller) {
        let wants = |name: &str, usual: bool| self.params.flag(name, usual).unwrap_or(usual);
        let rows = match channel {
            Channel::Executions => {
                let wanted = (wants("snap_orders", true), wants("snap_trades", false));
                self.kraken.executions_at_first(self.exchange, caller.account, wanted)
            }
            Channel::Balances => {
                let rows = self.kraken.balances_at_first(self.exchange, caller.account);
                if !wants("snapshot", true) {
                    return;
                }
                rows
            }
        };
        self.kraken.tell_rows(self.exchange, (self.socket, caller.account), channel, rows);
    }

    fn note(&self) -> Note {
        let token = self.params.text("token");
        let shown = token.as_deref().and_then(|token| self.kraken.sessions.shown(self.socket.id, token));
        let caller = shown.or_else(|| self.kraken.gate.of_token(self.exchange, token.as_deref()?).ok());
        let first = |name: &str| self.params.list(name).into_iter().next();
        let account = caller.and_then(|caller| {
            let accounts = self.exchange.accounts.lock();
            accounts.account(caller.account).ok().map(|account| account.name.clone())
        });
        Note {
            command: match self.frame.method.as_str() {
                "add_order" | "batch_add" => Some(OrderCommand::Place),
                "amend_order" => Some(OrderCommand::Amend),
                "cancel_order" => Some(OrderCommand::Cancel),
                "cancel_all" => Some(OrderCommand::CancelAll),
                _ => None,
            },
            client_order_id: first("cl_ord_id"),
            order_id: first("order_id"),
            symbol: first("symbol"),
            account,
            keyed: token.is_some(),
            signed: false,
            stamp: None,
        }
    }

    fn faults(&self, note: &Note) -> Vec<FaultKind> {
        let occasion = Occasion {
            path: Some(&self.frame.method),
            method: Some(&self.frame.method),
            account: note.account.as_deref(),
            order: note.order(),
            connection: Some(self.socket.id),
            ..Occasion::default()
        };
        self.exchange.faults_on_request(occasion, note.symbol.as_deref())
    }

    fn log(&self, note: Note, (status, code): (u16, i64), faults: &[FaultKind]) {
        self.exchange.requests.add(RequestRecord {
            number: 0,
            time: self.exchange.clock.now(),
            method: "WS".to_owned(),
            path: self.frame.method.clone(),
            query: self.params.shown(),
            body: String::new(),
            connection: Some(self.socket.id),
            note,
            status,
            code,
            weight: 1,
            faults: faults.iter().map(FaultKind::name).collect(),
        });
    }
}

type Act = fn(&Asked<'_>) -> Vec<Result<Value, ApiError>>;

fn command(method: &str) -> Option<Act> {
    Some(match method {
        "add_order" => |asked| vec![orders::call_add(asked)],
        "batch_add" => |asked| vec![batches::call_add(asked)],
        "amend_order" => |asked| vec![orders::call_amend(asked)],
        "cancel_order" => orders::call_cancel,
        "cancel_all" => |asked| vec![orders::cancel_all(asked)],
        "cancel_all_orders_after" => |asked| vec![orders::cancel_all_after(asked)],
        _ => return None,
    })
}
