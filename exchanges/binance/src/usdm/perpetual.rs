use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, try_join};
use serde::Deserialize;
use tradewire_core::{
    ClientOrderId, CommandError, Decimal, Error, ErrorKind, FundingReport, Instrument, MarginMode, MarginTier,
    PositionMode, PositionModeReport, PositionReport, Scope,
};
use tradewire_tracking::{History, Page, PerpetualSource, Setting, SettingChange};
use tradewire_transport::{Class, CommandFailure, Cost, Effect, Endpoint, Method, Query, RestClient, Security};

use super::UsdmAccount;
use super::error_codes::is_so_already;
use super::order_commands::decode_done;
use super::perpetual_reads::{FundingPayments, MarginTiers, Positions, ReadPositionMode, Settings};
use crate::account_endpoints::command;
use crate::market::{Number, object};
use crate::private::{decoded, unsigned};

impl PerpetualSource for UsdmAccount {
    fn positions<'a>(
        &'a self,
        instrument: Option<&'a Instrument>,
    ) -> BoxFuture<'a, Result<Vec<PositionReport>, Error>> {
        let symbol = instrument.map(|instrument| &*instrument.symbol);
        async move {
            let rest = self.rest();
            let (mut positions, settings) =
                try_join(rest.send(&Positions { symbol }), rest.send(&Settings { symbol })).await?;
            for position in &mut positions {
                let of_it = settings.iter().find(|of| of.symbol == position.symbol);
                (position.leverage, position.margin_mode) =
                    (of_it.map(|of| of.leverage), of_it.and_then(|of| of.margin_mode));
            }
            Ok(positions)
        }
        .boxed()
    }

    fn settings<'a>(&'a self, of: Option<&'a Instrument>) -> BoxFuture<'a, Result<Vec<Setting>, Error>> {
        async move {
            let Some(instrument) = of else {
                let mode = self.rest().send(&ReadPositionMode).await?;
                return Ok(vec![Setting::PositionMode(PositionModeReport { scope: Scope::Account, mode })]);
            };
            let read = self.rest().send(&Settings { symbol: Some(&instrument.symbol) }).await?;
            let mut told =
                read.into_iter().filter(|of| *of.symbol == *instrument.symbol).map(Setting::Leverage).peekable();
            let other = || Error::new(ErrorKind::Decode, "an answer about other instruments");
            told.peek().is_some().then(|| told.collect()).ok_or_else(other)
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
            let (rest, symbol) = (account.rest(), &*instrument.symbol);
            match to {
                SettingChange::Leverage { side: None, leverage } => set_leverage(rest, symbol, leverage).await,
                SettingChange::Leverage { side: Some(_), .. } => {
                    Err(unsent(ErrorKind::Unsupported, "both sides of a position have the same leverage here"))
                }
                SettingChange::PositionMode(mode) => so_or_already(rest.command(&SetPositionMode { mode }).await),
                SettingChange::MarginMode(mode) => {
                    let none = || unsent(ErrorKind::Unsupported, "this exchange has no such margin mode");
                    let word = margin_mode_word(mode).ok_or_else(none)?;
                    so_or_already(rest.command(&SetMarginMode { symbol, word }).await)
                }
            }
        }
        .boxed()
    }

    fn funding_payments<'a>(&'a self, of: &'a History<'a>) -> BoxFuture<'a, Result<Page<FundingReport>, Error>> {
        async { self.rest().send(&FundingPayments::of(of)?).await }.boxed()
    }

    fn margin_tiers<'a>(&'a self, instrument: &'a Instrument) -> BoxFuture<'a, Result<Vec<MarginTier>, Error>> {
        async { self.rest().send(&MarginTiers { symbol: &instrument.symbol }).await }.boxed()
    }
}

