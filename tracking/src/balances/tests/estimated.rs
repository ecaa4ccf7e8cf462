use super::model::{Client, Exchange};
use super::*;

fn estimated(usdt: &str, available: &str) -> Balances {
    let mut balances = Balances::new(BalanceMode::Estimated, Vec::new());
    let read = snapshot(&[("USDT", usdt, available), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(0), &read, window(1_000, 1_010)), ReadTaken::Taken);
    told(&mut balances);
    balances
}

#[test]
fn nobal_03_a_busy_read_is_void_thrice_at_most() {
    let mut balances = estimated("1000", "1000");
    let mut buy = order(Side::Buy, "1", Some("100"));
    balances.order_changed(at(5), 1, &buy, spot);
    buy = in_state(&buy, OrderState::Open, 2_005, 2_005);
    balances.order_changed(at(5), 1, &buy, spot);
    let read = snapshot(&[("USDT", "1000", "900"), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(6), &read, window(2_000, 2_010)), ReadTaken::Void);
    assert_eq!((balances.next_read_due(), basis(&balances, "USDT")), (Some(at(6)), Basis::Estimated));
    assert_eq!(balances.read(at(7), &read, window(2_005, 2_020)), ReadTaken::Void, "the bounds belong to it");
    assert_eq!(balances.read(at(8), &read, window(2_001, 2_005)), ReadTaken::Provisional);
    assert_eq!((balances.next_read_due(), basis(&balances, "USDT")), (Some(at(5_008)), Basis::Provisional));
    assert_eq!(balances.read(at(9), &read, window(2_006, 2_030)), ReadTaken::Taken);
    assert_eq!((of(&balances, "USDT"), basis(&balances, "USDT")), ((d("1000"), d("900")), Basis::Estimated));
}

#[test]
fn nobal_03_a_change_learnt_later_makes_a_read_void_after_all() {
    let mut balances = estimated("1000", "900");
    let mut buy = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 500, 500);
    balances.order_changed(at(5), 1, &buy, spot);
    assert_eq!(of(&balances, "USDT").1, d("900"), "it was live then: its lock is in the read");
    let filled = fill(&mut buy, "1", "100", None, 1_005);
    balances.fill(at(7), 1, &buy, &filled);
    balances.order_changed(at(7), 1, &buy, spot);
    assert_eq!((balances.next_read_due(), basis(&balances, "USDT")), (Some(at(7)), Basis::Provisional));
    let read = snapshot(&[("USDT", "900", "900"), ("BTC", "2", "2")]);
    assert_eq!(balances.read(at(8), &read, window(1_020, 1_030)), ReadTaken::Taken);
    assert_eq!(told(&mut balances).len(), 2);
    assert_eq!((balances.next_read_due(), of(&balances, "BTC")), (None, (d("2"), d("2"))));
}

#[test]
fn nobal_03_a_read_with_a_time_of_its_own_need_not_be_quiet() {
    let mut balances = estimated("1000", "1000");
    let mut buy = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 2_003, 2_003);
    balances.order_changed(at(5), 1, &buy, spot);
    let filled = fill(&mut buy, "0.5", "100", None, 2_007);
    balances.fill(at(5), 1, &buy, &filled);
    balances.order_changed(at(5), 1, &buy, spot);
    let read = BalanceSnapshot { as_of: Some(at(2_005)), ..snapshot(&[("USDT", "1000", "900"), ("BTC", "1", "1")]) };
    assert_eq!(balances.read(at(6), &read, window(2_000, 2_010)), ReadTaken::Taken);
    assert_eq!(of(&balances, "USDT"), (d("950"), d("900")), "half filled after it, half still locked");
    assert_eq!(of(&balances, "BTC"), (d("1.5"), d("1.5")));
    let older = BalanceSnapshot { as_of: Some(at(2_004)), ..snapshot(&[]) };
    assert_eq!(balances.read(at(6), &older, window(2_011, 2_012)), ReadTaken::Taken);
    assert_eq!(of(&balances, "USDT").0, d("950"), "an older one changes nothing");
}

