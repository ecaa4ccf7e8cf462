//! Fees: what they are taken from, discounts, rebates.

use super::*;
use crate::accounts::{CommissionRates, Rates};
use crate::faults::FaultKind;

fn set(bench: &Bench, change: impl FnOnce(&mut CommissionRates)) {
    let mut accounts = bench.exchange.accounts.lock();
    change(&mut accounts.account_mut(bench.main).unwrap().rates);
}

/// Sells 1 AAA of `main` for 100 USD as taker; the fee and its asset.
fn sold(bench: &Bench) -> (Decimal, String) {
    bench.against(Side::Buy, "100", "1");
    bench.limit(Side::Sell, "100", "1");
    let fill = bench.fills(bench.main).pop().unwrap();
    (fill.commission, fill.commission_asset.to_string())
}

#[test]
fn fees_are_taken_from_what_is_received_and_rounded_down() {
    let bench = Bench::new();
    set(&bench, |rates| {
        rates.standard = Rates::new(d("0.0002"), d("0.00075"));
        rates.special.taker = d("0.0001");
        rates.tax.seller = d("0.00000000123");
    });
    assert_eq!(sold(&bench), (d("0.08500012"), "USD".to_owned()));
    bench.limit(Side::Buy, "100", "1");
    bench.against(Side::Sell, "100", "1");
    let fill = bench.fills(bench.main).pop().unwrap();
    assert_eq!((fill.maker, fill.commission, &*fill.commission_asset), (true, d("0.0002"), "AAA"));
}

#[test]
fn a_discount_needs_enough_of_its_asset() {
    let bench = Bench::new();
    set(&bench, |rates| rates.discount.enabled = true);
    assert_eq!(sold(&bench), (d("0.1"), "USD".to_owned()), "no BNB, no discount");
    bench.exchange.deposit(bench.main, "BNB", d("0.0001"));
    assert_eq!(sold(&bench), (d("0.1"), "USD".to_owned()), "there is no part payment");
    bench.exchange.deposit(bench.main, "BNB", d("1"));
    assert_eq!(sold(&bench), (d("0.00015"), "BNB".to_owned()), "75 % of 0.1 USD at 500");
    assert_eq!(bench.has(bench.main, "BNB").0, "0.99995");
}

#[test]
fn faults_change_the_fee() {
    let bench = Bench::new();
    bench.exchange.deposit(bench.main, "BNB", d("1"));
    bench.inject(Fault::new(FaultKind::FeeAsset { asset: "BNB".to_owned() }).account("main"));
    assert_eq!(sold(&bench), (d("0.0002"), "BNB".to_owned()));
    bench.inject(Fault::new(FaultKind::Rebate { rate: d("0.0001") }).account("main").times(1));
    let before = bench.has(bench.main, "USD").0;
    assert_eq!(sold(&bench), (d("-0.01"), "USD".to_owned()));
    assert_eq!(bench.has(bench.main, "USD").0.parse::<Decimal>().unwrap() - d(&before), d("100.01"));
    assert_eq!(sold(&bench), (d("0.1"), "USD".to_owned()));
}
