//! Perpetuals: mark prices, funding rates and funding payments.

use std::time::Duration;

use tradewire_core::{AccountChange, Decimal, FundingPayment, MarketEvent, PositionMode, PositionSide, Side};
use tradewire_simulator::{self as simulator, Fault, FaultKind, PositionTerms, Side as TheirSide};

use super::mkt::{MINUTE, SECOND};
use super::perp::{desk, modes, setup, side_in, takes, takes_elsewhere};
use crate::bench::desk::MAIN;
use crate::bench::ledger::side_of;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// Time in which a payment is known: it comes by the stream, or is read a minute after the funding and every ten.
const KNOWN: Duration = Duration::from_secs(11 * 60);

pub(super) async fn perp_13(bench: &Bench) -> Verdict {
    let mut setup = setup(bench, &["BTC-USDT", "ETH-USDT"], PositionMode::OneWay)?;
    if let Some(contract) = &mut setup.exchange.listings[1].contract {
        contract.funding_hours = 4;
    }
    let path = bench.wire().paths().funding[0];
    let broken = Fault::new(FaultKind::Status { status: 500 }).path(path).times(4);
    let desk = bench.desk(setup.fault(broken)).await?;
    desk.ready().await?;
    for pair in &desk.pairs {
        equals_the_exchanges(&desk, pair).await?;
    }
    let pair = desk.pair(0).clone();
    let mark = desk.witness.mark();
    let price = |percent: i64| Ok::<_, Failed>(last(&desk)? * Decimal::from(percent) / Decimal::ONE_HUNDRED);
    let set = desk.simulator.set_mark_price(pair.as_str(), Some(price(101)?.round_dp(2)));
    set.map_err(|error| Failed::new("a mark price", error))?;
    let is_it = |event: &MarketEvent| matches!(event, MarketEvent::FundingRate(_));
    desk.witness.wait_market(mark, SOON, "FundingRate", &pair, is_it).await?;
    equals_the_exchanges(&desk, &pair).await?;
    let set = desk.simulator.set_funding_rate(pair.as_str(), Some(decimal("0.00042")?));
    set.map_err(|error| Failed::new("a funding rate", error))?;
    let told = || desk.connector.funding_rate(&pair).and_then(|known| known.rate);
    let came = comes_true(MINUTE, || told() == Decimal::new(42, 5).into()).await;
    expect(came, "the new rate", format_args!("{:?}", told()))?;
    equals_the_exchanges(&desk, &pair).await?;
    desk.end(bench).await
}

fn last(desk: &Desk) -> Result<Decimal, Failed> {
    desk.simulator.last_price(desk.pair(0).as_str()).ok_or_else(|| Failed::new("a last price", "none"))
}

/// All figures of a contract are known, and are soon those of the exchange.
async fn equals_the_exchanges(desk: &Desk, pair: &tradewire_core::Pair) -> Result<(), Failed> {
    let ours = || {
        let known = desk.connector.funding_rate(pair)?;
        let hours = known.interval.map(|interval| interval.as_secs() / 3600);
        let value = |price: Option<tradewire_core::Price>| price.map(|price| price.value().normalize());
        let next = known.next_time.map(|time| time.as_millis());
        Some((
            value(Some(known.mark_price)),
            value(known.index_price),
            known.rate.map(|rate| rate.normalize()),
            next,
            hours,
        ))
    };
    let theirs = || {
        let known = desk.simulator.mark_price(pair.as_str())?;
        let (mark, index) = (Some(known.mark.normalize()), Some(known.index.normalize()));
        let next = Some(known.next_funding.millis());
        Some((mark, index, Some(known.rate.normalize()), next, Some(u64::from(known.funding_hours))))
    };
    let came = comes_true(SOON, || ours().is_some() && ours() == theirs()).await;
    expect(came, format_args!("of {pair}: {:?}", theirs()), format_args!("{:?}", ours()))
}

/// The payments that were told, in order.
fn payments(desk: &Desk) -> Vec<FundingPayment> {
    let payment = |change: &AccountChange| match change {
        AccountChange::FundingPayment(payment) => Some((**payment).clone()),
        _ => None,
    };
    desk.story.all().iter().filter_map(|event| payment(&event.change)).collect()
}

/// What names a payment for these rows: instrument, amount and time in milliseconds.
type Named = (String, Decimal, i64);

fn named(desk: &Desk) -> Vec<Named> {
    let told = payments(desk).into_iter();
    told.map(|paid| (paid.symbol.to_string(), paid.amount.normalize(), paid.time.as_millis())).collect()
}

fn booked(desk: &Desk) -> Result<Vec<Named>, Failed> {
    let ledger = desk.simulator.account_ledger(MAIN).and_then(|ledger| ledger.contracts);
    let ledger = ledger.ok_or_else(|| Failed::new("a ledger of contracts", "none"))?;
    let all = ledger.funding.iter();
    Ok(all.map(|paid| (paid.symbol.to_string(), paid.amount.normalize(), paid.time.millis())).collect())
}

