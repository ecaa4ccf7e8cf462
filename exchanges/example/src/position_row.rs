//! A position, as answers and events show it alike.

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, PositionReport, PrivateMessage};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, decoded, millis, object, optional, price, signed, unsigned};

use crate::account_reads::account_read;
use crate::order_row::position_side;
use crate::settings::margin_mode;

#[derive(Deserialize)]
pub(crate) struct PositionRow<'a> {
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    position: Option<Text<'a>>,
    #[serde(borrow)]
    size: Number<'a>,
    #[serde(borrow)]
    entry: Option<Number<'a>>,
    #[serde(borrow)]
    mark: Number<'a>,
    #[serde(borrow)]
    profit: Number<'a>,
    #[serde(borrow)]
    liquidation: Option<Number<'a>>,
    #[serde(borrow)]
    isolated: Option<Number<'a>>,
    #[serde(borrow)]
    leverage: Number<'a>,
    #[serde(borrow)]
    margin_mode: Text<'a>,
    updated: u64,
}

impl PositionRow<'_> {
    /// What it says. As here, the size of a short position is negative.
    pub(crate) fn report(&self) -> Result<PositionReport, Fault> {
        Ok(PositionReport {
            symbol: self.symbol.to_string(),
            side: position_side(self.position.as_deref())?,
            size: signed(&self.size)?,
            entry_price: optional(self.entry.as_ref(), price)?,
            mark_price: Some(price(&self.mark)?),
            unrealised_profit: Some(signed(&self.profit)?),
            liquidation_price: optional(self.liquidation.as_ref(), price)?,
            isolated_margin: optional(self.isolated.as_ref(), signed)?,
            leverage: Some(unsigned(&self.leverage)?),
            margin_mode: Some(margin_mode(&self.margin_mode)?),
            time: millis(self.updated)?,
        })
    }
}

/// `GET /1/positions`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions<'a> {
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for Positions<'_> {
    account_read!("/1/positions", Vec<PositionReport>);

    fn query(&self, query: &mut Query) {
        if let Some(symbol) = self.symbol {
            query.add("symbol", symbol);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<PositionReport>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            positions: Vec<&'a RawValue>,
        }
        decoded(body, |raw| {
            let rows = object::<Body<'_>>(raw)?.positions;
            rows.into_iter().map(|row| object::<PositionRow<'_>>(row.get())?.report()).collect()
        })
    }
}

/// Reads that the margin of a position is close to too little.
pub(crate) fn margin_call(raw: &str) -> Result<PrivateMessage, Fault> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        symbol: Text<'a>,
        #[serde(borrow)]
        position: Option<Text<'a>>,
        time: u64,
    }
    let Row { symbol, position, time } = object(raw)?;
    let side = position_side(position.as_deref())?;
    Ok(PrivateMessage::MarginCall { symbol: Some(symbol.to_string()), side, time: millis(time)? })
}
