use std::hint::black_box;

use tradewire_benches::{Book, OneSymbol, checked_book};
use tradewire_tracking::{LocalBook, MarketDecoder};

use crate::Follower;
use crate::stream::{Stream, decoder};

/// The decoder and the book of a connector, with its checks of sequence and crossing.
pub(crate) struct Tradewire<'a> {
    stream: &'a Stream,
    decoder: Box<dyn MarketDecoder>,
    book: LocalBook,
}

impl<'a> Tradewire<'a> {
    pub(crate) fn new(stream: &'a Stream) -> Self {
        let set = &stream.set;
        let book = checked_book(stream.rule, set.layout.scale, &set.snapshots[0], stream.snapshot_id);
        Self { stream, decoder: decoder(), book }
    }
}

impl Follower for Tradewire<'_> {
    fn message(&mut self, _: usize, text: &str) {
        let mut sink = OneSymbol::new(&self.stream.symbol, self.stream.set.layout.scale, |message| {
            black_box(self.book.on_message(message, message.time));
        });
        black_box(self.decoder.decode(text.as_bytes(), &mut sink)).expect("a sound frame");
    }

    fn touch(&self) -> (i64, i64) {
        self.book.valid().expect("a valid book").touch()
    }
}
