//! Applying updates allocates next to nothing once a book has settled.

use tradewire_benches::{CountingAllocator, Set, allocations, made_set, recorded_sets};
use tradewire_tracking::OrderBook;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Allocations a message, after a first tenth to warm up.
fn rate(set: &Set) -> f64 {
    let mut books: Vec<OrderBook> = set.books();
    let (first, rest) = set.messages.split_at(set.messages.len() / 10);
    for message in first {
        books[message.symbol].apply(&message.bids, &message.asks);
    }
    let before = allocations();
    for message in rest {
        books[message.symbol].apply(&message.bids, &message.asks);
    }
    (allocations() - before) as f64 / rest.len() as f64
}

#[test]
fn fewer_than_five_in_a_hundred_messages_allocate() {
    let mut sets = recorded_sets();
    sets.push(made_set(1, 20_000));
    for set in &sets {
        let rate = rate(set);
        println!("{}: {rate:.4} allocations a message", set.name);
        assert!(rate < 0.05, "{}: {rate} allocations a message", set.name);
    }
}
