//! Fills.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;
use tokio::time::Instant;
use tradewire_core::{
    AccountChange, Asset, Balance, ClientOrderId, Decimal, Fill, Liquidity, OrderChange, OrderRequest, OrderState,
    SelfTradePrevention, Side, Source,
};
use tradewire_simulator::{
    CommissionRates, ExternalOrder, Fault, FaultKind, Fill as Theirs, OrderCommand, OrderRequest as Elsewhere, Rates,
    SelfTradeMode, Side as Way,
};

use super::mkt::{MINUTE, SECOND};
use super::ord::quiet;
use super::ord_cancel::goes_on;
use super::ord_hands::{ends_before_its_fill, filled, is_late};
use super::ord_unknown::lost;
use crate::Row;
use crate::bench::desk::MAIN;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::{Failed, Verdict, equal, expect};

/// Fills.
pub(super) const ROWS: &[Row] = &[
    Row::traded("FILL-01", "a fill counts once, whatever its sources", |b| fill_01(b).boxed_local()),
    Row::traded("FILL-02", "one trade id on two pairs, or against oneself, is two fills", |b| fill_02(b).boxed_local()),
    Row::traded("FILL-03", "a fill has all its fields, and nothing else is a fill", |b| fill_03(b).boxed_local()),
    Row::traded("FILL-04", "an end waits for the fills that it counts", |b| fill_04(b).boxed_local()),
    Row::traded("FILL-05", "a fill after the end corrects the totals", |b| fill_05(b).boxed_local()),
    Row::traded("FILL-06", "a fill without client order id finds its order", |b| fill_06(b).boxed_local()),
    Row::traded("FILL-07", "a fill of an order never seen makes it known", |b| fill_07(b).boxed_local()),
    Row::traded("FILL-08", "fees in a third asset, and rebates, are kept as charged", |b| fill_08(b).boxed_local()),
    Row::traded("FILL-09", "a missing fee is estimated and replaced once", |b| fill_09(b).boxed_local()),
];

/// All fills that were told of, in their order.
fn told(desk: &Desk) -> Vec<Fill> {
    let events = desk.story.all();
    let fill = |change: &AccountChange| match change {
        AccountChange::Order(event) => match &event.change {
            OrderChange::Fill(fill) => Some((**fill).clone()),
            _ => None,
        },
        _ => None,
    };
    events.iter().filter_map(|event| fill(&event.change)).collect()
}

/// Names a fill.
fn key(fill: &Fill) -> (String, String, String) {
    (fill.symbol.to_string(), fill.trade_id.as_str().to_owned(), fill.exchange_order_id.as_str().to_owned())
}

fn their_key(desk: &Desk, fill: &Theirs) -> (String, String, String) {
    (fill.symbol.to_string(), desk.simulator.trade_text(fill), desk.simulator.order_text_of(fill))
}

/// Checks that every fill of the exchange was told of exactly once.
fn once_each(desk: &Desk) -> Result<(), Failed> {
    let mut ours: Vec<_> = told(desk).iter().map(key).collect();
    let mut theirs: Vec<_> = desk.simulator.fills(MAIN).iter().map(|fill| their_key(desk, fill)).collect();
    ours.sort();
    theirs.sort();
    equal("fills", theirs, ours)
}

async fn fill_01(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    desk.inject(bench.told(|reports| reports.any, FaultKind::Duplicate)?.always())?;
    desk.inject(bench.told(|reports| reports.fill, FaultKind::Reorder)?.probability(0.4, bench.seed()))?;
    let order = desk.open_order(Side::Buy, "0.04").await?;
    desk.fill(&order, Some("0.01"))?;
    desk.fill(&order, Some("0.01"))?;
    desk.place(desk.taking(Side::Sell, "0.05")?).await?;
    desk.pass(SECOND).await;

    // The window that is read after a connection overlaps with what was told.
    desk.inject(Fault::new(FaultKind::Drop).path(bench.account_wire()?.paths().private))?;
    desk.fill(&order, Some("0.01"))?;
    let reconciled = |desk: &Desk| desk.story.words().iter().filter(|word| *word == "Reconciled").count();
    let again = crate::bench::comes_true(MINUTE, || reconciled(&desk) >= 2).await;
    expect(again, "another reconciliation", desk.story.words().join(" → "))?;
    once_each(&desk).map_err(|failed| failed.at("after a reconnection"))?;

    let symbol = order.symbol.clone();
    let named = tradewire_simulator::OrderRef::Client(order.client_order_id.as_str().to_owned());
    let meanwhile = move |simulator: &tradewire_simulator::Simulator| {
        simulator.fill_order(MAIN, &symbol, &named, None).map(drop).map_err(|error| Failed::new("a fill", error))
    };
    let desk = desk.restart_after(bench, meanwhile).await?;
    desk.ready().await?;
    desk.story.runs(&order.client_order_id, &filled(), SOON).await?;
    once_each(&desk).map_err(|failed| failed.at("after a restart"))?;
    desk.end(bench).await
}