#[test]
fn nobal_04_the_same_millisecond_is_inside_the_read() {
    let mut balances = estimated("900", "900");
    let mut buy = in_state(&order(Side::Buy, "3", Some("100")), OrderState::Open, 1_000, 1_000);
    let same = fill(&mut buy, "1", "100", None, 1_000);
    balances.fill(at(0), 1, &buy, &same);
    balances.order_changed(at(0), 1, &buy, spot);
    assert_eq!((of(&balances, "USDT"), of(&balances, "BTC")), ((d("900"), d("900")), (d("1"), d("1"))));
    let late = fill(&mut buy, "1", "100", None, 1_011);
    balances.fill(at(0), 1, &buy, &late);
    balances.order_changed(at(0), 1, &buy, spot);
    assert_eq!((of(&balances, "USDT"), of(&balances, "BTC")), ((d("800"), d("900")), (d("2"), d("2"))));
}

#[test]
fn nobal_05_a_market_order_locks_a_guess_until_it_closes() {
    let mut balances = estimated("1000", "1000");
    let guess = || LockFormula::Spot { fee: Decimal::ZERO, market_price: Some(Price::new(d("100"))) };
    let mut buy = order(Side::Buy, "2", None);
    balances.order_changed(at(0), 1, &buy, guess);
    assert_eq!(of(&balances, "USDT"), (d("1000"), d("798")));
    let filled = fill(&mut buy, "2", "101", None, 2_000);
    buy.created = Some(at(2_000));
    balances.order_changed(at(0), 1, &buy, guess);
    balances.fill(at(0), 1, &buy, &filled);
    assert_eq!(of(&balances, "USDT"), (d("798"), d("798")));
    let by_quote = Order { amount: Amount::Quote(d("50")), ..order(Side::Buy, "0", None) };
    balances.order_changed(at(0), 2, &by_quote, spot);
    assert_eq!(of(&balances, "USDT"), (d("798"), d("748")), "exactly what may be spent");
    balances.order_changed(at(0), 3, &order(Side::Buy, "2", None), spot);
    assert_eq!(of(&balances, "USDT").1, d("748"), "without any price it holds nothing back");
}

#[test]
fn nobal_06_below_zero_is_shown_as_zero_and_read_again() {
    let mut balances = estimated("100", "100");
    let open = in_state(&order(Side::Buy, "2", Some("100")), OrderState::Open, 2_000, 2_000);
    balances.order_changed(at(7), 1, &open, spot);
    let changes = balances.changes();
    assert!(matches!(changes[..], [AccountChange::Inconsistent { .. }, AccountChange::Balance { .. }]), "{changes:?}");
    assert_eq!(of(&balances, "USDT"), (d("100"), Decimal::ZERO));
    assert!(balances.next_read_due().is_some_and(|due| due <= at(7)), "at once");
    let read = snapshot(&[("USDT", "300", "100"), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(8), &read, window(2_001, 2_010)), ReadTaken::Taken);
    assert_eq!(told(&mut balances), [("USDT".to_owned(), d("300"), d("100"), BalanceReason::Read)]);
    assert_eq!(balances.next_read_due(), Some(at(5_008)), "soon again while an order is live");
}

#[test]
fn nobal_06_an_order_that_may_be_refused_is_no_contradiction() {
    let mut balances = estimated("100", "100");
    let pending = order(Side::Buy, "2", Some("100"));
    balances.order_changed(at(7), 1, &pending, spot);
    assert_eq!(told(&mut balances), [("USDT".to_owned(), d("100"), d("0"), BalanceReason::Trading)]);
    assert_eq!(balances.next_read_due(), Some(at(5_000)), "no sooner than for any live order");
    let refused = Order { state: OrderState::Rejected, ..pending };
    balances.order_changed(at(7), 1, &refused, spot);
    assert_eq!(of(&balances, "USDT"), (d("100"), d("100")));
    assert_eq!(balances.next_read_due(), None, "no order is live");
}

