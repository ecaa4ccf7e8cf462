use std::sync::Arc;

use futures_util::FutureExt;
use tradewire_core::{
    ClientOrderId, CommandError, Decimal, Error, ErrorKind, FundingRate, Instrument, LeverageReport, MarginMode,
    MarginTier, Pair, Position, PositionMode, PositionSide,
};

use super::Connector;
use super::in_flight::{Settling, reply_of};
use super::keeper::Keeper;
use super::perpetual::{self, check_offered, concluded, in_scope};
use crate::{PositionKey, Setting};

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
        let changing = Arc::clone(&keeper);
        let change = async move {
            let sent = perpetual::source(&changing)
                .map(|source| source.set_leverage(Arc::clone(&instrument), side, leverage))
                .map_err(CommandError::NotSent)?;
            let outcome = reply_of(&changing, &nameless(), sent, |_| {}).await;
            let of_side = |read: &&LeverageReport| side.is_none() || read.side.is_none() || read.side == side;
            let as_wanted = |read: &Vec<LeverageReport>| {
                let mut concerned = read.iter().filter(of_side).peekable();
                concerned.peek().is_some() && concerned.all(|read| read.leverage == leverage)
            };
            concluded(outcome, read_leverage(&changing, &instrument), as_wanted).await.map(|_| leverage)
        };
        Settling::new(keeper, nameless(), change.boxed(), |_, _| {}).await
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
        check_offered(&keeper, "position_mode", |contracts| contracts.position_modes.contains(&mode))?;
        let changing = Arc::clone(&keeper);
        let change = async move {
            let sent = perpetual::source(&changing)
                .map(|source| source.set_position_mode(Arc::clone(&instrument), mode))
                .map_err(CommandError::NotSent)?;
            let outcome = reply_of(&changing, &nameless(), sent, |_| {}).await;
            let read = read_position_mode(&changing, &instrument);
            let is = concluded(outcome, read, |read| *read == mode).await?;
            changing.change(|state| state.expected_mode = state.expected_mode.map(|_| mode));
            changing.judge_mode();
            Ok(is)
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
        check_offered(&keeper, "margin_mode", |contracts| contracts.margin_modes.contains(&mode))?;
        let changing = Arc::clone(&keeper);
        let change = async move {
            let sent = perpetual::source(&changing)
                .map(|source| source.set_margin_mode(Arc::clone(&instrument), mode))
                .map_err(CommandError::NotSent)?;
            let outcome = reply_of(&changing, &nameless(), sent, |_| {}).await;
            concluded(outcome, read_margin_mode(&changing, &instrument), |read| *read == mode).await
        };
        Settling::new(keeper, nameless(), change.boxed(), |_, _| {}).await
    }

    /// The account, and a contract that it trades.
    fn contract(&self, pair: &Pair) -> Result<(Arc<Keeper>, Arc<Instrument>), CommandError> {
        let keeper = Arc::clone(self.keeper().map_err(CommandError::NotSent)?);
        check_offered(&keeper, "perpetual", |_| true)?;
        let instrument = keeper.instrument(pair).ok_or_else(|| CommandError::NotSent(unlisted(pair)))?;
        Ok((keeper, instrument))
    }
}

async fn read_leverage(keeper: &Keeper, instrument: &Instrument) -> Result<Vec<LeverageReport>, Error> {
    let read = perpetual::source(keeper)?.leverage(instrument).await?;
    store(keeper, read.iter().cloned().map(Setting::Leverage));
    Ok(read)
}

async fn read_position_mode(keeper: &Keeper, instrument: &Arc<Instrument>) -> Result<PositionMode, Error> {
    let scope = keeper.source.market().capabilities().perpetual.as_ref().map(|contracts| contracts.position_mode_scope);
    let reached = scope.map_or_else(Vec::new, |scope| in_scope(keeper, instrument, scope));
    let read = perpetual::position_modes(perpetual::source(keeper)?, &reached).await?;
    let first = read.first().map(|report| report.mode);
    store(keeper, read.into_iter().map(Setting::PositionMode));
    keeper.note(|state, _, now| state.positions.read_again(now));
    first.ok_or_else(|| Error::new(ErrorKind::Exchange, "the position mode is not told"))
}

async fn read_margin_mode(keeper: &Keeper, instrument: &Instrument) -> Result<MarginMode, Error> {
    let read = perpetual::source(keeper)?.margin_mode(instrument).await?;
    let mode = read.mode;
    store(keeper, [Setting::MarginMode(read)]);
    Ok(mode)
}

fn store(keeper: &Keeper, read: impl IntoIterator<Item = Setting>) {
    keeper.note(|state, _, now| read.into_iter().for_each(|setting| keeper.set(state, setting, now)));
}

fn unlisted(pair: &Pair) -> Error {
    Error::new(ErrorKind::UnknownInstrument, "the exchange does not list this pair").with("pair", pair)
}

/// A command that is about no order.
fn nameless() -> ClientOrderId {
    ClientOrderId::from("")
}
