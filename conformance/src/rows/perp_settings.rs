//! Perpetuals: leverage, position mode and margin mode.

use std::time::Duration;

use tradewire_core::{
    AccountChange, CommandError, Decimal, ErrorKind, MarginMode, OrderState, PositionMode, PositionSide, Scope, Side,
};
use tradewire_simulator::{self as simulator, Fault, FaultKind, Leverage};

use super::mkt::{MINUTE, SECOND};
use super::perp::{desk, modes, paths, side_in, takes};
use crate::bench::desk::MAIN;
use crate::bench::ledger::mode_of;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Time in which what was set elsewhere is found at the latest: the next poll of the account.
const POLL: Duration = Duration::from_secs(130);

fn leverage(desk: &Desk) -> Option<Decimal> {
    desk.connector.leverage(desk.pair(0), None).map(|known| known.normalize())
}

/// The newest leverage that was told.
fn leverage_told(desk: &Desk) -> Option<Decimal> {
    let of_it = |change: &AccountChange| match change {
        AccountChange::Leverage { pair, leverage, .. } if pair.as_ref() == Some(desk.pair(0)) => {
            Some(leverage.normalize())
        }
        _ => None,
    };
    desk.story.all().iter().rev().find_map(|event| of_it(&event.change))
}

/// What the exchange has chosen for a pair: leverage and position mode.
fn there(desk: &Desk, place: usize) -> Result<(Decimal, PositionMode), Failed> {
    let ledger = desk.simulator.account_ledger(MAIN).and_then(|ledger| ledger.contracts);
    let symbol = desk.instrument(desk.pair(place))?.symbol.to_string();
    let known = ledger.and_then(|contracts| contracts.settings.get(&symbol).copied());
    let known = known.ok_or_else(|| Failed::new(format_args!("settings of {symbol}"), "none"))?;
    Ok((known.leverage.buy.normalize(), mode_of(known.position_mode)))
}

pub(super) async fn perp_09(bench: &Bench) -> Verdict {
    let desk = desk(bench, &["BTC-USDT"], PositionMode::OneWay).await?;
    let pair = desk.pair(0).clone();
    let order = desk.open_order(Side::Buy, "0.01").await?;
    for wanted in ["11", "11", "9"] {
        let wanted = decimal(wanted)?;
        let set = desk.connector.set_leverage(&pair, None, wanted).await;
        let set = set.map_err(|error| Failed::new("a leverage that is set", error))?;
        equal("the leverage read back", wanted, set.normalize())?;
        equal("the leverage stored and at the exchange", (Some(wanted), wanted), {
            (leverage(&desk), there(&desk, 0)?.0)
        })?;
        let told = comes_true(SECOND, || leverage_told(&desk) == Some(wanted)).await;
        expect(told, format_args!("the leverage told, {wanted}"), format_args!("{:?}", leverage_told(&desk)))?;
    }
    let refused = paths(bench)?.refused_leverage;
    let code = FaultKind::Code { code: refused.code, message: None, status: refused.status };
    desk.inject(Fault::new(code).method("POST").path(paths(bench)?.set_leverage))?;
    for (wanted, kind) in [("12", Some(refused.kind)), ("100000", None)] {
        match desk.connector.set_leverage(&pair, None, decimal(wanted)?).await {
            Err(CommandError::Rejected(error)) => {
                let kind = kind.unwrap_or(error.kind());
                equal(format_args!("kind of the refusal of {wanted}"), kind, error.kind())?;
            }
            other => return Err(Failed::new(format_args!("Rejected for {wanted}"), format_args!("{other:?}"))),
        }
        equal("the leverage, stored and there", (Some(decimal("9")?), decimal("9")?), {
            (leverage(&desk), there(&desk, 0)?.0)
        })?;
    }
    another_echo(bench, &desk).await?;
    equal("the order", OrderState::Open, desk.order(&order.client_order_id).await?.state)?;
    desk.end(bench).await
}

/// Somebody else sets another leverage before ours is read back: what is read counts, and the caller is told.
async fn another_echo(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let pair = desk.pair(0).clone();
    desk.inject(Fault::new(FaultKind::Delay { ms: 2_000 }).method("POST").path(paths(bench)?.set_leverage))?;
    let elsewhere = async {
        desk.pass(SECOND).await;
        let set = desk.simulator.set_leverage(MAIN, pair.as_str(), Leverage::of(decimal("5")?));
        set.map_err(|error| Failed::new("another leverage", error))
    };
    let (set, elsewhere) = tokio::join!(desk.connector.set_leverage(&pair, None, decimal("20")?), elsewhere);
    elsewhere?;
    let known = there(desk, 0)?.0;
    let as_read = comes_true(SOON, || leverage(desk) == Some(known)).await;
    expect(as_read, format_args!("the leverage that holds, {known}"), format_args!("{:?}", leverage(desk)))?;
    equal("whether it was set", known == decimal("20")?, set.is_ok())
}

