use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Paragraph};
use tokio::time::{MissedTickBehavior, interval};
use tradewire::{BookState, Side, Trade};

use super::End;
use super::entry::{Entry, Happening, clock};
use super::script::ACTS;
use super::show::Show;
use crate::failure::Failure;
use crate::screen::{self, Input, LADDER_WIDTH, Screen, Theme, table_height};
use crate::stop::{Deadline, Stop};

/// Time between two pictures.
const EVERY: Duration = Duration::from_millis(100);
/// Columns of the list of trades beside the log, where there is room.
const TRADES_WIDTH: u16 = 36;
/// Columns that the lists need.
const LISTS_MIN: u16 = 30;
/// Columns from which on the log explains more than it names.
const LOG_ROOMY: u16 = 72;

/// Shows the demo on the whole terminal until its end, a signal or a key.
pub(super) async fn show(show: &mut Show<'_>, end: Deadline, stop: &mut Stop) -> Result<End, Failure> {
    let mut screen = Screen::enter()?;
    let mut pictures = interval(EVERY);
    pictures.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut chosen, books) = (0, show.board.rows.len());
    loop {
        tokio::select! {
            () = stop.wait() => return Ok(End::Left),
            () = end.wait() => return Ok(if show.all_live() { End::Time } else { End::Left }),
            _ = pictures.tick() => {
                show.advance();
                screen.draw(|frame, theme| draw(frame, show, chosen, theme))?;
            }
            input = screen.input() => match input? {
                Input::Quit => return Ok(End::Left),
                Input::Next => chosen = (chosen + 1) % books,
                Input::Previous => chosen = (chosen + books - 1) % books,
                Input::Key('a') => show.schedule.paused = !show.schedule.paused,
                Input::Key(key) => show.strike_by_key(key, chosen),
                Input::Other => {}
            },
        }
    }
}

fn draw(frame: &mut Frame<'_>, show: &Show<'_>, chosen: usize, theme: &Theme) {
    let [title, table, main, judgement, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(table_height(&show.board)),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let exchange = show.board.rows[chosen].exchange;
    let words = [&format!("{exchange}, simulated"), "market data, no orders yet"];
    screen::title(frame, title, &words, &clock(show.elapsed()), theme);
    screen::table(frame, table, &show.board, chosen, theme);
    books_and_lists(frame, main, show, chosen, theme);
    frame.render_widget(judged(show, theme), judgement);
    let mut keys = vec![("q", "quit"), ("⇥", "pair"), ("a", if show.schedule.paused { "resume" } else { "pause" })];
    let digits: Vec<String> = ACTS.iter().map(|act| act.key.to_string()).collect();
    keys.extend(digits.iter().zip(ACTS).map(|(key, act)| (key.as_str(), act.name)));
    screen::footer(frame, footer, &keys, theme);
}

/// Ladders at the left, as many as fit; trades and log at the right, if there is room.
fn books_and_lists(frame: &mut Frame<'_>, area: Rect, show: &Show<'_>, chosen: usize, theme: &Theme) {
    let rows = &show.board.rows;
    if area.width < LADDER_WIDTH + LISTS_MIN {
        return screen::ladder(frame, area, &rows[chosen], theme);
    }
    let ladders = usize::from((area.width - LISTS_MIN) / LADDER_WIDTH).clamp(1, rows.len());
    let mut widths = vec![Constraint::Length(LADDER_WIDTH); ladders];
    widths.push(Constraint::Min(0));
    let areas = Layout::horizontal(widths).split(area);
    let first = chosen.min(rows.len() - ladders);
    for (area, row) in areas.iter().zip(&rows[first..first + ladders]) {
        screen::ladder(frame, *area, row, theme);
    }
    lists(frame, areas[ladders], show, chosen, theme);
}

fn lists(frame: &mut Frame<'_>, area: Rect, show: &Show<'_>, chosen: usize, theme: &Theme) {
    let beside = area.width >= 2 * TRADES_WIDTH;
    let [trades_area, log_area] = if beside {
        Layout::horizontal([Constraint::Length(TRADES_WIDTH), Constraint::Min(0)]).areas(area)
    } else {
        Layout::vertical([Constraint::Percentage(35), Constraint::Min(0)]).areas(area)
    };
    let pair = &show.board.rows[chosen].pair;
    let trades = show.trades.iter().filter(|trade| trade.pair == *pair).map(|trade| traded(trade, theme));
    list(frame, trades_area, &format!("{pair} trades"), trades, theme);
    let roomy = log_area.width >= LOG_ROOMY;
    let log = show.entries.iter().rev().map(|entry| logged(entry, roomy, theme));
    list(frame, log_area, "faults, gaps, recoveries", log, theme);
}

/// Newest first, as many as fit.
fn list<'a>(frame: &mut Frame<'_>, area: Rect, title: &str, lines: impl Iterator<Item = Line<'a>>, theme: &Theme) {
    let title = Line::styled(format!(" {title} "), theme.strong());
    let block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.faint()).title(title);
    let room = usize::from(block.inner(area).height);
    frame.render_widget(Paragraph::new(lines.take(room).collect::<Vec<_>>()).block(block), area);
}

fn traded<'a>(trade: &Trade, theme: &Theme) -> Line<'a> {
    let sign = match trade.taker {
        Side::Buy => "▲",
        Side::Sell => "▼",
    };
    Line::from(vec![
        Span::styled(format!("{sign} {:>10} ", trade.price), theme.side(trade.taker)),
        Span::raw(format!("{:>11}", trade.quantity.to_string())),
    ])
}

fn logged<'a>(entry: &Entry, roomy: bool, theme: &Theme) -> Line<'a> {
    let style = match &entry.what {
        Happening::Fault { .. } => theme.warning(),
        Happening::Gap { .. } | Happening::Difference { .. } => theme.bad(),
        Happening::Recovered { .. } => theme.good(),
        Happening::Order { .. } => theme.faint(),
    };
    Line::from(vec![
        Span::styled(format!("{} ", entry.clock()), theme.faint()),
        Span::raw(format!("{} ", entry.pair)),
        Span::styled(if roomy { entry.words() } else { entry.short_words() }, style),
    ])
}

/// One line with the sums so far.
fn judged<'a>(show: &Show<'_>, theme: &Theme) -> Line<'a> {
    let sum = |count: fn(&super::tally::Tally) -> u64| show.tallies.iter().map(count).sum::<u64>();
    let (checks, differences) = (sum(|tally| tally.checks), sum(|tally| tally.differences));
    let (gaps, recovered) = (sum(|tally| tally.all_gaps()), sum(|tally| tally.recoveries.len() as u64));
    let live = show.board.rows.iter().filter(|row| row.reader.state() == BookState::Live).count();
    let all = show.board.rows.len();
    let equal = checks - differences;
    let verdict = if differences == 0 { theme.good() } else { theme.bad() };
    Line::from(vec![
        Span::styled(format!(" {live}/{all} live"), if live == all { theme.good() } else { theme.bad() }),
        Span::raw(format!("  {gaps} gaps, {recovered} recovered  ")),
        Span::styled(format!("equal to the exchange's book in {equal}/{checks} checks"), verdict),
    ])
}
