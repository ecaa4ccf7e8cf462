//! Placing, triggering and ending of conditional orders with a number of their own.

use std::sync::Arc;

use parking_lot::Mutex;

use super::algo::{AlgoId, AlgoOrder, AlgoRef, AlgoStatus};
use super::terms::TriggerBy;
use crate::accounts::account::AccountId;
use crate::accounts::desk::Desk;
use crate::accounts::error::{Filter, OrderError};
use crate::accounts::event::AccountChange;
use crate::accounts::order::{ExpiryReason, OrderKind};
use crate::accounts::request::OrderRequest;
use crate::accounts::waiting::{Waiter, Waiting};
use crate::engine::OrderId;
use crate::exchange::Exchange;
use crate::market::Market;
use crate::numbers::notional;

/// Conditional orders that an account can have.
const MOST: usize = 200;

impl Exchange {
    /// Places a conditional order with a number of its own; `price_protect`: it is not triggered while mark and last
    /// price are too far apart.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub(crate) fn place_algo(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &OrderRequest,
        price_protect: bool,
    ) -> Result<AlgoOrder, OrderError> {
        self.at_desk(market, |desk| desk.place_algo(account, request, price_protect))
    }

    /// Cancels a conditional order.
    ///
    /// # Errors
    /// [`OrderError::UnknownOrder`] if none waits.
    pub(crate) fn cancel_algo(&self, account: AccountId, algo: &AlgoRef) -> Result<AlgoOrder, OrderError> {
        let (id, market) = {
            let accounts = self.accounts.lock();
            let found = accounts.account(account)?.margins.algos.find(algo).ok_or(OrderError::UnknownOrder)?;
            (found.id, found.market)
        };
        let market = self.market_by_id(market);
        self.at_desk(&market, |desk| desk.end_algo(account, id, AlgoStatus::Canceled, String::new()))
            .ok_or(OrderError::UnknownOrder)
    }

    /// Cancels all conditional orders of a contract that wait.
    pub(crate) fn cancel_algos(&self, account: AccountId, market: &Mutex<Market>) -> Vec<AlgoOrder> {
        self.at_desk(market, |desk| {
            let ids = desk.algos(account);
            ids.into_iter().filter_map(|id| desk.end_algo(account, id, AlgoStatus::Canceled, String::new())).collect()
        })
    }
}

