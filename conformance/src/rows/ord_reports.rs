//! What reports say of orders: in any order, about every end, of terms and sums.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_core::{
    Amendment, Amount, Asset, ClientOrderId, Decimal, EndReason, ErrorKind, Order, OrderRequest, OrderState, OrderType,
    Price, Quantity, SelfTradePrevention, Side, TimeInForce, exact,
};
use tradewire_simulator::{AmendRequest, Fault, FaultKind, Novelty, Order as Theirs, OrderCommand, OrderRef};

use super::mkt::SECOND;
use super::ord::{quiet, rejected};
use super::private::amend_elsewhere;
use super::rule_orders::refused_here;
use crate::bench::desk::MAIN;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Orders of one run: with 20 seeds and two wires they are a thousand.
const ORDERS: usize = 25;

pub(super) async fn ord_16(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let mut orders = Vec::new();
    for _ in 0..ORDERS {
        let side = if random.random_bool(0.5) { Side::Buy } else { Side::Sell };
        orders.push(desk.open_order(side, "0.03").await?);
    }
    let chances = [
        (FaultKind::Reorder, 0.3),
        (FaultKind::Duplicate, 0.3),
        (FaultKind::Hold { ms: 700 }, 0.2),
        (FaultKind::Mute, 0.05),
    ];
    for (kind, chance) in chances {
        desk.inject(bench.told(|reports| reports.any, kind)?.probability(chance, random.random_range(0..u64::MAX)))?;
    }
    desk.inject(bench.read(|paths| paths.order, FaultKind::Delay { ms: 1_500 })?.probability(0.3, bench.seed()))?;
    for order in &orders {
        for _ in 0..random.random_range(0..3) {
            desk.fill(order, Some("0.01"))?;
        }
        let end = random.random_range(0..5);
        let named = |kind| Fault::new(kind).order(order.client_order_id.as_str());
        match end {
            0 => desk.fill(order, None)?,
            1 => drop(desk.inject(named(FaultKind::ExternalCancel))?),
            2 => drop(desk.inject(named(FaultKind::ExchangeCancelAll))?),
            3 => drop(desk.connector.cancel(&order.client_order_id).await),
            _ => {}
        }
        desk.pass(Duration::from_millis(random.random_range(0..400))).await;
    }
    desk.pass(2 * SECOND).await;
    desk.end(bench).await
}

pub(super) async fn ord_17(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let order = desk.open_order(Side::Buy, "0.01").await?;
    let id = &order.client_order_id;
    // No report names a state that is known, and nobody answers questions.
    desk.inject(bench.told(|reports| reports.any, FaultKind::Novel { what: Novelty::Enum })?.always())?;
    desk.inject(bench.read(|paths| paths.order, FaultKind::Status { status: 503 })?.always())?;
    desk.fill(&order, Some("0.004"))?;
    desk.fill(&order, None)?;
    desk.story.becomes(id, &["Pending", "Open", "Fill", "Fill", "Completed"], 3 * SECOND).await?;
    equal("its state", OrderState::Filled, desk.order(id).await?.state)?;
    desk.end(bench).await
}

/// Checks that an order has ended in one way, for one reason, and that the exchange's own word is kept.
async fn ended(desk: &Desk, id: &ClientOrderId, words: &[&str], reason: EndReason) -> Result<(), Failed> {
    desk.story.runs(id, words, SOON).await?;
    let order = desk.order(id).await?;
    equal("its reason", Some(reason), order.reason)?;
    expect(order.word.as_ref().is_some_and(|word| !word.is_empty()), "the exchange's own word", "none")
}