#[test]
fn nobal_07_an_order_accepted_before_the_read_but_known_after_it_is_in_the_read() {
    let mut balances = Balances::new(BalanceMode::Estimated, Vec::new());
    let pending = order(Side::Buy, "1", Some("100"));
    balances.order_changed(at(0), 1, &pending, spot);
    let read = snapshot(&[("USDT", "1000", "850")]);
    assert_eq!(balances.read(at(0), &read, window(1_000, 1_010)), ReadTaken::Taken);
    assert_eq!(of(&balances, "USDT").1, d("750"), "not known to be in it: counted");
    balances.order_changed(at(0), 1, &in_state(&pending, OrderState::Open, 900, 900), spot);
    assert_eq!(of(&balances, "USDT").1, d("850"));
    let external = Order { origin: Origin::External, ..in_state(&pending, OrderState::Cancelled, 800, 1_500) };
    let external = Order { amount: Amount::Base(Quantity::new(d("0.5"))), ..external };
    balances.order_changed(at(0), 2, &external, spot);
    assert_eq!(of(&balances, "USDT").1, d("900"), "somebody else's, live at the read, has ended since");
}

#[test]
fn ord_19_what_self_trade_prevention_takes_off_releases_its_lock() {
    let mut balances = estimated("1000", "1000");
    let mut open = in_state(&order(Side::Buy, "3", Some("100")), OrderState::Open, 1_500, 1_500);
    balances.order_changed(at(0), 1, &open, spot);
    assert_eq!(of(&balances, "USDT").1, d("700"));
    open.prevented = Quantity::new(d("1"));
    open.updated = Some(at(1_600));
    balances.order_changed(at(0), 1, &open, spot);
    assert_eq!(of(&balances, "USDT"), (d("1000"), d("800")));
}

#[test]
fn fill_08_a_fee_in_a_third_asset_lowers_that_asset_and_is_corrected_once() {
    let mut balances = estimated("1000", "1000");
    let mut buy = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 1_500, 1_500);
    let was = fill(&mut buy, "1", "100", Some(("0.001", "BTC")), 1_600);
    balances.fill(at(0), 1, &buy, &was);
    balances.order_changed(at(0), 1, &buy, spot);
    assert_eq!(of(&balances, "BTC").0, d("1.999"));
    let is = Fill { fee: Some(Fee { amount: d("-0.0002"), asset: "BNB".into() }), ..was.clone() };
    balances.fee_corrected(&buy, &was, &is);
    assert_eq!((of(&balances, "BTC").0, of(&balances, "BNB").0), (d("2"), d("0.0002")), "a rebate keeps its sign");
}

#[test]
fn bal_01_a_read_replaces_the_set_in_one_step() {
    let mut balances = estimated("1000", "1000");
    assert_eq!(of(&balances, "DOGE"), (Decimal::ZERO, Decimal::ZERO));
    let read = snapshot(&[("USDT", "1000", "1000"), ("ETH", "3", "3")]);
    assert_eq!(balances.read(at(0), &read, window(3_000, 3_010)), ReadTaken::Taken);
    let expected = [("BTC", "0", "0"), ("ETH", "3", "3")]
        .map(|(asset, total, available)| (asset.to_owned(), d(total), d(available), BalanceReason::Read));
    assert_eq!(told(&mut balances), expected);
}

#[test]
fn bal_05_totals_are_streamed_and_a_read_follows_within_a_second() {
    let mut balances = Balances::new(BalanceMode::Totals, Vec::new());
    let read = snapshot(&[("USDT", "1000", "1000")]);
    assert_eq!(balances.read(at(0), &read, window(1_000, 1_010)), ReadTaken::Taken);
    assert_eq!(balances.next_read_due(), None);
    set(&mut balances, vec![BalanceReport { available: None, ..report("USDT", "1000", "0") }], 1_200);
    balances.order_changed(at(10_000), 1, &order(Side::Buy, "1", Some("100")), spot);
    let due = balances.next_read_due().expect("a read");
    assert!(due > at(10_000) && due <= at(11_000));
    balances.order_changed(at(10_400), 2, &order(Side::Buy, "1", Some("100")), spot);
    assert_eq!(balances.next_read_due(), Some(due), "one for the burst");
    set(&mut balances, vec![BalanceReport { available: None, ..report("USDT", "990", "0") }], 1_500);
    assert_eq!(of(&balances, "USDT"), (d("990"), d("800")));
    assert_eq!(balances.read(at(10_500), &read, window(2_000, 2_010)), ReadTaken::Waits);
    assert_eq!(balances.next_read_due(), None);
}

