//! What an account has.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::call::{Asked, Reply};
use super::category::plain;
use super::errors::ApiError;
use crate::accounts::{AccountId, Balance};
use crate::exchange::Exchange;

/// The asset in which an account is valued.
const DOLLAR: &str = "USDT";
/// Assets that one request may name.
const MOST_COINS: usize = 20;

/// `GET /v5/account/wallet-balance`
pub(super) fn balance(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    if asked.params.needed("accountType")? != "UNIFIED" {
        return Err(ApiError::new(10001, "accountType only support UNIFIED."));
    }
    let account = asked.account()?;
    let named = coins(asked, "coin")?;
    let balances = balances(asked.exchange, account);
    let row = match named {
        Some(names) => of_account(asked.exchange, &balances, names.iter().map(|name| of(&balances, name)).collect()),
        None => {
            let has = |(_, balance): &&(Arc<str>, Balance)| !balance.total().is_zero();
            of_account(asked.exchange, &balances, balances.iter().filter(has).cloned().collect())
        }
    };
    Ok(json!({ "list": [row] }).into())
}

/// `GET /v5/account/withdrawal`
pub(super) fn withdrawal(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let names = coins(asked, "coinName")?.ok_or_else(|| ApiError::missing("coinName"))?;
    let balances = balances(asked.exchange, asked.account()?);
    let free = |name: &String| plain(of(&balances, name).1.free);
    let first = names.first().map(free).unwrap_or_default();
    let all: Map<String, Value> = names.iter().map(|name| (name.clone(), json!(free(name)))).collect();
    Ok(json!({ "availableWithdrawal": first, "availableWithdrawalMap": all }).into())
}

/// The assets that a request names.
fn coins(asked: &Asked<'_>, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(text) = asked.params.text(name) else { return Ok(None) };
    let names: Vec<String> = text.split(',').map(str::to_owned).collect();
    let good = names.len() <= MOST_COINS && names.iter().all(|name| !name.is_empty());
    if good { Ok(Some(names)) } else { Err(ApiError::invalid(name)) }
}

fn of(balances: &[(Arc<str>, Balance)], name: &str) -> (Arc<str>, Balance) {
    let found = balances.iter().find(|(known, _)| **known == *name).cloned();
    found.unwrap_or_else(|| (Arc::from(name), Balance::default()))
}

/// Everything that an account has.
fn balances(exchange: &Exchange, account: AccountId) -> Vec<(Arc<str>, Balance)> {
    let accounts = exchange.accounts.lock();
    let found = accounts.account(account).into_iter().flat_map(|account| &account.balances);
    found.map(|(asset, balance)| (Arc::clone(asset), *balance)).collect()
}

/// An account after a change, with the assets that the change concerned.
pub(super) fn changed(exchange: &Exchange, account: AccountId, coins: &[(Arc<str>, Balance)]) -> Value {
    of_account(exchange, &balances(exchange, account), coins.to_vec())
}

/// The object of an account: its worth, and the given assets.
fn of_account(exchange: &Exchange, all: &[(Arc<str>, Balance)], coins: Vec<(Arc<str>, Balance)>) -> Value {
    let worth: Decimal = all.iter().filter_map(|(asset, balance)| in_dollars(exchange, asset, balance.total())).sum();
    let worth = plain(worth.round_dp(8));
    let free: Decimal = all.iter().filter_map(|(asset, balance)| in_dollars(exchange, asset, balance.free)).sum();
    let coins: Vec<Value> = coins.iter().map(|(asset, balance)| coin(exchange, asset, *balance)).collect();
    json!({
        "totalEquity": worth, "accountIMRate": "0", "accountIMRateByMp": "0", "totalMarginBalance": worth,
        "totalInitialMargin": "0", "totalInitialMarginByMp": "0", "accountType": "UNIFIED",
        "totalAvailableBalance": plain(free.round_dp(8)), "accountMMRate": "0", "accountMMRateByMp": "0",
        "totalPerpUPL": "0", "totalWalletBalance": worth, "accountLTV": "0", "totalMaintenanceMargin": "0",
        "totalMaintenanceMarginByMp": "0", "coin": coins,
    })
}

fn coin(exchange: &Exchange, asset: &str, balance: Balance) -> Value {
    let (total, locked) = (plain(balance.total()), plain(balance.locked));
    let value = in_dollars(exchange, asset, balance.total()).unwrap_or_default();
    json!({
        "coin": asset, "equity": total, "usdValue": plain(value.round_dp(8)), "walletBalance": total,
        "locked": locked, "spotHedgingQty": "0", "borrowAmount": "0", "spotBorrow": "0", "accruedInterest": "0",
        "totalOrderIM": "0", "totalPositionIM": "0", "totalPositionMM": "0", "unrealisedPnl": "0",
        "cumRealisedPnl": "0", "bonus": "0", "marginCollateral": true, "collateralSwitch": true,
        "colRes": "0", "availableToWithdraw": "", "availableToBorrow": "",
    })
}

fn in_dollars(exchange: &Exchange, asset: &str, amount: Decimal) -> Option<Decimal> {
    exchange.prices.convert(amount, asset, DOLLAR)
}