async fn set_leverage(rest: &RestClient, symbol: &str, leverage: Decimal) -> Result<(), CommandError> {
    if !leverage.fract().is_zero() {
        return Err(unsent(ErrorKind::InvalidRequest, "leverage is a whole number here"));
    }
    match rest.command(&SetLeverage { symbol, leverage }).await.map_err(about_nothing)? {
        echo if echo == leverage => Ok(()),
        echo => Err(CommandError::Rejected(
            Error::new(ErrorKind::StateConflict, "the exchange has set another leverage").with("leverage", echo),
        )),
    }
}

/// The word for a margin mode; `None` for one that the exchange does not have.
const fn margin_mode_word(mode: MarginMode) -> Option<&'static str> {
    match mode {
        MarginMode::Cross => Some("CROSSED"),
        MarginMode::Isolated => Some("ISOLATED"),
        _ => None,
    }
}

fn unsent(kind: ErrorKind, text: &'static str) -> CommandError {
    CommandError::NotSent(Error::new(kind, text))
}

/// A failure that is about no order.
pub(super) fn about_nothing(failure: CommandFailure) -> CommandError {
    failure.about(&ClientOrderId::from(""))
}

/// What is so already was set.
fn so_or_already(set: Result<(), CommandFailure>) -> Result<(), CommandError> {
    match set {
        Err(failure) if is_so_already(&failure.error) => Ok(()),
        ended => ended.map_err(about_nothing),
    }
}

/// Sets the leverage of an instrument, and tells what it is then. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Change-Initial-Leverage>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetLeverage<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
    /// A whole number.
    pub(crate) leverage: Decimal,
}

impl Endpoint for SetLeverage<'_> {
    command!(POST "/fapi/v1/leverage", Place, Decimal);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("leverage", self.leverage.normalize());
    }

    fn decode(&self, body: &[u8]) -> Result<Decimal, Error> {
        decoded(body, |raw| unsigned(&object::<Echo<'_>>(raw)?.leverage))
    }
}

#[derive(Deserialize)]
struct Echo<'a> {
    #[serde(borrow)]
    leverage: Number<'a>,
}

/// Sets the position mode of the account. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Change-Position-Mode>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetPositionMode {
    /// The mode.
    pub(crate) mode: PositionMode,
}

impl Endpoint for SetPositionMode {
    command!(POST "/fapi/v1/positionSide/dual", Place, ());

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add_literal("dualSidePosition", self.mode == PositionMode::Hedge);
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        decode_done(body)
    }
}

/// Sets the margin mode of an instrument. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Change-Margin-Type>
#[derive(Clone, Copy, Debug)]
struct SetMarginMode<'a> {
    symbol: &'a str,
    word: &'static str,
}

impl Endpoint for SetMarginMode<'_> {
    command!(POST "/fapi/v1/marginType", Place, ());

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("marginType", self.word);
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        decode_done(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    #[test]
    fn settings_are_written_in_the_exchanges_words() {
        let leverage = SetLeverage { symbol: "BTCUSDT", leverage: Decimal::new(200, 1) };
        assert_eq!(query(&leverage), "symbol=BTCUSDT&leverage=20");
        let echo = leverage.decode(br#"{"leverage":20,"maxNotionalValue":"1","symbol":"BTCUSDT"}"#);
        assert_eq!(echo.expect("an echo"), leverage.leverage);
        assert_eq!(query(&SetPositionMode { mode: PositionMode::Hedge }), "dualSidePosition=true");
        assert_eq!(query(&SetMarginMode { symbol: "BTCUSDT", word: "ISOLATED" }), "symbol=BTCUSDT&marginType=ISOLATED");
    }

    #[test]
    fn already_so_is_success() {
        let failed = |code: i64| CommandFailure {
            outcome: tradewire_transport::Outcome::Rejected,
            error: Error::new(ErrorKind::StateConflict, "").with_code(code),
            body: None,
        };
        assert!(so_or_already(Err(failed(-4046))).is_ok() && so_or_already(Err(failed(-4059))).is_ok());
        assert!(matches!(so_or_already(Err(failed(-4067))), Err(CommandError::Rejected(_))));
    }
}
