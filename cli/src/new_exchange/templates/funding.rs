//! Funding: what contracts are valued with, the rate of the next funding, and what was paid.

use std::sync::Arc;

use serde::Deserialize;
use tradewire_core::{Error, FundingRate, FundingReport, Instrument};
use tradewire_tracking::MarketSink;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Text};

/// What the topic of a contract's funding begins with.
pub(crate) const FUNDING: &str = "funding";

/// Reads a message about funding and tells the sink.
pub(crate) fn read(_raw: &str, _symbol: &str, _sink: &mut dyn MarketSink) -> Result<(), Fault> {
    unread!("read mark price, index price and funding rate")
}

/// Mark prices and funding rates of contracts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FundingRates<'a> {
    pub(crate) of: &'a [Arc<Instrument>],
}

impl Endpoint for FundingRates<'_> {
    type Response = Vec<FundingRate>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/1/funding";
    const SECURITY: Security = Security::None;
    const EFFECT: Effect = Effect::Read;

    fn class(&self) -> Class {
        Class::MarketRead
    }

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, _: &mut Query) {}

    fn decode(&self, _body: &[u8]) -> Result<Vec<FundingRate>, Error> {
        unwritten!("read funding rates")
    }
}

/// The fields of a funding payment: those that are missing here are to be added.
#[derive(Deserialize)]
pub(crate) struct PaymentRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

impl PaymentRow<'_> {
    /// What it says: what was received is positive.
    pub(crate) fn report(&self) -> Result<FundingReport, Fault> {
        unread!("report a funding payment")
    }
}
