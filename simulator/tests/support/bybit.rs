//! A raw client of Bybit's protocol: signs REST requests, and speaks on its sockets.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tradewire_simulator::{Clock, Config, Credentials, Flow, KeyType, Simulator};

use super::private::{Key, query, signature};
use super::{Answer, Client, send};

/// A simulated exchange in which nobody trades by himself.
pub async fn quiet(exchange: &str) -> Simulator {
    let usual = Config::of(exchange).expect("it is simulated");
    Simulator::start(Config { flow: Flow::Off, ..usual }).await.expect("it starts")
}

/// The owner of an account with one key.
#[derive(Clone)]
pub struct Owner {
    pub rest: String,
    pub key: Key,
    pub clock: Clock,
}

impl Owner {
    pub fn new(simulator: &Simulator, key: impl Into<Key>) -> Owner {
        Owner { rest: simulator.addresses().rest.clone(), key: key.into(), clock: simulator.clock() }
    }

    /// Of the account that is there from the start, with its HMAC key.
    pub fn main(simulator: &Simulator) -> Owner {
        let keys: Vec<Credentials> = simulator.credentials("main");
        let key = keys.into_iter().find(|key| key.key_type == KeyType::Hmac).expect("a key");
        Owner::new(simulator, key)
    }

    pub fn now(&self) -> i64 {
        self.clock.server_now().millis()
    }

    /// The headers of a signed request.
    pub fn headers(&self, signed: &str, stamp: i64) -> String {
        let sign = signature(&self.key, &format!("{stamp}{}5000{signed}", self.key.api_key));
        let key = &self.key.api_key;
        format!(
            "X-BAPI-API-KEY: {key}\r\nX-BAPI-TIMESTAMP: {stamp}\r\nX-BAPI-RECV-WINDOW: 5000\r\nX-BAPI-SIGN: {sign}\r\n"
        )
    }

    pub async fn get(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        let query = query(params);
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        send(&self.rest, "GET", &path, &self.headers(&query, self.now()), "").await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).await.expect("an answer")
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        let body = body.to_string();
        let headers = format!("Content-Type: application/json\r\n{}", self.headers(&body, self.now()));
        send(&self.rest, "POST", path, &headers, &body).await
    }

    /// The result of a query that is granted.
    pub async fn read(&self, path: &str, params: &[(&str, &str)]) -> Value {
        granted(&self.get(path, params).await)
    }

    /// The result of a change that is granted.
    pub async fn change(&self, path: &str, body: Value) -> Value {
        granted(&self.post(path, &body).await)
    }

    /// Code of a change that is refused; 0 if it is not.
    pub async fn refused(&self, path: &str, body: Value) -> i64 {
        code(&self.post(path, &body).await)
    }

    /// The arguments of a logon on a socket.
    pub fn logon(&self) -> Value {
        let expires = self.now() + 1000;
        let sign = signature(&self.key, &format!("GET/realtime{expires}"));
        json!({ "op": "auth", "args": [self.key.api_key, expires, sign] })
    }
}

/// The exchange's code of an answer.
pub fn code(answer: &Answer) -> i64 {
    answer.json()["retCode"].as_i64().unwrap_or_else(|| panic!("{}", answer.body))
}

/// The result of an answer, which must be granted.
pub fn granted(answer: &Answer) -> Value {
    let told = answer.json();
    assert_eq!((answer.status, &told["retCode"]), (200, &json!(0)), "{told}");
    told["result"].clone()
}

/// A limit order for BTCUSDT of spot or of contracts.
pub fn limit(category: &str, side: &str, price: &str, quantity: &str, id: &str) -> Value {
    json!({ "category": category, "symbol": "BTCUSDT", "side": side, "orderType": "Limit", "price": price,
        "qty": quantity, "timeInForce": "GTC", "orderLinkId": id })
}

/// A socket at this path.
pub async fn socket(simulator: &Simulator, path: &str) -> Client {
    try_socket(simulator, path).await.expect("a socket")
}

/// A socket at this path, if there is one.
pub async fn try_socket(simulator: &Simulator, path: &str) -> Result<Client, tokio_tungstenite::tungstenite::Error> {
    let url = format!("{}{path}", simulator.addresses().rest.replace("http://", "ws://"));
    tokio_tungstenite::connect_async(url).await.map(|(socket, _)| Client(socket))
}

/// A socket for private topics: events and replies apart.
pub struct Private {
    pub client: Client,
    events: VecDeque<Value>,
}

impl Private {
    /// Logs on and subscribes.
    pub async fn open(simulator: &Simulator, owner: &Owner, topics: &[&str]) -> Private {
        let mut private = Private { client: socket(simulator, "/v5/private").await, events: VecDeque::new() };
        let told = private.ask(owner.logon()).await;
        assert_eq!(told["success"], true, "{told}");
        let told = private.ask(json!({ "op": "subscribe", "args": topics, "req_id": "s" })).await;
        assert_eq!((&told["success"], &told["req_id"]), (&json!(true), &json!("s")), "{told}");
        private
    }

    /// Sends a message; returns its reply and keeps the events that come before it.
    pub async fn ask(&mut self, message: Value) -> Value {
        self.client.say(&message).await;
        loop {
            let frame = self.client.json().await;
            if frame.get("topic").is_none() {
                return frame;
            }
            self.events.push_back(frame);
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> Value {
        match self.events.pop_front() {
            Some(event) => event,
            None => self.client.json().await,
        }
    }

    /// The only row of the next event of a topic; others are dropped.
    pub async fn row(&mut self, topic: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["topic"] == topic {
                return event["data"][0].clone();
            }
        }
    }
}

/// Names of the fields of an object that `like` has and `made` has not, in all objects and first rows below.
pub fn absent(made: &Value, like: &Value, path: &str) -> Vec<String> {
    match (made, like) {
        (Value::Object(made), Value::Object(like)) => like
            .iter()
            .flat_map(|(name, value)| match made.get(name) {
                Some(found) => absent(found, value, &format!("{path}.{name}")),
                None => vec![format!("{path}.{name}")],
            })
            .collect(),
        (Value::Array(made), Value::Array(like)) => match (made.first(), like.first()) {
            (Some(made), Some(like)) => absent(made, like, &format!("{path}[]")),
            _ => Vec::new(),
        },
        (made, like) if std::mem::discriminant(made) != std::mem::discriminant(like) => {
            vec![format!("{path}: {made} for {like}")]
        }
        _ => Vec::new(),
    }
}

/// A published example, where the protocol pages are at hand.
pub fn example(name: &str) -> Option<Value> {
    let path = format!("{}/../../shared/protocols/examples/bybit-v5/{name}.json", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read_to_string(path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("JSON")),
        Err(_) => {
            println!("skipped: the published example {name} is not at hand");
            None
        }
    }
}
