//! Request limits: weights, windows, refusals, bans.

mod support;

use std::time::Duration;

use support::{Client, get};
use tradewire_simulator::{Config, Fault, FaultKind, Flow, Limits, Simulator, Timestamp};

/// A simulator whose clock stands at the start of a minute.
async fn at_full_minute(limits: Limits) -> Simulator {
    let start_time = Some(Timestamp::from_millis(1_700_000_040_000));
    Simulator::start(Config { flow: Flow::Off, limits, start_time, ..Config::default() }).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn weights_are_those_of_the_table() {
    let simulator = at_full_minute(Limits::default()).await;
    let mut sum = 0;
    for (path, weight) in [
        ("/api/v3/ping", 1),
        ("/api/v3/time", 1),
        ("/api/v3/exchangeInfo", 20),
        ("/api/v3/depth?symbol=BTCUSDT", 5),
        ("/api/v3/depth?symbol=BTCUSDT&limit=100", 5),
        ("/api/v3/depth?symbol=BTCUSDT&limit=101", 25),
        ("/api/v3/depth?symbol=BTCUSDT&limit=1000", 50),
        ("/api/v3/depth?symbol=BTCUSDT&limit=5000", 250),
        ("/api/v3/depth?symbol=NOSUCH", 5),
        ("/api/v3/trades?symbol=BTCUSDT", 25),
        ("/api/v3/aggTrades?symbol=BTCUSDT", 4),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m", 2),
        ("/api/v3/ticker/24hr?symbol=BTCUSDT", 2),
        ("/api/v3/ticker/24hr", 80),
        ("/api/v3/ticker?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D", 8),
        ("/api/v3/ticker/price?symbol=BTCUSDT", 2),
        ("/api/v3/ticker/bookTicker", 4),
    ] {
        sum += weight;
        let answer = get(&simulator, path).await;
        assert_eq!(answer.header("x-mbx-used-weight-1m"), Some(sum.to_string().as_str()), "{path}");
    }
    assert_eq!(simulator.used_weight(), sum);
    assert_eq!(simulator.requests().records.iter().map(|record| record.weight).sum::<u64>(), sum);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn too_much_is_refused_until_the_minute_turns() {
    let simulator = at_full_minute(Limits { weight_per_minute: 10, ..Limits::default() }).await;
    simulator.advance(Duration::from_secs(18));
    for _ in 0..2 {
        assert_eq!(get(&simulator, "/api/v3/depth?symbol=BTCUSDT").await.status, 200);
    }
    let refused = get(&simulator, "/api/v3/time").await;
    assert_eq!((refused.status, refused.code()), (429, -1003));
    assert_eq!(refused.header("retry-after"), Some("42"));
    simulator.advance(Duration::from_secs(42));
    assert_eq!(get(&simulator, "/api/v3/time").await.header("x-mbx-used-weight-1m"), Some("1"));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn going_on_after_refusals_is_a_ban_that_doubles() {
    let limits = Limits { weight_per_minute: 1, refusals_until_ban: 2, ban_seconds: 130, ..Limits::default() };
    let simulator = at_full_minute(limits).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(get(&simulator, "/api/v3/ping").await.status);
    }
    assert_eq!(statuses, [200, 429, 429, 418, 418]);
    assert_eq!(get(&simulator, "/api/v3/ping").await.header("retry-after"), Some("130"));
    assert!(Client::try_open(&simulator, "/ws").await.is_err(), "no sockets either");
    simulator.advance(Duration::from_secs(140));
    let mut last = get(&simulator, "/api/v3/ping").await;
    assert_eq!(last.status, 200);
    for _ in 0..3 {
        last = get(&simulator, "/api/v3/ping").await;
    }
    assert_eq!((last.status, last.header("retry-after")), (418, Some("260")));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn another_clients_load_counts() {
    let simulator = at_full_minute(Limits::default()).await;
    simulator.inject(Fault::new(FaultKind::OtherLoad { weight: 3000, orders: 0 })).unwrap();
    assert_eq!(get(&simulator, "/api/v3/ping").await.header("x-mbx-used-weight"), Some("3001"));
    simulator.clear_faults();
    assert_eq!(get(&simulator, "/api/v3/ping").await.header("x-mbx-used-weight"), Some("2"));
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn connections_are_counted() {
    let simulator = at_full_minute(Limits { connections_per_5_minutes: 2, ..Limits::default() }).await;
    let first = Client::open(&simulator, "/ws").await;
    let second = Client::open(&simulator, "/stream?streams=").await;
    assert!(Client::try_open(&simulator, "/ws").await.is_err());
    drop((first, second));
    simulator.stop().await;
}