pub(super) async fn perp_10(bench: &Bench) -> Verdict {
    let desk = desk(bench, &["BTC-USDT"], PositionMode::OneWay).await?;
    let declared = bench.capabilities().perpetual.as_ref();
    let settings = |leverage, position_mode, margin_mode| {
        Fault::new(FaultKind::ExternalSettings { leverage, position_mode, margin_mode })
    };
    let seen = desk.story.length();
    desk.inject(settings(Some(decimal("33")?), None, None).pair(desk.pair(0).as_str()))?;
    desk.story.hears_after(seen, "Leverage", POLL).await?;
    equal("the leverage", Some(decimal("33")?), leverage(&desk))?;
    if declared.is_some_and(|known| known.margin_modes.contains(&MarginMode::Isolated)) {
        let seen = desk.story.length();
        desk.inject(settings(None, None, Some(simulator::MarginMode::Isolated)))?;
        desk.story.hears_after(seen, "MarginMode", POLL).await?;
        equal("the margin mode", Some(MarginMode::Isolated), desk.connector.margin_mode(desk.pair(0)))?;
    }
    if modes(bench).contains(&PositionMode::Hedge) {
        let seen = desk.story.length();
        desk.inject(settings(None, Some(simulator::PositionMode::Hedge), None))?;
        desk.story.hears_after(seen, "PositionMode", POLL).await?;
        equal("the position mode", Some(PositionMode::Hedge), desk.connector.position_mode(desk.pair(0)))?;
    }
    desk.end(bench).await
}

pub(super) async fn perp_11(bench: &Bench) -> Verdict {
    let all = modes(bench);
    let [first, .., last] = all else {
        return Ok(Shown::NotRun("an exchange with both position modes".to_owned()));
    };
    let desk = desk(bench, &["BTC-USDT", "ETH-USDT"], *first).await?;
    for wanted in [*last, *last, *first] {
        let seen = desk.story.length();
        let before = there(&desk, 0)?.1;
        let set = desk.connector.set_position_mode(desk.pair(0), wanted).await;
        equal("the mode read back", wanted, set.map_err(|error| Failed::new("a mode that is set", error))?)?;
        equal("the mode at the exchange", wanted, there(&desk, 0)?.1)?;
        desk.pass(POLL).await;
        for (place, pair) in desk.pairs.iter().enumerate() {
            equal(format_args!("mode of {pair}"), Some(there(&desk, place)?.1), desk.connector.position_mode(pair))?;
        }
        let scopes: Vec<Scope> = desk.story.all().iter().skip(seen).filter_map(|event| scope(&event.change)).collect();
        let distinct = scopes.iter().enumerate().all(|(at, scope)| !scopes[..at].contains(scope));
        expect(distinct, "each scope told once", format_args!("{scopes:?}"))?;
        equal("whether a change is told", before != wanted, !scopes.is_empty())?;
    }
    desk.end(bench).await
}

fn scope(change: &AccountChange) -> Option<Scope> {
    match change {
        AccountChange::PositionMode { scope, .. } => Some(scope.clone()),
        _ => None,
    }
}

pub(super) async fn perp_12(bench: &Bench) -> Verdict {
    let all = modes(bench);
    for (mode, other) in all.iter().zip(all.iter().rev()).filter(|(mode, other)| mode != other) {
        let desk = desk(bench, &["BTC-USDT"], *mode).await?;
        let pair = desk.pair(0).clone();
        let mut request = desk.resting(Side::Buy, "0.01")?;
        request.position_side = side_in(*mode, PositionSide::Long);
        let order = desk.place(request).await?;
        desk.story.becomes(&order.client_order_id, &["Pending", "Open"], SOON).await?;
        refuses_a_change(&desk, *mode, *other).await.map_err(|failed| failed.at("an open order"))?;
        let cancelled = desk.connector.cancel(&order.client_order_id).await;
        cancelled.map_err(|error| Failed::new("a cancel", error))?;
        takes(&desk, Side::Buy, "0.01", side_in(*mode, PositionSide::Long), false).await?;
        refuses_a_change(&desk, *mode, *other).await.map_err(|failed| failed.at("an open position"))?;
        takes(&desk, Side::Sell, "0.01", side_in(*mode, PositionSide::Long), true).await?;
        desk.pass(MINUTE).await;
        margin_mode_is_set(bench, &desk).await?;
        let contract = desk.instrument(&pair)?.contract.clone();
        let collateral = contract.map(|contract| contract.collateral().clone());
        equal("the collateral for buying and for selling", Some("USDT".into()), collateral)?;
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

async fn refuses_a_change(desk: &Desk, mode: PositionMode, other: PositionMode) -> Result<(), Failed> {
    let (seen, before) = (desk.story.length(), desk.connector.positions().len());
    match desk.connector.set_position_mode(desk.pair(0), other).await {
        Err(CommandError::Rejected(error)) => equal("its kind", ErrorKind::StateConflict, error.kind())?,
        outcome => return Err(Failed::new("Rejected(StateConflict)", format_args!("{outcome:?}"))),
    }
    equal("the mode", Some(mode), desk.connector.position_mode(desk.pair(0)))?;
    equal("the mode at the exchange", mode, there(desk, 0)?.1)?;
    equal("positions", before, desk.connector.positions().len())?;
    let told = desk.story.words_after(seen).into_iter().find(|word| word == "PositionMode");
    equal("what is told of a mode", None, told)
}

/// While flat the margin mode can be set, and is read back.
async fn margin_mode_is_set(bench: &Bench, desk: &Desk) -> Result<(), Failed> {
    let offered = bench.capabilities().perpetual.as_ref().map_or(&[][..], |known| known.margin_modes);
    for wanted in offered.iter().filter(|wanted| **wanted != MarginMode::Portfolio) {
        let seen = desk.story.length();
        let changes = desk.connector.margin_mode(desk.pair(0)) != Some(*wanted);
        let set = desk.connector.set_margin_mode(desk.pair(0), *wanted).await;
        equal("the margin mode read back", *wanted, set.map_err(|error| Failed::new("a margin mode", error))?)?;
        if changes {
            desk.story.hears_after(seen, "MarginMode", SECOND).await?;
        }
    }
    Ok(())
}
