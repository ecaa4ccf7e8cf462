//! Public trades.

use serde_json::{Value, json};

use super::chosen;
use crate::bybit::call::{Asked, Reply};
use crate::bybit::category::Category;
use crate::bybit::errors::ApiError;
use crate::bybit::ids::trade_id;
use crate::engine::Side;
use crate::market::Market;
use crate::tape::TradeRecord;

/// `GET /v5/market/recent-trade`
pub(in crate::bybit) fn recent(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let category = asked.params.category()?;
    let limit = if category.is_spot() { asked.params.limit(60, 60)? } else { asked.params.limit(500, 1000)? };
    asked.params.needed("symbol")?;
    let mut list = Vec::new();
    for market in chosen(asked)? {
        let market = market.lock();
        let newest = market.tape.trades().iter().rev().take(limit);
        list.extend(newest.map(|record| row(category, &market, record)));
    }
    Ok(json!({ "category": category.as_str(), "list": list }).into())
}

/// `Buy` or `Sell`.
pub(in crate::bybit) fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "Buy",
        Side::Sell => "Sell",
    }
}

fn row(category: Category, market: &Market, record: &TradeRecord) -> Value {
    let trade = &record.trade;
    json!({
        "execId": trade_id(category, market.id, trade.id), "symbol": market.listing.symbol,
        "price": category.price(&market.listing, trade.price),
        "size": category.quantity(&market.listing, trade.quantity), "side": side(trade.taker_side),
        "time": record.time.millis().to_string(), "isBlockTrade": false, "isRPITrade": false,
        "seq": trade.id.to_string(),
    })
}
