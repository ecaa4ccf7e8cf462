//! Capabilities: what is declared is true, both ways.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tradewire_core::{
    Addresses, Capabilities, Environment, Error, ErrorKind, Event, GapReason, Instrument, MarketEvent, MarketKind,
    Missing, PublicTradeId, REQUIRED_FOR_TRADING,
};
use tradewire_simulator::{Fault, FaultKind, Side as Taker};
use tradewire_tracking::{TopicSet, TradeStream};
use tradewire_transport::Route;

use super::book_live::stir;
use super::cap_trading::{cap_01, cap_02_orders, cap_03_account, cap_04_account, cap_06_account};
use super::mkt::{SECOND, take};
use crate::bench::witness::Mark;
use crate::bench::{Bench, Setup, World};
use crate::row::{Failed, Shown, Verdict, equal, expect};
use crate::{Row, ids};

/// Capabilities.
pub(super) const ROWS: &[Row] = &[
    Row::traded("CAP-01", "what is declared for trading works", |b| cap_01(b).boxed_local()),
    Row::traded("CAP-02", "what is not declared is refused, and nothing is sent", |b| cap_02(b).boxed_local()),
    Row::traded("CAP-03", "declared facts agree with the server", |b| cap_03(b).boxed_local()),
    Row::traded("CAP-04", "turning any declared value into another is noticed", |b| cap_04(b).boxed_local()),
    Row::needs(
        "CAP-05",
        "the matrix comes from the declaration",
        "the program, whose own tests compare its matrix with the declaration",
    ),
    Row::traded("CAP-06", "what is missing for trading is named, and then there is market data only", |b| {
        cap_06(b).boxed_local()
    }),
    Row::once("CAP-07", "every id has its row", |b| cap_07(b).boxed_local()),
];

/// A declared fact: how it is seen at work, and another value that must not be believed.
struct Fact {
    name: &'static str,
    holds: for<'a> fn(&'a World, &'a Capabilities) -> LocalBoxFuture<'a, Result<(), Failed>>,
    mutate: fn(&mut Capabilities),
}

const FACTS: &[Fact] = &[
    Fact { name: "exchange", holds: |w, c| name(w, c).boxed_local(), mutate: |c| c.exchange = "another" },
    Fact { name: "kind", holds: |w, c| kind(w, c).boxed_local(), mutate: |c| c.kind = MarketKind::InversePerpetual },
    Fact {
        name: "sequence_rule",
        holds: |w, c| sequence_rule(w, c).boxed_local(),
        mutate: |c| c.market.sequence_rule = if c.market.sequence_rule == "counted" { "previous" } else { "counted" },
    },
    Fact {
        name: "book_stream",
        holds: |w, c| book_stream(w, c).boxed_local(),
        mutate: |c| c.market.book_stream ^= true,
    },
    Fact {
        name: "snapshot_depths",
        holds: |w, c| snapshot_depths(w, c).boxed_local(),
        mutate: |c| c.market.snapshot_depths = &[100, 333, 100_000],
    },
    Fact {
        name: "trade_stream",
        holds: |w, c| trade_stream(w, c).boxed_local(),
        mutate: |c| c.market.trade_stream ^= true,
    },
    Fact {
        name: "aggregate_trade_stream",
        holds: |w, c| aggregate_trade_stream(w, c).boxed_local(),
        mutate: |c| c.market.aggregate_trade_stream ^= true,
    },
    Fact {
        name: "trade_ids_count_up",
        holds: |w, c| trade_ids_count_up(w, c).boxed_local(),
        mutate: |c| c.market.trade_ids_count_up ^= true,
    },
    Fact {
        name: "best_prices_stream",
        holds: |w, c| best_prices_stream(w, c).boxed_local(),
        mutate: |c| c.market.best_prices_stream ^= true,
    },
    Fact {
        name: "candle_intervals",
        holds: |w, c| candle_intervals(w, c).boxed_local(),
        mutate: |c| c.market.candle_intervals = &["1m", "7m"],
    },
    Fact {
        name: "bulk_last_prices",
        holds: |w, c| bulk_last_prices(w, c).boxed_local(),
        mutate: |c| c.market.bulk_last_prices ^= true,
    },
    Fact {
        name: "bulk_best_prices",
        holds: |w, c| bulk_best_prices(w, c).boxed_local(),
        mutate: |c| c.market.bulk_best_prices ^= true,
    },
    Fact { name: "ticker_24h", holds: |w, c| ticker(w, c).boxed_local(), mutate: |c| c.market.ticker_24h ^= true },
    Fact { name: "candles", holds: |w, c| candles(w, c).boxed_local(), mutate: |c| c.market.candles ^= true },
    Fact {
        name: "recent_trades",
        holds: |w, c| recent_trades(w, c).boxed_local(),
        mutate: |c| c.market.recent_trades ^= true,
    },
    Fact {
        name: "shutdown_notice",
        holds: |w, c| shutdown_notice(w, c).boxed_local(),
        mutate: |c| c.market.shutdown_notice ^= true,
    },
];

