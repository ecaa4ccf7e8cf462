//! The layouts that are compared agree, and the floor reads what is there: otherwise no ratio means anything.
#![allow(unsafe_code)]

use tradewire_benches::{DenseBook, FloorParser, Set, TreeBook, made_set, recorded_sets};
use tradewire_core::Side;
use tradewire_tracking::OrderBook;

fn sets() -> Vec<Set> {
    let mut sets = recorded_sets();
    sets.push(made_set(1, 500));
    sets.push(made_set(20, 2_000));
    sets
}

#[test]
fn all_books_end_with_the_same_best_prices() {
    for set in sets() {
        let expected = set.apply(&mut set.books::<TreeBook>());
        assert_eq!(set.apply(&mut set.books::<DenseBook>()), expected, "dense, {}", set.name);
        assert_eq!(set.apply(&mut set.books::<OrderBook>()), expected, "tradewire, {}", set.name);
    }
}

#[test]
fn the_floor_reads_what_the_frames_say() {
    for set in sets() {
        let mut parser = FloorParser::new(set.layout, &set.messages[0]).expect("a known form");
        for message in &set.messages {
            // SAFETY: all frames of a set have one form; what is read is compared below.
            let id = unsafe { parser.parse(&message.frame) };
            assert!(id > 0);
            assert_eq!((&parser.bids, &parser.asks), (&message.bids, &message.asks), "{}", set.name);
        }
    }
}

#[test]
fn made_books_never_cross() {
    let set = made_set(3, 1_000);
    let mut books: Vec<OrderBook> = set.books();
    for message in &set.messages {
        let book = &mut books[message.symbol];
        book.apply(&message.bids, &message.asks);
        assert!(!book.crossed());
        assert!(book.len(Side::Buy) > 500 && book.len(Side::Sell) > 500);
    }
}
