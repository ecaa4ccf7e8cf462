use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tradewire_core::{Event, GapReason, LifeEvent, MarketEvent, Pair};
use tradewire_tracking::Events;

use super::grammar;
use crate::row::Failed;

/// Reads all events of a connector as they come and keeps them.
#[derive(Debug)]
pub(crate) struct Witness {
    seen: Arc<Seen>,
    reading: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    events: Mutex<Vec<(Instant, Event)>>,
    arrived: Notify,
}

/// A place in the stream of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(usize);

impl Witness {
    pub(crate) fn of(mut events: Events) -> Self {
        let seen = Arc::new(Seen::default());
        let keeper = Arc::clone(&seen);
        let reading = tokio::spawn(async move {
            while let Some(event) = events.next().await {
                keeper.events.lock().push((Instant::now(), event));
                keeper.arrived.notify_waiters();
            }
        });
        Self { seen, reading: Some(reading) }
    }

    /// Reads nothing.
    pub(crate) fn blind() -> Self {
        Self { seen: Arc::default(), reading: None }
    }

    /// The place after the newest event.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.seen.events.lock().len())
    }

    /// All events from a place on, with the time at which each was read.
    pub(crate) fn since(&self, mark: Mark) -> Vec<(Instant, Event)> {
        self.seen.events.lock()[mark.0..].to_vec()
    }

    /// All events about a pair's market from a place on.
    pub(crate) fn of_pair(&self, pair: &Pair, mark: Mark) -> Vec<MarketEvent> {
        let market = |(_, event)| match event {
            Event::Market(event) if event.pair() == pair => Some(event),
            _ => None,
        };
        self.since(mark).into_iter().filter_map(market).collect()
    }

    /// Waits for an event after `mark`; returns the place behind it and its time.
    pub(crate) async fn wait(
        &self,
        mark: Mark,
        within: Duration,
        what: &str,
        is_it: impl Fn(&Event) -> bool,
    ) -> Result<(Mark, Instant), Failed> {
        let mut at = mark.0;
        let found = timeout(within, async {
            loop {
                let arrived = self.seen.arrived.notified();
                tokio::pin!(arrived);
                arrived.as_mut().enable();
                {
                    let events = self.seen.events.lock();
                    while at < events.len() {
                        let (time, event) = &events[at];
                        at += 1;
                        if is_it(event) {
                            return (Mark(at), *time);
                        }
                    }
                }
                arrived.await;
            }
        });
        found.await.map_err(|_| {
            let newest: Vec<String> = self.since(mark).iter().rev().take(6).map(|(_, event)| in_short(event)).collect();
            let happened = if newest.is_empty() { "nothing".to_owned() } else { newest.join(" ← ") };
            Failed::new(format_args!("{what} within {} s", within.as_secs_f32()), happened)
        })
    }

    /// Waits for an event about a pair's market.
    pub(crate) async fn wait_market(
        &self,
        mark: Mark,
        within: Duration,
        what: &str,
        pair: &Pair,
        is_it: impl Fn(&MarketEvent) -> bool,
    ) -> Result<(Mark, Instant), Failed> {
        let of_pair = |event: &Event| matches!(event, Event::Market(event) if event.pair() == pair && is_it(event));
        self.wait(mark, within, &format!("{what} of {pair}"), of_pair).await
    }

    /// Waits for a gap of a pair for a reason.
    pub(crate) async fn gap(
        &self,
        mark: Mark,
        within: Duration,
        pair: &Pair,
        reason: GapReason,
    ) -> Result<(Mark, Instant), Failed> {
        let is_it = |event: &MarketEvent| matches!(event, MarketEvent::Gap { reason: known, .. } if *known == reason);
        self.wait_market(mark, within, &format!("Gap({reason})"), pair, is_it).await
    }

    /// Waits until a pair's book is said to be valid.
    pub(crate) async fn valid(&self, mark: Mark, within: Duration, pair: &Pair) -> Result<(Mark, Instant), Failed> {
        let is_it = |event: &MarketEvent| matches!(event, MarketEvent::BookValid { .. });
        self.wait_market(mark, within, "BookValid", pair, is_it).await
    }

    /// Waits for an event about the connector.
    pub(crate) async fn life(
        &self,
        mark: Mark,
        within: Duration,
        what: &str,
        is_it: impl Fn(&LifeEvent) -> bool,
    ) -> Result<(Mark, Instant), Failed> {
        self.wait(mark, within, what, |event| matches!(event, Event::Life(event) if is_it(event))).await
    }

    /// How many gaps of a pair's book, or of its trades, there were for this reason.
    pub(crate) fn gaps(&self, mark: Mark, pair: &Pair, reason: GapReason) -> usize {
        let gap = |event: &MarketEvent| matches!(event, MarketEvent::Gap { reason: known, .. } if *known == reason);
        self.of_pair(pair, mark).iter().filter(|event| gap(event)).count()
    }

    /// Checks that the stream ended, and that all of it was as it must be.
    pub(crate) async fn end(self, within: Duration) -> Result<(), Failed> {
        let Some(reading) = self.reading else { return Ok(()) };
        if timeout(within, reading).await.is_err() {
            return Err(Failed::new("the end of the events after the stop", "readers still wait"));
        }
        let events = std::mem::take(&mut *self.seen.events.lock());
        grammar::check(events.iter().map(|(_, event)| event))
    }
}

/// An event in a few words.
pub(crate) fn in_short(event: &Event) -> String {
    match event {
        Event::Market(MarketEvent::BookSnapshot(snapshot)) => format!("BookSnapshot({})", snapshot.pair),
        Event::Market(MarketEvent::BookUpdate(update)) => format!("BookUpdate({})", update.pair),
        Event::Market(MarketEvent::Trade(trade)) => format!("Trade({}, {})", trade.pair, trade.id),
        Event::Market(MarketEvent::Instrument(instrument)) => format!("Instrument({})", instrument.pair),
        Event::Market(other) => format!("{other:?}"),
        Event::Life(life) => format!("{life:?}"),
        other => format!("{other:?}"),
    }
}