impl Desk<'_> {
    /// Places a conditional order with a number of its own.
    fn place_algo(
        &mut self,
        account: AccountId,
        request: &OrderRequest,
        price_protect: bool,
    ) -> Result<AlgoOrder, OrderError> {
        self.check_open(account)?;
        if !request.kind.is_conditional() {
            return Err(OrderError::Unexpected(request.kind, "algoType"));
        }
        let order = self.draft(account, request, false)?;
        self.check_position_terms(&order)?;
        let algos = &self.account(account)?.margins.algos;
        if algos.live(None).any(|algo| algo.order.client_id == order.client_id) {
            return Err(OrderError::DuplicateClientId);
        }
        if algos.live(None).count() >= MOST {
            return Err(OrderError::Filter(Filter::MaxNumAlgoOrders));
        }
        let price = self.price_by(order.trigger.by);
        if Waiting::reached(&order, price) {
            return Err(OrderError::WouldTrigger);
        }
        let id = self.accounts.next_algo();
        let waiter = Waiter::Algo(account, id);
        let follows = self.market.waiting.add(waiter, &order, price, self.now).is_some();
        let algo = AlgoOrder {
            id,
            market: self.market.id,
            symbol: Arc::clone(&self.market.names.symbol),
            order,
            status: AlgoStatus::New,
            price_protect,
            follows,
            placed: None,
            reason: String::new(),
            created: self.now,
            updated: self.now,
            triggered: None,
            account,
        };
        self.accounts.account_mut(account)?.margins.algos.all.insert(id, algo.clone());
        self.tell_algo(account, id);
        Ok(algo)
    }

    /// Those of an account that wait here.
    fn algos(&self, account: AccountId) -> Vec<AlgoId> {
        let market = self.market.id;
        let found = self.account(account);
        found.map(|found| found.margins.algos.live(Some(market)).map(|algo| algo.id).collect()).unwrap_or_default()
    }

    /// Ends all that wait here.
    pub(in crate::accounts) fn end_algos(&mut self, account: AccountId, reason: ExpiryReason) {
        for id in self.algos(account) {
            self.end_algo(account, id, AlgoStatus::Expired, reason.as_str().to_owned());
        }
    }

    /// Ends one that waits; `None` if it does not.
    fn end_algo(&mut self, account: AccountId, id: AlgoId, status: AlgoStatus, reason: String) -> Option<AlgoOrder> {
        let live = self.account(account).ok()?.margins.algos.all.get(&id).is_some_and(|algo| algo.status.is_live());
        if !live {
            return None;
        }
        self.market.waiting.remove(Waiter::Algo(account, id));
        self.change_algo(account, id, |algo| {
            algo.status = status;
            algo.reason = reason;
        });
        self.account(account).ok()?.margins.algos.all.get(&id).cloned()
    }

    /// The price by which it is triggered has been reached.
    pub(in crate::accounts) fn trigger_algo(&mut self, account: AccountId, id: AlgoId) {
        let found = self.account(account).ok().and_then(|found| found.margins.algos.all.get(&id)).cloned();
        let Some(algo) = found.filter(|algo| algo.status.is_live()) else { return };
        if algo.price_protect && self.is_torn() {
            let price = self.price_by(algo.order.trigger.by);
            self.market.waiting.add(Waiter::Algo(account, id), &algo.order, price, self.now);
            return;
        }
        let now = self.now;
        self.change_algo(account, id, |algo| {
            algo.status = AlgoStatus::Triggering;
            algo.triggered = Some(now);
        });
        let placed = self.place(account, &self.request_of(&algo));
        self.change_algo(account, id, |algo| match &placed {
            Ok(placed) => {
                algo.status = AlgoStatus::Triggered;
                algo.placed = Some(placed.order.id);
            }
            Err(error) => {
                algo.status = if *error == OrderError::ReduceOnly { AlgoStatus::Expired } else { AlgoStatus::Rejected };
                algo.reason = error.to_string();
            }
        });
        let Ok(placed) = placed else { return };
        let order = placed.order.id;
        if let Ok(found) = self.accounts.account_mut(account) {
            found.margins.algos.by_order.insert((self.market.id, order), id);
        }
        if self.order(account, order).is_some_and(|order| !order.is_live()) {
            self.finish_algo(account, order);
        }
    }

    /// Whether mark and last price are too far apart for a protected trigger.
    fn is_torn(&self) -> bool {
        let Some(quote) = self.prices.marks.of(self.market.id) else { return false };
        let apart = (quote.mark() - self.last_price()).abs();
        apart > notional(quote.mark(), quote.contract.trigger_protect)
    }

    /// The order that it places.
    fn request_of(&self, algo: &AlgoOrder) -> OrderRequest {
        let order = &algo.order;
        let kind = if order.kind.has_price() { OrderKind::Limit } else { OrderKind::Market };
        let mut request = OrderRequest::new(order.side, kind);
        request.price = order.kind.has_price().then_some(order.price);
        request.time_in_force = order.kind.has_price().then_some(order.time_in_force);
        request.quantity = Some(order.quantity);
        if order.position.close_position {
            request.quantity = Some(self.size_for(order).abs()).filter(|size| !size.is_zero());
        }
        request.client_id = Some(order.client_id.clone());
        request.self_trade = Some(order.self_trade);
        request.position = order.position;
        request
    }

    /// An order has ended: so has the conditional order that placed it.
    pub(in crate::accounts) fn finish_algo(&mut self, account: AccountId, order: OrderId) {
        let key = (self.market.id, order);
        let Ok(found) = self.accounts.account_mut(account) else { return };
        if let Some(id) = found.margins.algos.by_order.remove(&key) {
            self.change_algo(account, id, |algo| algo.status = AlgoStatus::Finished);
        }
    }

    /// The stop of a trailing one follows the price from now on.
    pub(in crate::accounts) fn algo_follows(&mut self, account: AccountId, id: AlgoId) {
        self.change_algo(account, id, |algo| algo.follows = true);
    }

    fn change_algo(&mut self, account: AccountId, id: AlgoId, change: impl FnOnce(&mut AlgoOrder)) {
        let now = self.now;
        if let Ok(found) = self.accounts.account_mut(account)
            && let Some(algo) = found.margins.algos.all.get_mut(&id)
        {
            change(algo);
            algo.updated = now;
        }
        self.tell_algo(account, id);
    }

    fn tell_algo(&mut self, account: AccountId, id: AlgoId) {
        let found = self.account(account).ok().and_then(|found| found.margins.algos.all.get(&id)).cloned();
        if let Some(algo) = found {
            self.accounts.tell(account, self.now, AccountChange::Algo(Box::new(algo)));
        }
    }

    /// The price by which an order is triggered, as it is now.
    pub(in crate::accounts) fn price_by(&self, by: TriggerBy) -> rust_decimal::Decimal {
        let quote = self.prices.marks.of(self.market.id);
        match (by, quote) {
            (TriggerBy::Mark, Some(quote)) => quote.price.mark,
            (TriggerBy::Index, Some(quote)) => quote.price.index,
            _ => self.last_price(),
        }
    }

    /// Mark and index price may have moved: what waits for them is triggered.
    pub(crate) fn marked(&mut self) {
        for by in [TriggerBy::Mark, TriggerBy::Index] {
            let price = self.price_by(by);
            self.price_moved(by, price);
        }
    }
}
