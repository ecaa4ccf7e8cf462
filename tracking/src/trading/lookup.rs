use std::sync::Arc;
use std::time::Duration;

use tradewire_core::{Error, ExecutionReport, Timestamp};

use super::history::fills_of_window;
use super::keeper::Keeper;
use super::needs::{self, answer, ask, listed, oldest, prove, target};
use crate::{Need, Queried, Subject};

/// How long ago an order was recorded at most, for lists to be shorter than the questions for each of several.
const LATELY: Duration = Duration::from_secs(3_600);

/// Orders that wait to be looked for in lists, where the exchange has no other question for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookup {
    /// To be asked for.
    queries: Vec<Subject>,
    /// Whose fills are to be fetched.
    trades: Vec<Subject>,
    /// To be proved absent.
    proofs: Vec<Subject>,
}

impl Lookup {
    /// Takes a need that lists can answer; gives others back.
    pub(super) fn take(&mut self, need: Need, now: Timestamp) -> Option<Need> {
        let lately = |subject: &Subject| now.since(subject.recorded) < LATELY;
        match need {
            Need::Query(subject) if lately(&subject) => self.queries.push(subject),
            Need::Trades(subject) if lately(&subject) => self.trades.push(subject),
            Need::Proof(subject) => self.proofs.push(subject),
            other => return Some(other),
        }
        None
    }

    /// What is to be looked for next, all of it of one instrument.
    pub(super) fn next(&mut self) -> Option<Self> {
        let symbol = Arc::clone(&self.all().next()?.symbol);
        let of_it = |subjects: &mut Vec<Subject>| subjects.extract_if(.., |subject| subject.symbol == symbol).collect();
        Some(Self {
            queries: of_it(&mut self.queries),
            trades: of_it(&mut self.trades),
            proofs: of_it(&mut self.proofs),
        })
    }

    fn all(&self) -> impl Iterator<Item = &Subject> {
        self.queries.iter().chain(&self.trades).chain(&self.proofs)
    }

    /// Looks for all of them at once, and tells each what came of it.
    ///
    /// # Errors
    /// Those of the questions; they are asked again after a pause.
    pub(super) async fn meet(self, keeper: Arc<Keeper>) -> Result<(), Error> {
        let Self { queries, trades, proofs } = self;
        let queried = match (&queries[..], &proofs[..]) {
            ([alone], []) => needs::query(&keeper, alone).await,
            _ => in_lists(&keeper, &queries, &proofs).await,
        };
        let fetched = match &trades[..] {
            [alone] => needs::trades(&keeper, alone).await,
            several => fills_of_several(&keeper, several).await,
        };
        let open = |subjects: Vec<Subject>, met: &Result<(), Error>| if met.is_ok() { Vec::new() } else { subjects };
        let unmet = open(queries, &queried).into_iter().map(Need::Query);
        let unmet = unmet.chain(open(proofs, &queried).into_iter().map(Need::Proof));
        let unmet = unmet.chain(open(trades, &fetched).into_iter().map(Need::Trades));
        keeper.note(|state, _, now| unmet.for_each(|need| state.orders.unanswered(&need, now)));
        queried.and(fetched)
    }
}

async fn in_lists(keeper: &Keeper, queries: &[Subject], proofs: &[Subject]) -> Result<(), Error> {
    let all = || queries.iter().chain(proofs);
    let Some((first, since)) = all().next().zip(oldest(all())) else { return Ok(()) };
    let asked = keeper.now();
    let reports = listed(keeper, first, since).await?;
    answer(keeper, queries.iter().map(|subject| shown(subject, &reports, asked)).collect());
    prove(keeper, proofs, reports, asked).await
}

async fn fills_of_several(keeper: &Keeper, subjects: &[Subject]) -> Result<(), Error> {
    let Some((first, since)) = subjects.first().zip(oldest(subjects.iter())) else { return Ok(()) };
    let (from, until) = (keeper.on_exchange_clock(since), keeper.exchange_now());
    let fills = fills_of_window(&keeper.source, &target(keeper, first)?.instrument, from, until).await?;
    keeper.note(|state, step, now| {
        for subject in subjects {
            let effects = state.orders.trades(subject.number, fills.clone(), now);
            keeper.absorb(state, step, effects, now);
        }
    });
    Ok(())
}

/// What lists say of an order.
fn shown(subject: &Subject, reports: &[ExecutionReport], asked: Timestamp) -> Queried {
    let is_it = |report: &&ExecutionReport| match (&subject.exchange_order_id, &report.exchange_order_id) {
        (Some(known), Some(told)) => known == told,
        _ => report.client_order_id.as_ref() == Some(&subject.client_order_id),
    };
    Queried { number: subject.number, answer: reports.iter().rev().find(is_it).cloned(), asked }
}

/// Asks for orders one after the other; for several at once, where lists are what can be asked for.
pub(super) async fn ask_all(keeper: &Keeper, subjects: Vec<Subject>) -> Result<Vec<Queried>, Error> {
    let (in_lists, now) = (keeper.source.looks_in_lists(), keeper.now());
    let (mut lookup, mut queried) = (Lookup::default(), Vec::new());
    for subject in subjects.into_iter().filter(|subject| keeper.target(subject).is_some()) {
        let need = Need::Query(subject);
        let alone = if in_lists { lookup.take(need, now) } else { Some(need) };
        if let Some(Need::Query(subject)) = alone {
            queried.push(ask(keeper, &subject).await?);
        }
    }
    while let Some(Lookup { queries, .. }) = lookup.next() {
        match (&queries[..], oldest(queries.iter())) {
            ([alone], _) => queried.push(ask(keeper, alone).await?),
            ([first, ..], Some(since)) => {
                let asked = keeper.now();
                let reports = listed(keeper, first, since).await?;
                queried.extend(queries.iter().map(|subject| shown(subject, &reports, asked)));
            }
            _ => {}
        }
    }
    Ok(queried)
}
