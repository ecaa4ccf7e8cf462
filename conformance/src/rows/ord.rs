//! Orders, from their placing to their end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::Instant;
use tradewire_core::{
    Amount, ClientOrderId, CommandError, Decimal, EndReason, ErrorKind, Order, OrderChange, OrderRequest, OrderState,
    OrderType, PositionSide, Price, Quantity, ReplyMeans, Side, TimeInForce, TradingCapabilities,
};
use tradewire_simulator::{Fault, FaultKind, OrderCommand, TradingStatus};
use tradewire_tracking::OrderEntry;

use super::mkt::{MINUTE, SECOND};
use super::{ord_received, ord_reports, ord_unknown};
use crate::Row;
use crate::bench::slow_disk::SlowDisk;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Orders, from their placing to their end.
pub(super) const ROWS: &[Row] = &[
    Row::traded("ORD-01", "an order is on disk and its id with the caller before its first byte", |b| {
        ord_01(b).boxed_local()
    }),
    Row::traded("ORD-02", "a failed local check names the field and leaves no trace", |b| ord_02(b).boxed_local()),
    Row::traded("ORD-03", "acceptance opens the order; fills in the reply count once", |b| ord_03(b).boxed_local()),
    Row::traded("ORD-04", "a reply that only means received opens nothing", |b| ord_received::ord_04(b).boxed_local()),
    Row::traded("ORD-05", "reports before the reply open the order first", |b| ord_05(b).boxed_local()),
    Row::traded("ORD-06", "a definite refusal ends the order as Rejected", |b| ord_06(b).boxed_local()),
    Row::traded("ORD-07", "post-only that would take, refused in the reply", |b| ord_07(b).boxed_local()),
    Row::traded("ORD-08", "post-only that would take, ended by a report", |b| ord_received::ord_08(b).boxed_local()),
    Row::traded("ORD-09", "an order proved unsent ends at once", |b| ord_09(b).boxed_local()),
    Row::traded("ORD-10", "an order without an answer stays, marked unknown", |b| ord_unknown::ord_10(b).boxed_local()),
    Row::traded("ORD-11", "an order is never sent again by itself", |b| ord_unknown::ord_11(b).boxed_local()),
    Row::traded("ORD-12", "an unknown order is asked for until there is evidence", |b| {
        ord_unknown::ord_12(b).boxed_local()
    }),
    Row::traded("ORD-13", "an order never seen ends only on proof that it is not there", |b| {
        ord_unknown::ord_13(b).boxed_local()
    }),
    Row::traded("ORD-14", "'no such order' while the exchange lags ends nothing", |b| {
        ord_unknown::ord_14(b).boxed_local()
    }),
    Row::traded("ORD-15", "an order no longer listed ends by its trades", |b| ord_unknown::ord_15(b).boxed_local()),
    Row::traded_seeded("ORD-16", "reports in any order and number end in the same state", |b| {
        ord_reports::ord_16(b).boxed_local()
    }),
    Row::traded("ORD-17", "fills that sum up to the quantity end the order", |b| ord_reports::ord_17(b).boxed_local()),
    Row::traded("ORD-18", "an end has one meaning on all exchanges", |b| ord_reports::ord_18(b).boxed_local()),
    Row::traded("ORD-19", "self-trade prevention is no fill", |b| ord_reports::ord_19(b).boxed_local()),
    Row::traded("ORD-20", "an order changed at the exchange is updated", |b| ord_reports::ord_20(b).boxed_local()),
    Row::traded("ORD-21", "a market order by quote amount ends by the terminal report", |b| {
        ord_reports::ord_21(b).boxed_local()
    }),
    Row::traded("ORD-22", "an order shows its sums, average, fees and times", |b| ord_reports::ord_22(b).boxed_local()),
];

/// A quiet market of one pair, with everything ready.
pub(super) async fn quiet(bench: &Bench) -> Result<Desk, Failed> {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    desk.ready().await?;
    Ok(desk)
}

