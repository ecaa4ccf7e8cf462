//! What an account chooses: leverage, margin and position modes, and what follows from its tier.

use std::collections::HashMap;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::Usdm;
use super::digits::plain;
use super::order_errors::{Attempt, refused};
use super::order_json::position_side;
use super::order_params;
use crate::accounts::{AccountId, Leverage, MarginMode, PositionMode, Quote, Scope, SettingError};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::binance::order_fields::decimal;
use crate::binance::told::Told;
use crate::clock::Timestamp;
use crate::market::MarketId;

/// Margin movements that are remembered of one account.
const KEPT: usize = 1000;

/// What accounts choose beyond what the engine needs to know.
#[derive(Debug, Default)]
pub(super) struct Choices {
    by_account: Mutex<HashMap<AccountId, Choice>>,
}

/// What one account has chosen.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    /// Whether all assets stand behind all positions.
    pub(super) multi_assets: bool,
    /// Whether fees are paid in another asset.
    pub(super) fee_burn: bool,
    margins: Vec<MarginMove>,
}

/// Margin that was added to an isolated position, or taken from it.
#[derive(Clone, Debug)]
struct MarginMove {
    symbol: String,
    adds: bool,
    amount: Decimal,
    asset: String,
    time: Timestamp,
    side: &'static str,
}

impl Choices {
    /// What an account has chosen.
    pub(super) fn of(&self, account: AccountId) -> Choice {
        self.by_account.lock().get(&account).cloned().unwrap_or_default()
    }

    fn change(&self, account: AccountId, change: impl FnOnce(&mut Choice)) {
        change(self.by_account.lock().entry(account).or_default());
    }
}

fn success() -> Result<String, ApiError> {
    text(&json!({ "code": 200, "msg": "success" }))
}

fn market(asked: &Asked<'_, Usdm>) -> Result<(MarketId, String), ApiError> {
    let market = asked.params.market(asked.exchange)?;
    let market = market.lock();
    Ok((market.id, market.listing.symbol.clone()))
}

fn quote(asked: &Asked<'_, Usdm>, market: MarketId) -> Result<Quote, ApiError> {
    asked.exchange.prices.marks.of(market).ok_or_else(ApiError::unknown_symbol)
}

/// The error that tells the refusal of a setting; each call has codes of its own for some.
fn told(error: SettingError, own: &[(SettingError, i64, &str)]) -> ApiError {
    let found = own.iter().find(|(known, ..)| *known == error);
    found.map_or_else(
        || match error {
            SettingError::NotListed => ApiError::unknown_symbol(),
            error => ApiError::new(-1000, error.to_string()),
        },
        |(_, code, message)| ApiError::new(*code, *message),
    )
}

/// `POST /fapi/v1/leverage`
pub(super) fn leverage(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let (market, symbol) = market(asked)?;
    let wanted = asked.params.number("leverage")?.ok_or_else(|| ApiError::missing("leverage"))?;
    let invalid = format!("Leverage {wanted} is not valid");
    let set = asked.exchange.set_leverage(asked.caller()?.account, market, Leverage::of(Decimal::from(wanted)));
    match set {
        Ok(()) | Err(SettingError::Unchanged) => {}
        Err(error) => {
            let lowered = "Leverage reduction is not supported in Isolated Margin Mode with open positions.";
            return Err(told(
                error,
                &[
                    (SettingError::LeverageRange, -4028, &invalid),
                    (SettingError::IsolatedPosition, -4161, lowered),
                    (
                        SettingError::LeverageForPosition,
                        -2027,
                        "Exceeded the maximum allowable position at current leverage.",
                    ),
                    (
                        SettingError::InsufficientMargin,
                        -2028,
                        "Leverage is smaller than permitted: insufficient margin balance.",
                    ),
                ],
            ));
        }
    }
    let most = quote(asked, market)?.contract.max_value(Decimal::from(wanted));
    text(&json!({ "leverage": wanted, "maxNotionalValue": plain(most), "symbol": symbol }))
}