#[test]
fn bal_06_a_total_that_nothing_explains_is_followed_by_a_read() {
    let mut balances = Balances::new(BalanceMode::Totals, Vec::new());
    let read = snapshot(&[("USDT", "1000", "1000")]);
    assert_eq!(balances.read(at(0), &read, window(1_000, 1_010)), ReadTaken::Taken);
    let total = |total: &str| vec![BalanceReport { available: None, ..report("USDT", total, "0") }];
    set(&mut balances, total("1000"), 1_000);
    assert_eq!(balances.next_read_due(), None, "it is no news");
    set(&mut balances, total("900"), 999);
    assert_eq!((of(&balances, "USDT").0, balances.next_read_due()), (d("1000"), None), "it is of before the read");
    set(&mut balances, total("1050"), 1_000);
    assert_eq!(of(&balances, "USDT"), (d("1050"), d("1000")), "it is of the millisecond of the read");
    assert!(balances.next_read_due().is_some_and(|due| due > at(0) && due <= at(1_000)));
}

#[test]
fn bal_04_a_read_waits_for_what_becomes_of_orders_on_their_way() {
    for (created, free) in [(1_500, "900"), (2_500, "1000")] {
        let mut balances = estimated("1000", "1000");
        let pending = order(Side::Buy, "1", Some("100"));
        balances.order_changed(at(0), 1, &pending, spot);
        balances.order_changed(at(0), 2, &pending, spot);
        let read = snapshot(&[("USDT", "1000", free)]);
        assert_eq!(balances.read(at(0), &read, window(2_000, 2_010)), ReadTaken::Waits);
        assert_eq!(of(&balances, "USDT").1, d("800"), "the lock is taken off once, whether it is in the read or not");
        balances.order_changed(at(0), 1, &in_state(&pending, OrderState::Open, created, created), spot);
        assert_eq!(of(&balances, "USDT").1, d("800"), "one is on its way still");
        balances.order_changed(at(0), 2, &in_state(&pending, OrderState::Rejected, 0, 0), spot);
        assert_eq!((of(&balances, "USDT").1, balances.read_as_of()), (d("900"), Some(at(2_000))));
    }
}

#[test]
fn a_read_that_waited_and_was_not_quiet_is_void() {
    let mut balances = estimated("1000", "1000");
    let pending = order(Side::Buy, "1", Some("100"));
    balances.order_changed(at(0), 1, &pending, spot);
    let read = snapshot(&[("USDT", "1000", "1000")]);
    assert_eq!(balances.read(at(0), &read, window(2_000, 2_010)), ReadTaken::Waits);
    balances.order_changed(at(7), 1, &in_state(&pending, OrderState::Open, 2_005, 2_005), spot);
    assert_eq!((of(&balances, "USDT").1, balances.next_read_due()), (d("900"), Some(at(7))));
}

#[test]
fn bal_06_a_transfer_has_its_reason_and_is_counted_once() {
    let mut balances = estimated("1000", "1000");
    let moved = BalanceUpdate::Moved { asset: "USDT".into(), delta: d("-100"), time: at(2_000) };
    balances.update(at(0), &moved);
    balances.update(at(0), &moved);
    let reason = BalanceReason::Transfer(d("-100"));
    assert_eq!(told(&mut balances), [("USDT".to_owned(), d("900"), d("900"), reason)]);
}

