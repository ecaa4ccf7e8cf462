//! Balances, fees and tokens, by REST.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::auth::TOKEN_LIFE;
use super::errors::ApiError;
use super::instruments::percent;
use super::names::{self, Asset, Pair};
use super::orders::Asked;
use crate::accounts::{Balance, CommissionRates, Rates};
use crate::numbers::fixed;

/// Decimals of balances.
const PLACES: u32 = 10;

fn rows(asked: &Asked<'_>, row: impl Fn(&Balance) -> Value) -> Result<Value, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller.account).map_err(ApiError::order)?;
    let named = |(asset, balance): (&Arc<str>, &Balance)| (Asset::of(asset).key.to_owned(), row(balance));
    Ok(Value::Object(account.balances.iter().map(named).collect()))
}

/// `Balance`
pub(super) fn balance(asked: &Asked<'_>) -> Result<Value, ApiError> {
    rows(asked, |balance| json!(fixed(balance.total(), PLACES)))
}

/// `BalanceEx`
pub(super) fn balance_ex(asked: &Asked<'_>) -> Result<Value, ApiError> {
    rows(
        asked,
        |balance| json!({ "balance": fixed(balance.total(), PLACES), "hold_trade": fixed(balance.locked, PLACES) }),
    )
}

/// `TradeVolume`: the fees of pairs.
pub(super) fn trade_volume(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let (mut fees, mut fees_maker) = (Map::new(), Map::new());
    for name in asked.params.list("pair") {
        let market = names::market(asked.exchange, &name)?;
        let (id, key) = {
            let market = market.lock();
            (market.id, Pair::of(&market.listing).key)
        };
        let rates = asked.exchange.accounts.lock().rates(asked.caller.account, id);
        fees.insert(key.clone(), fee(&rates, |rates| rates.taker));
        fees_maker.insert(key, fee(&rates, |rates| rates.maker));
    }
    let mut answer = json!({ "currency": "ZUSD", "volume": "0.0000" });
    if !fees.is_empty() {
        (answer["fees"], answer["fees_maker"]) = (Value::Object(fees), Value::Object(fees_maker));
    }
    Ok(answer)
}

fn fee(rates: &CommissionRates, of: fn(&Rates) -> Decimal) -> Value {
    let rate = fixed(percent(of(&rates.standard) + of(&rates.special) + of(&rates.tax)), 4);
    json!({
        "fee": rate, "minfee": rate, "maxfee": rate, "nextfee": null, "nextvolume": null, "tiervolume": "0.0000",
    })
}

/// `GetWebSocketsToken`
pub(super) fn token(asked: &Asked<'_>) -> Result<Value, ApiError> {
    let token = asked.kraken.gate.token(asked.caller, asked.exchange.clock.now());
    Ok(json!({ "token": token, "expires": TOKEN_LIFE.as_secs() }))
}
