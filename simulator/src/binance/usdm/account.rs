//! Funds, margin and positions of an account.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Usdm;
use super::digits::{Digits, money, plain};
use super::order_errors::{Attempt, refused};
use super::order_json::position_side;
use crate::accounts::{AccountId, MarginMode, Order, Position, PositionSide, Wallet};
use crate::binance::call::{Asked, text};
use crate::binance::errors::ApiError;
use crate::engine::Side;
use crate::market::MarketId;
use crate::numbers::{fixed, notional, rounded};

/// Decimals of entry prices.
const ENTRY: u32 = 5;

/// Value of the live buys and of the live sells of one position.
type Open = BTreeMap<(MarketId, PositionSide), [Decimal; 2]>;

/// Everything that answers about an account are made of.
struct Holdings {
    wallets: Vec<Wallet>,
    positions: Vec<Position>,
    open: Open,
    updated: i64,
}

impl Holdings {
    fn of(asked: &Asked<'_, Usdm>) -> Result<Holdings, ApiError> {
        let account = asked.caller()?.account;
        let (wallets, positions) = (asked.exchange.wallets(account), asked.exchange.positions(account, None));
        let (open, updated) = open_values(asked, account)?;
        Ok(Holdings { wallets, positions, open, updated })
    }

    fn open_value(&self, position: &Position) -> [Decimal; 2] {
        self.open.get(&(position.market, position.side)).copied().unwrap_or_default()
    }

    /// Whether a position is open or orders could open it.
    fn is_used(&self, position: &Position) -> bool {
        !position.is_flat() || self.open.contains_key(&(position.market, position.side))
    }

    /// The wallets in which contracts settle.
    fn margin(&self) -> impl Iterator<Item = &Wallet> {
        let settles = |wallet: &&Wallet| self.positions.iter().any(|position| position.asset == wallet.asset);
        self.wallets.iter().filter(settles)
    }

    fn sum(&self, of: impl Fn(&Wallet) -> Decimal) -> String {
        money(self.margin().map(of).sum())
    }
}

fn open_values(asked: &Asked<'_, Usdm>, account: AccountId) -> Result<(Open, i64), ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(account).map_err(|error| refused(error, Attempt::Query))?;
    let mut open = Open::new();
    for order in account.open_orders(None) {
        let sums = open.entry((order.market, order.position.side)).or_default();
        sums[usize::from(order.side == Side::Sell)] += value_left(order);
    }
    Ok((open, account.updated.millis()))
}

fn value_left(order: &Order) -> Decimal {
    notional(order.price, order.quantity - order.executed)
}

/// `GET /fapi/v2/balance` and `/fapi/v3/balance`
pub(super) fn balance(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let holdings = Holdings::of(asked)?;
    let rows = holdings.wallets.iter().map(|wallet| {
        json!({
            "accountAlias": "SgsR",
            "asset": wallet.asset,
            "balance": money(wallet.balance),
            "crossWalletBalance": money(wallet.cross),
            "crossUnPnl": money(wallet.cross_unrealised),
            "availableBalance": money(wallet.available),
            "maxWithdrawAmount": money(wallet.available),
            "marginAvailable": true,
            "updateTime": holdings.updated,
        })
    });
    text(&rows.collect::<Vec<_>>())
}

fn asset_row(wallet: &Wallet, updated: i64) -> Value {
    json!({
        "asset": wallet.asset,
        "walletBalance": money(wallet.balance),
        "unrealizedProfit": money(wallet.unrealised),
        "marginBalance": money(wallet.equity()),
        "maintMargin": money(wallet.maintenance_margin),
        "initialMargin": money(wallet.position_margin + wallet.order_margin),
        "positionInitialMargin": money(wallet.position_margin),
        "openOrderInitialMargin": money(wallet.order_margin),
        "crossWalletBalance": money(wallet.cross),
        "crossUnPnl": money(wallet.cross_unrealised),
        "availableBalance": money(wallet.available),
        "maxWithdrawAmount": money(wallet.available),
        "updateTime": updated,
    })
}

/// The sums over all collateral.
fn totals(holdings: &Holdings) -> Value {
    json!({
        "totalInitialMargin": holdings.sum(|wallet| wallet.position_margin + wallet.order_margin),
        "totalMaintMargin": holdings.sum(|wallet| wallet.maintenance_margin),
        "totalWalletBalance": holdings.sum(|wallet| wallet.balance),
        "totalUnrealizedProfit": holdings.sum(|wallet| wallet.unrealised),
        "totalMarginBalance": holdings.sum(Wallet::equity),
        "totalPositionInitialMargin": holdings.sum(|wallet| wallet.position_margin),
        "totalOpenOrderInitialMargin": holdings.sum(|wallet| wallet.order_margin),
        "totalCrossWalletBalance": holdings.sum(|wallet| wallet.cross),
        "totalCrossUnPnl": holdings.sum(|wallet| wallet.cross_unrealised),
        "availableBalance": holdings.sum(|wallet| wallet.available),
        "maxWithdrawAmount": holdings.sum(|wallet| wallet.available),
    })
}

