//! Fills of orders.

use serde_json::{Map, Value, json};

use super::call::{Asked, Reply};
use super::category::{Category, plain};
use super::errors::ApiError;
use super::ids::{order_id, read_order_id, trade_id};
use super::market::trades::side;
use super::order_json::shown_client_id;
use super::orders::Scope;
use super::params::page;
use crate::accounts::{Fill, Order};
use crate::listing::Listing;
use crate::numbers::ratio;

/// `GET /v5/execution/list`
pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let params = asked.params;
    let (category, ours) = (params.category()?, asked.is_ours()?);
    let window = params.week(asked.now())?;
    let limit = params.limit(50, 100)?;
    let scope = if params.text("symbol").is_some() { Scope::of(asked)? } else { Scope::All };
    let trades = params.text("execType").is_none_or(|kind| kind == "Trade");
    let mut rows: Vec<(Fill, Order)> = {
        let accounts = asked.exchange.accounts.lock();
        let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
        let joined = account.fills.iter().filter_map(|fill| {
            let order = account.orders.get(&(fill.market, fill.order)).filter(|order| !order.archived)?;
            wanted(asked, fill, order, window).then(|| (fill.clone(), order.clone()))
        });
        joined.collect()
    };
    rows.retain(|(fill, _)| trades && scope.has(ours, &asked.exchange.market_by_id(fill.market).lock()));
    rows.reverse();
    let name = |(fill, order): &(Fill, Order)| {
        format!("{}:{}", trade_id(category, fill.market, fill.trade_id), order_id(category, order.market, order.id))
    };
    let (rows, cursor) = page(params, rows, limit, name)?;
    let list: Vec<Value> = rows.iter().map(|(fill, order)| row(asked, fill, order)).collect();
    Ok(json!({ "nextPageCursor": cursor, "category": category.as_str(), "list": list }).into())
}

/// Whether a fill is asked for: ids rule out all else.
fn wanted(asked: &Asked<'_>, fill: &Fill, order: &Order, window: (i64, i64)) -> bool {
    if asked.too_fresh(fill.time) {
        return false;
    }
    match (asked.params.text("orderId"), asked.params.text("orderLinkId")) {
        (Some(text), _) => read_order_id(text) == Some((fill.market, fill.order)),
        (None, Some(client_id)) => order.named && order.client_id == client_id,
        (None, None) => (window.0..=window.1).contains(&fill.time.millis()),
    }
}

fn row(asked: &Asked<'_>, fill: &Fill, order: &Order) -> Value {
    let market = asked.exchange.market_by_id(fill.market);
    let listing = market.lock().listing.clone();
    Value::Object(fields(asked.bybit.category, &listing, fill, order))
}

/// What lists and events tell of a fill alike; `order` is as it was right after it, or later.
pub(super) fn fields(category: Category, listing: &Listing, fill: &Fill, order: &Order) -> Map<String, Value> {
    let rate = ratio(fill.commission, if *fill.commission_asset == *listing.base { fill.quantity } else { fill.quote });
    let quantity = |value| category.quantity(listing, value);
    let ordered = if order.is_by_amount() { plain(order.quote_quantity) } else { quantity(order.quantity) };
    let row = json!({
        "symbol": listing.symbol, "orderType": if order.kind.has_price() { "Limit" } else { "Market" },
        "underlyingPrice": "", "orderLinkId": shown_client_id(order), "side": side(fill.side), "indexPrice": "",
        "orderId": order_id(category, order.market, order.id), "stopOrderType": "",
        "leavesQty": quantity(order.remaining()), "execTime": fill.time.millis().to_string(),
        "feeCurrency": fill.commission_asset, "isMaker": fill.maker, "execFee": plain(fill.commission),
        "feeRate": plain(rate.unwrap_or_default().round_dp(8)),
        "execId": trade_id(category, fill.market, fill.trade_id), "tradeIv": "", "blockTradeId": "",
        "markPrice": category.price(listing, fill.price), "execPrice": category.price(listing, fill.price),
        "markIv": "", "orderQty": ordered, "orderPrice": category.price(listing, order.price),
        "execValue": plain(fill.quote), "execType": "Trade", "execQty": quantity(fill.quantity), "closedSize": "",
        "extraFees": "", "seq": fill.trade_id, "createType": "CreateByUser",
    });
    match row {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
