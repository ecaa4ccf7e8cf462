//! Fills of orders.

use serde_json::{Map, Value, json};

use super::call::{Asked, Reply};
use super::category::{Category, plain};
use super::errors::ApiError;
use super::ids::{order_id, read_order_id, trade_id};
use super::market::trades::side;
use super::order_json::{create_type, shown_client_id};
use super::orders::Scope;
use super::params::page;
use crate::accounts::{Fill, FundingPayment, Order, Origin};
use crate::listing::Listing;
use crate::numbers::ratio;

/// `GET /v5/execution/list`
pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let params = asked.params;
    let (category, ours) = (params.category()?, asked.is_ours()?);
    let window = params.week(asked.now())?;
    let limit = params.limit(50, 100)?;
    let scope = if params.text("symbol").is_some() { Scope::of(asked)? } else { Scope::All };
    let kind = params.text("execType");
    let mut rows: Vec<(Fill, Order)> = {
        let accounts = asked.exchange.accounts.lock();
        let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
        let joined = account.fills.iter().filter_map(|fill| {
            let order = account.orders.get(&(fill.market, fill.order)).filter(|order| !order.archived)?;
            wanted(asked, fill, order, window).then(|| (fill.clone(), order.clone()))
        });
        joined.collect()
    };
    rows.retain(|(fill, _)| scope.has(ours, &asked.exchange.market_by_id(fill.market).lock()));
    let mut list: Vec<Value> = rows.iter().map(|(fill, order)| row(asked, fill, order)).collect();
    list.extend(fundings(asked, &scope, window)?);
    list.retain(|row| kind.is_none_or(|kind| row["execType"] == json!(kind)));
    list.reverse();
    list.sort_by_key(|row| std::cmp::Reverse(row["execTime"].as_str().and_then(|time| time.parse::<i64>().ok())));
    let name = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        format!("{}:{}", text("execId"), text("orderId"))
    };
    let (list, cursor) = page(params, list, limit, name)?;
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

/// Fundings of positions, which are told among the fills; not where an order is asked for.
fn fundings(asked: &Asked<'_>, scope: &Scope, window: (i64, i64)) -> Result<Vec<Value>, ApiError> {
    let params = asked.params;
    if !asked.is_ours()? || params.text("orderId").is_some() || params.text("orderLinkId").is_some() {
        return Ok(Vec::new());
    }
    let payments: Vec<FundingPayment> = {
        let accounts = asked.exchange.accounts.lock();
        let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
        let within = |payment: &&FundingPayment| (window.0..=window.1).contains(&payment.time.millis());
        account.margins.payments.iter().filter(within).cloned().collect()
    };
    let row = |payment: FundingPayment| {
        let market = asked.exchange.market_by_id(payment.market);
        let market = market.lock();
        scope.has(true, &market).then(|| Value::Object(funding(asked.bybit.category, &market.listing, &payment)))
    };
    Ok(payments.into_iter().filter_map(row).collect())
}

/// A funding as a fill: what was paid is its fee.
pub(super) fn funding(category: Category, listing: &Listing, payment: &FundingPayment) -> Map<String, Value> {
    let size = payment.size.abs();
    let quantity = category.quantity(listing, size);
    let long = payment.size > rust_decimal::Decimal::ZERO;
    let row = json!({
        "symbol": listing.symbol, "orderType": "UNKNOWN", "underlyingPrice": "", "orderLinkId": "",
        // What pays is closed and opened anew in the sense of the exchange: a long position sells.
        "side": if long { "Sell" } else { "Buy" }, "indexPrice": "", "orderId": format!("funding-{}", payment.id),
        "stopOrderType": "UNKNOWN", "leavesQty": "0", "execTime": payment.time.millis().to_string(),
        "feeCurrency": payment.asset, "isMaker": false, "execFee": plain(-payment.amount),
        "feeRate": plain(payment.rate), "execId": format!("funding-{}", payment.id), "tradeIv": "",
        "blockTradeId": "", "markPrice": category.price(listing, payment.mark),
        "execPrice": category.price(listing, payment.mark), "markIv": "", "orderQty": quantity, "orderPrice": "0",
        "execValue": plain(crate::numbers::notional(size, payment.mark)), "execType": "Funding",
        "execQty": quantity, "closedSize": "0", "extraFees": "", "seq": payment.id, "createType": "",
    });
    match row {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// What kind of trade it was.
fn exec_type(origin: Origin) -> &'static str {
    match origin {
        Origin::Liquidation => "BustTrade",
        Origin::Adl => "AdlTrade",
        Origin::Settlement => "Settle",
        _ => "Trade",
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
        "leavesQty": quantity(if order.is_live() { order.remaining() } else { rust_decimal::Decimal::ZERO }), "execTime": fill.time.millis().to_string(),
        "feeCurrency": fill.commission_asset, "isMaker": fill.maker, "execFee": plain(fill.commission),
        "feeRate": plain(rate.unwrap_or_default().round_dp(8)),
        "execId": trade_id(category, fill.market, fill.trade_id), "tradeIv": "", "blockTradeId": "",
        "markPrice": category.price(listing, if fill.mark.is_zero() { fill.price } else { fill.mark }), "execPrice": category.price(listing, fill.price),
        "markIv": "", "orderQty": ordered, "orderPrice": category.price(listing, order.price),
        "execValue": plain(fill.quote), "execType": exec_type(fill.origin), "execQty": quantity(fill.quantity),
        "closedSize": if category.is_spot() { String::new() } else { quantity(fill.closed) },
        "extraFees": "", "seq": fill.trade_id, "createType": create_type(fill.origin),
    });
    match row {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
