use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind, Order, OrderRequest};

use super::keeper::Keeper;
use super::place::{Recorded, Reply, Unsent, admit, begin, settling};
use crate::NewOrder;

/// Places several orders, in as few commands as the exchange takes them in. Each is checked, tracked and recorded by itself,
/// those before it counted, and has an outcome of its own.
pub(super) async fn place_all(keeper: &Arc<Keeper>, requests: Vec<OrderRequest>) -> Vec<Result<Order, CommandError>> {
    let mut tracked = Vec::with_capacity(requests.len());
    for request in requests {
        tracked.push(track(keeper, request).await);
    }
    let mut recorded = Vec::with_capacity(tracked.len());
    for unsent in tracked {
        // The first has all of them written.
        recorded.push(match unsent {
            Ok(unsent) => unsent.recorded().await,
            Err(error) => Err(error),
        });
    }
    join_all(send(keeper, recorded)).await
}

async fn track(keeper: &Arc<Keeper>, request: OrderRequest) -> Result<Unsent, CommandError> {
    let order = Arc::new(admit(keeper, request)?);
    begin(keeper, &order).await
}

/// Sends what is recorded. Nothing is waited for before all of it is on its way, with or without the caller.
fn send(
    keeper: &Arc<Keeper>,
    orders: Vec<Result<Recorded, CommandError>>,
) -> Vec<BoxFuture<'static, Result<Order, CommandError>>> {
    let orders: Vec<_> = orders.into_iter().map(|order| order.and_then(Recorded::leaves)).collect();
    let mut replies = together(keeper, &orders);
    let sent = orders.into_iter().map(|order| match order {
        Ok(order) => {
            let reply = replies.remove(&order.client_order_id);
            let reply = reply.unwrap_or_else(|| keeper.source.place(Arc::clone(&order)));
            settling(keeper, &order, reply).boxed()
        }
        Err(error) => ready(Err(error)).boxed(),
    });
    sent.collect()
}

/// The replies to the orders that go in commands for several. Conditional orders go by themselves: exchanges have other
/// services for them.
fn together(keeper: &Keeper, orders: &[Result<Arc<NewOrder>, CommandError>]) -> HashMap<ClientOrderId, Reply> {
    let trading = keeper.source.market().capabilities().trading.as_ref();
    if !trading.is_some_and(|trading| trading.batch) {
        return HashMap::new();
    }
    let most = keeper.source.batch_max().max(1);
    let plain = orders.iter().flatten().filter(|order| !order.request.order_type.is_conditional());
    let plain: Vec<_> = plain.cloned().collect();
    plain.chunks(most).filter(|part| part.len() > 1).flat_map(|part| replies(keeper, part)).collect()
}

/// One reply an order out of the reply to all of them.
fn replies(keeper: &Keeper, orders: &[Arc<NewOrder>]) -> Vec<(ClientOrderId, Reply)> {
    let all = keeper.source.place_batch(orders.to_vec()).map(Arc::new).boxed().shared();
    let reply = |(place, order): (usize, &Arc<NewOrder>)| {
        let (all, id) = (all.clone(), order.client_order_id.clone());
        let of_this = async move {
            let unsaid = || Error::new(ErrorKind::Decode, "the reply says nothing of this order");
            let cause = |id| CommandError::Unknown { client_order_id: id, cause: unsaid() };
            all.await.get(place).cloned().unwrap_or_else(|| Err(cause(id)))
        };
        (order.client_order_id.clone(), of_this.boxed() as Reply)
    };
    orders.iter().enumerate().map(reply).collect()
}
