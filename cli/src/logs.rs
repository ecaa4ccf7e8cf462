use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::args::Cli;
use crate::failure::Failure;

/// Sends logs to standard error: what `--log` asks for, else `RUST_LOG`, else errors.
///
/// While a full screen is shown on a terminal and standard error goes to the same, there are none.
pub(crate) fn start(cli: &Cli) -> Result<(), Failure> {
    if cli.command.shows_screen() && io::stderr().is_terminal() {
        return Ok(());
    }
    let from_environment = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|filter| !filter.is_empty());
    let (filter, origin) = match (&cli.log, from_environment) {
        (Some(filter), _) => (filter.clone(), "--log"),
        (None, Some(filter)) => (filter, EnvFilter::DEFAULT_ENV),
        (None, None) => ("error".to_owned(), "default"),
    };
    let filter = EnvFilter::builder().parse(&filter).map_err(|cause| {
        Failure::wrong_use(format!("'{filter}' is not a log filter ({origin}): {cause}; try 'info'"))
    })?;
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colour).init();
    Ok(())
}