#[test]
fn bal_09_a_budget_caps_what_is_available() {
    let mut balances = estimated("1000", "1000");
    balances.set_budget(&"USDT".into(), d("150"));
    balances.set_budget(&"BTC".into(), Decimal::ZERO);
    assert_eq!((of(&balances, "USDT").1, of(&balances, "BTC").1), (d("150"), d("0")));
    let mut buy = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 1_500, 1_500);
    balances.order_changed(at(0), 1, &buy, spot);
    assert_eq!(of(&balances, "USDT").1, d("50"));
    let others = Order { origin: Origin::External, ..buy.clone() };
    balances.order_changed(at(0), 2, &others, spot);
    assert_eq!(of(&balances, "USDT").1, d("50"), "orders of others do not use it up");
    let half = fill(&mut buy, "0.5", "90", Some(("0.001", "BTC")), 1_600);
    balances.fill(at(0), 1, &buy, &half);
    balances.order_changed(at(0), 1, &buy, spot);
    assert_eq!((of(&balances, "USDT").1, of(&balances, "BTC").1), (d("55"), d("0.499")));
}

#[test]
fn many_movements_between_reads_are_bounded_and_exact() {
    let mut balances = estimated("1000000", "1000000");
    let mut buy = in_state(&order(Side::Buy, "10000", Some("1")), OrderState::Open, 500, 500);
    balances.order_changed(at(0), 1, &buy, spot);
    for time in 0..9_000 {
        let one = fill(&mut buy, "1", "1", None, 2_000 + time);
        balances.fill(at(0), 1, &buy, &one);
    }
    balances.order_changed(at(0), 1, &buy, spot);
    assert_eq!(of(&balances, "USDT"), (d("991000"), d("1000000")));
    assert_eq!(of(&balances, "BTC").0, d("9001"));
}

#[test]
fn bal_01_a_sum_that_needs_more_than_28_digits_is_told_and_never_rounded() {
    let mut balances = estimated("1000000000000000", "1000000000000000");
    let mut sell = in_state(&order(Side::Sell, "1", Some("0.000000000000000001")), OrderState::Open, 1_500, 1_500);
    let sold = fill(&mut sell, "1", "0.000000000000000001", None, 1_600);
    balances.fill(at(0), 1, &sell, &sold);
    let changes = balances.changes();
    assert!(matches!(changes[1], AccountChange::Inconsistent { .. }), "{changes:?}");
    assert_eq!((of(&balances, "BTC").0, of(&balances, "USDT").0), (d("0"), d("1000000000000000")));
    assert!(balances.next_read_due().is_some());
}

/// No stream of balances; reads are answered late, and fall between reports that are late themselves. The estimate is exact whenever
/// nothing is on its way and no read is asked for.
#[test]
fn nobal_01_against_a_small_exchange() {
    for seed in 0..400 {
        let mut exchange = Exchange::new(seed);
        exchange.fees = true;
        let mut client = Client::new(BalanceMode::Estimated);
        let _ = client.read_quietly(&mut exchange);
        let mut reading = None;
        for step in 0..200 {
            match exchange.random.below(9) {
                0 | 1 => client.place(&mut exchange),
                2..=4 => exchange.step(),
                5 | 6 => exchange.stream.pop_front().into_iter().for_each(|message| client.take(message, true)),
                7 if !exchange.replies.is_empty() => {
                    let reply = exchange.replies.remove(0);
                    client.take(reply, false);
                }
                _ => match reading.take() {
                    None => reading = Some((exchange.now, None)),
                    Some((sent, None)) => {
                        let mut snapshot = exchange.snapshot();
                        snapshot.as_of = (seed % 3 == 0).then(|| at(exchange.now));
                        // Nothing else happens in the millisecond that an own time names.
                        exchange.now += i64::from(seed % 3 == 0);
                        reading = Some((sent, Some(snapshot)));
                    }
                    Some((sent, Some(snapshot))) => {
                        let _ = client.balances.read(at(0), &snapshot, window(sent, exchange.now));
                    }
                },
            }
            if step % 40 == 39 {
                client.catch_up(&mut exchange);
                if client.balances.next_read_due().is_some() || basis(&client.balances, "USDT") == Basis::Provisional {
                    assert_eq!(client.read_quietly(&mut exchange), ReadTaken::Taken, "seed {seed}");
                    reading = None;
                }
                client.balances.changes();
                client.assert_exact(&exchange, &format!("seed {seed}, step {step}"));
            }
        }
    }
}
