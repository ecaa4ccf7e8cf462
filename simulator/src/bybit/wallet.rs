//! What an account has.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::call::{Asked, Reply};
use super::category::plain;
use super::errors::ApiError;
use crate::accounts::{AccountId, Balance, TransactionKind, Wallet};
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::numbers::ratio;

/// The asset in which an account is valued.
const DOLLAR: &str = "USDT";
/// Assets that one request may name.
const MOST_COINS: usize = 20;

/// `GET /v5/account/wallet-balance`
pub(super) fn balance(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    if asked.params.needed("accountType")? != "UNIFIED" {
        return Err(ApiError::new(10001, "accountType only support UNIFIED."));
    }
    let named = coins(asked, "coin")?;
    let all = coins_of(asked.exchange, asked.account()?);
    let shown = match named {
        Some(names) => names.iter().map(|name| of(&all, name)).collect(),
        None => all.iter().filter(|coin| !coin.wallet.is_zero()).cloned().collect(),
    };
    Ok(json!({ "list": [of_account(asked.exchange, &all, shown)] }).into())
}

/// `GET /v5/account/withdrawal`
pub(super) fn withdrawal(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let names = coins(asked, "coinName")?.ok_or_else(|| ApiError::missing("coinName"))?;
    let all = coins_of(asked.exchange, asked.account()?);
    let free = |name: &String| plain(of(&all, name).free);
    let first = names.first().map(free).unwrap_or_default();
    let all: Map<String, Value> = names.iter().map(|name| (name.clone(), json!(free(name)))).collect();
    Ok(json!({ "availableWithdrawal": first, "availableWithdrawalMap": all }).into())
}

/// The assets that a request names.
fn coins(asked: &Asked<'_>, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(text) = asked.params.text(name) else { return Ok(None) };
    let names: Vec<String> = text.split(',').map(str::to_owned).collect();
    let good = names.len() <= MOST_COINS && names.iter().all(|name| !name.is_empty());
    if good { Ok(Some(names)) } else { Err(ApiError::invalid(name)) }
}

fn of(all: &[Coin], name: &str) -> Coin {
    let found = all.iter().find(|coin| *coin.asset == *name).cloned();
    found.unwrap_or_else(|| Coin::empty(name))
}

/// What an account has of one asset, and what of it is bound.
#[derive(Clone, Debug)]
pub(super) struct Coin {
    asset: Arc<str>,
    wallet: Decimal,
    /// Held by orders of spot.
    locked: Decimal,
    /// What can be spent, bound or taken out.
    free: Decimal,
    unrealised: Decimal,
    order_margin: Decimal,
    position_margin: Decimal,
    maintenance: Decimal,
    realised: Decimal,
}

impl Coin {
    fn of_spot(asset: &Arc<str>, balance: Balance) -> Coin {
        let (wallet, locked, free) = (balance.total(), balance.locked, balance.free);
        Coin { asset: Arc::clone(asset), wallet, locked, free, ..Coin::empty("") }
    }

    fn of_contracts(wallet: &Wallet, realised: Decimal) -> Coin {
        Coin {
            asset: Arc::clone(&wallet.asset),
            wallet: wallet.balance,
            locked: Decimal::ZERO,
            free: wallet.available,
            unrealised: wallet.unrealised,
            order_margin: wallet.order_margin,
            position_margin: wallet.position_margin,
            maintenance: wallet.maintenance_margin,
            realised,
        }
    }

    fn empty(asset: &str) -> Coin {
        Coin {
            asset: Arc::from(asset),
            wallet: Decimal::ZERO,
            locked: Decimal::ZERO,
            free: Decimal::ZERO,
            unrealised: Decimal::ZERO,
            order_margin: Decimal::ZERO,
            position_margin: Decimal::ZERO,
            maintenance: Decimal::ZERO,
            realised: Decimal::ZERO,
        }
    }

    fn equity(&self) -> Decimal {
        self.wallet + self.unrealised
    }

