use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind, ExecutionReport, Order, Source};

use super::in_flight::{Settling, reply_of};
use super::keeper::Keeper;
use crate::{CancelOutcome, CancelStart, Target};

/// How long the caller of a cancel waits: three sendings, and time to ask what became of the order.
const CANCEL_WAIT: Duration = Duration::from_secs(20);

/// What became of the cancel of one order among many.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CancelResult {
    /// It has ended as cancelled.
    Cancelled,
    /// It had ended in another way.
    AlreadyClosed,
    /// The exchange refused, and the order is still live.
    Refused(Error),
    /// Not known yet. The cancel is not given up: the order's events tell what becomes of it.
    Pending,
}

/// Cancels one order.
pub(super) async fn cancel(keeper: &Arc<Keeper>, id: &ClientOrderId) -> Result<Order, CommandError> {
    // It is sent without waiting for the record of it: it makes risk smaller, and names an order that is recorded.
    let (start, answer, order) = keeper.note_later(|state, step, now| {
        let (start, effects) = state.orders.cancel(id, now);
        keeper.absorb(state, step, effects, now);
        let waits = matches!(start, CancelStart::Send | CancelStart::Joined);
        let answer = waits.then(|| Keeper::wait_for_cancel(state, id));
        let order = state.orders.by_client_id(id).map(|record| record.order.clone());
        (start, answer, order)
    });
    let not_sent = |kind, text: &'static str| CommandError::NotSent(Error::new(kind, text).with("client_order_id", id));
    let (Some(answer), Some(order)) = (answer, order) else {
        return Err(match start {
            CancelStart::Closed(state) => already_closed(id, state),
            CancelStart::NotOwn => {
                not_sent(ErrorKind::StateConflict, "somebody else placed this order; adopt it first")
            }
            _ => not_sent(ErrorKind::NotFound, "no such order is tracked"),
        });
    };
    if start == CancelStart::Send {
        let target = keeper.target_of(&order).ok_or_else(|| not_sent(ErrorKind::UnknownInstrument, "not listed"))?;
        let sending = send(Arc::clone(keeper), id.clone(), target).boxed();
        Settling::new(Arc::clone(keeper), id.clone(), sending, |_, _| {}).await;
    }
    answer_of(keeper, id, answer).await
}

/// Sends a cancel and tells the order what became of it.
pub(super) async fn send(keeper: Arc<Keeper>, id: ClientOrderId, target: Target) {
    let late_keeper = Arc::clone(&keeper);
    let late = move |outcome: Result<ExecutionReport, CommandError>| {
        if let Ok(report) = outcome {
            late_keeper.note(|state, step, now| {
                let effects = state.orders.report(report, Source::Reply, now);
                late_keeper.absorb(state, step, effects, now);
            });
        }
    };
    let outcome = reply_of(&keeper, &id, keeper.source.cancel(Arc::new(target)), late).await;
    keeper.note_later(|state, step, now| {
        let effects = state.orders.cancelled(&id, outcome, now);
        keeper.absorb(state, step, effects, now);
    });
}

async fn answer_of(
    keeper: &Keeper,
    id: &ClientOrderId,
    answer: oneshot::Receiver<CancelOutcome>,
) -> Result<Order, CommandError> {
    let unknown = |cause| CommandError::Unknown { client_order_id: id.clone(), cause };
    let late = || unknown(Error::new(ErrorKind::Timeout, "nothing is known of the cancel yet"));
    let outcome = timeout(CANCEL_WAIT, answer).await.ok().and_then(Result::ok).ok_or_else(late)?;
    match outcome {
        CancelOutcome::Done => ended(keeper, id).await.ok_or_else(late),
        CancelOutcome::Received => known(keeper, id).ok_or_else(late),
        CancelOutcome::AlreadyClosed(state) => Err(already_closed(id, state)),
        CancelOutcome::Refused(error) => Err(CommandError::Rejected(error)),
        CancelOutcome::NotSent(error) => Err(CommandError::NotSent(error)),
        CancelOutcome::Unknown(cause) => Err(unknown(cause)),
    }
}

/// An order that the exchange has ended, once all of its fills are known; as it is if that takes too long.
async fn ended(keeper: &Keeper, id: &ClientOrderId) -> Option<Order> {
    let mut events = keeper.feed.read_on();
    let whole = async {
        while known(keeper, id).is_some_and(|order| order.state.is_live()) {
            // The journal cannot be read: what is known is known.
            if !matches!(events.next().await, Ok(Some(_))) {
                return;
            }
        }
    };
    // Whether it ended or not, what is known now is the answer.
    let _ = timeout(CANCEL_WAIT, whole).await;
    known(keeper, id)
}

fn known(keeper: &Keeper, id: &ClientOrderId) -> Option<Order> {
    keeper.look(|state| state.orders.by_client_id(id).map(|record| record.order.clone()))
}

/// Cancels orders, all at once.
pub(super) async fn cancel_each(
    keeper: &Arc<Keeper>,
    ids: Vec<ClientOrderId>,
    within: Duration,
) -> Vec<(ClientOrderId, CancelResult)> {
    let cancels = ids.into_iter().map(|id| async move {
        let result = match timeout(within, cancel(keeper, &id)).await {
            Ok(Ok(order)) if order.state.is_live() => CancelResult::Pending,
            Ok(Ok(_)) => CancelResult::Cancelled,
            Ok(Err(error)) if error.error().kind() == ErrorKind::AlreadyClosed => CancelResult::AlreadyClosed,
            Ok(Err(CommandError::Rejected(error) | CommandError::NotSent(error))) => CancelResult::Refused(error),
            Ok(Err(CommandError::Unknown { .. })) | Err(_) => CancelResult::Pending,
        };
        (id, result)
    });
    join_all(cancels).await
}

fn already_closed(id: &ClientOrderId, state: tradewire_core::OrderState) -> CommandError {
    let error = Error::new(ErrorKind::AlreadyClosed, "the order has ended already");
    CommandError::Rejected(error.with("client_order_id", id).with("state", format_args!("{state:?}")))
}
