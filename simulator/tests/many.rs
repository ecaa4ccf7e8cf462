//! Many pairs at once.

mod support;

use std::time::Duration;

use serde_json::json;
use support::{Client, get};
use tradewire_simulator::{Config, Simulator};

#[tokio::test(start_paused = true)]
async fn five_hundred_pairs_are_listed_traded_and_streamed() {
    let simulator = Simulator::start(Config::with_generated_pairs(500)).await.unwrap();
    let info = get(&simulator, "/api/v3/exchangeInfo").await.json();
    let symbols: Vec<String> = info["symbols"]
        .as_array()
        .unwrap()
        .iter()
        .map(|symbol| symbol["symbol"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(symbols.len(), 500);
    let mut client = Client::open(&simulator, "/stream").await;
    let streams: Vec<String> = symbols.iter().map(|symbol| format!("{}@depth@100ms", symbol.to_lowercase())).collect();
    assert_eq!(client.ask(json!({"method": "SUBSCRIBE", "params": streams, "id": 1})).await["result"], json!(null));
    let mut seen = std::collections::HashSet::new();
    let everything = async {
        while seen.len() < 400 {
            seen.insert(client.json().await["data"]["s"].as_str().unwrap().to_owned());
        }
    };
    tokio::time::timeout(Duration::from_secs(60), everything).await.expect("most pairs trade within a minute");
    simulator.stop().await;
}
