//! Orders in batches, of other hands, over sockets that break, and long after their end.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tradewire_core::{
    ClientOrderId, CommandError, ErrorKind, ExchangeOrderId, Order, OrderChange, OrderRequest, OrderState, Side,
};
use tradewire_simulator::{ExternalOrder, Fault, FaultKind, Novelty, OrderCommand, OrderRef, Side as Way};
use tradewire_tracking::{OrderEntry, Placing};

use super::mkt::{MINUTE, SECOND};
use super::ord::{order_socket, quiet};
use super::ord_cancel::{RESTS, cancelled, goes_on};
use crate::bench::desk::MAIN;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// Lanes of one run of ORD-36, which work at the same time.
const LANES: usize = 10;
/// Orders of each that reach the exchange: with 20 seeds they are a thousand by each wire.
const LANE_ORDERS: usize = 5;
/// Orders that a lane may try for them. A connection that breaks takes what all lanes have just written.
const LANE_TRIES: usize = 500;

pub(super) async fn ord_30(bench: &Bench) -> Verdict {
    let together = bench.capabilities().trading.as_ref().is_some_and(|trading| trading.batch);
    let desk = quiet(bench).await?;
    let ids: Vec<ClientOrderId> = (0..5).map(|place| ClientOrderId::from(format!("batch-{place}"))).collect();
    desk.inject(bench.told(|reports| reports.any, FaultKind::Hold { ms: 6_000 })?.order("batch-3"))?;
    if !together {
        let mut documented = bench.account_wire()?.order_errors().iter();
        let refusal = documented.find(|known| known.refuses && known.kind == ErrorKind::InvalidRequest);
        let refusal = refusal.ok_or_else(|| Failed::new("a documented error of an order", "none"))?;
        let refuse = bench.code(refusal.code, None, refusal.status);
        desk.inject(bench.struck(OrderCommand::Place, refuse)?.order(ids[1].as_str()))?;
        desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?.order(ids[3].as_str()))?;
    }
    let mut orders = Vec::new();
    for id in &ids {
        orders.push(desk.resting(Side::Buy, "0.01")?.client_order_id(id.clone()));
    }
    // Else it is received as the others are, and ended by a report.
    let refused = !together || bench.account_wire()?.refuses_post_only_that_takes();
    if together {
        orders[1] = desk.taking(Side::Buy, "0.01")?.post_only().client_order_id(ids[1].clone());
    }
    let results = desk.connector.place_all(orders).await;
    equal("results", ids.len(), results.len())?;
    for (place, result) in results.iter().enumerate() {
        let good = match (place, result) {
            (1, Err(CommandError::Rejected(_))) => true,
            (1, Ok(order)) if !refused => order.client_order_id == ids[1],
            (3, Err(CommandError::Unknown { client_order_id, .. })) if !together => *client_order_id == ids[3],
            (3, Ok(order)) if together => order.client_order_id == ids[3],
            (0 | 2 | 4, Ok(order)) => order.client_order_id == ids[place],
            _ => false,
        };
        expect(good, format_args!("the outcome of element {place}"), format_args!("{result:?}"))?;
    }
    desk.story.becomes(&ids[1], &["Pending", "Rejected"], SOON).await?;
    if together {
        return lost_batch(bench, desk).await;
    }
    desk.story.becomes(&ids[3], &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], SOON).await?;
    desk.end(bench).await
}

