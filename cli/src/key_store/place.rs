use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tradewire::Error;

use super::sealed::Sealed;
use crate::credentials::{config, create_folder, open_private, read_private};
use crate::folders;

/// The environment variable with the path of the key store.
const STORE: &str = "TRADEWIRE_KEYSTORE";
const FILE: &str = "keys.json";

/// Where the store is.
#[derive(Debug)]
pub(super) struct Place(PathBuf);

/// As long as it is held, nobody else changes the store.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: File,
}

impl Place {
    /// The user's: what the environment says, else a file in the user's folder for settings.
    pub(super) fn of_user() -> Result<Self, Error> {
        match std::env::var_os(STORE).filter(|path| !path.is_empty()) {
            Some(path) => Ok(Self(path.into())),
            None => Ok(Self(folders::settings()?.join(FILE))),
        }
    }

    #[cfg(test)]
    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.0
    }

    pub(super) fn exists(&self) -> bool {
        self.0.exists()
    }

    /// Waits until nobody else changes the store.
    pub(super) fn lock(&self) -> Result<Lock, Error> {
        let held = self.prepare().and_then(|()| open_private(&self.beside(".lock"))).and_then(|file| {
            file.lock()?;
            Ok(file)
        });
        held.map(|file| Lock { _held: file }).map_err(|cause| self.cannot("lock", &cause))
    }

    pub(super) fn read(&self) -> Result<Option<Sealed>, Error> {
        if !self.exists() {
            return Ok(None);
        }
        let text = read_private(&self.0)?;
        let sealed = serde_json::from_str(text.expose());
        sealed.map(Some).map_err(|_| config(format!("{} is not a key store", self.0.display())))
    }

    /// Replaces the file whole: whoever reads meanwhile, or after a crash, finds the old one or the new one.
    pub(super) fn write(&self, sealed: &Sealed) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(sealed).map_err(|_| config("the key store cannot be written"))?;
        let fresh = self.beside(".new");
        let written = self.prepare().and_then(|()| replace(&fresh, &self.0, &text));
        written.map_err(|cause| self.cannot("write", &cause))
    }

    fn prepare(&self) -> io::Result<()> {
        match self.folder() {
            Some(folder) => create_folder(folder),
            None => Ok(()),
        }
    }

    fn folder(&self) -> Option<&Path> {
        self.0.parent().filter(|folder| !folder.as_os_str().is_empty())
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = OsString::from(&self.0);
        name.push(ending);
        name.into()
    }

    fn cannot(&self, what: &str, cause: &io::Error) -> Error {
        config(format!("cannot {what} the key store {}: {cause}", self.0.display()))
    }
}

fn replace(fresh: &Path, path: &Path, text: &str) -> io::Result<()> {
    // What a crash left behind may have other permissions than a new file gets.
    match std::fs::remove_file(fresh) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = open_private(fresh)?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all())?;
    std::fs::rename(fresh, path)?;
    sync_folder(path)
}

/// So that the new name survives a loss of power, too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
