use std::sync::Arc;
use std::time::Duration;

use tradewire_core::Error;

use super::history::read_fills_of_window;
use super::keeper::Keeper;
use super::lists::{Lists, oldest};
use super::needs::{self, answer, ask, target};
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
    /// Takes a need for which the exchange has nothing but lists; gives others back.
    pub(super) fn take(&mut self, keeper: &Keeper, need: Need) -> Option<Need> {
        if !keeper.source.looks_in_lists() {
            return Some(need);
        }
        let now = keeper.now();
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
        let queried = look_for(&keeper, &queries, &proofs).await;
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

/// Asks for orders of one instrument and searches for others, and tells each what came of it.
async fn look_for(keeper: &Keeper, queries: &[Subject], proofs: &[Subject]) -> Result<(), Error> {
    let (queried, lists) = find(keeper, queries, proofs).await?;
    answer(keeper, queried);
    match lists {
        Some(lists) => lists.prove(keeper, proofs).await,
        None => Ok(()),
    }
}

/// What the exchange says of orders of one instrument. One alone is asked for; several are looked for in lists, and so is one if
/// the lists are read for a proof.
async fn find(
    keeper: &Keeper,
    queries: &[Subject],
    proofs: &[Subject],
) -> Result<(Vec<Queried>, Option<Lists>), Error> {
    if let ([alone], []) = (queries, proofs) {
        return Ok((vec![ask(keeper, alone).await?], None));
    }
    let lists = Lists::showing(keeper, queries.iter().chain(proofs)).await?;
    let shown = lists.iter().flat_map(|lists| queries.iter().map(|subject| lists.shown(subject))).collect();
    Ok((shown, lists))
}

async fn fills_of_several(keeper: &Keeper, subjects: &[Subject]) -> Result<(), Error> {
    let Some((first, since)) = subjects.first().zip(oldest(subjects.iter())) else { return Ok(()) };
    let (from, until) = (keeper.on_exchange_clock(since), keeper.exchange_now());
    let fills = read_fills_of_window(&*keeper.source, &target(keeper, first)?.instrument, from, until).await?;
    keeper.note(|state, step, now| {
        for subject in subjects {
            let effects = state.orders.trades(subject.number, fills.clone(), now);
            keeper.absorb(state, step, effects, now);
        }
    });
    Ok(())
}

/// Asks for orders one after the other; for several at once, where lists are what can be asked for.
pub(super) async fn ask_all(keeper: &Keeper, subjects: Vec<Subject>) -> Result<Vec<Queried>, Error> {
    let (mut lookup, mut queried) = (Lookup::default(), Vec::new());
    for subject in subjects.into_iter().filter(|subject| keeper.target(subject).is_some()) {
        if let Some(Need::Query(alone)) = lookup.take(keeper, Need::Query(subject)) {
            queried.push(ask(keeper, &alone).await?);
        }
    }
    while let Some(Lookup { queries, .. }) = lookup.next() {
        queried.extend(find(keeper, &queries, &[]).await?.0);
    }
    Ok(queried)
}
