//! Connections of market streams: lost, refused, silent, renewed.

use std::collections::BTreeSet;
use std::time::Duration;

use tradewire_core::{BookState, GapReason, LifeEvent, MarketEvent, Pair, Part};
use tradewire_simulator::{Fault, FaultKind, Side as Taker};

use super::book_live::{book_events, stir};
use super::mkt::{MINUTE, SECOND, STREAMS_PER_SOCKET, take, trades};
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, pair};
use crate::bench::{Bench, Setup, World, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// Whether there was a gap among the events of a pair's book.
fn has_gap(world: &World, pair: &Pair, mark: Mark) -> bool {
    book_events(world, pair, mark).contains(&"Gap")
}

/// How many pairs have their books on one connection.
fn pairs_of_a_connection(bench: &Bench) -> usize {
    let alone = !bench.wire().paths().other_streams.is_empty();
    let topics = if alone { 1 } else { bench.wire().streams("GEN0001USDT").len() };
    STREAMS_PER_SOCKET / topics
}

pub(super) async fn mkt_05(bench: &Bench) -> Verdict {
    // Some more pairs than one connection has topics for: they live on two.
    let followed = pairs_of_a_connection(bench) + 20;
    let mut setup = Setup::many(bench, followed + 2)?.following(followed);
    setup.market.snapshot_depth = 100;
    let world = bench.world(setup).await?;
    world.ready_within(2 * MINUTE).await?;
    let added = pair(&format!("GEN{:04}-USDT", followed + 1))?;
    let removed = world.pair(followed - 1).clone();
    world.market.add(added.clone()).await?;
    world.market.remove(removed.clone()).await?;
    world.pass(SECOND).await;
    let connections = world.simulator.connections();
    let of_books = connections.iter().filter(|connection| connection.path.starts_with(bench.wire().paths().stream));
    equal("connections of books", 2, of_books.count())?;
    let home = |wanted: &Pair| {
        let stream = bench.wire().book_stream(&bench.wire().symbol(wanted));
        connections.iter().find(|connection| connection.subscriptions.contains(&stream)).map(|connection| connection.id)
    };
    let Some(lost) = home(&added) else { return Err(Failed::new("a connection of the pair added", "none")) };
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Drop).connection(lost))?;
    world.witness.gap(mark, SECOND, &added, GapReason::Reconnect).await?;
    let books = world.market.books();
    for book in &books {
        let expected = if home(&book.pair()) == Some(lost) { BookState::Invalid } else { BookState::Live };
        equal(format_args!("state of {}", book.pair()), expected, book.state())?;
    }
    world.ready_within(MINUTE).await?;
    for book in &books {
        let pair = book.pair();
        let expected = if home(&pair) == Some(lost) { vec!["Gap", "BookSnapshot", "BookValid"] } else { Vec::new() };
        equal(format_args!("events of {pair}"), expected, book_events(&world, &pair, mark))?;
    }
    expect(world.market.book(&removed).is_none(), "the removed pair stays removed", "a book")?;
    let told = world.witness.of_pair(&removed, mark);
    expect(told.is_empty(), "no event of the removed pair", told.len())?;
    world.end(bench).await?;
    all_lost(bench).await
}

/// 200 books recover from the loss of all connections without one refusal by the limits.
async fn all_lost(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::many(bench, 200)?).await?;
    world.ready_within(6 * MINUTE).await?;
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    // Before the first attempt to connect again.
    world.pass(Duration::from_millis(200)).await;
    let live = world.market.books().iter().filter(|book| book.state() == BookState::Live).count();
    equal("valid books right after the loss", 0, live)?;
    world.ready_within(6 * MINUTE).await?;
    let too_many = bench.too_many();
    let refused =
        world.simulator.requests().records.iter().filter(|request| too_many.contains(&request.status)).count();
    equal("answers that refuse for too many requests", 0, refused)?;
    world.end(bench).await
}

