use tradewire::tracking::Scale;
use tradewire::{Decimal, OrderBook, Price, Quantity};
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

/// Compares a local book with the simulated exchange's own at the same version.
pub(super) fn compare(row: &Row, simulator: &Simulator) -> Verdict {
    let Ok(ours) = row.reader.read(|book| Ok(book.clone())) else { return Verdict::NotValid };
    let version = ours.update_id;
    let Some(theirs) = simulator.book_at(row.pair.as_str(), version) else {
        return Verdict::Different(format!("the exchange has no version {version}"));
    };
    match truth(&theirs, ours.value.scale()) {
        Some(truth) if ours.value.equal_where_known(&truth) => Verdict::Equal,
        Some(_) => Verdict::Different(format!("other levels at version {version}")),
        None => Verdict::Different(format!("finer numbers at version {version}")),
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
