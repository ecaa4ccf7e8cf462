//! What can be written on the command line.

mod addresses;
mod keys;
mod trading;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tradewire::{Addresses, Pair};
use tradewire_conformance::Component;

pub(crate) use addresses::{AddressArgs, PrivateAddressArgs};
pub(crate) use keys::{KeysAddArgs, KeysCommand, KeysListArgs, KeysRemoveArgs};
pub(crate) use trading::{
    AccountArgs, BalancesArgs, CancelAllArgs, CancelArgs, CredentialsArgs, FillsArgs, ListArgs, OrderCommand,
    PlaceArgs, PositionsArgs, RequestAction, RequestArgs, RequestOrderArgs, ShowArgs, TableFormat,
};

use crate::failure::Failure;
use crate::new_exchange::Shape;
use crate::wrong_use;

const EXAMPLES: &str = "\
Examples:
  tradewire demo                               live books, faults and recoveries; no keys, no network, no set-up
  tradewire book binance-spot BTC-USDT         the live book of an exchange, full screen in a terminal
  tradewire book binance-spot BTC-USDT ETH-USDT --seconds 10 --json | jq .mid
  tradewire simulate --exchange binance-spot   a simulated exchange on loopback, for any client in any language
  tradewire record binance-spot BTC-USDT --out btc.jsonl.gz --seconds 60
  tradewire replay btc.jsonl.gz --exchange binance-spot
  tradewire keys add main                      the keys of an account, typed or piped in, kept encrypted
  tradewire order place binance-spot BTC-USDT buy 0.01 --price 60000 --account main
  tradewire fills binance-spot --format csv --account main
  tradewire exchanges                          what each exchange offers
  tradewire conform binance-spot --component order-book
  tradewire new-exchange acme                  a connector to write, with the test that says what comes next

Exit status: 0 success, 1 failure, 2 wrong use. With --json each line on standard output is one
JSON object, prices and quantities are decimal strings; logs go to standard error (--log or RUST_LOG).
Credentials: --account NAME (key store), --credentials FILE, else TRADEWIRE_API_KEY with TRADEWIRE_SECRET_KEY
or TRADEWIRE_PRIVATE_KEY_FILE. A secret is never taken from the command line.";

/// Order books that say when they are not valid, and orders that never end without evidence.
///
/// tradewire follows the markets of exchanges and trades on them: it checks every update of a
/// book and says at once when it can no longer be trusted; it records every order before it is
/// sent and tracks it until there is proof of its end. This program shows books, places orders,
/// records and replays what exchanges send, and simulates an exchange to test against.
#[derive(Debug, Parser)]
#[command(name = "tradewire", version, after_help = EXAMPLES, verbatim_doc_comment)]
pub(crate) struct Cli {
    /// What to log to standard error, such as info; wins over RUST_LOG [default: error]
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show live books and trade on a simulated exchange while faults strike, and account for all of it
    Demo(DemoArgs),
    /// Serve a simulated exchange on loopback; the first line says where
    Simulate(SimulateArgs),
    /// Show live books of an exchange
    Book(BookArgs),
    /// Play a recording as fast as possible and show the books at its end
    Replay(ReplayArgs),
    /// Record what an exchange sends, with receive times
    Record(RecordArgs),
    /// Place, cancel and list orders
    #[command(subcommand)]
    Order(OrderCommand),
    /// Show what an account has
    Balances(BalancesArgs),
    /// Show the positions of an account
    Positions(PositionsArgs),
    /// Show the fills of an account
    Fills(FillsArgs),
    /// Print the exact signed request of an action
    Request(RequestArgs),
    /// Keep the keys of accounts, encrypted
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Show what each exchange offers
    Exchanges(ExchangesArgs),
    /// Try a connector against every behaviour that connectors must show
    Conform(ConformArgs),
    /// Begin a connector for another exchange: a crate that compiles, and a test that says what to write next
    NewExchange(NewExchangeArgs),
}