/// A market with a deep book and some history, followed in every way.
async fn world(bench: &Bench) -> Result<World, Failed> {
    let mut setup = Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?;
    setup.exchange.listings[0].opening_depth = 6_000;
    setup.market.topics = TopicSet { trades: TradeStream::Single, best_prices: true, funding: true, candles: None };
    let world = bench.world(setup).await?;
    world.ready().await?;
    take(&world, world.pair(0), Taker::Buy)?;
    world.pass(SECOND).await;
    Ok(world)
}

fn first(world: &World) -> Result<Arc<Instrument>, Failed> {
    world.instrument(world.pair(0))
}

/// What is declared works; what is not is refused as unsupported with nothing sent.
async fn both_ways<T>(
    world: &World,
    declared: bool,
    what: &str,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<(), Failed> {
    let sent = world.simulator.requests().total;
    match (call.await, declared) {
        (Ok(_), true) => Ok(()),
        (Ok(_), false) => Err(Failed::new(format_args!("{what} refused, as it is not declared"), "it works")),
        (Err(error), true) => Err(Failed::new(format_args!("{what}, as it is declared"), error)),
        (Err(error), false) => {
            equal(format_args!("kind of the refusal of {what}"), ErrorKind::Unsupported, error.kind())?;
            equal(format_args!("requests for {what}"), sent, world.simulator.requests().total)
        }
    }
}

async fn name(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    equal("name", declared.exchange, world.source.capabilities().exchange)
}

async fn kind(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    equal("market kind", declared.kind, first(world)?.kind)
}

async fn sequence_rule(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    equal("sequence rule", declared.market.sequence_rule, world.source.sequence_rule().name())
}

/// Whether events of a kind came about the first pair since the start.
fn came(world: &World, is_it: impl Fn(&MarketEvent) -> bool) -> bool {
    world.witness.of_pair(world.pair(0), Mark::default()).iter().any(is_it)
}

async fn book_stream(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    stir(world, world.pair(0))?;
    world.pass(SECOND).await;
    equal(
        "updates of the book",
        declared.market.book_stream,
        came(world, |event| matches!(event, MarketEvent::BookUpdate(_))),
    )
}

async fn trade_stream(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let single = |event: &MarketEvent| matches!(event, MarketEvent::Trade(trade) if trade.aggregates.is_none());
    equal("single trades", declared.market.trade_stream, came(world, single))
}

async fn best_prices_stream(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    equal(
        "best prices",
        declared.market.best_prices_stream,
        came(world, |event| matches!(event, MarketEvent::BestPrices(_))),
    )
}

async fn aggregate_trade_stream(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let instrument = first(world)?;
    let with = |trades| world.source.topics(&instrument, &TopicSet { trades, ..TopicSet::default() });
    let (none, aggregated) = (with(TradeStream::None), with(TradeStream::Aggregated));
    equal("a stream of aggregated trades", declared.market.aggregate_trade_stream, aggregated.len() > none.len())
}

async fn snapshot_depths(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let instrument = first(world)?;
    let scale = tradewire_tracking::Scale::of(&instrument.rules);
    for depth in declared.market.snapshot_depths {
        let answer = world.source.snapshot(&instrument, *depth).await?;
        let snapshot = world.source.decode_snapshot(&answer.body, scale).map_err(|error| error.error)?;
        equal("levels a side", *depth as usize, snapshot.bids.len())?;
    }
    Ok(())
}

async fn trade_ids_count_up(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let trades = world.source.recent_trades(&*first(world)?, 100).await?;
    for _ in 0..3 {
        take(world, world.pair(0), Taker::Sell)?;
    }
    world.pass(SECOND).await;
    let streamed = super::mkt::trades(world, world.pair(0), Mark::default());
    let ids: Vec<_> = trades.iter().chain(&streamed).map(|trade| trade.id).collect();
    let by_one = |ids: &[PublicTradeId]| ids.windows(2).all(|two| two[1].follows(two[0]));
    let streamed: Vec<_> = streamed.iter().map(|trade| trade.id).collect();
    expect(ids.len() > 2, "some trades", ids.len())?;
    equal("trade ids that count up by one", declared.market.trade_ids_count_up, by_one(&streamed))
}

async fn candle_intervals(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let instrument = first(world)?;
    for interval in declared.market.candle_intervals {
        world.source.candles(&instrument, interval, 2).await.map_err(|error| Failed::from(error).at(interval))?;
    }
    for interval in ["7m", "1s", "1m", "1d", "1M"] {
        if !declared.market.candle_intervals.contains(&interval) {
            both_ways(world, false, "an undeclared interval", world.source.candles(&instrument, interval, 2)).await?;
        }
    }
    Ok(())
}

async fn bulk_last_prices(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let all: Vec<_> = world.market.instruments().values().cloned().collect();
    let sent = world.simulator.requests().total;
    world.source.last_prices(&all).await?;
    equal(
        "one request for many last prices",
        declared.market.bulk_last_prices,
        world.simulator.requests().total == sent + 1,
    )
}

async fn bulk_best_prices(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let all: Vec<_> = world.market.instruments().values().cloned().collect();
    let sent = world.simulator.requests().total;
    world.source.best_prices(&all).await?;
    equal(
        "one request for many best prices",
        declared.market.bulk_best_prices,
        world.simulator.requests().total == sent + 1,
    )
}

async fn ticker(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    both_ways(world, declared.market.ticker_24h, "a ticker", world.source.ticker_24h(&*first(world)?)).await
}

async fn candles(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let interval = declared.market.candle_intervals.first().copied().unwrap_or("1m");
    both_ways(world, declared.market.candles, "candles", world.source.candles(&*first(world)?, interval, 2)).await
}

async fn recent_trades(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    both_ways(world, declared.market.recent_trades, "recent trades", world.source.recent_trades(&*first(world)?, 2))
        .await
}

async fn shutdown_notice(world: &World, declared: &Capabilities) -> Result<(), Failed> {
    let old: Vec<_> = world.simulator.connections().iter().map(|connection| connection.id).collect();
    let mark = world.witness.mark();
    world.simulator.inject(Fault::new(FaultKind::ShutdownNotice))?;
    world.pass(5 * SECOND).await;
    let renewed = world.simulator.connections().iter().any(|connection| !old.contains(&connection.id));
    // A connection that was closed without a notice is replaced too, but its book was lost meanwhile.
    let lost = world.witness.gaps(mark, world.pair(0), GapReason::Reconnect) > 0;
    equal("renewal by a notice", declared.market.shutdown_notice, renewed && !lost)
}

async fn cap_02(bench: &Bench) -> Verdict {
    let world = world(bench).await?;
    let (declared, instrument) = (&bench.capabilities().market, first(&world)?);
    let intervals = ["7m", "13h", "", "1Y"];
    for interval in intervals.iter().filter(|interval| !declared.candle_intervals.contains(interval)) {
        both_ways(&world, false, &format!("candles of '{interval}'"), world.source.candles(&instrument, interval, 2))
            .await?;
    }
    for fact in FACTS.iter().filter(|fact| ["ticker_24h", "candles", "recent_trades"].contains(&fact.name)) {
        (fact.holds)(&world, bench.capabilities()).await?;
    }
    world.end(bench).await?;
    cap_02_orders(bench).await
}

async fn cap_03(bench: &Bench) -> Verdict {
    let world = world(bench).await?;
    for fact in FACTS {
        (fact.holds)(&world, bench.capabilities()).await.map_err(|failed| failed.at(fact.name))?;
    }
    environments(bench, bench.capabilities())?;
    let told = world.witness.since(Mark::default());
    let candle = told.iter().any(|(_, event)| matches!(event, Event::Market(MarketEvent::Candle(_))));
    expect(!candle, "no candles, as none were asked for", "some")?;
    world.end(bench).await?;
    cap_03_account(bench).await
}

/// The addresses of each environment are those that are declared.
fn environments(bench: &Bench, declared: &Capabilities) -> Result<(), Failed> {
    for Environment { name, ws, .. } in declared.environments {
        let url = bench.subject().source(&Addresses::Environment((*name).to_owned()))?.streams(Route::BOOKS).url();
        expect(url.starts_with(ws), format_args!("streams of {name} at {ws}"), url)?;
    }
    Ok(())
}

async fn cap_04(bench: &Bench) -> Verdict {
    let declared =
        serde_json::to_value(&bench.capabilities().market).map_err(|error| Failed::new("a declaration", error))?;
    let facts = declared.as_object().map_or(0, serde_json::Map::len);
    equal("facts about the market, each with a check of its own", facts, FACTS.len() - 2)?;
    for fact in FACTS {
        let mut mutated = bench.capabilities().clone();
        (fact.mutate)(&mut mutated);
        let other = bench.with_subject(bench.subject().declaring(mutated));
        let world = world(&other).await?;
        let believed = (fact.holds)(&world, other.capabilities()).await.is_ok();
        world.drop_connector(&other).stop().await;
        expect(!believed, format_args!("another value of '{}' noticed", fact.name), "nothing noticed")?;
    }
    let mut mutated = bench.capabilities().clone();
    mutated.environments = &[Environment {
        name: "testnet",
        rest: "https://127.0.0.1",
        ws: "wss://127.0.0.1",
        ws_api: None,
        ws_private: None,
    }];
    expect(environments(bench, &mutated).is_err(), "another environment noticed", "nothing noticed")?;
    mutated.missing = Missing(&["wisdom"]);
    expect(missing_is_named(&mutated).is_err(), "another lack noticed", "nothing noticed")?;
    cap_04_account(bench).await
}

async fn cap_06(bench: &Bench) -> Verdict {
    missing_is_named(bench.capabilities())?;
    cap_06_account(bench).await
}

/// What is missing is of what trading requires; without anything missing, orders must be there.
fn missing_is_named(declared: &Capabilities) -> Result<(), Failed> {
    for missing in declared.missing.0 {
        expect(REQUIRED_FOR_TRADING.contains(missing), "one of the requirements for trading", missing)?;
    }
    equal("trading", declared.missing.is_empty(), declared.can_trade())
}

async fn cap_07(_: &Bench) -> Verdict {
    let rows: Vec<_> = super::all().map(|row| row.id.to_owned()).collect();
    equal("ids", ids::of(|_| true).collect::<Vec<_>>(), rows)?;
    Ok(Shown::Works)
}
