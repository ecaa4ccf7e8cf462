use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind};

use super::keeper::Keeper;

/// How long a caller waits for the reply to an order command.
const ORDER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a reply is of use after the caller has given it up.
const REPLY_KEEP: Duration = Duration::from_secs(30);

/// Waits for the reply to a command. If none comes in [`ORDER_TIMEOUT`] the outcome is unknown; a later reply is given to
/// `late`.
pub(super) async fn reply_of<T: Send + 'static>(
    keeper: &Keeper,
    id: &ClientOrderId,
    mut reply: BoxFuture<'static, Result<T, CommandError>>,
    late: impl FnOnce(Result<T, CommandError>) + Send + 'static,
) -> Result<T, CommandError> {
    match timeout(ORDER_TIMEOUT, &mut reply).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let late = |reply: Result<_, _>| {
                if let Ok(outcome) = reply {
                    late(outcome);
                }
            };
            keeper.keep(timeout(REPLY_KEEP, reply).map(late).boxed());
            let text = format!("no reply within {} s", ORDER_TIMEOUT.as_secs());
            Err(CommandError::Unknown { client_order_id: id.clone(), cause: Error::new(ErrorKind::Timeout, text) })
        }
    }
}

/// A command that settles whether its caller waits or not: dropped early, it goes on without.
pub(super) struct Settling<T: 'static> {
    keeper: Arc<Keeper>,
    settling: Option<BoxFuture<'static, T>>,
    /// Done when the caller goes.
    left: fn(&Keeper, &ClientOrderId),
    id: ClientOrderId,
}

impl<T: 'static> Settling<T> {
    pub(super) fn new(
        keeper: Arc<Keeper>,
        id: ClientOrderId,
        settling: BoxFuture<'static, T>,
        left: fn(&Keeper, &ClientOrderId),
    ) -> Self {
        Self { keeper, settling: Some(settling), left, id }
    }
}

impl<T: 'static> Future for Settling<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(settling) = &mut self.settling else { return Poll::Pending };
        let settled = settling.poll_unpin(context);
        if settled.is_ready() {
            self.settling = None;
        }
        settled
    }
}

impl<T: 'static> Drop for Settling<T> {
    fn drop(&mut self) {
        if let Some(settling) = self.settling.take() {
            (self.left)(&self.keeper, &self.id);
            self.keeper.keep(Box::pin(async move { drop(settling.await) }));
        }
    }
}
