//! The order book kept by a whole connector.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tradewire_core::{BookSnapshot, BookState, GapReason, MarketEvent, NotValid, Pair, QueryError, Side};
use tradewire_simulator::{Fault, FaultKind, Side as Taker, TraderOrder};
use tradewire_tracking::{BookMessage, BookReader, LocalBook, Step};

use super::book::{
    SCALE, impossible_levels, random_bytes, random_flow, raw_snapshot, refuses_what_is_not_positive, synced,
};
use crate::bench::stand::NOW;
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Setup, Stand, World, comes_true};
use crate::row::{Failed, Verdict, equal, expect};
use crate::{Wire, WireVersion};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Changes a book by an order that rests away from its best price, and publishes that.
pub(super) fn stir(world: &World, pair: &Pair) -> Result<(), Failed> {
    let Some(book) = world.simulator.book(pair.as_str()) else {
        return Err(Failed::new(format_args!("a market of {pair}"), "none"));
    };
    let Some((price, _)) = book.bids.get(world.next_place()).copied() else {
        return Err(Failed::new("seven bids", book.bids.len()));
    };
    world.trade(pair, TraderOrder::limit(Taker::Buy, price, decimal("1")?)).map(drop)
}

/// The reason for which a book is lost that an update is missing of.
fn missing_update(bench: &Bench) -> GapReason {
    match bench.capabilities().market.sequence_rule {
        "checksum" => GapReason::Checksum,
        _ => GapReason::Sequence,
    }
}

/// A repeated update is ignored; a left-out one is one gap, and the book recovers.
pub(super) async fn repeats_and_skips(bench: &Bench) -> Verdict {
    let reason = missing_update(bench);
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::RepeatUpdate).pair(pair.as_str()))?;
    stir(&world, &pair)?;
    world.caught_up(&pair).await?;
    equal("gaps by a repeated update", 0, world.witness.gaps(mark, &pair, reason))?;
    world.simulator.inject(Fault::new(FaultKind::SkipUpdate).pair(pair.as_str()))?;
    stir(&world, &pair)?;
    stir(&world, &pair)?;
    let (after, _) = world.witness.gap(mark, SOON, &pair, reason).await?;
    world.witness.valid(after, SOON, &pair).await?;
    world.caught_up(&pair).await?;
    equal("gaps by a left-out update", 1, world.witness.gaps(mark, &pair, reason))?;
    world.end(bench).await
}

/// A hole is healed by subscribing the topic of that book again: on the same connection, and without a question by REST.
pub(super) async fn subscribes_again(bench: &Bench) -> Verdict {
    let reason = missing_update(bench);
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let (pair, other) = (world.pair(0).clone(), world.pair(1).clone());
    let connections = || world.simulator.connections().iter().map(|connection| connection.id).collect::<Vec<_>>();
    let (before, mark) = (connections(), world.witness.mark());
    world.simulator.inject(Fault::new(FaultKind::SkipUpdate).pair(pair.as_str()))?;
    stir(&world, &pair)?;
    stir(&world, &pair)?;
    let (after, _) = world.witness.gap(mark, SECOND, &pair, reason).await?;
    world.witness.valid(after, SECOND, &pair).await?;
    equal("events", vec!["Gap", "BookSnapshot", "BookValid"], book_events(&world, &pair, mark))?;
    equal("connections", before, connections())?;
    equal("snapshots by REST", 0, world.requests(bench.wire().paths().snapshot).len())?;
    let events = book_events(&world, &other, mark);
    expect(events.is_empty(), format_args!("no event of {other}"), format_args!("{events:?}"))?;
    world.caught_up(&pair).await?;
    world.end(bench).await
}

