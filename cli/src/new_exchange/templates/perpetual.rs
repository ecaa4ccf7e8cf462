//! Perpetual contracts: what they have that assets have not. The market is declared by capabilities of its own.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    CommandError, Decimal, Error, FundingReport, Instrument, LeverageReport, MarginMode, MarginModeReport, MarginTier,
    PositionMode, PositionModeReport, PositionReport, PositionSide, Timestamp,
};
use tradewire_tracking::{Action, History, Page, PerpetualSource};
use tradewire_transport::{RenderedRequest, RestClient};

/// Positions, settings and payments of an account. Clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Perpetual {
    rest: RestClient,
}

impl Perpetual {
    /// Of the account that `rest` signs for.
    pub(crate) fn new(rest: RestClient) -> Self {
        Self { rest }
    }

    /// The request of an action that only contracts have.
    pub(crate) async fn rendered(&self, _: &Action, _: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        unwritten!("render requests about positions and settings")
    }
}

impl PerpetualSource for Perpetual {
    fn positions<'a>(&'a self, _: Option<&'a Instrument>) -> BoxFuture<'a, Result<Vec<PositionReport>, Error>> {
        async { unwritten!("read positions") }.boxed()
    }

    fn leverage<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<Vec<LeverageReport>, Error>> {
        async { unwritten!("read the leverage") }.boxed()
    }

    fn position_mode<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<PositionModeReport, Error>> {
        async { unwritten!("read the position mode") }.boxed()
    }

    fn margin_mode<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<MarginModeReport, Error>> {
        async { unwritten!("read the margin mode") }.boxed()
    }

    fn set_leverage(
        &self,
        _: Arc<Instrument>,
        _: Option<PositionSide>,
        _: Decimal,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        async { unwritten!("set the leverage").map_err(CommandError::NotSent) }.boxed()
    }

    fn set_position_mode(&self, _: Arc<Instrument>, _: PositionMode) -> BoxFuture<'static, Result<(), CommandError>> {
        async { unwritten!("set the position mode").map_err(CommandError::NotSent) }.boxed()
    }

    fn set_margin_mode(&self, _: Arc<Instrument>, _: MarginMode) -> BoxFuture<'static, Result<(), CommandError>> {
        async { unwritten!("set the margin mode").map_err(CommandError::NotSent) }.boxed()
    }

    fn funding_payments<'a>(&'a self, _: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async { unwritten!("read funding payments") }.boxed()
    }

    fn margin_tiers<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async { unwritten!("read the margin that positions need") }.boxed()
    }
}
