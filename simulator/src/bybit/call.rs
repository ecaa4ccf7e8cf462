//! One request by either interface: limits, proof of who asks, and the operation itself.

use serde_json::{Value, json};

use super::Bybit;
use super::auth::{Caller, not_permitted};
use super::category::Category;
use super::errors::ApiError;
use super::limits::Left;
use super::operations::{Operation, Security};
use super::params::Params;
use crate::accounts::AccountId;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::requests::{Note, OrderCommand};

/// What an operation answers.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) result: Value,
    /// What stands beside the result.
    pub(super) ext: Value,
}

impl From<Value> for Reply {
    fn from(result: Value) -> Reply {
        Reply { result, ext: json!({}) }
    }
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) result: Result<Reply, ApiError>,
    /// What the endpoint's limit leaves, where it has one.
    pub(super) left: Option<Left>,
}

impl Done {
    /// What came of a request that was not carried out.
    pub(super) fn failed(error: ApiError) -> Done {
        Done { result: Err(error), left: None }
    }
}

/// An operation with everything that it needs.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) bybit: &'a Bybit,
    pub(super) exchange: &'a Exchange,
    pub(super) params: &'a Params,
    /// How many orders of a batch the limit lets through.
    pub(super) granted: usize,
    caller: Option<&'a Caller>,
}

impl Asked<'_> {
    /// Who asks.
    ///
    /// # Errors
    /// Nobody has proved that he is somebody.
    pub(super) fn account(&self) -> Result<AccountId, ApiError> {
        self.caller.map(|caller| caller.account).ok_or_else(ApiError::bad_key)
    }

    /// The key that was shown.
    ///
    /// # Errors
    /// As [`Asked::account`].
    pub(super) fn api_key(&self) -> Result<&str, ApiError> {
        self.caller.map(|caller| caller.api_key.as_str()).ok_or_else(ApiError::bad_key)
    }

    /// Whether the request is about what is listed here; of other products nothing is.
    pub(super) fn is_ours(&self) -> Result<bool, ApiError> {
        Ok(self.params.category()? == self.bybit.category)
    }

    /// The same request with the parameters of one order of a batch.
    pub(super) fn element<'b>(&'b self, params: &'b Params) -> Asked<'b> {
        Asked { bybit: self.bybit, exchange: self.exchange, params, granted: 1, caller: self.caller }
    }

    /// Whether something that happened then cannot be seen yet.
    pub(super) fn too_fresh(&self, at: Timestamp) -> bool {
        let lag = self.exchange.query_lag();
        !lag.is_zero() && at.plus(lag) > self.exchange.clock.server_now()
    }

    /// The time that the exchange reports.
    pub(super) fn now(&self) -> Timestamp {
        self.exchange.clock.server_now()
    }
}

impl Bybit {
    /// Carries an operation out for who asks, as far as the limits let it.
    pub(super) fn perform(
        &self,
        exchange: &Exchange,
        operation: &'static Operation,
        params: &Params,
        caller: Option<&Caller>,
    ) -> Done {
        if operation.security == Security::Trade && !caller.is_some_and(|caller| caller.may_trade) {
            return Done::failed(not_permitted());
        }
        let wanted = params.elements().map_or(1, <[Params]>::len).max(1);
        let limit = operation.limit(self.wanted_category(params));
        let left = caller.zip(limit).map(|(caller, limit)| {
            let places = operation.command == Some(OrderCommand::Place);
            let other = if places { exchange.other_orders() } else { 0 };
            let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
            self.used.take((caller.account, operation.path), exchange.clock.server_now(), (wanted, limit, other))
        });
        let granted = left.map_or(wanted, |left| usize::try_from(left.granted).unwrap_or(usize::MAX));
        let batch = params.elements().is_some();
        if granted == 0 && !batch {
            return Done { result: Err(ApiError::too_often()), left };
        }
        let asked = Asked { bybit: self, exchange, params, granted, caller };
        Done { result: (operation.run)(&asked), left }
    }

    /// The product by which limits are counted.
    fn wanted_category(&self, params: &Params) -> Category {
        params.category().unwrap_or(self.category)
    }
}

/// What a request with these parameters is about.
pub(super) fn note(
    exchange: &Exchange,
    operation: Option<&Operation>,
    params: &Params,
    (api_key, signed): (Option<&str>, bool),
) -> Note {
    let accounts = exchange.accounts.lock();
    let account = api_key.and_then(|key| accounts.key(key)).and_then(|(id, _)| accounts.account(id).ok());
    let of_order = params.elements().and_then(<[Params]>::first).unwrap_or(params);
    let text = |name: &str| of_order.text(name).map(str::to_owned);
    Note {
        command: operation.and_then(|operation| operation.command),
        client_order_id: text("orderLinkId"),
        order_id: text("orderId"),
        symbol: text("symbol"),
        account: account.map(|account| account.name.clone()),
        keyed: api_key.is_some_and(|key| !key.is_empty()),
        signed,
        stamp: None,
    }
}
