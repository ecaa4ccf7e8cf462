//! Cancelling of orders when their client is gone.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Bybit;
use super::call::{Asked, Reply};
use super::errors::ApiError;
use crate::accounts::{AccountId, Order};
use crate::clock::Timestamp;
use crate::engine::OrderId;
use crate::exchange::Exchange;
use crate::market::MarketId;
use crate::sockets::Socket;

/// Products with the topics that arm them.
const PRODUCTS: [(&str, &str); 3] = [("OPTIONS", "dcp.option"), ("DERIVATIVES", "dcp.future"), ("SPOT", "dcp.spot")];

/// What is armed, and what was cancelled for it.
#[derive(Debug, Default)]
pub(super) struct Dcp {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    windows: HashMap<(AccountId, &'static str), u64>,
    deadlines: HashMap<AccountId, Timestamp>,
    cancelled: HashSet<(MarketId, OrderId)>,
}

impl Dcp {
    /// Whether an order was cancelled because its client was gone.
    pub(super) fn has_cancelled(&self, order: &Order) -> bool {
        self.state.lock().cancelled.contains(&(order.market, order.id))
    }

    /// Whether a time runs.
    pub(super) fn runs(&self) -> bool {
        !self.state.lock().deadlines.is_empty()
    }
}

/// `POST /v5/order/disconnected-cancel-all`
pub(super) fn set(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let window = asked.params.number("timeWindow")?.ok_or_else(|| ApiError::missing("timeWindow"))?;
    let window = u64::try_from(window).ok().filter(|window| (3..=300).contains(window));
    let window = window.ok_or_else(|| ApiError::invalid("timeWindow"))?;
    let product = asked.params.text("product").unwrap_or("OPTIONS");
    let known = PRODUCTS.iter().find(|(known, _)| *known == product);
    let (product, _) = known.ok_or_else(|| ApiError::invalid("product"))?;
    asked.bybit.dcp.state.lock().windows.insert((asked.account()?, *product), window);
    Ok(json!({}).into())
}

/// `GET /v5/account/query-dcp-info`
pub(super) fn info(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let account = asked.account()?;
    let state = asked.bybit.dcp.state.lock();
    let row = |(product, _): &(&'static str, &str)| {
        let window = state.windows.get(&(account, product))?;
        Some(json!({ "product": product, "dcpStatus": "ON", "timeWindow": window.to_string() }))
    };
    let rows: Vec<Value> = PRODUCTS.iter().filter_map(row).collect();
    Ok(json!({ "dcpInfos": rows }).into())
}

impl Bybit {
    /// The product that is served, and the topic that arms it.
    fn armed_by(&self) -> (&'static str, &'static str) {
        if self.category.is_spot() { PRODUCTS[2] } else { PRODUCTS[1] }
    }

    /// A socket has subscribed to something: if that arms the account, no time runs any more.
    pub(super) fn dcp_changed(&self, _: &Exchange, socket: &Arc<Socket>) {
        let account = self.sessions.view(socket.id).and_then(|view| view.logon).map(|caller| caller.account);
        if let Some(account) = account
            && !self.sessions.listeners(account, self.armed_by().1).is_empty()
        {
            self.dcp.state.lock().deadlines.remove(&account);
        }
    }

    /// A socket of an account is gone: if it was the last that armed it, the time runs.
    pub(super) fn dcp_lost(&self, now: Timestamp, account: AccountId, topics: &BTreeSet<String>) {
        let (product, topic) = self.armed_by();
        if !topics.contains(topic) || !self.sessions.listeners(account, topic).is_empty() {
            return;
        }
        let mut state = self.dcp.state.lock();
        if let Some(window) = state.windows.get(&(account, product)).copied() {
            state.deadlines.insert(account, now.plus(Duration::from_secs(window)));
        }
    }

    /// Cancels the orders of accounts whose time is over.
    pub(super) fn dcp_due(&self, exchange: &Exchange) {
        let now = exchange.clock.now();
        let due: Vec<AccountId> = {
            let mut state = self.dcp.state.lock();
            let due = state.deadlines.iter().filter(|(_, at)| **at <= now).map(|(account, _)| *account).collect();
            state.deadlines.retain(|_, at| *at > now);
            due
        };
        for account in due {
            let open: Vec<(MarketId, OrderId)> = {
                let accounts = exchange.accounts.lock();
                let orders = accounts.account(account).into_iter().flat_map(|account| account.open_orders(None));
                orders.map(|order| (order.market, order.id)).collect()
            };
            self.dcp.state.lock().cancelled.extend(open.iter().copied());
            for (market, order) in open {
                exchange.at_desk(&exchange.market_by_id(market), |desk| desk.expire_by_exchange(account, order));
            }
        }
    }
}
