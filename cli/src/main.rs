//! The program `tradewire`: live order books, orders, recordings, replays and a simulated exchange from the shell.
//!
//! Exit status 0 is success, 1 failure, 2 wrong use. Results go to standard output, logs to standard error.

mod args;
mod board;
mod book;
mod conform;
mod connect;
mod credentials;
mod demo;
mod exchanges;
mod failure;
mod folders;
mod key_store;
mod keys;
mod logs;
mod meter;
mod new_exchange;
mod numbers;
mod output;
mod plain;
mod prompt;
mod quote;
mod record;
mod replay;
mod screen;
mod simulate;
mod stop;
mod text_table;
mod trade;
mod wrong_use;

use std::process::ExitCode;

use args::Command;
use failure::Failure;
use stop::Stop;

fn main() -> ExitCode {
    let result = args::parse().and_then(|cli| {
        logs::start(&cli)?;
        run(cli.command)
    });
    match result {
        Ok(()) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.to_string().lines().for_each(|line| eprintln!("tradewire: {line}"));
            failure.exit_code()
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Exchanges(args) => exchanges::run(&args),
        Command::Keys(command) => keys::run(&command),
        Command::Replay(args) => replay::run(&args),
        Command::Conform(args) => conform::run(&args),
        Command::NewExchange(args) => new_exchange::run(&args),
        Command::Book(args) => wait_for(async |stop| book::run(args, stop).await),
        Command::Demo(args) => wait_for(async |stop| demo::run(args, stop).await),
        Command::Record(args) => wait_for(async |stop| record::run(args, stop).await),
        Command::Order(command) => wait_for(async |stop| trade::order(command, stop).await),
        Command::Balances(args) => wait_for(async |stop| trade::balances(args, stop).await),
        Command::Positions(args) => wait_for(async |stop| trade::positions(args, stop).await),
        Command::Fills(args) => wait_for(async |stop| trade::fills(args, stop).await),
        Command::Request(args) => wait_for(async |stop| trade::request(args, stop).await),
        Command::Simulate(args) => wait_for(async |stop| simulate::run(args, stop).await),
    }
}

/// Runs a command that lives until it has ended or is told to stop.
fn wait_for(command: impl AsyncFnOnce(Stop) -> Result<(), Failure>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| Failure::failed(format!("cannot start: {cause}")))?;
    runtime.block_on(async { command(Stop::on_signals()?).await })
}
