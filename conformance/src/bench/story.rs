use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tradewire_core::{AccountChange, AccountEvent, ClientOrderId, OrderChange, OrderEvent};
use tradewire_tracking::AccountEvents;

use super::comes_true;
use crate::row::{Failed, expect};

/// Reads what happens to the account, from the first event that the journal holds.
#[derive(Debug)]
pub(crate) struct Story {
    seen: Arc<Mutex<Vec<Arc<AccountEvent>>>>,
    reading: JoinHandle<()>,
}

impl Story {
    pub(crate) fn of(mut events: AccountEvents) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keeper = Arc::clone(&seen);
        let reading = tokio::spawn(async move {
            while let Ok(Some(event)) = events.next().await {
                keeper.lock().push(event);
            }
        });
        Self { seen, reading }
    }

    /// All events so far.
    pub(crate) fn all(&self) -> Vec<Arc<AccountEvent>> {
        self.seen.lock().clone()
    }

    /// What happened, a word each, in order: `Pending`, `Fill`, `Balance(BTC)`, `Gap` and so on.
    pub(crate) fn words(&self) -> Vec<String> {
        self.all().iter().map(|event| word(&event.change)).collect()
    }

    /// How much has happened so far.
    pub(crate) fn length(&self) -> usize {
        self.seen.lock().len()
    }

    /// What happened after the first so many events, a word each.
    pub(crate) fn words_after(&self, length: usize) -> Vec<String> {
        self.all().iter().skip(length).map(|event| word(&event.change)).collect()
    }

    /// Waits until this word is among those after the first so many events; returns its time.
    pub(crate) async fn hears_after(&self, length: usize, wanted: &str, within: Duration) -> Result<Instant, Failed> {
        let heard = || self.words_after(length).iter().any(|word| word == wanted);
        let came = comes_true(within, heard).await;
        expect(came, format_args!("{wanted} within {} s", within.as_secs_f32()), self.words_after(length).join(" → "))?;
        Ok(Instant::now())
    }

    /// What happened to one order, a word each.
    pub(crate) fn of_order(&self, id: &ClientOrderId) -> Vec<String> {
        let of_it = |event: &Arc<AccountEvent>| match &event.change {
            AccountChange::Order(order) if order.client_order_id == *id => Some(word(&event.change)),
            _ => None,
        };
        self.all().iter().filter_map(of_it).collect()
    }

    /// The events of one order.
    pub(crate) fn order_events(&self, id: &ClientOrderId) -> Vec<OrderEvent> {
        let of_it = |event: &Arc<AccountEvent>| match &event.change {
            AccountChange::Order(order) if order.client_order_id == *id => Some(order.clone()),
            _ => None,
        };
        self.all().iter().filter_map(of_it).collect()
    }

    /// Waits until exactly this has happened to an order.
    pub(crate) async fn becomes(&self, id: &ClientOrderId, words: &[&str], within: Duration) -> Result<(), Failed> {
        let came = comes_true(within, || self.of_order(id) == words).await;
        expect(came, format_args!("{}", words.join(" → ")), format_args!("{}", self.of_order(id).join(" → ")))
    }

    /// As [`Self::becomes`], where fills that follow each other count as one.
    pub(crate) async fn runs(&self, id: &ClientOrderId, words: &[&str], within: Duration) -> Result<(), Failed> {
        let told = || {
            let mut told = self.of_order(id);
            told.dedup_by(|next, last| next == last && next == "Fill");
            told
        };
        let came = comes_true(within, || told() == words).await;
        expect(came, format_args!("{}", words.join(" → ")), format_args!("{}", told().join(" → ")))
    }

    /// Waits until something has happened.
    pub(crate) async fn sees(
        &self,
        what: &str,
        within: Duration,
        is_it: impl Fn(&AccountChange) -> bool,
    ) -> Result<(), Failed> {
        let came = comes_true(within, || self.all().iter().any(|event| is_it(&event.change))).await;
        let newest = || self.words().into_iter().rev().take(8).collect::<Vec<_>>().join(" ← ");
        expect(came, format_args!("{what} within {} s", within.as_secs_f32()), newest())
    }

    /// Waits until something has happened after the first so many events.
    pub(crate) async fn sees_after(
        &self,
        seen: usize,
        what: &str,
        within: Duration,
        is_it: impl Fn(&AccountChange) -> bool,
    ) -> Result<(), Failed> {
        let came = comes_true(within, || self.all().iter().skip(seen).any(|event| is_it(&event.change))).await;
        let words = || self.words().into_iter().skip(seen).collect::<Vec<_>>().join(" → ");
        expect(came, format_args!("{what} within {} s", within.as_secs_f32()), words())
    }

    /// Reads what is left after the connector has stopped.
    pub(crate) async fn end(self, within: Duration) -> Result<Vec<Arc<AccountEvent>>, Failed> {
        let Self { seen, reading } = self;
        let ended = timeout(within, reading).await;
        expect(ended.is_ok(), "an end of the account's events", "none")?;
        let events = seen.lock().clone();
        Ok(events)
    }
}