async fn ord_01(bench: &Bench) -> Verdict {
    let disk = Arc::new(SlowDisk::default());
    let under = Arc::clone(&disk);
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?
        .tweak(move |config| config.journal = under.under(Arc::clone(&config.journal)));
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    desk.pass(SECOND).await;

    disk.hold();
    let placing = desk.connector.place(desk.resting(Side::Buy, "0.01")?);
    let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id before the sending", "none"))?;
    let placing = tokio::spawn(placing);
    let seen = || desk.simulator.requests().places(id.as_str());
    for _ in 0..100 {
        // A write under way keeps the clock from moving by itself.
        tokio::time::advance(Duration::from_millis(10)).await;
        tokio::task::yield_now().await;
    }
    let early = (seen(), desk.story.of_order(&id).len());
    disk.release();
    equal("requests and events while the disk is held", (0, 0), early)?;
    let placed = placing.await.map_err(|error| Failed::new("an answer", error))?;
    let order = placed.map_err(|error| Failed::new("an accepted order", error))?;
    equal("its id", &id, &order.client_order_id)?;
    equal("requests to place it", 1, seen())?;
    desk.story.becomes(&id, &["Pending", "Open"], SOON).await?;
    desk.end(bench).await
}

async fn ord_03(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let order = desk.place(desk.resting(Side::Buy, "0.01")?).await?;
    expect(order.exchange_order_id.is_some(), "the exchange's id", "none")?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open"], SOON).await?;
    desk.fill(&order, None)?;
    desk.order_is(&order.client_order_id, OrderState::Filled).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;

    let taken = desk.place(desk.taking(Side::Sell, "0.02")?).await?;
    if bench.trading()?.place_reply == ReplyMeans::Done {
        equal("its state", OrderState::Filled, taken.state)?;
    }
    desk.story.runs(&taken.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;
    desk.end(bench).await
}

/// Something wrong with an order, in the order in which it is looked for.
struct Flaw {
    name: &'static str,
    kind: ErrorKind,
    field: Option<&'static str>,
    spoil: fn(&mut OrderRequest),
}

/// The order of checks. Readiness is a state of the connector and not of an order: it stands between the first and the rest.
const FLAWS: &[Flaw] = &[
    Flaw {
        name: "instrument",
        kind: ErrorKind::Restricted,
        field: None,
        spoil: |order| {
            if let Ok(halted) = "ETH-USDT".parse() {
                order.pair = halted;
            }
        },
    },
    Flaw {
        name: "time in force",
        kind: ErrorKind::InvalidRequest,
        field: Some("time_in_force"),
        spoil: |order| {
            order.order_type = OrderType::PostOnly;
            order.time_in_force = TimeInForce::Ioc;
        },
    },
    Flaw {
        name: "price step",
        kind: ErrorKind::FilterFailure,
        field: Some("price"),
        spoil: |order| order.price = order.price.map(|price| Price::new(price.value() + Decimal::new(1, 7))),
    },
    Flaw {
        name: "quantity step",
        kind: ErrorKind::FilterFailure,
        field: Some("quantity"),
        spoil: |order| add_to_quantity(order, Decimal::new(1, 10)),
    },
    Flaw {
        name: "limits",
        kind: ErrorKind::FilterFailure,
        field: Some("quantity"),
        spoil: |order| add_to_quantity(order, Decimal::from(1_000_000)),
    },
    Flaw {
        name: "notional",
        kind: ErrorKind::FilterFailure,
        field: Some("notional"),
        spoil: |order| order.price = Some(Price::new(Decimal::ONE)),
    },
];

/// A flaw that is one where something is not declared.
struct Undeclared {
    flaw: Flaw,
    lacks: fn(&TradingCapabilities) -> bool,
}

/// What comes before all of them: one of these, whichever is not declared.
const UNDECLARED: &[Undeclared] = &[
    Undeclared {
        flaw: Flaw {
            name: "capability",
            kind: ErrorKind::Unsupported,
            field: Some("position_side"),
            spoil: |order| order.position_side = Some(PositionSide::Long),
        },
        lacks: |declared| !declared.position_side,
    },
    Undeclared {
        flaw: Flaw {
            name: "capability",
            kind: ErrorKind::Unsupported,
            field: Some("visible"),
            spoil: |order| order.visible = order.quantity(),
        },
        lacks: |declared| !declared.iceberg,
    },
];

/// The flaw of limits where no largest quantity is stated.
const TOO_LITTLE: Flaw = Flaw {
    name: "limits",
    kind: ErrorKind::FilterFailure,
    field: Some("quantity"),
    spoil: |order| order.amount = Amount::Base(Quantity::ZERO),
};

/// What comes after all of them, where orders are for positions: a side that a position does not have in one-way mode.
const POSITION_ACTION: Flaw = Flaw {
    name: "position action",
    kind: ErrorKind::InvalidRequest,
    field: Some("position_side"),
    spoil: |order| order.position_side = Some(PositionSide::Long),
};

/// The order of checks of a subject.
fn flaws(bench: &Bench) -> Vec<&'static Flaw> {
    let declared = bench.capabilities().trading.as_ref();
    let undeclared = UNDECLARED.iter().find(|undeclared| declared.is_some_and(undeclared.lacks));
    let undeclared = undeclared.map(|undeclared| &undeclared.flaw);
    let positions = declared.is_some_and(|declared| declared.position_side).then_some(&POSITION_ACTION);
    // What does not trade may not be listed at all.
    let halted = bench.wire().instrument_list().halted;
    let largest = bench.wire().states_largest_quantity();
    let alike = FLAWS.iter().filter(|flaw| halted || flaw.name != "instrument");
    let alike = alike.map(|flaw| if flaw.name == "limits" && !largest { &TOO_LITTLE } else { flaw });
    undeclared.into_iter().chain(alike).chain(positions).collect()
}