/// The reply to one command for several orders is lost: of none is known what became of it, until each was asked for.
async fn lost_batch(bench: &Bench, desk: Desk) -> Verdict {
    let ids: Vec<ClientOrderId> = (0..3).map(|place| ClientOrderId::from(format!("lost-{place}"))).collect();
    desk.inject(Fault::new(FaultKind::Hold { ms: 6_000 }).event(bench.account_wire()?.reports().any).always())?;
    let commands = desk.commands(OrderCommand::Place);
    let batch = commands.last().ok_or_else(|| Failed::new("a command for several orders", "none"))?;
    desk.inject(Fault::new(FaultKind::LoseReply).path(&batch.path))?;
    let orders: Result<Vec<_>, _> =
        ids.iter().map(|id| desk.resting(Side::Buy, "0.01").map(|order| order.client_order_id(id.clone()))).collect();
    for (id, result) in ids.iter().zip(desk.connector.place_all(orders?).await) {
        let unknown = matches!(&result, Err(CommandError::Unknown { client_order_id, .. }) if client_order_id == id);
        expect(unknown, format_args!("an unknown outcome of {id}"), format_args!("{result:?}"))?;
        desk.story.becomes(id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open"], SOON).await?;
    }
    equal("commands for three orders", 1, desk.commands(OrderCommand::Place).len() - commands.len())?;
    desk.end(bench).await
}

/// Another client of the account places an order that rests.
fn external(desk: &Desk, id: &str, quantity: &str) -> Result<(), Failed> {
    let price = desk.price(desk.pair(0), 96)?.value();
    let order =
        ExternalOrder { client_id: Some(id.to_owned()), ..ExternalOrder::limit(Way::Buy, price, decimal(quantity)?) };
    desk.inject(Fault::new(FaultKind::ExternalOrder(order)).pair(desk.pair(0).as_str())).map(drop)
}

pub(super) async fn ord_31(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    external(&desk, "theirs", "0.03")?;
    let id = ClientOrderId::from("theirs");
    desk.story.becomes(&id, &["External"], SOON).await?;
    let own = desk.open_order(Side::Buy, "0.01").await?;
    equal("own orders", 1, desk.connector.orders().len())?;
    let theirs = desk.connector.account_orders().into_iter().find(|order| order.client_order_id == id);
    let theirs = theirs.ok_or_else(|| Failed::new("the order of others", "none"))?;
    desk.fill(&theirs, Some("0.01"))?;
    desk.story.becomes(&id, &["External", "Fill"], SOON).await?;
    expect(desk.connector.cancel(&id).await.is_err(), "no cancel of an order of others", "one")?;
    desk.connector.cancel_all(None).await?;
    desk.order_is(&own.client_order_id, OrderState::Cancelled).await?;
    desk.story.becomes(&id, &["External", "Fill"], SECOND).await?;
    equal("cancels sent", 1, desk.commands(OrderCommand::Cancel).len())?;

    let named: ExchangeOrderId = theirs.exchange_order_id.ok_or_else(|| Failed::new("an exchange id", "none"))?;
    desk.connector.adopt(desk.pair(0), &named)?;
    desk.story.becomes(&id, &["External", "Fill", "Adopted"], SOON).await?;
    let adopted = desk.order(&id).await?;
    equal("what it filled", decimal("0.01")?, adopted.filled.value())?;
    equal("fills of it", 1, desk.connector.fills(&id).await?.len())?;
    cancelled(&desk, &id).await?;
    desk.story.becomes(&id, &["External", "Fill", "Adopted", "CancelRequested", "Cancelled"], SOON).await?;
    let unknown = desk.connector.adopt(desk.pair(0), &"123456789".into());
    expect(unknown.is_err_and(|error| error.kind() == ErrorKind::NotFound), "NotFound for another id", "none")?;
    desk.end(bench).await
}

pub(super) async fn ord_32(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let partner = desk.partner(bench).await?;
    let mut ids = BTreeSet::new();
    let away = [desk.resting(Side::Buy, "0.02")?, desk.resting(Side::Sell, "0.02")?];
    for round in 0..6 {
        let request = &away[round % 2];
        let (ours, theirs) =
            tokio::join!(desk.connector.place(request.clone()), partner.connector.place(request.clone()));
        let ours = ours.map_err(|error| Failed::new("an accepted order", error))?;
        let theirs = theirs.map_err(|error| Failed::new("an accepted order of the second", error))?;
        desk.fill(&ours, (round % 3 == 0).then_some("0.01"))?;
        desk.fill(&theirs, (round % 3 == 1).then_some("0.01"))?;
        for (story, own, other) in [(&desk.story, &ours, &theirs), (&partner.story, &theirs, &ours)] {
            let seen = || {
                let (own, other) = (story.of_order(&own.client_order_id), story.of_order(&other.client_order_id));
                own.first().is_some_and(|word| word == "Pending")
                    && other.first().is_some_and(|word| word == "External")
            };
            expect(comes_true(SOON, seen).await, "own orders as own, those of the other as external", "otherwise")?;
        }
        ids.extend([ours.client_order_id, theirs.client_order_id]);
    }
    equal("ids", 12, ids.len())?;
    let taken = desk.place(market(&desk, Side::Sell)?).await?;
    desk.story.runs(&taken.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;
    desk.connector.cancel_all(None).await?;
    expect(!partner.connector.orders().is_empty(), "the second's orders untouched", "none")?;
    partner.connector.cancel_all(None).await?;
    partner.end(&desk, MINUTE).await?;
    desk.end(bench).await
}

pub(super) async fn ord_33(bench: &Bench) -> Verdict {
    const BURST: usize = 12;
    let desk = quiet(bench).await?;
    let first = desk.open_order(Side::Buy, "0.01").await?;
    let socket = order_socket(&desk, &first);
    let since = desk.simulator.requests().total;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::Delay { ms: 3_000 })?.times(BURST as u64))?;
    let written = burst(&desk, BURST)?;
    desk.pass(SECOND / 2).await;
    if let Some(socket) = socket {
        desk.inject(Fault::new(FaultKind::Drop).connection(socket))?;
        desk.pass(SECOND / 10).await;
    }
    let unwritten = burst(&desk, BURST)?;
    let (written, unwritten) = (written.answers().await?, unwritten.answers().await?);
    for (id, result) in written.iter().chain(&unwritten) {
        fits(&desk, id, result)?;
    }
    desk.pass(MINUTE).await;
    if bench.order_entry() == OrderEntry::Socket {
        // What waits for the limits of the exchange is not written yet.
        let not_sent = |result: &Result<Order, CommandError>| matches!(result, Err(CommandError::NotSent(_)));
        let (there, waiting): (Vec<_>, Vec<_>) =
            written.iter().partition(|(id, _)| desk.simulator.requests().places(id.as_str()) == 1);
        expect(there.len() >= BURST / 2, "a burst that is written", there.len())?;
        let unknown = there.iter().all(|(_, result)| result.as_ref().is_err_and(CommandError::is_unknown));
        expect(unknown, "unknown outcomes of what was written", format_args!("{there:?}"))?;
        let waited = waiting.iter().all(|(_, result)| not_sent(result));
        expect(waited, "what waited not sent", format_args!("{waiting:?}"))?;
        expect(
            unwritten.iter().all(|(_, result)| not_sent(result)),
            "the rest not sent",
            format_args!("{unwritten:?}"),
        )?;
        let later = desk.commands(OrderCommand::Place).into_iter().filter(|record| record.number > since);
        equal("sockets of the burst", BTreeSet::from([socket]), later.map(|record| record.connection).collect())?;
    }
    desk.ready().await?;
    cancelled(&desk, &first.client_order_id).await?;
    desk.end(bench).await
}