/// Waits until every payment has been told once, in the order of their times, and none besides. Those whose time has come by
/// itself are among them.
async fn each_told_once(desk: &Desk, at_least: usize) -> Result<(), Failed> {
    let sorted = |mut all: Vec<Named>| {
        all.sort();
        all
    };
    for _ in 0..2 {
        let same = || booked(desk).is_ok_and(|booked| sorted(booked) == sorted(named(desk)));
        if !comes_true(KNOWN, same).await {
            equal("payments told", sorted(booked(desk)?), sorted(named(desk)))?;
        }
        // Nothing comes again with the reads that follow.
        desk.pass(KNOWN).await;
    }
    let known = named(desk);
    expect(known.len() >= at_least, format_args!("{at_least} payments"), format_args!("{known:?}"))?;
    let rising = payments(desk).windows(2).all(|two| two[0].time <= two[1].time);
    expect(rising, "payments in the order of their times", format_args!("{known:?}"))
}

fn fund(exchange: &simulator::Simulator, pairs: &[&str], rate: &str) -> Result<(), Failed> {
    for pair in pairs {
        let run = exchange.run_funding(pair, Some(decimal(rate)?));
        run.map_err(|error| Failed::new("a funding", error))?;
    }
    exchange.publish();
    Ok(())
}

pub(super) async fn perp_14(bench: &Bench) -> Verdict {
    for mode in modes(bench) {
        let desk = desk(bench, &["BTC-USDT"], *mode).await?;
        let of = side_in(*mode, PositionSide::Long);
        takes(&desk, Side::Buy, "0.05", of, false).await?;
        desk.settled().await?;
        let seen = desk.story.length();
        for event in bench.account_wire()?.balance_events() {
            desk.inject(Fault::new(FaultKind::Duplicate).event(event).times(2))?;
        }
        fund(&desk.simulator, &["BTC-USDT"], "0.0003")?;
        desk.story.hears_after(seen, "FundingPayment", KNOWN).await?;
        let balance = |change: &AccountChange| matches!(change, AccountChange::Balance { .. });
        desk.story.sees_after(seen, "Balance", MINUTE, balance).await?;
        each_told_once(&desk, 1).await?;
        let told = payments(&desk);
        let at_that_rate = |paid: &&FundingPayment| paid.rate.is_none_or(|rate| rate == Decimal::new(3, 4));
        let paid = told.iter().find(at_that_rate).ok_or_else(|| Failed::new("the payment", "none"))?;
        expect(paid.amount < Decimal::ZERO, "a payment of a long position at a rate above zero", paid.amount)?;
        if let Some(size) = paid.size {
            equal("its position", decimal("0.05")?, size.normalize())?;
        }
        // The other way.
        fund(&desk.simulator, &["BTC-USDT"], "-0.0001")?;
        each_told_once(&desk, 2).await?;
        desk.end(bench).await?;
    }
    Ok(Shown::Works)
}

/// A desk with a long position in one pair and a short one in another.
async fn two_positions(bench: &Bench) -> Result<Desk, Failed> {
    let desk = desk(bench, &["BTC-USDT", "ETH-USDT"], PositionMode::OneWay).await?;
    takes(&desk, Side::Buy, "0.02", None, false).await?;
    takes_elsewhere(&desk.simulator, desk.pair(1), TheirSide::Sell, "0.5", PositionTerms::default())?;
    desk.settled().await?;
    let sides: Vec<_> = desk.simulator.positions(MAIN).iter().map(|held| side_of(held.side)).collect();
    equal("positions", vec![None, None], sides)?;
    Ok(desk)
}

pub(super) async fn perp_15(bench: &Bench) -> Verdict {
    let desk = two_positions(bench).await?;
    let desk = desk
        .restart_while(bench, async |exchange| {
            for rate in ["0.0001", "-0.0002", "0.0003"] {
                tokio::time::sleep(20 * MINUTE).await;
                fund(exchange, &["BTC-USDT", "ETH-USDT"], rate)?;
            }
            tokio::time::sleep(5 * SECOND).await;
            Ok(())
        })
        .await?;
    desk.ready().await?;
    each_told_once(&desk, 6).await?;
    desk.end(bench).await
}

pub(super) async fn perp_16(bench: &Bench) -> Verdict {
    let mut desk = two_positions(bench).await?;
    let mut expected = 0;
    for moment in [Duration::ZERO, 30 * SECOND, 70 * SECOND, 15 * MINUTE] {
        fund(&desk.simulator, &["BTC-USDT", "ETH-USDT"], "0.0001")?;
        expected += 2;
        // The end comes before the payments are known, while they are read, or after that.
        desk.pass(moment).await;
        desk = desk.restart(bench).await?;
        desk.ready().await?;
        each_told_once(&desk, expected).await?;
    }
    desk.end(bench).await
}