fn add_to_quantity(order: &mut OrderRequest, more: Decimal) {
    if let Some(quantity) = order.quantity() {
        order.amount = Amount::Base(Quantity::new(quantity.value() + more));
    }
}

async fn ord_02(bench: &Bench) -> Verdict {
    let halted = Fault::new(FaultKind::Halt { status: TradingStatus::Halt }).pair("ETH-USDT");
    let unreadable = bench.read(|paths| paths.balances, FaultKind::Status { status: 500 })?.always();
    let setup = DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?.following(1).fault(halted).fault(unreadable);
    let desk = bench.desk(setup).await?;
    let listed = if bench.wire().instrument_list().halted { 2 } else { 1 };
    let instruments = || desk.connector.market().instruments().len() == listed;
    expect(comes_true(SOON, instruments).await, "the instruments", "others")?;
    desk.pass(SECOND).await;
    let sound = OrderRequest::limit(desk.pair(0).clone(), Side::Buy, "0.01".parse()?, desk.price(desk.pair(0), 95)?);

    let flaws = flaws(bench);
    for flaw in &flaws {
        let mut order = sound.clone();
        (flaw.spoil)(&mut order);
        let kind = if flaw.name == "capability" { ErrorKind::Unsupported } else { ErrorKind::NotReady };
        refused_without_a_trace(&desk, order, kind, None).await.map_err(|failed| failed.at(flaw.name))?;
    }
    desk.simulator.clear_faults();
    desk.inject(Fault::new(FaultKind::Halt { status: TradingStatus::Halt }).pair("ETH-USDT"))?;
    desk.ready().await?;
    for (place, first) in flaws.iter().enumerate() {
        for second in &flaws[place..] {
            let mut order = sound.clone();
            // The flaw that is looked for last is put in first, so that neither hides the other.
            (second.spoil)(&mut order);
            if first.name != second.name {
                (first.spoil)(&mut order);
            }
            let refused = refused_without_a_trace(&desk, order, first.kind, first.field).await;
            refused.map_err(|failed| failed.at(format_args!("{} before {}", first.name, second.name)))?;
        }
    }
    desk.end(bench).await
}

/// Checks that an order is refused here, and that nothing of it is left or sent.
async fn refused_without_a_trace(
    desk: &Desk,
    order: OrderRequest,
    kind: ErrorKind,
    field: Option<&str>,
) -> Result<(), Failed> {
    let sent = desk.commands(OrderCommand::Place).len();
    let orders = |desk: &Desk| desk.story.words().into_iter().filter(|word| word == "Pending").count();
    let (id, error) = desk.refused(order).await?;
    let CommandError::NotSent(error) = error else { return Err(Failed::new("NotSent", error)) };
    equal("its kind", kind, error.kind())?;
    if field.is_some() {
        equal("its field", field, error.context("field"))?;
    }
    equal("its id", None, id)?;
    equal("orders sent", sent, desk.commands(OrderCommand::Place).len())?;
    equal("orders tracked and told", (0, 0), (desk.connector.orders().len(), orders(desk)))
}

