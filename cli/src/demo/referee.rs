use std::fmt::{self, Display};

use tradewire::tracking::{Scale, SequenceRule};
use tradewire::{Capabilities, Decimal, OrderBook, Price, Quantity, Side, Versioned};
use tradewire_simulator::{LedgerBook, Simulator};

use crate::board::Row;

/// What a comparison with the exchange's own book showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same levels, as deep as the local book is known.
    Equal,
    /// Not the same.
    Different(String),
    /// The book is not valid now, and says so: nothing to compare.
    NotValid,
}

/// Levels a side that checksums cover.
const SUMMED: usize = 10;

/// Compares a local book with the simulated exchange's own at the same version, as deep as it is known. Where only a checksum can
/// show that an update is missing and one was `omitted`, as deep as that covers.
pub(super) fn compare(row: &Row, simulator: &Simulator, omitted: bool) -> Verdict {
    let Ok(ours) = row.reader.read(|book| Ok(book.clone())) else { return Verdict::NotValid };
    let version = Version::of(row.exchange, &ours);
    let books = version.books(simulator, row.pair.as_str());
    if books.is_empty() {
        return Verdict::Different(format!("the exchange has had no book of {version}"));
    }
    let truths: Option<Vec<_>> = books.iter().map(|theirs| truth(theirs, ours.value.scale())).collect();
    match truths {
        Some(truths) if truths.iter().any(|truth| version.agree(&ours.value, truth, omitted)) => Verdict::Equal,
        Some(_) => Verdict::Different(format!("other levels than the exchange's at {version}")),
        None => Verdict::Different(format!("finer numbers at {version}")),
    }
}

/// By what the exchange knows a version of a book.
#[derive(Clone, Copy, Debug)]
enum Version {
    /// Its own id.
    Id(u64),
    /// Its checksum, where messages have no number. That of the best levels is often that of several versions: one of them must
    /// have all of the levels.
    Checksum(u32),
}

impl Version {
    fn of<T>(exchange: &str, book: &Versioned<T>) -> Self {
        let checked = |known: &&Capabilities| known.market.sequence_rule == SequenceRule::Checked.name();
        let known = tradewire::exchanges().into_iter().find(|known| known.exchange == exchange);
        match known.filter(|known| checked(known)).and(book.checksum) {
            Some(checksum) => Self::Checksum(checksum),
            None => Self::Id(book.update_id),
        }
    }

    fn agree(self, ours: &OrderBook, theirs: &OrderBook, omitted: bool) -> bool {
        let same = |side| ours.top(side, SUMMED) == theirs.top(side, SUMMED);
        match self {
            Self::Checksum(_) if omitted => same(Side::Buy) && same(Side::Sell),
            _ => ours.equal_where_known(theirs),
        }
    }

    fn books(self, simulator: &Simulator, pair: &str) -> Vec<LedgerBook> {
        match self {
            Self::Id(id) => simulator.book_at(pair, id).into_iter().collect(),
            Self::Checksum(checksum) => simulator.books_of_checksum(pair, checksum),
        }
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "version {id}"),
            Self::Checksum(checksum) => write!(f, "checksum {checksum}"),
        }
    }
}

/// The exchange's book in the scale of ours; `None` if it does not fit.
fn truth(theirs: &LedgerBook, scale: Scale) -> Option<OrderBook> {
    let scaled = |levels: &[(Decimal, Decimal)]| -> Option<Vec<(i64, i64)>> {
        let level = |(price, quantity): &(Decimal, Decimal)| {
            Price::new(*price).to_scaled(scale.price).zip(Quantity::new(*quantity).to_scaled(scale.quantity))
        };
        levels.iter().map(level).collect()
    };
    let mut book = OrderBook::new(scale);
    book.load_snapshot(&scaled(&theirs.bids)?, &scaled(&theirs.asks)?, true, true);
    Some(book)
}
