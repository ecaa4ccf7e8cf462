//! What an account can ask about itself.

use super::account::Account;
use super::error::OrderError;
use super::fill::Fill;
use super::list::{OrderList, OrderListId};
use super::order::Order;
use super::prevention::PreventedMatch;
use super::request::{ListRef, OrderRef};
use crate::engine::OrderId;
use crate::market::MarketId;

impl Account {
    /// An order, live or not.
    ///
    /// # Errors
    /// [`OrderError::NoSuchOrder`], [`OrderError::IdMismatch`], [`OrderError::Archived`].
    pub(crate) fn order(&self, market: MarketId, order: &OrderRef) -> Result<&Order, OrderError> {
        let found = self.find(market, order)?;
        if found.archived { Err(OrderError::Archived) } else { Ok(found) }
    }

    /// A live order, for a cancel or an amendment.
    ///
    /// # Errors
    /// [`OrderError::UnknownOrder`], [`OrderError::IdMismatch`].
    pub(crate) fn live_order(&self, market: MarketId, order: &OrderRef) -> Result<&Order, OrderError> {
        match self.find(market, order) {
            Ok(found) if found.is_live() => Ok(found),
            Err(OrderError::IdMismatch) => Err(OrderError::IdMismatch),
            _ => Err(OrderError::UnknownOrder),
        }
    }

    fn find(&self, market: MarketId, order: &OrderRef) -> Result<&Order, OrderError> {
        let by_id = |id: &OrderId| self.orders.get(&(market, *id)).ok_or(OrderError::NoSuchOrder);
        match order {
            OrderRef::Id(id) => by_id(id),
            OrderRef::Client(text) => {
                let id = self.by_client_id.get(&(market, text.clone()));
                id.map_or(Err(OrderError::NoSuchOrder), by_id)
            }
            OrderRef::Both(id, text) => match by_id(id)? {
                found if found.client_id == *text => Ok(found),
                _ => Err(OrderError::IdMismatch),
            },
        }
    }

    /// Whether an order of any market, live or not, has or had this client id.
    pub(crate) fn has_used(&self, client_id: &str) -> bool {
        self.by_client_id.keys().any(|(_, known)| known == client_id)
    }

    /// Live orders, of one market or of all, by market and number.
    pub(crate) fn open_orders(&self, market: Option<MarketId>) -> impl Iterator<Item = &Order> {
        let range = match market {
            Some(market) => (market, OrderId(0))..=(market, OrderId(u64::MAX)),
            None => (MarketId(0), OrderId(0))..=(MarketId(usize::MAX), OrderId(u64::MAX)),
        };
        self.open.range(range).filter_map(|key| self.orders.get(key))
    }

    /// All orders of a market from number `from` on, archived ones left out.
    pub(crate) fn orders_from(&self, market: MarketId, from: OrderId) -> impl DoubleEndedIterator<Item = &Order> {
        let range = (market, from)..=(market, OrderId(u64::MAX));
        self.orders.range(range).map(|(_, order)| order).filter(|order| !order.archived)
    }

    /// Fills of a market, oldest first.
    pub(crate) fn fills_in(&self, market: MarketId) -> impl DoubleEndedIterator<Item = &Fill> {
        self.fills.iter().filter(move |fill| fill.market == market)
    }

    /// Fills of one order, oldest first.
    pub(crate) fn fills_of(&self, market: MarketId, order: OrderId) -> impl DoubleEndedIterator<Item = &Fill> {
        self.later_fills_of(market, order, 0)
    }

    /// Fills of one order after the first `known`, oldest first.
    pub(crate) fn later_fills_of(
        &self,
        market: MarketId,
        order: OrderId,
        known: usize,
    ) -> impl DoubleEndedIterator<Item = &Fill> {
        let at = self.fills_of.get(&(market, order)).and_then(|at| at.get(known..)).unwrap_or_default();
        at.iter().map(|at| &self.fills[*at])
    }

    /// A list, done or not. `market` may be left open.
    ///
    /// # Errors
    /// [`OrderError::UnknownList`].
    pub(crate) fn list(&self, market: Option<MarketId>, list: &ListRef) -> Result<&OrderList, OrderError> {
        let found = match list {
            ListRef::Id(id) => self.lists.get(id),
            ListRef::Client(text) => self.lists.values().rev().find(|list| list.client_id == *text),
        };
        let fits = |list: &&OrderList| market.is_none_or(|market| list.market == market);
        found.filter(fits).ok_or(OrderError::UnknownList)
    }

    /// Lists with live orders, oldest first.
    pub(crate) fn open_lists(&self) -> impl Iterator<Item = &OrderList> {
        self.open_lists.iter().filter_map(|id| self.lists.get(id))
    }

    /// All lists from number `from` on.
    pub(crate) fn lists_from(&self, from: OrderListId) -> impl DoubleEndedIterator<Item = &OrderList> {
        self.lists.range(from..).map(|(_, list)| list)
    }

    /// Trades that self-trade prevention prevented in a market, each once, oldest first.
    pub(crate) fn prevented_matches(&self, market: MarketId) -> Vec<PreventedMatch> {
        let taken = |order: &&Order| !order.prevented.is_empty();
        let orders = self.orders_from(market, OrderId(0)).filter(taken);
        let mut matches: Vec<PreventedMatch> = orders.flat_map(|order| order.prevented.iter().copied()).collect();
        matches.sort_by_key(|matched| matched.id);
        matches.dedup_by_key(|matched| matched.id);
        matches
    }
}