/// Orders that are being placed at once.
struct Burst {
    ids: Vec<ClientOrderId>,
    placing: JoinHandle<Vec<Result<Order, CommandError>>>,
}

fn burst(desk: &Desk, count: usize) -> Result<Burst, Failed> {
    let orders: Result<Vec<_>, _> = (0..count).map(|_| desk.resting(Side::Buy, "0.01")).collect();
    let placing: Vec<_> = orders?.into_iter().map(|order| desk.connector.place(order)).collect();
    let ids: Vec<_> = placing.iter().filter_map(|one| one.client_order_id().cloned()).collect();
    equal("orders with an id", count, ids.len())?;
    Ok(Burst { ids, placing: tokio::spawn(join_all(placing)) })
}

impl Burst {
    async fn answers(self) -> Result<Vec<(ClientOrderId, Result<Order, CommandError>)>, Failed> {
        let results = self.placing.await.map_err(|error| Failed::new("answers", error))?;
        Ok(self.ids.into_iter().zip(results).collect())
    }
}

/// Checks an answer against what the server has seen.
fn fits(desk: &Desk, id: &ClientOrderId, result: &Result<Order, CommandError>) -> Result<(), Failed> {
    let sent = desk.simulator.requests().places(id.as_str());
    let good = match result {
        Ok(_) => sent == 1,
        Err(CommandError::NotSent(_)) => sent == 0,
        Err(CommandError::Unknown { .. }) => sent <= 1,
        Err(CommandError::Rejected(_)) => false,
    };
    expect(good, format_args!("an outcome of {id} that fits"), format_args!("{result:?}, sent {sent} times"))
}

