use std::sync::Arc;

use tradewire_core::{ClientOrderId, Error};

use super::history::read_fills_of_order;
use super::keeper::Keeper;
use super::lists::Lists;
use crate::market::contained;
use crate::{Need, Queried, Stranger, Subject, Target};

/// Does what an order needs, and tells the order what came of it.
pub(super) async fn meet(keeper: Arc<Keeper>, need: Need) {
    let met = async {
        match &need {
            Need::Query(subject) => query(&keeper, subject).await,
            Need::Trades(subject) => trades(&keeper, subject).await,
            Need::Proof(subject) => search(&keeper, subject).await,
            Need::Cancel(subject) => cancel(&keeper, subject).await,
            Need::Recall(stranger) => recall(&keeper, stranger).await,
            Need::Identify(stranger) => identify(&keeper, stranger).await,
            _ => Ok(()),
        }
    };
    if let Err(error) = contained(met).await {
        keeper.market.problems.report("order query", &error);
        keeper.note(|state, _, now| state.orders.unanswered(&need, now));
    }
}

async fn query(keeper: &Keeper, subject: &Subject) -> Result<(), Error> {
    let queried = ask(keeper, subject).await?;
    answer(keeper, vec![queried]);
    Ok(())
}

pub(super) async fn ask(keeper: &Keeper, subject: &Subject) -> Result<Queried, Error> {
    let (target, asked) = (target(keeper, subject)?, keeper.now());
    Ok(Queried { number: subject.number, answer: keeper.source.order(&target).await?, asked })
}

pub(super) fn answer(keeper: &Keeper, queried: Vec<Queried>) {
    keeper.note(|state, step, now| {
        for Queried { number, answer, asked } in queried {
            let effects = state.orders.answered(number, answer, asked, now);
            keeper.absorb(state, step, effects, now);
        }
    });
}

pub(super) async fn trades(keeper: &Keeper, subject: &Subject) -> Result<(), Error> {
    let target = target(keeper, subject)?;
    let fills = match &subject.exchange_order_id {
        Some(id) => read_fills_of_order(&*keeper.source, &target.instrument, id).await?,
        None => Vec::new(),
    };
    keeper.note(|state, step, now| {
        let effects = state.orders.trades(subject.number, fills, now);
        keeper.absorb(state, step, effects, now);
    });
    Ok(())
}

async fn search(keeper: &Keeper, subject: &Subject) -> Result<(), Error> {
    match Lists::showing(keeper, std::iter::once(subject)).await? {
        Some(lists) => lists.prove(keeper, std::slice::from_ref(subject)).await,
        None => Ok(()),
    }
}

async fn cancel(keeper: &Arc<Keeper>, subject: &Subject) -> Result<(), Error> {
    let target = target(keeper, subject)?;
    super::cancel::send(Arc::clone(keeper), subject.client_order_id.clone(), target).await;
    Ok(())
}

/// Looks an order up in the journal.
pub(super) async fn recall(keeper: &Keeper, stranger: &Stranger) -> Result<(), Error> {
    let (journal, wanted) = (Arc::clone(&keeper.config.journal), stranger.clone());
    let look_up = move || {
        let by_exchange_id = match &wanted.exchange_order_id {
            Some(id) => journal.find_by_exchange_id(&wanted.symbol, id)?,
            None => None,
        };
        match (by_exchange_id, &wanted.client_order_id) {
            (None, Some(id)) => journal.find_by_client_id(id),
            (found, _) => Ok(found),
        }
    };
    let interrupted = |_| Error::new(tradewire_core::ErrorKind::Journal, "reading the journal was interrupted");
    let found = tokio::task::spawn_blocking(look_up).await.map_err(interrupted)??;
    let placed_as = if found.is_none() { first_id(keeper, stranger).await? } else { None };
    keeper.note(|state, step, now| {
        if let Some(own) = &placed_as {
            let effects = state.orders.unmasked(stranger.number, own, now);
            keeper.absorb(state, step, effects, now);
        }
        let effects = state.orders.recalled(stranger.number, found, now);
        keeper.absorb(state, step, effects, now);
    });
    Ok(())
}

/// The client order id under which a stranger was placed, if that was another. Only asked while an own order is looked for.
async fn first_id(keeper: &Keeper, stranger: &Stranger) -> Result<Option<ClientOrderId>, Error> {
    let Some(id) = &stranger.exchange_order_id else { return Ok(None) };
    let Some(target) = keeper.stranger(stranger) else { return Ok(None) };
    if !keeper.look(|state| state.orders.awaits_exchange_id(&stranger.symbol)) {
        return Ok(None);
    }
    keeper.source.placed_as(&target.instrument, id).await
}

/// Asks for an order that only a fill has shown.
async fn identify(keeper: &Keeper, stranger: &Stranger) -> Result<(), Error> {
    let target = keeper.stranger(stranger).ok_or_else(|| unlisted(&stranger.symbol))?;
    let answer = keeper.source.order(&target).await?;
    keeper.note(|state, step, now| {
        let effects = state.orders.identified(stranger.number, answer, now);
        keeper.absorb(state, step, effects, now);
    });
    Ok(())
}

pub(super) fn target(keeper: &Keeper, subject: &Subject) -> Result<Target, Error> {
    keeper.target(subject).ok_or_else(|| unlisted(&subject.symbol))
}

fn unlisted(symbol: &str) -> Error {
    Error::new(tradewire_core::ErrorKind::UnknownInstrument, "the exchange does not list the instrument of an order")
        .with("symbol", symbol)
}
