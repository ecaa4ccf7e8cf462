//! `tradewire book`: live books of an exchange.

mod full_screen;
mod lines;

use tokio::time::Instant;
use tradewire::MarketConfig;

use crate::args::BookArgs;
use crate::board::{Board, Followed};
use crate::connect::{self, Begin};
use crate::failure::Failure;
use crate::screen;
use crate::stop::{Deadline, Stop};

pub(crate) async fn run(args: BookArgs, mut stop: Stop) -> Result<(), Failure> {
    let source = connect::source(&args.market.exchange, &args.market.addresses()?)?;
    let config = MarketConfig { snapshot_depth: args.market.depth, ..MarketConfig::default() };
    let followed = Followed::start(source, config, &args.market.pairs);
    let result = show(&followed, &args, &mut stop).await;
    followed.market.close().await;
    result
}

async fn show(followed: &Followed, args: &BookArgs, stop: &mut Stop) -> Result<(), Failure> {
    let full_screen = !args.json && screen::possible();
    if full_screen {
        eprintln!("connecting to {} …", followed.exchange());
    }
    if matches!(connect::ready(&followed.market, args.market.wait(), stop).await?, Begin::Stopped) {
        return Ok(());
    }
    let mut board = Board::default();
    board.add(followed);
    let end = Deadline::after(Instant::now(), args.seconds);
    if full_screen {
        return full_screen::show(&mut board, end, stop).await;
    }
    lines::print(&mut board, followed.market.events(), args.json, end, stop).await
}
