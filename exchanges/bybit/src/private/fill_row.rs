use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, Fee, FillReport, FundingReport, Liquidity, exact};
use tradewire_wire::{Fault, Number, Text, object, price, quantity, signed, unsigned};

use super::order_row::{filled, instant};
use crate::category::Category;
use crate::market::side;
use crate::quote_coins;

/// An execution as messages and answers show it: a fill, or a payment.
///
/// <https://bybit-exchange.github.io/docs/v5/order/execution>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExecutionRow<'a> {
    #[serde(borrow)]
    category: Option<Text<'a>>,
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    order_id: Text<'a>,
    #[serde(borrow)]
    order_link_id: Option<Text<'a>>,
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    exec_type: Text<'a>,
    #[serde(borrow)]
    exec_id: Text<'a>,
    #[serde(borrow)]
    exec_price: Number<'a>,
    #[serde(borrow)]
    exec_qty: Number<'a>,
    #[serde(borrow)]
    exec_value: Option<Number<'a>>,
    #[serde(borrow)]
    exec_fee: Option<Number<'a>>,
    #[serde(borrow)]
    fee_currency: Option<Text<'a>>,
    #[serde(borrow)]
    fee_rate: Option<Number<'a>>,
    #[serde(borrow)]
    extra_fees: Option<&'a RawValue>,
    #[serde(borrow)]
    exec_pnl: Option<Number<'a>>,
    is_maker: Option<bool>,
    #[serde(borrow)]
    exec_time: Number<'a>,
}

/// A fee besides the commission, such as a tax.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtraFee<'a> {
    #[serde(borrow)]
    fee_coin: Text<'a>,
    #[serde(borrow)]
    fee: Number<'a>,
}

/// What an execution is.
#[derive(Debug)]
pub(crate) enum Told {
    /// An order has traded, or a position was taken over or settled.
    Fill(Box<FillReport>),
    /// A position has paid or received funding.
    Funding(Box<FundingReport>),
    /// Something else, by its name.
    Other(String),
}

