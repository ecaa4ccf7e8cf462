//! Wrong use of the command line, told in one line: the word, where it stood, and the nearest valid one.

mod secrets;
mod words;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};
use tradewire::nearest;

pub(crate) use secrets::refuse_secrets;
pub(crate) use words::{
    account_name, component, crate_name, exchange, exchange_of_demo, leverage, milliseconds, order_id, order_type,
    pair, position_mode, position_side, price, quantity, rest_address, seconds, self_trade_prevention, side,
    simulated_exchange, time_in_force, trigger_price, ws_address,
};

use crate::args::Cli;
use crate::failure::Failure;

/// What a refusal of the parser means. Help and version are no refusals: they are printed, and the program ends.
pub(crate) fn explain(error: clap::Error) -> Failure {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader who has gone needs no help.
            let _ = error.print();
            Failure::OutputClosed
        }
        _ => {
            let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
            Failure::WrongUse(describe(&error, &Asked::from_words(words)))
        }
    }
}

/// The command that was asked for, as far as it can be told from the words.
struct Asked {
    command: Command,
    /// Its words, without the program's; empty for the program itself.
    path: Vec<String>,
}

impl Asked {
    fn from_words(words: impl Iterator<Item = String>) -> Self {
        let mut command = Cli::command();
        command.build();
        let mut path = Vec::new();
        for word in words {
            if let Some(next) = command.find_subcommand(&word).cloned() {
                path.push(word);
                command = next;
            }
        }
        Self { command, path }
    }

    fn place(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!(" for 'tradewire {}'", self.path.join(" ")) }
    }

    /// Whether what is given may be a secret that was put into the wrong place.
    fn is_about_keys(&self) -> bool {
        self.path.first().is_some_and(|word| word == "keys")
    }

    fn commands(&self) -> Vec<&str> {
        self.command.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect()
    }

    /// The option in front of which a word would be right, if the word is the name of an exchange.
    fn option_for(&self, word: &str) -> Option<&'static str> {
        const EXCHANGE: &str = "--exchange";
        let named = tradewire_simulator::EXCHANGES.contains(&word) && self.options().iter().any(|o| o == EXCHANGE);
        named.then_some(EXCHANGE)
    }

    fn options(&self) -> Vec<String> {
        let long = self.command.get_arguments().filter_map(|argument| argument.get_long());
        long.map(|long| format!("--{long}")).collect()
    }
}

fn describe(error: &clap::Error, asked: &Asked) -> String {
    let context = |kind| error.get(kind).map(text_of).unwrap_or_default();
    let (argument, value, place) =
        (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue), asked.place());
    let given = if asked.is_about_keys() { "what was given".to_owned() } else { format!("'{value}' given") };
    match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let (known, words) = (asked.commands().join(", "), ["tradewire".to_owned()].into_iter());
            let help: Vec<_> = words.chain(asked.path.iter().cloned()).collect();
            format!("a command is missing{place}; one of {known}; see '{} --help'", help.join(" "))
        }
        ErrorKind::InvalidSubcommand => {
            let (word, known) = (context(ContextKind::InvalidSubcommand), asked.commands());
            let hint = nearest(&word, known.iter().copied()).unwrap_or_default();
            format!("unknown command '{word}'{place}; did you mean '{hint}'? Commands: {}", known.join(", "))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            let options = asked.options();
            let hint = nearest(&argument, options.iter().map(String::as_str)).unwrap_or_default();
            format!("unknown option '{argument}'{place}; did you mean '{hint}'?")
        }
        ErrorKind::UnknownArgument if asked.is_about_keys() => {
            format!("one word too many{place}; keys and secrets are typed or piped in when asked for")
        }
        ErrorKind::UnknownArgument => {
            let option = asked.option_for(&argument).map(|option| format!("; did you mean '{option} {argument}'?"));
            format!("unexpected '{argument}'{place}{}", option.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => format!("missing '{argument}'{place}"),
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg);
            format!("'{argument}' cannot be used with '{other}'{place}")
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("a value is missing for '{argument}'{place}"),
        ErrorKind::InvalidValue => {
            let valid = context(ContextKind::ValidValue);
            let hint = nearest(&value, valid.split(", ")).unwrap_or_default();
            format!("{given} as '{argument}'{place}: did you mean '{hint}'? Valid: {valid}")
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
            format!("{given} as '{argument}'{place}{why}")
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

fn first_line(rendered: &StyledStr) -> String {
    let text = rendered.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_was_asked_for_is_found_among_the_words() {
        for (words, place) in [
            ("", ""),
            ("--json", ""),
            ("order", " for 'tradewire order'"),
            ("--log info order place binance-spot", " for 'tradewire order place'"),
            ("request binance-spot --dry-run open-orders", " for 'tradewire request open-orders'"),
        ] {
            let asked = Asked::from_words(words.split_whitespace().map(str::to_owned));
            assert_eq!(asked.place(), place, "{words}");
        }
    }
}
