//! Perpetual contracts: what they have that assets have not. The market is declared by capabilities of its own.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BalanceStream, Capabilities, CommandError, Environment, Error, FundingReport, Instrument, MarginMode, MarginTier,
    MarketKind, Missing, PerpetualCapabilities, PositionMode, PositionReport, SettingScope, Timestamp,
    TradingCapabilities,
};
use tradewire_tracking::{Action, History, Page, PerpetualSource, Setting, SettingChange};
use tradewire_transport::{RenderedRequest, RestClient};

use crate::capabilities::{MARKET, TRADING};

// {declared}

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

    fn settings<'a>(&'a self, _: Option<&'a Instrument>) -> BoxFuture<'a, Result<Vec<Setting>, Error>> {
        async { unwritten!("read the settings of an instrument, and those of the account") }.boxed()
    }

    fn change_setting(
        &self,
        _: Arc<Instrument>,
        _: SettingChange,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        async { unwritten!("change a setting").map_err(CommandError::NotSent) }.boxed()
    }

    fn funding_payments<'a>(&'a self, _: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async { unwritten!("read funding payments") }.boxed()
    }

    fn margin_tiers<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async { unwritten!("read the margin that positions need") }.boxed()
    }
}
