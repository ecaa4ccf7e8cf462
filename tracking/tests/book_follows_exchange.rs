//! Whenever a local book says that it is live, it equals the exchange's book at the same version: whatever is lost,
//! doubled or exchanged on the way, whenever snapshots come, and however often the book is lost and recovered.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tradewire_core::{BookState, GapReason, Side, Timestamp};
use tradewire_tracking::{BookMessage, Checksum, LocalBook, OrderBook, RawSnapshot, Scale, SequenceRule, Step};

const SCALE: Scale = Scale { price: 2, quantity: 3 };

/// What happens to the next message, or between two messages.
#[derive(Clone, Debug)]
enum Act {
    Deliver,
    Lose,
    Double,
    /// The message comes after the one that follows it.
    Late,
    Snapshot {
        /// How many messages ago the snapshot was taken.
        age: usize,
    },
    Disconnect,
    Stale,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => Just(Act::Deliver),
        2 => Just(Act::Lose),
        2 => Just(Act::Double),
        1 => Just(Act::Late),
        4 => (0..6_usize).prop_map(|age| Act::Snapshot { age }),
        1 => Just(Act::Disconnect),
        1 => Just(Act::Stale),
    ]
}

/// A message of the exchange: ids, and changes as (is it a bid, price, quantity).
#[derive(Clone, Debug)]
struct Sent {
    first_id: u64,
    last_id: u64,
    previous_id: u64,
    bids: Vec<(i64, i64)>,
    asks: Vec<(i64, i64)>,
}

type Levels = (BTreeMap<i64, i64>, BTreeMap<i64, i64>);

/// The exchange: messages, and its book after each.
fn history(rule: SequenceRule, changes: &[Vec<(bool, i64, i64)>]) -> (Vec<Sent>, Vec<(u64, Levels)>) {
    let (mut levels, mut last) = (Levels::default(), 100_u64);
    let (mut sent, mut versions) = (Vec::new(), vec![(last, levels.clone())]);
    for change in changes {
        let previous_id = last;
        // Futures ids jump between messages; spot ids and counts do not.
        let first_id = last + if rule == SequenceRule::Previous { 3 } else { 1 };
        last = if rule == SequenceRule::Counted { first_id } else { first_id + change.len() as u64 };
        let (mut bids, mut asks) = (Vec::new(), Vec::new());
        for (bid, offset, quantity) in change {
            let (side, out, price) = if *bid {
                (&mut levels.0, &mut bids, 1000 - offset)
            } else {
                (&mut levels.1, &mut asks, 1001 + offset)
            };
            if *quantity == 0 {
                side.remove(&price)
            } else {
                side.insert(price, *quantity)
            };
            out.push((price, *quantity));
        }
        sent.push(Sent { first_id, last_id: last, previous_id, bids, asks });
        versions.push((last, levels.clone()));
    }
    (sent, versions)
}

fn deliver(book: &mut LocalBook, sent: &Sent, now: Timestamp) -> Step {
    book.on_message(
        &BookMessage {
            snapshot: false,
            first_id: sent.first_id,
            last_id: sent.last_id,
            previous_id: Some(sent.previous_id),
            time: now,
            bids: &sent.bids,
            asks: &sent.asks,
            checksum: None,
        },
        now,
    )
}

/// A whole snapshot of a version: by REST, or as a message of the stream where snapshots come by it.
fn give_snapshot(book: &mut LocalBook, rule: SequenceRule, version: &(u64, Levels), now: Timestamp) {
    let bids: Vec<_> = version.1.0.iter().rev().map(|(price, quantity)| (*price, *quantity)).collect();
    let asks: Vec<_> = version.1.1.iter().map(|(price, quantity)| (*price, *quantity)).collect();
    if rule.snapshot_by_rest() {
        book.on_snapshot(&RawSnapshot { update_id: version.0, bids, asks }, 1_000, now);
    } else {
        let (first_id, last_id) = (version.0, version.0);
        let message = BookMessage {
            snapshot: true,
            first_id,
            last_id,
            previous_id: None,
            time: now,
            bids: &bids,
            asks: &asks,
            checksum: None,
        };
        book.on_message(&message, now);
    }
}

fn check(book: &LocalBook, versions: &[(u64, Levels)]) -> Result<(), TestCaseError> {
    if book.state() != BookState::Live {
        prop_assert!(book.valid().is_err());
        return Ok(());
    }
    let version = versions.iter().find(|(id, _)| *id == book.update_id());
    let (_, (bids, asks)) = version.expect("a live book has a version that the exchange had");
    let valid = book.valid().expect("a live book is valid");
    prop_assert!(
        valid.scaled_levels(Side::Buy).eq(bids.iter().rev().map(|(p, q)| (*p, *q))),
        "bids at {}",
        book.update_id()
    );
    prop_assert!(
        valid.scaled_levels(Side::Sell).eq(asks.iter().map(|(p, q)| (*p, *q))),
        "asks at {}",
        book.update_id()
    );
    Ok(())
}

