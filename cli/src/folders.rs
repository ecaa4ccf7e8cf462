//! The user's folders, as the XDG base directory specification has them.

use std::path::PathBuf;

use tradewire::Error;

use crate::credentials::config;

const PROGRAM: &str = "tradewire";

/// Where settings are kept.
///
/// # Errors
/// `Config` where the user has no home.
pub(crate) fn settings() -> Result<PathBuf, Error> {
    folder("XDG_CONFIG_HOME", ".config")
}

/// Where data is kept.
///
/// # Errors
/// `Config` where the user has no home.
pub(crate) fn data() -> Result<PathBuf, Error> {
    folder("XDG_DATA_HOME", ".local/share")
}

fn folder(variable: &str, below_home: &str) -> Result<PathBuf, Error> {
    // The specification says that relative paths are to be ignored.
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = set.or_else(|| std::env::home_dir().map(|home| home.join(below_home)));
    folder
        .map(|folder| folder.join(PROGRAM))
        .ok_or_else(|| config(format!("neither {variable} nor a home folder is known")))
}
