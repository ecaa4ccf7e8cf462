//! Perpetuals: orders that open and close positions.

use tokio::time::Instant;
use tradewire_core::{
    ClientOrderId, CommandError, Decimal, EndReason, ErrorKind, OrderChange, OrderRequest, OrderState, PositionMode,
    PositionSide, Side,
};
use tradewire_simulator::{self as simulator, FaultKind};

use super::mkt::{MINUTE, SECOND};
use super::perp::{desk, modes, side_in, size_is, takes};
use crate::bench::desk::MAIN;
use crate::bench::ledger::side_of;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// What the exchange has of an order: the position that it is for, and whether it may only reduce it.
fn terms(desk: &Desk, id: &str) -> Result<(Option<PositionSide>, bool, bool), Failed> {
    let found = desk.simulator.orders(MAIN).into_iter().find(|order| order.client_id == id);
    let order = found.ok_or_else(|| Failed::new(format_args!("an order {id} at the exchange"), "none"))?;
    Ok((side_of(order.position.side), order.position.reduce_only, order.only_closes()))
}

pub(super) async fn perp_06(bench: &Bench) -> Verdict {
    let in_hedge = bench.capabilities().perpetual.as_ref().is_some_and(|known| known.reduce_only_in_hedge_mode);
    for mode in modes(bench) {
        let desk = desk(bench, &["BTC-USDT"], *mode).await?;
        for (opens, closes, side) in
            [(Side::Buy, Side::Sell, PositionSide::Long), (Side::Sell, Side::Buy, PositionSide::Short)]
        {
            let of = side_in(*mode, side);
            let mut opening = OrderRequest::market(desk.pair(0).clone(), opens, "0.02".parse()?);
            opening.position_side = of;
            let opened = desk.place(opening).await?;
            desk.order_is(&opened.client_order_id, OrderState::Filled).await?;
            let (there, reduces, _) = terms(&desk, opened.client_order_id.as_str())?;
            equal("position and reduce-only of the opening order", (of, false), (there, reduces))?;
            let mut closing = desk.resting(closes, "0.02")?.reduce_only();
            closing.position_side = of;
            let closing = desk.place(closing).await?;
            desk.story.becomes(&closing.client_order_id, &["Pending", "Open"], SOON).await?;
            let (there, reduces, only_closes) = terms(&desk, closing.client_order_id.as_str())?;
            let marked = *mode == PositionMode::OneWay || in_hedge;
            equal("position and reduce-only of the closing order", (of, marked), (there, reduces))?;
            expect(only_closes, "an order that can only close", "one that opens")?;
            desk.fill(&closing, None)?;
            desk.order_is(&closing.client_order_id, OrderState::Filled).await?;
            size_is(&desk, desk.pair(0), of, "0", SECOND).await?;
        }
        if *mode == PositionMode::Hedge {
            let before = (desk.simulator.requests().total, desk.story.length());
            let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
            expect(matches!(error, CommandError::NotSent(_)), "NotSent", format_args!("{error:?}"))?;
            equal("field of the refusal", Some("position_side"), error.error().context("field"))?;
            equal("requests and events", before, (desk.simulator.requests().total, desk.story.length()))?;
        }
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

pub(super) async fn perp_07(bench: &Bench) -> Verdict {
    let desk = desk(bench, &["BTC-USDT"], PositionMode::OneWay).await?;
    for request in [desk.resting(Side::Sell, "0.01")?, desk.taking(Side::Buy, "0.01")?] {
        let (id, error) = desk.refused(request.reduce_only()).await?;
        expect(matches!(error, CommandError::Rejected(_)), "Rejected", format_args!("{error:?}"))?;
        equal("its kind", ErrorKind::ReduceOnly, error.error().kind())?;
        let id = id.ok_or_else(|| Failed::new("an id of the order", "none"))?;
        desk.story.becomes(&id, &["Pending", "Rejected"], SOON).await?;
        let reason = desk.order(&id).await?.reason;
        equal("its reason", Some(EndReason::ReduceOnly), reason)?;
    }
    equal("positions at the exchange", 0, desk.simulator.positions(MAIN).len())?;
    equal("positions here", 0, desk.connector.positions().len())?;
    desk.end(bench).await
}

pub(super) async fn perp_08(bench: &Bench) -> Verdict {
    let desk = desk(bench, &["BTC-USDT"], PositionMode::OneWay).await?;
    takes(&desk, Side::Buy, "0.02", None, false).await?;
    let resting = desk.place(desk.resting(Side::Sell, "0.02")?.reduce_only()).await?;
    desk.story.becomes(&resting.client_order_id, &["Pending", "Open"], SOON).await?;
    takes(&desk, Side::Sell, "0.005", None, false).await?;
    let answered = || desk.story.of_order(&resting.client_order_id).len() > 2;
    let shrinks = comes_true(SECOND, answered).await;
    takes(&desk, Side::Sell, "0.015", None, false).await?;
    size_is(&desk, desk.pair(0), None, "0", SECOND).await?;
    expect(comes_true(SOON, answered).await, "a word on the order that has nothing to reduce", "none")?;
    let story = desk.story.order_events(&resting.client_order_id);
    let says_so = story.iter().any(|event| match &event.change {
        OrderChange::Expired(reason) | OrderChange::Cancelled(reason) => *reason == EndReason::ReduceOnly,
        OrderChange::Amended { .. } => true,
        _ => false,
    });
    let words = desk.story.of_order(&resting.client_order_id).join(" → ");
    expect(says_so, "Amended, or Expired(ReduceOnly)", format_args!("{words} (at once: {shrinks})"))?;
    desk.end(bench).await
}

pub(super) async fn perp_19(bench: &Bench) -> Verdict {
    let desk = desk(bench, &["BTC-USDT"], PositionMode::OneWay).await?;
    for no_fee in [false, true] {
        if no_fee {
            desk.inject(bench.told(|reports| reports.fill, FaultKind::NoFee)?)?;
        }
        let order = desk.place(desk.taking(Side::Buy, "0.05")?).await?;
        let id = &order.client_order_id;
        desk.story.runs(id, &["Pending", "Open", "Fill", "Completed"], SOON).await.or_else(|failed| {
            let words = desk.story.of_order(id);
            let corrected = words.last().is_some_and(|word| word == "FeeCorrected");
            if corrected { Ok(()) } else { Err(failed) }
        })?;
        let known = desk.order(id).await?;
        let theirs = desk.simulator.orders(MAIN).into_iter().find(|order| order.client_id == id.as_str());
        let theirs = theirs.ok_or_else(|| Failed::new("the order at the exchange", "none"))?;
        let average = known.average_price().map(|price| price.value()).unwrap_or_default();
        expect(near(average * theirs.executed, theirs.executed_quote), "its average", average)?;
        let charged: Decimal = of_order(&desk, &theirs).map(|fill| fill.commission).sum();
        let end = Instant::now() + MINUTE;
        while fees(&desk, id).await? != charged.normalize() {
            expect(Instant::now() < end, format_args!("fees of {charged}"), fees(&desk, id).await?)?;
            desk.pass(SECOND).await;
        }
    }
    desk.end(bench).await
}

fn of_order<'a>(desk: &Desk, order: &'a simulator::Order) -> impl Iterator<Item = simulator::Fill> + use<'a> {
    desk.simulator.fills(MAIN).into_iter().filter(move |fill| fill.order == order.id)
}

/// What its fills say was charged for an order.
async fn fees(desk: &Desk, id: &ClientOrderId) -> Result<Decimal, Failed> {
    let fills = desk.connector.fills(id).await?;
    Ok(fills.iter().filter_map(|fill| fill.fee.as_ref()).map(|fee| fee.amount).sum::<Decimal>().normalize())
}

fn near(one: Decimal, other: Decimal) -> bool {
    (one - other).abs() < Decimal::new(1, 8)
}
