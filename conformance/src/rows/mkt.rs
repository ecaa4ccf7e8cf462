//! Market streams: subscriptions, prices, trades, readers. Rows about connections stand in `mkt_streams`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;
use tradewire_core::{
    BookState, ErrorKind, Event, GapReason, LastPriceSource, LifeEvent, MarketEvent, Pair, PublicTradeId, QueryError,
    Side, Trade,
};
use tradewire_simulator::{Fault, FaultKind, Novelty, Placement, Side as Taker, TraderOrder};
use tradewire_tracking::{Frame, TopicSet, TradeStream};
use tradewire_transport::Window;

use super::book_live::{book_events, stir};
use super::mkt_streams::{mkt_05, mkt_06, mkt_07, mkt_08, mkt_09};
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal, pair};
use crate::bench::{Bench, Setup, Stand, World, comes_true, is_gone};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{RefusedTopics, Row};

/// Market streams.
pub(super) const ROWS: &[Row] = &[
    Row::once("MKT-01", "last prices of many pairs come in one request", |b| mkt_01(b).boxed_local()),
    Row::once("MKT-02", "500 pairs over several sockets; a refused topic is told, the others go on", |b| {
        mkt_02(b).boxed_local()
    }),
    Row::once("MKT-03", "100 pairs are valid within 2 min with half of the weight; one failure holds up none", |b| {
        mkt_03(b).boxed_local()
    }),
    Row::once("MKT-04", "the snapshot is asked for at the first update, or 3 s after the acknowledgement", |b| {
        mkt_04(b).boxed_local()
    }),
    Row::once("MKT-05", "a lost connection voids its books alone, and all come back", |b| mkt_05(b).boxed_local()),
    Row::once("MKT-06", "attempts to connect back off to 30 s, without end", |b| mkt_06(b).boxed_local()),
    Row::once("MKT-07", "a silent socket is replaced within 30 s; server pings are answered", |b| {
        mkt_07(b).boxed_local()
    }),
    Row::once("MKT-08", "silent pairs are probed: quiet, or stale and subscribed again", |b| mkt_08(b).boxed_local()),
    Row::once("MKT-09", "connections are renewed without a gap, nothing lost, nothing twice", |b| {
        mkt_09(b).boxed_local()
    }),
    Row::once("MKT-10", "a trade has all its fields, and the side that took", |b| mkt_10(b).boxed_local()),
    Row::once("MKT-11", "a trade comes once; a hole in the ids is told with its size", |b| mkt_11(b).boxed_local()),
    Row::once("MKT-12", "without trades the last price is read by REST, in bulk", |b| mkt_12(b).boxed_local()),
    Row::once("MKT-13", "a pair added while running stays; a failed one leaves nothing", |b| mkt_13(b).boxed_local()),
    Row::once("MKT-14", "a removed pair is gone and does not come back", |b| mkt_14(b).boxed_local()),
    Row::once("MKT-15", "the unknown is ignored; the unreadable voids its own book only", |b| mkt_15(b).boxed_local()),
    Row::once("MKT-16", "a slow reader slows nobody and is told what it lost", |b| mkt_16(b).boxed_local()),
];

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// Topics on one connection, at most.
pub(super) const STREAMS_PER_SOCKET: usize = 200;

/// Lets somebody take a little of a market, after somebody else has put more there, so that it never runs dry.
pub(super) fn take(world: &World, pair: &Pair, side: Taker) -> Result<Placement, Failed> {
    let Some(ledger) = world.simulator.book(pair.as_str()) else { return Err(Failed::new("a market", "none")) };
    let (levels, maker) = match side {
        Taker::Buy => (&ledger.asks, Taker::Sell),
        Taker::Sell => (&ledger.bids, Taker::Buy),
    };
    let Some((price, _)) = levels.first() else { return Err(Failed::new("a level to take", "none")) };
    world.simulator.place(pair.as_str(), TraderOrder::limit(maker, *price, decimal("1")?).by("maker"))?;
    world.trade(pair, TraderOrder::market(side, decimal("0.5")?).by("taker"))
}

