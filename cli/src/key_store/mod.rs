//! The encrypted key store: the keys of accounts by name, in one file that only its owner can read, under a passphrase.

mod entry;
mod passphrase;
mod place;
mod sealed;

use std::path::PathBuf;

use tradewire::transport::Secret;
use tradewire::{Error, nearest};

pub(crate) use entry::Entry;

use crate::credentials::{Material, config};
use place::{Lock, Place};
use sealed::Work;

/// The store, opened.
#[derive(Debug)]
pub(crate) struct KeyStore {
    place: Place,
    passphrase: Secret,
    entries: Vec<Entry>,
    work: Work,
}

impl KeyStore {
    /// The user's store, to read from it. Asks for the passphrase. An absent store is empty, and nothing is asked.
    ///
    /// # Errors
    /// `Config`: a wrong passphrase, or a file that others can read.
    pub(crate) fn open() -> Result<Self, Error> {
        let place = Place::of_user()?;
        let passphrase = if place.exists() { passphrase::known()? } else { Secret::new("") };
        Self::open_at(place, passphrase, Work::DEFAULT)
    }

    /// The user's store, to add to it. A new one gets a new passphrase.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn open_or_create() -> Result<Self, Error> {
        let place = Place::of_user()?;
        let passphrase = if place.exists() { passphrase::known()? } else { passphrase::new()? };
        Self::open_at(place, passphrase, Work::DEFAULT)
    }

    /// Waits until nobody else changes the user's store, and keeps others from it until the lock is dropped.
    ///
    /// # Errors
    /// `Config` if the folder cannot be written to.
    pub(crate) fn lock() -> Result<Lock, Error> {
        Place::of_user()?.lock()
    }

    fn open_at(place: Place, passphrase: Secret, work: Work) -> Result<Self, Error> {
        let entries = match place.read()? {
            Some(sealed) => entry::read(&sealed::open(&sealed, &passphrase)?)?,
            None => Vec::new(),
        };
        Ok(Self { place, passphrase, entries, work })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &PathBuf {
        self.place.path()
    }

    /// All entries, by name.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The keys of an account.
    ///
    /// # Errors
    /// `Config` if there are none of this name, or if they are for another exchange.
    pub(crate) fn material(&self, name: &str, exchange: &str) -> Result<Material, Error> {
        let entry = self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| self.unknown(name))?;
        match &entry.exchange {
            Some(other) if other != exchange => {
                Err(config(format!("the keys '{name}' are for {other}, not for {exchange}")))
            }
            _ => Ok(entry.material.clone()),
        }
    }

    /// Checks that there is no entry of this name yet.
    ///
    /// # Errors
    /// `Config` if there is.
    pub(crate) fn check_free(&self, name: &str) -> Result<(), Error> {
        if self.entries.iter().any(|entry| entry.name == name) {
            return Err(config(format!("there are keys '{name}' already; remove them first")));
        }
        Ok(())
    }

    /// Adds an entry and writes the store.
    ///
    /// # Errors
    /// `Config` if the name is in use, or the file cannot be written: it is as before then.
    pub(crate) fn add(&mut self, entry: Entry) -> Result<(), Error> {
        self.check_free(&entry.name)?;
        let at = self.entries.partition_point(|known| known.name < entry.name);
        self.entries.insert(at, entry);
        self.write()
    }

    /// Removes an entry, which it gives back, and writes the store.
    ///
    /// # Errors
    /// `Config` if there is none of this name, or the file cannot be written: it is as before then.
    pub(crate) fn remove(&mut self, name: &str) -> Result<Entry, Error> {
        let at = self.entries.iter().position(|entry| entry.name == name).ok_or_else(|| self.unknown(name))?;
        let removed = self.entries.remove(at);
        self.write()?;
        Ok(removed)
    }

    fn write(&self) -> Result<(), Error> {
        self.place.write(&sealed::seal(entry::write(&self.entries)?, &self.passphrase, self.work)?)
    }

    fn unknown(&self, name: &str) -> Error {
        let hint = match nearest(name, self.entries.iter().map(|entry| entry.name.as_str())) {
            Some(likest) => format!("; did you mean '{likest}'?"),
            None => "; it has none, add some by 'tradewire keys add'".to_owned(),
        };
        config(format!("no keys '{name}' in the key store{hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Proof;

    fn open(folder: &tempfile::TempDir, passphrase: &str) -> Result<KeyStore, Error> {
        let place = Place::at(folder.path().join("new").join("keys.json"));
        KeyStore::open_at(place, Secret::new(passphrase), Work::CHEAP)
    }

    fn entry(name: &str, exchange: Option<&str>) -> Entry {
        let material = Material { api_key: Secret::new("key"), proof: Proof::SecretKey(Secret::new("hush")) };
        Entry { name: name.to_owned(), exchange: exchange.map(str::to_owned), material }
    }

    #[test]
    fn what_is_added_is_there_until_it_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = open(&folder, "horse").expect("a new one");
        store.add(entry("main", Some("binance-spot"))).expect("added");
        store.add(entry("backup", None)).expect("added");
        assert!(store.add(entry("main", None)).is_err(), "in use");

        let mut store = open(&folder, "horse").expect("opened");
        assert_eq!(store.entries().iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["backup", "main"]);
        let material = store.material("main", "binance-spot").expect("there");
        assert!(matches!(material.proof, Proof::SecretKey(secret) if secret.expose() == "hush"));
        assert!(store.material("main", "bybit-spot").expect_err("other").to_string().contains("binance-spot"));
        assert!(store.material("mian", "binance-spot").expect_err("none").to_string().contains("'main'"));
        store.remove("main").expect("removed");
        assert!(store.remove("main").is_err());
        assert_eq!(open(&folder, "horse").expect("opened").entries().len(), 1);
    }

    #[test]
    fn the_file_shows_nothing_and_opens_for_its_passphrase_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = open(&folder, "horse").expect("a new one");
        store.add(entry("main", None)).expect("added");
        let text = std::fs::read_to_string(store.path()).expect("read");
        for word in ["main", "hush", "horse", "api_key"] {
            assert!(!text.contains(word), "{text}");
        }
        let error = open(&folder, "hores").expect_err("wrong");
        assert!(error.to_string().contains("passphrase is wrong or"), "{error}");
        assert!(!format!("{store:?}").contains("hush"));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone_and_refused_otherwise() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let mut store = open(&folder, "horse").expect("a new one");
        store.add(entry("main", None)).expect("added");
        let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(store.path()), 0o600);
        assert_eq!(mode(store.path().parent().expect("a folder")), 0o700);
        let names: Vec<_> = std::fs::read_dir(store.path().parent().expect("a folder")).expect("read").collect();
        assert_eq!(names.len(), 1, "no other file is left");
        std::fs::set_permissions(store.path(), PermissionsExt::from_mode(0o644)).expect("changed");
        assert!(open(&folder, "horse").expect_err("refused").to_string().contains("chmod 600"));
    }
}
