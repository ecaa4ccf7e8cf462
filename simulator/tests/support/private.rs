//! A raw client of the private interfaces: signs REST requests and frames of the WebSocket API.

use std::collections::VecDeque;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use tradewire_simulator::{Clock, Credentials, KeyType, Simulator};

use super::{Answer, Client, send};

/// A key with what signs for it.
#[derive(Clone)]
pub struct Key {
    pub api_key: String,
    pub secret: String,
    pub key_type: KeyType,
}

impl From<Credentials> for Key {
    fn from(made: Credentials) -> Key {
        Key { api_key: made.api_key, secret: made.secret, key_type: made.key_type }
    }
}

/// Signs the bytes of a payload.
pub fn signature(credentials: &Key, payload: &str) -> String {
    let der = || {
        let lines = credentials.secret.lines().filter(|line| !line.starts_with('-'));
        STANDARD.decode(lines.collect::<String>()).expect("PEM")
    };
    match credentials.key_type {
        KeyType::Hmac => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, credentials.secret.as_bytes());
            hmac::sign(&key, payload.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
        }
        KeyType::Ed25519 => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der()).expect("a key");
            STANDARD.encode(pair.sign(payload.as_bytes()))
        }
        KeyType::Rsa => {
            let pair = RsaKeyPair::from_pkcs8(&der()).expect("a key");
            let mut signed = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), payload.as_bytes(), &mut signed).expect("signed");
            STANDARD.encode(signed)
        }
        other => panic!("{other:?}"),
    }
}

pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// `a=1&b=2`, percent-encoded.
pub fn query(params: &[(&str, &str)]) -> String {
    params.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

/// An account's owner with one key.
#[derive(Clone)]
pub struct Trader {
    pub rest: String,
    pub key: Key,
    pub clock: Clock,
}

impl Trader {
    pub fn new(simulator: &Simulator, key: impl Into<Key>) -> Trader {
        Trader { rest: simulator.addresses().rest.clone(), key: key.into(), clock: simulator.clock() }
    }

    /// The owner of the account that is there from the start, with its HMAC key.
    pub fn main(simulator: &Simulator) -> Trader {
        let addresses = simulator.addresses();
        let (api_key, secret) = (addresses.api_key.clone().unwrap(), addresses.secret_key.clone().unwrap());
        Trader::new(simulator, Key { api_key, secret, key_type: KeyType::Hmac })
    }

    /// The same owner with his Ed25519 key.
    pub fn ed25519(simulator: &Simulator) -> Trader {
        let addresses = simulator.addresses();
        let api_key = addresses.ed25519_api_key.clone().unwrap();
        let secret = addresses.ed25519_private_key.clone().unwrap();
        Trader::new(simulator, Key { api_key, secret, key_type: KeyType::Ed25519 })
    }

    /// Milliseconds that the exchange's clock shows.
    pub fn now(&self) -> i64 {
        self.clock.server_now().millis()
    }

    /// Sends a signed request; all parameters go into the query.
    pub async fn ask(&self, method: &str, path: &str, params: &[(&str, &str)]) -> Answer {
        self.try_ask(method, path, params).await.expect("an answer")
    }

    pub async fn try_ask(&self, method: &str, path: &str, params: &[(&str, &str)]) -> Option<Answer> {
        let now = self.now().to_string();
        let mut all = params.to_vec();
        all.push(("timestamp", &now));
        let payload = query(&all);
        let signed = format!("{path}?{payload}&signature={}", encoded(&signature(&self.key, &payload)));
        send(&self.rest, method, &signed, &self.header(), "").await
    }

    pub fn header(&self) -> String {
        format!("X-MBX-APIKEY: {}\r\n", self.key.api_key)
    }

    pub async fn get(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, params).await
    }

    pub async fn delete(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        self.ask("DELETE", path, params).await
    }

    /// Places an order; returns its report.
    pub async fn place(&self, params: &[(&str, &str)]) -> Value {
        let answer = self.ask("POST", "/api/v3/order", params).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// A limit order that rests.
    pub async fn limit(&self, side: &str, price: &str, quantity: &str, id: &str) -> Value {
        self.place(&limit(side, price, quantity, id)).await
    }

    /// Adds key, time and signature to the parameters of a frame.
    pub fn signed(&self, params: Value) -> Value {
        let Value::Object(mut fields) = params else { panic!("{params}") };
        fields.insert("apiKey".into(), json!(self.key.api_key));
        fields.insert("timestamp".into(), json!(self.now()));
        let signature = signature(&self.key, &payload(&fields));
        fields.insert("signature".into(), json!(signature));
        Value::Object(fields)
    }
}

/// Parameters of a limit order for BTCUSDT that rests.
pub fn limit<'a>(side: &'a str, price: &'a str, quantity: &'a str, id: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("symbol", "BTCUSDT"),
        ("side", side),
        ("type", "LIMIT"),
        ("timeInForce", "GTC"),
        ("price", price),
        ("quantity", quantity),
        ("newClientOrderId", id),
    ]
}

/// `k=v` sorted by name, as they stand.
fn payload(fields: &Map<String, Value>) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    pairs.sort();
    pairs.join("&")
}

/// A socket of the WebSocket API: replies and events apart.
pub struct Api {
    pub client: Client,
    pub events: VecDeque<Value>,
    replies: Vec<Value>,
    next: u64,
}

impl Api {
    pub async fn open(simulator: &Simulator) -> Api {
        Api {
            client: Client::open(simulator, "/ws-api/v3").await,
            events: VecDeque::new(),
            replies: Vec::new(),
            next: 0,
        }
    }

    /// Sends a request and returns its whole reply; events that come before it are kept.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.tell(method, params).await;
        self.reply(id).await
    }

    /// Sends a request; returns its id.
    pub async fn tell(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        self.client.say(&json!({ "id": self.next, "method": method, "params": params })).await;
        self.next
    }

    /// The reply to a request, or one that names none; those to others are kept.
    pub async fn reply(&mut self, id: u64) -> Value {
        if let Some(at) = self.replies.iter().position(|reply| reply["id"] == json!(id)) {
            return self.replies.swap_remove(at);
        }
        loop {
            let frame = self.client.json().await;
            if frame.get("event").is_some() {
                self.events.push_back(frame);
            } else if frame["id"] == json!(id) || frame["id"].is_null() {
                return frame;
            } else {
                self.replies.push(frame);
            }
        }
    }

    /// The next event, with its wrapping.
    pub async fn event(&mut self) -> Value {
        if let Some(event) = self.events.pop_front() {
            return event;
        }
        let frame = self.client.json().await;
        assert!(frame.get("event").is_some(), "{frame}");
        frame
    }

    /// The next event of this type, without its wrapping; others are dropped.
    pub async fn event_of(&mut self, kind: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"]["e"] == kind {
                return event["event"].clone();
            }
        }
    }

    /// Subscribes to the account's events.
    pub async fn subscribe(&mut self, trader: &Trader) -> Value {
        self.call("userDataStream.subscribe.signature", trader.signed(json!({}))).await
    }
}