pub(super) async fn ord_18(bench: &Bench) -> Verdict {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    setup.exchange.listings[0].opening_depth = 10;
    let desk = bench.desk(setup).await?;
    desk.ready().await?;

    let order = desk.open_order(Side::Buy, "0.01").await?;
    desk.connector.cancel(&order.client_order_id).await.map_err(|error| Failed::new("a cancel", error))?;
    let words = &["Pending", "Open", "CancelRequested", "Cancelled"];
    ended(&desk, &order.client_order_id, words, EndReason::Requested)
        .await
        .map_err(|failed| failed.at("by request"))?;

    for (fault, reason) in
        [(FaultKind::ExternalCancel, EndReason::Requested), (FaultKind::ExchangeCancelAll, EndReason::Exchange)]
    {
        let order = desk.open_order(Side::Buy, "0.02").await?;
        desk.fill(&order, Some("0.005"))?;
        let name = fault.name();
        desk.inject(Fault::new(fault).order(order.client_order_id.as_str()))?;
        let words = &["Pending", "Open", "Fill", "Cancelled"];
        ended(&desk, &order.client_order_id, words, reason).await.map_err(|failed| failed.at(name))?;
    }
    own_terms(bench, &desk).await?;
    desk.end(bench).await
}

/// Ends by an order's own terms.
async fn own_terms(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let pair = desk.pair(0).clone();
    let best = desk.simulator.book(pair.as_str()).and_then(|book| book.bids.first().map(|(price, _)| *price));
    let best = Price::new(best.ok_or_else(|| Failed::new("a best bid", "none"))?);
    let more = Quantity::new(Decimal::from(50));
    let sell = |order_type| OrderRequest::new(pair.clone(), Side::Sell, order_type, Amount::Base(more));
    let fill_or_kill = sell(OrderType::Limit).price(best).time_in_force(TimeInForce::Fok);
    killed(bench, desk, fill_or_kill).await.map_err(|failed| failed.at("fill or kill"))?;
    let unfilled = &["Pending", "Open", "Expired"][..];
    let in_part = &["Pending", "Open", "Fill", "Expired"][..];
    for (name, request, words, reason) in [
        (
            "away from the market",
            desk.resting(Side::Buy, "0.01")?.time_in_force(TimeInForce::Ioc),
            unfilled,
            EndReason::TimeInForce,
        ),
        (
            "the rest",
            sell(OrderType::Limit).price(best).time_in_force(TimeInForce::Ioc),
            in_part,
            EndReason::TimeInForce,
        ),
        ("the rest of a market order", sell(OrderType::Market), in_part, EndReason::Liquidity),
    ] {
        let order = desk.place(request).await.map_err(|failed| failed.at(name))?;
        ended(desk, &order.client_order_id, words, reason).await.map_err(|failed| failed.at(name))?;
    }
    Ok(())
}

/// A fill-or-kill order that cannot be filled wholly expires, or is refused, as the exchange does it.
async fn killed(bench: &Bench, desk: &Desk, request: OrderRequest) -> Result<(), Failed> {
    match bench.account_wire()?.fill_or_kill_refusal() {
        Some(kind) => rejected(desk, request, kind).await,
        None => {
            let order = desk.place(request).await?;
            ended(desk, &order.client_order_id, &["Pending", "Open", "Expired"], EndReason::TimeInForce).await
        }
    }
}

pub(super) async fn ord_19(bench: &Bench) -> Verdict {
    const OPEN: &[&str] = &["Pending", "Open", "Fill"];
    const OVER: &[&str] = &["Pending", "Open", "Fill", "Expired"];
    const LESS: &[&str] = &["Pending", "Open", "Fill", "Amended"];
    const TAKER_OPEN: &[&str] = &["Pending", "Open"];
    const TAKER_OVER: &[&str] = &["Pending", "Open", "Expired"];
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    setup.exchange.listings[0].opening_depth = 0;
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let declared = bench.capabilities().trading.as_ref().map_or(&[][..], |trading| trading.self_trade_prevention);
    let modes = [
        (SelfTradePrevention::ExpireMaker, OVER, TAKER_OPEN),
        (SelfTradePrevention::ExpireTaker, OPEN, TAKER_OVER),
        (SelfTradePrevention::ExpireBoth, OVER, TAKER_OVER),
        (SelfTradePrevention::Decrement, LESS, TAKER_OVER),
    ];
    for (mode, maker, taker) in modes.into_iter().filter(|(mode, ..)| declared.contains(mode)) {
        prevented(&desk, mode, (maker, taker)).await.map_err(|failed| failed.at(mode))?;
    }
    desk.end(bench).await
}

