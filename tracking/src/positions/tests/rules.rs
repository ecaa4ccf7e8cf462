use super::*;
use crate::ReadWindow;

fn key(side: Option<PositionSide>) -> PositionKey {
    PositionKey { symbol: "BTCUSDT".into(), side }
}

fn window(sent: i64) -> ReadWindow {
    ReadWindow { sent: at(sent), received: at(sent + 20) }
}

/// Positions that were read, and are flat.
fn flat() -> Positions {
    let mut positions = Positions::default();
    positions.instrument(&instrument("BTCUSDT"));
    positions.read(at(0), Vec::new(), window(0), Trust::Whole);
    positions
}

fn sizes(positions: &mut Positions) -> Vec<Decimal> {
    told(positions).iter().map(|position| position.size).collect()
}

fn buy(positions: &mut Positions, quantity: &str, price: &str, time: i64) -> Option<Settled> {
    positions.fill(at(time), &fill("BTCUSDT", Side::Buy, None, quantity, price, time))
}

fn sell(positions: &mut Positions, quantity: &str, price: &str, time: i64) -> Option<Settled> {
    positions.fill(at(time), &fill("BTCUSDT", Side::Sell, None, quantity, price, time))
}

#[test]
fn fills_move_a_position_and_a_report_of_the_same_tells_nothing_more() {
    let mut positions = flat();
    let settled = buy(&mut positions, "0.5", "30000", 100).expect("counted");
    assert_eq!(settled, Settled { realised: Some(d("0")), before: Some(d("0")), after: Some(d("15000")) });
    let shown = told(&mut positions);
    assert_eq!((shown[0].size, shown[0].entry_price), (d("0.5"), Some(Price::new(d("30000")))));
    positions.report(at(110), report("0.5", Some("30000.00000"), 100));
    assert!(told(&mut positions).is_empty());
    let settled = sell(&mut positions, "0.8", "31000", 200).expect("counted");
    assert_eq!(settled.realised, Some(d("500")));
    let shown = told(&mut positions);
    assert_eq!((shown[0].size, shown[0].realised_profit), (d("-0.3"), d("500")));
}

#[test]
fn a_report_that_comes_before_its_fill_waits_for_it() {
    let mut positions = flat();
    positions.report(
        at(100),
        PositionReport { liquidation_price: Some(Price::new(d("20000"))), ..report("0.5", Some("30000"), 100) },
    );
    assert!(told(&mut positions).is_empty(), "first the fill, then the position");
    buy(&mut positions, "0.5", "30000", 100);
    let shown = told(&mut positions);
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].size, shown[0].liquidation_price), (d("0.5"), Some(Price::new(d("20000")))));
    assert_eq!(positions.next_read_due(), None);
}

#[test]
fn an_older_report_does_not_undo_a_fill() {
    let mut positions = flat();
    buy(&mut positions, "0.5", "30000", 100);
    buy(&mut positions, "0.5", "30000", 200);
    assert_eq!(sizes(&mut positions), [d("1")]);
    positions.report(at(210), report("0.5", Some("30000"), 100));
    positions.read(at(220), vec![report("0.5", Some("30000"), 100)], window(215), Trust::Whole);
    assert!(told(&mut positions).is_empty());
    assert_eq!(positions.position(&key(None), |_| None).expect("known").size, d("1"));
}

#[test]
fn of_one_instant_a_report_that_lags_changes_nothing_and_is_forgotten_with_the_next() {
    let mut positions = flat();
    buy(&mut positions, "0.5", "30000", 100);
    buy(&mut positions, "0.2", "30000", 100);
    sizes(&mut positions);
    positions.report(at(101), report("0.5", Some("30000"), 100));
    assert!(told(&mut positions).is_empty());
    assert_eq!(positions.next_read_due(), Some(at(5_101)));
    positions.report(at(102), report("0.7", Some("30000"), 100));
    assert_eq!(positions.next_read_due(), None);
    assert!(told(&mut positions).is_empty());
}

