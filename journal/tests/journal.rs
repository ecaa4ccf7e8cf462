//! What is written comes back, exactly and once.

mod sample;

use std::sync::Arc;

use sample::{accept, at, balance, closed, event, fill, open, order, submit, trade};
use tempfile::TempDir;
use tradewire_core::{
    AccountChange, AccountEvent, BalanceReason, Decimal, EndReason, ErrorKind, Fee, OrderChange, OrderState, Origin,
    Price, Quantity,
};
use tradewire_journal::SqliteJournal;
use tradewire_tracking::{Durability, Journal, Pruned, Record, SavedOrder};

struct File {
    folder: TempDir,
}

impl File {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn open(&self, account: &str) -> SqliteJournal {
        SqliteJournal::open(self.folder.path().join("journal.db"), account, Durability::Process).expect("a journal")
    }
}

fn events_only(events: Vec<Arc<AccountEvent>>) -> Record {
    Record { events, ..Record::default() }
}

fn orders_only(orders: Vec<tradewire_tracking::OrderRecord>) -> Record {
    Record { orders, ..Record::default() }
}

#[test]
fn an_empty_journal_has_nothing() {
    let file = File::new();
    for journal in [file.open("a"), SqliteJournal::in_memory("a").expect("memory")] {
        assert_eq!(journal.load().expect("loads"), Default::default());
        assert!(journal.events(0, 10).expect("reads").is_empty());
        assert!(journal.find_by_client_id(&"x".into()).expect("reads").is_none());
        assert!(journal.torn_tail().is_none());
        journal.write(&[]).expect("nothing to write");
        journal.write(&[Record::default()]).expect("nothing to write");
    }
}

#[test]
fn a_restart_finds_what_was_written() {
    let file = File::new();
    let records = [submit(1, 1), submit(2, 2), accept(3, 1), trade(4, 1, 1), trade(5, 1, 2)];
    let facts = vec![("private-until".to_owned(), "1780000000000".to_owned())];
    {
        let journal = file.open("a");
        journal.write(&records).expect("written");
        journal.write(&[Record { facts: facts.clone(), ..Record::default() }]).expect("written");
    }
    let journal = file.open("a");
    let saved = journal.load().expect("loads");
    assert_eq!((saved.last_event, saved.last_order), (5, 2));
    assert_eq!(saved.balances, records[4].balances);
    assert_eq!(saved.facts, facts);
    let fills = vec![records[3].fills[0].clone(), records[4].fills[0].clone()];
    let first = SavedOrder { record: records[4].orders[0].clone(), fills };
    let second = SavedOrder { record: records[1].orders[0].clone(), fills: Vec::new() };
    assert_eq!(saved.orders, [first, second]);
    let told: Vec<_> = records.iter().flat_map(|record| record.events.clone()).collect();
    assert_eq!(journal.events(0, 100).expect("reads"), told);
    assert_eq!(journal.events(2, 2).expect("reads"), told[2..4]);
    assert!(journal.events(5, 100).expect("reads").is_empty());
}

#[test]
fn every_event_comes_back_as_it_was() {
    let of = open(1);
    let late = fill(&of, 1);
    let orders = [
        OrderChange::Pending,
        OrderChange::Open,
        OrderChange::Fill(Box::new(late.clone())),
        OrderChange::Completed,
        OrderChange::Cancelled(EndReason::Refused(ErrorKind::FilterFailure)),
        OrderChange::Expired(EndReason::TimeInForce),
        OrderChange::Amended { quantity: Some(Quantity::from_scaled(1, 28)), price: None },
        OrderChange::External(Origin::Liquidation),
        OrderChange::FeeCorrected(Box::new(late)),
    ];
    let others = [
        AccountChange::Balance { balance: balance("BTC", 1), reason: BalanceReason::Transfer(Decimal::new(-15, 1)) },
        AccountChange::Balance { balance: balance("币安人生", 1), reason: BalanceReason::Read },
        AccountChange::Gap { reason: "a \"quoted\"\nreason".into() },
        AccountChange::Reconciled { from: at(1), until: at(2) },
        AccountChange::Inconsistent { what: "more filled than ordered".into() },
    ];
    let mut events: Vec<_> = (1..).zip(orders).map(|(number, change)| event(number, &of, change)).collect();
    let next = events.len() as u64 + 1;
    events.extend((next..).zip(others).map(|(number, change)| {
        let time = (number % 2 == 0).then(|| at(7));
        Arc::new(AccountEvent { number, time, received: at(number), change })
    }));
    let journal = SqliteJournal::in_memory("a").expect("memory");
    journal.write(&[events_only(events.clone())]).expect("written");
    assert_eq!(journal.events(0, 100).expect("reads"), events);
}

