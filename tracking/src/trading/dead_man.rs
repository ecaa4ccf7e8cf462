use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::time::timeout;
use tradewire_core::{Capabilities, CommandError, Error, ErrorKind, Instrument, Timestamp};

use super::config::TradingConfig;
use super::keeper::Keeper;
use crate::balances::CLOCK_ERROR;

/// The shortest time that a switch can be set to: it is renewed three times in it.
const SHORTEST: Duration = Duration::from_secs(5);
/// How long switching off may take when the connector stops.
const OFF_WITHIN: Duration = Duration::from_secs(2);
/// What the journal calls the time at which a switch lapses, before the symbol.
const FACT: &str = "dead-man-switch ";

/// The switches at the exchange that cancel all orders of an instrument unless they are renewed.
#[derive(Debug)]
pub(super) struct DeadMan {
    /// After how long without a word.
    after: Duration,
    /// By symbol.
    armed: Mutex<HashMap<Arc<str>, Armed>>,
}

#[derive(Debug)]
struct Armed {
    instrument: Arc<Instrument>,
    /// When it was renewed, by our clock; `None` while it never was.
    renewed: Option<Timestamp>,
    /// When a renewal began that has not ended.
    renewing: Option<Timestamp>,
}

/// Refuses switches that an exchange does not have, or that are set to too short a time.
pub(super) fn check(config: &TradingConfig, capabilities: &Capabilities) -> Result<(), Error> {
    let Some(after) = config.dead_man_switch else { return Ok(()) };
    let (kind, text) = if !capabilities.trading.as_ref().is_some_and(|trading| trading.dead_man_switch) {
        (ErrorKind::Unsupported, format!("{} has no switch that cancels orders", capabilities.exchange))
    } else if after < SHORTEST {
        (ErrorKind::Config, format!("the switch that cancels orders takes {} s or more", SHORTEST.as_secs()))
    } else {
        return Ok(());
    };
    Err(Error::new(kind, text).with("field", "dead_man_switch"))
}

impl DeadMan {
    /// Switches that cancel `after` this time.
    pub(super) fn new(after: Duration) -> Self {
        Self { after, armed: Mutex::default() }
    }

    /// Whether a switch needs no renewal yet.
    fn is_fresh(&self, symbol: &str, now: Timestamp) -> bool {
        let renewed = self.armed.lock().get(symbol).and_then(|armed| armed.renewed);
        renewed.is_some_and(|at| now.since(at) < self.after / 3)
    }
}

/// When the switches of an earlier run lapse, by symbol, from the facts of the journal.
pub(super) fn lapses(facts: &[(String, String)]) -> Vec<(String, Timestamp)> {
    let lapse = |(name, value): &(String, String)| {
        let (symbol, lapses) = (name.strip_prefix(FACT)?, value.parse().ok()?);
        Some((symbol.to_owned(), Timestamp::from_millis(lapses)))
    };
    facts.iter().filter_map(lapse).collect()
}

/// Arms the switch of an instrument before an order of it leaves, if switches are wanted.
///
/// # Errors
/// `NotSent` if that fails: no order leaves without it.
pub(super) async fn arm(keeper: &Keeper, instrument: &Arc<Instrument>) -> Result<(), CommandError> {
    match &keeper.dead_man {
        Some(switches) if !switches.is_fresh(&instrument.symbol, keeper.now()) => {
            renew(keeper, switches, instrument).await.map_err(CommandError::NotSent)
        }
        _ => Ok(()),
    }
}

/// The instruments whose switches are to be renewed now; each is renewed with [`renewed`].
pub(super) fn due(keeper: &Keeper) -> Vec<Arc<Instrument>> {
    let Some(switches) = &keeper.dead_man else { return Vec::new() };
    if !keeper.market.readiness.waiting().is_empty() {
        return Vec::new();
    }
    let live: BTreeMap<_, _> = keeper.look(|state| {
        state.orders.own_live().map(|record| (Arc::clone(&record.order.symbol), record.order.pair.clone())).collect()
    });
    let now = keeper.now();
    let mut due = Vec::new();
    for (symbol, pair) in live {
        let Some(instrument) = pair.and_then(|pair| keeper.instrument(&pair)) else { continue };
        if switches.is_fresh(&symbol, now) {
            continue;
        }
        let mut armed = switches.armed.lock();
        let known = armed.entry(symbol).or_insert_with(|| Armed {
            instrument: instrument.clone(),
            renewed: None,
            renewing: None,
        });
        // One that began longer ago will not end any more.
        if known.renewing.is_none_or(|began| now.since(began) >= switches.after / 3) {
            known.renewing = Some(now);
            due.push(instrument);
        }
    }
    due
}

/// Renews the switch of an instrument that was [`due`].
pub(super) async fn renewed(keeper: &Keeper, instrument: &Arc<Instrument>) -> Result<(), Error> {
    let Some(switches) = &keeper.dead_man else { return Ok(()) };
    let renewed = renew(keeper, switches, instrument).await;
    if let Some(armed) = switches.armed.lock().get_mut(&instrument.symbol) {
        armed.renewing = None;
    }
    renewed
}

async fn renew(keeper: &Keeper, switches: &DeadMan, instrument: &Arc<Instrument>) -> Result<(), Error> {
    let (now, sent) = (keeper.now(), keeper.exchange_now());
    let armed = keeper.source.dead_man_switch(Arc::clone(instrument), Some(switches.after)).await;
    armed.map_err(|error| error.error().clone().with("pair", &instrument.pair))?;
    let lapses = sent.after(switches.after).before(CLOCK_ERROR);
    switches.armed.lock().insert(
        Arc::clone(&instrument.symbol),
        Armed { instrument: Arc::clone(instrument), renewed: Some(now), renewing: None },
    );
    keeper.note_later(|state, step, _| {
        state.orders.dead_man_switch(&instrument.symbol, Some(lapses));
        step.fact((format!("{FACT}{}", instrument.symbol), lapses.as_millis().to_string()));
    });
    Ok(())
}

/// Switches all of them off: what is left at the exchange is left on purpose.
pub(super) async fn switch_off(keeper: &Keeper) {
    let Some(switches) = &keeper.dead_man else { return };
    let armed: Vec<_> = switches.armed.lock().drain().map(|(_, armed)| armed.instrument).collect();
    let off = armed.into_iter().map(|instrument| async move {
        let off = keeper.source.dead_man_switch(Arc::clone(&instrument), None);
        match timeout(OFF_WITHIN, off).await {
            Ok(Ok(())) => keeper.change(|state| state.orders.dead_man_switch(&instrument.symbol, None)),
            Ok(Err(error)) => tracing::warn!(pair = %instrument.pair, %error, "the dead-man switch is not off"),
            Err(_) => tracing::warn!(pair = %instrument.pair, "the dead-man switch is perhaps not off"),
        }
    });
    join_all(off).await;
}
