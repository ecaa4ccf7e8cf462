use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    ClientOrderId, CommandError, Decimal, Error, ErrorKind, FundingReport, Instrument, LeverageReport, MarginMode,
    MarginModeReport, MarginTier, PositionMode, PositionModeReport, PositionReport, PositionSide, Scope,
};
use tradewire_tracking::{History, Page, PerpetualSource, Setting, SettingChange};
use tradewire_transport::{CommandFailure, Endpoint, RestClient};

use super::position_reads::{AccountInfo, Positions, PositionsOf, RiskLimits, margin_mode_word};
use super::position_row::PositionRow;
use super::settings::{SetLeverage, SetMarginMode, SwitchMode};
use crate::account_reads::FundingPayments;
use crate::category::Category;
use crate::page::SettlePage;

/// What an account has besides orders and balances. Clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Perpetual {
    rest: RestClient,
}

impl Perpetual {
    /// Of the account that `rest` signs for.
    pub(crate) fn new(rest: RestClient) -> Self {
        Self { rest }
    }

    async fn command<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, CommandError> {
        let sent = self.rest.command(endpoint).await;
        // Settings are about no order.
        sent.map_err(|failure: CommandFailure| failure.about(&ClientOrderId::from("")))
    }

    async fn all_positions(&self) -> Result<Vec<PositionReport>, Error> {
        let (mut positions, mut name) = (Vec::new(), None);
        loop {
            let of = PositionsOf::Settled(SettlePage::named(name.as_deref())?);
            let page = self.rest.send(&Positions { of, read: |row| row.report() }).await?;
            positions.extend(page.rows);
            name = page.next;
            if name.is_none() {
                return Ok(positions);
            }
        }
    }

    /// The leverage of an instrument, one entry unless the sides differ, and its position mode.
    async fn sides(&self, symbol: &str) -> Result<(Vec<LeverageReport>, PositionMode), Error> {
        let read = |row: &PositionRow<'_>| Ok((row.leverage_report()?, row.mode()));
        let rows = self.rest.send(&Positions { of: PositionsOf::Symbol(symbol), read }).await?.rows;
        let none = || Error::new(ErrorKind::Decode, "no position tells the mode").with("symbol", symbol);
        let mode = rows.first().map(|(_, mode)| *mode).ok_or_else(none)?;
        let mut sides: Vec<LeverageReport> = rows.into_iter().map(|(leverage, _)| leverage).collect();
        if sides.windows(2).all(|two| two[0].leverage == two[1].leverage) {
            sides.truncate(1);
            sides.iter_mut().for_each(|report| report.side = None);
        }
        Ok((sides, mode))
    }

    /// Sets both sides; for one side the other is read first and kept.
    async fn change_leverage(
        &self,
        symbol: &str,
        side: Option<PositionSide>,
        leverage: Decimal,
    ) -> Result<(), CommandError> {
        let (mut buy, mut sell) = (leverage, leverage);
        if let Some(side) = side {
            let (known, _) = self.sides(symbol).await.map_err(CommandError::NotSent)?;
            let other = known.iter().find(|report| report.side != Some(side)).map(|report| report.leverage);
            match side {
                PositionSide::Long => sell = other.unwrap_or(leverage),
                PositionSide::Short => buy = other.unwrap_or(leverage),
            }
        }
        self.command(&SetLeverage { symbol, buy, sell }).await
    }

    async fn change_margin_mode(&self, mode: MarginMode) -> Result<(), CommandError> {
        let unknown = || {
            let error =
                Error::new(ErrorKind::Unsupported, "Bybit has no such margin mode").with("field", "margin_mode");
            CommandError::NotSent(error)
        };
        self.command(&SetMarginMode { word: margin_mode_word(mode).ok_or_else(unknown)? }).await
    }
}

impl PerpetualSource for Perpetual {
    fn positions<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
    ) -> BoxFuture<'a, Result<Vec<PositionReport>, Error>> {
        async move {
            let Some(instrument) = instrument else { return self.all_positions().await };
            let of = PositionsOf::Symbol(&instrument.symbol);
            Ok(self.rest.send(&Positions { of, read: |row| row.report() }).await?.rows)
        }
        .boxed()
    }

    fn settings<'a>(&'a self, of: Option<&'a Instrument>) -> BoxFuture<'a, Result<Vec<Setting>, Error>> {
        async move {
            let Some(instrument) = of else {
                let mode = self.rest.send(&AccountInfo).await?;
                return Ok(vec![Setting::MarginMode(MarginModeReport { scope: Scope::Account, mode })]);
            };
            let (sides, mode) = self.sides(&instrument.symbol).await?;
            let scope = Scope::Instrument(instrument.symbol.to_string());
            let mode = Setting::PositionMode(PositionModeReport { scope, mode });
            Ok(sides.into_iter().map(Setting::Leverage).chain([mode]).collect())
        }
        .boxed()
    }

    fn change_setting(
        &self,
        instrument: Arc<Instrument>,
        to: SettingChange,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move {
            let symbol = &*instrument.symbol;
            match to {
                SettingChange::Leverage { side, leverage } => account.change_leverage(symbol, side, leverage).await,
                SettingChange::PositionMode(mode) => account.command(&SwitchMode { symbol, mode }).await,
                SettingChange::MarginMode(mode) => account.change_margin_mode(mode).await,
            }
        }
        .boxed()
    }

    fn funding_payments<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async move { self.rest.send(&FundingPayments::of(Category::Linear, of)).await }.boxed()
    }

    fn margin_tiers<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async move { self.rest.send(&RiskLimits { symbol: &instrument.symbol }).await }.boxed()
    }
}
