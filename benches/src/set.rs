use tradewire_core::Side;
use tradewire_tracking::{OrderBook, Scale};

/// A depth stream, decoded and as text, with the snapshots that it follows.
#[derive(Debug)]
pub struct Set {
    /// Its name in tables.
    pub name: String,
    /// How its numbers are written.
    pub layout: Layout,
    /// One snapshot a symbol.
    pub snapshots: Vec<Snapshot>,
    /// The messages in order, from the first that bridges the snapshot.
    pub messages: Vec<Message>,
}

/// How the numbers of a stream are written: decimals that they have, and decimals that they need.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Decimals that they need.
    pub scale: Scale,
    /// Decimals of prices in the text.
    pub shown_price: u32,
    /// Decimals of quantities in the text.
    pub shown_quantity: u32,
}

/// A whole book: price and quantity, best first.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Bids.
    pub bids: Vec<(i64, i64)>,
    /// Asks.
    pub asks: Vec<(i64, i64)>,
}

/// One update.
#[derive(Clone, Debug)]
pub struct Message {
    /// Index of its symbol.
    pub symbol: usize,
    /// The frame as it came.
    pub frame: Box<[u8]>,
    /// Changed bids.
    pub bids: Vec<(i64, i64)>,
    /// Changed asks.
    pub asks: Vec<(i64, i64)>,
}

impl Set {
    /// Level changes in all messages.
    pub fn changes(&self) -> usize {
        self.messages.iter().map(|message| message.bids.len() + message.asks.len()).sum()
    }

    /// One book a symbol, loaded.
    pub fn books<B: Book>(&self) -> Vec<B> {
        self.snapshots.iter().map(|snapshot| B::loaded(self.layout.scale, snapshot)).collect()
    }

    /// Applies all messages; returns a sum over the best prices, which all layouts must agree on.
    pub fn apply<B: Book>(&self, books: &mut [B]) -> i64 {
        let mut sum = 0_i64;
        for message in &self.messages {
            let book = &mut books[message.symbol];
            book.apply(&message.bids, &message.asks);
            let (bid, ask) = book.touch();
            sum = sum.wrapping_add(bid).wrapping_add(ask);
        }
        sum
    }
}

/// What all layouts of a book can do.
pub trait Book {
    /// A book with the levels of a snapshot.
    fn loaded(scale: Scale, snapshot: &Snapshot) -> Self;
    /// Applies one update.
    fn apply(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]);
    /// Best bid and best ask, zero without one.
    fn touch(&self) -> (i64, i64);
}

impl Book for OrderBook {
    fn loaded(scale: Scale, snapshot: &Snapshot) -> Self {
        let mut book = Self::new(scale);
        book.load_snapshot(&snapshot.bids, &snapshot.asks, false, false);
        book
    }

    #[inline]
    fn apply(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        Self::apply(self, bids, asks);
    }

    #[inline]
    fn touch(&self) -> (i64, i64) {
        let best = |side| self.scaled_levels(side).next().map_or(0, |level| level.0);
        (best(Side::Buy), best(Side::Sell))
    }
}
