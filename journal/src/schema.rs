use rusqlite::{Connection, TransactionBehavior};
use tradewire_core::Error;

use crate::failure::Place;

/// Marks a database as one of ours, in its header: "TWJL".
const APPLICATION_ID: i32 = 0x5457_4a4c;

/// What leads from each version of the tables to the next; the first from nothing.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// What a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Nothing is in it.
    Empty,
    /// A journal whose tables are of this version, which is not newer than what this program knows.
    Journal { version: usize },
}

impl Identity {
    /// Looks without a change.
    ///
    /// # Errors
    /// `Journal` for a database of another program, and for a journal of a newer version.
    pub(crate) fn of(connection: &Connection, place: &Place) -> Result<Self, Error> {
        let failed = |cause| place.sqlite("read the file", cause);
        let read = |sql| connection.query_row(sql, [], |row| row.get::<_, i32>(0)).map_err(failed);
        let application = read("PRAGMA application_id")?;
        let version = read("PRAGMA user_version")?;
        if application == 0 && version == 0 && read("SELECT count(*) FROM sqlite_schema")? == 0 {
            return Ok(Self::Empty);
        }
        if application != APPLICATION_ID {
            return Err(
                place.error("the database belongs to another program, and was not changed. Choose another file")
            );
        }
        match usize::try_from(version) {
            Ok(version) if version <= MIGRATIONS.len() => Ok(Self::Journal { version }),
            _ => Err(place
                .error("a newer version of this program has written it. Use that version, or choose another file")
                .with("version", version)
                .with("newest known", MIGRATIONS.len())),
        }
    }

    /// Whether the tables are as this program needs them.
    pub(crate) fn is_current(self) -> bool {
        self == Self::Journal { version: MIGRATIONS.len() }
    }
}

/// Brings the tables to the newest version, each step of it wholly or not at all.
pub(crate) fn migrate(connection: &mut Connection, from: Identity) -> rusqlite::Result<()> {
    step_through(connection, from, MIGRATIONS)
}

fn step_through(connection: &mut Connection, from: Identity, migrations: &[&str]) -> rusqlite::Result<()> {
    let done = match from {
        Identity::Empty => 0,
        Identity::Journal { version } => version,
    };
    for (version, migration) in (1_u32..).zip(migrations).skip(done) {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch(migration)?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(connection: &Connection) -> Result<Identity, String> {
        Identity::of(connection, &Place::in_memory()).map_err(|error| error.to_string())
    }

    #[test]
    fn steps_are_taken_once_in_order_and_whole() {
        let mut connection = Connection::open_in_memory().expect("memory");
        assert_eq!(identity(&connection), Ok(Identity::Empty));
        let first = "CREATE TABLE a (x)";
        step_through(&mut connection, Identity::Empty, &[first]).expect("version 1");
        let now = identity(&connection).expect("a journal");
        assert_eq!(now, Identity::Journal { version: 1 });

        let broken = [first, "CREATE TABLE b (x); INSERT INTO a VALUES (1); CREATE TABLE a (x)"];
        step_through(&mut connection, now, &broken).expect_err("table a exists already");
        assert_eq!(identity(&connection), Ok(now), "nothing of a failed step stays");
        let rows: i64 = connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).expect("table a");
        assert_eq!(rows, 0);

        step_through(&mut connection, now, &[first, "INSERT INTO a VALUES (2)"])
            .expect("version 2, without the first step");
        let rows: i64 = connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).expect("table a");
        assert_eq!(rows, 1);
    }

    #[test]
    fn databases_of_others_and_newer_ones_are_refused() {
        let connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch("CREATE TABLE prices (x)").expect("a table");
        assert!(identity(&connection).expect_err("foreign").contains("another program"));

        let connection = Connection::open_in_memory().expect("memory");
        connection.pragma_update(None, "application_id", APPLICATION_ID).expect("a mark");
        connection.pragma_update(None, "user_version", 99).expect("a version");
        let refusal = identity(&connection).expect_err("newer");
        assert!(refusal.contains("newer version") && refusal.contains("99"), "{refusal}");
    }
}
