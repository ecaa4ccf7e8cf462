use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tradewire::{PublicTradeId, Side};
use tradewire_simulator::Addresses;

use super::entry::{Entry, clock};
use super::show::Show;
use super::{ABOUT, End};
use crate::failure::Failure;
use crate::output;
use crate::quote::Quote;
use crate::stop::{Deadline, Stop};

/// How often what happened is looked at.
const TICK: Duration = Duration::from_millis(50);
/// How often every book is told.
const BOOKS_EVERY: Duration = Duration::from_secs(1);
/// How long the last recoveries may take.
const SETTLE: Duration = Duration::from_secs(10);

/// Prints the demo line by line until its end; then waits until every book is valid.
pub(super) async fn print(show: &mut Show<'_>, json: bool, end: Deadline, stop: &mut Stop) -> Result<End, Failure> {
    begin(show, json)?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut books_due = Instant::now();
    loop {
        tokio::select! {
            () = stop.wait() => return Ok(End::Left),
            () = end.wait() => break,
            now = ticks.tick() => {
                tell_entries(show, json)?;
                if now >= books_due {
                    books_due = now + BOOKS_EVERY;
                    tell_books(show, json)?;
                }
            }
        }
    }
    settle(show, json, stop).await
}

async fn settle(show: &mut Show<'_>, json: bool, stop: &mut Stop) -> Result<End, Failure> {
    show.schedule.paused = true;
    let all_live = async {
        while !show.all_live() {
            tell_entries(show, json)?;
            tokio::time::sleep(TICK).await;
        }
        show.conclude().iter().try_for_each(|entry| tell_entry(entry, json))
    };
    tokio::select! {
        () = stop.wait() => Ok(End::Left),
        result = timeout(SETTLE, all_live) => result.unwrap_or(Ok(())).map(|()| End::Time),
    }
}

#[derive(Serialize)]
struct Started<'a> {
    event: &'static str,
    about: &'static str,
    exchange: &'static str,
    #[serde(flatten)]
    addresses: &'a Addresses,
}

fn begin(show: &Show<'_>, json: bool) -> Result<(), Failure> {
    if !json {
        output::line(format!("This demo is about {ABOUT}."))?;
    }
    for stage in show.stages.iter() {
        let (exchange, addresses) = (stage.followed.exchange(), stage.simulator.addresses());
        if json {
            output::json(&Started { event: "started", about: ABOUT, exchange, addresses })?;
        } else {
            output::line(format!("{exchange}, simulated at {} and {}", addresses.rest, addresses.ws))?;
        }
    }
    Ok(())
}

fn tell_entries(show: &mut Show<'_>, json: bool) -> Result<(), Failure> {
    show.advance().iter().try_for_each(|entry| tell_entry(entry, json))
}

pub(super) fn tell_entry(entry: &Entry, json: bool) -> Result<(), Failure> {
    if json {
        return output::json(entry);
    }
    output::line(format!("{}  {:<10} {}", entry.clock(), entry.pair, entry.words()))
}

#[derive(Serialize)]
struct BookLine {
    event: &'static str,
    at_ms: u64,
    #[serde(flatten)]
    quote: Quote,
    last_trade: Option<LastTrade>,
    checks: u64,
    differences: u64,
}

#[derive(Serialize)]
struct LastTrade {
    id: PublicTradeId,
    price: String,
    quantity: String,
    taker: Side,
}

fn tell_books(show: &Show<'_>, json: bool) -> Result<(), Failure> {
    let at = show.elapsed();
    for (row, tally) in show.board.rows.iter().zip(&show.tallies) {
        let quote = Quote::of(row);
        let last_trade = tally.last_trade.as_ref().map(|trade| LastTrade {
            id: trade.id,
            price: trade.price.to_string(),
            quantity: trade.quantity.to_string(),
            taker: trade.taker,
        });
        if json {
            let at_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
            let (checks, differences) = (tally.checks, tally.differences);
            output::json(&BookLine { event: "book", at_ms, quote, last_trade, checks, differences })?;
        } else {
            let trade = last_trade
                .map_or_else(String::new, |last| format!("  last {} {} × {}", last.taker, last.price, last.quantity));
            output::line(format!("{}  {}{trade}", clock(at), quote.text()))?;
        }
    }
    Ok(())
}
