//! Perpetual contracts: what they have that assets have not. All else is as on the spot market.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tradewire_core::{
    BalanceStream, Capabilities, ClientOrderId, CommandError, Environment, Error, ErrorKind, FundingReport, Instrument,
    LeverageReport, MarginMode, MarginTier, MarketKind, Missing, PerpetualCapabilities, PositionMode,
    PositionModeReport, PositionReport, Scope, SettingScope, Timestamp, TradingCapabilities,
};
use tradewire_tracking::{Action, History, Page, PerpetualSource, Setting, SettingChange};
use tradewire_transport::{RenderedRequest, RestClient};

use crate::capabilities::{MARKET, TRADING};
use crate::funding::Payments;
use crate::position_row::Positions;
use crate::settings::{Change, ReadSettings, Settings, Tiers};

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
    fictional: true,
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
            Action::Leverage(instrument, side @ None, leverage) => {
                (instrument, SettingChange::Leverage { side: *side, leverage: *leverage })
            }
            Action::PositionMode(instrument, mode) => (instrument, SettingChange::PositionMode(*mode)),
            Action::Leverage(_, Some(_), _) => return Err(one_leverage()),
            _ => return Err(Error::new(ErrorKind::Unsupported, "contracts have no such command")),
        };
        self.rest.render(&Change { symbol: &instrument.symbol, to }, at).await
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

    fn settings<'a>(&'a self, of: Option<&'a Instrument>) -> BoxFuture<'a, Result<Vec<Setting>, Error>> {
        async move {
            // None is the account's.
            let Some(instrument) = of else { return Ok(Vec::new()) };
            let symbol = &*instrument.symbol;
            let Settings { leverage, position_mode, margin_mode } = self.rest.send(&ReadSettings { symbol }).await?;
            let (symbol, scope) = (symbol.to_owned(), Scope::Instrument(symbol.to_owned()));
            let margin_mode = Some(margin_mode);
            Ok(vec![
                Setting::Leverage(LeverageReport { symbol, side: None, leverage, margin_mode }),
                Setting::PositionMode(PositionModeReport { scope, mode: position_mode }),
            ])
        }
        .boxed()
    }

    fn change_setting(
        &self,
        instrument: Arc<Instrument>,
        to: SettingChange,
    ) -> BoxFuture<'static, Result<(), CommandError>> {
        let rest = self.rest.clone();
        async move {
            if matches!(to, SettingChange::Leverage { side: Some(_), .. }) {
                return Err(CommandError::NotSent(one_leverage()));
            }
            let changed = rest.command(&Change { symbol: &instrument.symbol, to }).await;
            // It is about no order.
            changed.map(drop).map_err(|failure| failure.about(&ClientOrderId::from("")))
        }
        .boxed()
    }

    fn funding_payments<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async move { self.rest.send(&Payments { of }).await }.boxed()
    }

    fn margin_tiers<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async move { self.rest.send(&Tiers { symbol: &instrument.symbol }).await }.boxed()
    }
}