#[test]
fn numbers_are_exact() {
    let mut record = open(1);
    record.order.price = Some(Price::from_scaled(1, 28));
    record.order.filled = "1234567890123456789012345678".parse().expect("28 digits");
    record.order.fees =
        [("BNB".into(), Decimal::from_str_exact("-0.0000000000000000000000000001").expect("a rebate"))].into();
    let journal = SqliteJournal::in_memory("a").expect("memory");
    journal.write(&[orders_only(vec![record.clone()])]).expect("written");
    assert_eq!(journal.load().expect("loads").orders[0].record, record);
}

#[test]
fn events_follow_without_a_hole_or_nothing_is_written() {
    let journal = SqliteJournal::in_memory("a").expect("memory");
    journal.write(&[submit(1, 1)]).expect("written");
    for (number, text) in [(2, "event 2 does not follow event 2"), (4, "event 4 does not follow event 2")] {
        let refusal = journal.write(&[accept(2, 1), accept(number, 2)]).expect_err("twice, or a hole");
        assert_eq!(refusal.kind(), ErrorKind::Journal);
        assert!(refusal.to_string().contains(text), "{refusal}");
    }
    assert_eq!(journal.load().expect("loads").last_event, 1);
    journal.write(&[accept(2, 1)]).expect("the right one");
}

#[test]
fn a_fill_is_one_however_often_it_is_written() {
    let journal = SqliteJournal::in_memory("a").expect("memory");
    journal.write(&[submit(1, 1), accept(2, 1), trade(3, 1, 1)]).expect("written");
    let mut corrected = fill(&open(1), 3);
    corrected.fee = Some(Fee { amount: Decimal::ONE, asset: "USDT".into() });
    corrected.fee_estimated = false;
    journal.write(&[Record { fills: vec![corrected.clone()], ..Record::default() }]).expect("written");
    // The same trade id is another fill on another order: both sides of a trade with oneself.
    let other = fill(&open(2), 3);
    journal
        .write(&[Record { orders: vec![open(2)], fills: vec![other.clone()], ..Record::default() }])
        .expect("written");
    let orders = journal.load().expect("loads").orders;
    assert_eq!(orders[0].fills, [corrected]);
    assert_eq!(orders[1].fills, [other]);
}

#[test]
fn closed_orders_are_loaded_for_ten_minutes_and_found_for_ever() {
    let file = File::new();
    let journal = file.open("a");
    journal.write(&[submit(1, 1), trade(2, 1, 10)]).expect("written");
    let mut misses_fills = closed(2, OrderState::Cancelled);
    misses_fills.order.missing_fills = Some(Quantity::from_scaled(1, 0));
    journal.write(&[orders_only(vec![misses_fills, order(3), closed(4, OrderState::Expired)])]).expect("written");
    let loaded = || journal.load().expect("loads").orders.iter().map(|order| order.record.number).collect::<Vec<_>>();
    assert_eq!(loaded(), [1, 2, 3, 4], "just ended");

    let gap = AccountChange::Gap { reason: "later".into() };
    let later = |number, seconds| AccountEvent { number, time: None, received: at(seconds), change: gap.clone() };
    journal.write(&[events_only(vec![later(3, 602).into()])]).expect("written");
    assert_eq!(loaded(), [2, 3, 4], "the first one ended more than ten minutes before");
    journal.write(&[events_only(vec![later(4, 9_000).into()])]).expect("written");
    assert_eq!(loaded(), [2, 3], "what is live or misses fills stays");

    let first = closed(1, OrderState::Filled).order;
    let id = first.exchange_order_id.expect("an id");
    let found = journal.find_by_exchange_id("BTCUSDT", &id).expect("reads").expect("is there");
    assert_eq!((found.record.number, found.fills.len()), (1, 1));
    assert_eq!(journal.find_by_client_id(&first.client_order_id).expect("reads"), Some(found));
    assert_eq!(
        journal.find_by_exchange_id("ETHUSDT", &id).expect("reads"),
        None,
        "ids are unique within an instrument"
    );
}

