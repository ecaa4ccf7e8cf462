//! Perpetuals: what is read before ready, and positions. Orders, settings, funding and closing by force stand in `perp_*`.

use std::time::Duration;

use futures_util::FutureExt;
use tradewire_core::{
    AccountChange, Decimal, ErrorKind, LifeEvent, OrderState, Pair, Part, Position, PositionMode, PositionSide, Side,
};
use tradewire_simulator::{
    self as simulator, AccountSetup, Fault, FaultKind, Leverage, Listing, OrderRequest as Theirs, PositionTerms,
    Side as TheirSide,
};

use super::mkt::{MINUTE, SECOND};
use super::perp_force::{perp_17, perp_18};
use super::perp_funding::{perp_13, perp_14, perp_15, perp_16};
use super::perp_orders::{perp_06, perp_07, perp_08, perp_19};
use super::perp_settings::{perp_09, perp_10, perp_11, perp_12};
use super::private::{kept_away, lose_private, part, reconciled};
use crate::bench::desk::MAIN;
use crate::bench::ledger::{mode_of, side_of};
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Body, Failed, Shown, Verdict, equal, expect};
use crate::{PerpetualPaths, Row};

macro_rules! row {
    ($id:literal, $text:literal, $body:path) => {
        Row::traded($id, $text, {
            const BODY: Body = |bench| on_contracts(bench, |bench| $body(bench).boxed_local()).boxed_local();
            BODY
        })
    };
}

/// Perpetuals.
pub(super) const ROWS: &[Row] = &[
    row!("PERP-01", "modes, leverage, positions and funding are read before ready", perp_01),
    row!("PERP-02", "positions are kept by pair, or by pair and side", perp_02),
    row!("PERP-03", "an account in another mode is not switched", perp_03),
    row!("PERP-04", "a position equals the sum of its fills", perp_04),
    row!("PERP-05", "a full list replaces the set of positions", perp_05),
    row!("PERP-06", "opening and closing become the right fields", perp_06),
    row!("PERP-07", "reduce-only refused opens nothing", perp_07),
    row!("PERP-08", "reduce-only orders that the exchange shrinks say so", perp_08),
    row!("PERP-09", "leverage is read back after it was set", perp_09),
    row!("PERP-10", "settings changed elsewhere are seen", perp_10),
    row!("PERP-11", "the position mode is set while flat, and read back", perp_11),
    row!("PERP-12", "with positions open a change of mode is refused", perp_12),
    row!("PERP-13", "mark, index, rate and funding time are read and updated", perp_13),
    row!("PERP-14", "each funding payment comes once", perp_14),
    row!("PERP-15", "fundings while down come in time order", perp_15),
    row!("PERP-16", "after a restart no payment is missed or repeated", perp_16),
    row!("PERP-17", "liquidation orders are external orders of that origin", perp_17),
    row!("PERP-18", "auto-deleveraging and settlement likewise", perp_18),
    row!("PERP-19", "replies without averages and fees decode", perp_19),
];

/// Runs a row where contracts are traded.
async fn on_contracts(bench: &Bench, body: Body) -> Verdict {
    match bench.capabilities().perpetual {
        Some(_) => body(bench).await,
        None => Ok(Shown::NotRun("a market of perpetuals".to_owned())),
    }
}

pub(super) fn paths(bench: &Bench) -> Result<PerpetualPaths, Failed> {
    bench.account_wire()?.perpetual().ok_or_else(|| Failed::new("paths of contracts", "none are known"))
}

/// A quiet market of these pairs and an account whose positions are kept in this mode.
pub(super) fn setup(bench: &Bench, pairs: &[&str], mode: PositionMode) -> Result<DeskSetup, Failed> {
    let mut setup = DeskSetup::quiet(bench, pairs)?;
    let account = AccountSetup { otherwise: Decimal::ZERO, ..AccountSetup::main() };
    setup.exchange.accounts = vec![AccountSetup { position_mode: Some(theirs(mode)), ..account }];
    Ok(setup)
}

/// As [`setup`], started and ready.
pub(super) async fn desk(bench: &Bench, pairs: &[&str], mode: PositionMode) -> Result<Desk, Failed> {
    let desk = bench.desk(setup(bench, pairs, mode)?).await?;
    desk.ready().await?;
    Ok(desk)
}