async fn ord_05(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let late_reply = FaultKind::Delay { ms: 2_000 };
    for reordered in [false, true] {
        desk.inject(bench.struck(OrderCommand::Place, late_reply.clone())?)?;
        if reordered {
            desk.inject(bench.told(|reports| reports.accepted, FaultKind::Reorder)?)?;
        }
        let placing = desk.connector.place(desk.taking(Side::Buy, "0.01")?);
        let id = placing.client_order_id().cloned().ok_or_else(|| Failed::new("an id", "none"))?;
        let placing = tokio::spawn(placing);
        let whole = &["Pending", "Open", "Fill", "Completed"];
        desk.story.runs(&id, whole, SECOND).await.map_err(|failed| failed.at("before the reply"))?;
        let order = placing.await.map_err(|error| Failed::new("an answer", error))?;
        let order = order.map_err(|error| Failed::new("an accepted order", error))?;
        expect(order.exchange_order_id.is_some(), "the exchange's id", "none")?;
        desk.story.runs(&id, whole, SECOND).await.map_err(|failed| failed.at("after the reply"))?;
    }
    desk.end(bench).await
}

async fn ord_06(bench: &Bench) -> Verdict {
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?.of_one_asset(bench, "USDT")?;
    let desk = bench.desk(setup.tweak(|config| config.check_balance = false)).await?;
    desk.ready().await?;
    // A fifth more than there is.
    let one = desk.resting(Side::Buy, "1")?;
    let (asset, of_one) = desk.held(&one, one.price.unwrap_or_default())?;
    let much = (desk.connector.balance(&asset)?.available * Decimal::new(12, 1) / of_one).trunc();
    let too_much = desk.resting(Side::Buy, &much.to_string())?;
    rejected(&desk, too_much, ErrorKind::InsufficientBalance).await?;
    let usual = [ErrorKind::Auth, ErrorKind::Clock, ErrorKind::RateLimited];
    let errors = bench.account_wire()?.order_errors().iter().filter(|error| error.refuses);
    for error in errors.filter(|error| !usual.contains(&error.kind)) {
        let code = bench.code(error.code, None, error.status);
        desk.inject(bench.struck(OrderCommand::Place, code)?)?;
        let refused = rejected(&desk, desk.resting(Side::Buy, "0.01")?, error.kind).await;
        refused.map_err(|failed| failed.at(format_args!("code {}", error.code)))?;
    }
    desk.simulator.set_may_trade(crate::bench::desk::MAIN, false).map_err(|error| Failed::new("an account", error))?;
    let forbidden = bench.account_wire()?.may_not_trade();
    let refused = rejected(&desk, desk.resting(Side::Buy, "0.01")?, forbidden).await;
    refused.map_err(|failed| failed.at("an account that may not trade"))?;
    let live = desk.simulator.orders(crate::bench::desk::MAIN).iter().filter(|order| order.is_live()).count();
    equal("live orders at the exchange", 0, live)?;
    desk.end(bench).await
}

