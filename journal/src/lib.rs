//! The durable record of orders, fills, events, balances, positions and funding payments: an order is in here before it is on the wire, and a
//! program that was killed goes on from here.
//!
//! [`SqliteJournal`] is the [`Journal`](tradewire_tracking::Journal) of one account in an SQLite file. One file serves
//! any number of accounts, connectors and processes; an account belongs to one process at a time, and a second one is
//! refused.
//!
//! ```
//! use tradewire_core::{AccountChange, AccountEvent, Timestamp};
//! use tradewire_journal::{JournalReader, SqliteJournal};
//! use tradewire_tracking::{Durability, Journal, Record};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("journal.db");
//! let journal = SqliteJournal::open(&path, "binance-spot main", Durability::Process)?;
//! let number = journal.load()?.last_event + 1;
//! let change = AccountChange::Gap { reason: "no connection".into() };
//! let event = AccountEvent { number, time: None, received: Timestamp::from_millis(1_780_000_000_000), change };
//! journal.write(&[Record { events: vec![event.into()], ..Record::default() }])?;
//!
//! // Meanwhile, in another program:
//! let reader = JournalReader::open(&path)?;
//! assert_eq!(reader.events("binance-spot main", 0, 100)?.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # What a write survives
//!
//! | [`Durability`](tradewire_tracking::Durability) | survives | a write waits for |
//! |---|---|---|
//! | `Process` | the end of the process, `kill -9` too, while the system runs on | a copy into the system's memory |
//! | `Power` | a loss of power too, as far as the disk keeps what it says it has written | the disk |
//!
//! With `Process` a loss of power takes the last writes; the file as such stays sound. Either way a write of several
//! records is one transaction, with one wait: what piles up during a wait costs little more than one record.
//! `cargo bench -p tradewire-journal` prints what a write costs on a machine.
//!
//! # What is refused
//!
//! Opening looks at everything first, and changes nothing if something is wrong: an account that another process has, a
//! database of another program or of a newer version, a damaged file. What a killed process had not finished to write
//! is dropped; [`SqliteJournal::torn_tail`] tells it. Structure is checked, and every row that is read has to make
//! sense; a digit that the disk has changed inside of a row is not noticed.
//!
//! A write that fails, on a full disk for example, has written nothing and can be tried again.
//!
//! # The file
//!
//! Beside `journal.db` lie `journal.db-wal` and `journal.db-shm`, which belong to it and must be moved and copied with
//! it, and small `.lock` files. Any SQLite from 3.38 on can read it: the views `orders`, `fills`, `events`, `balances`,
//! `positions`, `settings`, `funding` and `facts` have the columns that one asks for, as in `SELECT account, price, quantity FROM fills`, and all as JSON.
//! It is readable for its owner only.

mod checkpointer;
mod connection;
mod export;
mod failure;
mod fill_text;
mod json;
mod lock;
mod prune;
mod reader;
mod rfc3339;
mod row_id;
mod saved;
mod schema;
mod sqlite_journal;
mod wal;
mod writer;

pub use export::ExportFormat;
pub use fill_text::FillText;
pub use reader::{FillFilter, JournalReader, Listed, OrderFilter, PositionFilter};
pub use rfc3339::rfc3339;
pub use sqlite_journal::SqliteJournal;
pub use wal::TornTail;
