//! A fill, as answers and events show it alike.

use serde::Deserialize;
use tradewire_core::{Asset, Fee, FillReport, Liquidity};
use tradewire_wire::{Fault, Number, Text, millis, optional, price, quantity, signed, unsigned};

use crate::order_row::position_side;
use crate::trades::side;

#[derive(Deserialize)]
pub(crate) struct FillRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    order: Text<'a>,
    #[serde(borrow)]
    client_id: Option<Text<'a>>,
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    price: Number<'a>,
    #[serde(borrow)]
    quantity: Number<'a>,
    #[serde(borrow)]
    value: Number<'a>,
    #[serde(borrow)]
    fee: Option<Number<'a>>,
    #[serde(borrow)]
    fee_asset: Option<Text<'a>>,
    maker: bool,
    time: u64,
    /// Of contracts alone, as what follows.
    #[serde(borrow)]
    position: Option<Text<'a>>,
    #[serde(borrow)]
    profit: Option<Number<'a>>,
}

impl FillRow<'_> {
    /// What it says. A fee that is not told is not zero.
    pub(crate) fn report(&self) -> Result<FillReport, Fault> {
        let fee = match (&self.fee, &self.fee_asset) {
            (Some(amount), Some(asset)) => Some(Fee { amount: signed(amount)?, asset: Asset::from(&**asset) }),
            _ => None,
        };
        Ok(FillReport {
            symbol: self.symbol.to_string(),
            trade_id: (&*self.id).into(),
            exchange_order_id: Some((&*self.order).into()),
            client_order_id: self.client_id.as_deref().map(Into::into),
            side: side(&self.side)?,
            price: price(&self.price)?,
            quantity: quantity(&self.quantity)?,
            quote_quantity: Some(unsigned(&self.value)?),
            fee,
            liquidity: Some(if self.maker { Liquidity::Maker } else { Liquidity::Taker }),
            position_side: position_side(self.position.as_deref())?,
            realised_profit: optional(self.profit.as_ref(), signed)?,
            time: millis(self.time)?,
        })
    }
}
