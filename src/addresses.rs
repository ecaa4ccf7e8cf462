use tradewire_core::{Capabilities, Error, ErrorKind};

use crate::words::did_you_mean;

/// Which servers of an exchange to talk to. All addresses come from one place: a mixture cannot be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// Those of the exchange's first environment, its production.
    #[default]
    Default,
    /// Those of an environment by name, for example `testnet`.
    Environment(String),
    /// Addresses of one's own, such as those of a simulated exchange.
    Own {
        /// Where REST requests go, for example `http://127.0.0.1:8080`.
        rest: String,
        /// Where market streams come from, for example `ws://127.0.0.1:8080`.
        ws: String,
    },
}

impl Addresses {
    /// The environment of this name.
    pub fn environment(name: impl Into<String>) -> Self {
        Self::Environment(name.into())
    }

    /// Addresses of one's own.
    pub fn own(rest: impl Into<String>, ws: impl Into<String>) -> Self {
        Self::Own { rest: rest.into(), ws: ws.into() }
    }
}

/// Checks that a named environment is one of the exchange's.
///
/// # Errors
/// `Config`, with the name and the nearest known one.
pub(crate) fn check_environment(capabilities: &Capabilities, addresses: &Addresses) -> Result<(), Error> {
    let Addresses::Environment(name) = addresses else { return Ok(()) };
    let known = || capabilities.environments.iter().map(|environment| environment.name);
    if known().any(|known| known == name) {
        return Ok(());
    }
    let hint = did_you_mean(name, known());
    Err(Error::new(ErrorKind::Config, format!("'{name}' is not an environment of {}{hint}", capabilities.exchange)))
}
