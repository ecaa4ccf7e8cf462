use tradewire::Error;
use tradewire::transport::Secret;

use crate::credentials::config;
use crate::prompt;

/// The environment variable with the passphrase of the key store.
const PASSPHRASE: &str = "TRADEWIRE_KEYSTORE_PASSPHRASE";

/// The passphrase of a store that exists.
pub(super) fn known() -> Result<Secret, Error> {
    match from_environment() {
        Some(passphrase) => Ok(passphrase),
        None => ask("Passphrase of the key store: "),
    }
}

/// The passphrase of a new store, typed twice.
pub(super) fn new() -> Result<Secret, Error> {
    if let Some(passphrase) = from_environment() {
        return Ok(passphrase);
    }
    let passphrase = ask("Passphrase for the new key store: ")?;
    if passphrase.expose().is_empty() {
        return Err(config("the passphrase is empty"));
    }
    if passphrase.expose() != ask("The same again: ")?.expose() {
        return Err(config("the two passphrases differ"));
    }
    Ok(passphrase)
}

fn from_environment() -> Option<Secret> {
    std::env::var(PASSPHRASE).ok().filter(|text| !text.is_empty()).map(Secret::new)
}

fn ask(prompt: &str) -> Result<Secret, Error> {
    prompt::hidden(prompt)
        .map_err(|cause| config(format!("cannot ask for the passphrase: {cause}; or set {PASSPHRASE}")))
}
