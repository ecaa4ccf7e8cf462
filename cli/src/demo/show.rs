use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use tradewire::{BookState, Event, MarketEvent, Pair, Trade};

use super::account::AccountSummary;
use super::entry::{Entry, Happening};
use super::referee::{self, Verdict};
use super::script::{ACTS, Schedule};
use super::stage::Stage;
use super::tally::Tally;
use crate::board::Board;
use crate::failure::Failure;
use crate::numbers::one_decimal;

/// Entries and trades kept to be looked at.
const KEPT: usize = 500;

/// A demo under way: its stages, and everything seen so far.
#[derive(Debug)]
pub(super) struct Show<'a> {
    pub(super) stages: &'a mut [Stage],
    pub(super) board: Board,
    /// What was told about each row of the board, in its order.
    pub(super) tallies: Vec<Tally>,
    pub(super) entries: VecDeque<Entry>,
    /// Newest trades first.
    pub(super) trades: VecDeque<Trade>,
    pub(super) schedule: Schedule,
    started: Instant,
    next_check: usize,
}

impl<'a> Show<'a> {
    /// Begins a demo on stages that are ready.
    pub(super) fn new(stages: &'a mut [Stage], schedule: Schedule) -> Self {
        let mut board = Board::default();
        for stage in stages.iter() {
            board.add(&stage.followed);
        }
        let tallies = board.rows.iter().map(|row| Tally::of_exchange(counts_trades(row.exchange))).collect();
        Self {
            stages,
            board,
            tallies,
            entries: VecDeque::new(),
            trades: VecDeque::new(),
            schedule,
            started: Instant::now(),
            next_check: 0,
        }
    }

    /// How long it has been going on.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes in what has happened, causes what is due and checks a book. Returns what is new and worth a line.
    pub(super) fn advance(&mut self) -> Vec<Entry> {
        self.board.sample();
        let mut new = self.read_events();
        new.extend(self.read_trading());
        if let Some(number) = self.schedule.take_due(self.elapsed()) {
            // Consecutive acts meet different pairs.
            new.push(self.strike(number % ACTS.len(), number % self.board.rows.len()));
        }
        self.next_check = (self.next_check + 1) % self.board.rows.len();
        new.extend(self.check(self.next_check));
        self.keep(&new);
        new
    }

    /// Takes in what has happened and checks every book, for the last time.
    pub(super) fn conclude(&mut self) -> Vec<Entry> {
        let mut new = self.read_events();
        new.extend(self.read_trading());
        new.extend((0..self.board.rows.len()).filter_map(|row| self.check(row)).collect::<Vec<_>>());
        self.keep(&new);
        new
    }

    /// Makes the exchange of a row misbehave, by the number of the act.
    pub(super) fn strike(&mut self, act: usize, row: usize) -> Entry {
        let act = &ACTS[act];
        let (exchange, pair) = (self.board.rows[row].exchange, self.board.rows[row].pair.clone());
        for stage in self.stages.iter().filter(|stage| stage.followed.exchange() == exchange) {
            for fault in act.faults(&pair, exchange) {
                if let Err(error) = stage.simulator.inject(fault) {
                    tracing::error!(%error, "the simulator refused a fault");
                }
            }
        }
        self.tallies[row].omitted |= act.omits;
        self.entry(row, Happening::Fault { fault: act.name, text: act.text })
    }

    /// The same, by hand.
    pub(super) fn strike_by_key(&mut self, key: char, row: usize) {
        if let Some(act) = ACTS.iter().position(|act| act.key == key) {
            let entry = self.strike(act, row);
            self.keep(&[entry]);
        }
    }

    /// Whether every book is valid.
    pub(super) fn all_live(&self) -> bool {
        self.board.rows.iter().all(|row| row.reader.state() == BookState::Live)
    }

    /// Lets every account finish and sums it up.
    pub(super) async fn accounts(&mut self) -> Result<Vec<AccountSummary>, Failure> {
        let mut accounts = Vec::new();
        for stage in self.stages.iter_mut() {
            accounts.push(stage.trader.finish().await?);
        }
        Ok(accounts)
    }

    fn read_trading(&mut self) -> Vec<Entry> {
        let at_ms = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut told = Vec::new();
        for stage in self.stages.iter_mut() {
            let exchange = stage.followed.exchange();
            while let Ok((pair, what)) = stage.trader.lines.try_recv() {
                told.push(Entry { what, at_ms, exchange, pair });
            }
        }
        told
    }

    fn read_events(&mut self) -> Vec<Entry> {
        let mut told = Vec::new();
        for stage in self.stages.iter_mut() {
            while let Some(event) = stage.events.try_next() {
                if let Event::Market(event) = event {
                    told.push((stage.followed.exchange(), event));
                }
            }
        }
        told.into_iter().filter_map(|(exchange, event)| self.market_event(exchange, event)).collect()
    }

    fn market_event(&mut self, exchange: &str, event: MarketEvent) -> Option<Entry> {
        let row = self.row_of(exchange, event.pair())?;
        match event {
            MarketEvent::Trade(trade) => {
                self.trades.truncate(KEPT - 1);
                self.trades.push_front(trade.clone());
                self.tallies[row].trade(trade);
                None
            }
            MarketEvent::Gap { reason, lost, .. } => {
                self.tallies[row].gap(reason, lost);
                Some(self.entry(row, Happening::Gap { reason, lost }))
            }
            MarketEvent::BookValid { after, .. } if self.tallies[row].valid(after) => {
                let after_ms = one_decimal(after.as_secs_f64() * 1000.0);
                Some(self.entry(row, Happening::Recovered { after_ms }))
            }
            _ => None,
        }
    }

    fn row_of(&self, exchange: &str, pair: &Pair) -> Option<usize> {
        self.board.rows.iter().position(|row| row.exchange == exchange && row.pair == *pair)
    }

    /// Compares one book with the exchange's own.
    fn check(&mut self, row: usize) -> Option<Entry> {
        let book = &self.board.rows[row];
        let stage = self.stages.iter().find(|stage| stage.followed.exchange() == book.exchange)?;
        let verdict = referee::compare(book, &stage.simulator, self.tallies[row].omitted);
        let tally = &mut self.tallies[row];
        tally.checks += u64::from(verdict != Verdict::NotValid);
        let Verdict::Different(detail) = verdict else { return None };
        tally.differences += 1;
        Some(self.entry(row, Happening::Difference { detail }))
    }

    fn entry(&self, row: usize, what: Happening) -> Entry {
        let row = &self.board.rows[row];
        let at_ms = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        Entry { what, at_ms, exchange: row.exchange, pair: row.pair.clone() }
    }

    fn keep(&mut self, new: &[Entry]) {
        self.entries.extend(new.iter().cloned());
        let surplus = self.entries.len().saturating_sub(KEPT);
        self.entries.drain(..surplus);
    }
}

/// Whether the trade ids of an exchange count up by one.
fn counts_trades(exchange: &str) -> bool {
    tradewire::exchanges().iter().any(|known| known.exchange == exchange && known.market.trade_ids_count_up)
}