/// A count that begins anew replaces a book that stays valid; what is repeated is not told.
pub(super) async fn restarts_and_repeats(bench: &Bench) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    setup.market.topics.best_prices = true;
    setup.market.topics.funding = false;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    world.pass(SECOND).await;
    let mark = world.witness.mark();
    world.pass(9 * SECOND).await;
    let told = world.witness.of_pair(&pair, mark);
    expect(told.is_empty(), "nothing about a market where nothing happens", format_args!("{told:?}"))?;
    let stream = bench.wire().book_stream(&bench.wire().symbol(&pair));
    world.simulator.inject(Fault::new(FaultKind::RestartIds).stream(&stream))?;
    stir(&world, &pair)?;
    let is_it = |event: &MarketEvent| matches!(event, MarketEvent::BookSnapshot(_));
    world.witness.wait_market(mark, SECOND, "BookSnapshot", &pair, is_it).await?;
    equal("state", BookState::Live, world.book(&pair)?.state())?;
    equal("events", vec!["BookSnapshot"], book_events(&world, &pair, mark))?;
    world.caught_up(&pair).await?;
    stir(&world, &pair)?;
    world.caught_up(&pair).await?;
    equal("gaps", 0, world.book(&pair)?.counters().gaps)?;
    world.end(bench).await
}

/// Keeps the snapshots of a recovery away for a while, at least for four seconds.
fn delay_snapshots(bench: &Bench, world: &World, pair: &Pair) -> Result<(), Failed> {
    let away = if bench.streams_snapshots()? {
        bench.no_snapshot(pair)?.lasting(4 * SECOND)
    } else {
        Fault::new(FaultKind::Delay { ms: 4_000 }).path(bench.wire().paths().snapshot).always()
    };
    world.simulator.inject(away).map(drop).map_err(Failed::from)
}

/// Every question about prices is refused with this.
fn refuses_all(book: &BookReader, expected: NotValid) -> Result<(), Failed> {
    let refused: Result<(), QueryError> = Err(QueryError::NotValid(expected));
    let (one, price) = ("1".parse()?, "100".parse()?);
    for side in [Side::Buy, Side::Sell] {
        equal("best", refused, book.best(side).map(drop))?;
        equal("price for volume", refused, book.price_for_volume(side, one).map(drop))?;
        equal("volume for price", refused, book.volume_for_price(side, price).map(drop))?;
        equal("quote volume for price", refused, book.quote_volume_for_price(side, price).map(drop))?;
        equal("average", refused, book.vwap(side, one).map(drop))?;
        equal("quote volume for base", refused, book.quote_volume_for_base(side, one).map(drop))?;
        equal("price for quote volume", refused, book.price_for_quote_volume(side, one.value()).map(drop))?;
        equal("base for quote", refused, book.base_for_quote(side, one.value()).map(drop))?;
    }
    equal("mid", refused, book.mid().map(drop))?;
    equal("spread", refused, book.spread().map(drop))?;
    equal("snapshot", refused, book.snapshot(5).map(drop))
}

/// What a book says of itself instead of a price.
fn not_valid(book: &BookReader) -> Result<NotValid, Failed> {
    match book.mid() {
        Err(QueryError::NotValid(not)) => Ok(not),
        other => Err(Failed::new("a book that is not valid", format_args!("{other:?}"))),
    }
}

pub(super) async fn book_09(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT", "BNB-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::SkipUpdate).pair(pair.as_str()))?;
    stir(&world, &pair)?;
    stir(&world, &pair)?;
    delay_snapshots(bench, &world, &pair)?;
    let (after, _) = world.witness.gap(mark, SECOND, &pair, missing_update(bench)).await?;
    let book = world.book(&pair)?;
    let not = not_valid(&book)?;
    equal("state and reason", (BookState::Invalid, Some(missing_update(bench))), (not.state, not.reason))?;
    expect(not.since.as_nanos() > 0, "the time since when", not.since)?;
    refuses_all(&book, not)?;
    world.pass(SECOND).await;
    refuses_all(&book, not)?;
    for other in &world.pairs[1..] {
        stir(&world, other)?;
        let reader = world.book(other)?;
        equal(format_args!("state of {other}"), BookState::Live, reader.state())?;
        equal(format_args!("gaps of {other}"), 0, reader.counters().gaps)?;
    }
    let events = book_events(&world, &pair, mark);
    expect(events.last() == Some(&"Gap"), "the gap as the newest event of the book", format_args!("{events:?}"))?;
    world.witness.valid(after, SOON, &pair).await?;
    world.end(bench).await
}

