//! Contracts of a simulated exchange: marks, fundings, settings and positions, from outside.

use rust_decimal::Decimal;

use super::Simulator;
use crate::accounts::{
    AccountId, AlgoOrder, AlgoRef, Leverage, MarginMode, MarkPrice, OrderError, OrderRequest, Origin, Position,
    PositionMode, PositionSide, Scope, SettingError,
};
use crate::engine::OrderId;
use crate::market::MarketId;

/// Contracts are named by symbol or pair. What is done here is done as by the exchange or by another client of the
/// account: its streams report it.
impl Simulator {
    /// What a contract is marked at; `None` if there is no such contract.
    pub fn mark_price(&self, name: &str) -> Option<MarkPrice> {
        let market = self.contract(name).ok()?;
        self.exchange.prices.marks.of(market).map(|quote| quote.price)
    }

    /// Sets the mark price, or lets it follow trades again with `None`; what follows from it happens before this
    /// returns.
    ///
    /// # Errors
    /// [`SettingError::NotListed`], [`SettingError::Amount`] for a price that is not positive.
    pub fn set_mark_price(&self, name: &str, price: Option<Decimal>) -> Result<(), SettingError> {
        let market = self.contract(name)?;
        positive(price)?;
        self.exchange.prices.marks.set_mark(market, price);
        self.exchange.wake.notify_one();
        self.exchange.follow_marks();
        Ok(())
    }

    /// Sets the index price, or lets it follow trades again with `None`.
    ///
    /// # Errors
    /// As [`Simulator::set_mark_price`].
    pub fn set_index_price(&self, name: &str, price: Option<Decimal>) -> Result<(), SettingError> {
        let market = self.contract(name)?;
        positive(price)?;
        self.exchange.prices.marks.set_index(market, price);
        self.exchange.wake.notify_one();
        self.exchange.follow_marks();
        Ok(())
    }

    /// Sets the funding rate, or lets it follow the premium of the mark price again with `None`.
    ///
    /// # Errors
    /// [`SettingError::NotListed`].
    pub fn set_funding_rate(&self, name: &str, rate: Option<Decimal>) -> Result<(), SettingError> {
        let market = self.contract(name)?;
        self.exchange.prices.marks.set_rate(market, rate);
        self.exchange.wake.notify_one();
        Ok(())
    }

    /// Carries out a funding now, beside those whose time comes, at this rate or the contract's own.
    ///
    /// # Errors
    /// [`SettingError::NotListed`].
    pub fn run_funding(&self, name: &str, rate: Option<Decimal>) -> Result<(), SettingError> {
        let market = self.contract(name)?;
        self.exchange.run_funding(market, rate);
        Ok(())
    }

    /// Open positions of an account, by contract; empty if there is no such account.
    pub fn positions(&self, account: &str) -> Vec<Position> {
        let Ok(account) = self.holder(account) else { return Vec::new() };
        self.exchange.positions(account, None).into_iter().filter(|position| !position.is_flat()).collect()
    }

    /// Sets the leverage of an account in a contract.
    ///
    /// # Errors
    /// [`SettingError`]; nothing has changed then.
    pub fn set_leverage(&self, account: &str, name: &str, leverage: Leverage) -> Result<(), SettingError> {
        self.exchange.set_leverage(self.holder(account)?, self.contract(name)?, leverage)
    }

    /// Sets the position mode of an account.
    ///
    /// # Errors
    /// [`SettingError`]; nothing has changed then.
    pub fn set_position_mode(&self, account: &str, scope: &Scope, mode: PositionMode) -> Result<(), SettingError> {
        self.exchange.set_position_mode(self.holder(account)?, scope, mode)
    }

    /// Sets the margin mode of an account.
    ///
    /// # Errors
    /// [`SettingError`]; nothing has changed then.
    pub fn set_margin_mode(&self, account: &str, scope: &Scope, mode: MarginMode) -> Result<(), SettingError> {
        self.exchange.set_margin_mode(self.holder(account)?, scope, mode)
    }

