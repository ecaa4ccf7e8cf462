use super::model::{Client, Exchange, Message};
use super::*;

fn streamed() -> Balances {
    let mut balances = Balances::new(BalanceMode::Streamed, Vec::new());
    let read = snapshot(&[("USDT", "1000", "1000"), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(0), &read, window(1_000, 1_010)), ReadTaken::Taken);
    assert_eq!(told(&mut balances).len(), 2);
    balances
}

#[test]
fn bal_04_a_lock_counts_until_the_exchanges_figure_includes_it() {
    let mut balances = streamed();
    let pending = order(Side::Buy, "1", Some("100"));
    balances.order_changed(at(0), 1, &pending, spot);
    assert_eq!(told(&mut balances), [("USDT".to_owned(), d("1000"), d("900"), BalanceReason::Trading)]);
    let open = in_state(&pending, OrderState::Open, 2_000, 2_000);
    balances.order_changed(at(50), 1, &open, spot);
    assert_eq!(of(&balances, "USDT").1, d("900"), "the reply: the figure is still the old one");
    assert_eq!(balances.next_read_due(), Some(at(1_050)), "unless the stream tells it soon");
    balances.shown_on_stream(1);
    set(&mut balances, vec![report("USDT", "1000", "900"), report("BTC", "1", "1")], 2_000);
    assert_eq!((of(&balances, "USDT").1, balances.next_read_due()), (d("900"), None));
    assert!(told(&mut balances).is_empty(), "nothing has changed");
    let cancelled = in_state(&open, OrderState::Cancelled, 2_000, 3_000);
    balances.order_changed(at(60), 1, &cancelled, spot);
    assert_eq!(of(&balances, "USDT").1, d("900"), "the figure still holds the lock");
    set(&mut balances, vec![report("USDT", "1000", "1000")], 3_000);
    assert_eq!(of(&balances, "USDT").1, d("1000"));
}

#[test]
fn bal_04_a_refusal_releases_at_once_and_an_unknown_outcome_never() {
    let mut balances = streamed();
    let mut pending = order(Side::Sell, "0.4", Some("100"));
    balances.order_changed(at(0), 1, &pending, spot);
    assert_eq!(of(&balances, "BTC"), (d("1"), d("0.6")));
    pending.outcome_unknown_since = Some(at(0));
    balances.order_changed(at(0), 1, &pending, spot);
    set(&mut balances, vec![report("BTC", "1", "1")], 5_000);
    let read = snapshot(&[("USDT", "1000", "1000"), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(0), &read, window(6_000, 6_010)), ReadTaken::Taken);
    assert_eq!((of(&balances, "BTC").1, balances.next_read_due()), (d("0.6"), None));
    pending.state = OrderState::Rejected;
    balances.order_changed(at(0), 1, &pending, spot);
    assert_eq!(of(&balances, "BTC").1, d("1"));
}

#[test]
fn bal_04_the_balances_of_another_order_of_the_same_millisecond_do_not_release() {
    let mut balances = streamed();
    for number in [1, 2] {
        let open = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 2_000, 2_000);
        balances.order_changed(at(0), number, &open, spot);
    }
    balances.shown_on_stream(1);
    set(&mut balances, vec![report("USDT", "1000", "900")], 2_000);
    assert_eq!(of(&balances, "USDT").1, d("800"));
    balances.shown_on_stream(2);
    set(&mut balances, vec![report("USDT", "1000", "800")], 2_000);
    assert_eq!(of(&balances, "USDT").1, d("800"));
}

#[test]
fn bal_04_what_a_fill_took_is_counted_until_the_figure_shows_it() {
    let mut balances = streamed();
    let mut buy = order(Side::Buy, "1", Some("100"));
    balances.order_changed(at(0), 1, &buy, spot);
    fill(&mut buy, "1", "95", None, 2_000);
    buy.created = Some(at(2_000));
    balances.order_changed(at(0), 1, &buy, spot);
    balances.shown_on_stream(1);
    assert_eq!(of(&balances, "USDT").1, d("905"), "filled, and the figure does not know it");
    set(&mut balances, vec![report("USDT", "905", "905"), report("BTC", "2", "2")], 2_000);
    assert_eq!((of(&balances, "USDT"), balances.next_read_due()), ((d("905"), d("905")), None));
}

#[test]
fn bal_08_a_read_mends_what_the_stream_missed() {
    let mut balances = streamed();
    let open = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 2_000, 2_000);
    balances.order_changed(at(100), 1, &open, spot);
    let read = snapshot(&[("USDT", "1000", "900"), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(1_100), &read, window(2_000, 2_010)), ReadTaken::Taken);
    assert_eq!(of(&balances, "USDT").1, d("800"), "sent in the very millisecond: perhaps not in it");
    assert_eq!(balances.next_read_due(), Some(at(2_100)), "not at once again");
    assert_eq!(balances.read(at(2_100), &read, window(3_000, 3_010)), ReadTaken::Taken);
    assert_eq!((of(&balances, "USDT").1, balances.next_read_due()), (d("900"), None));
}

