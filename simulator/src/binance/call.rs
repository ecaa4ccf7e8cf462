//! One request by either interface: limits, proof of who asks, and the operation itself.

use std::net::IpAddr;
use std::sync::Arc;

use serde::Serialize;

use super::api::Api;
use super::auth::{self, Caller, Proof};
use super::errors::ApiError;
use super::operation::{Operation, Run, Security};
use super::params::Params;
use super::unit::TimeUnit;
use super::weights::{Given, value};
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::front::Interference;
use crate::requests::{Note, OrderCommand};
use crate::sockets::Socket;

/// A request that names a known operation.
pub(super) struct Call<A: Api> {
    pub(super) operation: &'static Operation<A>,
    /// Decoded parameters, as given.
    pub(super) given: Vec<(String, String)>,
    pub(super) unit: Result<TimeUnit, ApiError>,
    pub(super) peer: IpAddr,
    pub(super) proof: Proof,
    /// The socket that it came by.
    pub(super) socket: Option<Arc<Socket>>,
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Done {
    /// JSON text of the result.
    pub(super) result: Result<String, ApiError>,
    /// Request weight charged.
    pub(super) weight: u64,
    /// Who has asked, as far as that was found out.
    pub(super) account: Option<AccountId>,
}

impl Done {
    /// What came of a request that was not carried out.
    pub(super) fn failed(error: ApiError) -> Done {
        Done { result: Err(error), weight: 1, account: None }
    }
}

/// An operation with everything that it needs.
pub(super) struct Asked<'a, A> {
    pub(super) api: &'a A,
    pub(super) exchange: &'a Exchange,
    pub(super) params: &'a Params,
    pub(super) unit: TimeUnit,
    caller: Option<Caller>,
    socket: Option<Arc<Socket>>,
}

impl<A: Api> Asked<'_, A> {
    /// Who asks.
    ///
    /// # Errors
    /// Nobody has proved that he is somebody.
    pub(super) fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or_else(ApiError::bad_key)
    }

    /// Number of the socket that the request came by.
    ///
    /// # Errors
    /// It came by none.
    pub(super) fn connection(&self) -> Result<u64, ApiError> {
        let socket = self.socket.as_ref().map(|socket| socket.id);
        socket.ok_or_else(|| ApiError::new(-1020, "This operation is not supported."))
    }

    /// Whether something that happened then cannot be seen yet.
    pub(super) fn too_fresh(&self, at: Timestamp) -> bool {
        let lag = self.exchange.query_lag();
        !lag.is_zero() && at.plus(lag) > self.exchange.clock.server_now()
    }

    /// Whether the account may place `orders` more, in each window in which orders are counted.
    ///
    /// # Errors
    /// -1015.
    pub(super) fn room(&self, orders: [u64; 2]) -> Result<(), ApiError> {
        let now = self.exchange.clock.server_now();
        let other = self.exchange.other_orders();
        self.api.common().counts.room(self.caller()?.account, now, (orders, other), &self.exchange.config.limits)
    }

    /// Counts orders of the account.
    pub(super) fn take(&self, orders: [u64; 2]) {
        if let Some(caller) = &self.caller {
            self.api.common().counts.take(caller.account, self.exchange.clock.server_now(), orders);
        }
    }

    /// Undoes [`Asked::take`].
    pub(super) fn give_back(&self, orders: [u64; 2]) {
        if let Some(caller) = &self.caller {
            self.api.common().counts.give_back(caller.account, self.exchange.clock.server_now(), orders);
        }
    }

    /// Places `orders` orders if there is room for them; refused ones do not count.
    pub(super) fn counted<T>(
        &self,
        orders: [u64; 2],
        place: impl FnOnce() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.room(orders)?;
        // Counted before, because a fill gives back while the order is being placed.
        self.take(orders);
        place().inspect_err(|_| self.give_back(orders))
    }
}

impl<A: Api> Call<A> {
    /// Carries it out as far as `interference` lets it; limits are charged in any case.
    pub(super) fn perform(self, api: &A, exchange: &Exchange, interference: Interference) -> Done {
        let now = exchange.clock.server_now();
        let (peer, cost) = (self.peer, self.operation.weight);
        let mut weight = cost.before(exchange, &self.given);
        let mut account = None;
        let charged = api.common().charge(exchange, peer, weight);
        let result = match (interference.refusal, charged) {
            (Some(refusal), _) => Err(ApiError::ordered(refusal, now)),
            (None, Err(too_much)) => return Done { result: Err(too_much), weight, account },
            (None, Ok(())) => self.carry_out(api, exchange, &mut account),
        };
        if result.is_err() {
            api.common().limits.add(peer, now, cost.after_failure());
            weight += cost.after_failure();
        }
        Done { result, weight, account }
    }

    /// Finds out who asks where that matters, and runs the operation.
    fn carry_out(self, api: &A, exchange: &Exchange, account: &mut Option<AccountId>) -> Result<String, ApiError> {
        let Operation { security, known, ref run, .. } = *self.operation;
        let unit = self.unit?;
        let caller = match security {
            Security::Open => None,
            Security::Keyed | Security::UserData | Security::Trade => {
                Some(auth::authenticate(exchange, &self.proof, &self.given, (security, self.peer))?)
            }
        };
        *account = caller.as_ref().map(|caller| caller.account);
        match run {
            Run::Open(run) => run(exchange, &Params::read(self.given, known, security != Security::Open)?, unit),
            Run::Private(run) => {
                let params = Params::read(self.given, known, true)?;
                run(&Asked { api, exchange, params: &params, unit, caller, socket: self.socket })
            }
        }
    }
}

/// What a request with these parameters is about.
pub(super) fn note(exchange: &Exchange, command: Option<OrderCommand>, given: &Given, api_key: Option<&str>) -> Note {
    let names: &[&str] = match command {
        None => &["origClientOrderId", "clientAlgoId"],
        Some(OrderCommand::Place | OrderCommand::Replace) => &["newClientOrderId", "clientAlgoId"],
        Some(OrderCommand::PlaceList | OrderCommand::CancelList) => &["listClientOrderId"],
        Some(OrderCommand::Amend | OrderCommand::Cancel | OrderCommand::CancelAll) => {
            &["origClientOrderId", "clientAlgoId"]
        }
    };
    let given_as = |name: &str| value(given, name).map(str::to_owned);
    let accounts = exchange.accounts.lock();
    let account = api_key.and_then(|key| accounts.key(key)).and_then(|(id, _)| accounts.account(id).ok());
    Note {
        command,
        client_order_id: names.iter().find_map(|name| given_as(name)),
        order_id: ["orderId", "cancelOrderId", "algoId"].into_iter().find_map(given_as),
        symbol: given_as("symbol"),
        account: account.map(|account| account.name.clone()),
        keyed: api_key.is_some_and(|key| !key.is_empty()),
        signed: value(given, "signature").is_some(),
        stamp: None,
    }
}

/// JSON text of a list or an object.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::new(-1000, error.to_string()))
}
