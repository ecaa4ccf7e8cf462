use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use tokio::time::{MissedTickBehavior, interval};

use crate::board::Board;
use crate::failure::Failure;
use crate::screen::{self, Input, LADDER_WIDTH, Screen, Theme, table_height};
use crate::stop::{Deadline, Stop};

/// Time between two pictures.
const EVERY: Duration = Duration::from_millis(100);

/// Shows the books on the whole terminal until the end, a signal or a key.
pub(super) async fn show(board: &mut Board, end: Deadline, stop: &mut Stop) -> Result<(), Failure> {
    let mut screen = Screen::enter()?;
    let mut pictures = interval(EVERY);
    pictures.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut chosen = 0;
    loop {
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = end.wait() => return Ok(()),
            _ = pictures.tick() => {
                board.sample();
                screen.draw(|frame, theme| draw(frame, board, chosen, theme))?;
            }
            input = screen.input() => match input? {
                Input::Quit => return Ok(()),
                Input::Next => chosen = (chosen + 1) % board.rows.len(),
                Input::Previous => chosen = (chosen + board.rows.len() - 1) % board.rows.len(),
                Input::Key(_) | Input::Other => {}
            },
        }
    }
}

fn draw(frame: &mut Frame<'_>, board: &Board, chosen: usize, theme: &Theme) {
    let [title, table, ladders, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(table_height(board)),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let exchange = board.rows.first().map_or("", |row| row.exchange);
    screen::title(frame, title, &[exchange], "", theme);
    screen::table(frame, table, board, chosen, theme);
    let room = usize::from(ladders.width / LADDER_WIDTH).clamp(1, board.rows.len());
    let first = chosen.min(board.rows.len() - room);
    let areas = Layout::horizontal(vec![Constraint::Fill(1); room]).split(ladders);
    for (area, row) in areas.iter().zip(&board.rows[first..]) {
        screen::ladder(frame, *area, row, theme);
    }
    let several = [("q", "quit"), ("tab", "next pair")];
    screen::footer(frame, footer, if board.rows.len() > 1 { &several } else { &several[..1] }, theme);
}