#[test]
fn bal_08_a_word_that_seems_older_than_a_read_makes_another_read_due() {
    let mut balances = streamed();
    set(&mut balances, vec![report("BTC", "1", "1")], 880);
    assert_eq!(balances.next_read_due(), None, "it says the same");
    set(&mut balances, vec![report("USDT", "1000", "900")], 880);
    assert_eq!(of(&balances, "USDT").1, d("1000"), "the read is taken to be newer");
    assert_eq!(balances.next_read_due(), Some(at(0)), "which depends on how well the exchange's clock is known");
    let read = snapshot(&[("USDT", "1000", "900"), ("BTC", "1", "1")]);
    assert_eq!(balances.read(at(20), &read, window(1_020, 1_030)), ReadTaken::Taken);
    assert_eq!((of(&balances, "USDT").1, balances.next_read_due()), (d("900"), None));
}

#[test]
fn bal_02_and_bal_03_older_values_never_replace_newer_ones_of_an_asset() {
    let mut balances = streamed();
    set(&mut balances, vec![report("USDT", "700", "700")], 5_000);
    set(&mut balances, vec![report("USDT", "800", "800"), report("BTC", "2", "2")], 4_000);
    assert_eq!((of(&balances, "USDT").0, of(&balances, "BTC").0), (d("700"), d("2")));
    let read = snapshot(&[("USDT", "900", "900")]);
    assert_eq!(balances.read(at(0), &read, window(4_500, 5_500)), ReadTaken::Taken);
    assert_eq!((of(&balances, "USDT").0, of(&balances, "BTC").0), (d("700"), d("0")));
}

#[test]
fn bal_06_a_transfer_is_told_once_whichever_comes_first() {
    for values_first in [false, true] {
        let mut balances = streamed();
        let moved = BalanceUpdate::Moved { asset: "USDT".into(), delta: d("50"), time: at(2_000) };
        let mut told_of = Vec::new();
        if values_first {
            set(&mut balances, vec![report("USDT", "1050", "1050")], 2_000);
        }
        balances.update(at(0), &moved);
        told_of.extend(told(&mut balances));
        set(&mut balances, vec![report("USDT", "1050", "1050")], 2_000);
        told_of.extend(told(&mut balances));
        let reason = BalanceReason::Transfer(d("50"));
        assert_eq!(told_of, [("USDT".to_owned(), d("1050"), d("1050"), reason)], "values first: {values_first}");
    }
}

#[test]
fn after_a_restart_what_was_told_holds_until_the_exchange_says_more() {
    let before = Balance {
        asset: "USDT".into(),
        total: d("1000"),
        available: d("900"),
        basis: Basis::Reported,
        time: at(9_000),
    };
    let mut balances = Balances::new(BalanceMode::Streamed, vec![before.clone()]);
    let open = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 500, 500);
    balances.order_changed(at(0), 1, &open, spot);
    assert!(balances.changes().is_empty());
    assert_eq!(balances.balance(&"USDT".into()), before);
    let read = snapshot(&[("USDT", "1000", "900")]);
    assert_eq!(balances.read(at(0), &read, window(1_000, 1_010)), ReadTaken::Taken);
    assert!(told(&mut balances).is_empty(), "as it was told, though the exchange's clock went back");
    assert_eq!(balances.read(at(0), &snapshot(&[]), window(2_000, 2_010)), ReadTaken::Taken);
    assert_eq!(told(&mut balances), [("USDT".to_owned(), d("0"), d("0"), BalanceReason::Read)]);
}

/// Reports, balances, replies and reads come late and in any order between their wires; balances of the stream may be lost. What is
/// shown as available is never more than there is once all orders have arrived, and is exact when all is known.
#[test]
fn bal_04_against_a_small_exchange() {
    for seed in 0..400 {
        let mut exchange = Exchange::new(seed);
        let mut client = Client::new(BalanceMode::Streamed);
        let _ = client.read_quietly(&mut exchange);
        let lossy = seed % 2 == 1;
        let mut reading = None;
        for step in 0..150 {
            let context = format!("seed {seed}, step {step}");
            match exchange.random.below(8) {
                0 | 1 => client.place(&mut exchange),
                2 | 3 => exchange.step(),
                4 | 5 => match exchange.stream.pop_front() {
                    Some(Message::Set(..)) if lossy && exchange.random.below(3) == 0 => {}
                    Some(message) => client.take(message, true),
                    None => {}
                },
                6 if !exchange.replies.is_empty() => {
                    let which = exchange.random.below(exchange.replies.len());
                    let reply = exchange.replies.remove(which);
                    client.take(reply, false);
                }
                _ => match reading.take() {
                    None => reading = Some((exchange.now, None)),
                    Some((sent, None)) => reading = Some((sent, Some(exchange.snapshot()))),
                    Some((sent, Some(snapshot))) => {
                        let _ = client.balances.read(at(0), &snapshot, window(sent, exchange.now));
                    }
                },
            }
            client.balances.changes();
            client.assert_never_more(&exchange, &context);
        }
        client.catch_up(&mut exchange);
        if lossy {
            let _ = client.read_quietly(&mut exchange);
        }
        client.assert_exact(&exchange, &format!("seed {seed}"));
        assert_eq!(client.balances.next_read_due(), None, "seed {seed}");
    }
}
