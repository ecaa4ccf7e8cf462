use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tradewire::{BookState, GapReason, Pair};

use super::account::AccountSummary;
use super::entry::short;
use super::show::Show;
use super::{ABOUT, End};
use crate::failure::Failure;
use crate::numbers::one_decimal;

/// An account of everything that a demo has seen.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    event: &'static str,
    about: &'static str,
    /// Whether every book is valid, equal to the exchange's own whenever compared, and no trade is missing in silence.
    ok: bool,
    seconds: f64,
    seed: u64,
    updates: u64,
    trades: u64,
    trades_told_as_lost: u64,
    trades_unaccounted: u64,
    gaps: BTreeMap<GapReason, u64>,
    recoveries: u64,
    recovery_ms: Option<RecoveryTimes>,
    checks: u64,
    differences: u64,
    /// How often each kind of fault has struck.
    faults: BTreeMap<&'static str, u64>,
    books: Vec<BookAccount>,
    accounts: Vec<AccountSummary>,
    #[serde(skip)]
    ended: End,
}

/// The same for one book.
#[derive(Debug, Serialize)]
struct BookAccount {
    exchange: &'static str,
    pair: Pair,
    state: BookState,
    update_id: u64,
    updates: u64,
    trades: u64,
    trades_told_as_lost: u64,
    trades_unaccounted: u64,
    gaps: BTreeMap<GapReason, u64>,
    /// How long each recovery took, in milliseconds.
    recoveries_ms: Vec<f64>,
    checks: u64,
    differences: u64,
}

/// How long recoveries took, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
struct RecoveryTimes {
    shortest: f64,
    median: f64,
    longest: f64,
}

impl Summary {
    /// Sums up a demo that has ended.
    pub(super) fn of(show: &mut Show<'_>, accounts: Vec<AccountSummary>, seed: u64, ended: End) -> Self {
        show.conclude();
        let books: Vec<BookAccount> = (0..show.board.rows.len()).map(|at| account(show, at)).collect();
        let sum = |count: fn(&BookAccount) -> u64| books.iter().map(count).sum::<u64>();
        let (differences, trades_unaccounted) = (sum(|book| book.differences), sum(|book| book.trades_unaccounted));
        let live = books.iter().all(|book| book.state == BookState::Live);
        let times: Vec<f64> = books.iter().flat_map(|book| book.recoveries_ms.iter().copied()).collect();
        Self {
            event: "summary",
            about: ABOUT,
            ok: (live || ended == End::Left)
                && differences == 0
                && trades_unaccounted == 0
                && accounts.iter().all(|account| account.ok),
            seconds: one_decimal(show.elapsed().as_secs_f64()),
            seed,
            updates: sum(|book| book.updates),
            trades: sum(|book| book.trades),
            trades_told_as_lost: sum(|book| book.trades_told_as_lost),
            trades_unaccounted,
            gaps: added(books.iter().map(|book| &book.gaps)),
            recoveries: times.len() as u64,
            recovery_ms: RecoveryTimes::of(times),
            checks: sum(|book| book.checks),
            differences,
            faults: added(show.stages.iter().map(|stage| stage.simulator.faults_struck()).collect::<Vec<_>>().iter()),
            books,
            accounts,
            ended,
        }
    }

    /// Success only if nothing is wrong.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        if self.ok {
            return Ok(());
        }
        let not_live: Vec<_> = self.books.iter().filter(|book| book.state != BookState::Live).collect();
        let not_live: Vec<_> = not_live.iter().map(|book| format!("{} is {}", book.pair, book.state)).collect();
        let (differences, unaccounted) = (self.differences, self.trades_unaccounted);
        let of_accounts = self.accounts.iter().filter(|account| !account.ok).count();
        let wrong = format!(
            "{differences} differences, {unaccounted} trades missing in silence, {of_accounts} accounts that differ"
        );
        Err(Failure::failed(match not_live.as_slice() {
            [] => wrong,
            _ => format!("{wrong}, {}", not_live.join(", ")),
        }))
    }

    /// The account for people.
    pub(super) fn text(&self) -> String {
        let mut text = format!("\n{:.1} s of {ABOUT}\n\n", self.seconds);
        text += &format!(
            "{:<12} {:<8} {:>9} {:>8} {:>6} {:>10} {:>8} {:>12}\n",
            "pair", "state", "updates", "trades", "gaps", "recovered", "checks", "differences"
        );
        for book in &self.books {
            let (gaps, recovered) = (book.gaps.values().sum::<u64>(), book.recoveries_ms.len());
            text += &format!(
                "{:<12} {:<8} {:>9} {:>8} {gaps:>6} {recovered:>10} {:>8} {:>12}\n",
                book.pair, book.state, book.updates, book.trades, book.checks, book.differences
            );
        }
        text += &format!("\nfaults caused   {}\n", counts(&self.faults));
        text += &format!("gaps told       {}\n", counts(&self.gaps));
        text += &format!("recoveries      {}{}\n", self.recoveries, self.recovery_times());
        text += &format!(
            "trades          {} told, {} told as lost, {} missing in silence\n",
            self.trades, self.trades_told_as_lost, self.trades_unaccounted
        );
        text += &format!(
            "checks          {} against the exchange's own book, same version: {} differences\n",
            self.checks, self.differences
        );
        self.accounts.iter().for_each(|account| text += &account.text());
        let not_live = self.books.iter().filter(|book| book.state != BookState::Live).count();
        text += match (self.ok, not_live, self.ended) {
            (true, 0, _) => "Every book is live and right, and every order, fill, fee and balance is accounted for.",
            (true, ..) => "Left before every book had recovered; those that were live were right.",
            (false, ..) => "Something is wrong.",
        };
        text
    }

    fn recovery_times(&self) -> String {
        self.recovery_ms.map_or_else(String::new, |times| {
            let (shortest, median, longest) = (short(times.shortest), short(times.median), short(times.longest));
            format!(", in {shortest} to {longest}, median {median}")
        })
    }
}

impl RecoveryTimes {
    fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        let (shortest, longest) = (*times.first()?, *times.last()?);
        Some(Self { shortest, median: times[times.len() / 2], longest })
    }
}

fn account(show: &Show<'_>, at: usize) -> BookAccount {
    let (row, tally) = (&show.board.rows[at], &show.tallies[at]);
    let known = row.reader.last_known(0);
    let millis = |after: &Duration| one_decimal(after.as_secs_f64() * 1000.0);
    BookAccount {
        exchange: row.exchange,
        pair: row.pair.clone(),
        state: known.state,
        update_id: known.update_id,
        updates: row.meter.updates(),
        trades: tally.trades,
        trades_told_as_lost: tally.told_as_lost,
        trades_unaccounted: tally.unaccounted(),
        gaps: tally.gaps.clone(),
        recoveries_ms: tally.recoveries.iter().map(millis).collect(),
        checks: tally.checks,
        differences: tally.differences,
    }
}

/// Counts of the same name, added up.
fn added<'a, K: Ord + Copy + 'a>(all: impl Iterator<Item = &'a BTreeMap<K, u64>>) -> BTreeMap<K, u64> {
    let mut sums = BTreeMap::new();
    for (name, count) in all.flatten() {
        *sums.entry(*name).or_default() += count;
    }
    sums
}

fn counts(of: &BTreeMap<impl std::fmt::Display, u64>) -> String {
    if of.is_empty() {
        return "none".to_owned();
    }
    of.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}