/// `POST /fapi/v1/marginType`
pub(super) fn margin_type(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let (_, symbol) = market(asked)?;
    let mode = match asked.params.text("marginType")?.ok_or_else(|| ApiError::missing("marginType"))? {
        "ISOLATED" => MarginMode::Isolated,
        "CROSSED" => MarginMode::Cross,
        _ => return Err(ApiError::invalid("marginType")),
    };
    let account = asked.caller()?.account;
    if mode == MarginMode::Isolated && asked.api.choices.of(account).multi_assets {
        return Err(ApiError::new(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode."));
    }
    let set = asked.exchange.set_margin_mode(account, &Scope::Contract(symbol), mode);
    set.map_err(|error| {
        told(
            error,
            &[
                (SettingError::Unchanged, -4046, "No need to change margin type."),
                (SettingError::OrdersOpen, -4047, "Margin type cannot be changed if there exists open orders."),
                (SettingError::PositionOpen, -4048, "Margin type cannot be changed if there exists position."),
            ],
        )
    })?;
    success()
}

/// Whether the account has two positions in each contract.
pub(super) fn is_hedged(asked: &Asked<'_, Usdm>) -> Result<bool, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    Ok(account.margins.settings.mode == PositionMode::Hedge)
}

/// `GET /fapi/v1/positionSide/dual`
pub(super) fn position_mode(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&json!({ "dualSidePosition": is_hedged(asked)? }))
}

/// `POST /fapi/v1/positionSide/dual`
pub(super) fn set_position_mode(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    asked.params.text("dualSidePosition")?.ok_or_else(|| ApiError::missing("dualSidePosition"))?;
    let hedged = asked.params.flag("dualSidePosition", false)?;
    let mode = if hedged { PositionMode::Hedge } else { PositionMode::OneWay };
    let account = asked.caller()?.account;
    if hedged != is_hedged(asked)? && has_algos(asked, account)? {
        return Err(ApiError::new(-4067, "Position side cannot be changed if there exists open orders."));
    }
    asked.exchange.set_position_mode(account, &Scope::Account, mode).map_err(|error| {
        told(
            error,
            &[
                (SettingError::Unchanged, -4059, "No need to change position side."),
                (SettingError::OrdersOpen, -4067, "Position side cannot be changed if there exists open orders."),
                (SettingError::PositionOpen, -4068, "Position side cannot be changed if there exists position."),
            ],
        )
    })?;
    success()
}

fn has_algos(asked: &Asked<'_, Usdm>, account: AccountId) -> Result<bool, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(account).map_err(|error| refused(error, Attempt::Query))?;
    Ok(account.margins.algos.live(None).next().is_some())
}

/// `GET /fapi/v1/multiAssetsMargin`
pub(super) fn multi_assets(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&json!({ "multiAssetsMargin": asked.api.choices.of(asked.caller()?.account).multi_assets }))
}

/// `POST /fapi/v1/multiAssetsMargin`
pub(super) fn set_multi_assets(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    asked.params.text("multiAssetsMargin")?.ok_or_else(|| ApiError::missing("multiAssetsMargin"))?;
    let wanted = asked.params.flag("multiAssetsMargin", false)?;
    let account = asked.caller()?.account;
    if asked.api.choices.of(account).multi_assets == wanted {
        return Err(ApiError::new(-4171, "No need to change to Multi-Assets mode or Single-Asset mode."));
    }
    {
        let accounts = asked.exchange.accounts.lock();
        let found = accounts.account(account).map_err(|error| refused(error, Attempt::Query))?;
        let settings = &found.margins.settings;
        let isolated = asked.exchange.prices.marks.quotes().into_keys();
        if wanted && isolated.into_iter().any(|market| settings.margin_mode(market) == MarginMode::Isolated) {
            let message =
                "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.";
            return Err(ApiError::new(-4167, message));
        }
        if found.open_orders(None).next().is_some() {
            return Err(ApiError::new(-4170, "Unable to change Multi-Assets mode with open orders."));
        }
    }
    asked.api.choices.change(account, |choice| choice.multi_assets = wanted);
    let now = asked.exchange.clock.server_now().millis();
    let event = json!({ "e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ai": { "j": wanted } });
    asked.api.tell(asked.exchange, account, &Told::plain("ACCOUNT_CONFIG_UPDATE", event));
    success()
}

/// `POST /fapi/v1/positionMargin`
pub(super) fn position_margin(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let (market, symbol) = market(asked)?;
    let amount = decimal(asked.params, "amount")?.ok_or_else(|| ApiError::missing("amount"))?;
    let adds = match asked.params.number("type")?.ok_or_else(|| ApiError::missing("type"))? {
        1 => true,
        2 => false,
        _ => return Err(ApiError::invalid("type")),
    };
    if amount.is_zero() {
        return Err(ApiError::new(-4055, "Amount must be positive."));
    }
    let side = order_params::position_side(asked.params)?;
    let account = asked.caller()?.account;
    let moved = asked.exchange.add_margin(account, market, side, if adds { amount } else { -amount });
    moved.map_err(|error| {
        let missing =
            if adds { (-4050, "Cross balance insufficient.") } else { (-4051, "Isolated balance insufficient.") };
        told(
            error,
            &[
                (SettingError::NotIsolated, -4049, "Add margin only support for isolated position."),
                (SettingError::NoPosition, -4054, "Cannot add position margin: position is 0."),
                (SettingError::Amount, -4055, "Amount must be positive."),
                (SettingError::InsufficientMargin, missing.0, missing.1),
            ],
        )
    })?;
    let made = MarginMove {
        symbol,
        adds,
        amount,
        asset: quote(asked, market)?.settle.to_string(),
        time: asked.exchange.clock.server_now(),
        side: position_side(side),
    };
    asked.api.choices.change(account, |choice| {
        choice.margins.push(made);
        let excess = choice.margins.len().saturating_sub(KEPT);
        choice.margins.drain(..excess);
    });
    let shown = amount.to_f64();
    let kind = if adds { 1 } else { 2 };
    text(&json!({ "amount": shown, "code": 200, "msg": "Successfully modify position margin.", "type": kind }))
}