/// Lets an order end with a report that counts too little, its fill being reported only later.
pub(super) async fn ends_before_its_fill(bench: &Bench, desk: &Desk, late: Duration) -> Result<ClientOrderId, Failed> {
    let order = desk.open_order(Side::Buy, "0.02").await?;
    let id = order.client_order_id.clone();
    let ms = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
    for report in bench.account_wire()?.reports().fills {
        desk.inject(Fault::new(FaultKind::Hold { ms }).event(report).order(id.as_str()))?;
    }
    let understate = FaultKind::Understate { quantity: Some(decimal("0.005")?) };
    desk.inject(Fault::new(understate).order(id.as_str()))?;
    desk.fill(&order, Some("0.005"))?;
    desk.inject(Fault::new(FaultKind::ExternalCancel).order(id.as_str()))?;
    goes_on(desk, &id, &["Cancelled"], SOON).await?;
    equal("what it has filled so far", decimal("0")?, desk.order(&id).await?.filled.value())?;
    Ok(id)
}

pub(super) async fn ord_34(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    // No poll finds the fills before the stream tells them.
    let failing = FaultKind::Status { status: 500 };
    desk.inject(bench.read(|paths| paths.fills, failing)?.lasting(70 * MINUTE))?;
    let soon = ends_before_its_fill(bench, &desk, 5 * MINUTE).await?;
    let late = ends_before_its_fill(bench, &desk, 60 * MINUTE).await?;
    let words = &["Cancelled", "Fill(late)"];
    goes_on(&desk, &soon, words, 6 * MINUTE).await?;
    desk.pass(20 * MINUTE).await;
    equal("the state of an order that ended long ago", OrderState::Cancelled, desk.order(&late).await?.state)?;
    goes_on(&desk, &late, words, 60 * MINUTE).await?;
    for id in [&soon, &late] {
        let order = desk.order(id).await?;
        equal("what it has filled", decimal("0.005")?, order.filled.value())?;
        equal("its state", OrderState::Cancelled, order.state)?;
    }
    desk.end(bench).await
}

pub(super) async fn ord_36(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    desk.ready().await?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    for fault in storm(bench)? {
        let chance = fault.probability.unwrap_or(0.0);
        desk.inject(fault.probability(chance, random.random_range(0..u64::MAX)))?;
    }
    let away = [desk.resting(Side::Buy, "0.02")?, desk.resting(Side::Sell, "0.02")?];
    let lanes =
        (0..LANES).map(|_| lane(bench, &desk, &away, ChaCha8Rng::seed_from_u64(random.random_range(0..u64::MAX))));
    for done in join_all(lanes).await {
        done?;
    }
    desk.end(bench).await
}

/// Faults of every kind of request and stream, each with a small chance.
fn storm(bench: &Bench) -> Result<Vec<Fault>, Failed> {
    let lost = [FaultKind::LoseRequest, FaultKind::LoseReply, FaultKind::Cut, FaultKind::Truncate, FaultKind::NotJson];
    let slow = [FaultKind::Delay { ms: 700 }, FaultKind::Delay { ms: 7_000 }, FaultKind::Status { status: 502 }];
    let told = [
        (FaultKind::Reorder, 0.1),
        (FaultKind::Duplicate, 0.1),
        (FaultKind::Hold { ms: 400 }, 0.1),
        (FaultKind::Hold { ms: 9_000 }, 0.02),
        (FaultKind::Mute, 0.03),
        (FaultKind::Novel { what: Novelty::Field }, 0.05),
        (FaultKind::Novel { what: Novelty::Event }, 0.05),
        (FaultKind::Novel { what: Novelty::Enum }, 0.02),
        (FaultKind::Garble, 0.01),
        (FaultKind::NoFee, 0.05),
        (FaultKind::Drop, 0.01),
    ];
    let mut faults = Vec::new();
    for kind in lost.iter().chain(&slow) {
        for command in [OrderCommand::Place, OrderCommand::Cancel] {
            faults.push(bench.struck(command, kind.clone())?.probability(0.02, 0));
        }
        faults.push(bench.read(|paths| paths.order, kind.clone())?.probability(0.03, 0));
        faults.push(bench.read(|paths| paths.open_orders, kind.clone())?.probability(0.02, 0));
        faults.push(bench.read(|paths| paths.fills, kind.clone())?.probability(0.02, 0));
        faults.push(bench.read(|paths| paths.balances, kind.clone())?.probability(0.02, 0));
    }
    for (kind, chance) in told {
        faults.push(bench.told(|reports| reports.any, kind)?.probability(chance, 0));
    }
    faults.push(bench.told(|reports| reports.balances, FaultKind::Mute)?.probability(0.03, 0));
    Ok(faults)
}