/// The position modes that the exchange offers.
pub(super) fn modes(bench: &Bench) -> &'static [PositionMode] {
    bench.capabilities().perpetual.as_ref().map_or(&[], |contracts| contracts.position_modes)
}

pub(super) fn theirs(mode: PositionMode) -> simulator::PositionMode {
    match mode {
        PositionMode::OneWay => simulator::PositionMode::OneWay,
        PositionMode::Hedge => simulator::PositionMode::Hedge,
    }
}

/// The side of a position that an order is for: none in one-way mode.
pub(super) fn side_in(mode: PositionMode, side: PositionSide) -> Option<PositionSide> {
    (mode == PositionMode::Hedge).then_some(side)
}

/// Takes from the market so that a position grows or shrinks, and waits until the fills are told.
pub(super) async fn takes(
    desk: &Desk,
    side: Side,
    quantity: &str,
    of: Option<PositionSide>,
    closes: bool,
) -> Result<(), Failed> {
    let mut request = desk.taking(side, quantity)?;
    request.position_side = of;
    request.reduce_only = closes;
    let order = desk.place(request).await?;
    desk.order_is(&order.client_order_id, OrderState::Filled).await.map(drop)
}

/// The size of a position as the connector says.
pub(super) fn size(desk: &Desk, pair: &Pair, side: Option<PositionSide>) -> Decimal {
    desk.connector.position(pair, side).map_or(Decimal::ZERO, |held| held.size.normalize())
}

/// Waits until a position has a size.
pub(super) async fn size_is(
    desk: &Desk,
    pair: &Pair,
    side: Option<PositionSide>,
    wanted: &str,
    within: Duration,
) -> Result<(), Failed> {
    let wanted = decimal(wanted)?.normalize();
    let came = comes_true(within, || size(desk, pair, side) == wanted).await;
    expect(came, format_args!("a position of {wanted} in {pair} ({side:?})"), size(desk, pair, side))
}

/// The newest word on a position among the events.
pub(super) fn told(desk: &Desk, pair: &Pair, side: Option<PositionSide>) -> Option<Position> {
    let of_it = |change: &AccountChange| match change {
        AccountChange::Position(held) if held.pair.as_ref() == Some(pair) && held.side == side => {
            Some((**held).clone())
        }
        _ => None,
    };
    desk.story.all().iter().rev().find_map(|event| of_it(&event.change))
}

/// Another client of the account takes from the market.
pub(super) fn takes_elsewhere(
    exchange: &simulator::Simulator,
    pair: &Pair,
    side: TheirSide,
    quantity: &str,
    terms: PositionTerms,
) -> Result<(), Failed> {
    let mut request = Theirs::market(side, decimal(quantity)?);
    request.position = terms;
    let placed = exchange.place_as(MAIN, pair.as_str(), &request);
    exchange.publish();
    placed.map(drop).map_err(|error| Failed::new("an order of another client", error))
}