pub(super) async fn mkt_06(bench: &Bench) -> Verdict {
    const REFUSED: usize = 12;
    let path = bench.wire().paths().stream;
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    // Steady for long enough that the count of attempts begins anew.
    world.pass(70 * SECOND).await;
    let (mark, opened) = (world.witness.mark(), world.requests(path).len());
    let refuse = Fault::new(FaultKind::Status { status: 503 }).path(path).times(REFUSED as u64);
    world.simulator.inject(refuse)?;
    let lost = world.simulator.clock().now();
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    let not_ready = |event: &LifeEvent| matches!(event, LifeEvent::PartNotReady { part: Part::Books, .. });
    let (after, _) = world.witness.life(mark, SECOND, "PartNotReady(books)", not_ready).await?;
    let ready = |event: &LifeEvent| matches!(event, LifeEvent::PartReady { part: Part::Books });
    world.witness.life(after, 10 * MINUTE, "PartReady(books)", ready).await?;
    let attempts: Vec<_> = world.requests(path).split_off(opened);
    equal("attempts", REFUSED + 1, attempts.len())?;
    let mut before = lost;
    for (n, attempt) in attempts.iter().enumerate() {
        let most = (500_u128 << n.min(16)).min(30_000);
        let pause = attempt.time.since(before).as_millis();
        let within = pause * 2 + 40 >= most && pause <= most + 40;
        expect(within, format_args!("{} to {most} ms before attempt {}", most / 2, n + 1), format_args!("{pause} ms"))?;
        before = attempt.time;
    }
    // After a steady minute the first pause is short again.
    world.pass(70 * SECOND).await;
    let again = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    world.witness.life(again, 10 * SECOND, "PartReady(books) soon", ready).await?;
    world.end(bench).await
}

pub(super) async fn mkt_07(bench: &Bench) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    // Whoever does not answer a ping within a second is cut off.
    (setup.exchange.limits.ping_seconds, setup.exchange.limits.pong_seconds) = (5, 1);
    let world = bench.world(setup).await?;
    world.ready().await?;
    let mark = world.witness.mark();
    world.pass(3 * MINUTE).await;
    expect(!has_gap(&world, world.pair(0), mark), "server pings answered within 1 s", "the connection was cut")?;
    world.end(bench).await?;

    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let (pair, mark) = (world.pair(0).clone(), world.witness.mark());
    let frozen: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    let start = tokio::time::Instant::now();
    world.simulator.inject(Fault::new(FaultKind::Freeze))?;
    let (after, at) = world.witness.gap(mark, MINUTE, &pair, GapReason::Reconnect).await?;
    expect(at - start <= 31 * SECOND, "a frozen connection replaced within 30 s", format_args!("{:?}", at - start))?;
    world.witness.valid(after, SOON, &pair).await?;
    let new = world.simulator.connections().iter().any(|connection| !frozen.contains(&connection.id));
    expect(new, "a new connection", "the old one")?;
    world.caught_up(&pair).await?;
    // The exchange itself never notices a frozen socket of its own.
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    world.end(bench).await
}

pub(super) async fn mkt_08(bench: &Bench) -> Verdict {
    quiet_or_muted(bench).await?;
    two_muted(bench).await?;
    neither_data_nor_probe(bench).await
}

/// One pair is quiet and stays valid; another's data stopped: stale 1 s after the difference was seen, then healed.
async fn quiet_or_muted(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let (quiet, muted) = (world.pair(0).clone(), world.pair(1).clone());
    let (mark, path) = (world.witness.mark(), bench.wire().paths().best_prices);
    let asked = world.requests(path).len();
    world.pass(MINUTE).await;
    let probes = world.requests(path).len() - asked;
    expect((8..=14).contains(&probes), "one bulk read every 5 s", format_args!("{probes} in a minute"))?;
    expect(!has_gap(&world, &quiet, mark), "a quiet book stays valid", "a gap")?;
    let connections: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    let stream = bench.wire().book_stream(&bench.wire().symbol(&muted));
    let mute = world.simulator.inject(Fault::new(FaultKind::Mute).stream(&stream))?;
    take(&world, &muted, Taker::Buy)?;
    take(&world, &muted, Taker::Sell)?;
    let (after, _) = world.witness.gap(mark, 13 * SECOND, &muted, GapReason::Stale).await?;
    equal("state", BookState::Stale, world.book(&muted)?.state())?;
    world.simulator.clear_fault(mute);
    world.witness.valid(after, SOON, &muted).await?;
    world.caught_up(&muted).await?;
    let now: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    equal("connections", connections, now)?;
    expect(!has_gap(&world, &quiet, mark), "a quiet book stays valid", "a gap")?;
    world.end(bench).await
}

/// Two pairs of one connection whose data stopped: the connection is replaced.
async fn two_muted(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT", "BNB-USDT"])?).await?;
    world.ready().await?;
    let mark = world.witness.mark();
    let old: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    for muted in &world.pairs[..2] {
        let stream = bench.wire().book_stream(&bench.wire().symbol(muted));
        world.simulator.inject(Fault::new(FaultKind::Mute).stream(&stream))?;
        take(&world, muted, Taker::Buy)?;
        take(&world, muted, Taker::Sell)?;
    }
    for muted in &world.pairs[..2] {
        world.witness.gap(mark, 13 * SECOND, muted, GapReason::Stale).await?;
    }
    let replaced = || world.simulator.connections().iter().any(|connection| !old.contains(&connection.id));
    expect(comes_true(5 * SECOND, replaced).await, "the connection replaced", "the old one goes on")?;
    world.simulator.clear_faults();
    world.ready().await?;
    world.end(bench).await
}