/// The trades of a pair that were told from a place on.
pub(super) fn trades(world: &World, pair: &Pair, mark: Mark) -> Vec<Trade> {
    let trade = |event| match event {
        MarketEvent::Trade(trade) => Some(trade),
        _ => None,
    };
    world.witness.of_pair(pair, mark).into_iter().filter_map(trade).collect()
}

async fn mkt_01(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::many(bench, 30)?.following(1)).await?;
    world.ready().await?;
    let instruments: Vec<_> = world.market.instruments().values().cloned().collect();
    let path = bench.wire().paths().last_prices;
    let asked = world.requests(path).len();
    let prices = world.source.last_prices(&instruments).await?;
    let requests = world.requests(path).len() - asked;
    if bench.capabilities().market.bulk_last_prices {
        equal("requests", 1, requests)?;
    } else {
        equal("requests", instruments.len(), requests)?;
    }
    equal("prices", instruments.len(), prices.len())?;
    for price in prices {
        equal(&price.pair, world.simulator.last_price(price.pair.as_str()), Some(price.price.value()))?;
        equal("where it comes from", LastPriceSource::Rest, price.source)?;
    }
    world.end(bench).await
}

/// How often each topic is subscribed, over all connections.
fn subscribed(world: &World) -> BTreeMap<String, usize> {
    let mut topics = BTreeMap::new();
    for connection in world.simulator.connections() {
        for name in connection.subscriptions {
            *topics.entry(name).or_default() += 1;
        }
    }
    topics
}

async fn mkt_02(bench: &Bench) -> Verdict {
    let mut setup = Setup::many(bench, 500)?;
    setup.market.snapshot_depth = 100;
    let world = bench.world(setup).await?;
    world.ready_within(5 * MINUTE).await?;
    let topics = subscribed(&world);
    expect(topics.values().all(|times| *times == 1), "each topic once", "one twice")?;
    let mut wanted = 0;
    for pair in &world.pairs {
        let streams = bench.wire().streams(&bench.wire().symbol(pair));
        let all = streams.iter().all(|name| topics.contains_key(name));
        expect(all, format_args!("{} of {pair}", streams.join(", ")), "not all of them")?;
        wanted += streams.len();
    }
    equal("topics", wanted, topics.len())?;
    for connection in world.simulator.connections() {
        let topics = connection.subscriptions.len();
        expect(topics <= STREAMS_PER_SOCKET, "at most 200 topics a connection", topics)?;
    }
    world.end(bench).await?;
    refused_topic(bench).await
}

/// The exchange refuses a topic that a connection wants: one pair is told as refused, the others go on.
async fn refused_topic(bench: &Bench) -> Verdict {
    const PAIRS: usize = 20;
    let mut setup = Setup::many(bench, PAIRS)?;
    let unlisted = bench.wire().refused_topics() == RefusedTopics::NotListed;
    if unlisted {
        let slow = Fault::new(FaultKind::Delay { ms: 500 }).path(bench.wire().paths().instruments);
        setup = setup.fault(slow);
    } else {
        setup.exchange.limits.streams_per_connection = 2 * PAIRS - 1;
    }
    let world = bench.world(setup).await?;
    if unlisted {
        // It was listed when the connector asked, and is not any longer when it subscribes.
        let asked = || !world.requests(bench.wire().paths().instruments).is_empty();
        expect(comes_true(SOON, asked).await, "a question for the instruments", "none")?;
        world.simulator.inject(Fault::new(FaultKind::Delist).pair(world.pair(7).as_str()))?;
    }
    let refused =
        |event: &LifeEvent| matches!(event, LifeEvent::Problem { place, .. } if place.contains("subscription"));
    world.witness.life(Mark::default(), MINUTE, "Problem(Subscribe)", refused).await?;
    world.ready_within(MINUTE).await?;
    let live = world.market.books().iter().filter(|book| book.state() == BookState::Live).count();
    equal("books that go on", PAIRS - 1, live)?;
    let told = world.witness.since(Mark::default()).into_iter().find_map(|(_, event)| match event {
        Event::Life(LifeEvent::Problem { place, .. }) if place.contains("subscription") => Some(place),
        _ => None,
    });
    let names_it = |place: &String| world.pairs.iter().any(|pair| place.contains(pair.as_str()));
    expect(told.as_ref().is_some_and(names_it), "the refused pair by name", format_args!("{told:?}"))?;
    world.end(bench).await
}

