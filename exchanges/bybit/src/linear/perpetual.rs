use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    ClientOrderId, CommandError, Decimal, Error, ErrorKind, FundingReport, Instrument, LeverageReport, MarginMode,
    MarginModeReport, MarginTier, PositionMode, PositionModeReport, PositionReport, PositionSide, Scope,
};
use tradewire_tracking::{History, Page, PerpetualSource};
use tradewire_transport::{CommandFailure, Endpoint, RestClient};

use super::position_reads::{AccountInfo, Positions, PositionsOf, RiskLimits, margin_mode_word};
use super::settings::{SetLeverage, SetMarginMode, SwitchMode};
use crate::account_reads::FundingPayments;
use crate::category::Category;

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
        let of = |coin| Positions { of: PositionsOf::Settled(coin), read: |row| row.report() };
        let mut positions = self.rest.send(&of("USDT")).await?;
        positions.extend(self.rest.send(&of("USDC")).await?);
        Ok(positions)
    }

    /// The leverage of an instrument: one entry unless the sides differ.
    async fn read_leverage(&self, symbol: &str) -> Result<Vec<LeverageReport>, Error> {
        let of = PositionsOf::Symbol(symbol);
        let mut sides = self.rest.send(&Positions { of, read: |row| row.leverage_report() }).await?;
        if sides.windows(2).all(|two| two[0].leverage == two[1].leverage) {
            sides.truncate(1);
            sides.iter_mut().for_each(|report| report.side = None);
        }
        Ok(sides)
    }

    async fn read_mode(&self, symbol: &str) -> Result<PositionModeReport, Error> {
        let of = PositionsOf::Symbol(symbol);
        let modes = self.rest.send(&Positions { of, read: |row| Ok(row.mode()) }).await?;
        let none = || Error::new(ErrorKind::Decode, "no position tells the mode").with("symbol", symbol);
        Ok(PositionModeReport {
            scope: Scope::Instrument(symbol.to_owned()),
            mode: modes.first().copied().ok_or_else(none)?,
        })
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
            let known = self.read_leverage(symbol).await.map_err(CommandError::NotSent)?;
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
            self.rest.send(&Positions { of, read: |row| row.report() }).await
        }
        .boxed()
    }

    fn leverage<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<LeverageReport>, Error>> {
        self.read_leverage(&instrument.symbol).boxed()
    }

    fn position_mode<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<PositionModeReport, Error>> {
        self.read_mode(&instrument.symbol).boxed()
    }

    fn margin_mode<'a>(&'a self, _: &'a Instrument) -> BoxFuture<'a, Result<MarginModeReport, Error>> {
        async { Ok(MarginModeReport { scope: Scope::Account, mode: self.rest.send(&AccountInfo).await? }) }.boxed()
    }

    fn set_leverage(
        &self,
        instrument: Arc<Instrument>,
        side: Option<PositionSide>,
        leverage: Decimal,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move { account.change_leverage(&instrument.symbol, side, leverage).await }.boxed()
    }

    fn set_position_mode(
        &self,
        instrument: Arc<Instrument>,
        mode: PositionMode,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move { account.command(&SwitchMode { symbol: &instrument.symbol, mode }).await }.boxed()
    }

    fn set_margin_mode(&self, _: Arc<Instrument>, mode: MarginMode) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move { account.change_margin_mode(mode).await }.boxed()
    }

    fn funding_payments<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async move { self.rest.send(&FundingPayments::of(Category::Linear, of)).await }.boxed()
    }

    fn margin_tiers<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async move { self.rest.send(&RiskLimits { symbol: &instrument.symbol }).await }.boxed()
    }
}
