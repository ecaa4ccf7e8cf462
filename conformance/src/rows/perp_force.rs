//! Perpetuals: what the exchange does to positions by itself.

use tradewire_core::{
    AccountChange, ClientOrderId, EndReason, OrderChange, OrderState, Origin, Pair, PositionMode, PositionSide,
    PrivateMessage, Side,
};
use tradewire_simulator as simulator;

use super::mkt::SECOND;
use super::perp::{desk, modes, side_in, size_is, takes};
use crate::account_wire::{WirePrivateFrame, WireTells};
use crate::bench::desk::MAIN;
use crate::bench::world::SOON;
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// The side of a position in the exchange's words.
fn theirs(side: Option<PositionSide>) -> simulator::PositionSide {
    match side {
        None => simulator::PositionSide::Both,
        Some(PositionSide::Long) => simulator::PositionSide::Long,
        Some(_) => simulator::PositionSide::Short,
    }
}

/// A long position, and an order that rests.
async fn holds(bench: &Bench, mode: PositionMode) -> Result<(Desk, ClientOrderId, Option<PositionSide>), Failed> {
    let desk = desk(bench, &["BTC-USDT"], mode).await?;
    let of = side_in(mode, PositionSide::Long);
    takes(&desk, Side::Buy, "0.05", of, false).await?;
    let mut request = desk.resting(Side::Buy, "0.01")?;
    request.position_side = of;
    let order = desk.place(request).await?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open"], SOON).await?;
    desk.settled().await?;
    Ok((desk, order.client_order_id, of))
}

/// Waits until an order of this origin has been told from its first sight to its end, and the position is closed.
async fn closed_by(desk: &Desk, seen: usize, origin: Origin, of: Option<PositionSide>) -> Result<(), Failed> {
    let external = |change: &AccountChange| match change {
        AccountChange::Order(told) => match &told.change {
            OrderChange::External(known) if *known == origin => Some(told.client_order_id.clone()),
            _ => None,
        },
        _ => None,
    };
    let find =
        || -> Option<ClientOrderId> { desk.story.all().iter().skip(seen).find_map(|event| external(&event.change)) };
    let came = comes_true(SOON, || find().is_some()).await;
    expect(came, format_args!("External({origin:?})"), desk.story.words_after(seen).join(" → "))?;
    let order = find().ok_or_else(|| Failed::new("the order", "none"))?;
    let ended = || desk.story.of_order(&order).last().is_some_and(|word| word == "Completed");
    expect(comes_true(SOON, ended).await, "its fills and its end", desk.story.of_order(&order).join(" → "))?;
    let pair: &Pair = desk.pair(0);
    size_is(desk, pair, of, "0", SOON).await?;
    let words = desk.story.words_after(seen);
    let place = |word: &str| words.iter().position(|told| told == word);
    let last = words.iter().rposition(|told| told == "Position");
    let in_order = place("External") < place("Fill") && place("Fill").map(Some) <= Some(last);
    expect(in_order, "External → Fill* → Position", words.join(" → "))
}

/// Whether the private stream warns before it liquidates.
fn tells_margin_calls(bench: &Bench) -> Result<bool, Failed> {
    let warns = |frame: WirePrivateFrame| match frame.tells {
        WireTells::Messages(told) => told.iter().any(|told| matches!(told, PrivateMessage::MarginCall { .. })),
        _ => false,
    };
    Ok(bench.account_wire()?.private_frames().into_iter().any(warns))
}

pub(super) async fn perp_17(bench: &Bench) -> Verdict {
    for mode in modes(bench) {
        let (desk, resting, of) = holds(bench, *mode).await?;
        let seen = desk.story.length();
        let liquidated = desk.simulator.liquidate(MAIN, desk.pair(0).as_str(), theirs(of));
        liquidated.map_err(|error| Failed::new("a liquidation", error))?;
        closed_by(&desk, seen, Origin::Liquidation, of).await?;
        let words = desk.story.words_after(seen);
        let place = |word: &str| words.iter().position(|told| told == word);
        equal("MarginCall, where the exchange tells it", tells_margin_calls(bench)?, place("MarginCall").is_some())?;
        expect(place("MarginCall") < place("External"), "MarginCall before the order", words.join(" → "))?;
        let balance = |change: &AccountChange| matches!(change, AccountChange::Balance { .. });
        desk.story.sees_after(seen, "Balance", SOON, balance).await?;
        let order = desk.order_is(&resting, OrderState::Cancelled).await?;
        equal("the reason of its end", Some(EndReason::Liquidation), order.reason)?;
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

pub(super) async fn perp_18(bench: &Bench) -> Verdict {
    for mode in modes(bench) {
        let (desk, resting, of) = holds(bench, *mode).await?;
        let pair = desk.pair(0).clone();
        let last = desk.simulator.last_price(pair.as_str()).ok_or_else(|| Failed::new("a last price", "none"))?;
        let seen = desk.story.length();
        let closed = desk.simulator.adl(MAIN, pair.as_str(), theirs(of), last, None);
        closed.map_err(|error| Failed::new("auto-deleveraging", error))?;
        desk.simulator.publish();
        closed_by(&desk, seen, Origin::Adl, of).await?;
        takes(&desk, Side::Buy, "0.03", of, false).await?;
        desk.pass(SECOND).await;
        let seen = desk.story.length();
        desk.simulator.settle(pair.as_str(), None).map_err(|error| Failed::new("a settlement", error))?;
        closed_by(&desk, seen, Origin::Settlement, of).await?;
        let ended = desk.order_is(&resting, OrderState::Cancelled).await?;
        equal("the reason of its end", Some(EndReason::Settlement), ended.reason)?;
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}
