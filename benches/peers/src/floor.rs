use std::hint::black_box;

use tradewire_benches::{Book, DenseBook, FloorParser};

use crate::Follower;
use crate::stream::Stream;

/// Less than a product must do.
pub(crate) struct Floor {
    parser: FloorParser,
    book: DenseBook,
}

impl Floor {
    pub(crate) fn new(stream: &Stream) -> Self {
        let (set, layout) = (&stream.set, stream.set.layout);
        let parser = FloorParser::new(layout, &set.messages[0]).expect("a form that the floor knows");
        Self { parser, book: DenseBook::loaded(layout.scale, &set.snapshots[0]) }
    }
}

impl Follower for Floor {
    #[allow(unsafe_code)]
    fn message(&mut self, _: usize, text: &str) {
        // SAFETY: the frames of a recording have one form; the tests of the benches compare what is read in them.
        black_box(unsafe { self.parser.parse(text.as_bytes()) });
        self.book.apply(&self.parser.bids, &self.parser.asks);
        black_box(self.book.touch());
    }

    fn touch(&self) -> (i64, i64) {
        self.book.touch()
    }
}