/// `GET /fapi/v1/positionMargin/history`
pub(super) fn margin_history(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let (_, symbol) = market(asked)?;
    let kind = asked.params.number("type")?;
    let limit = asked.params.limit(500, 500)?;
    let chosen = asked.api.choices.of(asked.caller()?.account);
    let number = |made: &MarginMove| if made.adds { 1 } else { 2 };
    let wanted = chosen.margins.iter().filter(|made| made.symbol == symbol);
    let wanted = wanted.filter(|made| kind.is_none_or(|kind| kind == number(made)));
    let row = |made: &MarginMove| {
        json!({ "symbol": made.symbol, "type": number(made), "deltaType": "USER_ADJUST",
            "amount": super::digits::money(made.amount), "asset": made.asset, "time": made.time.millis(),
            "positionSide": made.side })
    };
    text(&wanted.map(row).take(limit).collect::<Vec<_>>())
}

/// `GET /fapi/v1/leverageBracket`
pub(super) fn brackets(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let wanted = asked.params.optional_market(asked.exchange)?;
    let quotes = asked.exchange.prices.marks.quotes();
    let shown = quotes.values().filter(|quote| wanted.is_none_or(|wanted| wanted == quote.market));
    let rows = shown.map(|quote| json!({ "symbol": quote.symbol, "notionalCoef": 1.0, "brackets": tiers(quote) }));
    text(&rows.collect::<Vec<_>>())
}

/// The margin tiers of a contract.
pub(super) fn tiers(quote: &Quote) -> Vec<Value> {
    let contract = &quote.contract;
    let number = |value: Decimal| value.to_i64().map_or_else(|| json!(value.to_f64()), |whole| json!(whole));
    let row = |(at, tier): (usize, &crate::contract::MarginTier)| {
        json!({
            "bracket": at + 1,
            "initialLeverage": number(tier.max_leverage),
            "notionalCap": number(tier.cap),
            "notionalFloor": number(contract.floor_of(at)),
            "maintMarginRatio": tier.maintenance_rate.to_f64(),
            "cum": contract.deduction_of(at).to_f64(),
        })
    };
    contract.tiers.iter().enumerate().map(row).collect()
}

/// `GET /fapi/v1/symbolConfig`
pub(super) fn symbol_configuration(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let wanted = asked.params.optional_market(asked.exchange)?;
    let account = asked.caller()?.account;
    let quotes = asked.exchange.prices.marks.quotes();
    let shown = quotes.values().filter(|quote| wanted.is_none_or(|wanted| wanted == quote.market));
    let rows = shown.map(|quote| {
        let (leverage, _, mode) = asked.exchange.settings(account, quote.market);
        let word = if mode == MarginMode::Isolated { "ISOLATED" } else { "CROSSED" };
        json!({ "symbol": quote.symbol, "marginType": word, "isAutoAddMargin": false,
            "leverage": leverage.buy.to_i64(), "maxNotionalValue": plain(quote.contract.max_value(leverage.buy)) })
    });
    text(&rows.collect::<Vec<_>>())
}

/// `GET /fapi/v1/commissionRate`
pub(super) fn commission(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let (market, symbol) = market(asked)?;
    let rates = asked.exchange.accounts.lock().rates(asked.caller()?.account, market).standard;
    text(&json!({ "symbol": symbol, "makerCommissionRate": plain(rates.maker),
        "takerCommissionRate": plain(rates.taker), "rpiCommissionRate": "0.00005" }))
}

/// `GET /fapi/v1/rateLimit/order`
pub(super) fn order_limits(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&asked.api.common.counts.limits(&asked.exchange.config.limits))
}

/// `GET /fapi/v1/apiTradingStatus`: nothing is locked.
pub(super) fn trading_status(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&json!({ "indicators": {}, "updateTime": asked.exchange.clock.server_now().millis() }))
}

/// `GET /fapi/v1/feeBurn`
pub(super) fn fee_burn(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    text(&json!({ "feeBurn": asked.api.choices.of(asked.caller()?.account).fee_burn }))
}

/// `POST /fapi/v1/feeBurn`
pub(super) fn set_fee_burn(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    asked.params.text("feeBurn")?.ok_or_else(|| ApiError::missing("feeBurn"))?;
    let wanted = asked.params.flag("feeBurn", false)?;
    asked.api.choices.change(asked.caller()?.account, |choice| choice.fee_burn = wanted);
    success()
}