impl ExecutionRow<'_> {
    /// Whether it is of another category, where the row says so.
    pub(crate) fn is_elsewhere(&self, category: Category) -> bool {
        self.category.as_deref().is_some_and(|word| Category::named(word) != Some(category))
    }

    /// What it tells.
    pub(crate) fn read(&self, category: Category) -> Result<Told, Fault> {
        match &*self.exec_type {
            "Trade" | "AdlTrade" | "BustTrade" | "BlockTrade" | "Delivery" | "Settle" => {
                Ok(Told::Fill(Box::new(self.fill(category)?)))
            }
            "Funding" => Ok(Told::Funding(Box::new(self.funding(category)?))),
            other => Ok(Told::Other(other.to_owned())),
        }
    }

    fn fill(&self, category: Category) -> Result<FillReport, Fault> {
        Ok(FillReport {
            symbol: self.symbol.to_string(),
            trade_id: (&*self.exec_id).into(),
            exchange_order_id: Some((&*self.order_id).into()),
            client_order_id: self.order_link_id.as_deref().filter(|id| !id.is_empty()).map(Into::into),
            side: side(&self.side).ok_or_else(|| Fault::decode("a fill without a side"))?,
            price: price(&self.exec_price)?,
            quantity: quantity(&self.exec_qty)?,
            quote_quantity: filled(self.exec_value.as_ref()).map(unsigned).transpose()?,
            fee: self.fee(category)?,
            liquidity: self.is_maker.map(|maker| if maker { Liquidity::Maker } else { Liquidity::Taker }),
            position_side: None,
            realised_profit: filled(self.exec_pnl.as_ref()).map(signed).transpose()?,
            time: instant(Some(&self.exec_time))?.ok_or_else(|| Fault::decode("a fill without a time"))?,
        })
    }

    /// What was paid has a positive fee.
    fn funding(&self, category: Category) -> Result<FundingReport, Fault> {
        let paid = filled(self.exec_fee.as_ref()).ok_or_else(|| Fault::decode("a payment without an amount"))?;
        Ok(FundingReport {
            symbol: self.symbol.to_string(),
            side: None,
            id: Some(self.exec_id.to_string()),
            asset: self.asset(category).ok_or_else(|| Fault::decode("a payment without an asset"))?,
            amount: -signed(paid)?,
            rate: filled(self.fee_rate.as_ref()).map(signed).transpose()?,
            size: None,
            time: instant(Some(&self.exec_time))?.ok_or_else(|| Fault::decode("a payment without a time"))?,
        })
    }

    /// The commission with what is charged beside it in the same coin. An amount without a coin says nothing.
    fn fee(&self, category: Category) -> Result<Option<Fee>, Fault> {
        let (Some(commission), Some(asset)) = (filled(self.exec_fee.as_ref()), self.asset(category)) else {
            return Ok(None);
        };
        let amount = self.extra_fees()?.iter().filter(|extra| *extra.fee_coin == *asset.as_str()).try_fold(
            signed(commission)?,
            |sum, extra| {
                exact::add(sum, signed(&extra.fee)?).ok_or_else(|| Fault::decode("a fee of more than 28 digits"))
            },
        )?;
        Ok(Some(Fee { amount, asset }))
    }

    /// A text where there are none.
    fn extra_fees(&self) -> Result<Vec<ExtraFee<'_>>, Fault> {
        let Some(raw) = self.extra_fees.map(RawValue::get).filter(|raw| raw.starts_with('[')) else {
            return Ok(Vec::new());
        };
        let rows: Vec<&RawValue> = serde_json::from_str(raw)?;
        rows.into_iter().map(|row| object(row.get())).collect()
    }

    /// The coin of the fee; contracts that do not name it are charged in the coin that they are settled in.
    fn asset(&self, category: Category) -> Option<Asset> {
        let named = self.fee_currency.as_deref().filter(|coin| !coin.is_empty()).map(Asset::from);
        named.or_else(|| match category {
            Category::Spot => None,
            Category::Linear => Some(quote_coins::linear(&self.symbol)?.quote().into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::Decimal;

    fn row() -> Value {
        json!({
            "category": "linear", "symbol": "BTCUSDT", "orderId": "o-1", "orderLinkId": "", "side": "Sell",
            "execType": "Trade", "execId": "e-1", "execPrice": "61000.5", "execQty": "0.2", "execValue": "12200.1",
            "execFee": "1.5", "feeCurrency": "", "feeRate": "0.0001", "extraFees": "", "isMaker": true,
            "execPnl": "-3.25", "execTime": "1700000000007",
        })
    }

    fn told(row: &Value, category: Category) -> Told {
        let text = row.to_string();
        object::<ExecutionRow<'_>>(&text).and_then(|row| row.read(category)).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    fn fee(row: &Value, category: Category) -> Option<(String, String)> {
        let Told::Fill(fill) = told(row, category) else { panic!("a fill") };
        fill.fee.map(|fee| (fee.amount.to_string(), fee.asset.to_string()))
    }

    #[test]
    fn fills_are_read_whole() {
        let Told::Fill(fill) = told(&row(), Category::Linear) else { panic!("a fill") };
        assert_eq!(
            (fill.trade_id.as_str(), fill.client_order_id, fill.liquidity),
            ("e-1", None, Some(Liquidity::Maker))
        );
        assert_eq!(fill.realised_profit.map(|profit| profit.to_string()).as_deref(), Some("-3.25"));
        for kind in ["AdlTrade", "BustTrade", "Settle"] {
            let mut other = row();
            other["execType"] = json!(kind);
            assert!(matches!(told(&other, Category::Linear), Told::Fill(_)), "{kind}");
        }
        let mut other = row();
        other["execType"] = json!("MoonTrade");
        assert!(matches!(told(&other, Category::Linear), Told::Other(kind) if kind == "MoonTrade"));
    }

    #[test]
    fn the_coin_of_a_fee_is_the_named_one_or_that_of_the_contract() {
        let mut row = row();
        assert_eq!(fee(&row, Category::Linear), Some(("1.5".into(), "USDT".into())));
        assert_eq!(fee(&row, Category::Spot), None, "no coin is told");
        row["feeCurrency"] = json!("BTC");
        row["execFee"] = json!("-0.0002");
        assert_eq!(fee(&row, Category::Spot), Some(("-0.0002".into(), "BTC".into())), "a rebate");
        row["extraFees"] = json!([{"feeCoin": "BTC", "fee": "0.0005"}, {"feeCoin": "EUR", "fee": "9"}]);
        assert_eq!(fee(&row, Category::Spot), Some(("0.0003".into(), "BTC".into())));
        row["execFee"] = json!("0");
        row["extraFees"] = json!("");
        assert_eq!(fee(&row, Category::Spot), Some(("0".into(), "BTC".into())), "zero is a fee");
    }

    #[test]
    fn funding_that_was_paid_is_negative() {
        let mut row = row();
        row["execType"] = json!("Funding");
        let Told::Funding(paid) = told(&row, Category::Linear) else { panic!("a payment") };
        assert_eq!((paid.amount, paid.asset.as_str(), paid.id.as_deref()), (Decimal::new(-15, 1), "USDT", Some("e-1")));
        row["execFee"] = json!("-2");
        row["symbol"] = json!("BTCPERP");
        let Told::Funding(received) = told(&row, Category::Linear) else { panic!("a payment") };
        assert_eq!((received.amount.to_string(), received.asset.as_str()), ("2".to_owned(), "USDC"));
    }
}
