//! Settings of an account, and what moved its funds.

use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::category::plain;
use super::errors::ApiError;
use super::ids::{order_id, trade_id};
use super::market::trades::side;
use super::order_json::shown_client_id;
use super::params::page;
use crate::accounts::{Fill, Order};
use crate::engine::Side;
use crate::intervals::DAY;

/// `GET /v5/account/info`
pub(super) fn info(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let account = asked.account()?;
    let updated = asked.exchange.accounts.lock().account(account).map(|account| account.updated.millis());
    let result = json!({
        "marginMode": "REGULAR_MARGIN", "updatedTime": updated.unwrap_or_default().to_string(),
        "unifiedMarginStatus": 5, "dcpStatus": "OFF", "timeWindow": 0, "smpGroup": 0, "isMasterTrader": false,
        "spotHedgingStatus": "OFF",
    });
    Ok(result.into())
}

/// `GET /v5/account/smp-group`
pub(super) fn group(_: &Asked<'_>) -> Result<Reply, ApiError> {
    Ok(json!({ "smpGroup": 0 }).into())
}

/// `POST /v5/account/set-margin-mode`
pub(super) fn set_margin_mode(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    match asked.params.needed("setMarginMode")? {
        "REGULAR_MARGIN" => Ok(json!({ "reasons": [] }).into()),
        "ISOLATED_MARGIN" | "PORTFOLIO_MARGIN" => {
            let reason = json!({ "reasonCode": "3400000", "reasonMsg": "This account trades without margin" });
            let refused = ApiError::new(3_400_045, "Set margin mode failed");
            Err(ApiError { result: Some(Box::new(json!({ "reasons": [reason] }))), ..refused })
        }
        _ => Err(ApiError::invalid("setMarginMode")),
    }
}

/// `GET /v5/account/transaction-log`
pub(super) fn transactions(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let params = asked.params;
    let window = params.window(asked.now(), DAY)?;
    let limit = params.limit(20, 50)?;
    let mut rows = Vec::new();
    {
        let accounts = asked.exchange.accounts.lock();
        let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
        for fill in account.fills.iter().rev() {
            if (window.0..=window.1).contains(&fill.time.millis())
                && let Some(order) = account.orders.get(&(fill.market, fill.order))
            {
                rows.push((fill.clone(), order.clone()));
            }
        }
    }
    let mut list: Vec<Value> = rows.iter().flat_map(|(fill, order)| both_sides(asked, fill, order)).collect();
    let wanted = |name: &str, field: &str, row: &Value| params.text(name).is_none_or(|text| row[field] == json!(text));
    list.retain(|row| {
        wanted("category", "category", row) && wanted("currency", "currency", row) && wanted("type", "type", row)
    });
    let name = |row: &Value| {
        format!("{}:{}", row["tradeId"].as_str().unwrap_or_default(), row["id"].as_str().unwrap_or_default())
    };
    let (list, cursor) = page(params, list, limit, name)?;
    Ok(json!({ "nextPageCursor": cursor, "list": list }).into())
}

/// A trade of spot moves two assets.
fn both_sides(asked: &Asked<'_>, fill: &Fill, order: &Order) -> [Value; 2] {
    let category = asked.bybit.category;
    let market = asked.exchange.market_by_id(fill.market);
    let listing = market.lock().listing.clone();
    let sign = if fill.side == Side::Buy { rust_decimal::Decimal::ONE } else { rust_decimal::Decimal::NEGATIVE_ONE };
    let trade = trade_id(category, fill.market, fill.trade_id);
    [(&listing.base, sign * fill.quantity), (&listing.quote, -sign * fill.quote)].map(|(asset, flow)| {
        let fee = if *fill.commission_asset == **asset { fill.commission } else { rust_decimal::Decimal::ZERO };
        json!({
            "id": format!("{trade}_{asset}_{}", order.id.0), "symbol": listing.symbol, "category": category.as_str(),
            "side": side(fill.side), "transactionTime": fill.time.millis().to_string(), "type": "TRADE",
            "transSubType": "", "qty": plain(fill.quantity), "size": plain(fill.quantity), "currency": asset,
            "tradePrice": category.price(&listing, fill.price), "funding": "", "fee": plain(fee),
            "cashFlow": plain(flow), "change": plain(flow - fee), "cashBalance": "", "feeRate": "",
            "bonusChange": "", "tradeId": trade, "orderId": order_id(category, order.market, order.id),
            "orderLinkId": shown_client_id(order), "extraFees": "",
        })
    })
}