pub(super) async fn book_10(bench: &Bench) -> Verdict {
    buffer_is_bounded(bench)?;
    let mut setup = Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?;
    setup.market.topics.funding = false;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let (pair, path) = (world.pair(0).clone(), bench.wire().paths().snapshot);
    let (symbol, streams) = (bench.wire().symbol(&pair), bench.streams_snapshots()?);
    let asked_before = world.requests(path).len();
    // Refused five times, then unanswered for ten minutes, then answered; on a stream, unanswered from the first.
    if !streams {
        world.simulator.inject(Fault::new(FaultKind::Status { status: 500 }).path(path).times(5))?;
    }
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::SkipUpdate).pair(pair.as_str()))?;
    stir(&world, &pair)?;
    stir(&world, &pair)?;
    if streams {
        world.simulator.inject(bench.no_snapshot(&pair)?.lasting(10 * MINUTE))?;
    }
    let (after, lost) = world.witness.gap(mark, SECOND, &pair, missing_update(bench)).await?;
    world.pass(3 * SECOND).await;
    if !streams {
        world.simulator.inject(Fault::new(FaultKind::Delay { ms: 600_000 }).path(path).lasting(10 * MINUTE))?;
    }
    for _ in 0..20 {
        world.pass(30 * SECOND).await;
        stir(&world, &pair)?;
    }
    let (_, healed) = world.witness.valid(after, 2 * MINUTE, &pair).await?;
    let told = world.witness.of_pair(&pair, after).into_iter().find_map(|event| match event {
        MarketEvent::BookValid { after, .. } => Some(after),
        _ => None,
    });
    let really = healed - lost;
    expect(
        told.is_some_and(|told| told <= really + SECOND && told + SECOND >= really),
        format_args!("the time without a valid book, {really:?}"),
        format_args!("{told:?}"),
    )?;
    equal("events", vec!["BookSnapshot", "BookValid"], book_events(&world, &pair, after))?;
    let others = world.requests(path).split_off(asked_before);
    let others: Vec<_> = others.iter().filter(|request| request.note.symbol.as_deref() != Some(&*symbol)).collect();
    expect(others.is_empty(), "snapshots of that pair alone", format_args!("{others:?}"))?;
    let others = book_events(&world, world.pair(1), mark);
    expect(others.is_empty(), "no event of the other pair's book", format_args!("{others:?}"))?;
    world.caught_up(&pair).await?;
    world.end(bench).await
}

/// The names of the events of a pair's book from a place on.
pub(super) fn book_events(world: &World, pair: &Pair, mark: Mark) -> Vec<&'static str> {
    let names = world.witness.of_pair(pair, mark).iter().map(name).collect::<Vec<_>>();
    names.into_iter().filter(|name| !matches!(*name, "FundingRate" | "LastPrice" | "Trade")).collect()
}

/// The name of a market event.
pub(super) fn name(event: &MarketEvent) -> &'static str {
    match event {
        MarketEvent::BookSnapshot(_) => "BookSnapshot",
        MarketEvent::BookUpdate(_) => "BookUpdate",
        MarketEvent::BookValid { .. } => "BookValid",
        MarketEvent::Gap { .. } => "Gap",
        MarketEvent::Trade(_) => "Trade",
        MarketEvent::LastPrice(_) => "LastPrice",
        MarketEvent::Instrument(_) => "Instrument",
        MarketEvent::FundingRate(_) => "FundingRate",
        _ => "other",
    }
}