async fn mkt_03(bench: &Bench) -> Verdict {
    let (paths, limits) = (bench.wire().paths(), bench.wire().limits());
    let setup = Setup::many(bench, 100)?;
    let broken = bench.no_snapshot(&setup.pairs[7])?;
    let world = bench.world(setup.fault(broken)).await?;
    let all_but_one = || {
        let live = world.market.books().into_iter().filter(|book| book.state() == BookState::Live);
        live.count() == world.pairs.len() - 1
    };
    expect(
        comes_true(2 * MINUTE, all_but_one).await,
        "99 valid books within 2 minutes",
        format_args!("{:?}", world.market.waiting()),
    )?;
    for (window, weight) in weight_by_window(&world, limits.window, Some(paths.snapshot)) {
        expect(
            weight * 2 <= limits.weight,
            "snapshots take at most half of the weight",
            format_args!("{weight} in window {window}"),
        )?;
    }
    world.simulator.clear_faults();
    world.ready_within(2 * MINUTE).await?;
    for pair in &world.pairs {
        let order = book_events(&world, pair, Mark::default());
        equal(format_args!("events of {pair}"), vec!["BookSnapshot", "BookValid"], order)?;
    }
    world.end(bench).await
}

/// Weight charged in each window of the exchange's time, of requests to one path or of all.
pub(super) fn weight_by_window(world: &World, window: Window, path: Option<&str>) -> BTreeMap<i64, u64> {
    let length = i64::try_from(window.length().as_millis()).unwrap_or(i64::MAX);
    let mut windows = BTreeMap::new();
    for request in world.simulator.requests().records {
        if path.is_none_or(|path| path == request.path) {
            *windows.entry(request.time.millis() / length).or_default() += request.weight;
        }
    }
    windows
}

async fn mkt_04(bench: &Bench) -> Verdict {
    if bench.streams_snapshots()? {
        return valid_by_its_subscription(bench).await;
    }
    let path = bench.wire().paths().snapshot;
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    let subscribed = || world.simulator.connections().iter().any(|connection| !connection.subscriptions.is_empty());
    expect(comes_true(SOON, subscribed).await, "a subscription", "none")?;
    let asked = || !world.requests(path).is_empty();
    world.pass(Duration::from_millis(2_700)).await;
    expect(!asked(), "no snapshot before 3 s without an update", "one")?;
    expect(comes_true(SECOND, asked).await, "a snapshot 3 s after the acknowledgement", "none")?;
    world.ready().await?;
    equal("events", vec!["BookSnapshot", "BookValid"], book_events(&world, world.pair(0), Mark::default()))?;
    world.end(bench).await?;

    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    let subscribed = || world.simulator.connections().iter().any(|connection| !connection.subscriptions.is_empty());
    expect(comes_true(SOON, subscribed).await, "a subscription", "none")?;
    world.pass(Duration::from_millis(200)).await;
    stir(&world, world.pair(0))?;
    let asked = || !world.requests(path).is_empty();
    expect(comes_true(Duration::from_millis(600), asked).await, "a snapshot at the first update", "none")?;
    world.ready().await?;
    world.end(bench).await
}

/// The snapshot comes with the subscription: a quiet pair is valid at once, and nothing is asked for.
async fn valid_by_its_subscription(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    let subscribed = || world.simulator.connections().iter().any(|connection| !connection.subscriptions.is_empty());
    expect(comes_true(SOON, subscribed).await, "a subscription", "none")?;
    world.witness.valid(Mark::default(), SECOND, world.pair(0)).await?;
    equal("events", vec!["BookSnapshot", "BookValid"], book_events(&world, world.pair(0), Mark::default()))?;
    world.ready().await?;
    world.pass(5 * SECOND).await;
    equal("snapshots by REST", 0, world.requests(bench.wire().paths().snapshot).len())?;
    world.end(bench).await
}

/// Where trades are not declared, none can be subscribed.
fn no_trades(bench: &Bench) -> Verdict {
    let stand = Stand::new(bench, super::book::SCALE)?;
    let source = bench.unconnected()?;
    let with = |trades| source.topics(&stand.sink.instrument, &TopicSet { trades, ..TopicSet::default() }).len();
    equal("topics for trades", with(TradeStream::None), with(TradeStream::Single))?;
    Ok(Shown::Refused)
}

