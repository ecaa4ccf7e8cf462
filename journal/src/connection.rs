use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tradewire_core::Error;
use tradewire_tracking::Durability;

use crate::failure::Place;
use crate::schema::{self, Identity};

/// Pages in the write-ahead log from which a write itself moves them into the database. The checkpointer has done it
/// long before, unless it cannot keep up.
const LOG_PAGES_MAX: u32 = 8_000;
/// The log is cut to this many bytes once it has been moved.
const LOG_BYTES_KEPT: u32 = 32 << 20;
/// Up to this size the whole structure is checked at every start; beyond it, all but events and fills.
const CHECKED_WHOLLY: u64 = 256 << 20;

/// Another connection's transaction takes microseconds, and a synced one milliseconds: first the wait is busy.
const BUSY_YIELDS: i32 = 100;
/// Then it is by milliseconds, up to this many.
const BUSY_MILLIS: i32 = 5_000;

/// Makes sure that the file exists, and finds its one true path.
pub(crate) fn prepare(path: &Path) -> Result<Place, Error> {
    let failed = |cause| Place::new(path).io("open the file", cause);
    match create(path) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(failed(cause)),
        _ => {}
    }
    path.canonicalize().map(|path| Place::new(&path)).map_err(failed)
}

/// Creates the file for its owner's eyes only, and the name of it durably.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.sync_all()?;
    #[cfg(unix)]
    File::open(folder(path))?.sync_all()?;
    Ok(())
}

#[cfg(unix)]
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The first connection of a process to a journal: looks at what it is, whether it is sound, and brings it up to date.
pub(crate) fn set_up(place: &Place, durability: Durability, alone: bool) -> Result<Connection, Error> {
    let mut connection = open(place, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let identity = Identity::of(&connection, place)?;
    check(&connection, place)?;
    if !identity.is_current() {
        if !alone {
            return Err(place.error("another process uses it with an older version of this program; end that first"));
        }
        schema::migrate(&mut connection, identity)
            .map_err(|cause| place.sqlite("bring the tables up to date", cause))?;
    }
    configure(&connection, place, durability)?;
    Ok(connection)
}

/// A further connection of a process that has set up the journal.
pub(crate) fn further(place: &Place, durability: Durability) -> Result<Connection, Error> {
    let connection = open(place, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure(&connection, place, durability)?;
    Ok(connection)
}

/// A connection that changes nothing, to a journal that others may be writing.
pub(crate) fn read_only(place: &Place) -> Result<Connection, Error> {
    let connection = open(place, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    match Identity::of(&connection, place)? {
        Identity::Empty => Err(place.error("no journal is in it yet")),
        identity if identity.is_current() => Ok(connection),
        Identity::Journal { .. } => Err(place.error(
            "an older version of this program has written it; a connector of this version brings it up to date",
        )),
    }
}

/// A journal that lives as long as its connection.
pub(crate) fn in_memory() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    schema::migrate(&mut connection, Identity::Empty)?;
    Ok(connection)
}

fn open(place: &Place, access: OpenFlags) -> Result<Connection, Error> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(place.path(), flags).map_err(|cause| place.sqlite("open the file", cause))?;
    connection.busy_handler(Some(wait_for_others)).map_err(|cause| place.sqlite("open the file", cause))?;
    Ok(connection)
}

fn configure(connection: &Connection, place: &Place, durability: Durability) -> Result<(), Error> {
    let failed = |cause| place.sqlite("set up the file", cause);
    // The log is written before the database: a write is one append to one file, and readers do not stop writers.
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        return Err(place.error("its file system cannot share memory between processes. Choose a local disk"));
    }
    synchronise(connection, durability).map_err(failed)
}

fn synchronise(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    match durability {
        // The log is handed to the system at every write, and synced before it is moved into the database: a loss of
        // power can take the last writes, and never what holds the file together.
        Durability::Process => connection.pragma_update(None, "synchronous", "normal")?,
        // The log is synced at every write; on macOS the disk's own cache too.
        Durability::Power => {
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "fullfsync", true)?;
            connection.pragma_update(None, "checkpoint_fullfsync", true)?;
        }
    }
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES_MAX, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))
}

/// Looks for damage.
fn check(connection: &Connection, place: &Place) -> Result<(), Error> {
    let size = place.path().metadata().map_err(|cause| place.io("read the file", cause))?.len();
    let checks: &[&str] = if size <= CHECKED_WHOLLY {
        &["PRAGMA quick_check(1)"]
    } else {
        &[
            "PRAGMA quick_check(accounts)",
            "PRAGMA quick_check(balance_rows)",
            "PRAGMA quick_check(fact_rows)",
            "PRAGMA quick_check(order_rows)",
            "PRAGMA quick_check(payment_rows)",
            "PRAGMA quick_check(position_rows)",
            "PRAGMA quick_check(setting_rows)",
        ]
    };
    for sql in checks {
        let verdict: String = connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|cause| place.sqlite("check the file for damage", cause))?;
        if verdict != "ok" {
            return Err(place.damaged(verdict));
        }
    }
    Ok(())
}

/// Called while another connection holds the lock for writing.
#[expect(clippy::disallowed_methods, reason = "a blocking call waits for another process; no test waits here")]
fn wait_for_others(attempt: i32) -> bool {
    if attempt < BUSY_YIELDS {
        thread::yield_now();
    } else {
        thread::sleep(Duration::from_millis(1));
    }
    attempt < BUSY_YIELDS + BUSY_MILLIS
}
