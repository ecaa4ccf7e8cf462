use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row as TableRow, Table};
use tradewire::{BookState, LastKnown, Level};

use super::Theme;
use super::theme::sign;
use crate::board::{Board, Row};
use crate::numbers::fixed;

/// Lines that the table of a board needs.
pub(crate) fn height(board: &Board) -> u16 {
    u16::try_from(board.rows.len()).unwrap_or(u16::MAX).saturating_add(1)
}

/// One line a book: state, best prices, spread, rate, latency, losses. `chosen` is marked.
pub(crate) fn table(frame: &mut Frame<'_>, area: Rect, board: &Board, chosen: usize, theme: &Theme) {
    let names = ["  pair", "state", "bid", "ask", "spread", "upd/s", "ms", "gaps"];
    let heading = names.into_iter().enumerate().map(|(at, name)| cell(name.to_owned(), at >= 2, theme.faint()));
    let rows = board.rows.iter().enumerate().map(|(at, row)| line(row, at == chosen, theme));
    let widths = [12, 9, 12, 12, 9, 7, 6, 5].map(Constraint::Length);
    let table = Table::new(rows, widths).header(TableRow::new(heading)).column_spacing(1);
    frame.render_widget(table, area);
}

fn line<'a>(row: &Row, chosen: bool, theme: &Theme) -> TableRow<'a> {
    let known = row.reader.last_known(1);
    let live = known.state == BookState::Live;
    let prices = if live { Style::new() } else { theme.faint() };
    let mark = if chosen { "▸ " } else { "  " };
    let name = if chosen { theme.strong() } else { Style::new() };
    let latency = row.meter.latency_ms().map_or_else(String::new, |latency| format!("{latency:.1}"));
    let gaps = row.reader.counters().gaps;
    TableRow::new([
        Cell::from(Span::styled(format!("{mark}{}", row.pair), name)),
        Cell::from(Span::styled(format!("{} {}", sign(known.state), known.state), theme.state(known.state))),
        cell(price(row, known.bids.first()), true, prices),
        cell(price(row, known.asks.first()), true, prices),
        cell(if live { spread(row, &known) } else { String::new() }, true, prices),
        cell(format!("{:.1}", row.rate.per_second()), true, Style::new()),
        cell(latency, true, Style::new()),
        cell(gaps.to_string(), true, if gaps > 0 { theme.warning() } else { theme.faint() }),
    ])
}

fn cell<'a>(text: String, right: bool, style: Style) -> Cell<'a> {
    let line = Line::styled(text, style);
    Cell::from(if right { line.right_aligned() } else { line })
}

fn price(row: &Row, level: Option<&Level>) -> String {
    let decimals = row.reader.instrument().rules.price_step.decimals();
    level.map_or_else(|| "none".to_owned(), |level| fixed(level.price.value(), decimals))
}

fn spread(row: &Row, known: &LastKnown) -> String {
    let decimals = row.reader.instrument().rules.price_step.decimals();
    match (known.bids.first(), known.asks.first()) {
        (Some(bid), Some(ask)) => fixed(ask.price.value() - bid.price.value(), decimals),
        _ => String::new(),
    }
}