#[test]
fn what_fills_do_not_explain_is_read_and_then_taken() {
    let mut positions = flat();
    positions.report(at(100), report("2", Some("100"), 100));
    assert_eq!(positions.next_read_due(), Some(at(5_100)));
    positions.read(at(2_000), vec![report("2", Some("100"), 100)], window(1_990), Trust::Beside);
    assert!(told(&mut positions).is_empty(), "a fill may be on its way");
    positions.read(at(5_100), vec![report("2", Some("100"), 100)], window(5_090), Trust::Beside);
    assert_eq!(sizes(&mut positions), [d("2")]);
    assert_eq!(buy(&mut positions, "2", "100", 100), None, "it is in the size");
    assert!(told(&mut positions).is_empty());
    buy(&mut positions, "1", "100", 101);
    assert_eq!(sizes(&mut positions), [d("3")]);
}

#[test]
fn the_first_read_counts_what_was_traded_before_it() {
    let mut positions = Positions::default();
    positions.instrument(&instrument("BTCUSDT"));
    assert_eq!(buy(&mut positions, "1", "100", 50), None);
    assert!(told(&mut positions).is_empty());
    positions.read(at(60), vec![report("3", Some("110"), 50)], window(55), Trust::Beside);
    assert_eq!(sizes(&mut positions), [d("3")]);
}

#[test]
fn a_list_replaces_the_set_and_each_key_is_alone() {
    let mut positions = flat();
    let side = |side, size| PositionReport { side: Some(side), ..report(size, Some("100"), 10) };
    let both = vec![side(PositionSide::Long, "2"), side(PositionSide::Short, "-3")];
    positions.read(at(20), both, window(15), Trust::Whole);
    assert_eq!(sizes(&mut positions), [d("2"), d("-3")]);
    positions.report(at(30), side(PositionSide::Short, "-3"));
    let long = |side, quantity, time| fill("BTCUSDT", side, Some(PositionSide::Long), quantity, "100", time);
    positions.fill(at(40), &long(Side::Sell, "2", 40));
    let shown = told(&mut positions);
    assert_eq!(shown.len(), 1, "a zero on one side leaves the other");
    assert_eq!((shown[0].side, shown[0].size, shown[0].entry_price), (Some(PositionSide::Long), d("0"), None));
    positions.read(at(60), Vec::new(), window(55), Trust::Whole);
    assert_eq!(sizes(&mut positions), [d("0")], "the short one has vanished");
    assert!(positions.open().next().is_none());
}

#[test]
fn an_older_list_never_replaces_a_newer_one() {
    let mut positions = flat();
    positions.read(at(200), vec![report("2", Some("100"), 150)], window(180), Trust::Whole);
    assert_eq!(sizes(&mut positions), [d("2")]);
    positions.read(at(210), Vec::new(), window(100), Trust::Whole);
    assert!(told(&mut positions).is_empty());
}

#[test]
fn a_mark_price_values_a_position_and_is_no_news() {
    let mut positions = flat();
    buy(&mut positions, "2", "100", 10);
    told(&mut positions);
    positions.report(at(20), PositionReport { mark_price: Some(Price::new(d("105"))), ..report("2", Some("100"), 20) });
    assert!(told(&mut positions).is_empty());
    let of_report = positions.position(&key(None), |_| None).expect("known");
    assert_eq!(of_report.unrealised_profit, Some(d("10")));
    let of_market = positions.position(&key(None), |_| Some((Price::new(d("90")), at(30)))).expect("known");
    assert_eq!((of_market.mark_price, of_market.unrealised_profit), (Some(Price::new(d("90"))), Some(d("-20"))));
    positions.read(at(60), vec![report("2", Some("100"), 50)], window(55), Trust::Beside);
    let untold = positions.position(&key(None), |_| Some((Price::new(d("90")), at(30)))).expect("known");
    assert_eq!(untold.mark_price, Some(Price::new(d("90"))), "an older one is better than none");
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut positions = flat();
    buy(&mut positions, "1", "100", 10);
    buy(&mut positions, "2", "100.01", 20);
    sell(&mut positions, "1", "101", 30);
    let saved = told(&mut positions);
    let mut restored = Positions::restore(saved, true);
    restored.instrument(&instrument("BTCUSDT"));
    for positions in [&mut positions, &mut restored] {
        sell(positions, "2", "101", 40);
    }
    let (unbroken, restarted) = (told(&mut positions), told(&mut restored));
    assert_eq!(unbroken, restarted);
    assert_eq!(unbroken[0].realised_profit, d("2.98"));
}
