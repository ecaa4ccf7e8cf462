//! `tradewire replay`: a recording through the production decoder and sequencing.

use tradewire::tracking::{Agreement, ReplayedBook};
use tradewire::{Addresses, Pair, ReplaySummary};

use crate::args::ReplayArgs;
use crate::connect;
use crate::failure::Failure;
use crate::output;

/// Levels a side in the text; JSON has all of the summary's.
const SHOWN: usize = 5;

pub(crate) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let source = connect::source(&args.exchange, &Addresses::Default)?;
    let summary = tradewire::replay(&args.file, &source, args.pair.as_ref())?;
    if args.json {
        return output::json(&summary);
    }
    output::line(text(&summary).trim_end())
}

fn text(summary: &ReplaySummary) -> String {
    let mut text = format!("{} messages, {} a second\n", summary.messages, summary.messages_per_second);
    for (kind, count) in &summary.kinds {
        text += &format!("  {kind:<16}  {count}\n");
    }
    text += &format!("{} gaps, {} recoveries\n", summary.gaps, summary.recoveries);
    text += &agreement("best prices that the exchange states", summary.best_prices);
    text += &agreement("later snapshots", summary.snapshots);
    for (pair, book) in &summary.books {
        text += &of_book(pair, book);
    }
    text
}

fn agreement(of: &str, agreement: Agreement) -> String {
    match agreement.compared {
        0 => String::new(),
        compared => format!("{of}: {} of {compared} agree with the book\n", agreement.equal),
    }
}

fn of_book(pair: &Pair, book: &ReplayedBook) -> String {
    let reason = book.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let (state, update_id, bids, asks) = (book.state, book.last_update_id, book.bids, book.asks);
    let mut text = format!("\n{pair} {state}{reason}, last update {update_id}, {bids} bids, {asks} asks\n");
    for at in 0..SHOWN.min(bids.max(asks)) {
        let side = |levels: &[[String; 2]]| levels.get(at).cloned().unwrap_or_default();
        let ([bid, bid_quantity], [ask, ask_quantity]) = (side(&book.top.bids), side(&book.top.asks));
        text += &format!("  {bid_quantity:>14} {bid:>12} | {ask:<12} {ask_quantity:<14}\n");
    }
    text + &format!("  digest {}\n", book.digest)
}