/// More updates than a recovery keeps: the attempt starts anew, and still ends well.
fn buffer_is_bounded(bench: &Bench) -> Result<(), Failed> {
    const KEPT: u64 = 10_000;
    let rule = bench.unconnected()?.sequence_rule();
    if !rule.snapshot_by_rest() {
        return Ok(());
    }
    let mut book = LocalBook::new(rule, SCALE, NOW);
    let last = 100 + KEPT + 500;
    for id in 101..=last {
        let bids = [(9_000, i64::try_from(id).unwrap_or(1))];
        let previous_id = Some(id - 1);
        let message = BookMessage {
            snapshot: false,
            first_id: id,
            last_id: id,
            previous_id,
            time: NOW,
            bids: &bids,
            asks: &[],
            checksum: None,
        };
        let step = book.on_message(&message, NOW);
        equal("a step without a snapshot", Step::Buffered, step)?;
    }
    equal(
        "a snapshot from before the overflow",
        Step::SnapshotTooOld,
        book.on_snapshot(&raw_snapshot(100), 1000, NOW),
    )?;
    let step = book.on_snapshot(&raw_snapshot(100 + KEPT + 100), 1000, NOW);
    expect(matches!(step, Step::Synced(_)), "a later snapshot bridges", format_args!("{step:?}"))?;
    equal("version", last, book.update_id())
}

pub(super) async fn book_11(bench: &Bench) -> Verdict {
    let mut stand = synced(bench)?;
    let step = stand.change(&[("100.25", "1")], &[("100", "0")])?;
    equal("crossing inside one update", Step::Applied, step)?;
    let mut stand = synced(bench)?;
    let before = stand.levels(Side::Sell);
    let step = stand.change(&[("100.75", "1")], &[])?;
    equal("crossing after a whole update", Step::Lost(GapReason::Crossed), step)?;
    equal("asks, which are not cut", before, stand.levels(Side::Sell))?;
    recovers_from(bench, FaultKind::CrossBook, GapReason::Crossed).await
}

/// Strikes the next update with a fault: the book is lost for a reason, and recovered.
async fn recovers_from(bench: &Bench, kind: FaultKind, reason: GapReason) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let mark = world.witness.mark();
    let stream = bench.wire().book_stream(&bench.wire().symbol(&pair));
    world.simulator.inject(Fault::new(kind).pair(pair.as_str()).stream(&stream))?;
    stir(&world, &pair)?;
    let (after, _) = world.witness.gap(mark, SECOND, &pair, reason).await?;
    world.witness.valid(after, SOON, &pair).await?;
    equal("events", vec!["Gap", "BookSnapshot", "BookValid"], book_events(&world, &pair, mark))?;
    equal("gaps of the other pair", 0, world.book(world.pair(1))?.counters().gaps)?;
    world.caught_up(&pair).await?;
    world.end(bench).await
}

pub(super) async fn book_12(bench: &Bench) -> Verdict {
    impossible_levels(bench)?;
    recovers_from(bench, FaultKind::Garble, GapReason::Decode).await
}

pub(super) async fn book_13(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let mark = world.witness.mark();
    let tick = decimal("0.001")?;
    world.simulator.inject(Fault::new(FaultKind::TickChange { tick }).pair(pair.as_str()))?;
    let Some(ledger) = world.simulator.book(pair.as_str()) else { return Err(Failed::new("a market", "none")) };
    let price = ledger.bids[0].0 - tick;
    world.trade(&pair, TraderOrder::limit(Taker::Buy, price, decimal("0.5")?))?;
    let (gap, _) = world.witness.gap(mark, SECOND, &pair, GapReason::Scale).await?;
    let is_it = |event: &MarketEvent| matches!(event, MarketEvent::Instrument(_));
    let (told, _) = world.witness.wait_market(gap, 3 * MINUTE, "Instrument", &pair, is_it).await?;
    let (_, _) = world.witness.valid(told, SOON, &pair).await?;
    equal("events", vec!["BookSnapshot", "BookValid"], book_events(&world, &pair, told))?;
    equal("tick", tick, world.instrument(&pair)?.rules.price_step.size)?;
    world.caught_up(&pair).await?;
    let book = world.book(&pair)?.snapshot(3)?;
    expect(
        book.bids.iter().any(|level| level.price.value() == price),
        "the finer price",
        format_args!("{:?}", book.bids),
    )?;
    world.end(bench).await
}