async fn fill_02(bench: &Bench) -> Verdict {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?;
    for listing in &mut setup.exchange.listings {
        listing.opening_depth = 0;
        listing.history_minutes = 0;
        listing.first_trade_id = Some(1_000);
    }
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let [sold, bought] = meets_itself(bench, &desk).await?;
    let (sold, bought) = (fill_of(&desk, &sold).await?, fill_of(&desk, &bought).await?);
    equal("the id of one trade", &sold.trade_id, &bought.trade_id)?;
    equal("their sides", (Side::Sell, Side::Buy), (sold.side, bought.side))?;

    let price = desk.price(desk.pair(1), 95)?;
    let other = desk.place(OrderRequest::limit(desk.pair(1).clone(), Side::Buy, "0.1".parse()?, price)).await?;
    desk.fill(&other, None)?;
    desk.story.becomes(&other.client_order_id, &filled(), SOON).await?;
    let other = fill_of(&desk, &other.client_order_id).await?;
    // Some exchanges number the trades of all pairs together.
    let texts: Vec<_> = desk.simulator.fills(MAIN).iter().map(|fill| desk.simulator.trade_text(fill)).collect();
    let alike = texts.iter().all(|text| *text == texts[0]);
    equal("whether a trade on another pair has the same id", alike, sold.trade_id == other.trade_id)?;
    let same = told(&desk).iter().filter(|fill| fill.trade_id == sold.trade_id).count();
    equal("fills of this trade id", if alike { 3 } else { 2 }, same)?;
    once_each(&desk)?;
    desk.end(bench).await
}

/// Lets an own order that sells meet one of the same account that buys; answers their ids. Where nothing prevents that for own
/// orders, the one that buys is own too; else another client of the account places it.
async fn meets_itself(bench: &Bench, desk: &Desk) -> Result<[ClientOrderId; 2], Failed> {
    let (pair, price) = (desk.pair(0).clone(), desk.price(desk.pair(0), 100)?);
    let own = |side| Ok::<_, Failed>(OrderRequest::limit(pair.clone(), side, "0.01".parse()?, price));
    let modes = bench.capabilities().trading.as_ref().map_or(&[][..], |trading| trading.self_trade_prevention);
    let (sold, bought, words) = if modes.contains(&SelfTradePrevention::Off) {
        let sold = desk.place(own(Side::Sell)?.self_trade_prevention(SelfTradePrevention::Off)).await?;
        let bought = desk.place(own(Side::Buy)?.self_trade_prevention(SelfTradePrevention::Off)).await?;
        (sold.client_order_id, bought.client_order_id, filled())
    } else {
        let sold = desk.open_order_of(own(Side::Sell)?).await?;
        let mut theirs = Elsewhere::limit(Way::Buy, price.value(), decimal("0.01")?).client_id("theirs");
        theirs.self_trade = Some(SelfTradeMode::None);
        let placed = desk.simulator.place_as(MAIN, pair.as_str(), &theirs);
        placed.map_err(|error| Failed::new("an order of another client", error))?;
        (sold.client_order_id, "theirs".into(), ["External", "Fill", "Completed"].to_vec())
    };
    desk.story.becomes(&sold, &filled(), SOON).await?;
    desk.story.becomes(&bought, &words, SOON).await?;
    Ok([sold, bought])
}