/// An object with the fields of several.
fn joined(parts: impl IntoIterator<Item = Value>) -> Value {
    let mut whole = serde_json::Map::new();
    for part in parts {
        if let Value::Object(fields) = part {
            whole.extend(fields);
        }
    }
    Value::Object(whole)
}

/// `GET /fapi/v2/account`
pub(super) fn status(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let holdings = Holdings::of(asked)?;
    let chosen = asked.api.choices.of(asked.caller()?.account);
    let flags = json!({
        "feeTier": 0, "feeBurn": chosen.fee_burn, "canTrade": may_trade(asked)?, "canDeposit": true,
        "canWithdraw": true, "updateTime": 0, "multiAssetsMargin": chosen.multi_assets, "tradeGroupId": -1,
    });
    let assets = holdings.wallets.iter().map(|wallet| {
        let mut row = asset_row(wallet, holdings.updated);
        row["marginAvailable"] = json!(true);
        row
    });
    let positions = holdings.positions.iter().map(|position| {
        let digits = Digits::of_symbol(asked.exchange, &position.symbol);
        let [bids, asks] = holdings.open_value(position);
        json!({
            "symbol": position.symbol,
            "initialMargin": plain(position.initial_margin + position.order_margin),
            "maintMargin": plain(position.maintenance_margin),
            "unrealizedProfit": rounded(position.unrealised, 8),
            "positionInitialMargin": plain(position.initial_margin),
            "openOrderInitialMargin": plain(position.order_margin),
            "leverage": plain(position.leverage),
            "isolated": position.margin_mode == MarginMode::Isolated,
            "entryPrice": fixed(position.entry, ENTRY),
            "breakEvenPrice": plain(position.break_even),
            "maxNotional": max_value(asked, position),
            "bidNotional": plain(bids),
            "askNotional": plain(asks),
            "positionSide": position_side(position.side),
            "positionAmt": digits.quantity(position.size),
            "updateTime": position.updated.map_or(0, |at| at.millis()),
        })
    });
    let lists = json!({ "assets": assets.collect::<Vec<_>>(), "positions": positions.collect::<Vec<_>>() });
    text(&joined([flags, totals(&holdings), lists]))
}

fn may_trade(asked: &Asked<'_, Usdm>) -> Result<bool, ApiError> {
    let accounts = asked.exchange.accounts.lock();
    let account = accounts.account(asked.caller()?.account).map_err(|error| refused(error, Attempt::Query))?;
    Ok(account.may_trade)
}

/// The largest value of a position at its leverage.
pub(super) fn max_value(asked: &Asked<'_, Usdm>, position: &Position) -> String {
    let quote = asked.exchange.prices.marks.of(position.market);
    plain(quote.map(|quote| quote.contract.max_value(position.leverage)).unwrap_or_default())
}

/// `GET /fapi/v3/account`
pub(super) fn status_v3(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let holdings = Holdings::of(asked)?;
    let assets: Vec<Value> = holdings.wallets.iter().map(|wallet| asset_row(wallet, holdings.updated)).collect();
    let used = holdings.positions.iter().filter(|position| holdings.is_used(position));
    let positions = used.map(|position| {
        json!({
            "symbol": position.symbol,
            "positionSide": position_side(position.side),
            "positionAmt": Digits::of_symbol(asked.exchange, &position.symbol).quantity(position.size),
            "unrealizedProfit": rounded(position.unrealised, 8),
            "isolatedMargin": isolated_margin(position),
            "notional": signed_value(position),
            "isolatedWallet": plain(position.isolated),
            "initialMargin": plain(position.initial_margin + position.order_margin),
            "maintMargin": plain(position.maintenance_margin),
            "updateTime": position.updated.map_or(0, |at| at.millis()),
        })
    });
    let lists = json!({ "assets": assets, "positions": positions.collect::<Vec<_>>() });
    text(&joined([totals(&holdings), lists]))
}

/// What stands behind an isolated position with its profit.
fn isolated_margin(position: &Position) -> String {
    let own = if position.margin_mode == MarginMode::Isolated {
        position.isolated + position.unrealised
    } else {
        Decimal::ZERO
    };
    rounded(own, 8)
}