/// Works on orders one after the other, as a caller who is never sure of anything.
async fn lane(bench: &Bench, desk: &Desk, away: &[OrderRequest; 2], mut random: ChaCha8Rng) -> Result<(), Failed> {
    let mut arrived = 0;
    for _ in 0..LANE_TRIES {
        if arrived == LANE_ORDERS {
            return Ok(());
        }
        let side = if random.random_bool(0.5) { Side::Buy } else { Side::Sell };
        let request =
            if random.random_bool(0.2) { market(desk, side)? } else { away[usize::from(side == Side::Sell)].clone() };
        weather(bench, desk, &mut random)?;
        let (id, placing) = admitted(desk, &request).await?;
        let patience = if random.random_bool(0.1) { Duration::from_millis(3) } else { MINUTE };
        if let Ok(Err(CommandError::NotSent(_))) = tokio::time::timeout(patience, placing).await {
            desk.pass(SECOND).await;
            continue;
        }
        arrived += desk.simulator.requests().places(id.as_str()).min(1);
        let named = OrderRef::Client(id.as_str().to_owned());
        for _ in 0..random.random_range(0..3) {
            let part = random.random_bool(0.7).then(|| decimal("0.005")).transpose()?;
            // There is nothing to fill if it never arrived, or has ended.
            let _filled = desk.simulator.fill_order(MAIN, desk.pair(0).as_str(), &named, part);
            desk.pass(Duration::from_millis(random.random_range(0..300))).await;
        }
        match random.random_range(0..4) {
            0 => drop(desk.connector.cancel(&id).await),
            1 => drop(desk.inject(Fault::new(FaultKind::ExchangeCancelAll).order(id.as_str()))?),
            2 => drop(desk.inject(Fault::new(FaultKind::ExternalAmend { quantity: None }).order(id.as_str()))),
            _ => {}
        }
    }
    Err(Failed::new(format_args!("{LANE_ORDERS} orders that arrive in {LANE_TRIES} tries"), arrived))
}

/// Sometimes something happens to all connections, or to the whole exchange.
fn weather(bench: &Bench, desk: &Desk, random: &mut ChaCha8Rng) -> Result<(), Failed> {
    let private = bench.account_wire()?.paths().private;
    let lasting = Duration::from_millis(random.random_range(100..6_000));
    let fault = match random.random_range(0..120) {
        0 => Fault::new(FaultKind::Drop).path(private),
        1 => Fault::new(FaultKind::DayCut),
        2 => Fault::new(FaultKind::EndSubscription),
        3 => Fault::new(FaultKind::ShutdownNotice).path(private),
        4 => Fault::new(FaultKind::RefuseConnect).lasting(lasting),
        5 => Fault::new(FaultKind::Maintenance).lasting(lasting),
        6 | 7 => Fault::new(FaultKind::LagQuery { ms: 4_000 }).lasting(lasting),
        8 if bench.account_wire()?.fees_in_another_asset() => {
            Fault::new(FaultKind::FeeAsset { asset: "ETH".to_owned() })
        }
        9 => Fault::new(FaultKind::Rebate { rate: decimal("0.0001")? }),
        10 => Fault::new(FaultKind::Transfer { asset: "USDT".to_owned(), amount: decimal("10")? }),
        11 => Fault::new(FaultKind::Understate { quantity: None }),
        _ => return Ok(()),
    };
    desk.inject(fault).map(drop)
}

/// Has an order accepted for sending, as soon as every part that it needs is ready.
async fn admitted(desk: &Desk, request: &OrderRequest) -> Result<(ClientOrderId, Placing), Failed> {
    let end = Instant::now() + 10 * MINUTE;
    while Instant::now() < end {
        let placing = desk.connector.place(request.clone());
        if let Some(id) = placing.client_order_id().cloned() {
            return Ok((id, placing));
        }
        desk.pass(SECOND / 2).await;
    }
    Err(Failed::new("a time at which orders can be placed", format_args!("{:?}", desk.connector.waiting())))
}

fn market(desk: &Desk, side: Side) -> Result<OrderRequest, Failed> {
    Ok(OrderRequest::market(desk.pair(0).clone(), side, "0.02".parse()?))
}

/// Checks that late fills say so.
pub(super) fn is_late(change: &OrderChange) -> bool {
    matches!(change, OrderChange::Fill(fill) if fill.late)
}

/// The story of an order that rested until it was filled.
pub(super) fn filled() -> Vec<&'static str> {
    [RESTS, &["Fill", "Completed"]].concat()
}