/// The only fill of an order.
async fn fill_of(desk: &Desk, id: &ClientOrderId) -> Result<Fill, Failed> {
    let fills = desk.connector.fills(id).await?;
    match fills.as_slice() {
        [fill] => Ok(fill.clone()),
        other => Err(Failed::new("one fill", format_args!("{other:?}"))),
    }
}

async fn fill_03(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let away = desk.price(desk.pair(0), 105)?;
    let far = |quantity: &str| -> Result<OrderRequest, Failed> {
        Ok(OrderRequest::limit(desk.pair(0).clone(), Side::Sell, quantity.parse()?, away))
    };
    let [by_query, by_restart] = [desk.place(far("0.03")?).await?, desk.place(far("0.04")?).await?];
    let by_stream = desk.open_order(Side::Buy, "0.01").await?;
    desk.fill(&by_stream, None)?;
    desk.story.becomes(&by_stream.client_order_id, &filled(), SOON).await?;
    desk.inject(bench.told(|reports| reports.any, FaultKind::Hold { ms: 2_000 })?.lasting(SECOND))?;
    let by_reply = desk.place(OrderRequest::market(desk.pair(0).clone(), Side::Buy, "0.02".parse()?)).await?;
    desk.pass(4 * SECOND).await;
    let mut mutes = vec![desk.inject(bench.told(|reports| reports.any, FaultKind::Mute)?)?];
    for fill in bench.account_wire()?.reports().fills {
        mutes.push(desk.inject(Fault::new(FaultKind::Mute).event(fill))?);
    }
    desk.fill(&by_query, None)?;
    desk.story.becomes(&by_query.client_order_id, &filled(), 3 * MINUTE).await?;
    for mute in mutes {
        desk.simulator.clear_fault(mute);
    }
    desk.inject(Fault::new(FaultKind::Transfer { asset: "USDT".to_owned(), amount: decimal("100")? }))?;
    if bench.capabilities().perpetual.is_some() {
        desk.inject(Fault::new(FaultKind::Funding { rate: None }))?;
    }

    let down = Fault::new(FaultKind::FillWhileDown { count: None, quantity: None });
    let desk = desk.restart_after(bench, |simulator| Ok(simulator.inject(down).map(drop)?)).await?;
    desk.ready().await?;
    desk.story.becomes(&by_restart.client_order_id, &filled(), SOON).await?;
    let of_reply = if bench.account_wire()?.fills_in_reply() { Source::Reply } else { Source::Stream };
    for (order, source, liquidity) in [
        (&by_stream, Source::Stream, Liquidity::Maker),
        (&by_reply, of_reply, Liquidity::Taker),
        (&by_query, Source::Rest, Liquidity::Maker),
        (&by_restart, Source::Restart, Liquidity::Maker),
    ] {
        for fill in desk.connector.fills(&order.client_order_id).await? {
            whole(&desk, &fill).map_err(|failed| failed.at(format_args!("{source:?}")))?;
            equal("its origin and liquidity", (source, Some(liquidity)), (fill.source, fill.liquidity))?;
        }
    }
    once_each(&desk)?;
    desk.end(bench).await
}

/// Checks a fill against the exchange's own record of it.
fn whole(desk: &Desk, fill: &Fill) -> Result<(), Failed> {
    let theirs = desk.simulator.fills(MAIN).into_iter().find(|theirs| their_key(desk, theirs) == key(fill));
    let theirs = theirs.ok_or_else(|| Failed::new("a fill that the exchange has", format_args!("{fill:?}")))?;
    let numbers = (fill.price.value(), fill.quantity.value(), fill.quote_quantity);
    equal("its price and quantities", (theirs.price, theirs.quantity, theirs.quote), numbers)?;
    let fee = fill.fee.as_ref().map(|fee| (fee.amount.normalize(), fee.asset.as_str().to_owned()));
    equal("its fee", Some((theirs.commission.normalize(), theirs.commission_asset.to_string())), fee)?;
    expect(!fill.fee_estimated, "the exchange's word on the fee", "an estimate")?;
    equal("its time", theirs.time.0 / 1_000, fill.time.as_millis())
}

