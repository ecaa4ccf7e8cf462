use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType};
use tradewire::{BookState, Decimal, LastKnown, Level, Side};

use super::Theme;
use super::theme::sign;
use crate::board::Row;
use crate::numbers::fixed;

/// Columns that a ladder needs to be readable.
pub(crate) const LADDER_WIDTH: u16 = 40;
const PRICE_WIDTH: u16 = 11;
const QUANTITY_WIDTH: u16 = 12;

/// One book as a ladder: asks above, bids below, each with a bar for all that rests up to its price.
pub(crate) fn ladder(frame: &mut Frame<'_>, area: Rect, row: &Row, theme: &Theme) {
    let levels = usize::from(area.height.saturating_sub(2) / 2);
    let known = row.reader.last_known(levels);
    let block = block(row, &known, theme);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    if inside.height == 0 || inside.width < PRICE_WIDTH + QUANTITY_WIDTH {
        return;
    }
    Ladder { row, known, inside, theme }.draw(frame.buffer_mut());
}

fn block<'a>(row: &Row, known: &LastKnown, theme: &Theme) -> Block<'a> {
    let state = theme.state(known.state);
    let said = known.state.to_string();
    let reason = known.reason.as_ref().filter(|reason| **reason != said);
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    let title = Line::from(vec![
        Span::styled(format!(" {} ", row.pair), theme.strong()),
        Span::styled(format!("{} {}{reason} ", sign(known.state), known.state), state),
    ]);
    let version = Line::styled(format!(" {} ", known.update_id), theme.faint()).right_aligned();
    let border = if known.state == BookState::Live { theme.faint() } else { state };
    Block::bordered().border_type(BorderType::Rounded).border_style(border).title(title).title_bottom(version)
}

struct Ladder<'a> {
    row: &'a Row,
    known: LastKnown,
    inside: Rect,
    theme: &'a Theme,
}

impl Ladder<'_> {
    fn draw(&self, buffer: &mut Buffer) {
        let above = (self.inside.height - 1) / 2;
        let below = self.inside.height - 1 - above;
        let middle = self.inside.y + above;
        let (bids, asks) = (depths(&self.known.bids, below), depths(&self.known.asks, above));
        let deepest = bids.last().max(asks.last()).copied().unwrap_or_default();
        for (at, (level, depth)) in (1..).zip(self.known.asks.iter().zip(&asks)) {
            self.level(buffer, middle - at, level, bar(*depth, deepest, self.bar_width()), Side::Sell);
        }
        for (at, (level, depth)) in (1..).zip(self.known.bids.iter().zip(&bids)) {
            self.level(buffer, middle + at, level, bar(*depth, deepest, self.bar_width()), Side::Buy);
        }
        buffer.set_line(self.inside.x, middle, &self.spread(), self.inside.width);
    }

    fn bar_width(&self) -> u16 {
        self.inside.width.saturating_sub(PRICE_WIDTH + QUANTITY_WIDTH + 2)
    }

    fn level(&self, buffer: &mut Buffer, y: u16, level: &Level, bar: String, side: Side) {
        let rules = self.row.reader.instrument();
        let rules = &rules.rules;
        let price = fixed(level.price.value(), rules.price_step.decimals());
        let quantity = fixed(level.quantity.value(), rules.quantity_step.decimals());
        let live = self.known.state == BookState::Live;
        let (colour, plain) =
            if live { (self.theme.side(side), Style::new()) } else { (self.theme.faint(), self.theme.faint()) };
        let line = Line::from(vec![
            Span::styled(format!("{price:>width$}", width = usize::from(PRICE_WIDTH)), colour),
            Span::styled(format!("{quantity:>width$}  ", width = usize::from(QUANTITY_WIDTH)), plain),
            Span::styled(bar, colour),
        ]);
        buffer.set_line(self.inside.x, y, &line, self.inside.width);
    }

    fn spread(&self) -> Line<'static> {
        if self.known.state != BookState::Live {
            let text = format!("{:>width$}", "no prices now", width = usize::from(PRICE_WIDTH + QUANTITY_WIDTH));
            return Line::styled(text, self.theme.state(self.known.state));
        }
        let (Some(bid), Some(ask)) = (self.known.bids.first(), self.known.asks.first()) else { return Line::default() };
        let decimals = self.row.reader.instrument().rules.price_step.decimals();
        let spread = fixed(ask.price.value() - bid.price.value(), decimals);
        let middle = (ask.price.value() + bid.price.value()) / Decimal::TWO;
        let middle = format!("{:>width$}", fixed(middle, decimals), width = usize::from(PRICE_WIDTH));
        Line::from(vec![
            Span::styled(middle, self.theme.strong()),
            Span::styled(format!("  spread {spread}"), self.theme.faint()),
        ])
    }
}

/// What rests up to each level, from the best on.
fn depths(levels: &[Level], count: u16) -> Vec<Decimal> {
    let add = |sum: &mut Decimal, level: &Level| {
        *sum = sum.saturating_add(level.quantity.value());
        Some(*sum)
    };
    levels.iter().take(usize::from(count)).scan(Decimal::ZERO, add).collect()
}

/// A bar of `part` in `whole`, at most `width` columns, in eighths of a column.
fn bar(part: Decimal, whole: Decimal, width: u16) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = part.checked_div(whole).unwrap_or_default();
    let eighths = (share * Decimal::from(u32::from(width) * 8)).round();
    let eighths: usize = eighths.try_into().unwrap_or_default();
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_by_eighths() {
        let bar = |part: i64| bar(Decimal::from(part), Decimal::from(16), 2);
        assert_eq!([bar(0), bar(1), bar(8), bar(15), bar(16)], ["", "▏", "█", "█▉", "██"]);
        assert_eq!(super::bar(Decimal::ONE, Decimal::ZERO, 2), "");
    }
}
