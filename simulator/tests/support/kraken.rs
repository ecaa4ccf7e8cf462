//! A raw client of Kraken's protocol: signs REST requests, and speaks on its sockets.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tradewire_simulator::{Config, Credentials, Flow, KeyType, Simulator};

use super::bybit::socket;
use super::private::query;
use super::{Answer, Client, send};

pub const PUBLIC: &str = "/v2";
pub const PRIVATE: &str = "/ws-auth/v2";

/// A simulated Kraken in which nobody trades by himself.
pub async fn quiet() -> Simulator {
    let usual = Config::of("kraken-spot").expect("it is simulated");
    Simulator::start(Config { flow: Flow::Off, ..usual }).await.expect("it starts")
}

/// The owner of an account with its HMAC key.
pub struct Owner {
    rest: String,
    key: Credentials,
    nonce: AtomicU64,
}

impl Owner {
    /// Of the account that is there from the start.
    pub fn main(simulator: &Simulator) -> Owner {
        let key = simulator.credentials("main").into_iter().find(|key| key.key_type == KeyType::Hmac);
        Owner {
            rest: simulator.addresses().rest.clone(),
            key: key.expect("a key"),
            nonce: AtomicU64::new(1_700_000_000_000),
        }
    }

    /// The answer to a private method with this nonce.
    pub async fn post_at(&self, nonce: u64, method: &str, params: &[(&str, &str)]) -> Option<Answer> {
        let path = format!("/0/private/{method}");
        let nonce = nonce.to_string();
        let body = [&[("nonce", nonce.as_str())], params].concat();
        let body = query(&body);
        let mut payload = path.as_bytes().to_vec();
        payload.extend(Sha256::digest(format!("{nonce}{body}")));
        let secret = STANDARD.decode(&self.key.secret).expect("base64");
        let sign = STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, &secret), &payload));
        let key = &self.key.api_key;
        let headers =
            format!("Content-Type: application/x-www-form-urlencoded\r\nAPI-Key: {key}\r\nAPI-Sign: {sign}\r\n");
        send(&self.rest, "POST", &path, &headers, &body).await
    }

    pub async fn post(&self, method: &str, params: &[(&str, &str)]) -> Answer {
        let nonce = self.nonce.fetch_add(1, Ordering::Relaxed);
        self.post_at(nonce, method, params).await.expect("an answer")
    }

    /// The result of a method that is granted.
    pub async fn call(&self, method: &str, params: &[(&str, &str)]) -> Value {
        granted(&self.post(method, params).await)
    }

    /// The error of a method that is refused.
    pub async fn refused(&self, method: &str, params: &[(&str, &str)]) -> String {
        error(&self.post(method, params).await)
    }

    /// Places a limit order for BTC/USDT; its id.
    pub async fn place(&self, side: &str, price: &str, volume: &str) -> String {
        let order = limit(side, price, volume);
        let placed = self.call("AddOrder", &order).await;
        placed["txid"][0].as_str().expect("an id").to_owned()
    }
}

/// A limit order for BTC/USDT.
pub fn limit<'a>(side: &'a str, price: &'a str, volume: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("pair", "XBTUSDT"), ("type", side), ("ordertype", "limit"), ("price", price), ("volume", volume)]
}

/// The result of an answer, which must be granted.
pub fn granted(answer: &Answer) -> Value {
    let told = answer.json();
    assert_eq!((answer.status, &told["error"]), (200, &json!([])), "{told}");
    told["result"].clone()
}

/// The error of an answer, which must be refused.
pub fn error(answer: &Answer) -> String {
    let told = answer.json();
    told["error"][0].as_str().unwrap_or_else(|| panic!("not refused: {told}")).to_owned()
}

/// A private socket: messages of channels and replies apart.
pub struct Private {
    pub client: Client,
    pub token: String,
    waiting: VecDeque<Value>,
}

impl Private {
    pub async fn open(simulator: &Simulator, owner: &Owner) -> Private {
        let told = owner.call("GetWebSocketsToken", &[]).await;
        let token = told["token"].as_str().expect("a token").to_owned();
        let mut client = socket(simulator, PRIVATE).await;
        assert_eq!(client.json().await["channel"], "status");
        Private { client, token, waiting: VecDeque::new() }
    }

    /// Subscribed to a channel; what it shows at first.
    pub async fn subscribe(&mut self, params: Value) -> Value {
        assert_eq!(self.ask("subscribe", params).await["success"], true);
        self.next().await
    }

    /// The reply to a call.
    pub async fn ask(&mut self, method: &str, mut params: Value) -> Value {
        params["token"] = json!(self.token);
        self.client.say(&json!({ "method": method, "params": params, "req_id": 7 })).await;
        loop {
            let told = self.client.json().await;
            if told.get("method").is_some() {
                assert_eq!(told["req_id"], 7);
                return told;
            }
            self.waiting.push_back(told);
        }
    }

    /// The next message of a channel that is no heartbeat.
    pub async fn next(&mut self) -> Value {
        loop {
            let told = match self.waiting.pop_front() {
                Some(told) => told,
                None => self.client.json().await,
            };
            if told["channel"] != "heartbeat" {
                return told;
            }
        }
    }

    /// The only row of the next message.
    pub async fn row(&mut self) -> Value {
        let told = self.next().await;
        assert_eq!(told["data"].as_array().map(Vec::len), Some(1), "{told}");
        told["data"][0].clone()
    }
}
