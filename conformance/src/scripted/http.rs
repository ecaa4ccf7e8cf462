//! As much of HTTP as a script needs.

use std::collections::BTreeMap;
use std::io;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::pattern;
use super::script::Request;

/// The longest line of a head, and the longest body, in bytes.
const LONGEST: usize = 1 << 20;

/// A connection of a client.
pub(super) type Client = BufReader<TcpStream>;

/// A request as it came.
pub(super) struct Incoming {
    /// Method, target with its query, and headers by their names in small letters.
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Incoming {
    /// The next request; `None` at the end of the connection.
    pub(super) async fn next(client: &mut Client) -> io::Result<Option<Self>> {
        let first = line(client).await?;
        let mut words = first.split(' ').map(str::to_owned);
        let (Some(method), Some(target)) = (words.next().filter(|word| !word.is_empty()), words.next()) else {
            return Ok(None);
        };
        let mut headers = BTreeMap::new();
        loop {
            let header = line(client).await?;
            let Some((name, value)) = header.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0_usize);
        let mut body = vec![0; length.min(LONGEST)];
        client.read_exact(&mut body).await?;
        Ok(Some(Self { method, target, headers, body: String::from_utf8_lossy(&body).into_owned() }))
    }

    /// Its path, without the query.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Whether it asks for a socket.
    pub(super) fn opens_a_socket(&self) -> bool {
        self.headers.get("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"))
    }

    /// As a script writes it down.
    pub(super) fn written(&self) -> Request {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let fields =
            query.split('&').filter_map(|field| field.split_once('=').or((!field.is_empty()).then_some((field, ""))));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Request {
            method: self.method.clone(),
            path: self.path().to_owned(),
            query: fields.map(|(name, value)| (decoded(name), Value::from(decoded(value)))).collect(),
            headers: self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect(),
            body: if self.body.is_empty() { Value::Null } else { pattern::read(&self.body) },
        }
    }
}

async fn line(client: &mut Client) -> io::Result<String> {
    let mut line = String::new();
    client.take(LONGEST as u64).read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}

/// Answers a request.
pub(super) async fn answer(
    client: &mut Client,
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &str,
) -> io::Result<()> {
    let mut text = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    client.write_all(format!("{text}\r\n{body}").as_bytes()).await?;
    client.flush().await
}

/// Opens the socket that a request asks for.
pub(super) async fn upgrade(mut client: Client, of: &Incoming) -> io::Result<WebSocketStream<Client>> {
    let key = of.headers.get("sec-websocket-key").map(String::as_str).unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    client.write_all(head.as_bytes()).await?;
    client.flush().await?;
    Ok(WebSocketStream::from_raw_socket(client, Role::Server, None).await)
}

/// A value as it goes over the wire: a text as it is, anything else as JSON, nothing as nothing.
pub(super) fn wire_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
