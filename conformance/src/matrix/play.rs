use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use parking_lot::Mutex;
use tradewire_tracking::OrderEntry;

use super::cell::{Line, Seen};
use super::command::Command;
use super::moment::Moment;
use super::particular::Particular;
use super::scene;
use super::trouble::Trouble;
use crate::Subject;
use crate::bench::Bench;
use crate::row::{Shown, Verdict, expect};
use crate::runner::run_once;

/// A cell of the tables in which something else happened than is expected.
#[derive(Clone, Debug)]
pub struct Difference {
    place: String,
    text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// One cell to be played.
#[derive(Clone, Copy)]
struct Cast {
    command: Command,
    trouble: Trouble,
    moment: Moment,
    expected: Seen<&'static str>,
}

/// Plays every cell of the tables of the subject's exchange with commands by one wire, each on a simulated exchange of its own in virtual time, and
/// returns those in which something else happened. `only` chooses by names, such as `cancel` or `place lose-reply before`.
///
/// Blocks; a few cells are played at the same time, on threads of their own. Must not be called on a runtime's thread.
pub fn run(subject: &Subject, wire: OrderEntry, only: &str) -> Vec<Difference> {
    let casts: Vec<_> =
        all(subject.capabilities().exchange, wire).filter(|cast| cast.name().starts_with(only)).collect();
    if casts.is_empty() {
        return vec![Difference { place: only.to_owned(), text: "there is no such cell".to_owned() }];
    }
    let next = AtomicUsize::new(0);
    let differences = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(cast) = casts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    differences.lock().extend(cast.play(subject, wire));
                }
            });
        }
    });
    differences.into_inner()
}

/// As [`run`] for a test: prints the cells in which something else happened. The environment variable `ORDER_OUTCOMES` chooses
/// others than the `usual` ones.
///
/// # Panics
/// If something else happened in a cell than is expected.
pub fn check(subject: &Subject, wire: OrderEntry, usual: &str) {
    let only = std::env::var("ORDER_OUTCOMES").unwrap_or_else(|_| usual.to_owned());
    let differences = run(subject, wire, &only);
    differences.iter().for_each(|difference| println!("{difference}"));
    assert!(differences.is_empty(), "{} cells differ", differences.len());
}

fn all(exchange: &str, wire: OrderEntry) -> impl Iterator<Item = Cast> {
    let of_line = move |command: Command, Line(trouble, cells): &'static Line| {
        let moments = Moment::ALL.into_iter().zip(cells);
        moments.filter_map(move |(moment, cell)| {
            cell.by(wire).map(|expected| Cast { command, trouble: *trouble, moment, expected })
        })
    };
    Command::ALL
        .into_iter()
        .flat_map(move |command| Particular::lines_of(exchange, command).flat_map(move |line| of_line(command, line)))
}

impl Cast {
    fn name(&self) -> String {
        format!("{} {} {}", self.command.name(), self.trouble.words().0, self.moment.name())
    }

    fn play(self, subject: &Subject, wire: OrderEntry) -> Option<Difference> {
        let (verdict, _) = run_once(subject, |bench| self.compare(bench).boxed_local(), 1, wire);
        let failed = verdict.err()?;
        Some(Difference { place: format!("{} by {wire:?}", self.name()), text: failed.to_string() })
    }

    async fn compare(self, bench: &Bench) -> Verdict {
        let seen = scene::play(bench, self.command, self.trouble, self.moment).await?;
        let (expected, happened) = (self.expected.to_string(), seen.to_string());
        expect(expected == happened, expected, happened)?;
        Ok(Shown::Works)
    }
}