    fn written(&self, exchange: &Exchange) -> Value {
        let n = |value: Decimal| plain(value.round_dp(8));
        let value = in_dollars(exchange, &self.asset, self.equity()).unwrap_or_default();
        json!({
            "coin": self.asset, "equity": n(self.equity()), "usdValue": n(value), "walletBalance": n(self.wallet),
            "locked": n(self.locked), "spotHedgingQty": "0", "borrowAmount": "0", "spotBorrow": "0",
            "accruedInterest": "0", "totalOrderIM": n(self.order_margin), "totalPositionIM": n(self.position_margin),
            "totalPositionMM": n(self.maintenance), "unrealisedPnl": n(self.unrealised),
            "cumRealisedPnl": n(self.realised), "bonus": "0", "marginCollateral": true, "collateralSwitch": true,
            "colRes": "0", "availableToWithdraw": "", "availableToBorrow": "",
        })
    }
}

/// Everything that an account has.
fn coins_of(exchange: &Exchange, account: AccountId) -> Vec<Coin> {
    if exchange.product == Product::LinearPerpetual {
        let realised = |asset: &str| realised(exchange, account, asset);
        let wallets = exchange.wallets(account);
        return wallets.iter().map(|wallet| Coin::of_contracts(wallet, realised(&wallet.asset))).collect();
    }
    let accounts = exchange.accounts.lock();
    let found = accounts.account(account).into_iter().flat_map(|account| &account.balances);
    found.map(|(asset, balance)| Coin::of_spot(asset, *balance)).collect()
}

/// Profit that was realised in contracts with this collateral, less fees and fundings.
fn realised(exchange: &Exchange, account: AccountId, asset: &str) -> Decimal {
    let accounts = exchange.accounts.lock();
    let moved = accounts.account(account).into_iter().flat_map(|account| &account.margins.transactions);
    let of_trading = |kind| !matches!(kind, TransactionKind::Transfer);
    moved.filter(|moved| *moved.asset == *asset && of_trading(moved.kind)).map(|moved| moved.amount).sum()
}

/// An account after a change, with the assets that the change concerned.
pub(super) fn changed(exchange: &Exchange, account: AccountId, assets: &[Arc<str>]) -> Value {
    let all = coins_of(exchange, account);
    let concerned = all.iter().filter(|coin| assets.contains(&coin.asset)).cloned().collect();
    of_account(exchange, &all, concerned)
}

/// The object of an account: its worth, and the given assets.
fn of_account(exchange: &Exchange, all: &[Coin], coins: Vec<Coin>) -> Value {
    let sum = |of: fn(&Coin) -> Decimal| -> Decimal {
        all.iter().filter_map(|coin| in_dollars(exchange, &coin.asset, of(coin))).sum()
    };
    let n = |value: Decimal| plain(value.round_dp(8));
    let initial = sum(|coin| coin.order_margin + coin.position_margin);
    let (equity, maintenance) = (sum(Coin::equity), sum(|coin| coin.maintenance));
    let rate = |margin| plain(ratio(margin, equity).unwrap_or_default().round_dp(4));
    let coins: Vec<Value> = coins.iter().map(|coin| coin.written(exchange)).collect();
    json!({
        "totalEquity": n(equity), "accountIMRate": rate(initial), "accountIMRateByMp": rate(initial),
        "totalMarginBalance": n(equity), "totalInitialMargin": n(initial), "totalInitialMarginByMp": n(initial),
        "accountType": "UNIFIED", "totalAvailableBalance": n(sum(|coin| coin.free)),
        "accountMMRate": rate(maintenance), "accountMMRateByMp": rate(maintenance),
        "totalPerpUPL": n(sum(|coin| coin.unrealised)), "totalWalletBalance": n(sum(|coin| coin.wallet)),
        "accountLTV": "0", "totalMaintenanceMargin": n(maintenance), "totalMaintenanceMarginByMp": n(maintenance),
        "coin": coins,
    })
}

fn in_dollars(exchange: &Exchange, asset: &str, amount: Decimal) -> Option<Decimal> {
    exchange.prices.convert(amount, asset, DOLLAR)
}
