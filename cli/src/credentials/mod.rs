//! Who trades: the key of an account and what proves that it is used by its owner. From the key store, a file or the
//! environment, never from the command line.

mod environment;
mod file;
mod material;
mod owner_only;
mod parts;

use std::path::PathBuf;

use tradewire::transport::Credentials;
use tradewire::{Error, ErrorKind};

pub(crate) use environment::{API_KEY, PRIVATE_KEY_FILE, SECRET_KEY};
pub(crate) use material::{Material, Proof, masked};
pub(crate) use owner_only::{create_folder, open_private, read_private};
pub(crate) use parts::{one_word, private_key_in};

use crate::key_store::KeyStore;

/// Which credentials a command names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Named {
    /// None: the environment may have some.
    #[default]
    Nothing,
    /// Those of this name in the key store.
    Account(String),
    /// Those in a file.
    File(PathBuf),
}

/// The credentials that a command names, else those of the environment, else none.
///
/// # Errors
/// `Config`: only a part of them is there, with the name of the missing one; a file that others can read; no such account.
pub(crate) fn find(named: &Named, exchange: &str) -> Result<Option<Credentials>, Error> {
    let material = match named {
        Named::Nothing => environment::read(|name| std::env::var(name).ok())?,
        Named::File(path) => Some(file::read(path)?),
        Named::Account(name) => Some(KeyStore::open()?.material(name, exchange)?),
    };
    material.map(|material| material.credentials()).transpose()
}

pub(crate) fn config(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, text.into())
}