async fn fill_04(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let paths = bench.account_wire()?.paths();
    let paths = BTreeSet::from([paths.fills, paths.fills_of_order]);
    let reads = |desk: &Desk| paths.iter().map(|path| desk.requests(path).len()).sum::<usize>();
    for (name, fault, lag, soonest, latest) in [
        ("held", FaultKind::Hold { ms: 4_000 }, 0, 4, 5),
        ("lost", FaultKind::Mute, 0, 5, 7),
        ("lost, and lagging", FaultKind::Mute, 60_000, 60, 100),
    ] {
        let before = reads(&desk);
        let lagging = desk.inject(Fault::new(FaultKind::LagQuery { ms: lag }))?;
        let (order, began) = (desk.open_order(Side::Buy, "0.03").await?, Instant::now());
        let id = &order.client_order_id;
        desk.inject(bench.told(|reports| reports.fill, fault)?.order(id.as_str()).times(1))?;
        desk.fill(&order, Some("0.01"))?;
        desk.fill(&order, None)?;
        goes_on(&desk, id, &["Fill"], SECOND).await.map_err(|failed| failed.at(name))?;
        let waiting = desk.order(id).await?;
        equal("how much is missing", Some("0.01".parse()?), waiting.missing_fills)?;
        expect(waiting.state.is_live(), "no end yet", format_args!("{:?}", waiting.state))?;
        goes_on(&desk, id, &["Fill", "Fill", "Completed"], 3 * MINUTE).await.map_err(|failed| failed.at(name))?;
        let took = began.elapsed();
        let expected = soonest * SECOND..=latest * SECOND;
        expect(expected.contains(&took), format_args!("{name}: {soonest} to {latest} s"), format_args!("{took:?}"))?;
        let asked = reads(&desk) > before;
        equal("whether fills were read", name != "held", asked)?;
        desk.simulator.clear_fault(lagging);
    }
    once_each(&desk)?;
    desk.end(bench).await
}

async fn fill_05(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    let id = ends_before_its_fill(bench, &desk, 8 * SECOND).await?;
    goes_on(&desk, &id, &["Cancelled", "Fill(late)"], MINUTE).await?;
    let events = desk.story.order_events(&id);
    let last = events.last().ok_or_else(|| Failed::new("events", "none"))?;
    expect(is_late(&last.change), "a late fill, last", format_args!("{:?}", last.change))?;
    let order = desk.order(&id).await?;
    equal(
        "its sum, told and shown",
        (decimal("0.005")?, decimal("0.005")?),
        (last.filled.value(), order.filled.value()),
    )?;
    equal("its state", OrderState::Cancelled, order.state)?;
    desk.end(bench).await
}

async fn fill_06(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseReply)?)?;
    let mute = desk.inject(bench.told(|reports| reports.any, FaultKind::Mute)?)?;
    let unable = desk.inject(bench.read(|paths| paths.order, FaultKind::Status { status: 503 })?.always())?;
    let id: ClientOrderId = lost(&desk, desk.resting(Side::Buy, "0.02")?).await?;
    let part = FaultKind::PartialFill { quantity: Some(decimal("0.005")?) };
    desk.inject(Fault::new(part).order(id.as_str()))?;
    // What is read of the time down has the exchange's id alone, and nobody says yet whose that is.
    desk.inject(Fault::new(FaultKind::Drop).path(bench.account_wire()?.paths().private))?;
    desk.pass(10 * SECOND).await;
    desk.simulator.clear_fault(unable);
    desk.story.becomes(&id, &["Pending", "OutcomeUnknown", "OutcomeKnown", "Open", "Fill"], 2 * MINUTE).await?;
    desk.simulator.clear_fault(mute);
    once_each(&desk)?;
    desk.end(bench).await
}

async fn fill_07(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    desk.inject(Fault::new(FaultKind::RefuseConnect))?;
    desk.inject(Fault::new(FaultKind::Drop).path(bench.account_wire()?.paths().private))?;
    desk.pass(SECOND).await;
    let price = desk.price(desk.pair(0), 96)?.value();
    let order = ExternalOrder::limit(Way::Buy, price, decimal("0.02")?);
    let order = ExternalOrder { client_id: Some("theirs".to_owned()), ..order };
    desk.inject(Fault::new(FaultKind::ExternalOrder(order)).pair("BTC-USDT"))?;
    desk.inject(Fault::new(FaultKind::FillWhileDown { count: None, quantity: None }))?;
    desk.pass(5 * SECOND).await;
    desk.simulator.clear_faults();
    desk.story.becomes(&"theirs".into(), &["External", "Fill", "Completed"], MINUTE).await?;
    once_each(&desk)?;
    desk.end(bench).await
}