async fn mkt_10(bench: &Bench) -> Verdict {
    let market = &bench.capabilities().market;
    if !market.trade_stream && !market.aggregate_trade_stream {
        return no_trades(bench);
    }
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    for (placed, taker) in [(Taker::Buy, Side::Buy), (Taker::Sell, Side::Sell)] {
        let mark = world.witness.mark();
        let before = world.simulator.clock().server_now().millis();
        let placement = take(&world, &pair, placed)?;
        let is_trade = |event: &MarketEvent| matches!(event, MarketEvent::Trade(_));
        world.witness.wait_market(mark, SECOND, "Trade", &pair, is_trade).await?;
        world.pass(SECOND).await;
        let told = trades(&world, &pair, mark);
        let base = told.iter().fold(decimal("0")?, |sum, trade| sum + trade.quantity.value());
        let quote = told.iter().fold(decimal("0")?, |sum, trade| sum + trade.quantity.value() * trade.price.value());
        equal("quantity", placement.filled, base)?;
        equal("price × quantity", placement.filled_quote, quote)?;
        for trade in &told {
            equal("taker", taker, trade.taker)?;
            // Where there are no single trades, aggregated ones are the finest.
            equal("whether it is an aggregate", !market.trade_stream, trade.aggregates.is_some())?;
            expect(trade.id != PublicTradeId::Number(0), "a trade id", trade.id)?;
            let apart = (trade.time.as_millis() - before).abs();
            expect(apart <= 1, "the exchange's time of the trade", format_args!("{apart} ms apart"))?;
            let late = trade.received.as_millis() - trade.time.as_millis();
            expect((0..200).contains(&late), "the time of receipt", format_args!("{late} ms later"))?;
        }
    }
    world.end(bench).await?;
    if bench.capabilities().market.aggregate_trade_stream { aggregated(bench).await } else { Ok(Shown::Works) }
}

/// Aggregated trades say so, and carry their ids.
async fn aggregated(bench: &Bench) -> Verdict {
    let mut setup = Setup::quiet(bench, &["BTC-USDT"])?;
    setup.market.topics.trades = TradeStream::Aggregated;
    let world = bench.world(setup).await?;
    world.ready().await?;
    let (pair, mark) = (world.pair(0).clone(), world.witness.mark());
    let Some(ledger) = world.simulator.book(pair.as_str()) else { return Err(Failed::new("a market", "none")) };
    let price = ledger.bids[0].0 + world.instrument(&pair)?.rules.price_step.size;
    for _ in 0..2 {
        world.trade(&pair, TraderOrder::limit(Taker::Sell, price, decimal("0.1")?).by("maker"))?;
    }
    world.trade(&pair, TraderOrder::market(Taker::Buy, decimal("0.2")?).by("taker"))?;
    let is_trade = |event: &MarketEvent| matches!(event, MarketEvent::Trade(_));
    world.witness.wait_market(mark, SECOND, "Trade", &pair, is_trade).await?;
    world.pass(SECOND).await;
    for trade in trades(&world, &pair, mark) {
        let range = trade.aggregates.is_some_and(|(first, last)| first <= last);
        expect(range, "the ids that an aggregate sums up", format_args!("{trade:?}"))?;
    }
    equal("holes", 0, world.witness.gaps(mark, &pair, GapReason::Trades))?;
    world.end(bench).await
}

