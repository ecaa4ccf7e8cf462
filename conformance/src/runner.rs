//! Runs rows: each on a thread of its own with a runtime of its own, whose clock is virtual.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use parking_lot::Mutex;
use tradewire_tracking::OrderEntry;

use crate::bench::{Bench, capture};
use crate::row::{Action, Failed, SEEDS, Shown, Verdict};
use crate::{Component, Report, Row, RowReport, Subject, ids, rows};

/// Real time after which a row counts as hung. Nothing else in the suite looks at real time.
const HUNG: Duration = Duration::from_secs(300);

/// Which rows run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those of this stage.
    pub component: Option<Component>,
    /// Only those whose id begins with one of these; all if there are none.
    pub ids: Vec<String>,
}

impl Selection {
    /// The rows of one stage.
    pub fn component(component: Component) -> Self {
        Self { component: Some(component), ids: Vec::new() }
    }

    pub(crate) fn takes(&self, component: Component) -> bool {
        self.component.is_none_or(|wanted| wanted == component)
    }

    pub(crate) fn takes_id(&self, id: &str) -> bool {
        self.ids.is_empty() || self.ids.iter().any(|wanted| id.starts_with(wanted.as_str()))
    }
}

/// Runs the chosen rows against a simulated exchange and reports on every one of them.
///
/// Blocks; a few rows run at the same time, on threads of their own. Must not be called on a runtime's thread.
pub fn run(subject: &Subject, selection: &Selection) -> Report {
    let chosen = rows::all().filter(|row| selection.takes(row.component()) && selection.takes_id(row.id)).collect();
    let Report { exchange, rows, .. } = run_rows(subject, chosen);
    Report::complete(&exchange, selection, rows)
}

/// Runs these rows, and reports on them in the order of the ids.
pub(crate) fn run_rows(subject: &Subject, chosen: Vec<&Row>) -> Report {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(row) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = run_row(subject, row);
                    done.lock().push(report);
                }
            });
        }
    });
    let mut reports = done.into_inner();
    let place = |id: &str| ids::of(|_| true).position(|known| known == id);
    reports.sort_by_key(|report: &RowReport| place(&report.id));
    Report { exchange: subject.capabilities().exchange.to_owned(), component: None, rows: reports }
}

/// Runs one row with all its seeds, watched.
fn run_row(subject: &Subject, row: &Row) -> RowReport {
    let (body, seeds, wires) = match row.action {
        Action::Needs(need) => return RowReport::of(row, Ok(Shown::NotRun(need.to_owned())), None, 0),
        Action::Once(body) => (body, 1..=1, vec![OrderEntry::Rest]),
        Action::Seeded(body) => (body, 1..=SEEDS, vec![OrderEntry::Rest]),
        Action::Traded(body) => (body, 1..=1, subject.order_wires()),
        Action::TradedSeeded(body) => (body, 1..=SEEDS, subject.order_wires()),
    };
    let runs: Vec<_> = wires.iter().flat_map(|wire| seeds.clone().map(|seed| (*wire, seed))).collect();
    let (done, answer) = channel();
    let subject = subject.clone();
    std::thread::spawn(move || {
        let mut last = (Ok(Shown::Works), 1, 0);
        for (wire, seed) in runs {
            let (verdict, virtual_time_ms) = run_once(&subject, body, seed, wire);
            let verdict = verdict.map_err(|failed| failed.by(wire));
            last = (verdict, seed, virtual_time_ms);
            if last.0 != Ok(Shown::Works) {
                break;
            }
        }
        // Nobody listens any longer if the row counts as hung.
        let _ = done.send(last);
    });
    match answer.recv_timeout(HUNG) {
        Ok((verdict, seed, time)) => {
            let ran = !matches!(verdict, Ok(Shown::NotRun(_)));
            RowReport::of(row, verdict, ran.then_some(seed), time)
        }
        Err(RecvTimeoutError::Timeout) => RowReport::of(
            row,
            Err(Failed::new("an end", format_args!("none in {} s of real time", HUNG.as_secs()))),
            None,
            0,
        ),
        Err(RecvTimeoutError::Disconnected) => {
            RowReport::of(row, Err(Failed::new("an end", "the row's thread died")), None, 0)
        }
    }
}

/// Runs a row once, in a virtual time of its own. Returns how many milliseconds of it passed.
pub(crate) fn run_once(
    subject: &Subject,
    body: impl for<'a> FnOnce(&'a Bench) -> LocalBoxFuture<'a, Verdict>,
    seed: u64,
    wire: OrderEntry,
) -> (Verdict, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return (Err(Failed::new("a runtime", error)), 0),
    };
    let captured = capture::Captured::default();
    let _metrics = captured.install();
    let bench = Bench::new(subject.clone(), seed, wire, captured.clone());
    let started = runtime.block_on(async { tokio::time::Instant::now() });
    let verdict = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let shown = body(&bench).await?;
            bench.nothing_is_left().await?;
            Ok(shown)
        })
    }));
    let verdict = verdict.unwrap_or_else(|panic| Err(Failed::new("no panic", panic_text(panic.as_ref()))));
    let verdict = match verdict {
        Err(Failed { lacks: Some(need), .. }) => Ok(Shown::NotRun(need.to_owned())),
        verdict => verdict,
    };
    let passed = runtime.block_on(async { tokio::time::Instant::now() }).duration_since(started);
    runtime.shutdown_background();
    (verdict, u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a text".to_owned())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tradewire_core::{Capabilities, Error, ErrorKind, MarketCapabilities, MarketKind, Missing};

    use super::*;

    /// A connector for market data only, which cannot be made.
    fn subject() -> Subject {
        let market = MarketCapabilities {
            book_stream: true,
            sequence_rule: "previous",
            snapshot_depths: &[],
            trade_stream: false,
            aggregate_trade_stream: false,
            trade_ids_count_up: false,
            best_prices_stream: false,
            candle_intervals: &[],
            bulk_last_prices: false,
            bulk_best_prices: false,
            ticker_24h: false,
            candles: false,
            recent_trades: false,
            shutdown_notice: false,
        };
        let capabilities = Capabilities {
            exchange: "example-spot",
            kind: MarketKind::Spot,
            environments: &[],
            market,
            trading: None,
            perpetual: None,
            fictional: true,
            missing: Missing(&[]),
        };
        Subject::known(capabilities, |_| Err(Error::new(ErrorKind::Config, "none"))).expect("a known wire")
    }

    #[test]
    fn a_row_has_not_run_only_if_it_ends_with_what_is_missing() {
        let ends = |body: fn(&Bench) -> LocalBoxFuture<'_, Verdict>| run_once(&subject(), body, 1, OrderEntry::Rest).0;
        let lacks = ends(|bench| async { bench.account_wire().map(|_| Shown::Works) }.boxed_local());
        assert!(matches!(lacks, Ok(Shown::NotRun(_))), "{lacks:?}");
        let fails = ends(|bench| {
            async {
                let without = bench.account_wire().is_err();
                Err(Failed::new("what holds", without))
            }
            .boxed_local()
        });
        assert_eq!(fails, Err(Failed::new("what holds", true)));
    }
}
