//! Orders on exchanges whose reply means no more than that they were received.

use std::time::Duration;

use tokio::time::Instant;
use tradewire_core::{EndReason, OrderState, ReplyMeans, Side};

use super::mkt::SECOND;
use super::ord::quiet;
use super::ord_cancel::{RESTS, goes_on};
use super::ord_unknown::silent;
use super::private::questions;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// When an order is asked for that no report has confirmed.
const CONFIRM: Duration = Duration::from_secs(5);

pub(super) async fn ord_04(bench: &Bench) -> Verdict {
    if bench.trading()?.place_reply == ReplyMeans::Done {
        return Ok(Shown::NotRun("an exchange whose reply to a new order means no more than received".to_owned()));
    }
    let desk = quiet(bench).await?;
    for (late, asked) in [(3, false), (8, true)] {
        confirmed(bench, &desk, late * SECOND, asked)
            .await
            .map_err(|failed| failed.at(format_args!("after {late} s")))?;
    }
    desk.end(bench).await
}

/// An order whose report is late is open once that comes, or once it was asked for; in any case once.
async fn confirmed(bench: &Bench, desk: &Desk, late: Duration, asked: bool) -> Result<(), Failed> {
    silent(bench, desk, late)?;
    let began = Instant::now();
    let order = desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    let id = &order.client_order_id;
    expect(order.exchange_order_id.is_some(), "the exchange's id", "none")?;
    equal("its state by the reply", OrderState::PendingSubmit, order.state)?;
    desk.story.becomes(id, &["Pending"], Duration::ZERO).await?;
    desk.story.becomes(id, RESTS, SOON).await?;
    let (took, end) = (began.elapsed(), late.min(CONFIRM));
    expect((end..end + SECOND).contains(&took), format_args!("open after {end:?}"), format_args!("{took:?}"))?;
    equal("whether it was asked for", asked, !questions(bench, desk, 0)?.is_empty())?;
    desk.pass(2 * CONFIRM).await;
    goes_on(desk, id, &[], Duration::ZERO).await
}

pub(super) async fn ord_08(bench: &Bench) -> Verdict {
    if bench.account_wire()?.refuses_post_only_that_takes() {
        return Ok(Shown::NotRun("an exchange that takes such an order and ends it by a report".to_owned()));
    }
    let desk = quiet(bench).await?;
    for side in [Side::Buy, Side::Sell] {
        let order = desk.place(desk.taking(side, "0.01")?.post_only()).await?;
        let id = &order.client_order_id;
        desk.story.becomes(id, &["Pending", "Rejected"], SOON).await?;
        let order = desk.order(id).await?;
        let end = (OrderState::Rejected, Some(EndReason::PostOnlyWouldTake));
        equal("its end", end, (order.state, order.reason))?;
        expect(order.word.as_ref().is_some_and(|word| !word.is_empty()), "the exchange's own word", "none")?;
    }
    let resting = desk.place(desk.resting(Side::Buy, "0.01")?.post_only()).await?;
    desk.story.becomes(&resting.client_order_id, RESTS, SOON).await?;
    desk.end(bench).await
}