pub(super) async fn book_14(bench: &Bench) -> Verdict {
    if bench.capabilities().market.sequence_rule == "checksum" {
        return known_by_its_sums(bench).await;
    }
    let mut setup = Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?;
    setup.market.topics.funding = false;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let (good, bad) = (world.pair(0).clone(), world.pair(1).clone());
    stir(&world, &good)?;
    world.pass(SECOND).await;
    let path = bench.wire().paths().snapshot;
    let (before, asked) = (world.witness.mark(), world.requests(path).len());
    world.simulator.inject(Fault::new(FaultKind::WrongLevel).pair(bad.as_str()))?;
    stir(&world, &bad)?;
    world.pass(SECOND).await;
    // A checksum tells at once; without one the next fresh snapshot does.
    let summed = bench.wire().states_checksums();
    let mark = if summed { before } else { world.witness.mark() };
    let (reason, within) = if summed { (GapReason::Checksum, SECOND) } else { (GapReason::Mismatch, 61 * MINUTE) };
    let (after, _) = world.witness.gap(mark, within, &bad, reason).await?;
    world.witness.valid(after, SOON, &bad).await?;
    let left = Duration::from_secs(3660).saturating_sub(world.started.elapsed());
    world.pass(left).await;
    let symbols = |wanted: &Pair| {
        let symbol = Some(bench.wire().symbol(wanted));
        world.requests(path)[asked..].iter().filter(|request| request.note.symbol == symbol).count()
    };
    expect(symbols(&good) >= 1, "a fresh snapshot within the hour", symbols(&good))?;
    let quiet = book_events(&world, &good, mark);
    expect(quiet.is_empty(), "silence about a book that was right", format_args!("{quiet:?}"))?;
    equal("events", vec!["Gap", "BookSnapshot", "BookValid"], book_events(&world, &bad, mark))?;
    world.caught_up(&bad).await?;
    world.end(bench).await
}

/// Where nothing but the checksum tells, a wrong level and a left-out update show in the next one, and the stream heals the book.
async fn known_by_its_sums(bench: &Bench) -> Verdict {
    recovers_from(bench, FaultKind::WrongLevel, GapReason::Checksum).await?;
    repeats_and_skips(bench).await?;
    subscribes_again(bench).await
}

pub(super) async fn book_15(bench: &Bench) -> Verdict {
    if let Some(levels) = bench.unconnected()?.book_window() {
        return known_to_the_last(bench, levels).await;
    }
    unknown_depth(bench)?;
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    setup.exchange.listings[0].opening_depth = 400;
    setup.market.snapshot_depth = 100;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let (pair, path) = (world.pair(0).clone(), bench.wire().paths().snapshot);
    let asked = world.requests(path).len();
    let Some(ledger) = world.simulator.book(pair.as_str()) else { return Err(Failed::new("a market", "none")) };
    let price = ledger.bids[90].0;
    world.simulator.move_price(pair.as_str(), price)?;
    world.simulator.publish();
    let again = comes_true(3 * MINUTE, || world.requests(path).len() > asked).await;
    expect(again, "a fresh snapshot once less than a fifth of the depth is known", "none in three minutes")?;
    world.caught_up(&pair).await?;
    let all = world.book(&pair)?.price_for_volume(Side::Sell, "100000000".parse()?);
    let short = matches!(all, Err(QueryError::Insufficient(_)));
    expect(short, "Insufficient for more than is known", format_args!("{all:?}"))?;
    world.end(bench).await
}