#[test]
fn an_order_is_found_by_what_it_is_called_now() {
    let journal = SqliteJournal::in_memory("a").expect("memory");
    let mut stranger = open(1);
    stranger.order.origin = Origin::External;
    let mut ours = open(2);
    ours.order.client_order_id = stranger.order.client_order_id.clone();
    let mut again = open(3);
    again.order.client_order_id = stranger.order.client_order_id.clone();
    again.order.origin = Origin::External;
    journal.write(&[orders_only(vec![stranger, ours.clone(), again])]).expect("written");
    let find = |id: &str| journal.find_by_client_id(&id.into()).expect("reads").map(|order| order.record.number);
    let before = ours.order.client_order_id.to_string();
    assert_eq!(find(&before), Some(2), "ours before one of others");
    ours.order.client_order_id = "renamed".into();
    journal.write(&[orders_only(vec![ours])]).expect("written");
    assert_eq!(find("renamed"), Some(2));
    assert_eq!(find(&before), Some(3));
}

#[test]
fn accounts_in_one_file_do_not_see_each_other() {
    let file = File::new();
    let (first, second) = (file.open("first"), file.open("second"));
    first.write(&[submit(1, 1), accept(2, 1), trade(3, 1, 1)]).expect("written");
    second.write(&[submit(1, 1)]).expect("written");
    assert_eq!((first.load().expect("loads").last_event, second.load().expect("loads").last_event), (3, 1));
    let id = open(1).order.exchange_order_id.expect("an id");
    assert!(second.find_by_exchange_id("BTCUSDT", &id).expect("reads").is_none());
    assert_eq!(second.load().expect("loads").orders, [SavedOrder { record: order(1), fills: Vec::new() }]);
    drop(second);
    let second = file.open("second");
    assert_eq!(second.load().expect("loads").last_event, 1);
}

#[test]
fn accounts_of_one_file_write_at_once() {
    let file = File::new();
    let journals = [file.open("first"), file.open("second"), file.open("third")];
    std::thread::scope(|scope| {
        for journal in &journals {
            scope.spawn(|| (1..=300).for_each(|number| journal.write(&[submit(number, number)]).expect("written")));
        }
    });
    for journal in &journals {
        assert_eq!(journal.load().expect("loads").last_event, 300);
    }
}

#[test]
fn old_rows_are_deleted_and_numbers_go_on() {
    let file = File::new();
    let journal = file.open("a");
    let other = file.open("other");
    other.write(&[submit(1, 1), trade(2, 1, 10)]).expect("written");
    // Orders 1 to 1500 fill at second n; 1501 and 1502 stay live.
    let many: Vec<_> = (1..=1500).map(|number| trade(number, number, 10)).collect();
    journal.write(&many).expect("written");
    journal.write(&[trade(1501, 1501, 1), submit(1502, 1502)]).expect("written");
    let mut fills_later = fill(&open(2), 5_000);
    fills_later.time = at(50_000);
    journal.write(&[Record { fills: vec![fills_later.clone()], ..Record::default() }]).expect("written");

    let pruned = journal.prune(at(1201)).expect("pruned");
    assert_eq!(
        pruned,
        Pruned { orders: 1199, fills: 1199, payments: 0, events: 1200 },
        "order 2 has a fill that is not old"
    );
    let pruned = journal.prune(at(40_000)).expect("pruned");
    assert_eq!(pruned, Pruned { orders: 300, fills: 300, payments: 0, events: 301 });
    let saved = journal.load().expect("loads");
    assert_eq!((saved.last_event, saved.last_order), (1502, 1502), "the last ones stay");
    let kept: Vec<_> = saved.orders.iter().map(|order| (order.record.number, order.fills.len())).collect();
    assert_eq!(kept, [(1501, 1), (1502, 0)], "live orders and their fills stay");
    assert_eq!(journal.find_by_client_id(&open(2).order.client_order_id).expect("reads").expect("kept").fills.len(), 2);
    assert_eq!(journal.events(0, 10).expect("reads").len(), 1);
    journal.write(&[submit(1503, 1503)]).expect("the next number");
    assert_eq!(other.load().expect("loads").last_event, 2, "the other account is as it was");
}
