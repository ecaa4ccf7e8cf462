use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tradewire::{Event, Events, MarketEvent, Pair};

use crate::board::{Board, Row};
use crate::failure::Failure;
use crate::output;
use crate::quote::Quote;
use crate::stop::{Deadline, Stop};

/// How often every book is told.
const EVERY: Duration = Duration::from_secs(1);

/// Prints every book each second, and a book whenever its state changes.
pub(super) async fn print(
    board: &mut Board,
    mut events: Events,
    json: bool,
    end: Deadline,
    stop: &mut Stop,
) -> Result<(), Failure> {
    let mut seconds = interval(EVERY);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = end.wait() => return Ok(()),
            _ = seconds.tick() => {
                board.sample();
                board.rows.iter().try_for_each(|row| tell(row, json))?;
            }
            event = events.next() => match event {
                Some(event) => {
                    if let Some(row) = state_changed(&event).and_then(|pair| find(board, pair)) {
                        tell(row, json)?;
                    }
                }
                None => return Err(Failure::failed("the connector has stopped")),
            },
        }
    }
}

fn tell(row: &Row, json: bool) -> Result<(), Failure> {
    let quote = Quote::of(row);
    if json { output::json(&quote) } else { output::line(quote.text()) }
}

/// The pair whose book is no longer, or again, valid.
fn state_changed(event: &Event) -> Option<&Pair> {
    match event {
        Event::Market(MarketEvent::Gap { pair, .. } | MarketEvent::BookValid { pair, .. }) => Some(pair),
        _ => None,
    }
}

fn find<'a>(board: &'a Board, pair: &Pair) -> Option<&'a Row> {
    board.rows.iter().find(|row| row.pair == *pair)
}
