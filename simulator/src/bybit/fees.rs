//! What trading costs.

use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::category::plain;
use super::errors::ApiError;

/// `GET /v5/account/fee-rate`
pub(super) fn rates(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let (category, account) = (asked.params.category()?, asked.account()?);
    let markets = match (asked.is_ours()?, asked.params.text("symbol")) {
        (false, _) => Vec::new(),
        (true, None) => asked.exchange.markets(),
        (true, Some(_)) => {
            let market = asked.params.market(asked.exchange)?;
            vec![market.ok_or_else(|| category.unknown_symbol())?]
        }
    };
    let row = |market: &std::sync::Arc<parking_lot::Mutex<crate::market::Market>>| {
        let (id, symbol) = {
            let market = market.lock();
            (market.id, market.listing.symbol.clone())
        };
        let rates = asked.exchange.accounts.lock().rates(account, id);
        let rate = |of: fn(&crate::accounts::Rates) -> rust_decimal::Decimal| {
            plain(of(&rates.standard) + of(&rates.special) + of(&rates.tax))
        };
        json!({ "symbol": symbol, "takerFeeRate": rate(|rates| rates.taker), "makerFeeRate": rate(|rates| rates.maker) })
    };
    let list: Vec<Value> = markets.iter().map(row).collect();
    let result = if category.is_spot() {
        json!({ "category": category.as_str(), "list": list })
    } else {
        json!({ "list": list })
    };
    Ok(result.into())
}
