//! Configuration.

use futures_util::FutureExt;
use futures_util::future::join_all;
use tradewire_core::{Addresses, ErrorKind};
use tradewire_simulator::Simulator;
use tradewire_transport::Route;

use super::conf_orders::{conf_02, conf_04, conf_05, conf_06, conf_07_accounts};
use super::mkt::MINUTE;
use crate::Row;
use crate::bench::world::{addresses, pair};
use crate::bench::{Bench, Setup};
use crate::row::{Failed, Verdict, equal, expect};

/// Configuration.
pub(super) const ROWS: &[Row] = &[
    Row::once(
        "CONF-01",
        "all addresses come from one environment; with all on loopback nothing else is contacted",
        |b| conf_01(b).boxed_local(),
    ),
    Row::once("CONF-02", "without credentials market data works and trading is refused", |b| conf_02(b).boxed_local()),
    Row::once("CONF-03", "an unknown word is quoted with where it stood and the nearest valid ones", |b| {
        conf_03(b).boxed_local()
    }),
    Row::traded("CONF-04", "client order ids are unique, rise, and fit", |b| conf_04(b).boxed_local()),
    Row::traded("CONF-05", "a client order id that cannot be used is refused", |b| conf_05(b).boxed_local()),
    Row::once("CONF-06", "default fees hold until the account's own are read", |b| conf_06(b).boxed_local()),
    Row::traded("CONF-07", "two connectors of one address share its limits and nothing else", |b| {
        conf_07(b).boxed_local()
    }),
];

async fn conf_01(bench: &Bench) -> Verdict {
    let environments = bench.capabilities().environments;
    expect(!environments.is_empty(), "an environment", "none")?;
    for environment in environments {
        let source = bench.subject().source(&Addresses::Environment(environment.name.to_owned()))?;
        let url = source.streams(Route::BOOKS).url();
        expect(
            url.starts_with(environment.ws),
            format_args!("streams of {} at {}", environment.name, environment.ws),
            url,
        )?;
    }
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let answer = world.source.snapshot(&*world.instrument(world.pair(0))?, 100).await?;
    let rest = &world.simulator.addresses().rest;
    expect(answer.url.starts_with(rest.as_str()), format_args!("requests to {rest}"), &answer.url)?;
    let streams = world.source.streams(Route::BOOKS).url();
    let ws = &world.simulator.addresses().ws;
    expect(streams.starts_with(ws.as_str()), format_args!("streams from {ws}"), &streams)?;
    world.pass(MINUTE).await;
    world.end(bench).await
}

async fn conf_03(bench: &Bench) -> Verdict {
    let Some(known) = bench.capabilities().environments.first() else {
        return Err(Failed::new("an environment", "none"));
    };
    let word = format!("{}x", known.name);
    match bench.subject().source(&Addresses::Environment(word.clone())) {
        Ok(_) => return Err(Failed::new("an error for an unknown environment", "a connector")),
        Err(error) => {
            equal("kind", ErrorKind::Config, error.kind())?;
            let text = error.to_string();
            expect(text.contains(&word) && text.contains("environment"), "the word and where it stood", &text)?;
            expect(text.replace(&word, "").contains(known.name), "the nearest valid word", &text)?;
        }
    }
    for rest in ["127.0.0.1:1", "ftp://127.0.0.1:1", ""] {
        wrong_address(bench, rest)?;
    }
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let unknown = pair("BTC-USDX")?;
    match world.market.add(unknown.clone()).await {
        Ok(_) => return Err(Failed::new("an error for an unknown pair", "a book")),
        Err(error) => {
            let text = error.to_string();
            expect(
                text.contains(unknown.as_str()) && text.contains("BTC-USDT"),
                "the pair and the nearest valid one",
                text,
            )?;
        }
    }
    world.end(bench).await
}

/// An address that cannot be one is refused when the connector is made.
fn wrong_address(bench: &Bench, rest: &str) -> Result<(), Failed> {
    let addresses = Addresses::own(rest, "ws://127.0.0.1:1");
    match bench.subject().source(&addresses) {
        Err(error) => equal(format_args!("kind for '{rest}'"), ErrorKind::Config, error.kind()),
        Ok(_) => Err(Failed::new(format_args!("an error for '{rest}'"), "a connector")),
    }
}

async fn conf_07(bench: &Bench) -> Verdict {
    let setup = Setup::many(bench, 2)?;
    let weight = bench.wire().limits().weight;
    let simulator = Simulator::start(setup.exchange).await?;
    let served = addresses(simulator.addresses());
    let connectors = [bench.subject().source(&served)?, bench.subject().source(&served)?];
    let body = connectors[0].instruments().await?.body;
    let list = connectors[0].decode_instruments(&body)?;
    connectors[1].decode_instruments(&body)?;
    let Some(instrument) = list.instruments.into_iter().next() else {
        return Err(Failed::new("an instrument", "none"));
    };
    // Each asks for three quarters of what the address may have in a window, all at once.
    let before = simulator.used_weight();
    connectors[0].recent_trades(&instrument, 5).await?;
    let one = (simulator.used_weight().saturating_sub(before)).max(1);
    let asking = connectors.iter().flat_map(|connector| {
        (0..weight * 3 / 4 / one).map(|_| async { connector.recent_trades(&instrument, 5).await.map(drop) })
    });
    join_all(asking).await;
    let too_many = bench.too_many();
    let refused = simulator.requests().records.iter().filter(|request| too_many.contains(&request.status)).count();
    drop(connectors);
    simulator.stop().await;
    equal("requests refused for too many", 0, refused)?;
    conf_07_accounts(bench).await
}
