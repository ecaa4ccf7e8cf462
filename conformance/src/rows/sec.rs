//! Secrets: those in addresses here, those of accounts beside.

use futures_util::FutureExt;
use tradewire_simulator::{Fault, FaultKind, Simulator};
use tradewire_transport::Route;

use super::book_live::stir;
use super::mkt::{SECOND, take};
use super::sec_account::{Hidden, sec_01_account, sec_02_account};
use super::sec_memory::sec_03;
use crate::Row;
use crate::bench::world::addresses;
use crate::bench::{Bench, Setup};
use crate::row::{Failed, Verdict, expect};
use tradewire_core::Addresses;

/// Secrets.
pub(super) const ROWS: &[Row] = &[
    Row::traded("SEC-01", "nothing that can be printed holds a secret; without an account, those in addresses", |b| {
        sec_01(b).boxed_local()
    }),
    Row::traded("SEC-02", "with all faults at the most verbose level, logs and metrics hold no secret", |b| {
        sec_02(b).boxed_local()
    }),
    Row::traded("SEC-03", "a dropped secret is zero in every copy", |b| sec_03(b).boxed_local()),
    Row::needs(
        "SEC-04",
        "the key store is encrypted, and a secret on the command line is refused",
        "the program's own tests (cli/tests/keys.rs)",
    ),
];

/// A password that must not be seen anywhere.
const PASSWORD: &str = "c4nary+of/the=mine";

fn holds_none(what: &str, text: &str) -> Result<(), Failed> {
    Hidden::of([PASSWORD]).is_not_in(what, text)
}

/// That nothing shows where a key or a signature was.
fn marks_none(bench: &Bench, what: &str, text: &str) -> Result<(), Failed> {
    let (text, wire) = (text.to_ascii_lowercase(), bench.wire().account());
    let found = wire.and_then(|wire| wire.secret_marks().iter().find(|mark| text.contains(&mark.to_ascii_lowercase())));
    expect(found.is_none(), format_args!("nothing of credentials in {what}"), format_args!("{found:?}"))
}

/// Addresses that hold a password.
fn telling(rest: &str, ws: &str) -> [Addresses; 2] {
    let with = |url: &str| url.replacen("://", "://user:c4nary%2Bof%2Fthe%3Dmine@", 1);
    let own = |rest: String, ws: String| Addresses::own(rest, ws);
    [own(with(rest), ws.to_owned()), own(rest.to_owned(), with(ws))]
}

async fn sec_01(bench: &Bench) -> Verdict {
    let [rest, ws] = telling("http://127.0.0.1:9", "ws://127.0.0.1:9");
    match bench.subject().source(&rest) {
        Err(error) => holds_none("an error", &format!("{error} {error:?}"))?,
        Ok(source) => {
            holds_none("a connector", &format!("{source:?}"))?;
            let error = source.status().await.err();
            holds_none("an error", &format!("{error:?}"))?;
        }
    }
    match bench.subject().source(&ws) {
        Err(error) => holds_none("an error", &format!("{error} {error:?}"))?,
        Ok(source) => holds_none("a connector", &format!("{source:?} {:?}", source.streams(Route::BOOKS)))?,
    }
    let world = bench.world(Setup::quiet(bench, &["BTC-USDT"])?).await?;
    world.ready().await?;
    let printed = format!("{:?} {:?} {:?}", world.source, world.market, world.market.books());
    for word in ["signature", "api_key: \"", "secret: \""] {
        expect(!printed.contains(word), format_args!("no '{word}' in what is printed"), "one")?;
    }
    marks_none(bench, "what is printed", &printed)?;
    world.end(bench).await?;
    sec_01_account(bench).await
}

async fn sec_02(bench: &Bench) -> Verdict {
    let logs = bench.captured().keep_logs();
    let simulator = Simulator::start(Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    let Addresses::Own { rest, ws, .. } = addresses(simulator.addresses()) else {
        return Err(Failed::new("addresses of a simulator", "others"));
    };
    for telling in telling(&rest, &ws) {
        if let Ok(source) = bench.subject().source(&telling) {
            // It may be refused when it is made, at its first use, or never succeed: only what is said counts.
            let _ = source.status().await;
            let market = tradewire_tracking::MarketData::start(source, Default::default(), []);
            tokio::time::sleep(SECOND).await;
            market.close().await;
        }
    }
    simulator.stop().await;
    every_fault(bench).await?;
    drop(logs);
    let said = bench.captured().logs();
    let verbose = said.contains("TRACE") && said.len() > 5_000;
    expect(verbose, "logs at the most verbose level", format_args!("{} bytes", said.len()))?;
    holds_none("the logs", &said)?;
    holds_none("the labels of metrics", &bench.captured().metrics().join(" "))?;
    marks_none(bench, "the logs", &said)?;
    sec_02_account(bench).await
}

/// A short run in which everything goes wrong once.
async fn every_fault(bench: &Bench) -> Verdict {
    let mut world = bench.world(Setup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    world.ready().await?;
    let refused = bench.refused_read()?;
    for kind in [
        FaultKind::LoseReply,
        FaultKind::Cut,
        FaultKind::Status { status: 502 },
        refused,
        bench.code(-99_999, None, 400),
        FaultKind::Truncate,
        FaultKind::NotJson,
        FaultKind::SkipUpdate,
        FaultKind::CrossBook,
        FaultKind::Garble,
        FaultKind::Drop,
        FaultKind::DayCut,
        FaultKind::ShutdownNotice,
        FaultKind::RetryAfter { seconds: 2, status: 429 },
    ] {
        world.simulator.inject(Fault::new(kind))?;
        for pair in world.pairs.clone() {
            stir(&world, &pair)?;
            take(&world, &pair, tradewire_simulator::Side::Buy)?;
        }
        world.pass(12 * SECOND).await;
    }
    world.simulator.clear_faults();
    world.ready().await?;
    world.allowed_statuses = vec![429];
    world.end(bench).await
}