/// Checks that an order is refused by the exchange, for this reason, and that it ends so.
pub(super) async fn rejected(desk: &Desk, order: OrderRequest, kind: ErrorKind) -> Result<(), Failed> {
    let (id, error) = desk.refused(order).await?;
    let CommandError::Rejected(error) = error else { return Err(Failed::new("Rejected", error)) };
    equal("its kind", kind, error.kind())?;
    let id = id.ok_or_else(|| Failed::new("an id", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
    let order = desk.order(&id).await?;
    let reason = match kind {
        ErrorKind::PostOnlyWouldTake => EndReason::PostOnlyWouldTake,
        ErrorKind::ReduceOnly => EndReason::ReduceOnly,
        kind => EndReason::Refused(kind),
    };
    equal("its end", (OrderState::Rejected, Some(reason)), (order.state, order.reason))
}

async fn ord_07(bench: &Bench) -> Verdict {
    if !bench.account_wire()?.refuses_post_only_that_takes() {
        return Ok(Shown::NotRun("an exchange that refuses such an order in its reply".to_owned()));
    }
    let desk = quiet(bench).await?;
    for side in [Side::Buy, Side::Sell] {
        rejected(&desk, desk.taking(side, "0.01")?.post_only(), ErrorKind::PostOnlyWouldTake).await?;
    }
    let resting = desk.place(desk.resting(Side::Buy, "0.01")?.post_only()).await?;
    desk.story.becomes(&resting.client_order_id, &["Pending", "Open"], SOON).await?;
    desk.end(bench).await
}

/// How many orders are placed at once where only requests are counted.
const CROWD: usize = 150;

async fn ord_09(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let first = desk.open_order(Side::Buy, "0.01").await?;

    desk.inject(Fault::new(FaultKind::RefuseConnect))?;
    cut_command_wire(bench, &desk, &first).await?;
    unsent(&desk, ErrorKind::Connection).await.map_err(|failed| failed.at("a refused connection"))?;
    desk.simulator.clear_faults();
    desk.ready().await?;
    desk.pass(MINUTE).await;

    if bench.account_wire()?.order_limit().is_none() {
        crowd(&desk).await.map_err(|failed| failed.at("a queue that is too long"))?;
        return desk.end(bench).await;
    }
    desk.inject(Fault::new(FaultKind::OtherLoad { weight: 0, orders: 1_000_000 }))?;
    // The answer to this order tells of the crowd.
    rejected(&desk, desk.resting(Side::Buy, "0.01")?, ErrorKind::RateLimited).await?;
    let waited = Instant::now();
    unsent(&desk, ErrorKind::RateLimited).await.map_err(|failed| failed.at("a queue that is too long"))?;
    expect(waited.elapsed() <= 3 * SECOND, "an answer within 3 s", format_args!("{:?}", waited.elapsed()))?;
    desk.end(bench).await
}

/// More orders at once than may leave before their wait is over: the last ones end unsent.
async fn crowd(desk: &Desk) -> Result<(), Failed> {
    let orders: Result<Vec<_>, _> = (0..CROWD).map(|_| desk.resting(Side::Buy, "0.001")).collect();
    let results = join_all(orders?.into_iter().map(|order| desk.connector.place(order))).await;
    let unsent = |result: &&Result<Order, CommandError>| match result {
        Err(CommandError::NotSent(error)) => error.kind() == ErrorKind::RateLimited,
        _ => false,
    };
    let (sent, left) = (results.iter().filter(|result| result.is_ok()).count(), results.iter().filter(unsent).count());
    equal("orders that were accepted, or not sent", CROWD, sent + left)?;
    expect(sent > 0 && left > 0, "some of both", format_args!("{sent} and {left}"))?;
    equal("requests to place them", sent + 1, desk.commands(OrderCommand::Place).len())
}

/// Ends the connections by which order commands go.
async fn cut_command_wire(bench: &Bench, desk: &Desk, placed: &Order) -> Result<(), Failed> {
    match bench.order_entry() {
        OrderEntry::Rest => {
            // Each read takes one of the connections that are kept with it.
            desk.inject(Fault::new(FaultKind::Cut).method("GET").always())?;
            desk.pass(Duration::from_secs(300)).await;
        }
        OrderEntry::Socket => {
            let socket = order_socket(desk, placed).ok_or_else(|| Failed::new("a socket for orders", "none"))?;
            desk.inject(Fault::new(FaultKind::Drop).connection(socket))?;
            desk.pass(SECOND).await;
        }
    }
    Ok(())
}

/// The number of the socket by which an order was placed.
pub(super) fn order_socket(desk: &Desk, placed: &Order) -> Option<u64> {
    let named = Some(placed.client_order_id.as_str());
    let places = desk.commands(OrderCommand::Place).into_iter();
    places.filter(|record| record.note.client_order_id.as_deref() == named).find_map(|record| record.connection)
}

/// Checks that an order that cannot be sent ends at once, and that its id is gone with it.
async fn unsent(desk: &Desk, kind: ErrorKind) -> Result<(), Failed> {
    let (id, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
    let CommandError::NotSent(error) = error else { return Err(Failed::new("NotSent", error)) };
    equal("its kind", kind, error.kind())?;
    let id: ClientOrderId = id.ok_or_else(|| Failed::new("an id", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SECOND).await?;
    let ends = desk.story.order_events(&id);
    let reason = ends.last().map(|event| event.change.clone());
    equal("its end", Some(OrderChange::Rejected(EndReason::NotSent)), reason)?;
    equal("requests to place it", 0, desk.simulator.requests().places(id.as_str()))?;
    let (_, again) = desk.refused(desk.resting(Side::Buy, "0.01")?.client_order_id(id)).await?;
    expect(matches!(again, CommandError::NotSent(_)), "its id is not used again", again)
}
