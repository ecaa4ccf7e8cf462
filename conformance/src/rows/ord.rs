//! Orders, from their placing to their end.

use futures_util::FutureExt;
use tradewire_core::{OrderState, Side};

use crate::Row;
use crate::bench::world::SOON;
use crate::bench::{Bench, DeskSetup};
use crate::row::{Verdict, equal, expect};

/// Orders, from their placing to their end.
pub(super) const ROWS: &[Row] = &[
    Row::needs("ORD-01", "an order is on disk and its id with the caller before its first byte", "orders"),
    Row::needs("ORD-02", "a failed local check names the field and leaves no trace", "orders"),
    Row::traded("ORD-03", "acceptance opens the order; fills in the reply count once", |b| ord_03(b).boxed_local()),
    Row::needs("ORD-04", "a reply that only means received opens nothing", "orders"),
    Row::needs("ORD-05", "reports before the reply open the order first", "orders"),
    Row::needs("ORD-06", "a definite refusal ends the order as Rejected", "orders"),
    Row::needs("ORD-07", "post-only that would take, refused in the reply", "orders"),
    Row::needs("ORD-08", "post-only that would take, ended by a report", "orders"),
    Row::needs("ORD-09", "an order proved unsent ends at once", "orders"),
    Row::needs("ORD-10", "an order without an answer stays, marked unknown", "orders"),
    Row::needs("ORD-11", "an order is never sent again by itself", "orders"),
    Row::needs("ORD-12", "an unknown order is asked for until there is evidence", "orders"),
    Row::needs("ORD-13", "an order never seen ends only on proof that it is not there", "orders"),
    Row::needs("ORD-14", "'no such order' while the exchange lags ends nothing", "orders"),
    Row::needs("ORD-15", "an order no longer listed ends by its trades", "orders"),
    Row::needs("ORD-16", "reports in any order and number end in the same state", "orders"),
    Row::needs("ORD-17", "fills that sum up to the quantity end the order", "orders"),
    Row::needs("ORD-18", "an end has one meaning on all exchanges", "orders"),
    Row::needs("ORD-19", "self-trade prevention is no fill", "orders"),
    Row::needs("ORD-20", "an order changed at the exchange is updated", "orders"),
    Row::needs("ORD-21", "a market order by quote amount ends by the terminal report", "orders"),
    Row::needs("ORD-22", "an order shows its sums, average, fees and times", "orders"),
];

async fn ord_03(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let order = desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    expect(order.exchange_order_id.is_some(), "the exchange's id", "none")?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open"], SOON).await?;
    desk.fill(&order, None)?;
    desk.order_is(&order.client_order_id, OrderState::Filled).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;

    let taken = desk.place(desk.taking(Side::Sell, "0.02")?).await?;
    equal("its state", OrderState::Filled, taken.state)?;
    desk.end(bench).await
}