/// What was told of an asset, newest last.
fn balances(desk: &Desk, asset: &str) -> Vec<Balance> {
    let of_it = |change: &AccountChange| match change {
        AccountChange::Balance { balance, .. } if balance.asset == Asset::new(asset) => Some(balance.clone()),
        _ => None,
    };
    desk.story.all().iter().filter_map(|event| of_it(&event.change)).collect()
}

async fn fill_08(bench: &Bench) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT", "BNB-USDT"])?).await?;
    desk.ready().await?;
    let before = balances(&desk, "BNB").last().map(|balance| balance.total);
    let order = desk.open_order(Side::Buy, "0.02").await?;
    desk.inject(Fault::new(FaultKind::FeeAsset { asset: "BNB".to_owned() }))?;
    desk.fill(&order, Some("0.01"))?;
    goes_on(&desk, &order.client_order_id, &["Fill"], SOON).await?;
    let fill = fill_of(&desk, &order.client_order_id).await?;
    let fee = fill.fee.clone().ok_or_else(|| Failed::new("a fee", "none"))?;
    equal("its asset", Asset::new("BNB"), fee.asset)?;
    whole(&desk, &fill)?;
    desk.settled().await?;
    let after = balances(&desk, "BNB").last().map(|balance| balance.total);
    equal("what is left of it", before.map(|before| before - fee.amount), after)?;

    desk.inject(Fault::new(FaultKind::Rebate { rate: Decimal::new(1, 4) }))?;
    desk.fill(&order, None)?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill", "Fill", "Completed"], SOON).await?;
    let fills = desk.connector.fills(&order.client_order_id).await?;
    let rebate = fills.last().ok_or_else(|| Failed::new("a fill", "none"))?;
    expect(
        rebate.fee.as_ref().is_some_and(|fee| fee.amount < Decimal::ZERO),
        "a negative fee",
        format_args!("{rebate:?}"),
    )?;
    whole(&desk, rebate)?;
    let by_asset: BTreeMap<_, _> = desk.order(&order.client_order_id).await?.fees;
    equal("assets of the order's fees", 2, by_asset.len())?;
    desk.end(bench).await
}

async fn fill_09(bench: &Bench) -> Verdict {
    let desk = quiet(bench).await?;
    desk.pass(SECOND).await;
    let order = desk.open_order(Side::Buy, "0.02").await?;
    desk.inject(bench.told(|reports| reports.fill, FaultKind::NoFee)?)?;
    desk.fill(&order, Some("0.01"))?;
    goes_on(&desk, &order.client_order_id, &["Fill"], SOON).await?;
    let estimated = fill_of(&desk, &order.client_order_id).await?;
    expect(estimated.fee_estimated, "an estimate", format_args!("{estimated:?}"))?;
    let rates = desk.connector.fees(desk.pair(0))?;
    let expected = desk.fee_of_buying(&estimated, rates.maker)?.normalize();
    equal("the fee by schedule", Some(expected), estimated.fee.as_ref().map(|fee| fee.amount.normalize()))?;
    goes_on(&desk, &order.client_order_id, &["Fill", "FeeCorrected"], MINUTE).await?;
    whole(&desk, &fill_of(&desk, &order.client_order_id).await?)?;

    let mut free = CommissionRates::default();
    free.standard = Rates::new(Decimal::ZERO, Decimal::ZERO);
    desk.simulator.set_rates(MAIN, free).map_err(|error| Failed::new("an account", error))?;
    desk.fill(&order, None)?;
    let words = &["Fill", "FeeCorrected", "Fill", "Completed"];
    goes_on(&desk, &order.client_order_id, words, SOON).await?;
    desk.pass(MINUTE).await;
    goes_on(&desk, &order.client_order_id, words, SOON).await?;
    let fills = desk.connector.fills(&order.client_order_id).await?;
    let fee = fills.last().and_then(|fill| fill.fee.clone());
    expect(fee.is_some_and(|fee| fee.amount.is_zero()), "a fee of nothing", "none")?;
    desk.end(bench).await
}
