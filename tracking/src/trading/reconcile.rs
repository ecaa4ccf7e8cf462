use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tradewire_core::{
    AccountChange, Error, ErrorKind, ExecutionReport, FillReport, Instrument, Part, Source, Timestamp,
};

use super::history::{read_fills_of_window, read_open_orders};
use super::keeper::{Keeper, State, Step};
use super::window::RECONCILE_OVERLAP;
use super::{lookup, needs, perpetual};
use crate::{Need, Queried, ReadTaken, ReadWindow, Reconciliation, Trust};

/// How often a read of balances that was not quiet is repeated at once.
const SNAPSHOT_TRIES: usize = 3;
/// How finely changes of orders are dated.
const INSTANT: Duration = Duration::from_millis(1);

/// Fetches what the private stream may not have told, and merges it: open orders, orders that are tracked and not among
/// them, the fills of the time, balances; where contracts are traded settings, positions and funding payments too. What the
/// stream tells meanwhile waits.
///
/// # Errors
/// What could not be fetched; `Connection` if the private stream has another hole by then. It is still to be fetched then, and
/// whoever calls has that asked for.
pub(super) async fn reconcile(keeper: &Keeper) -> Result<(), Error> {
    let holes = keeper.change(|state| {
        state.windows.begin();
        state.holes
    });
    perpetual::read_settings(keeper).await?;
    let until = keeper.exchange_now();
    let asked = keeper.now();
    let open = read_open_orders(&*keeper.source, None).await?;
    let (fills, failed) = read_fills(keeper, instruments(keeper, &open), until).await?;
    let queried = read_unlisted(keeper, &open, asked).await?;
    let source = if keeper.look(|state| state.restarted) { Source::Restart } else { Source::Rest };
    let batch = Reconciliation { open, asked, queried, fills, source };
    recall_strangers(keeper, &batch).await?;
    keeper.note(|state, step, now| {
        let effects = state.orders.reconcile(batch, now);
        keeper.absorb(state, step, effects, now);
    });
    perpetual::read_positions(keeper, Trust::Whole).await?;
    if let Err(error) = perpetual::read_funding(keeper, source).await {
        // They are read again soon; nothing else waits for them.
        keeper.market.problems.report("funding payments", &error);
    }
    read_balances(keeper).await?;
    if keeper.look(|state| state.holes) != holes {
        let text = "the private stream has missed more while what it had missed was fetched";
        return Err(Error::new(ErrorKind::Connection, text));
    }
    conclude(keeper, until, &failed);
    match failed.into_iter().next() {
        None => Ok(()),
        Some((symbol, error)) => Err(error.with("symbol", symbol)),
    }
}

/// The fills of the window, and the instruments whose history could not be read.
async fn read_fills(
    keeper: &Keeper,
    instruments: Vec<Arc<Instrument>>,
    until: Timestamp,
) -> Result<(Vec<FillReport>, Vec<(Arc<str>, Error)>), Error> {
    let (mut fills, mut failed) = (Vec::new(), Vec::new());
    for instrument in instruments {
        let from = keeper.look(|state| state.windows.from(&instrument.symbol));
        // Clocks differ a little: the newest fills may have times after what we take for now.
        match read_fills_of_window(&*keeper.source, &instrument, from, until.after(RECONCILE_OVERLAP)).await {
            Ok(rows) => fills.extend(rows),
            // What the exchange refuses for one instrument delays that one; a lost connection delays all.
            Err(error) if error.kind() == ErrorKind::Connection => return Err(error),
            Err(error) => failed.push((Arc::clone(&instrument.symbol), error)),
        }
    }
    Ok((fills, failed))
}

/// The instruments that may have fills: those that are followed, those with orders, those whose history is missing.
fn instruments(keeper: &Keeper, open: &[ExecutionReport]) -> Vec<Arc<Instrument>> {
    let mut symbols: BTreeSet<Arc<str>> = open.iter().map(|report| Arc::from(report.symbol.as_str())).collect();
    symbols.extend(keeper.market.books.all().iter().map(|book| Arc::clone(&book.instrument().symbol)));
    keeper.look(|state| {
        symbols.extend(state.orders.live().map(|record| Arc::clone(&record.order.symbol)));
        symbols.extend(state.windows.unread().cloned());
    });
    symbols.iter().filter_map(|symbol| keeper.instrument_of(symbol)).collect()
}

async fn read_unlisted(keeper: &Keeper, open: &[ExecutionReport], asked: Timestamp) -> Result<Vec<Queried>, Error> {
    let subjects = keeper.look(|state| state.orders.unlisted(open, asked));
    lookup::ask_all(keeper, subjects).await
}