/// Lets an own order that takes meet one that rests and is filled in part.
async fn prevented(desk: &Desk, mode: SelfTradePrevention, (maker, taker): (&[&str], &[&str])) -> Result<(), Failed> {
    let pair = desk.pair(0).clone();
    let price = desk.price(&pair, 100)?;
    let resting = desk.place(OrderRequest::limit(pair.clone(), Side::Sell, "0.03".parse()?, price)).await?;
    desk.fill(&resting, Some("0.01"))?;
    desk.story.becomes(&resting.client_order_id, &["Pending", "Open", "Fill"], SOON).await?;
    let request = OrderRequest::limit(pair, Side::Buy, "0.01".parse()?, price).self_trade_prevention(mode);
    let taking = desk.place(request).await?;
    desk.story
        .becomes(&resting.client_order_id, maker, SOON)
        .await
        .map_err(|failed| failed.at("the one that rests"))?;
    desk.story.becomes(&taking.client_order_id, taker, SOON).await.map_err(|failed| failed.at("the one that takes"))?;
    for id in [&resting.client_order_id, &taking.client_order_id] {
        let order = desk.order(id).await?;
        if order.state == OrderState::Expired {
            equal("its reason", Some(EndReason::SelfTrade), order.reason)?;
        } else {
            desk.connector.cancel(id).await.map_err(|error| Failed::new("a cancel", error))?;
        }
    }
    let resting = desk.order(&resting.client_order_id).await?;
    equal("what it filled", decimal("0.01")?, resting.filled.value())?;
    desk.settled().await
}

pub(super) async fn ord_20(bench: &Bench) -> Verdict {
    if !bench.account_wire()?.orders_can_change() {
        return Ok(Shown::NotRun("an exchange on which orders can be changed".to_owned()));
    }
    let desk = quiet(bench).await?;
    let order = desk.open_order(Side::Buy, "0.04").await?;
    let id = &order.client_order_id;
    desk.fill(&order, Some("0.01"))?;
    // Of what happens in one moment nobody could tell which was first.
    desk.pass(SECOND).await;
    let amend = FaultKind::ExternalAmend { quantity: Some(decimal("0.03")?) };
    desk.inject(Fault::new(amend).order(id.as_str()))?;
    desk.story.becomes(id, &["Pending", "Open", "Fill", "Amended"], SOON).await?;
    let amended = desk.order(id).await?;
    equal("its quantity", Amount::Base("0.03".parse()?), amended.amount)?;
    equal(
        "what it filled and what is left",
        ("0.01".parse()?, Some("0.02".parse()?)),
        (amended.filled, amended.remaining()),
    )?;

    let theirs = theirs(&desk, &order)?;
    if theirs.client_id == id.as_str() {
        amend_elsewhere(&desk, &order, decimal("0.025")?)?;
    } else {
        // Where an amendment names an order anew, it can be given a name.
        let mut renaming = AmendRequest::new(OrderRef::Id(theirs.id), decimal("0.025")?);
        renaming.client_id = Some("named-by-others".to_owned());
        let amended = desk.simulator.amend_as(MAIN, &order.symbol, &renaming);
        amended.map_err(|error| Failed::new("an amendment", error))?;
    }
    desk.story.becomes(id, &["Pending", "Open", "Fill", "Amended", "Amended"], SOON).await?;

    if !offers_amendments(bench) {
        return desk.end(bench).await;
    }
    let wanted = Amendment { quantity: Some("0.02".parse()?), price: None };
    let own = desk.connector.amend(id, wanted).await.map_err(|error| Failed::new("an amendment", error))?;
    desk.story.becomes(id, &["Pending", "Open", "Fill", "Amended", "Amended", "Amended"], SOON).await?;
    let own = if desk.places_are_received() { desk.order(id).await? } else { own };
    equal("its quantity", Amount::Base("0.02".parse()?), own.amount)?;
    equal("commands to amend it", 1, desk.commands(OrderCommand::Amend).len())?;
    desk.fill(&order, None)?;
    let words = &["Pending", "Open", "Fill", "Amended", "Amended", "Amended", "Fill", "Completed"];
    desk.story.becomes(id, words, SOON).await?;
    desk.end(bench).await
}

fn offers_amendments(bench: &Bench) -> bool {
    bench.capabilities().trading.as_ref().is_some_and(|trading| trading.amend_quantity)
}

