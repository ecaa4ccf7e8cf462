//! Balances and fees.

use serde_json::{Value, json};

use super::contracts;
use super::errors::ApiError;
use super::rest::Asked;
use super::rows::plain;
use crate::accounts::{Rates, Wallet};

/// `GET /1/balances`
pub(super) fn balances(asked: &Asked<'_>) -> Result<Value, ApiError> {
    if contracts::are_traded(asked.exchange) {
        let wallets = asked.exchange.wallets(asked.account);
        let row = |wallet: &Wallet| json!({ "asset": wallet.asset, "total": plain(wallet.balance), "free": plain(wallet.available) });
        return Ok(json!({ "balances": wallets.iter().map(row).collect::<Vec<_>>() }));
    }
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account).map_err(ApiError::order)?;
    let row = |(asset, balance): (&std::sync::Arc<str>, &crate::accounts::Balance)| json!({ "asset": asset, "total": plain(balance.total()), "free": plain(balance.free) });
    let rows: Vec<Value> = account.balances.iter().map(row).collect();
    Ok(json!({ "balances": rows }))
}

/// `GET /1/fees`
pub(super) fn fees(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let market = asked.params.market(asked.exchange)?.lock().id;
    let rates = asked.exchange.accounts.lock().rates(asked.account, market);
    let rate =
        |of: fn(&Rates) -> rust_decimal::Decimal| plain(of(&rates.standard) + of(&rates.special) + of(&rates.tax));
    Ok(json!({ "maker": rate(|rates| rates.maker), "taker": rate(|rates| rates.taker) }))
}
