//! From the words of the command line to somebody's account at an exchange.

use std::sync::Arc;

use tradewire::AccountSource;
use tradewire::transport::Credentials;

use crate::args::{CredentialsArgs, PrivateAddressArgs};
use crate::connect;
use crate::credentials::{self, API_KEY, PRIVATE_KEY_FILE, SECRET_KEY};
use crate::failure::Failure;

/// The credentials that the words and the environment give, if any.
///
/// # Errors
/// Wrong use; only a part of them.
pub(super) fn credentials(exchange: &str, who: &CredentialsArgs) -> Result<Option<Credentials>, Failure> {
    Ok(credentials::find(&who.named()?, exchange)?)
}

/// The account with these credentials. Connects to nothing yet.
///
/// # Errors
/// Wrong use: addresses or an order entry that the exchange does not have.
pub(super) fn source(
    exchange: &str,
    at: &PrivateAddressArgs,
    credentials: Credentials,
) -> Result<Arc<dyn AccountSource>, Failure> {
    let source = tradewire::account_source(exchange, &at.addresses()?, credentials, at.order_entry());
    source.map_err(Failure::of_words)
}

/// Checks where the exchange is said to be: words of the command line come before credentials.
///
/// # Errors
/// Wrong use.
pub(super) fn check_place(exchange: &str, at: &PrivateAddressArgs) -> Result<(), Failure> {
    connect::source(exchange, &at.addresses()?).map(drop)
}

/// The account, for a command that cannot do without.
///
/// # Errors
/// As [`credentials()`] and [`source`]; no credentials.
pub(super) fn required(
    exchange: &str,
    who: &CredentialsArgs,
    at: &PrivateAddressArgs,
) -> Result<Arc<dyn AccountSource>, Failure> {
    check_place(exchange, at)?;
    let credentials = credentials(exchange, who)?.ok_or_else(|| missing("nothing is sent"))?;
    source(exchange, at, credentials)
}

/// What is said where there are no credentials.
pub(super) fn missing(consequence: &str) -> Failure {
    Failure::failed(format!(
        "no credentials, {consequence}: set {API_KEY} and {SECRET_KEY} (or {PRIVATE_KEY_FILE}), or name some with \
         --account or --credentials"
    ))
}