impl Command {
    /// Whether the command will draw on the whole terminal.
    pub(crate) fn shows_screen(&self) -> bool {
        match self {
            Self::Demo(args) => !args.json && crate::screen::possible(),
            Self::Book(args) => !args.json && crate::screen::possible(),
            _ => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Exchange to simulate and to connect to; may be repeated [default: all real ones that can be simulated, but for kraken-spot, which takes longer]
    #[arg(long = "exchange", value_name = "EXCHANGE", value_parser = wrong_use::exchange_of_demo)]
    pub(crate) exchanges: Vec<String>,
    /// End after so many seconds [default: 30; in a terminal: until q]
    #[arg(long, value_name = "N", value_parser = wrong_use::seconds)]
    pub(crate) seconds: Option<u64>,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Seed of the simulated market
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Exchange to simulate
    #[arg(long, value_name = "EXCHANGE", value_parser = wrong_use::simulated_exchange)]
    pub(crate) exchange: String,
    /// Port for REST and all sockets; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Port for the control API; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) control_port: u16,
    /// Seed of everything that is random
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Pairs to list, separated by commas or blanks [default: BTC-USDT, ETH-USDT, BNB-USDT, ETH-BTC]
    #[arg(long, value_name = "PAIR", num_args = 1.., value_delimiter = ',', value_parser = wrong_use::pair)]
    pub(crate) pairs: Vec<Pair>,
    /// File with faults in force from the start: a JSON array
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Whether time runs by itself or is moved by the control API
    #[arg(long, value_name = "CLOCK", default_value = "wall")]
    pub(crate) clock: ClockChoice,
    /// The first line as one JSON object, which it is in any case
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ClockChoice {
    /// Time runs.
    Wall,
    /// Time stands still until the control API moves it.
    Virtual,
}

#[derive(Debug, Args)]
pub(crate) struct BookArgs {
    #[command(flatten)]
    pub(crate) market: MarketArgs,
    /// End after so many seconds [default: until stopped]
    #[arg(long, value_name = "N", value_parser = wrong_use::seconds)]
    pub(crate) seconds: Option<u64>,
    /// One JSON object per line: each second, and whenever a book's state changes
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The recording: JSON lines, gzip'd or plain
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Exchange that it was recorded from
    #[arg(long, value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// Pair that it is about, where it holds no instrument list [default: what the symbol most likely means]
    #[arg(long, value_name = "PAIR", value_parser = wrong_use::pair)]
    pub(crate) pair: Option<Pair>,
    /// The summary as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    #[command(flatten)]
    pub(crate) market: MarketArgs,
    /// File to write, gzip'd JSON lines; must not exist yet
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// End after so many seconds [default: until stopped]
    #[arg(long, value_name = "N", value_parser = wrong_use::seconds)]
    pub(crate) seconds: Option<u64>,
    /// What it has come to as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExchangesArgs {
    /// Show only this exchange
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: Option<String>,
    /// One JSON object per line and exchange
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// The tables of the documentation
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Only what differs most, in one table
    #[arg(long, requires = "markdown")]
    pub(crate) overview: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConformArgs {
    /// Exchange whose connector is tried, against a simulated exchange
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// Only one stage: auth, utils, order-book, market-stream, user-stream, connector, perpetual or no-balance-stream
    #[arg(long, value_name = "COMPONENT", value_parser = wrong_use::component)]
    pub(crate) component: Option<Component>,
    /// Only behaviours whose id begins so, for example BOOK-0; may be repeated
    #[arg(long = "id", value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// How the report is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
    /// One JSON object per line: the same as '--format json'
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl ConformArgs {
    pub(crate) fn format(&self) -> ReportFormat {
        if self.json { ReportFormat::Json } else { self.format }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One line a behaviour.
    Text,
    /// One JSON object a line.
    Json,
    /// A JUnit file.
    Junit,
}

#[derive(Debug, Args)]
pub(crate) struct NewExchangeArgs {
    /// Name of the crate, for example acme
    #[arg(value_name = "NAME", value_parser = wrong_use::crate_name)]
    pub(crate) name: String,
    /// Folder to write, which must be empty or not exist yet [default: ./NAME]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
    /// Exchange whose way of signing is most like the new one's
    #[arg(long, value_name = "SHAPE", default_value = "example")]
    pub(crate) like: Shape,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which pairs of which exchange, and where it is.
#[derive(Debug, Args)]
pub(crate) struct MarketArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// Pairs, written BTC-USDT
    #[arg(value_name = "PAIR", required = true, value_parser = wrong_use::pair)]
    pub(crate) pairs: Vec<Pair>,
    #[command(flatten)]
    at: AddressArgs,
    /// Levels a side that snapshots are asked for with, as far as the exchange gives so many
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) depth: u32,
    /// Seconds to wait for the books to become ready at the start
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = wrong_use::seconds)]
    wait: u64,
}

impl MarketArgs {
    /// Where the exchange is.
    ///
    /// # Errors
    /// Wrong use: addresses that do not belong together.
    pub(crate) fn addresses(&self) -> Result<Addresses, Failure> {
        self.at.addresses()
    }

    /// How long to wait for readiness at the start.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

/// Reads the command line. Help and version are shown here, and the program ends.
pub(crate) fn parse() -> Result<Cli, Failure> {
    wrong_use::refuse_secrets(std::env::args_os().skip(1))?;
    Cli::try_parse().map_err(wrong_use::explain)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    /// The commands below `command`, or itself, that do not take the option.
    fn without_json(command: &clap::Command) -> Vec<String> {
        let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
        if below.is_empty() {
            let takes = command.get_arguments().any(|argument| argument.get_long() == Some("json"));
            return if takes { Vec::new() } else { vec![command.get_name().to_owned()] };
        }
        below.into_iter().flat_map(without_json).collect()
    }

    #[test]
    fn every_command_takes_json() {
        let mut program = Cli::command();
        program.build();
        assert_eq!(without_json(&program), Vec::<String>::new());
    }
}
