use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use tradewire_core::{
    CommandError, Error, ErrorKind, FundingReport, Instrument, InstrumentStatus, PerpetualCapabilities, SettingScope,
    Source,
};

use super::history::payments_of_window;
use super::keeper::Keeper;
use super::window::RECONCILE_OVERLAP;
use crate::{PerpetualSource, ReadWindow, Setting, Trust};

/// Under this name the journal keeps that all positions have been read once.
pub(super) const POSITIONS_KNOWN: &str = "positions-known";

/// What the exchange supplies for contracts.
pub(super) fn source(keeper: &Keeper) -> Result<&dyn PerpetualSource, Error> {
    let missing = || Error::new(ErrorKind::Unsupported, "no contracts are traded on this exchange");
    keeper.source.perpetual().ok_or_else(missing)
}

/// Reads the settings that hold for the contracts which are followed.
///
/// # Errors
/// What could not be read; then nothing has changed.
pub(super) async fn read_settings(keeper: &Keeper) -> Result<(), Error> {
    if !keeper.trades_contracts() {
        return Ok(());
    }
    let source = source(keeper)?;
    let mut read = source.settings(None).await?;
    for instrument in followed(keeper) {
        read.extend(source.settings(Some(&instrument)).await?);
    }
    store(keeper, read);
    keeper.judge_mode();
    Ok(())
}

/// Reads the settings of the scope to which a change for an instrument reaches.
///
/// # Errors
/// What could not be read; then nothing has changed.
pub(super) async fn read_scope(
    keeper: &Keeper,
    instrument: &Arc<Instrument>,
    scope: SettingScope,
) -> Result<Vec<Setting>, Error> {
    let source = source(keeper)?;
    let of = match scope {
        SettingScope::Account => None,
        SettingScope::Instrument => Some(&**instrument),
    };
    let read = source.settings(of).await?;
    store(keeper, read.clone());
    Ok(read)
}

/// Modes are told first: a leverage is read in the light of them.
fn store(keeper: &Keeper, mut read: Vec<Setting>) {
    read.sort_by_key(|setting| match setting {
        Setting::PositionMode(_) => 0,
        Setting::MarginMode(_) => 1,
        Setting::Leverage(_) => 2,
    });
    keeper.note(|state, _, now| read.into_iter().for_each(|setting| keeper.set(state, setting, now)));
}

/// Whether the settings of a contract that is followed are not known.
pub(super) fn lacks_settings(keeper: &Keeper) -> bool {
    let followed = followed(keeper);
    keeper.look(|state| {
        let lacks = |of: &Arc<Instrument>| {
            state.settings.position_mode(of).is_none() || state.settings.leverage(&of.symbol, None).is_none()
        };
        followed.iter().any(lacks)
    })
}

/// The contracts that are followed, by pair.
fn followed(keeper: &Keeper) -> Vec<Arc<Instrument>> {
    let gone = |instrument: &Instrument| matches!(instrument.status, InstrumentStatus::Halted(_));
    let all = keeper.market.books.all().into_iter().map(|book| book.instrument());
    all.filter(|instrument| instrument.contract.is_some() && !gone(instrument)).collect()
}

/// Reads all positions.
pub(super) async fn read_positions(keeper: &Keeper, trust: Trust) -> Result<(), Error> {
    if !keeper.trades_contracts() {
        return Ok(());
    }
    let sent = keeper.exchange_now();
    let reports = source(keeper)?.positions(None).await?;
    let window = ReadWindow { sent, received: keeper.exchange_now() };
    keeper.note(|state, step, now| {
        state.positions.read(now, reports, window, trust);
        step.fact((POSITIONS_KNOWN.to_owned(), "yes".to_owned()));
    });
    Ok(())
}

