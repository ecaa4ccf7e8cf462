//! Funding: what contracts are valued with, the rate of the next funding, and what was paid. See "Perpetual contracts" in `API.md`.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Asset, Error, FundingRate, FundingReport, Instrument};
use tradewire_tracking::{FundingChange, History, MarketSink, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, decoded, hours, millis, object, price, signed};

use crate::account_reads::{account_read, write_window};
use crate::order_row::position_side;
use crate::rest::public_read;

/// What the topic of a contract's funding begins with.
pub(crate) const FUNDING: &str = "funding";

/// Reads a message about funding and tells the sink.
pub(crate) fn read(raw: &str, symbol: &str, sink: &mut dyn MarketSink) -> Result<(), Fault> {
    let Some((slot, _)) = sink.find(symbol.as_bytes()) else { return Ok(()) };
    let rate = object::<RateRow<'_>>(raw)?;
    sink.funding(slot, rate.change()?);
    Ok(())
}

#[derive(Deserialize)]
struct RateRow<'a> {
    #[serde(borrow)]
    mark: Number<'a>,
    #[serde(borrow)]
    index: Number<'a>,
    #[serde(borrow)]
    rate: Number<'a>,
    next: u64,
    hours: u64,
    time: u64,
}

impl RateRow<'_> {
    fn change(&self) -> Result<FundingChange, Fault> {
        Ok(FundingChange {
            mark_price: Some(price(&self.mark)?),
            index_price: Some(price(&self.index)?),
            rate: Some(signed(&self.rate)?),
            next_time: Some(millis(self.next)?),
            interval: Some(hours(self.hours)?),
            time: millis(self.time)?,
        })
    }
}

/// `GET /1/funding`
#[derive(Clone, Copy, Debug)]
pub(crate) struct FundingRates<'a> {
    /// The contracts that are wanted; those that the answer leaves out are left out.
    pub(crate) of: &'a [Arc<Instrument>],
}

impl Endpoint for FundingRates<'_> {
    public_read!("/1/funding", MarketRead, 1, Vec<FundingRate>);

    fn query(&self, query: &mut Query) {
        if let [one] = self.of {
            query.add("symbol", &one.symbol);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<FundingRate>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            funding: Vec<&'a RawValue>,
        }
        decoded(body, |raw| {
            let rows = object::<Body<'_>>(raw)?.funding;
            let read: Result<Vec<_>, Fault> = rows.iter().map(|row| self.rate(row.get())).collect();
            Ok(read?.into_iter().flatten().collect())
        })
    }
}

impl FundingRates<'_> {
    /// One row; `None` if nobody wants it.
    fn rate(&self, raw: &str) -> Result<Option<FundingRate>, Fault> {
        #[derive(Deserialize)]
        struct Name<'a> {
            #[serde(borrow)]
            symbol: Text<'a>,
        }
        let name: Name<'_> = object(raw)?;
        let Some(of) = self.of.iter().find(|of| *of.symbol == *name.symbol) else { return Ok(None) };
        let row: RateRow<'_> = object(raw)?;
        let FundingChange { index_price, rate, next_time, interval, time, .. } = row.change()?;
        let mark_price = price(&row.mark)?;
        Ok(Some(FundingRate { pair: of.pair.clone(), mark_price, index_price, rate, next_time, interval, time }))
    }
}

/// A funding payment, as answers and events show it alike.
#[derive(Deserialize)]
pub(crate) struct PaymentRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    symbol: Text<'a>,
    #[serde(borrow)]
    position: Option<Text<'a>>,
    #[serde(borrow)]
    asset: Text<'a>,
    #[serde(borrow)]
    amount: Number<'a>,
    #[serde(borrow)]
    rate: Number<'a>,
    #[serde(borrow)]
    size: Number<'a>,
    time: u64,
}

impl PaymentRow<'_> {
    /// What it says. As here, what was received is positive.
    pub(crate) fn report(&self) -> Result<FundingReport, Fault> {
        Ok(FundingReport {
            symbol: self.symbol.to_string(),
            side: position_side(self.position.as_deref())?,
            id: Some(self.id.to_string()),
            asset: Asset::from(&*self.asset),
            amount: signed(&self.amount)?,
            rate: Some(signed(&self.rate)?),
            size: Some(signed(&self.size)?),
            time: millis(self.time)?,
        })
    }
}

/// `GET /1/payments`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payments<'a> {
    pub(crate) of: &'a History<'a>,
}

impl Endpoint for Payments<'_> {
    account_read!("/1/payments", Page<FundingReport>);

    fn query(&self, query: &mut Query) {
        write_window(query, self.of);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FundingReport>, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            payments: Vec<&'a RawValue>,
            next: Option<String>,
        }
        decoded(body, |raw| {
            let Body { payments, next } = object(raw)?;
            let rows: Result<_, Fault> =
                payments.iter().rev().map(|row| object::<PaymentRow<'_>>(row.get())?.report()).collect();
            Ok(Page { rows: rows?, next, goes_back: true })
        })
    }
}
