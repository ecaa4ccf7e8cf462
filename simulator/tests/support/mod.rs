//! Raw clients for protocol tests: plain HTTP over TCP, and WebSocket.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod bybit;
pub mod kraken;
pub mod private;
pub mod shapes;
pub mod usdm;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tradewire_simulator::{Config, Flow, Simulator};

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Whether the body came whole.
    pub complete: bool,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap_or_else(|| panic!("no code in {}", self.body))
    }
}

/// Sends one request on its own connection and reads until the server closes it. `None` if nothing came.
pub async fn send(base: &str, method: &str, path: &str, headers: &str, body: &str) -> Option<Answer> {
    let address = base.split_once("://").unwrap().1;
    let mut stream = TcpStream::connect(address).await.ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    let _reset_after_the_answer = stream.read_to_end(&mut bytes).await;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse::<usize>());
    let complete = length.is_none_or(|length| length == Ok(body.len()));
    Some(Answer { status, headers, body: body.to_owned(), complete })
}

pub async fn get(simulator: &Simulator, path: &str) -> Answer {
    send(&simulator.addresses().rest, "GET", path, "", "").await.expect("an answer")
}

pub async fn control(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    send(&simulator.addresses().control, method, path, "", body).await.expect("an answer")
}

/// A raw WebSocket client.
pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn open(simulator: &Simulator, path: &str) -> Client {
        Client::try_open(simulator, path).await.expect("a socket")
    }

    pub async fn try_open(simulator: &Simulator, path: &str) -> Result<Client, tokio_tungstenite::tungstenite::Error> {
        let url = format!("{}{path}", simulator.addresses().ws);
        tokio_tungstenite::connect_async(url).await.map(|(socket, _)| Client(socket))
    }

    pub async fn say(&mut self, value: &Value) {
        self.0.send(Message::Text(value.to_string().into())).await.expect("sent");
    }

    /// The next text, as sent; `None` when the socket is over.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(text.to_string()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    pub async fn json(&mut self) -> Value {
        let text = self.text().await.expect("a frame");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Sends a text as it stands.
    pub async fn ask_text(&mut self, text: &str) -> Value {
        self.0.send(Message::Text(text.to_owned().into())).await.expect("sent");
        self.json().await
    }

    pub async fn ask(&mut self, value: Value) -> Value {
        self.say(&value).await;
        self.json().await
    }
}

/// A simulator of the default pairs in which nobody trades by himself.
pub async fn quiet() -> Simulator {
    let config = Config { flow: Flow::Off, ..Config::default() };
    Simulator::start(config).await.expect("it starts")
}
