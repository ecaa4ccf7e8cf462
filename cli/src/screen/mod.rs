//! What commands draw on a whole terminal.

mod ladder;
mod table;
mod terminal;
mod theme;

use std::io::{self, IsTerminal};

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

pub(crate) use ladder::{LADDER_WIDTH, ladder};
pub(crate) use table::{height as table_height, table};
pub(crate) use terminal::{Input, Screen};
pub(crate) use theme::Theme;

/// Whether a person sits at a terminal that can be drawn on.
pub(crate) fn possible() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !dumb && io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// The first line: the program, what it shows, and something at the right.
pub(crate) fn title(frame: &mut Frame<'_>, area: Rect, words: &[&str], right: &str, theme: &Theme) {
    let mut spans = vec![Span::styled(" tradewire ", theme.title())];
    for word in words {
        spans.push(Span::styled(" · ", theme.faint()));
        spans.push(Span::raw((*word).to_owned()));
    }
    let right = Line::styled(format!(" {right} "), theme.strong());
    let width = u16::try_from(right.width()).unwrap_or(u16::MAX);
    let [left_area, right_area] = Layout::horizontal([Constraint::Min(0), Constraint::Length(width)]).areas(area);
    frame.render_widget(Line::from(spans), left_area);
    frame.render_widget(right, right_area);
}

/// The last line: keys and what they do.
pub(crate) fn footer(frame: &mut Frame<'_>, area: Rect, keys: &[(&str, &str)], theme: &Theme) {
    let mut spans = vec![Span::raw(" ")];
    for (key, does) in keys {
        spans.push(Span::styled((*key).to_owned(), theme.key()));
        spans.push(Span::styled(format!(" {does} "), theme.faint()));
    }
    frame.render_widget(Line::from(spans), area);
}