pub(super) async fn ord_21(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let offered = bench.capabilities().trading.as_ref().is_some_and(|trading| trading.quote_amount);
    for side in [Side::Buy, Side::Sell] {
        let request = OrderRequest::market_for_quote(desk.pair(0).clone(), side, decimal("1000")?);
        if !offered {
            refused_here(&desk, request, ErrorKind::Unsupported, Some("amount")).await?;
            continue;
        }
        let order = desk.place(request).await?;
        desk.story.runs(&order.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;
        let order = desk.order(&order.client_order_id).await?;
        let theirs = theirs(&desk, &order)?;
        equal("its amount", Amount::Quote(decimal("1000")?), order.amount)?;
        equal("its sums", (theirs.executed, theirs.executed_quote), (order.filled.value(), order.quote_filled))?;
        expect(order.filled.value() > Decimal::ZERO, "a base quantity", "none")?;
    }
    let ended = desk.end(bench).await?;
    Ok(if offered { ended } else { Shown::Refused })
}

/// The exchange's own record of an order.
pub(super) fn theirs(desk: &Desk, order: &Order) -> Result<Theirs, Failed> {
    let id = desk.number(order)?;
    let orders = desk.simulator.orders(MAIN).into_iter();
    let mut same = orders.filter(|theirs| theirs.id == id && theirs.symbol == order.symbol);
    same.next().ok_or_else(|| Failed::new(format_args!("order {} at the exchange", order.client_order_id), "none"))
}

pub(super) async fn ord_22(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let taking = desk.place(desk.taking(Side::Sell, "5")?).await?;
    desk.story.runs(&taking.client_order_id, &["Pending", "Open", "Fill", "Completed"], SOON).await?;
    let resting = desk.open_order(Side::Sell, "0.05").await?;
    equal("an average without fills", None, desk.order(&resting.client_order_id).await?.average_price())?;
    desk.fill(&resting, Some("0.02"))?;
    desk.story.becomes(&resting.client_order_id, &["Pending", "Open", "Fill"], SOON).await?;
    let left = desk.order(&resting.client_order_id).await?;
    equal("what is left", Some("0.03".parse()?), left.remaining())?;
    for id in [&resting.client_order_id, &taking.client_order_id] {
        let order = desk.order(id).await?;
        sums_agree(&desk, &order).map_err(|failed| failed.at(id))?;
    }
    desk.end(bench).await
}

/// Checks what an order says of itself against the exchange's own record.
fn sums_agree(desk: &Desk, order: &Order) -> Result<(), Failed> {
    let theirs = theirs(desk, order)?;
    let fills: Vec<_> = desk.simulator.fills(MAIN).into_iter().filter(|fill| fill.order == theirs.id).collect();
    let quote: Decimal = fills.iter().map(|fill| fill.price * fill.quantity).sum();
    let base: Decimal = fills.iter().map(|fill| fill.quantity).sum();
    let mut fees: BTreeMap<Asset, Decimal> = BTreeMap::new();
    for fill in &fills {
        *fees.entry(Asset::new(&*fill.commission_asset)).or_default() += fill.commission;
    }
    equal("its sums", (base, quote), (order.filled.value(), order.quote_filled))?;
    equal("its average price", exact::divide(quote, base).map(Price::new), order.average_price())?;
    let normal = |fees: &BTreeMap<Asset, Decimal>| -> BTreeMap<Asset, Decimal> {
        fees.iter().map(|(asset, amount)| (asset.clone(), amount.normalize())).collect()
    };
    equal("its fees", normal(&fees), normal(&order.fees))?;
    let millis = |at: tradewire_simulator::Timestamp| Some(at.0 / 1_000);
    let ours = |at: Option<tradewire_core::Timestamp>| at.map(|at| at.as_millis());
    equal("when it was created", millis(theirs.created), ours(order.created))?;
    equal("when it changed", millis(theirs.updated), ours(order.updated))?;
    let late = order.received.as_millis() - theirs.updated.0 / 1_000;
    expect((0..1_000).contains(&late), "a time of receipt within 1 s of it", format_args!("{late} ms later"))
}
