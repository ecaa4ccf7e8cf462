use std::sync::Arc;

use futures_util::{FutureExt, TryFutureExt};
use tradewire_core::{
    ClientOrderId, CommandError, Decimal, Error, ErrorKind, FundingRate, Instrument, MarginMode, MarginTier, Pair,
    PerpetualCapabilities, Position, PositionMode, PositionSide, SettingScope,
};

use super::Connector;
use super::in_flight::{Settling, reply_of};
use super::keeper::Keeper;
use super::perpetual::{self, check_offered, concluded};
use crate::{PositionKey, Setting, SettingChange};

/// Contracts: positions, the settings that decide how they are kept, and funding. Where assets are traded there are none.
impl Connector {
    /// All open positions, by the exchange's name of the instrument, valued at the newest mark price.
    pub fn positions(&self) -> Vec<Position> {
        let Ok(keeper) = self.keeper() else { return Vec::new() };
        let open: Vec<_> = keeper.look(|state| state.positions.open().cloned().collect());
        open.iter().filter_map(|key| keeper.position(key)).collect()
    }

    /// The position of a pair; in hedge mode that of one side. `None` if there never was any.
    pub fn position(&self, pair: &Pair, side: Option<PositionSide>) -> Option<Position> {
        let keeper = self.keeper().ok()?;
        let symbol = Arc::clone(&keeper.instrument(pair)?.symbol);
        keeper.position(&PositionKey { symbol, side })
    }

    /// The leverage of a pair as last read, of a side where the two differ; `None` while it is not known.
    pub fn leverage(&self, pair: &Pair, side: Option<PositionSide>) -> Option<Decimal> {
        let keeper = self.keeper().ok()?;
        let symbol = Arc::clone(&keeper.instrument(pair)?.symbol);
        keeper.look(|state| state.settings.leverage(&symbol, side))
    }

    /// The position mode that holds for a pair, as last read; `None` while it is not known.
    pub fn position_mode(&self, pair: &Pair) -> Option<PositionMode> {
        let keeper = self.keeper().ok()?;
        keeper.position_mode(&*keeper.instrument(pair)?)
    }

    /// The margin mode that holds for a pair, as last read; `None` while it is not known.
    pub fn margin_mode(&self, pair: &Pair) -> Option<MarginMode> {
        let keeper = self.keeper().ok()?;
        let instrument = keeper.instrument(pair)?;
        keeper.look(|state| state.settings.margin_mode(&instrument))
    }

    /// Mark price, index price and funding of a pair that is followed; `None` until they are known.
    pub fn funding_rate(&self, pair: &Pair) -> Option<FundingRate> {
        self.book(pair)?.funding()
    }

    /// The margin that positions of a pair need, by their value, lowest first.
    ///
    /// # Errors
    /// `Unsupported` where no contracts are traded; `UnknownInstrument`; those of the request.
    /// # Cancel safety
    /// Cancel safe.
    pub async fn margin_tiers(&self, pair: &Pair) -> Result<Vec<MarginTier>, Error> {
        let keeper = self.keeper()?;
        let instrument = keeper.instrument(pair).ok_or_else(|| unlisted(pair))?;
        perpetual::source(keeper)?.margin_tiers(&instrument).await
    }

    /// Takes the account's position mode as it is, whatever is configured: orders can be sent again.
    ///
    /// # Errors
    /// `Config` without an account.
    pub fn accept_position_mode(&self) -> Result<(), Error> {
        let keeper = self.keeper()?;
        keeper.change(|state| state.expected_mode = None);
        keeper.judge_mode();
        Ok(())
    }

    /// Sets the leverage of a pair, for both sides, or for one where the exchange keeps two. It is sent once and read back: the
    /// value read is stored, told and returned.
    ///
    /// # Errors
    /// `NotSent(Unsupported)`; `NotSent(InvalidRequest)` for one that is not above zero; `Rejected` as the exchange refuses, the
    /// value known before stays then; `Rejected(Exchange)` if another value is read; `Unknown` if nothing can be read.
    /// # Cancel safety
    /// Not cancel safe: the change goes on, its outcome comes as an event.
    pub async fn set_leverage(
        &self,
        pair: &Pair,
        side: Option<PositionSide>,
        leverage: Decimal,
    ) -> Result<Decimal, CommandError> {
        let (keeper, instrument) = self.contract(pair)?;
        check_offered(&keeper, "leverage", |contracts| contracts.set_leverage)?;
        if leverage <= Decimal::ZERO {
            let error = Error::new(ErrorKind::InvalidRequest, "leverage is not above zero").with("field", "leverage");
            return Err(CommandError::NotSent(error.with("value", leverage)));
        }
        let to = SettingChange::Leverage { side, leverage };
        let change = change_setting(Arc::clone(&keeper), instrument, SettingScope::Instrument, to);
        Settling::new(keeper, nameless(), change.map_ok(move |()| leverage).boxed(), |_, _| {}).await
    }

