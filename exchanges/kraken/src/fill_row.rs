//! A fill, as `TradesHistory` and `QueryTrades` show it, and as the executions channel does.

use serde::Deserialize;
use tradewire_core::{Asset, Fee, FillReport, Liquidity};
use tradewire_wire::{Fault, Number, Text, optional, price, quantity, rfc3339, signed, unix_seconds, unsigned};

use crate::order_row::Execution;
use crate::trades::side;

/// A trade of the account; its id is the name under which it stands. Fees are in the quote asset.
/// <https://docs.kraken.com/api/docs/rest-api/get-trade-history>
#[derive(Deserialize)]
pub(crate) struct FillRow<'a> {
    #[serde(borrow)]
    ordertxid: Text<'a>,
    #[serde(borrow)]
    pub(crate) pair: Text<'a>,
    #[serde(borrow)]
    time: Number<'a>,
    #[serde(rename = "type", borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    cost: Number<'a>,
    #[serde(borrow)]
    fee: Option<Number<'a>>,
    #[serde(borrow)]
    vol: Number<'a>,
    maker: Option<bool>,
    /// Its number among the trades of the pair, in whose order those of one moment happened.
    pub(crate) trade_id: Option<u64>,
}

impl FillRow<'_> {
    /// What it says. A fee that is not told is not zero.
    pub(crate) fn report(&self, id: &str, symbol: String) -> Result<FillReport, Fault> {
        let quote = symbol.split_once('/').map(|(_, quote)| Asset::from(quote));
        let fee = optional(self.fee.as_ref(), signed)?.zip(quote).map(|(amount, asset)| Fee { amount, asset });
        Ok(FillReport {
            trade_id: id.into(),
            exchange_order_id: Some((&*self.ordertxid).into()),
            client_order_id: None,
            side: side(&self.side)?,
            price: price(&self.price)?,
            quantity: quantity(&self.vol)?,
            quote_quantity: Some(unsigned(&self.cost)?),
            fee,
            liquidity: self.maker.map(liquidity),
            position_side: None,
            realised_profit: None,
            time: unix_seconds(&self.time)?,
            symbol,
        })
    }
}

const fn liquidity(maker: bool) -> Liquidity {
    if maker { Liquidity::Maker } else { Liquidity::Taker }
}

/// What an event of kind `trade` tells besides what it tells of its order.
#[derive(Deserialize)]
pub(crate) struct TradeEvent<'a> {
    #[serde(borrow)]
    exec_id: Text<'a>,
    #[serde(borrow)]
    last_price: Number<'a>,
    #[serde(borrow)]
    last_qty: Number<'a>,
    #[serde(borrow)]
    cost: Option<Number<'a>>,
    #[serde(borrow)]
    liquidity_ind: Option<Text<'a>>,
    #[serde(borrow, default)]
    fees: Vec<Charge<'a>>,
}

#[derive(Deserialize)]
struct Charge<'a> {
    #[serde(borrow)]
    asset: Text<'a>,
    #[serde(borrow)]
    qty: Number<'a>,
}

impl TradeEvent<'_> {
    /// What it says. It has a fee where it tells one, and not where it tells several, which is not foreseen.
    pub(crate) fn report(&self, of: &Execution<'_>) -> Result<FillReport, Fault> {
        let fee = match &self.fees[..] {
            [charge] => Some(Fee { amount: signed(&charge.qty)?, asset: Asset::from(&*charge.asset) }),
            _ => None,
        };
        let missing = |what: &'static str| move || Fault::decode(format!("a trade without {what}"));
        Ok(FillReport {
            symbol: of.symbol.as_deref().ok_or_else(missing("its instrument"))?.to_owned(),
            trade_id: (&*self.exec_id).into(),
            exchange_order_id: Some((&*of.order_id).into()),
            client_order_id: of.cl_ord_id.as_deref().map(Into::into),
            side: side(of.side.as_deref().ok_or_else(missing("its side"))?)?,
            price: price(&self.last_price)?,
            quantity: quantity(&self.last_qty)?,
            quote_quantity: optional(self.cost.as_ref(), unsigned)?,
            fee,
            liquidity: match self.liquidity_ind.as_deref() {
                Some("m") => Some(Liquidity::Maker),
                Some("t") => Some(Liquidity::Taker),
                _ => None,
            },
            position_side: None,
            realised_profit: None,
            time: rfc3339(&of.timestamp)?,
        })
    }
}