fn run(rule: SequenceRule, changes: &[Vec<(bool, i64, i64)>], acts: &[Act]) -> Result<(), TestCaseError> {
    let (sent, versions) = history(rule, changes);
    let now = Timestamp::from_millis(1_700_000_000_000);
    let mut book = LocalBook::new(rule, SCALE, now);
    let mut next = 0;
    for act in acts {
        match act {
            Act::Deliver | Act::Lose | Act::Double | Act::Late if next >= sent.len() => break,
            Act::Deliver => drop(deliver(&mut book, &sent[next], now)),
            Act::Lose => {}
            Act::Double => {
                deliver(&mut book, &sent[next], now);
                check(&book, &versions)?;
                let again = deliver(&mut book, &sent[next], now);
                prop_assert!(!matches!(again, Step::Applied), "a message is applied once");
            }
            Act::Late if next + 1 < sent.len() => {
                deliver(&mut book, &sent[next + 1], now);
                check(&book, &versions)?;
                deliver(&mut book, &sent[next], now);
                next += 1;
            }
            Act::Late => drop(deliver(&mut book, &sent[next], now)),
            Act::Snapshot { age } => {
                // A stream's snapshot is of now; one by REST may be older.
                let age = if rule.snapshot_by_rest() { *age } else { 0 };
                // A live book is checked by a second one, not overwritten.
                if book.state() != BookState::Live || !rule.snapshot_by_rest() {
                    give_snapshot(&mut book, rule, &versions[next.saturating_sub(age)], now);
                }
            }
            Act::Disconnect => drop(book.lose(GapReason::Reconnect, now)),
            Act::Stale => drop(book.lose(GapReason::Stale, now)),
        }
        next += usize::from(matches!(act, Act::Deliver | Act::Lose | Act::Double | Act::Late));
        check(&book, &versions)?;
    }
    // Whatever happened, a snapshot of now and the messages that follow make the book whole again.
    let next = next.min(sent.len());
    if book.state() == BookState::Live {
        book.lose(GapReason::Mismatch, now);
    }
    for message in &sent[next..] {
        deliver(&mut book, message, now);
    }
    give_snapshot(&mut book, rule, versions.last().expect("there is a first version"), now);
    prop_assert_eq!(book.state(), BookState::Live);
    check(&book, &versions)
}

fn changes() -> impl Strategy<Value = Vec<Vec<(bool, i64, i64)>>> {
    let change = (any::<bool>(), 0..40_i64, prop_oneof![1 => Just(0_i64), 3 => 1..1000_i64]);
    prop::collection::vec(prop::collection::vec(change, 0..8), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn spot(changes in changes(), acts in prop::collection::vec(act(), 0..80)) {
        run(SequenceRule::FirstLast, &changes, &acts)?;
    }

    #[test]
    fn futures(changes in changes(), acts in prop::collection::vec(act(), 0..80)) {
        run(SequenceRule::Previous, &changes, &acts)?;
    }

    #[test]
    fn counted(changes in changes(), acts in prop::collection::vec(act(), 0..80)) {
        run(SequenceRule::Counted, &changes, &acts)?;
    }
}

/// A checksum that is simply the number of levels.
fn levels_counted(book: &OrderBook) -> u32 {
    u32::try_from(book.len(Side::Buy) + book.len(Side::Sell)).unwrap_or(u32::MAX)
}

#[test]
fn a_book_without_the_checksum_that_is_stated_is_lost() {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let of = |id: u64, expected: u32| BookMessage {
        snapshot: false,
        first_id: id,
        last_id: id,
        previous_id: Some(id - 1),
        time: now,
        bids: &[(10, 1)],
        asks: &[],
        checksum: Some(Checksum { expected, of: levels_counted }),
    };
    let snapshot = |update_id| RawSnapshot { update_id, bids: vec![(9, 1)], asks: vec![(11, 1)] };
    let mut book = LocalBook::new(SequenceRule::Previous, SCALE, now);
    book.on_message(&of(5, 7), now);
    assert_eq!(book.on_snapshot(&snapshot(4), 100, now), Step::Lost(GapReason::Checksum), "of a message that was kept");
    assert!(matches!(book.on_snapshot(&snapshot(5), 100, now), Step::Synced(_)));
    assert_eq!(book.on_message(&of(6, 3), now), Step::Applied);
    assert_eq!(book.on_message(&of(7, 4), now), Step::Lost(GapReason::Checksum));
    assert_eq!(book.state(), BookState::Invalid);
}
