//! A simulated Binance USD-M, and a raw client of its private interfaces.

use serde_json::{Value, json};
use tradewire_simulator::{Config, Flow, Simulator};

use super::private::Trader;
use super::{Answer, Client, send};

/// A simulator of the default contracts in which nobody trades by himself.
pub async fn quiet() -> Simulator {
    let config = Config { flow: Flow::Off, ..Config::of("binance-usdm").expect("it is known") };
    Simulator::start(config).await.expect("it starts")
}

/// A simulator of the default contracts with background traders.
pub async fn busy() -> Simulator {
    Simulator::start(Config::of("binance-usdm").expect("it is known")).await.expect("it starts")
}

/// Asks for the account's listen key with a method of HTTP; only the key's name is shown.
pub async fn listen_key(trader: &Trader, method: &str) -> Answer {
    send(&trader.rest, method, "/fapi/v1/listenKey", &trader.header(), "").await.expect("an answer")
}

/// Opens the private socket of a new listen key.
pub async fn private(simulator: &Simulator, trader: &Trader) -> Client {
    let key = listen_key(trader, "POST").await.json()["listenKey"].as_str().expect("a key").to_owned();
    let mut client = Client::open(simulator, &format!("/private/ws/{key}")).await;
    client.ask(json!({ "method": "LIST_SUBSCRIPTIONS", "id": 1 })).await;
    client
}

/// The next event of this type; others are dropped.
pub async fn event_of(client: &mut Client, kind: &str) -> Value {
    loop {
        let event = client.json().await;
        if event["e"] == kind {
            return event;
        }
    }
}