async fn mkt_11(bench: &Bench) -> Verdict {
    let market = &bench.capabilities().market;
    if !market.trade_stream && !market.aggregate_trade_stream {
        return no_trades(bench);
    }
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let stream = bench.wire().trade_stream(&bench.wire().symbol(&pair));
    let one = || take(&world, &pair, Taker::Buy);
    one()?;
    world.pass(SECOND).await;
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Duplicate).stream(&stream).times(5))?;
    one()?;
    world.pass(SECOND).await;
    let told = trades(&world, &pair, mark);
    let ids: BTreeSet<_> = told.iter().map(|trade| trade.id).collect();
    equal("trades told", ids.len(), told.len())?;
    world.simulator.clear_faults();

    let Some(last) = told.last().map(|trade| trade.id) else { return Err(Failed::new("a trade", "none")) };
    if !bench.capabilities().market.trade_ids_count_up {
        unknown_hole(&world, &pair).await?;
        return world.end(bench).await;
    }
    let mark = world.witness.mark();
    let mute = world.simulator.inject(Fault::new(FaultKind::Mute).stream(&stream))?;
    for _ in 0..3 {
        one()?;
    }
    world.pass(SECOND).await;
    world.simulator.clear_fault(mute);
    one()?;
    world.pass(SECOND).await;
    let Some(next) = trades(&world, &pair, mark).first().map(|trade| trade.id) else {
        return Err(Failed::new("a trade after the hole", "none"));
    };
    let told = world.witness.of_pair(&pair, mark).into_iter().find_map(|event| match event {
        MarketEvent::Gap { reason: GapReason::Trades, lost, .. } => Some(lost),
        _ => None,
    });
    let missing = next.number().zip(last.number()).map(|(next, last)| next - last - 1);
    equal("trades told as lost", Some(missing), told)?;
    world.end(bench).await
}

/// Where ids do not count up, only a lost connection shows that trades may be missing; how many cannot be told.
async fn unknown_hole(world: &World, pair: &Pair) -> Result<(), Failed> {
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    take(world, pair, Taker::Buy)?;
    let (after, _) = world.witness.gap(mark, SECOND, pair, GapReason::Reconnect).await?;
    world.witness.valid(after, SOON, pair).await?;
    world.pass(SECOND).await;
    for _ in 0..2 {
        take(world, pair, Taker::Buy)?;
        world.pass(SECOND).await;
    }
    let told = world.witness.of_pair(pair, mark).into_iter().filter_map(|event| match event {
        MarketEvent::Gap { reason: GapReason::Trades, lost, .. } => Some(Some(lost)),
        MarketEvent::Trade(_) => Some(None),
        _ => None,
    });
    equal("the hole, then trades", vec![Some(None), None, None], told.collect())
}

async fn mkt_12(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let paths = bench.wire().paths();
    let path = paths.last_prices;
    // Where other questions go to the same path, those of the start are let pass.
    let shared = path == paths.best_prices || paths.funding.contains(&path);
    if shared {
        pass_confirmed(&world, 10 * SECOND).await?;
    }
    let others = if shared { world.requests(path).len() } else { 0 };
    pass_confirmed(&world, Duration::from_secs(170).saturating_sub(world.started.elapsed())).await?;
    equal("reads before 180 s", others, world.requests(path).len())?;
    let mark = world.witness.mark();
    pass_confirmed(&world, 30 * SECOND).await?;
    let reads = world.requests(path).len() - others;
    expect((3..=6).contains(&reads), "one bulk read every 5 s from 180 s on", format_args!("{reads} reads by 200 s"))?;
    for pair in &world.pairs {
        let told = world.witness.of_pair(pair, mark).into_iter().find_map(|event| match event {
            MarketEvent::LastPrice(last) => Some((last.price.value(), last.source)),
            _ => None,
        });
        let price = world.simulator.last_price(pair.as_str()).unwrap_or_default();
        equal(format_args!("last price of {pair}"), Some((price, LastPriceSource::Rest)), told)?;
    }
    world.simulator.inject(Fault::new(FaultKind::Status { status: 400 }).path(path).lasting(2 * MINUTE))?;
    let before = world.requests(path).len();
    pass_confirmed(&world, 2 * MINUTE).await?;
    let failing = world.requests(path).len() - before;
    expect(failing <= 26, "failures that back off", format_args!("{failing} reads in 2 minutes"))?;
    take(&world, world.pair(0), Taker::Buy)?;
    take(&world, world.pair(1), Taker::Buy)?;
    pass_confirmed(&world, MINUTE).await?;
    let before = world.requests(path).len();
    pass_confirmed(&world, MINUTE).await?;
    equal("reads while there are trades", before, world.requests(path).len())?;
    world.end(bench).await
}