    /// Places a conditional order with a number of its own, on an exchange that has such orders.
    ///
    /// # Errors
    /// [`OrderError`]; nothing has changed then.
    pub fn place_algo_as(&self, account: &str, name: &str, request: &OrderRequest) -> Result<AlgoOrder, OrderError> {
        let account = self.holder(account).map_err(|_| OrderError::NoAccount)?;
        let market = self.exchange.find(name).ok_or(OrderError::NotListed)?;
        self.exchange.place_algo(account, &market, request, false)
    }

    /// Cancels a conditional order with a number of its own.
    ///
    /// # Errors
    /// [`OrderError::UnknownOrder`] if none waits.
    pub fn cancel_algo_as(&self, account: &str, algo: &AlgoRef) -> Result<AlgoOrder, OrderError> {
        let account = self.holder(account).map_err(|_| OrderError::NoAccount)?;
        self.exchange.cancel_algo(account, algo)
    }

    /// Liquidates a position, whatever its margin.
    ///
    /// # Errors
    /// [`SettingError::NoPosition`] if it is flat.
    pub fn liquidate(&self, account: &str, name: &str, side: PositionSide) -> Result<(), SettingError> {
        let (account, market) = (self.open_position(account, name, side)?, self.contract(name)?);
        self.exchange.liquidate(account, market, side);
        self.exchange.follow_marks();
        Ok(())
    }

    /// Closes up to `quantity` of a position at `price`, or all of it, against somebody else's bankrupt one. Returns
    /// the order.
    ///
    /// # Errors
    /// [`SettingError::NoPosition`] if it is flat, [`SettingError::Amount`] for a price that is not positive.
    pub fn adl(
        &self,
        account: &str,
        name: &str,
        side: PositionSide,
        price: Decimal,
        quantity: Option<Decimal>,
    ) -> Result<OrderId, SettingError> {
        positive(Some(price))?;
        positive(quantity)?;
        let account = self.open_position(account, name, side)?;
        let market = self.exchange.find(name).ok_or(SettingError::NotListed)?;
        let closed =
            self.exchange.at_desk(&market, |desk| desk.close_by_force(account, side, price, quantity, Origin::Adl));
        closed.ok_or(SettingError::NoPosition)
    }

    /// Ends a contract: orders end, positions of all accounts are closed at `price` or the mark price, and no orders
    /// are taken any more.
    ///
    /// # Errors
    /// [`SettingError::NotListed`], [`SettingError::Amount`] for a price that is not positive.
    pub fn settle(&self, name: &str, price: Option<Decimal>) -> Result<(), SettingError> {
        positive(price)?;
        self.exchange.settle(name, price)
    }

    fn holder(&self, account: &str) -> Result<AccountId, SettingError> {
        self.exchange.accounts.lock().named(account).ok_or(SettingError::NoAccount)
    }

    fn contract(&self, name: &str) -> Result<MarketId, SettingError> {
        let market = self.exchange.find(name).ok_or(SettingError::NotListed)?;
        let market = market.lock();
        if market.contract { Ok(market.id) } else { Err(SettingError::NotListed) }
    }

    fn open_position(&self, account: &str, name: &str, side: PositionSide) -> Result<AccountId, SettingError> {
        let (account, market) = (self.holder(account)?, self.contract(name)?);
        let accounts = self.exchange.accounts.lock();
        let size = accounts.account(account).map(|found| found.margins.size(market, side)).unwrap_or_default();
        if size.is_zero() { Err(SettingError::NoPosition) } else { Ok(account) }
    }
}

fn positive(number: Option<Decimal>) -> Result<(), SettingError> {
    if number.is_some_and(|number| number <= Decimal::ZERO) { Err(SettingError::Amount) } else { Ok(()) }
}
