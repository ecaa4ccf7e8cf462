//! A day of an account.

use tokio::time::{Instant, timeout};
use tradewire_core::{OrderRequest, Side};
use tradewire_simulator::{Fault, FaultKind};

use super::mkt::{MINUTE, SECOND};
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::{Failed, Verdict, expect};

/// 24 h with orders, renewals and faults of all kinds: the connector goes on by itself, nothing grows, nothing is lost.
pub(super) async fn a_day(bench: &Bench) -> Verdict {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT", "BNB-USDT"])?;
    setup.market.snapshot_depth = 100;
    // Most of the time is let pass in jumps, in which nothing can confirm a book.
    setup.market.stale_after = std::time::Duration::from_secs(48 * 3600);
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut after_first_hour = None;
    for step in 0..24 * 4_usize {
        desk.inject(fault(bench, step)?)?;
        trade(&desk, step).await?;
        desk.pass(20 * SECOND).await;
        let start = Instant::now();
        while start.elapsed() < 14 * MINUTE {
            tokio::time::advance(MINUTE - SECOND).await;
            desk.pass(SECOND).await;
        }
        if step == 4 {
            after_first_hour = Some(tasks());
        }
    }
    desk.simulator.clear_faults();
    let ready = timeout(10 * MINUTE, desk.connector.ready()).await;
    expect(ready.is_ok_and(|ready| ready.is_ok()), "readiness", format_args!("{:?}", desk.connector.waiting()))?;
    desk.settled().await?;
    // Idle connections are kept, at either end by a task: at most as many as there were requests at once.
    let limit = after_first_hour.unwrap_or_default() + 40;
    expect(tasks() <= limit, format_args!("at most {limit} tasks after a day"), tasks())?;
    desk.end(bench).await
}

/// An order, and the end or a fill of an older one. Faults may stand in the way: what comes of that is checked at the end.
async fn trade(desk: &Desk, step: usize) -> Result<(), Failed> {
    let pair = desk.pair(step % desk.pairs.len()).clone();
    let side = if step.is_multiple_of(2) { Side::Buy } else { Side::Sell };
    let price = desk.price(&pair, if side == Side::Buy { 97 } else { 103 })?;
    let request = OrderRequest::limit(pair, side, "0.1".parse::<tradewire_core::Quantity>()?, price);
    let _faults_may_refuse_it = desk.connector.place(request).await;
    let live = desk.connector.orders();
    let Some(order) = live.get(step % live.len().max(1)).filter(|order| order.exchange_order_id.is_some()) else {
        return Ok(());
    };
    match step % 3 {
        0 => drop(desk.connector.cancel(&order.client_order_id).await),
        // It may have ended without our knowing yet.
        1 => drop(desk.fill(order, None)),
        _ => drop(desk.fill(order, Some("0.03"))),
    }
    Ok(())
}

/// One of the faults that a day brings.
fn fault(bench: &Bench, step: usize) -> Result<Fault, Failed> {
    let paths = bench.account_wire()?.paths();
    Ok(match (step * 5 + usize::try_from(bench.seed()).unwrap_or(0)) % 13 {
        0 => Fault::new(FaultKind::Drop),
        1 => Fault::new(FaultKind::Drop).path(paths.private),
        2 => Fault::new(FaultKind::Status { status: 500 }).path(paths.balances).times(5),
        3 => Fault::new(FaultKind::Hold { ms: 3_000 }).event(paths.order_event).times(3),
        4 => Fault::new(FaultKind::Duplicate).event(paths.order_event).times(3),
        5 => Fault::new(FaultKind::LoseReply).path(paths.order).times(2),
        6 => Fault::new(FaultKind::ShutdownNotice),
        7 => Fault::new(FaultKind::DayCut),
        8 => Fault::new(FaultKind::RefuseConnect).lasting(20 * SECOND),
        9 => Fault::new(FaultKind::EndSubscription),
        10 => Fault::new(FaultKind::Garble).times(2),
        11 => Fault::new(FaultKind::Transfer { asset: "USDT".to_owned(), amount: 10.into() }),
        _ => Fault::new(FaultKind::Maintenance).lasting(30 * SECOND),
    })
}
