//! The calls of accounts on the exchange. Each takes the locks that it needs; call them with none held.

use parking_lot::Mutex;
use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::error::OrderError;
use super::request::{
    AmendRequest, Amended, CancelReplaceRequest, CancelReplaced, CancelRequest, Cancelled, ListRef, ListReport,
    ListRequest, ModifyRequest, OrderRequest, Placed,
};
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::market::Market;

impl Exchange {
    /// Places an order.
    pub(crate) fn place_order(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &OrderRequest,
    ) -> Result<Placed, OrderError> {
        self.at_desk(market, |desk| desk.place(account, request))
    }

    /// Checks an order as [`Exchange::place_order`] would; nothing is changed.
    pub(crate) fn test_order(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &OrderRequest,
    ) -> Result<(), OrderError> {
        self.at_desk(market, |desk| desk.checked(account, request)).map(|_| ())
    }

    /// Cancels an order, and with it its list.
    pub(crate) fn cancel_order(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &CancelRequest,
    ) -> Result<Cancelled, OrderError> {
        self.at_desk(market, |desk| desk.cancel(account, request))
    }

    /// Cancels all live orders of a market; one entry per order or list.
    pub(crate) fn cancel_all(&self, account: AccountId, market: &Mutex<Market>) -> Result<Vec<Cancelled>, OrderError> {
        self.at_desk(market, |desk| desk.cancel_all(account))
    }

    /// A cancel and a new order as one step.
    ///
    /// # Errors
    /// The new order breaks a rule by itself; nothing was done.
    pub(crate) fn cancel_replace(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &CancelReplaceRequest,
    ) -> Result<CancelReplaced, OrderError> {
        self.at_desk(market, |desk| desk.cancel_replace(account, request))
    }

    /// Reduces an order's quantity.
    pub(crate) fn amend_order(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &AmendRequest,
    ) -> Result<Amended, OrderError> {
        self.at_desk(market, |desk| desk.amend(account, request))
    }

    /// Changes price, quantity or stop price of an order.
    pub(crate) fn modify_order(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &ModifyRequest,
    ) -> Result<Placed, OrderError> {
        self.at_desk(market, |desk| desk.modify(account, request))
    }

    /// Places an order list.
    pub(crate) fn place_list(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        request: &ListRequest,
    ) -> Result<ListReport, OrderError> {
        self.at_desk(market, |desk| desk.place_list(account, request))
    }

    /// Cancels an order list.
    pub(crate) fn cancel_list(
        &self,
        account: AccountId,
        market: &Mutex<Market>,
        list: &ListRef,
        client_id: Option<String>,
    ) -> Result<ListReport, OrderError> {
        self.at_desk(market, |desk| desk.cancel_list(account, list, client_id))
    }

    /// Brings funds in, or takes them out; returns what was moved.
    pub(crate) fn deposit(&self, account: AccountId, asset: &str, amount: Decimal) -> Option<Decimal> {
        let moved = {
            let mut accounts = self.accounts.lock();
            let amount = if self.product == Product::LinearPerpetual {
                // What positions and orders bind does not go out.
                let wallet = accounts.figures(account, &self.prices.marks).map(|figures| figures.wallet(asset));
                amount.max(-wallet.map(|wallet| wallet.available).unwrap_or_default())
            } else {
                amount
            };
            accounts.deposit(account, asset, amount, self.clock.server_now())
        };
        self.tell_transfer(account, asset, moved.unwrap_or_default());
        self.deliver();
        self.follow_marks();
        moved
    }

    /// Locks funds from outside, or frees them; returns what was moved.
    pub(crate) fn lock_outside(&self, account: AccountId, asset: &str, amount: Decimal) -> Option<Decimal> {
        let moved = self.accounts.lock().lock_outside(account, asset, amount, self.clock.server_now());
        self.deliver();
        moved
    }

    /// Does something with one market and all accounts, deals with all that follows, there and in other markets, and
    /// tells the wire.
    pub(crate) fn at_desk<T>(&self, market: &Mutex<Market>, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        let done = self.at_desk_alone(market, act);
        self.follow_marks();
        done
    }

    /// Does something with one market and all accounts, deals with all that follows there, and tells the wire.
    pub(crate) fn at_desk_alone<T>(&self, market: &Mutex<Market>, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        let mut market = market.lock();
        let done = {
            let mut accounts = self.accounts.lock();
            let mut desk = Desk::new(&mut market, &mut accounts, &self.prices, &self.faults, &self.clock);
            let done = act(&mut desk);
            desk.settle();
            done
        };
        self.publish_market(&mut market);
        done
    }

    /// Lets accounts know what the engine did by itself, if any of them is concerned.
    pub(crate) fn settle_accounts(&self, market: &mut Market) {
        if market.concerns_accounts() {
            let mut accounts = self.accounts.lock();
            Desk::new(market, &mut accounts, &self.prices, &self.faults, &self.clock).settle();
        }
    }

    /// Hands the accounts' events to the wire, in the order in which they happened.
    pub(crate) fn deliver(&self) {
        let _one_at_a_time = self.outlet.lock();
        let events = self.accounts.lock().take_events();
        if !events.is_empty() {
            self.front.account_events(self, &events);
            self.wake.notify_one();
        }
    }
}