/// Neither data nor an answer to the probe: stale after 20 s, and no sooner.
async fn neither_data_nor_probe(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let path = bench.wire().paths().best_prices;
    stir(&world, &pair)?;
    world.caught_up(&pair).await?;
    let (mark, start) = (world.witness.mark(), tokio::time::Instant::now());
    world.simulator.inject(Fault::new(FaultKind::Status { status: 500 }).path(path).always())?;
    let stream = bench.wire().book_stream(&bench.wire().symbol(&pair));
    world.simulator.inject(Fault::new(FaultKind::Mute).stream(&stream))?;
    let (after, at) = world.witness.gap(mark, MINUTE, &pair, GapReason::Stale).await?;
    let took = (at - start).as_secs();
    expect((18..=22).contains(&took), "stale after 20 s", format_args!("{took} s"))?;
    world.simulator.clear_faults();
    world.witness.valid(after, SOON, &pair).await?;
    world.end(bench).await
}

pub(super) async fn mkt_09(bench: &Bench) -> Verdict {
    if bench.capabilities().market.shutdown_notice {
        renewed(bench, Renewal::Notice).await?;
    }
    renewed(bench, Renewal::Age).await?;
    closed_first(bench).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewal {
    Notice,
    Age,
}

/// A connection is replaced by a second one while the market goes on: no gap, nothing lost, nothing twice.
async fn renewed(bench: &Bench, by: Renewal) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    // Time is let pass in jumps, in which nothing can confirm a book.
    setup.market.stale_after = Duration::from_secs(48 * 3600);
    setup.market.topics.funding = false;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let old: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    if by == Renewal::Age {
        for _ in 0..(22 * 60 + 44) / 4 {
            tokio::time::advance(4 * MINUTE - 2 * SECOND).await;
            world.pass(2 * SECOND).await;
        }
        let now: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
        equal("connections before 22 h 45 min", old.clone(), now)?;
    }
    let mark = world.witness.mark();
    take(&world, &pair, Taker::Buy)?;
    let start = tokio::time::Instant::now();
    if by == Renewal::Notice {
        world.simulator.inject(Fault::new(FaultKind::ShutdownNotice))?;
    }
    let (mut made, mut both, mut opened) = (1, false, None);
    let limit = if by == Renewal::Notice { 10 * SECOND } else { 32 * MINUTE };
    while start.elapsed() < limit {
        stir(&world, &pair)?;
        take(&world, &pair, if made % 2 == 0 { Taker::Buy } else { Taker::Sell })?;
        made += 1;
        world.pass(Duration::from_millis(if by == Renewal::Notice { 50 } else { 500 })).await;
        let connections = world.simulator.connections();
        if connections.iter().any(|connection| !old.contains(&connection.id)) {
            opened.get_or_insert(start.elapsed());
            both |= connections.len() > old.len();
            if !connections.iter().any(|connection| old.contains(&connection.id)) {
                break;
            }
        }
    }
    let Some(opened) = opened else { return Err(Failed::new("a second connection", format_args!("none by {by:?}"))) };
    if by == Renewal::Notice {
        expect(opened <= SECOND + Duration::from_millis(100), "within 1 s of the notice", format_args!("{opened:?}"))?;
    }
    expect(both, "the second connection before the first is closed", "one after the other")?;
    world.pass(3 * SECOND).await;
    world.caught_up(&pair).await?;
    let told = world.witness.of_pair(&pair, mark);
    let gap = told.iter().find(|event| matches!(event, MarketEvent::Gap { .. }));
    expect(gap.is_none(), "no gap", format_args!("{gap:?}"))?;
    let ids: Vec<_> = trades(&world, &pair, mark).iter().map(|trade| trade.id).collect();
    let once = ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
    let counts_up = bench.capabilities().market.trade_ids_count_up;
    let once = once && (!counts_up || ids.windows(2).all(|two| two[1].follows(two[0])));
    expect(once && ids.len() >= made, "every trade once, in order", format_args!("{} of {made}", ids.len()))?;
    equal("gaps of the book", 0, world.book(&pair)?.counters().gaps)?;
    world.end(bench).await
}

/// The exchange closes first: as any lost connection.
async fn closed_first(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let (pair, mark) = (world.pair(0).clone(), world.witness.mark());
    world.simulator.inject(Fault::new(FaultKind::DayCut))?;
    let (after, _) = world.witness.gap(mark, SECOND, &pair, GapReason::Reconnect).await?;
    world.witness.valid(after, SOON, &pair).await?;
    world.caught_up(&pair).await?;
    world.end(bench).await
}