/// A word for an event.
pub(crate) fn word(change: &AccountChange) -> String {
    match change {
        AccountChange::Order(order) => word_of_order(&order.change),
        AccountChange::Balance { balance, .. } => format!("Balance({})", balance.asset),
        AccountChange::Gap { .. } => "Gap".to_owned(),
        AccountChange::Reconciled { .. } => "Reconciled".to_owned(),
        AccountChange::Inconsistent { .. } => "Inconsistent".to_owned(),
        AccountChange::Position(_) => "Position".to_owned(),
        AccountChange::Leverage { .. } => "Leverage".to_owned(),
        AccountChange::PositionMode { .. } => "PositionMode".to_owned(),
        AccountChange::MarginMode { .. } => "MarginMode".to_owned(),
        AccountChange::FundingPayment(_) => "FundingPayment".to_owned(),
        AccountChange::MarginCall { .. } => "MarginCall".to_owned(),
        _ => "Other".to_owned(),
    }
}

/// A word for an event of an order.
pub(crate) fn word_of_order(change: &OrderChange) -> String {
    match change {
        OrderChange::Fill(fill) if fill.late => "Fill(late)".to_owned(),
        OrderChange::Fill(_) => "Fill".to_owned(),
        OrderChange::FeeCorrected(_) => "FeeCorrected".to_owned(),
        OrderChange::Amended { .. } => "Amended".to_owned(),
        OrderChange::External(_) => "External".to_owned(),
        other => format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
    }
}

/// Checks the events of every own order against the grammar of orders.
pub(crate) fn check_grammar(events: &[Arc<AccountEvent>]) -> Result<(), Failed> {
    let mut orders: std::collections::BTreeMap<ClientOrderId, Vec<&OrderChange>> = std::collections::BTreeMap::new();
    for event in events {
        if let AccountChange::Order(order) = &event.change
            && order.own
        {
            orders.entry(order.client_order_id.clone()).or_default().push(&order.change);
        }
    }
    for (id, changes) in orders {
        let words: Vec<_> = changes.iter().map(|change| word_of_order(change)).collect();
        check_order(&changes).map_err(|failed| failed.at(format_args!("{id}: {}", words.join(" → "))))?;
    }
    Ok(())
}

#[derive(Default)]
struct Grammar {
    opened: bool,
    filled: bool,
    ended: bool,
    unknown: bool,
    cancel_requested: bool,
}

fn check_order(changes: &[&OrderChange]) -> Result<(), Failed> {
    let mut grammar = Grammar::default();
    let starts = matches!(changes.first(), Some(OrderChange::Pending | OrderChange::Adopted));
    expect(starts, "Pending or Adopted first", "something else")?;
    changes.iter().try_for_each(|change| grammar.take(change).map_err(|failed| failed.at(word_of_order(change))))
}

impl Grammar {
    fn take(&mut self, change: &OrderChange) -> Result<(), Failed> {
        let after_end =
            matches!(change, OrderChange::FeeCorrected(_)) || matches!(change, OrderChange::Fill(fill) if fill.late);
        expect(!self.ended || after_end, "nothing but late fills after the end", "this")?;
        match change {
            OrderChange::Open => {
                expect(!self.opened, "Open once", "twice")?;
                self.opened = true;
            }
            OrderChange::Fill(_) => {
                expect(self.opened, "Open before a fill", "a fill")?;
                self.filled = true;
            }
            OrderChange::OutcomeUnknown => self.unknown = true,
            OrderChange::OutcomeKnown => {
                expect(self.unknown, "OutcomeUnknown before", "none")?;
                self.unknown = false;
            }
            OrderChange::CancelRequested => self.cancel_requested = true,
            OrderChange::CancelRefused => expect(self.cancel_requested, "CancelRequested before", "none")?,
            OrderChange::Adopted => self.opened = true,
            end if end.is_end() => self.end(end)?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, end: &OrderChange) -> Result<(), Failed> {
        expect(!self.unknown, "OutcomeKnown before the end", "OutcomeUnknown stands")?;
        let rejected = matches!(end, OrderChange::Rejected(_));
        expect(self.opened != rejected, "Rejected without Open, other ends after Open", "otherwise")?;
        expect(!(rejected && self.filled), "no fill of a rejected order", "a fill")?;
        self.ended = true;
        Ok(())
    }
}
