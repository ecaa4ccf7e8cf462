//! The switch at the exchange that cancels all orders when it is not renewed.

use std::sync::Arc;
use std::time::Duration;

use tradewire_core::{EndReason, ErrorKind, Order, OrderState, Side, TradingCapabilities};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{Fault, FaultKind, OrderCommand, OrderStatus, RequestRecord};
use tradewire_tracking::{Connector, MarketConfig, OrderEntry, TradingConfig};

use super::cap_orders::{Checked, theirs};
use super::cap_trading::account;
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// The time to which the switch is set.
const AFTER: Duration = Duration::from_secs(30);

/// Requests that set a switch: signed, about an instrument, and no order command.
fn renewals(desk: &Desk) -> Vec<RequestRecord> {
    let requests = desk.simulator.requests().records.into_iter();
    let sets = |sent: &RequestRecord| sent.method == "POST" && sent.note.signed && sent.note.symbol.is_some();
    requests.filter(|sent| sets(sent) && sent.note.command.is_none()).collect()
}

/// What is declared cancels orders of a connector that has gone; what is not is refused at the start.
pub(super) async fn offered(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let source = account(bench, &desk.simulator, OrderEntry::Rest)?;
    let journal = Arc::new(SqliteJournal::in_memory(source.account())?);
    let config = TradingConfig { dead_man_switch: Some(AFTER), ..TradingConfig::new(journal) };
    let started = Connector::start(source, MarketConfig::default(), config, desk.pairs.clone());
    match (started, declared.dead_man_switch) {
        (Ok(connector), true) => {
            connector.ready().await?;
            let placed = connector.place(desk.resting(Side::Buy, "0.01")?).await;
            let order = placed.map_err(|error| Failed::new("an accepted order", error))?;
            drop(connector);
            desk.pass(AFTER * 2).await;
            let status = theirs(desk, order.client_order_id.as_str())?.status;
            equal("an order whose connector has gone", OrderStatus::Canceled, status)
        }
        (Err(error), false) => equal("kind of the refusal", ErrorKind::Unsupported, error.kind()),
        (started, declared) => {
            Err(Failed::new(format_args!("a switch as declared: {declared}"), format_args!("{started:?}")))
        }
    }
}

pub(super) async fn ord_35(bench: &Bench) -> Verdict {
    if !bench.capabilities().trading.as_ref().is_some_and(|trading| trading.dead_man_switch) {
        return refused(bench).await;
    }
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?.tweak(|config| config.dead_man_switch = Some(AFTER));
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    let placed = desk.commands(OrderCommand::Place).first().map(|sent| sent.number);
    let armed = renewals(&desk).first().map(|sent| sent.number);
    expect(armed.is_some() && armed < placed, "a switch armed before the first order", format_args!("{armed:?}"))?;
    desk.pass(AFTER * 4).await;
    equal("the order while all is well", OrderState::Open, desk.order(&order.client_order_id).await?.state)?;
    let renewed = renewals(&desk).len();
    expect(
        (11..=16).contains(&renewed),
        "a renewal at each third of the time",
        format_args!("{renewed} in {AFTER:?} x 4"),
    )?;
    not_renewed(bench, &desk, &order).await?;
    let killed = desk.open_order(Side::Buy, "0.01").await?;
    let desk = desk.restart_while(bench, async |_| {
        tokio::time::sleep(AFTER * 2).await;
        Ok(())
    });
    let desk = desk.await?;
    desk.ready().await?;
    ended_by_the_switch(&desk, &killed).await?;
    desk.end(bench).await
}

/// Without its private stream the connector cannot trade, and lets the switch lapse.
async fn not_renewed(bench: &Bench, desk: &Desk, order: &Order) -> Result<(), Failed> {
    desk.inject(Fault::new(FaultKind::RefuseConnect).lasting(AFTER * 2))?;
    desk.inject(Fault::new(FaultKind::Drop).path(bench.account_wire()?.paths().private))?;
    desk.pass(AFTER + AFTER / 2).await;
    equal("the order", OrderStatus::Canceled, theirs(desk, order.client_order_id.as_str())?.status)?;
    desk.pass(AFTER).await;
    desk.ready().await?;
    ended_by_the_switch(desk, order).await
}

async fn ended_by_the_switch(desk: &Desk, order: &Order) -> Result<(), Failed> {
    let ended = desk.order_is(&order.client_order_id, OrderState::Cancelled).await?;
    equal("why it ended", Some(EndReason::DeadMan), ended.reason)
}

async fn refused(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    let declared = bench.capabilities().trading.clone();
    let declared = declared.ok_or_else(|| Failed::new("a declaration of trading", "none"))?;
    offered(bench, &desk, &declared).await?;
    desk.end(bench).await?;
    Ok(Shown::Refused)
}
