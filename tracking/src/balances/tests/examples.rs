use super::*;

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
    let mut balances = Balances::new(BalanceMode::Estimated, Vec::new());
    let usdt = Asset::from("USDT");
    let margin = |reduce_only| {
        let (collateral, leverage) = (usdt.clone(), Decimal::TEN);
        move || LockFormula::Margin { collateral, leverage, reduce_only, market_price: None }
    };
    let now = at(0);
    assert_eq!(balances.read(now, &snapshot(&[("USDT", "1000", "1000")]), window(10, 20)), ReadTaken::Taken);
    let mut buy = in_state(&order(Side::Buy, "0.1", Some("30000")), OrderState::Open, 30, 30);
    balances.order_changed(now, 1, &buy, margin(false));
    assert_eq!(of(&balances, "USDT").1, d("700"));

    // Realised profit less fee moves total; the position's share of the collateral moves available alone.
    let settle = |realised: &str, fee: &str, tied: &str| Movement {
        asset: Asset::from("USDT"),
        total: d(realised) - d(fee),
        available: d(realised) - d(fee) - d(tied),
    };
    let bought = fill(&mut buy, "0.1", "30000", None, 40);
    balances.order_changed(now, 1, &buy, margin(false));
    balances.settled(now, 1, &bought, &[settle("0", "1.5", "300")]);
    assert_eq!(of(&balances, "USDT").1, d("698.5"));

    let mut sell = in_state(&order(Side::Sell, "0.1", Some("31000")), OrderState::Open, 50, 50);
    balances.order_changed(now, 2, &sell, margin(true));
    assert_eq!(of(&balances, "USDT").1, d("698.5"), "reduce-only holds nothing back");
    let sold = fill(&mut sell, "0.1", "31000", None, 60);
    balances.settled(now, 2, &sold, &[settle("100", "1.55", "-300")]);
    balances.order_changed(now, 2, &sell, margin(true));
    assert_eq!(of(&balances, "USDT"), (d("1096.95"), d("1096.95")));
}