/// Where a stream keeps so many levels a side, a side that has as many may go on; one that has fewer is whole.
async fn known_to_the_last(bench: &Bench, levels: u32) -> Verdict {
    let price = |n: u32| (format!("{}.{:02}", 50_000 + n / 100, n % 100), "1".to_owned());
    let asks: Vec<_> = (0..levels).map(price).collect();
    let asks: Vec<_> = asks.iter().map(|(price, quantity)| (price.as_str(), quantity.as_str())).collect();
    let mut stand = Stand::new(bench, SCALE)?;
    stand.snapshot(100, levels, &[("99", "1")], &asks)?;
    let (all, more) = (levels.to_string().parse()?, (levels + 1).to_string().parse()?);
    let last = || asks.last().map_or("", |level| level.0).parse();
    equal("price for all that is known", Ok(last()?), stand.valid()?.price_for_volume(Side::Buy, all))?;
    match stand.valid()?.price_for_volume(Side::Buy, more) {
        Err(QueryError::Insufficient(shortfall)) => equal("worst price that is known", last()?, shortfall.worst)?,
        other => return Err(Failed::new("Insufficient beyond the last level", format_args!("{other:?}"))),
    }
    let beyond = stand.valid()?.volume_for_price(Side::Buy, "60000".parse()?);
    equal("the whole known side was used", Ok(true), beyond.map(|depth| depth.whole_side))?;
    equal("levels that end the known asks", true, stand.sink.book.last_known().known_to(Side::Sell).is_some())?;
    stand.change(&[], &[("50000", "0")])?;
    equal("levels that end a side with fewer", None, stand.sink.book.last_known().known_to(Side::Sell))?;
    equal("levels that end a side with one", None, stand.sink.book.last_known().known_to(Side::Buy))?;
    deeper_than_the_stream(bench, levels).await
}

/// A market that is deeper than what its stream keeps: the book has the best levels, whatever the price does.
async fn deeper_than_the_stream(bench: &Bench, levels: u32) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    setup.exchange.listings[0].opening_depth = levels as usize + 400;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let Some(ledger) = world.simulator.book(pair.as_str()) else { return Err(Failed::new("a market", "none")) };
    for price in [ledger.bids[90].0, ledger.asks[90].0] {
        world.simulator.move_price(pair.as_str(), price)?;
        world.caught_up(&pair).await?;
        let known = world.book(&pair)?.snapshot(usize::MAX)?;
        equal("bids", levels as usize, known.bids.len())?;
        let all = world.book(&pair)?.price_for_volume(Side::Sell, "100000000".parse()?);
        let short = matches!(all, Err(QueryError::Insufficient(_)));
        expect(short, "Insufficient for more than is known", format_args!("{all:?}"))?;
    }
    world.end(bench).await
}

/// A snapshot that is as long as asked for may go on; one that is shorter is the whole side.
fn unknown_depth(bench: &Bench) -> Result<(), Failed> {
    let mut stand = Stand::new(bench, SCALE)?;
    stand.snapshot(100, 2, &[("99", "1"), ("98", "1")], &[("100", "1")])?;
    stand.change(&[("97", "5")], &[("105", "5")])?;
    equal("bids shown", 3, stand.levels(Side::Buy).len())?;
    let book = stand.valid()?;
    let short = book.price_for_volume(Side::Sell, "3".parse()?);
    match short {
        Err(QueryError::Insufficient(shortfall)) => {
            equal("base that is known", "2".parse()?, shortfall.base)?;
            equal("worst price that is known", "98".parse()?, shortfall.worst)?;
        }
        other => return Err(Failed::new("Insufficient beyond the known depth", format_args!("{other:?}"))),
    }
    equal("price on a side that is whole", Ok("105".parse()?), book.price_for_volume(Side::Buy, "6".parse()?))?;
    let flag = book.volume_for_price(Side::Sell, "97".parse()?).map(|depth| depth.whole_side);
    equal("the whole known side was used", Ok(true), flag)
}