    /// Sets the position mode of the scope that a pair belongs to, which must be without positions and orders. It is sent once
    /// and read back, for every pair that is followed in that scope: what is read is stored and told. That of `pair` is returned.
    ///
    /// # Errors
    /// `NotSent(Unsupported)`; `Rejected(StateConflict)` while there are positions or orders, and else as
    /// [`Connector::set_leverage`].
    /// # Cancel safety
    /// As [`Connector::set_leverage`].
    pub async fn set_position_mode(&self, pair: &Pair, mode: PositionMode) -> Result<PositionMode, CommandError> {
        let (keeper, instrument) = self.contract(pair)?;
        let offers = |contracts: &PerpetualCapabilities| contracts.position_modes.contains(&mode);
        let scope = check_offered(&keeper, "position_mode", offers)?.position_mode_scope;
        let changing = Arc::clone(&keeper);
        let change = async move {
            change_setting(Arc::clone(&changing), instrument, scope, SettingChange::PositionMode(mode)).await?;
            changing.change(|state| state.expected_mode = state.expected_mode.map(|_| mode));
            changing.judge_mode();
            Ok(mode)
        };
        Settling::new(keeper, nameless(), change.boxed(), |_, _| {}).await
    }

    /// Sets the margin mode of the scope that a pair belongs to. It is sent once and read back: what is read is stored, told and
    /// returned.
    ///
    /// # Errors
    /// As [`Connector::set_position_mode`].
    /// # Cancel safety
    /// As [`Connector::set_leverage`].
    pub async fn set_margin_mode(&self, pair: &Pair, mode: MarginMode) -> Result<MarginMode, CommandError> {
        let (keeper, instrument) = self.contract(pair)?;
        let offers = |contracts: &PerpetualCapabilities| contracts.margin_modes.contains(&mode);
        let scope = check_offered(&keeper, "margin_mode", offers)?.margin_mode_scope;
        let change = change_setting(Arc::clone(&keeper), instrument, scope, SettingChange::MarginMode(mode));
        Settling::new(keeper, nameless(), change.map_ok(move |()| mode).boxed(), |_, _| {}).await
    }

    /// The account, and a contract that it trades.
    fn contract(&self, pair: &Pair) -> Result<(Arc<Keeper>, Arc<Instrument>), CommandError> {
        let keeper = Arc::clone(self.keeper().map_err(CommandError::NotSent)?);
        check_offered(&keeper, "perpetual", |_| true)?;
        let instrument = keeper.instrument(pair).ok_or_else(|| CommandError::NotSent(unlisted(pair)))?;
        Ok((keeper, instrument))
    }
}

/// Sends the change of a setting once, and reads back what holds in its scope then.
async fn change_setting(
    keeper: Arc<Keeper>,
    instrument: Arc<Instrument>,
    scope: SettingScope,
    to: SettingChange,
) -> Result<(), CommandError> {
    let source = perpetual::source(&keeper).map_err(CommandError::NotSent)?;
    let sent = source.change_setting(Arc::clone(&instrument), to);
    let outcome = reply_of(&keeper, &nameless(), sent, |_| {}).await;
    let read_back = async {
        let read = perpetual::read_scope(&keeper, &instrument, scope).await?;
        if matches!(to, SettingChange::PositionMode(_)) {
            keeper.note(|state, _, now| state.positions.read_again(now));
        }
        let is_changed = |setting: &Setting| setting.holds_for(&instrument) && to.is_made(setting).is_some();
        let changed: Vec<Setting> = read.into_iter().filter(is_changed).collect();
        let untold = || Error::new(ErrorKind::Exchange, "the setting is not told");
        if changed.is_empty() { Err(untold()) } else { Ok(changed) }
    };
    let as_wanted = |changed: &Vec<Setting>| changed.iter().all(|setting| to.is_made(setting) == Some(true));
    concluded(outcome, read_back, as_wanted).await.map(drop)
}

fn unlisted(pair: &Pair) -> Error {
    Error::new(ErrorKind::UnknownInstrument, "the exchange does not list this pair").with("pair", pair)
}

/// A command that is about no order.
fn nameless() -> ClientOrderId {
    ClientOrderId::from("")
}