/// Lets time pass in which books change, so that nobody has to ask whether they are right, and nobody trades.
async fn pass_confirmed(world: &World, time: Duration) -> Result<(), Failed> {
    const STEP: Duration = Duration::from_secs(2);
    let mut left = time;
    while !left.is_zero() {
        for pair in &world.pairs {
            stir(world, pair)?;
        }
        world.pass(left.min(STEP)).await;
        left = left.saturating_sub(STEP);
    }
    Ok(())
}

async fn mkt_13(bench: &Bench) -> Verdict {
    let setup = Setup::quiet(bench, &["BTC-USDT", "ETH-USDT", "BNB-USDT"])?;
    let world = bench.world(setup.following(1)).await?;
    world.ready().await?;
    let (added, failing) = (pair("ETH-USDT")?, pair("BNB-USDT")?);
    let book = world.market.add(added.clone()).await?;
    equal("state of the pair added", BookState::Live, book.state())?;
    world.caught_up(&added).await?;
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    world.witness.valid(mark, SOON, &added).await?;
    world.caught_up(&added).await?;

    world.simulator.inject(bench.no_snapshot(&failing)?)?;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let refused = timeout(3 * MINUTE, world.market.add(failing.clone())).await;
    match refused {
        Ok(Err(error)) => equal("kind", ErrorKind::Timeout, error.kind())?,
        other => return Err(Failed::new("an error for a pair that cannot be added", format_args!("{other:?}"))),
    }
    world.simulator.clear_faults();
    world.pass(30 * SECOND).await;
    nothing_of(bench, &world, &failing)?;
    expect(is_gone(|| tasks() <= before).await, format_args!("at most {before} tasks"), tasks())?;
    match world.market.add(pair("NO-SUCH")?).await {
        Err(error) => equal("kind", ErrorKind::UnknownInstrument, error.kind())?,
        Ok(_) => return Err(Failed::new("an error for an unknown pair", "a book"))?,
    }
    world.end(bench).await
}

/// Nothing of a pair is there: no book, no subscription, no reason to wait.
fn nothing_of(bench: &Bench, world: &World, pair: &Pair) -> Result<(), Failed> {
    expect(world.market.book(pair).is_none(), format_args!("no book of {pair}"), "one")?;
    let symbol = bench.wire().symbol(pair);
    for stream in bench.wire().streams(&symbol) {
        expect(!subscribed(world).contains_key(&stream), format_args!("{stream} not subscribed"), "subscribed")?;
    }
    let waiting = format!("{:?}", world.market.waiting());
    expect(!waiting.contains(pair.as_str()), format_args!("nobody waits for {pair}"), waiting)
}

async fn mkt_14(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let removed = world.pair(1).clone();
    let book = world.book(&removed)?;
    world.market.remove(removed.clone()).await?;
    equal("answer of a reader", Err(QueryError::Removed), book.mid().map(drop))?;
    equal("waiting for it", Err(QueryError::Removed), book.live().await)?;
    world.pass(SECOND).await;
    let mark = world.witness.mark();
    stir(&world, &removed)?;
    take(&world, &removed, Taker::Buy)?;
    world.pass(SECOND).await;
    nothing_of(bench, &world, &removed)?;
    world.simulator.inject(Fault::new(FaultKind::Drop))?;
    let kept = world.pair(0).clone();
    world.witness.valid(mark, SOON, &kept).await?;
    stir(&world, &removed)?;
    world.pass(SECOND).await;
    nothing_of(bench, &world, &removed)?;
    let told = world.witness.of_pair(&removed, mark);
    expect(told.is_empty(), "no event of the pair", format_args!("{told:?}"))?;
    match world.market.remove(removed).await {
        Err(error) => equal("kind", ErrorKind::InvalidRequest, error.kind())?,
        Ok(()) => return Err(Failed::new("an error for a pair that is not followed", "none")),
    }
    world.end(bench).await
}