/// Looks up in the journal what the exchange names and nobody knows: it may be an order of ours that ended long ago.
async fn recall_strangers(keeper: &Keeper, batch: &Reconciliation) -> Result<(), Error> {
    let strangers = keeper.note(|state, step, now| {
        let (strangers, effects) = state.orders.strangers(batch, now);
        keeper.absorb(state, step, effects, now);
        strangers
    });
    for need in strangers {
        if let Need::Recall(stranger) = need {
            needs::recall(keeper, &stranger).await?;
        }
    }
    Ok(())
}

/// Looks at what is open, at the fills of what has traded or could have, and at balances, whatever the private stream tells:
/// it may have left something out, and say nothing of it.
pub(super) async fn poll(keeper: &Keeper) -> Result<(), Error> {
    let orders = poll_orders(keeper).await;
    let positions = perpetual::read_positions(keeper, Trust::Beside).await;
    read_balances(keeper).await.and(positions).and(orders)
}

async fn poll_orders(keeper: &Keeper) -> Result<(), Error> {
    let (at, asked) = (keeper.exchange_now(), keeper.now());
    let open = read_open_orders(&*keeper.source, None).await?;
    // The fills of a time when it was down are read as soon as it is back.
    let whole = keeper.look(State::stream_is_whole);
    let traded = if whole { traded_lately(keeper) } else { Vec::new() };
    let (fills, failed) = read_fills(keeper, traded, at).await?;
    let batch = Reconciliation { open, asked, queried: Vec::new(), fills, source: Source::Rest };
    recall_strangers(keeper, &batch).await?;
    keeper.note(|state, step, now| {
        let effects = state.orders.reconcile(batch, now);
        keeper.absorb(state, step, effects, now);
        if whole && state.stream_is_whole() && failed.is_empty() {
            state.windows.proved(at);
            step.fact(state.windows.fact());
        }
    });
    failed.into_iter().next().map_or(Ok(()), |(symbol, error)| Err(error.with("symbol", symbol)))
}

/// The instruments with orders that may trade, or that ended within the time that is not proved yet.
fn traded_lately(keeper: &Keeper) -> Vec<Arc<Instrument>> {
    let unproved = keeper.exchange_now().since(keeper.look(|state| state.windows.oldest()));
    let since = keeper.now().before(unproved);
    let symbols: BTreeSet<_> = keeper.look(|state| state.orders.symbols_since(since).collect());
    symbols.iter().filter_map(|symbol| keeper.instrument_of(symbol)).collect()
}

/// Reads balances until a read was quiet: no own order changed while it was on its way. Changes are dated by the instant, and a
/// read within that of the last change cannot be quiet.
pub(super) async fn read_balances(keeper: &Keeper) -> Result<(), Error> {
    for attempt in 0..=SNAPSHOT_TRIES {
        if attempt > 0 {
            sleep(INSTANT).await;
        }
        let sent = keeper.exchange_now();
        let read = keeper.source.balances().await?;
        let window = ReadWindow { sent, received: keeper.exchange_now() };
        let taken = keeper.note(|state, _, now| state.balances.read(now, &read, window));
        if taken != ReadTaken::Void {
            return Ok(());
        }
    }
    Ok(())
}

/// The stream goes on; what could not be fetched is still to be.
fn conclude(keeper: &Keeper, until: Timestamp, failed: &[(Arc<str>, Error)]) {
    let symbols: Vec<_> = failed.iter().map(|(symbol, _)| Arc::clone(symbol)).collect();
    let healthy = keeper.note(|state, step, now| {
        let from = state.windows.oldest();
        state.windows.read(until, &symbols);
        step.fact(state.windows.fact());
        release(keeper, state, step, now);
        if symbols.is_empty() {
            step.tell(Some(until), AccountChange::Reconciled { from, until });
        }
        state.restarted = false;
        state.connected
    });
    keeper.judge_mode();
    let readiness = &keeper.market.readiness;
    match failed.first() {
        None if healthy => readiness.ready(Part::Account),
        None => readiness.not_ready(Part::Account, "waits for the private stream"),
        Some((symbol, error)) => {
            readiness.not_ready(Part::Account, &format!("the fills of {symbol} are missing: {error}"))
        }
    }
}

/// Lets out what the stream told meanwhile, if it is connected.
fn release(keeper: &Keeper, state: &mut State, step: &mut Step, now: Timestamp) {
    if !state.connected {
        return;
    }
    for (message, _) in state.held_back.take().unwrap_or_default() {
        keeper.message(state, step, message, now);
    }
    state.orders.stream(true, now);
}
