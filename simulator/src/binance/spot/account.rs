//! The account itself: funds, fees, order counts and filters.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Spot;
use super::info::{DECIMALS, exchange_filters, filters};
use super::order_errors::{Attempt, refused};
use crate::accounts::{CommissionRates, Rates};
use crate::binance::call::Asked;
use crate::binance::call::text;
use crate::binance::errors::ApiError;
use crate::numbers::fixed;

fn n(value: Decimal) -> String {
    fixed(value, DECIMALS)
}

/// `GET /api/v3/account`
pub(super) fn status(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let omit_zero = asked.params.flag("omitZeroBalances", false)?;
    let id = asked.caller()?.account;
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(id).map_err(|error| refused(error, Attempt::Query))?;
    let rates = account.rates.standard;
    let shown = account.balances.iter().filter(|(_, balance)| !omit_zero || !balance.total().is_zero());
    let balances: Vec<Value> =
        shown.map(|(asset, had)| json!({ "asset": asset, "free": n(had.free), "locked": n(had.locked) })).collect();
    text(&json!({
        "makerCommission": basis_points(rates.maker),
        "takerCommission": basis_points(rates.taker),
        "buyerCommission": basis_points(rates.buyer),
        "sellerCommission": basis_points(rates.seller),
        "commissionRates": four(&rates),
        "canTrade": account.may_trade,
        "canWithdraw": true,
        "canDeposit": true,
        "brokered": false,
        "requireSelfTradePrevention": false,
        "preventSor": false,
        "updateTime": asked.unit.stamp(account.updated),
        "accountType": "SPOT",
        "balances": balances,
        "permissions": ["SPOT"],
        "uid": 100_000_000 + u64::from(id.0),
    }))
}

fn basis_points(rate: Decimal) -> Value {
    let points = (rate * Decimal::from(10_000)).round();
    json!(i64::try_from(points).unwrap_or_default())
}

fn four(rates: &Rates) -> Value {
    json!({ "maker": n(rates.maker), "taker": n(rates.taker), "buyer": n(rates.buyer), "seller": n(rates.seller) })
}

/// The discount for who pays fees in a certain asset.
pub(super) fn discount(rates: &CommissionRates) -> Value {
    let discount = &rates.discount;
    json!({ "enabledForAccount": discount.enabled, "enabledForSymbol": true, "discountAsset": discount.asset,
        "discount": n(discount.factor) })
}

/// `GET /api/v3/account/commission`
pub(super) fn commission(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let (id, symbol) = {
        let market = market.lock();
        (market.id, market.listing.symbol.clone())
    };
    let rates = asked.exchange.accounts.lock().rates(asked.caller()?.account, id);
    text(&json!({
        "symbol": symbol,
        "standardCommission": four(&rates.standard),
        "specialCommission": four(&rates.special),
        "taxCommission": four(&rates.tax),
        "discount": discount(&rates),
    }))
}

/// `GET /api/v3/rateLimit/order`
pub(super) fn order_counts(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let now = asked.exchange.clock.server_now();
    let other = asked.exchange.other_orders();
    text(&asked.api.common.counts.rows(asked.caller()?.account, now, other, &asked.exchange.config.limits))
}

/// `GET /api/v3/myFilters`
pub(super) fn my_filters(asked: &Asked<'_, Spot>) -> Result<String, ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let listing = market.lock().listing.clone();
    let mut fields = Map::new();
    fields.insert("exchangeFilters".to_owned(), Value::Array(exchange_filters(&asked.exchange.config.rules)));
    fields.insert("symbolFilters".to_owned(), Value::Array(filters(&listing)));
    fields.insert("assetFilters".to_owned(), json!([]));
    text(&Value::Object(fields))
}