async fn mkt_15(bench: &Bench) -> Verdict {
    let mut stand = Stand::new(bench, super::book::SCALE)?;
    let unknown = stand.frame(&bench.wire().unknown_event());
    let unknown = unknown.map_err(|error| Failed::new("an unknown event ignored", error.error))?;
    expect(matches!(unknown.0, Frame::Unknown), "an event told as unknown", format_args!("{:?}", unknown.0))?;
    match stand.frame(b"{ this is no JSON") {
        Err(error) => equal("the pair of garbage", None, error.slot)?,
        Ok(frame) => return Err(Failed::new("an error for garbage", format_args!("{frame:?}"))),
    }
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let stream = bench.wire().book_stream(&bench.wire().symbol(&pair));
    let mark = world.witness.mark();
    for what in [Novelty::Event, Novelty::Field] {
        world.simulator.inject(Fault::new(FaultKind::Novel { what }).stream(&stream))?;
        stir(&world, &pair)?;
        world.caught_up(&pair).await?;
    }
    let gaps = book_events(&world, &pair, mark).iter().filter(|name| **name == "Gap").count();
    equal("gaps by the unknown", 0, gaps)?;
    world.simulator.inject(Fault::new(FaultKind::Garble).stream(&stream))?;
    stir(&world, &pair)?;
    let told = |event: &LifeEvent| matches!(event, LifeEvent::Problem { kind: ErrorKind::Decode, .. });
    let (after, _) = world.witness.life(mark, SECOND, "Problem(Decode)", told).await?;
    let (after, _) = world.witness.gap(after, SECOND, &pair, GapReason::Decode).await?;
    world.witness.valid(after, SOON, &pair).await?;
    equal("gaps of the other pair", 0, world.book(world.pair(1))?.counters().gaps)?;
    world.end(bench).await
}

async fn mkt_16(bench: &Bench) -> Verdict {
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let pair = world.pair(0).clone();
    let mut slow = world.market.events();
    let (mark, book) = (world.witness.mark(), world.book(&pair)?);
    let applied = book.counters().applied;
    for _ in 0..1_200 {
        stir(&world, &pair)?;
        take(&world, &pair, Taker::Buy)?;
        world.pass(Duration::from_millis(20)).await;
    }
    world.caught_up(&pair).await?;
    let updates = usize::try_from(book.counters().applied - applied).unwrap_or(usize::MAX);
    let fast = world.witness.of_pair(&pair, mark);
    let count = |wanted: &str| fast.iter().filter(|event| super::book_live::name(event) == wanted).count();
    equal("updates of the fast reader", updates, count("BookUpdate"))?;
    equal("gaps of the fast reader", 0, count("Gap"))?;
    let others_made = count("Trade") + count("FundingRate");

    let mut rest = Vec::new();
    while let Some(event) = slow.try_next() {
        rest.push(event);
    }
    expect(rest.len() <= 1_100, "at most 1 024 events kept for a slow reader", rest.len())?;
    let mut events = rest.iter().filter_map(|event| match event {
        Event::Market(event) => Some(event),
        _ => None,
    });
    let lost = match events.next() {
        Some(MarketEvent::Gap { reason: GapReason::Overflow, lost: Some(lost), .. }) => *lost,
        other => {
            return Err(Failed::new("Gap(Overflow) first", format_args!("{:?}", other.map(super::book_live::name))));
        }
    };
    let snapshot = match events.next() {
        Some(MarketEvent::BookSnapshot(snapshot)) => snapshot.clone(),
        other => return Err(Failed::new("BookSnapshot next", format_args!("{:?}", other.map(super::book_live::name)))),
    };
    let other = |event: &&MarketEvent| matches!(event, MarketEvent::Trade(_) | MarketEvent::FundingRate(_));
    let seen = events.clone().filter(other).count();
    equal("trades and funding rates lost and told", others_made, usize::try_from(lost).unwrap_or(usize::MAX) + seen)?;
    for event in events {
        if let MarketEvent::BookUpdate(update) = event {
            expect(update.update_id > snapshot.update_id, "updates after the snapshot only", update.update_id)?;
        }
    }
    equal("the newest book", book.snapshot(usize::MAX)?.update_id, snapshot.update_id.max(newest(&rest)))?;
    world.end(bench).await
}

/// The newest version of a book that events tell of.
fn newest(events: &[Event]) -> u64 {
    let id = |event: &Event| match event {
        Event::Market(MarketEvent::BookUpdate(update)) => Some(update.update_id),
        _ => None,
    };
    events.iter().filter_map(id).max().unwrap_or(0)
}
