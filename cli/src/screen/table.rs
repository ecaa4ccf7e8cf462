use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Cell, Row as TableRow, Table};
use tradewire::{BookState, Decimal, LastKnown};

use super::Theme;
use super::theme::sign;
use crate::board::{Board, Row};
use crate::numbers::fixed;

/// Lines that the table of a board needs.
pub(crate) fn height(board: &Board) -> u16 {
    u16::try_from(board.rows.len()).unwrap_or(u16::MAX).saturating_add(1)
}

/// One line a book: state, best prices, spread, rate, latency, losses, as far as there is room. `chosen` is marked.
pub(crate) fn table(frame: &mut Frame<'_>, area: Rect, board: &Board, chosen: usize, theme: &Theme) {
    let shown = Column::that_fit(area.width);
    let heading = shown.iter().map(|column| cell(column.name.to_owned(), column.right, theme.faint()));
    let rows = board.rows.iter().enumerate().map(|(at, row)| {
        let line = Shown { row, known: row.reader.last_known(1), chosen: at == chosen, theme };
        TableRow::new(shown.iter().map(|column| (column.cell)(&line)).collect::<Vec<_>>())
    });
    let widths = shown.iter().map(|column| Constraint::Length(column.width));
    frame.render_widget(Table::new(rows, widths).header(TableRow::new(heading)).column_spacing(1), area);
}

/// A column of the table.
struct Column {
    name: &'static str,
    width: u16,
    right: bool,
    /// Columns of a lower rank are shown first.
    rank: u8,
    cell: fn(&Shown<'_>) -> Cell<'static>,
}

const COLUMNS: &[Column] = &[
    Column { name: "  pair", width: 12, right: false, rank: 0, cell: |shown| shown.name() },
    Column { name: "state", width: 9, right: false, rank: 0, cell: |shown| shown.state() },
    Column { name: "bid", width: 12, right: true, rank: 1, cell: |shown| shown.bid() },
    Column { name: "ask", width: 12, right: true, rank: 1, cell: |shown| shown.ask() },
    Column { name: "spread", width: 9, right: true, rank: 4, cell: |shown| shown.spread() },
    Column { name: "upd/s", width: 7, right: true, rank: 3, cell: |shown| shown.rate() },
    Column { name: "ms", width: 6, right: true, rank: 3, cell: |shown| shown.latency() },
    Column { name: "gaps", width: 5, right: true, rank: 2, cell: |shown| shown.gaps() },
    Column { name: "healed", width: 7, right: true, rank: 5, cell: |shown| shown.recoveries() },
    Column { name: "updates", width: 9, right: true, rank: 5, cell: |shown| shown.updates() },
    Column { name: "trades", width: 9, right: true, rank: 5, cell: |shown| shown.trades() },
];

impl Column {
    /// The columns of the highest rank for which all fit.
    fn that_fit(width: u16) -> Vec<&'static Self> {
        let of_rank = |rank| COLUMNS.iter().filter(move |column| column.rank <= rank);
        let fits = |rank: &u8| of_rank(*rank).map(|column| column.width + 1).sum::<u16>() <= width + 1;
        of_rank((0..=5).rev().find(fits).unwrap_or(0)).collect()
    }
}

/// A book at one moment, in a line of the table.
struct Shown<'a> {
    row: &'a Row,
    known: LastKnown,
    chosen: bool,
    theme: &'a Theme,
}

impl Shown<'_> {
    fn name(&self) -> Cell<'static> {
        let mark = if self.chosen { "▸ " } else { "  " };
        let style = if self.chosen { self.theme.strong() } else { Style::new() };
        cell(format!("{mark}{}", self.row.pair), false, style)
    }

    fn state(&self) -> Cell<'static> {
        let state = self.known.state;
        cell(format!("{} {state}", sign(state)), false, self.theme.state(state))
    }

    fn bid(&self) -> Cell<'static> {
        self.price(self.known.bids.first().map(|level| level.price.value()), "none")
    }

    fn ask(&self) -> Cell<'static> {
        self.price(self.known.asks.first().map(|level| level.price.value()), "none")
    }

    fn spread(&self) -> Cell<'static> {
        let best = self.known.bids.first().zip(self.known.asks.first()).filter(|_| self.live());
        self.price(best.map(|(bid, ask)| ask.price.value() - bid.price.value()), "")
    }

    fn rate(&self) -> Cell<'static> {
        cell(format!("{:.1}", self.row.rate.per_second()), true, Style::new())
    }

    fn latency(&self) -> Cell<'static> {
        let latency = self.row.meter.latency_ms().map_or_else(String::new, |latency| format!("{latency:.1}"));
        cell(latency, true, Style::new())
    }

    fn gaps(&self) -> Cell<'static> {
        let gaps = self.row.reader.counters().gaps;
        cell(gaps.to_string(), true, if gaps > 0 { self.theme.warning() } else { self.theme.faint() })
    }

    fn recoveries(&self) -> Cell<'static> {
        cell(self.row.reader.counters().recoveries.to_string(), true, self.theme.faint())
    }

    fn updates(&self) -> Cell<'static> {
        cell(self.row.meter.updates().to_string(), true, self.theme.faint())
    }

    fn trades(&self) -> Cell<'static> {
        cell(self.row.meter.trades().to_string(), true, self.theme.faint())
    }

    fn live(&self) -> bool {
        self.known.state == BookState::Live
    }

    /// A price with all decimals of the instrument, faint while the book cannot be trusted.
    fn price(&self, price: Option<Decimal>, none: &str) -> Cell<'static> {
        let decimals = self.row.reader.instrument().rules.price_step.decimals();
        let text = price.map_or_else(|| none.to_owned(), |price| fixed(price, decimals));
        cell(text, true, if self.live() { Style::new() } else { self.theme.faint() })
    }
}

fn cell(text: String, right: bool, style: Style) -> Cell<'static> {
    let line = Line::styled(text, style);
    Cell::from(if right { line.right_aligned() } else { line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_shows_fewer_columns() {
        let names = |width| Column::that_fit(width).iter().map(|column| column.name.trim()).collect::<Vec<_>>();
        assert_eq!(names(20), ["pair", "state"]);
        assert_eq!(names(60), ["pair", "state", "bid", "ask", "gaps"]);
        assert_eq!(names(80).len(), 8);
        assert_eq!(names(120).len(), COLUMNS.len());
    }
}