async fn perp_01(bench: &Bench) -> Verdict {
    for mode in modes(bench) {
        let mut setup = setup(bench, &["BTC-USDT", "ETH-USDT"], *mode)?;
        setup.exchange.accounts[0].leverage = Some(decimal("13")?);
        let listings = setup.exchange.listings.clone();
        // Funding and marks come by REST late, and positions too.
        let slow = FaultKind::Delay { ms: 3_000 };
        let desk = bench.desk(setup.fault(Fault::new(slow).path(paths(bench)?.positions))).await?;
        desk.ready().await?;
        let took = desk.started.elapsed();
        expect(took >= 3 * SECOND, "readiness after the positions were read", format_args!("{took:?}"))?;
        settings_are_read(&desk, *mode, "13")?;
        terms_are_read(&desk, &listings).await?;
        takes(&desk, Side::Buy, "0.01", side_in(*mode, PositionSide::Long), false).await?;
        desk.settled().await?;
        let pair = desk.pair(0).clone();
        let changed = |exchange: &simulator::Simulator| {
            let seven = Leverage::of(decimal("7")?);
            let set = exchange.set_leverage(MAIN, "ETH-USDT", seven);
            set.map_err(|error| Failed::new("another leverage", error))
        };
        let desk = desk.restart_after(bench, changed).await?;
        desk.ready().await?;
        settings_are_read(&desk, *mode, "13")
            .map_or_else(|_| Ok(()), |()| Err(Failed::new("the leverage that holds now", "the one from before")))?;
        equal("leverage of ETH-USDT", Some(decimal("7")?), desk.connector.leverage(desk.pair(1), None))?;
        size_is(&desk, &pair, side_in(*mode, PositionSide::Long), "0.01", Duration::ZERO).await?;
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

/// Everything is known, is what the exchange has, and was told before the account was said to be ready.
fn settings_are_read(desk: &Desk, mode: PositionMode, leverage: &str) -> Result<(), Failed> {
    for pair in &desk.pairs {
        equal("position mode", Some(mode), desk.connector.position_mode(pair))?;
        expect(desk.connector.margin_mode(pair).is_some(), format_args!("a margin mode of {pair}"), "none")?;
        let of_side = side_in(mode, PositionSide::Long);
        let known = desk.connector.leverage(pair, of_side).map(|known| known.normalize());
        equal(format_args!("leverage of {pair}"), Some(decimal(leverage)?), known)?;
        let funding = desk.connector.funding_rate(pair);
        let whole = funding.as_ref().is_some_and(|known| known.rate.is_some() && known.next_time.is_some());
        expect(whole, format_args!("funding of {pair}"), format_args!("{funding:?}"))?;
    }
    let words = desk.story.words();
    let place = |word: &str| words.iter().position(|told| told == word);
    let (first_mode, leverage) = (place("PositionMode"), place("Leverage"));
    let in_order = first_mode.is_some() && leverage.is_some() && first_mode < leverage;
    expect(in_order, "PositionMode → Leverage", words.join(" → "))
}

/// What the exchange publishes of contracts is known: their terms, as far as its list tells them, and the margin of positions.
async fn terms_are_read(desk: &Desk, listings: &[Listing]) -> Result<(), Failed> {
    for pair in &desk.pairs {
        let unknown = || Failed::new(format_args!("a contract {pair}"), "none");
        let listing = listings.iter().find(|listing| listing.pair() == pair.as_str()).ok_or_else(unknown)?;
        let theirs = listing.contract.clone().unwrap_or_default();
        let ours = desk.instrument(pair)?.contract.clone().ok_or_else(unknown)?;
        equal(format_args!("settle asset of {pair}"), listing.quote.as_str(), ours.settle.as_str())?;
        equal(format_args!("base units in a quantity of 1 of {pair}"), Decimal::ONE, ours.size.normalize())?;
        let most = theirs.max_leverage().normalize();
        equal(
            format_args!("highest leverage of {pair}"),
            most,
            ours.max_leverage.map_or(most, |most| most.normalize()),
        )?;
        let hours = u64::from(theirs.funding_hours);
        let told = ours.funding_interval.map_or(hours, |interval| interval.as_secs() / 3_600);
        equal(format_args!("hours between fundings of {pair}"), hours, told)?;
        let known = desk.connector.margin_tiers(pair).await?;
        let known: Vec<_> = known
            .iter()
            .map(|tier| [tier.floor, tier.max_leverage, tier.maintenance_rate.round_dp(6), tier.deduction])
            .map(|tier| tier.map(|figure| figure.normalize()))
            .collect();
        let tiers = theirs.tiers.iter().enumerate().map(|(at, tier)| {
            let figures = [theirs.floor_of(at), tier.max_leverage, tier.maintenance_rate, theirs.deduction_of(at)];
            figures.map(|figure| figure.normalize())
        });
        equal(format_args!("margin tiers of {pair}"), tiers.collect::<Vec<_>>(), known)?;
    }
    Ok(())
}

async fn perp_02(bench: &Bench) -> Verdict {
    for mode in modes(bench) {
        let desk = desk(bench, &["BTC-USDT", "ETH-USDT"], *mode).await?;
        let pair = desk.pair(0).clone();
        if *mode == PositionMode::OneWay {
            takes(&desk, Side::Buy, "0.02", None, false).await?;
            size_is(&desk, &pair, None, "0.02", SECOND).await?;
            takes(&desk, Side::Sell, "0.05", None, false).await?;
            size_is(&desk, &pair, None, "-0.03", SECOND).await?;
            equal("positions", 1, desk.connector.positions().len())?;
        } else {
            let (long, short) = (Some(PositionSide::Long), Some(PositionSide::Short));
            takes(&desk, Side::Buy, "0.02", long, false).await?;
            takes(&desk, Side::Sell, "0.03", short, false).await?;
            size_is(&desk, &pair, long, "0.02", SECOND).await?;
            size_is(&desk, &pair, short, "-0.03", SECOND).await?;
            equal("positions", 2, desk.connector.positions().len())?;
            takes(&desk, Side::Buy, "0.03", short, true).await?;
            size_is(&desk, &pair, short, "0", SECOND).await?;
            size_is(&desk, &pair, long, "0.02", Duration::ZERO).await?;
            equal("positions", 1, desk.connector.positions().len())?;
            let closed = told(&desk, &pair, short).map(|held| (held.size.normalize(), held.entry_price));
            equal("what is told of the one that was closed", Some((Decimal::ZERO, None)), closed)?;
        }
        equal("a pair without positions", Decimal::ZERO, size(&desk, desk.pair(1), None))?;
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

async fn perp_03(bench: &Bench) -> Verdict {
    let all = modes(bench);
    for (mode, other) in all.iter().flat_map(|mode| all.iter().map(move |other| (*mode, *other))) {
        if mode == other {
            continue;
        }
        for accepts in [true, false] {
            let setup = setup(bench, &["BTC-USDT"], mode)?.tweak(move |config| config.position_mode = Some(other));
            let desk = bench.desk(setup).await?;
            let not = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: Part::Mode, .. });
            desk.witness.life(Mark::default(), SOON, "PartNotReady(mode)", not).await?;
            let rest_is_ready = || desk.connector.waiting().len() == 1;
            expect(comes_true(SOON, rest_is_ready).await, "the mode alone waited for", "more")?;
            let before = desk.commands(simulator::OrderCommand::Place).len();
            let (_, error) = desk.refused(desk.resting(Side::Buy, "0.01")?).await?;
            let not_sent = matches!(error, tradewire_core::CommandError::NotSent(_));
            expect(not_sent, "NotSent", format_args!("{error:?}"))?;
            equal("its kind", ErrorKind::NotReady, error.error().kind())?;
            equal("orders sent", before, desk.commands(simulator::OrderCommand::Place).len())?;
            desk.pass(5 * MINUTE).await;
            let still = desk.connector.position_mode(desk.pair(0));
            equal("the account's mode, which nobody has switched", Some(mode), still)?;
            let pair = desk.pair(0).clone();
            let then = if accepts {
                desk.connector.accept_position_mode()?;
                mode
            } else {
                let set = desk.connector.set_position_mode(&pair, other).await;
                set.map_err(|error| Failed::new("the mode set", error))?
            };
            desk.ready().await?;
            let mut request = desk.resting(Side::Buy, "0.01")?;
            request.position_side = side_in(then, PositionSide::Long);
            desk.place(request).await?;
            desk.end(bench).await?;
        }
    }
    Ok(Shown::Works)
}

async fn perp_04(bench: &Bench) -> Verdict {
    for mode in modes(bench) {
        let desk = desk(bench, &["BTC-USDT"], *mode).await?;
        let pair = desk.pair(0).clone();
        let of = side_in(*mode, PositionSide::Short);
        let steps: &[(Side, &str, bool)] = if *mode == PositionMode::OneWay {
            &[
                (Side::Sell, "0.03", false),
                (Side::Sell, "0.01", false),
                (Side::Buy, "0.025", true),
                (Side::Buy, "0.05", false),
            ]
        } else {
            &[
                (Side::Sell, "0.03", false),
                (Side::Sell, "0.01", false),
                (Side::Buy, "0.025", true),
                (Side::Buy, "0.015", true),
            ]
        };
        for (side, quantity, closes) in steps {
            let seen = desk.story.length();
            takes(&desk, *side, quantity, of, *closes).await?;
            desk.story.hears_after(seen, "Position", SECOND).await?;
            let words = desk.story.words_after(seen);
            let place = |word: &str| words.iter().position(|told| told == word);
            expect(place("Fill") < place("Position"), "Fill → Position", words.join(" → "))?;
            desk.settled().await?;
            // The mark price that comes next is one by which the position is valued.
            let valued = || desk.connector.position(&pair, of).is_some_and(|held| held.mark_price.is_some());
            let flat = size(&desk, &pair, of).is_zero();
            expect(flat || comes_true(3 * SECOND, valued).await, "its mark price", "none")?;
            is_the_engines(&desk, &pair, of)?;
        }
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

/// A position is the sum of its fills, and has the exchange's figures.
fn is_the_engines(desk: &Desk, pair: &Pair, side: Option<PositionSide>) -> Result<(), Failed> {
    let sum: Decimal = desk.simulator.fills(MAIN).iter().map(signed).sum();
    equal("size by fills", sum.normalize(), size(desk, pair, side))?;
    let (Some(ours), Some(theirs)) = (
        desk.connector.position(pair, side).filter(|held| !held.size.is_zero()),
        desk.simulator.positions(MAIN).into_iter().find(|held| side_of(held.side) == side),
    ) else {
        return equal("open positions", desk.simulator.positions(MAIN).len(), desk.connector.positions().len());
    };
    equal("size", theirs.size.normalize(), ours.size.normalize())?;
    equal("leverage", Some(theirs.leverage.normalize()), ours.leverage.map(|leverage| leverage.normalize()))?;
    expect(ours.margin_mode.is_some(), "its margin mode", "none")?;
    let entry = ours.entry_price.map(|entry| entry.value()).unwrap_or_default();
    expect((entry - theirs.entry).abs() < Decimal::new(1, 6), format_args!("an entry at {}", theirs.entry), entry)?;
    let profit = ours.unrealised_profit.ok_or_else(|| Failed::new("its profit", "none"))?;
    let mark = ours.mark_price.ok_or_else(|| Failed::new("its mark price", "none"))?;
    let expected = ours.size * (mark.value() - entry);
    expect((profit - expected).abs() < Decimal::new(1, 4), format_args!("a profit of {expected}"), profit)
}

fn signed(fill: &simulator::Fill) -> Decimal {
    if fill.side == TheirSide::Buy { fill.quantity } else { -fill.quantity }
}

async fn perp_05(bench: &Bench) -> Verdict {
    let desk = desk(bench, &["BTC-USDT"], PositionMode::OneWay).await?;
    let pair = desk.pair(0).clone();
    takes(&desk, Side::Buy, "0.02", None, false).await?;
    size_is(&desk, &pair, None, "0.02", SECOND).await?;
    // It is closed while nobody listens: the list of the reconciliation misses it, or has it flat.
    let away = desk.inject(kept_away(bench)?)?;
    let mark = lose_private(bench, &desk).await?;
    takes_elsewhere(&desk.simulator, &pair, TheirSide::Sell, "0.02", PositionTerms::default())?;
    desk.simulator.clear_fault(away);
    reconciled(&desk, mark, MINUTE).await?;
    size_is(&desk, &pair, None, "0", SOON).await?;
    let closed = told(&desk, &pair, None).map(|held| held.size.normalize());
    equal("what is told of it", Some(Decimal::ZERO), closed)?;

    // A list that was read before a fill and comes after it changes nothing.
    takes(&desk, Side::Buy, "0.01", None, false).await?;
    desk.settled().await?;
    desk.inject(Fault::new(FaultKind::Delay { ms: 3_000 }).path(paths(bench)?.positions))?;
    let mark = lose_private(bench, &desk).await?;
    part(&desk, Mark::default(), Part::Private, true, SOON).await?;
    desk.pass(SECOND).await;
    takes_elsewhere(&desk.simulator, &pair, TheirSide::Buy, "0.03", PositionTerms::default())?;
    reconciled(&desk, mark, MINUTE).await?;
    size_is(&desk, &pair, None, "0.04", SOON).await?;
    desk.pass(5 * SECOND).await;
    size_is(&desk, &pair, None, "0.04", Duration::ZERO).await?;
    let there = desk.simulator.account_ledger(MAIN).and_then(|ledger| ledger.contracts);
    let mode = there.and_then(|contracts| contracts.settings.values().next().map(|known| mode_of(known.position_mode)));
    equal("the account's mode", Some(PositionMode::OneWay), mode)?;
    desk.end(bench).await
}
