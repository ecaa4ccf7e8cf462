//! A book built from the streams equals the exchange's own book at every update id.

mod support;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;
use support::{Client, get, quiet};
use tradewire_simulator::{Config, LedgerBook, Side, Simulator, TraderOrder};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A book that follows the documented procedure, in the plainest way.
struct Follower {
    id: u64,
    bids: BTreeMap<Decimal, Decimal>,
    asks: BTreeMap<Decimal, Decimal>,
}

impl Follower {
    fn of(snapshot: &Value) -> Follower {
        let mut follower = Follower { id: 0, bids: BTreeMap::new(), asks: BTreeMap::new() };
        set(&mut follower.bids, &snapshot["bids"]);
        set(&mut follower.asks, &snapshot["asks"]);
        follower.id = snapshot["lastUpdateId"].as_u64().unwrap();
        follower
    }

    fn apply(&mut self, update: &Value) {
        let (first, last) = (update["U"].as_u64().unwrap(), update["u"].as_u64().unwrap());
        if last <= self.id {
            return;
        }
        assert!(first <= self.id + 1, "gap: {first} after {}", self.id);
        set(&mut self.bids, &update["b"]);
        set(&mut self.asks, &update["a"]);
        self.id = last;
    }

    fn equals(&self, book: &LedgerBook) -> bool {
        let bids: Vec<_> = self.bids.iter().rev().map(|(price, quantity)| (*price, *quantity)).collect();
        let asks: Vec<_> = self.asks.iter().map(|(price, quantity)| (*price, *quantity)).collect();
        bids == book.bids && asks == book.asks
    }
}

fn set(side: &mut BTreeMap<Decimal, Decimal>, rows: &Value) {
    for row in rows.as_array().unwrap() {
        let (price, quantity) = (d(row[0].as_str().unwrap()), d(row[1].as_str().unwrap()));
        if quantity.is_zero() {
            side.remove(&price);
        } else {
            side.insert(price, quantity);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_streamed_book_is_the_ledgers_book() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let mut client = Client::open(&simulator, "/ws/btcusdt@depth@100ms").await;
    let first = client.json().await;
    let mut follower = Follower::of(&get(&simulator, "/api/v3/depth?symbol=BTCUSDT&limit=5000").await.json());
    assert!(follower.id >= first["u"].as_u64().unwrap());
    let mut previous = first["u"].as_u64().unwrap();
    for _ in 0..300 {
        let update = client.json().await;
        assert_eq!(update["U"].as_u64().unwrap(), previous + 1, "ids are gapless");
        previous = update["u"].as_u64().unwrap();
        follower.apply(&update);
        if follower.id == previous {
            let book = simulator.book_at("BTC-USDT", previous).expect("a recent book");
            assert!(follower.equals(&book), "the books differ at {previous}");
        }
    }
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn orders_by_hand_make_exact_updates() {
    let simulator = quiet().await;
    let mut client = Client::open(&simulator, "/ws/bnbusdt@depth@100ms").await;
    client.ask(serde_json::json!({"method": "LIST_SUBSCRIPTIONS", "id": 1})).await;
    let before = simulator.book("BNBUSDT").unwrap();
    let price = before.bids[0].0 - d("0.05");
    let placed = simulator.place("BNB-USDT", TraderOrder::limit(Side::Buy, price, d("7.5")).by("alice")).unwrap();
    simulator.publish();
    let update = client.json().await;
    assert_eq!(update["e"], "depthUpdate");
    assert_eq!((update["U"].as_u64(), update["u"].as_u64()), (Some(before.update_id + 1), Some(placed.update_id)));
    let held = before.bids.iter().find(|(known, _)| *known == price).map_or(Decimal::ZERO, |(_, quantity)| *quantity);
    assert_eq!(d(update["b"][0][0].as_str().unwrap()), price);
    assert_eq!(d(update["b"][0][1].as_str().unwrap()), held + d("7.5"));
    assert_eq!(update["a"], serde_json::json!([]));
    assert_eq!(simulator.cancel("BNB-USDT", placed.order_id).unwrap(), Some(d("7.5")));
    assert_eq!(simulator.book("BNBUSDT").unwrap().bids, before.bids);
    assert_eq!(simulator.book_at("BNBUSDT", before.update_id).unwrap(), before);
    simulator.stop().await;
}
