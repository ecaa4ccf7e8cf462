//! What faults do to contracts.

use rust_decimal::Decimal;

use super::{Leverage, MarginMode, Origin, PositionMode, PositionSide, Scope, SettingError};
use crate::accounts::account::AccountId;
use crate::exchange::Exchange;
use crate::faults::{Fault, FaultKind};
use crate::listing::TradingStatus;
use crate::market::MarketId;

impl Exchange {
    /// Does what a fault orders to an account's positions or settings.
    pub(in crate::accounts) fn act_on_contracts(&self, fault: &Fault, account: AccountId) -> Result<(), String> {
        match &fault.kind {
            FaultKind::ExternalSettings { leverage, position_mode, margin_mode } => {
                let changed = self.set_from_outside(fault, account, *leverage, *position_mode, *margin_mode);
                match changed {
                    Ok(()) | Err(SettingError::Unchanged) => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
            FaultKind::Liquidate => {
                for (market, side) in self.held(fault, account) {
                    self.liquidate(account, market, side);
                }
            }
            FaultKind::Adl { quantity, price } => {
                for (id, side) in self.held(fault, account) {
                    let market = self.market_by_id(id);
                    let price = price.or_else(|| self.prices.marks.of(id).map(|quote| quote.mark()));
                    let price = price.unwrap_or_else(|| market.lock().tape.last_price());
                    self.at_desk(&market, |desk| desk.close_by_force(account, side, price, *quantity, Origin::Adl));
                }
            }
            FaultKind::Settle { price } => {
                let name = fault.pair.as_deref().ok_or("field `pair` is needed for `settle`")?;
                self.settle(name, *price).map_err(|error| error.to_string())?;
            }
            FaultKind::Funding { rate } => {
                for quote in self.prices.marks.quotes().into_values() {
                    if self.meant(fault, &self.market_by_id(quote.market)) {
                        self.run_funding(quote.market, *rate);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Another client of the account changes its settings.
    fn set_from_outside(
        &self,
        fault: &Fault,
        account: AccountId,
        leverage: Option<Decimal>,
        position_mode: Option<PositionMode>,
        margin_mode: Option<MarginMode>,
    ) -> Result<(), SettingError> {
        let scope = fault.pair.as_ref().map_or(Scope::Account, |pair| Scope::Contract(pair.clone()));
        if let Some(leverage) = leverage {
            for market in self.prices.marks.quotes().into_keys() {
                if self.meant(fault, &self.market_by_id(market)) {
                    self.set_leverage(account, market, Leverage::of(leverage))?;
                }
            }
        }
        if let Some(mode) = position_mode {
            self.set_position_mode(account, &scope, mode)?;
        }
        match margin_mode {
            Some(mode) => self.set_margin_mode(account, &scope, mode),
            None => Ok(()),
        }
    }

    /// The open positions that a fault means.
    fn held(&self, fault: &Fault, account: AccountId) -> Vec<(MarketId, PositionSide)> {
        let open = self.positions(account, None).into_iter().filter(|position| !position.is_flat());
        let meant = open.filter(|position| self.meant(fault, &self.market_by_id(position.market)));
        meant.map(|position| (position.market, position.side)).collect()
    }

    /// The contract ends: orders end, positions are closed at `price` or the mark price, and it takes no orders.
    ///
    /// # Errors
    /// [`SettingError::NotListed`].
    pub(crate) fn settle(&self, name: &str, price: Option<Decimal>) -> Result<(), SettingError> {
        let market = self.find(name).ok_or(SettingError::NotListed)?;
        let id = market.lock().id;
        let mark = self.prices.marks.of(id).ok_or(SettingError::NotListed)?.mark();
        self.at_desk(&market, |desk| desk.settle_contract(price.unwrap_or(mark)));
        market.lock().listing.status = TradingStatus::Break;
        Ok(())
    }
}