pub(super) async fn book_16(bench: &Bench) -> Verdict {
    random_flow(bench)?;
    random_bytes(bench)?;
    let mut setup = Setup::busy(bench, &["BTC-USDT"])?;
    setup.exchange.listings[0].activity = 500;
    let world = bench.world(setup).await?;
    world.ready().await?;
    for _ in 0..6 {
        world.pass(Duration::from_millis(500)).await;
        world.valid_books_are_true()?;
    }
    let counters = world.book(world.pair(0))?.counters();
    expect(counters.applied > 5, "updates of a busy market", counters.applied)?;
    equal("gaps of a busy market that loses nothing", 0, counters.gaps)?;
    world.end(bench).await
}

/// Versions that the readers of BOOK-22 must see in all.
const VERSIONS: usize = 8;
/// How virtual time goes on while they read, and how often at most.
const MOMENT: Duration = Duration::from_millis(100);
const MOMENTS_MAX: usize = 2_000;

pub(super) async fn book_22(bench: &Bench) -> Verdict {
    refuses_what_is_not_positive(synced(bench)?.valid()?)?;
    let mut setup = Setup::busy(bench, &["BTC-USDT"])?;
    setup.exchange.listings[0].activity = 500;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let (book, stop) = (world.book(&pair)?, Arc::new(AtomicBool::new(false)));
    let seen = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (book, stop, seen) = (book.clone(), Arc::clone(&stop), Arc::clone(&seen));
            std::thread::spawn(move || sample(&book, &stop, &seen))
        })
        .collect();
    // The readers live in real time: virtual time goes on until they have seen enough, within what the ledger remembers.
    for _ in 0..MOMENTS_MAX {
        world.pass(MOMENT).await;
        std::thread::yield_now();
        if seen.load(Ordering::Relaxed) > VERSIONS {
            break;
        }
    }
    stop.store(true, Ordering::Relaxed);
    let mut versions = 0;
    for reader in readers {
        for sample in reader.join().map_err(|_| Failed::new("no panic of a reader", "a panic"))? {
            versions += 1;
            whole_version(bench.wire(), &world, &pair, &sample)?;
        }
    }
    expect(versions > VERSIONS, "several versions seen by the readers", versions)?;
    world.end(bench).await
}

/// What a reader saw is what the exchange had at that version.
fn whole_version(wire: &dyn Wire, world: &World, pair: &Pair, sample: &BookSnapshot) -> Result<(), Failed> {
    let WireVersion { id, levels } = wire.version(sample.update_id, &sample.bids, &sample.asks);
    let Some(ledger) = world.simulator.book_at(pair.as_str(), id) else {
        return Err(Failed::new("a version that the exchange had", id));
    };
    for (ours, theirs) in [(&sample.bids, &ledger.bids), (&sample.asks, &ledger.asks)] {
        let levels = ours.iter().take(levels).map(|level| (level.price.value(), level.quantity.value()));
        let ours: Vec<_> = levels.collect();
        equal(format_args!("levels at {id}"), theirs[..ours.len()].to_vec(), ours)?;
    }
    Ok(())
}

/// Snapshots as a thread reads them, a new one for each version.
fn sample(book: &BookReader, stop: &AtomicBool, seen: &AtomicUsize) -> Vec<BookSnapshot> {
    let mut samples: Vec<BookSnapshot> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        if let Ok(snapshot) = book.snapshot(50)
            && samples.last().is_none_or(|last| last.update_id != snapshot.update_id)
        {
            samples.push(snapshot);
            seen.fetch_add(1, Ordering::Relaxed);
        }
    }
    samples
}
