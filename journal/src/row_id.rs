use std::ops::RangeInclusive;

use rusqlite::Connection;

/// Bits of a row's id that are its number; those above are the account.
const NUMBER_BITS: u32 = 40;
const NUMBER_MAX: i64 = (1 << NUMBER_BITS) - 1;

/// The rows of one account in the tables that are ordered by account and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    first: i64,
}

impl Rows {
    pub(crate) fn of(account: i64) -> Self {
        Self { first: account << NUMBER_BITS }
    }

    pub(crate) fn account(self) -> i64 {
        self.first >> NUMBER_BITS
    }

    /// The id of the row with this number; of the last possible row for numbers that are too high.
    pub(crate) fn id(self, number: u64) -> i64 {
        self.first + i64::try_from(number).unwrap_or(NUMBER_MAX).min(NUMBER_MAX)
    }

    pub(crate) fn range(self) -> RangeInclusive<i64> {
        self.first..=self.first + NUMBER_MAX
    }
}

/// The account of a row with this id.
pub(crate) fn account(id: i64) -> i64 {
    id >> NUMBER_BITS
}

/// The number of a row with this id.
pub(crate) fn number(id: i64) -> u64 {
    (id & NUMBER_MAX).unsigned_abs()
}

/// The highest number among an account's rows of a table; 0 if there is none.
pub(crate) fn last(connection: &Connection, max_id: &str, rows: Rows) -> rusqlite::Result<u64> {
    let (first, last) = rows.range().into_inner();
    let id: Option<i64> = connection.query_row(max_id, [first, last], |row| row.get(0))?;
    Ok(id.map_or(0, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_account_and_number() {
        let rows = Rows::of(3);
        assert_eq!(rows.id(7), 3 * (1 << 40) + 7);
        assert_eq!((account(rows.id(7)), number(rows.id(7))), (3, 7));
        assert_eq!(rows.id(u64::MAX), *rows.range().end());
        assert_eq!(Rows::of(4).id(0), rows.range().end() + 1, "accounts do not overlap");
    }
}
