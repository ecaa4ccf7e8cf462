use std::sync::Arc;

use futures_util::FutureExt;
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind, Order, OrderRequest};

use super::connector::{not_found, tracked};
use super::in_flight::{Settling, reply_of};
use super::keeper::Keeper;
use super::place;
use crate::{CancelStart, NewOrder, Replaced, Target};

/// Cancels an own order and places another, by one command. Nothing is asked of the old order before the new one is on record.
pub(super) async fn replace(keeper: &Arc<Keeper>, id: &ClientOrderId, by: OrderRequest) -> Result<Order, CommandError> {
    let old = tracked(keeper, id)?;
    if old.pair.as_ref() != Some(&by.pair) {
        let error = Error::new(ErrorKind::InvalidRequest, "an order is replaced by one on its own pair");
        return Err(CommandError::NotSent(error.with("pair", &by.pair).with("client_order_id", id)));
    }
    let target = Arc::new(keeper.target_of(&old).ok_or_else(|| not_found(id))?);
    let new = Arc::new(place::admit(keeper, by)?);
    let recorded = place::begin(keeper, &new).await?.recorded().await?;
    let new = recorded.leaves_if(|state, step, now| {
        let (start, effects) = state.orders.cancel(id, now);
        keeper.absorb(state, step, effects, now);
        if start == CancelStart::Send {
            return Ok(());
        }
        let text = "the order is being cancelled, or has ended";
        Err(Error::new(ErrorKind::StateConflict, text).with("client_order_id", id))
    })?;
    let new_id = new.client_order_id.clone();
    let settling = settle(Arc::clone(keeper), id.clone(), target, new).boxed();
    Settling::new(Arc::clone(keeper), new_id, settling, place::dropped).await
}

async fn settle(
    keeper: Arc<Keeper>,
    old: ClientOrderId,
    target: Arc<Target>,
    new: Arc<NewOrder>,
) -> Result<Order, CommandError> {
    let id = new.client_order_id.clone();
    let both = keeper.source.replace(target, new).map(Ok).boxed();
    let (late_keeper, late_ids) = (Arc::clone(&keeper), (old.clone(), id.clone()));
    let late = move |replaced: Result<Replaced, CommandError>| {
        if let Ok(replaced) = replaced {
            drop(apply(&late_keeper, &late_ids.0, &late_ids.1, replaced));
        }
    };
    match reply_of(&keeper, &id, both, late).await {
        Ok(replaced) => apply(&keeper, &old, &id, replaced),
        Err(unknown) => {
            let replaced = Replaced { cancelled: Err(unknown.clone()), placed: Err(unknown) };
            apply(&keeper, &old, &id, replaced)
        }
    }
}

fn apply(keeper: &Keeper, old: &ClientOrderId, new: &ClientOrderId, replaced: Replaced) -> Result<Order, CommandError> {
    keeper.note(|state, step, now| {
        let effects = state.orders.cancelled(old, replaced.cancelled, now);
        keeper.absorb(state, step, effects, now);
    });
    let placed = place::of_order(keeper, new, replaced.placed);
    let refused = placed.as_ref().err().cloned();
    match (refused, place::placed(keeper, new, placed)) {
        (Some(error), _) => Err(error),
        (None, Some(order)) => Ok(order),
        (None, None) => Err(not_found(new)),
    }
}
