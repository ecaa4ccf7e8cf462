use std::sync::Arc;

use tradewire_core::{FundingReport, PositionSide, Source};

use super::*;

const HOUR: i64 = 3_600_000;

fn paid(id: Option<&str>, amount: &str, time: i64) -> FundingReport {
    FundingReport {
        symbol: "BTCUSDT".into(),
        side: None,
        id: id.map(str::to_owned),
        asset: "USDT".into(),
        amount: d(amount),
        rate: None,
        size: None,
        time: at(time),
    }
}

fn take(payments: &mut FundingPayments, report: FundingReport) -> bool {
    payments.take(report, None, Source::Rest).is_some()
}

#[test]
fn each_comes_once_by_its_id() {
    let mut payments = FundingPayments::default();
    assert!(take(&mut payments, paid(Some("1"), "-0.5", HOUR)));
    assert!(!take(&mut payments, paid(Some("1"), "-0.5", HOUR)));
    assert!(take(&mut payments, paid(Some("2"), "-0.5", HOUR)), "another of the same amount");
    assert!(take(&mut payments, paid(Some("3"), "-0.5", 9 * HOUR)));
}

#[test]
fn without_an_id_instrument_side_and_time_name_it() {
    let mut payments = FundingPayments::default();
    let side = |side| FundingReport { side: Some(side), ..paid(None, "1", HOUR) };
    assert!(take(&mut payments, side(PositionSide::Long)));
    assert!(take(&mut payments, side(PositionSide::Short)));
    assert!(!take(&mut payments, side(PositionSide::Long)));
    assert!(!take(&mut payments, FundingReport { amount: d("2"), ..side(PositionSide::Long) }));
}

#[test]
fn a_source_with_ids_and_one_without_tell_one_payment() {
    for (first, second) in [(None, Some("77")), (Some("77"), None)] {
        let mut payments = FundingPayments::default();
        assert!(take(&mut payments, paid(first, "-0.5", HOUR)));
        assert!(!take(&mut payments, paid(second, "-0.5", HOUR + 900)));
        assert!(take(&mut payments, paid(second, "-0.5", 9 * HOUR)), "the next funding");
    }
}

#[test]
fn a_cursor_moves_with_what_was_read_and_survives() {
    let symbol: Arc<str> = "BTCUSDT".into();
    let mut payments = FundingPayments::default();
    let start = at(10 * HOUR);
    assert_eq!(payments.from(&symbol, start), at(10 * HOUR - 60_000), "the first read");
    assert_eq!(payments.from(&symbol, at(20 * HOUR)), at(10 * HOUR - 60_000), "nothing was read yet");
    let told = payments.take(paid(Some("5"), "1", 18 * HOUR), None, Source::Rest).expect("new");
    let fact = payments.read(&symbol, at(20 * HOUR));
    assert_eq!(payments.from(&symbol, at(21 * HOUR)), at(20 * HOUR - 600_000));
    let mut restored = FundingPayments::restore(vec![told], &[fact, ("else".into(), "1 2".into())]);
    assert_eq!(restored.from(&symbol, at(30 * HOUR)), at(20 * HOUR - 600_000));
    assert!(!take(&mut restored, paid(Some("5"), "1", 18 * HOUR)));
    assert_eq!(restored.symbols().count(), 1);
}

#[test]
fn payments_are_read_after_each_funding_and_at_least_every_ten_minutes() {
    let mut payments = FundingPayments::default();
    assert_eq!(payments.next_read_due(), None);
    payments.expect(at(8 * HOUR));
    payments.read_all(at(8 * HOUR - 300_000));
    assert_eq!(payments.next_read_due(), Some(at(8 * HOUR + 60_000)));
    payments.expect(at(8 * HOUR));
    payments.expect(at(16 * HOUR));
    payments.read_all(at(8 * HOUR + 59_000));
    assert_eq!(payments.next_read_due(), Some(at(8 * HOUR + 60_000)), "too early");
    payments.read_all(at(8 * HOUR + 60_000));
    assert_eq!(payments.next_read_due(), Some(at(8 * HOUR + 660_000)));
    payments.expect(at(8 * HOUR));
    assert_eq!(payments.next_read_due(), Some(at(8 * HOUR + 660_000)), "it is over");
}