/// Value at the mark price, negative of a short position.
fn signed_value(position: &Position) -> String {
    let value = if position.size.is_sign_negative() { -position.value() } else { position.value() };
    plain(value.round_dp(8))
}

fn liquidation_price(position: &Position) -> String {
    plain(position.liquidation_price.unwrap_or_default().round_dp(8))
}

/// `GET /fapi/v3/positionRisk`
pub(super) fn positions_v3(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let wanted = asked.params.optional_market(asked.exchange)?;
    let holdings = Holdings::of(asked)?;
    let here = holdings.positions.iter().filter(|position| wanted.is_none_or(|wanted| wanted == position.market));
    let rows = here.filter(|position| holdings.is_used(position)).map(|position| {
        let [bids, asks] = holdings.open_value(position);
        json!({
            "symbol": position.symbol,
            "positionSide": position_side(position.side),
            "positionAmt": Digits::of_symbol(asked.exchange, &position.symbol).quantity(position.size),
            "entryPrice": plain(position.entry),
            "breakEvenPrice": plain(position.break_even),
            "markPrice": rounded(position.mark, 8),
            "unRealizedProfit": rounded(position.unrealised, 8),
            "liquidationPrice": liquidation_price(position),
            "isolatedMargin": isolated_margin(position),
            "notional": signed_value(position),
            "marginAsset": position.asset,
            "isolatedWallet": plain(position.isolated),
            "initialMargin": plain(position.initial_margin + position.order_margin),
            "maintMargin": plain(position.maintenance_margin),
            "positionInitialMargin": plain(position.initial_margin),
            "openOrderInitialMargin": plain(position.order_margin),
            "adl": if position.is_flat() { 0 } else { 2 },
            "bidNotional": plain(bids),
            "askNotional": plain(asks),
            "updateTime": position.updated.map_or(0, |at| at.millis()),
        })
    });
    text(&rows.collect::<Vec<_>>())
}

/// `GET /fapi/v2/positionRisk`
pub(super) fn positions_v2(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let wanted = asked.params.optional_market(asked.exchange)?;
    let positions = asked.exchange.positions(asked.caller()?.account, wanted);
    let rows = positions.iter().map(|position| {
        json!({
            "entryPrice": fixed(position.entry, ENTRY),
            "breakEvenPrice": fixed(position.break_even, 1),
            "marginType": margin_word(position.margin_mode),
            "isAutoAddMargin": position.auto_add_margin.to_string(),
            "isolatedMargin": isolated_margin(position),
            "leverage": plain(position.leverage),
            "liquidationPrice": liquidation_price(position),
            "markPrice": rounded(position.mark, 8),
            "maxNotionalValue": max_value(asked, position),
            "positionAmt": Digits::of_symbol(asked.exchange, &position.symbol).quantity(position.size),
            "notional": signed_value(position),
            "isolatedWallet": plain(position.isolated),
            "symbol": position.symbol,
            "unRealizedProfit": rounded(position.unrealised, 8),
            "positionSide": position_side(position.side),
            "updateTime": position.updated.map_or(0, |at| at.millis()),
        })
    });
    text(&rows.collect::<Vec<_>>())
}

/// `isolated` or `cross`.
pub(super) fn margin_word(mode: MarginMode) -> &'static str {
    match mode {
        MarginMode::Cross => "cross",
        MarginMode::Isolated => "isolated",
    }
}

/// `GET /fapi/v1/adlQuantile`
pub(super) fn adl_quantile(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let wanted = asked.params.optional_market(asked.exchange)?;
    let mut by_symbol: BTreeMap<&str, serde_json::Map<String, Value>> = BTreeMap::new();
    let positions = asked.exchange.positions(asked.caller()?.account, wanted);
    for position in positions.iter().filter(|position| !position.is_flat()) {
        let row = by_symbol.entry(&position.symbol).or_default();
        row.insert(position_side(position.side).to_owned(), json!(2));
    }
    let rows = by_symbol.into_iter().map(|(symbol, row)| json!({ "symbol": symbol, "adlQuantile": row }));
    text(&rows.collect::<Vec<_>>())
}

/// `GET /fapi/v1/accountConfig`
pub(super) fn configuration(asked: &Asked<'_, Usdm>) -> Result<String, ApiError> {
    let account = asked.caller()?.account;
    let chosen = asked.api.choices.of(account);
    text(&json!({
        "feeTier": 0, "canTrade": may_trade(asked)?, "canDeposit": true, "canWithdraw": true,
        "dualSidePosition": super::settings::is_hedged(asked)?, "updateTime": 0,
        "multiAssetsMargin": chosen.multi_assets, "tradeGroupId": -1,
    }))
}
