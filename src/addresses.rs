use tradewire_core::{Addresses, Capabilities, Error, ErrorKind};

use crate::words::did_you_mean;

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