/// Reads the funding payments that may not be known: those of every instrument since its last read, told by their times.
///
/// # Errors
/// What could not be read. The payments of other instruments are taken all the same.
pub(super) async fn read_funding(keeper: &Keeper, by: Source) -> Result<(), Error> {
    if !keeper.trades_contracts() {
        return Ok(());
    }
    let until = keeper.exchange_now();
    let (mut payments, mut whole, mut failed) = (Vec::new(), Vec::new(), None);
    for instrument in paying(keeper) {
        let from = keeper.change(|state| state.payments.from(&instrument.symbol, until));
        // Clocks differ a little: the newest payments may have times after what we take for now.
        match payments_of_window(&*keeper.source, &instrument, from, until.after(RECONCILE_OVERLAP)).await {
            Ok(rows) => {
                payments.extend(rows);
                whole.push(Arc::clone(&instrument.symbol));
            }
            Err(error) => failed = Some(error.with("symbol", &instrument.symbol)),
        }
    }
    payments.sort_by(|a: &FundingReport, b| (a.time, &a.symbol, &a.id).cmp(&(b.time, &b.symbol, &b.id)));
    keeper.note(|state, step, _| {
        payments.into_iter().for_each(|report| keeper.paid(state, step, report, by));
        whole.iter().for_each(|symbol| step.fact(state.payments.read(symbol, until)));
        if failed.is_none() {
            state.payments.read_all(until);
        }
    });
    failed.map_or(Ok(()), Err)
}

/// The contracts of which payments may come: those that are followed, those with positions, and those that had them.
fn paying(keeper: &Keeper) -> Vec<Arc<Instrument>> {
    let mut all: BTreeMap<Arc<str>, Arc<Instrument>> =
        followed(keeper).into_iter().map(|instrument| (Arc::clone(&instrument.symbol), instrument)).collect();
    let further: Vec<Arc<str>> = keeper.look(|state| {
        let open = state.positions.open().map(|key| Arc::clone(&key.symbol));
        open.chain(state.payments.symbols().cloned()).collect()
    });
    for symbol in further {
        if !all.contains_key(&symbol)
            && let Some(instrument) = keeper.instrument_of(&symbol)
        {
            all.insert(symbol, instrument);
        }
    }
    all.into_values().collect()
}

/// Notes the funding times that the market tells: payments are read after them.
pub(super) fn expect_fundings(keeper: &Keeper) {
    let next = keeper.market.books.all().into_iter().filter_map(|book| book.funding()?.next_time);
    let times: BTreeSet<_> = next.collect();
    keeper.change(|state| times.into_iter().for_each(|time| state.payments.expect(time)));
}

/// What became of a setting: what is read back after the command counts, also where its own outcome is not known.
pub(super) async fn concluded<T: std::fmt::Debug>(
    outcome: Result<(), CommandError>,
    read_back: impl Future<Output = Result<T, Error>>,
    as_wanted: impl FnOnce(&T) -> bool,
) -> Result<T, CommandError> {
    if let Err(refused @ (CommandError::NotSent(_) | CommandError::Rejected(_))) = outcome {
        return Err(refused);
    }
    let unknown = |cause| CommandError::Unknown { client_order_id: "".into(), cause };
    match read_back.await {
        Err(error) => Err(outcome.err().unwrap_or_else(|| unknown(error))),
        Ok(read) if as_wanted(&read) => Ok(read),
        Ok(read) => Err(outcome.err().unwrap_or_else(|| {
            let text = "the exchange has taken the change, and tells another value";
            CommandError::Rejected(Error::new(ErrorKind::Exchange, text).with("read", format_args!("{read:?}")))
        })),
    }
}

/// Refuses, before anything is sent, a setting that this exchange does not offer; else tells what it offers.
pub(super) fn check_offered(
    keeper: &Keeper,
    field: &'static str,
    offers: impl FnOnce(&PerpetualCapabilities) -> bool,
) -> Result<&'static PerpetualCapabilities, CommandError> {
    let declared = keeper.source.market().capabilities().perpetual.as_ref();
    declared.filter(|declared| offers(declared)).ok_or_else(|| {
        let error = Error::new(ErrorKind::Unsupported, "this exchange has no such setting").with("field", field);
        CommandError::NotSent(error)
    })
}
