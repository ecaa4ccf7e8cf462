//! Settings of an account, and what moved its funds.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::category::plain;
use super::errors::ApiError;
use super::ids::{order_id, trade_id};
use super::market::trades::side;
use super::order_json::shown_client_id;
use super::params::page;
use crate::accounts::{Fill, MarginMode, Order, Scope, SettingError, Transaction, TransactionKind};
use crate::engine::Side;
use crate::intervals::DAY;

/// `GET /v5/account/info`
pub(super) fn info(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
    let updated = account.updated.millis();
    let mode = match account.margins.settings.margin {
        MarginMode::Cross => "REGULAR_MARGIN",
        MarginMode::Isolated => "ISOLATED_MARGIN",
    };
    let result = json!({
        "marginMode": mode, "updatedTime": updated.to_string(),
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
    let mode = match asked.params.needed("setMarginMode")? {
        "REGULAR_MARGIN" => MarginMode::Cross,
        "ISOLATED_MARGIN" => MarginMode::Isolated,
        "PORTFOLIO_MARGIN" => return Err(mode_refused("Equity needs to be equal to or greater than 1000 USDC")),
        _ => return Err(ApiError::invalid("setMarginMode")),
    };
    if asked.bybit.category.is_spot() && mode == MarginMode::Isolated {
        return Err(mode_refused("This account trades without margin"));
    }
    match asked.exchange.set_margin_mode(asked.account()?, &Scope::Account, mode) {
        Ok(()) | Err(SettingError::Unchanged) => Ok(json!({ "reasons": [] }).into()),
        Err(error) => Err(mode_refused(&error.to_string())),
    }
}

/// The refusal of a margin mode with its reason.
fn mode_refused(reason: &str) -> ApiError {
    let reasons = json!({ "reasons": [{ "reasonCode": "3400000", "reasonMsg": reason }] });
    ApiError { result: Some(Box::new(reasons)), ..ApiError::new(3_400_045, "Set margin mode failed") }
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
    let mut list: Vec<Value> = if asked.bybit.category.is_spot() {
        rows.iter().flat_map(|(fill, order)| both_sides(asked, fill, order)).collect()
    } else {
        rows.iter().map(|(fill, order)| of_contract(asked, fill, order)).collect()
    };
    list.extend(other_movements(asked, window)?);
    list.sort_by_key(|row| {
        std::cmp::Reverse(row["transactionTime"].as_str().and_then(|time| time.parse::<i64>().ok()))
    });
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

/// A trade of a contract moves what settles it: by the profit of what it closed, less the fee.
fn of_contract(asked: &Asked<'_>, fill: &Fill, order: &Order) -> Value {
    let category = asked.bybit.category;
    let market = asked.exchange.market_by_id(fill.market);
    let listing = market.lock().listing.clone();
    let trade = trade_id(category, fill.market, fill.trade_id);
    let rate = crate::numbers::ratio(fill.commission, fill.quote).unwrap_or_default().round_dp(8);
    let rate = if fill.side == Side::Sell { -rate } else { rate };
    json!({
        "id": format!("{trade}_{}", order.id.0), "symbol": listing.symbol, "category": category.as_str(),
        "side": side(fill.side), "transactionTime": fill.time.millis().to_string(), "type": "TRADE",
        "transSubType": "", "qty": plain(fill.quantity), "size": plain(fill.position_after),
        "currency": listing.quote, "tradePrice": category.price(&listing, fill.price), "funding": "",
        "fee": plain(fill.commission), "cashFlow": plain(fill.realised),
        "change": plain(fill.realised - fill.commission), "cashBalance": plain(fill.balance_after),
        "feeRate": plain(rate), "bonusChange": "", "tradeId": trade,
        "orderId": order_id(category, order.market, order.id), "orderLinkId": shown_client_id(order), "extraFees": "",
    })
}

/// Fundings, and funds that came in or went out.
fn other_movements(asked: &Asked<'_>, window: (i64, i64)) -> Result<Vec<Value>, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.account()?).map_err(|_| ApiError::bad_key())?;
    let moved = account.margins.transactions.iter().filter(|moved| {
        let other = matches!(moved.kind, TransactionKind::FundingFee | TransactionKind::Transfer);
        other && (window.0..=window.1).contains(&moved.time.millis())
    });
    let row = |moved: &Transaction| {
        let funding = moved.kind == TransactionKind::FundingFee;
        let payment = account.margins.payments.iter().find(|payment| funding && payment.id == moved.id);
        let size = payment.map(|payment| payment.size).unwrap_or_default();
        let shown = |text: String| if funding { text } else { String::new() };
        let kind = match (funding, moved.amount.is_sign_negative()) {
            (true, _) => "SETTLEMENT",
            (false, true) => "TRANSFER_OUT",
            (false, false) => "TRANSFER_IN",
        };
        let direction = match size.cmp(&Decimal::ZERO) {
            std::cmp::Ordering::Greater => "Buy",
            std::cmp::Ordering::Less => "Sell",
            std::cmp::Ordering::Equal => "None",
        };
        json!({
            "id": moved.id.to_string(), "symbol": moved.symbol.as_deref().unwrap_or_default(),
            "category": if funding { asked.bybit.category.as_str() } else { "" }, "side": direction,
            "transactionTime": moved.time.millis().to_string(), "type": kind, "transSubType": "",
            "qty": plain(size.abs()), "size": plain(size), "currency": moved.asset,
            "tradePrice": shown(payment.map(|payment| plain(payment.mark)).unwrap_or_default()),
            "funding": shown(plain(moved.amount)), "fee": "0",
            "cashFlow": plain(if funding { Decimal::ZERO } else { moved.amount }), "change": plain(moved.amount),
            "cashBalance": plain(moved.balance), "feeRate": shown(payment.map(|payment| plain(payment.rate)).unwrap_or_default()),
            "bonusChange": "", "tradeId": shown(moved.id.to_string()), "orderId": "", "orderLinkId": "",
            "extraFees": "",
        })
    };
    Ok(moved.map(row).collect())
}

/// A trade of spot moves two assets.
fn both_sides(asked: &Asked<'_>, fill: &Fill, order: &Order) -> [Value; 2] {
    let category = asked.bybit.category;
    let market = asked.exchange.market_by_id(fill.market);
    let listing = market.lock().listing.clone();
    let sign = if fill.side == Side::Buy { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
    let trade = trade_id(category, fill.market, fill.trade_id);
    [(&listing.base, sign * fill.quantity), (&listing.quote, -sign * fill.quote)].map(|(asset, flow)| {
        let fee = if *fill.commission_asset == **asset { fill.commission } else { Decimal::ZERO };
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
