//! Restarts after a process was killed.

use tradewire_core::{ClientOrderId, Decimal, EndReason, ErrorKind, OrderChange, OrderState, Side};
use tradewire_simulator::{Fault, FaultKind, OrderCommand};

use super::mkt::{MINUTE, SECOND};
use super::private::{place_elsewhere, rests, silence};
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup, LastWrite, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

pub(super) async fn recon_11(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    desk.disk.dies_at(1, LastWrite::Kept);
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    let id = id.ok_or_else(|| Failed::new("an id", "none"))?;
    equal("why nothing was sent", ErrorKind::Journal, error.error().kind())?;
    let desk = desk.restart(bench).await?;
    desk.ready().await?;
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Rejected"], MINUTE).await?;
    let ended = OrderChange::Rejected(EndReason::NotAccepted);
    let told = desk.story.order_events(&id).pop().map(|event| event.change);
    equal("the end", Some(ended), told)?;
    equal("orders sent", 0, desk.commands(OrderCommand::Place).len())?;
    desk.end(bench).await
}

pub(super) async fn recon_12(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let before_reply = killed_before_the_reply(bench, &desk).await?;
    let desk = found_open(bench, desk, &before_reply).await?;
    desk.disk.dies_at(2, LastWrite::Lost);
    let order = desk.place(desk.resting(Side::Buy, "0.02")?).await?;
    let desk = found_open(bench, desk, &order.client_order_id).await?;
    desk.end(bench).await
}

/// Sends an order and dies once the exchange has it, and has not answered.
async fn killed_before_the_reply(bench: &Bench, desk: &Desk) -> Result<ClientOrderId, Failed> {
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 3_000 })?)?;
    let muted = desk.inject(silence())?;
    let placing = desk.connector.place(desk.resting(Side::Buy, "0.01")?);
    let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id", "none"))?;
    let arrived = comes_true(SOON, || desk.commands(OrderCommand::Place).len() == 1);
    tokio::select! {
        placed = placing => Err(Failed::new("no answer yet", format_args!("{placed:?}"))),
        arrived = arrived => {
            expect(arrived, "an order at the exchange", "none")?;
            desk.disk.dies_now();
            desk.simulator.clear_fault(muted);
            Ok(id)
        }
    }
}

async fn found_open(bench: &Bench, desk: Desk, id: &ClientOrderId) -> Result<Desk, Failed> {
    let desk = desk.restart(bench).await?;
    desk.ready().await?;
    desk.story.becomes(id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], MINUTE).await?;
    equal("times that it was sent", 1, desk.simulator.requests().places(id.as_str()))?;
    desk.order_is(id, OrderState::Open).await?;
    Ok(desk)
}

pub(super) async fn recon_13(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::busy(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let (filled, ended) = (rests(&desk, "0.01").await?, rests(&desk, "0.02").await?);
    let (amended, kept) = (rests(&desk, "0.03").await?, rests(&desk, "0.04").await?);
    desk.fill(&kept, Some("0.001"))?;
    let theirs = place_elsewhere(&desk, "BTC-USDT", decimal("0.05")?)?;
    let known = || desk.connector.account_orders().len() == 5;
    expect(comes_true(SOON, known).await, "five live orders", desk.connector.account_orders().len())?;
    desk.disk.dies_now();
    let of = |order: &tradewire_core::Order| order.client_order_id.as_str().to_owned();
    let acts = [
        Fault::new(FaultKind::FillWhileDown { count: Some(3), quantity: Some(decimal("0.001")?) }).order(&of(&filled)),
        Fault::new(FaultKind::FillWhileDown { count: None, quantity: None }).order(&of(&filled)),
        Fault::new(FaultKind::ExchangeCancelAll).order(&of(&ended)),
        Fault::new(FaultKind::ExternalAmend { quantity: Some(decimal("0.02")?) }).order(&of(&amended)),
        Fault::new(FaultKind::PartialFill { quantity: Some(decimal("0.03")?) }).order(theirs.as_str()),
        Fault::new(FaultKind::Transfer { asset: "USDT".to_owned(), amount: Decimal::from(-77) }),
    ];
    let desk = desk
        .restart_after(bench, |simulator| {
            acts.into_iter().try_for_each(|act| simulator.inject(act).map(drop))?;
            Ok(())
        })
        .await?;
    desk.ready().await?;
    for (order, words) in [
        (&filled, vec!["Pending", "Open", "Fill", "Fill", "Fill", "Fill", "Completed"]),
        (&ended, vec!["Pending", "Open", "Cancelled"]),
        (&amended, vec!["Pending", "Open", "Amended"]),
        (&kept, vec!["Pending", "Open", "Fill"]),
    ] {
        desk.story.becomes(&order.client_order_id, &words, SECOND).await?;
    }
    desk.settled().await?;
    for command in [OrderCommand::Cancel, OrderCommand::CancelAll, OrderCommand::Replace, OrderCommand::Amend] {
        equal("commands by the restart", 0, desk.commands(command).len())?;
    }
    let cancelled = desk.connector.cancel(&kept.client_order_id).await;
    expect(cancelled.is_ok(), "a cancel after the restart", format_args!("{cancelled:?}"))?;
    desk.end(bench).await
}
