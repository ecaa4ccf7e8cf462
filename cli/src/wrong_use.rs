//! Wrong use of the command line, told in one line: the word, where it stood, and the nearest valid one.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};
use tradewire::{Pair, nearest};
use tradewire_conformance::Component;

use crate::args::Cli;
use crate::failure::Failure;

/// Reads the name of an exchange.
pub(crate) fn exchange(text: &str) -> Result<String, String> {
    one_of(text, &tradewire::exchanges().iter().map(|known| known.exchange).collect::<Vec<_>>())
}

/// Reads the name of an exchange that can be simulated.
pub(crate) fn simulated_exchange(text: &str) -> Result<String, String> {
    one_of(text, tradewire_simulator::EXCHANGES)
}

/// Reads the name of a stage of the conformance suite.
pub(crate) fn component(text: &str) -> Result<Component, String> {
    let known = Component::ALL.map(Component::name);
    let hint = nearest(text, known).unwrap_or_default();
    text.parse().map_err(|_| format!("no such component; did you mean '{hint}'? Known: {}", known.join(", ")))
}

fn one_of(text: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    let all = known.join(", ");
    match nearest(text, known.iter().copied()) {
        Some(nearest) => Err(format!("no such exchange; did you mean '{nearest}'? Known: {all}")),
        None => Err("no such exchange; this program was built without any".to_owned()),
    }
}

/// Reads a pair.
pub(crate) fn pair(text: &str) -> Result<Pair, String> {
    let hint = || nearest_pair(text).unwrap_or_else(|| "BTC-USDT".to_owned());
    text.parse().map_err(|_| format!("not a pair; write base and quote asset with one dash, like '{}'", hint()))
}

/// Reads a number of seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(|| "write whole seconds, like '10'".to_owned())
}

/// Reads an address for REST requests.
pub(crate) fn rest_address(text: &str) -> Result<String, String> {
    address(text, ["https", "http"])
}

/// Reads an address for streams.
pub(crate) fn ws_address(text: &str) -> Result<String, String> {
    address(text, ["wss", "ws"])
}

fn address(text: &str, [secure, plain]: [&str; 2]) -> Result<String, String> {
    let host = text.split_once("://").filter(|(scheme, _)| [secure, plain].contains(scheme)).map(|(_, host)| host);
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(text.to_owned()),
        _ => Err(format!("not an address for this; write '{secure}://host' or '{plain}://127.0.0.1:8080'")),
    }
}

/// What a pair without its dash, or with another sign instead, most likely means.
fn nearest_pair(text: &str) -> Option<String> {
    const QUOTES: [&str; 8] = ["USDT", "USDC", "FDUSD", "USD", "EUR", "BTC", "ETH", "BNB"];
    let plain = text.to_uppercase();
    let quote = QUOTES.into_iter().find(|quote| plain.ends_with(quote))?;
    let base = plain.strip_suffix(quote)?.trim_end_matches(|c: char| !c.is_alphanumeric());
    Pair::new(base, quote).ok().map(|pair| pair.to_string())
}

/// What a refusal of the parser means. Help and version are no refusals: they are printed, and the program ends.
pub(crate) fn explain(error: clap::Error) -> Failure {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader who has gone needs no help.
            let _ = error.print();
            return Failure::OutputClosed;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            return Failure::wrong_use(format!("a command is missing; one of {}; see 'tradewire --help'", commands()));
        }
        _ => {}
    }
    let cli = Cli::command();
    let command = asked_command(&cli);
    let place = command.map_or_else(String::new, |command| format!(" for 'tradewire {}'", command.get_name()));
    Failure::WrongUse(describe(&error, command.unwrap_or(&cli), &place))
}

fn describe(error: &clap::Error, command: &Command, place: &str) -> String {
    let context = |kind| error.get(kind).map(text_of).unwrap_or_default();
    let (argument, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand);
            let known: Vec<_> = Cli::command().get_subcommands().map(|known| known.get_name().to_owned()).collect();
            let hint = nearest(&word, known.iter().map(String::as_str)).unwrap_or_default().to_owned();
            format!("unknown command '{word}'; did you mean '{hint}'? Commands: {}", commands())
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("unknown option '{argument}'{place}{}", nearest_option(&argument, command))
        }
        ErrorKind::UnknownArgument => format!("unexpected '{argument}'{place}"),
        ErrorKind::MissingRequiredArgument => format!("missing '{argument}'{place}"),
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg);
            format!("'{argument}' cannot be used with '{other}'{place}")
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("a value is missing for '{argument}'{place}"),
        ErrorKind::InvalidValue => {
            let valid = context(ContextKind::ValidValue);
            let hint = nearest(&value, valid.split(", ")).unwrap_or_default();
            format!("'{value}' given as '{argument}'{place}: did you mean '{hint}'? Valid: {valid}")
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
            format!("'{value}' given as '{argument}'{place}{why}")
        }
        _ => first_line(&error.render()),
    }
}

fn text_of(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        other => other.to_string(),
    }
}

fn nearest_option(word: &str, command: &Command) -> String {
    let known = command.get_arguments().filter_map(|argument| argument.get_long());
    let known: Vec<_> = known.chain(["help", "log"]).map(|long| format!("--{long}")).collect();
    match nearest(word, known.iter().map(String::as_str)) {
        Some(hint) => format!("; did you mean '{hint}'?"),
        None => String::new(),
    }
}

fn commands() -> String {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

/// The command that was asked for, as far as it can be told from the words.
fn asked_command(cli: &Command) -> Option<&Command> {
    std::env::args().skip(1).find_map(|word| cli.find_subcommand(word))
}

fn first_line(rendered: &StyledStr) -> String {
    let text = rendered.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pair_most_likely_means() {
        for (text, likely) in [("BTCUSDT", "BTC-USDT"), ("eth/btc", "ETH-BTC"), ("BTC_USDT", "BTC-USDT")] {
            assert_eq!(nearest_pair(text).as_deref(), Some(likely), "{text}");
        }
        assert_eq!(nearest_pair("?"), None);
        assert!(pair("BTC-USDT-PERP").expect_err("two dashes").contains("'BTC-USDT'"));
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
