use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::{io, process};

use sha2::{Digest, Sha256};
use tradewire_core::Error;

use crate::failure::Place;

/// Keeps every other writer of one account out for as long as it lives. The system lets go of it when the process ends,
/// however it ends.
#[derive(Debug)]
pub(crate) struct AccountLock {
    _file: File,
}

impl AccountLock {
    /// Takes the account, or says who has it.
    ///
    /// # Errors
    /// `Journal`.
    pub(crate) fn take(place: &Place, account: &str) -> Result<Self, Error> {
        let mut file = open(&place.beside(&format!("-{}.lock", digest(account))))
            .map_err(|cause| place.io("open the lock of the account", cause))?;
        match file.try_lock() {
            Ok(()) => {
                // For people only: without the number the lock holds as well.
                let _ = sign(&mut file);
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(refuse(place, account, &mut file)),
            Err(TryLockError::Error(cause)) => Err(place.io("lock the account", cause)),
        }
    }
}

/// Shows that the file is in use by this process, together with others or, at first, alone.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
    alone: bool,
}

impl FileLock {
    /// Alone if nobody else uses the file; else together with the others, once none of them is alone.
    ///
    /// # Errors
    /// `Journal`.
    pub(crate) fn take(place: &Place) -> Result<Self, Error> {
        let file = open(&place.beside(".lock")).map_err(|cause| place.io("open the lock of the file", cause))?;
        let alone = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => {
                file.lock_shared().map_err(|cause| place.io("lock the file", cause))?;
                false
            }
            Err(TryLockError::Error(cause)) => return Err(place.io("lock the file", cause)),
        };
        Ok(Self { file, alone })
    }

    /// Whether no other process can open the file now.
    pub(crate) fn is_alone(&self) -> bool {
        self.alone
    }

    /// Lets others open the file.
    ///
    /// # Errors
    /// `Journal`.
    pub(crate) fn share(&mut self, place: &Place) -> Result<(), Error> {
        if self.alone {
            self.alone = false;
            self.file
                .unlock()
                .and_then(|()| self.file.lock_shared())
                .map_err(|cause| place.io("lock the file", cause))?;
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", process::id())
}

fn refuse(place: &Place, account: &str, file: &mut File) -> Error {
    let mut holder = String::new();
    let known = file.read_to_string(&mut holder).is_ok() && !holder.is_empty();
    let by = if known { format!("process {holder}") } else { "another process".to_owned() };
    place
        .error(format!(
            "the account is in use by {by}; end it, or choose another journal or another name of the account"
        ))
        .with("account", account)
}

/// A short name for the file system of an account with any characters in its name.
fn digest(account: &str) -> String {
    Sha256::digest(account.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
