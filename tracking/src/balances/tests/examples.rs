use tradewire_core::{Contract, FundingPayment};

use super::*;
use crate::Positions;

/// 12:00:00, the time of the read; any instant does.
const NOON: i64 = 1_700_000_000_000;

#[test]
fn the_spot_example() {
    let mut balances = Balances::new(BalanceMode::Estimated, Vec::new());
    let now = at(0);
    // A is for 0.15, of which 0.05 was filled before the read and is told after it.
    let mut a = in_state(&order(Side::Buy, "0.15", Some("40000")), OrderState::Open, NOON - 5_000, NOON - 5_000);
    let mut b = in_state(&order(Side::Sell, "0.3", Some("42000")), OrderState::Open, NOON - 4_000, NOON - 4_000);
    balances.order_changed(now, 1, &a, spot);
    balances.order_changed(now, 2, &b, spot);
    let read = snapshot(&[("USDT", "10000", "6000"), ("BTC", "1.0", "0.7"), ("BNB", "0.5", "0.5")]);
    assert_eq!(balances.read(now, &read, window(NOON, NOON + 20)), ReadTaken::Taken);
    assert_eq!(of(&balances, "USDT"), (d("10000"), d("6000")));

    let early = fill(&mut a, "0.05", "40000", None, NOON - 1);
    balances.fill(now, 1, &a, &early);
    balances.order_changed(now, 1, &a, spot);
    assert_eq!(of(&balances, "USDT"), (d("10000"), d("6000")), "inside the read");
    assert_eq!(of(&balances, "BTC"), (d("1"), d("0.7")));

    for (quantity, price, fee, time) in
        [("0.04", "39990", ("0.00004", "BTC"), NOON + 1_000), ("0.01", "40000", ("0.0005", "BNB"), NOON + 2_000)]
    {
        let one = fill(&mut a, quantity, price, Some(fee), time);
        balances.order_changed(now, 1, &a, spot);
        balances.fill(now, 1, &a, &one);
    }
    let sold = fill(&mut b, "0.1", "42000", Some(("4.2", "USDT")), NOON + 3_000);
    balances.fill(now, 2, &b, &sold);
    balances.order_changed(now, 2, &b, spot);
    b = in_state(&b, OrderState::Cancelled, NOON - 4_000, NOON + 4_000);
    balances.order_changed(now, 2, &b, spot);
    let c = in_state(&order(Side::Buy, "0.05", Some("38000")), OrderState::Open, NOON + 5_000, NOON + 5_000);
    balances.order_changed(now, 3, &c, spot);
    let mut unknown = order(Side::Sell, "0.02", Some("43000"));
    unknown.outcome_unknown_since = Some(at(NOON + 6_000));
    balances.order_changed(now, 4, &unknown, spot);

    assert_eq!(of(&balances, "USDT"), (d("12196.2"), d("8296.2")));
    assert_eq!(of(&balances, "BTC"), (d("0.94996"), d("0.92996")));
    assert_eq!(of(&balances, "BNB"), (d("0.4995"), d("0.4995")));
    assert_eq!(told(&mut balances).len(), 3, "one change an asset, however much happened");
    assert!(balances.changes().is_empty());
}

#[test]
fn the_perpetual_example() {
    let mut account = Perpetual::flat("1000", "10");
    let mut buy = in_state(&order(Side::Buy, "0.1", Some("30000")), OrderState::Open, 30, 30);
    account.order(1, &buy);
    assert_eq!(account.usdt().1, d("700"));
    let bought = fill(&mut buy, "0.1", "30000", Some(("1.5", "USDT")), 40);
    account.filled(1, &buy, &bought);
    assert_eq!(account.usdt(), (d("998.5"), d("698.5")));

    let mut sell = in_state(&order(Side::Sell, "0.1", Some("31000")), OrderState::Open, 50, 50);
    sell.reduce_only = true;
    account.order(2, &sell);
    assert_eq!(account.usdt().1, d("698.5"), "reduce-only holds nothing back");
    let sold = fill(&mut sell, "0.1", "31000", Some(("1.55", "USDT")), 60);
    account.filled(2, &sell, &sold);
    assert_eq!(account.usdt(), (d("1096.95"), d("1096.95")));
}

#[test]
fn a_position_that_is_turned_over_ties_up_what_the_new_one_needs() {
    let mut account = Perpetual::flat("1000", "3");
    let mut buy = in_state(&order(Side::Buy, "1", Some("100")), OrderState::Open, 30, 30);
    let bought = fill(&mut buy, "1", "100", None, 40);
    account.filled(1, &buy, &bought);
    assert_eq!(account.usdt(), (d("1000"), d("966.666666666667")));
    let mut sell = in_state(&order(Side::Sell, "4", Some("110")), OrderState::Open, 50, 50);
    let sold = fill(&mut sell, "4", "110", None, 60);
    account.filled(2, &sell, &sold);
    assert_eq!(account.usdt(), (d("1010"), d("900")), "10 realised, 330 / 3 tied up");
    let mut back = in_state(&order(Side::Buy, "3", Some("110")), OrderState::Open, 70, 70);
    let bought = fill(&mut back, "3", "110", None, 80);
    account.filled(3, &back, &bought);
    assert_eq!(account.usdt(), (d("1010"), d("1010")), "all is given back");
}

#[test]
fn a_funding_payment_moves_the_balance_for_that_reason() {
    let mut account = Perpetual::flat("1000", "10");
    told(&mut account.balances);
    let payment = FundingPayment {
        symbol: "BTCUSDT".into(),
        pair: None,
        side: None,
        id: "1".to_owned(),
        asset: Asset::from("USDT"),
        amount: d("-0.25"),
        rate: None,
        size: None,
        time: at(100),
        source: Source::Stream,
    };
    account.balances.paid(&payment);
    let funded = [("USDT".to_owned(), d("999.75"), d("999.75"), BalanceReason::Funding)];
    assert_eq!(told(&mut account.balances), funded);
}

/// An account that trades one contract, with the collateral estimated.
struct Perpetual {
    balances: Balances,
    positions: Positions,
    leverage: Decimal,
}

impl Perpetual {
    fn flat(usdt: &str, leverage: &str) -> Self {
        let mut balances = Balances::new(BalanceMode::Totals, Vec::new());
        assert_eq!(balances.read(at(0), &snapshot(&[("USDT", usdt, usdt)]), window(10, 20)), ReadTaken::Taken);
        Self { balances, positions: Positions::restore(Vec::new(), true), leverage: d(leverage) }
    }

    fn order(&mut self, number: u64, order: &Order) {
        let (collateral, leverage, reduce_only) = (Asset::from("USDT"), self.leverage, order.reduce_only);
        let margin = move || LockFormula::Margin { collateral, leverage, reduce_only, market_price: None };
        self.balances.order_changed(at(0), number, order, margin);
    }

    fn filled(&mut self, number: u64, order: &Order, fill: &Fill) {
        let contract =
            Contract { settle: "USDT".into(), size: Decimal::ONE, max_leverage: None, funding_interval: None };
        let settled = self.positions.fill(at(0), fill);
        self.order(number, order);
        let moved = Movement::of_contract(&contract, fill, settled, Some(self.leverage));
        self.balances.settled(at(0), number, fill, &moved);
    }

    fn usdt(&self) -> (Decimal, Decimal) {
        of(&self.balances, "USDT")
    }
}
