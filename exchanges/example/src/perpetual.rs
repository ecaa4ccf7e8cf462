//! Perpetual contracts: what they have that assets have not. All else is as on the spot market.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BalanceStream, Capabilities, ClientOrderId, CommandError, Decimal, Environment, Error, ErrorKind, FundingReport,
    Instrument, LeverageReport, MarginMode, MarginModeReport, MarginTier, MarketKind, Missing, PerpetualCapabilities,
    PositionMode, PositionModeReport, PositionReport, PositionSide, Scope, SettingScope, Timestamp,
    TradingCapabilities,
};
use tradewire_tracking::{Action, History, Page, PerpetualSource};
use tradewire_transport::{RenderedRequest, RestClient};

use crate::capabilities::{MARKET, TRADING};
use crate::funding::Payments;
use crate::position_row::Positions;
use crate::settings::{Change, ReadSettings, Setting, Settings, Tiers};

/// What this connector offers of perpetual contracts. What is not declared here is refused before anything is sent.
pub static PERPETUAL_CAPABILITIES: Capabilities = Capabilities {
    exchange: "example-perp",
    kind: MarketKind::LinearPerpetual,
    environments: ENVIRONMENTS,
    market: MARKET,
    trading: Some(TradingCapabilities {
        reduce_only: true,
        position_side: true,
        balance_stream: BalanceStream::Totals,
        ..TRADING
    }),
    perpetual: Some(PerpetualCapabilities {
        position_modes: &[PositionMode::OneWay, PositionMode::Hedge],
        position_mode_scope: SettingScope::Instrument,
        margin_modes: &[MarginMode::Cross, MarginMode::Isolated],
        margin_mode_scope: SettingScope::Instrument,
        set_leverage: true,
        funding_stream: true,
        funding_payment_stream: true,
        lists_closed_positions: false,
        reduce_only_in_hedge_mode: true,
    }),
    missing: Missing(&[]),
};

const ENVIRONMENTS: &[Environment] = &[
    Environment {
        name: "production",
        rest: "https://perp.exchange.example",
        ws: "wss://perp-stream.exchange.example/market",
        ws_api: None,
        ws_private: Some("wss://perp-stream.exchange.example/account"),
    },
    Environment {
        name: "testnet",
        rest: "https://perp.testnet.exchange.example",
        ws: "wss://perp-stream.testnet.exchange.example/market",
        ws_api: None,
        ws_private: Some("wss://perp-stream.testnet.exchange.example/account"),
    },
];

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
    pub(crate) async fn rendered(&self, action: &Action, at: Option<Timestamp>) -> Result<RenderedRequest, Error> {
        let (instrument, to) = match action {
            Action::Positions => return self.rest.render(&Positions { symbol: None }, at).await,
            Action::Leverage(instrument, None, leverage) => (instrument, Setting::Leverage(*leverage)),
            Action::PositionMode(instrument, mode) => (instrument, Setting::PositionMode(*mode)),
            Action::Leverage(_, Some(_), _) => return Err(one_leverage()),
            _ => return Err(Error::new(ErrorKind::Unsupported, "contracts have no such command")),
        };
        self.rest.render(&Change { symbol: &instrument.symbol, to }, at).await
    }

    async fn settings(&self, symbol: &str) -> Result<Settings, Error> {
        self.rest.send(&ReadSettings { symbol }).await
    }

    async fn change(&self, symbol: &str, to: Setting) -> Result<(), CommandError> {
        let changed = self.rest.command(&Change { symbol, to }).await;
        // It is about no order.
        changed.map(drop).map_err(|failure| failure.about(&ClientOrderId::from("")))
    }
}

fn one_leverage() -> Error {
    let error = Error::new(ErrorKind::Unsupported, "both sides of a contract have the same leverage");
    error.with("field", "position_side")
}

impl PerpetualSource for Perpetual {
    fn positions<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
    ) -> BoxFuture<'a, Result<Vec<PositionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move { self.rest.send(&Positions { symbol }).await }.boxed()
    }

    fn leverage<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<LeverageReport>, Error>> {
        async move {
            let Settings { leverage, margin_mode, .. } = self.settings(&instrument.symbol).await?;
            let (symbol, margin_mode) = (instrument.symbol.to_string(), Some(margin_mode));
            Ok(vec![LeverageReport { symbol, side: None, leverage, margin_mode }])
        }
        .boxed()
    }

    fn position_mode<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<PositionModeReport, Error>> {
        async move {
            let mode = self.settings(&instrument.symbol).await?.position_mode;
            Ok(PositionModeReport { scope: Scope::Instrument(instrument.symbol.to_string()), mode })
        }
        .boxed()
    }

    fn margin_mode<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<MarginModeReport, Error>> {
        async move {
            let mode = self.settings(&instrument.symbol).await?.margin_mode;
            Ok(MarginModeReport { scope: Scope::Instrument(instrument.symbol.to_string()), mode })
        }
        .boxed()
    }

    fn set_leverage(
        &self,
        instrument: Arc<Instrument>,
        side: Option<PositionSide>,
        leverage: Decimal,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move {
            match side {
                None => account.change(&instrument.symbol, Setting::Leverage(leverage)).await,
                Some(_) => Err(CommandError::NotSent(one_leverage())),
            }
        }
        .boxed()
    }

    fn set_position_mode(
        &self,
        instrument: Arc<Instrument>,
        mode: PositionMode,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move { account.change(&instrument.symbol, Setting::PositionMode(mode)).await }.boxed()
    }

    fn set_margin_mode(
        &self,
        instrument: Arc<Instrument>,
        mode: MarginMode,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let account = self.clone();
        async move { account.change(&instrument.symbol, Setting::MarginMode(mode)).await }.boxed()
    }

    fn funding_payments<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async move { self.rest.send(&Payments { of }).await }.boxed()
    }

    fn margin_tiers<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async move { self.rest.send(&Tiers { symbol: &instrument.symbol }).await }.boxed()
    }
}
