//! What rows about the private stream and reconciliation share.

use std::time::Duration;

use tradewire_core::{ClientOrderId, Decimal, ExchangeOrderId, LifeEvent, Order, OrderState, Part, Side};
use tradewire_simulator::{
    CancelRequest, Fault, FaultKind, OrderRef, OrderRequest as Theirs, RequestRecord, Side as TheirSide,
};

use crate::AccountSocket;
use crate::bench::desk::MAIN;
use crate::bench::witness::Mark;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, expect};

/// Nothing is told on the private stream, and nobody knows.
pub(super) fn silence() -> Fault {
    Fault::new(FaultKind::Mute).stream("userData")
}

/// How a private stream is kept from coming back: its handshakes are answered with an error.
pub(super) fn kept_away(bench: &Bench) -> Result<Fault, Failed> {
    Ok(Fault::new(FaultKind::Status { status: 503 }).path(bench.account_wire()?.paths().private).always())
}

/// The newest connection of the private stream.
pub(super) fn private_connection(bench: &Bench, desk: &Desk) -> Result<u64, Failed> {
    let wire = bench.account_wire()?;
    let open = desk
        .simulator
        .connections()
        .into_iter()
        .filter(|connection| wire.socket(connection) == Some(AccountSocket::Private));
    let newest = open.map(|connection| connection.id).max();
    newest.ok_or_else(|| Failed::new("a private stream that is logged in", "none"))
}

/// Does something to the private stream's connection.
pub(super) fn strike_private(bench: &Bench, desk: &Desk, kind: FaultKind) -> Result<(), Failed> {
    let connection = private_connection(bench, desk)?;
    desk.inject(Fault::new(kind).connection(connection)).map(drop)
}

/// Drops the private stream and waits until that is told.
pub(super) async fn lose_private(bench: &Bench, desk: &Desk) -> Result<usize, Failed> {
    let mark = desk.story.length();
    strike_private(bench, desk, FaultKind::Drop)?;
    desk.story.hears_after(mark, "Gap", SOON).await?;
    Ok(mark)
}

/// Waits until the account is reconciled after a mark, and all is ready.
pub(super) async fn reconciled(desk: &Desk, mark: usize, within: Duration) -> Result<(), Failed> {
    desk.story.hears_after(mark, "Reconciled", within).await?;
    let ready = comes_true(within, || desk.connector.waiting().is_empty()).await;
    expect(ready, "readiness after the reconciliation", format_args!("{:?}", desk.connector.waiting()))
}

/// Requests to a path from one on, oldest first.
pub(super) fn requests_after(desk: &Desk, number: u64, path: &str) -> Vec<RequestRecord> {
    desk.requests(path).into_iter().filter(|record| record.number > number).collect()
}

/// Requests to a path from one on that begin to read the list there, oldest first.
pub(super) fn lists_after(bench: &Bench, desk: &Desk, number: u64, path: &str) -> Result<Vec<RequestRecord>, Failed> {
    let wire = bench.account_wire()?;
    let asked = requests_after(desk, number, path).into_iter();
    let begins = |record: &RequestRecord| wire.begins_list(record) && !wire.asks_beside_list(record);
    Ok(asked.filter(|record| !record.note.names_an_order() && begins(record)).collect())
}

/// Questions for single orders after a request, oldest first; lists may be at the same path.
pub(super) fn questions(bench: &Bench, desk: &Desk, number: u64) -> Result<Vec<RequestRecord>, Failed> {
    let wire = bench.account_wire()?;
    let asked = requests_after(desk, number, wire.paths().order).into_iter();
    let reads = asked.filter(|record| record.method == wire.read_method() && record.note.names_an_order());
    Ok(reads.collect())
}

/// The number of the newest request.
pub(super) fn newest_request(desk: &Desk) -> u64 {
    desk.simulator.requests().total
}

/// What names an order to the exchange.
pub(super) fn named(desk: &Desk, order: &Order) -> Result<OrderRef, Failed> {
    desk.number(order).map(OrderRef::Id)
}

/// Another client of the account places an order that rests. Returns the exchange's id of it.
pub(super) fn place_elsewhere(desk: &Desk, pair: &str, quantity: Decimal) -> Result<ExchangeOrderId, Failed> {
    let last = desk.simulator.last_price(pair).ok_or_else(|| Failed::new("a last price", "none"))?;
    let price = (last * Decimal::new(9, 1)).trunc_with_scale(if last > Decimal::ONE { 0 } else { 2 });
    let request = Theirs::limit(TheirSide::Buy, price, quantity);
    let placed = desk.simulator.place_as(MAIN, pair, &request);
    placed
        .map(|placed| desk.simulator.order_text(&placed.order).into())
        .map_err(|error| Failed::new("an order of another client", error))
}

/// Another client of the account cancels an order, by a request with this id.
pub(super) fn cancel_elsewhere(desk: &Desk, order: &Order, id: Option<&ClientOrderId>) -> Result<(), Failed> {
    let mut request = CancelRequest::new(named(desk, order)?);
    request.client_id = id.map(|id| id.as_str().to_owned());
    let cancelled = desk.simulator.cancel_as(MAIN, &order.symbol, &request);
    cancelled.map(drop).map_err(|error| Failed::new("a cancel by another client", error))
}

/// Another client of the account reduces an order.
pub(super) fn amend_elsewhere(desk: &Desk, order: &Order, quantity: Decimal) -> Result<(), Failed> {
    let amend = Fault::new(FaultKind::ExternalAmend { quantity: Some(quantity) });
    desk.inject(amend.order(order.client_order_id.as_str())).map(drop)
}

/// Waits until a part is said to be ready, or not to be.
pub(super) async fn part(desk: &Desk, mark: Mark, wanted: Part, ready: bool, within: Duration) -> Result<Mark, Failed> {
    let is_it = |event: &LifeEvent| match event {
        LifeEvent::PartReady { part } => ready && *part == wanted,
        LifeEvent::PartNotReady { part, .. } => !ready && *part == wanted,
        _ => false,
    };
    let word = if ready { "PartReady" } else { "PartNotReady" };
    Ok(desk.witness.life(mark, within, &format!("{word}({wanted})"), is_it).await?.0)
}

/// Places a resting buy order and waits until it is open and the stream has shown it.
pub(super) async fn rests(desk: &Desk, quantity: &str) -> Result<Order, Failed> {
    let order = desk.open_order(Side::Buy, quantity).await?;
    desk.order_is(&order.client_order_id, OrderState::Open).await
}
