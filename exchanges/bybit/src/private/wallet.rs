use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, BalanceReport, Decimal, Error, exact};
use tradewire_wire::{Fault, Number, object, signed, unreadable};

use super::order_row::filled;

/// Decimals of what can be used of a coin by a sum in USD: a quotient, of which the exchange tells no more.
const DECIMALS: u32 = 8;

/// An account's balances as messages and answers show them.
///
/// <https://bybit-exchange.github.io/docs/v5/account/wallet-balance>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wallet<'a> {
    #[serde(borrow)]
    total_available_balance: Option<Number<'a>>,
    #[serde(borrow)]
    coin: Vec<&'a RawValue>,
}

/// What of a balance can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalletView {
    /// Whatever spot orders do not lock.
    NotLocked,
    /// What margin leaves: the account's sum in USD, by the coin's own price; without that sum, what the coin's positions
    /// and orders do not need.
    NotMargin,
    /// It is not told.
    TotalsOnly,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Coin<'a> {
    coin: Asset,
    #[serde(borrow)]
    wallet_balance: Number<'a>,
    #[serde(borrow)]
    locked: Option<Number<'a>>,
    #[serde(borrow)]
    equity: Option<Number<'a>>,
    #[serde(borrow)]
    usd_value: Option<Number<'a>>,
    #[serde(borrow, rename = "totalPositionIM")]
    position_margin: Option<Number<'a>>,
    #[serde(borrow, rename = "totalOrderIM")]
    order_margin: Option<Number<'a>>,
    #[serde(borrow)]
    bonus: Option<Number<'a>>,
}

impl Wallet<'_> {
    /// The balances, and one error for each that cannot be read: that stops none of the others.
    pub(crate) fn balances(&self, view: WalletView) -> (Vec<BalanceReport>, Vec<Error>) {
        let (mut balances, mut errors) = (Vec::new(), Vec::new());
        for raw in &self.coin {
            match object::<Coin<'_>>(raw.get())
                .and_then(|coin| coin.balance(view, self.total_available_balance.as_ref()))
            {
                Ok(balance) => balances.push(balance),
                Err(fault) => errors.push(unreadable(fault, raw.get().as_bytes())),
            }
        }
        (balances, errors)
    }
}

impl Coin<'_> {
    fn balance(self, view: WalletView, sum: Option<&Number<'_>>) -> Result<BalanceReport, Fault> {
        let total = signed(&self.wallet_balance)?;
        let available = match view {
            WalletView::NotLocked => less(total, &[self.locked.as_ref()])?,
            WalletView::NotMargin => self.not_margin(total, sum)?,
            WalletView::TotalsOnly => None,
        };
        Ok(BalanceReport { asset: self.coin, total, available })
    }

    fn not_margin(&self, total: Decimal, sum: Option<&Number<'_>>) -> Result<Option<Decimal>, Fault> {
        if let (Some(sum), Some(price)) = (filled(sum), self.usd_price()?) {
            return Ok(exact::divide(signed(sum)?, price).map(|rest| rest.trunc_with_scale(DECIMALS)));
        }
        let taken = [&self.position_margin, &self.order_margin, &self.locked, &self.bonus].map(Option::as_ref);
        less(total, &taken)
    }

    /// What a unit of the coin is worth; `None` if there is none to tell it by.
    fn usd_price(&self) -> Result<Option<Decimal>, Fault> {
        let figure = |number: &Option<Number<'_>>| filled(number.as_ref()).map(signed).transpose();
        let (Some(equity), Some(value)) = (figure(&self.equity)?, figure(&self.usd_value)?) else { return Ok(None) };
        let positive = equity > Decimal::ZERO && value > Decimal::ZERO;
        Ok(positive.then(|| exact::divide(value, equity)).flatten())
    }
}

/// A sum less what is taken from it. What is not told is nothing; but where nothing is told at all, neither is the rest.
fn less(sum: Decimal, taken: &[Option<&Number<'_>>]) -> Result<Option<Decimal>, Fault> {
    let told: Vec<_> = taken.iter().filter_map(|number| filled(*number)).collect();
    if told.is_empty() {
        return Ok(None);
    }
    let rest = told.into_iter().try_fold(sum, |rest, taken| {
        exact::subtract(rest, signed(taken)?).ok_or_else(|| Fault::decode("a balance of more than 28 digits"))
    })?;
    Ok(Some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn balances(wallet: &Value, view: WalletView) -> Vec<(String, String, Option<String>)> {
        let text = wallet.to_string();
        let (balances, errors) = object::<Wallet<'_>>(&text).expect("a wallet").balances(view);
        assert_eq!(errors.len(), 1, "one cannot be read");
        let shown = |balance: BalanceReport| {
            (
                balance.asset.to_string(),
                balance.total.to_string(),
                balance.available.map(|rest| rest.normalize().to_string()),
            )
        };
        balances.into_iter().map(shown).collect()
    }

    fn wallet(sum: &str) -> Value {
        json!({"totalAvailableBalance": sum, "accountType": "UNIFIED", "coin": [
            {"coin": "USDT", "walletBalance": "1000", "locked": "100", "equity": "990", "usdValue": "495",
                "totalPositionIM": "40", "totalOrderIM": "10", "bonus": "0"},
            {"coin": "BTC", "walletBalance": "0.5", "locked": "", "equity": "", "usdValue": "", "totalPositionIM": ""},
            {"coin": "BAD", "walletBalance": ""},
        ]})
    }

    fn row(asset: &str, total: &str, available: Option<&str>) -> (String, String, Option<String>) {
        (asset.to_owned(), total.to_owned(), available.map(str::to_owned))
    }

    #[test]
    fn what_can_be_used_depends_on_the_market() {
        let spot = balances(&wallet("300"), WalletView::NotLocked);
        assert_eq!(spot, [row("USDT", "1000", Some("900")), row("BTC", "0.5", None)]);
        let cross = balances(&wallet("300"), WalletView::NotMargin);
        assert_eq!(cross, [row("USDT", "1000", Some("600")), row("BTC", "0.5", None)], "300 USD at half a USD each");
        let isolated = balances(&wallet(""), WalletView::NotMargin);
        assert_eq!(isolated[0], row("USDT", "1000", Some("850")));
        let totals = balances(&wallet("300"), WalletView::TotalsOnly);
        assert_eq!(totals[0], row("USDT", "1000", None));
    }
}
