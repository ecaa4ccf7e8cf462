use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, client_async_tls_with_config};
use tradewire_core::{Error, ErrorKind};

use crate::address::Address;
use crate::wire::Wire;
use crate::{ConnectPace, ProxyChoice, tls};

/// How long name, connection, TLS and handshake may take together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest frame and the longest message that are taken.
const FRAME_MAX: usize = 16 << 20;
/// Frames are read into a buffer of this size, which is used again once they are dropped. Each reading clears what it may
/// fill, so that a larger one costs more than it saves.
pub(crate) const STREAM_BUFFER: usize = 32 << 10;
/// The same for replies to calls, which are short.
pub(crate) const REPLY_BUFFER: usize = 4 << 10;
/// The longest answer of a proxy.
const PROXY_ANSWER_MAX: usize = 8 << 10;

/// Opens connections.
#[derive(Clone, Debug)]
pub(crate) struct Dialer {
    proxies: Option<Arc<Matcher>>,
    tls: Arc<ClientConfig>,
    pace: ConnectPace,
    read_buffer: usize,
}

impl Dialer {
    pub(crate) fn new(proxy: ProxyChoice, pace: ConnectPace, read_buffer: usize) -> Result<Self, Error> {
        let proxies = match proxy {
            ProxyChoice::FromEnvironment => Some(Arc::new(Matcher::from_system())),
            ProxyChoice::Direct => None,
        };
        Ok(Self { proxies, tls: Arc::new(tls::client_config(&[])?), pace, read_buffer })
    }

    /// Opens a connection once the pace allows one.
    pub(crate) async fn dial(self, url: String) -> Result<Wire, Error> {
        let address = Address::parse(&url, "ws", "wss")?;
        self.pace.wait().await;
        match timeout(CONNECT_TIMEOUT, self.connect(&url, &address)).await {
            Ok(wire) => wire,
            Err(_) => {
                let text = format!("no connection to {} in {} s", address.authority(), CONNECT_TIMEOUT.as_secs());
                Err(Error::new(ErrorKind::Timeout, text))
            }
        }
    }

    async fn connect(&self, url: &str, address: &Address) -> Result<Wire, Error> {
        let stream = match self.proxy(address)? {
            Some(proxy) => tunnel(&proxy, address).await?,
            None => {
                open(&address.host, address.port).await.map_err(|error| unreachable(&address.authority(), error))?
            }
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(self.read_buffer)
            .max_message_size(Some(FRAME_MAX))
            .max_frame_size(Some(FRAME_MAX));
        let tls = Connector::Rustls(self.tls.clone());
        match client_async_tls_with_config(url, stream, Some(config), Some(tls)).await {
            Ok((wire, _)) => Ok(Wire::new(wire)),
            Err(error) => Err(no_handshake(&address.authority(), error)),
        }
    }

    /// The proxy on the way to an address.
    fn proxy(&self, address: &Address) -> Result<Option<Intercept>, Error> {
        let Some(proxies) = self.proxies.as_ref().filter(|_| !address.is_loopback()) else { return Ok(None) };
        let scheme = if address.secure { "https" } else { "http" };
        let uri = format!("{scheme}://{}/", address.authority());
        let uri = uri.parse().map_err(|error: http::uri::InvalidUri| {
            Error::new(ErrorKind::Config, "an address that no proxy can be found for").with_source(error)
        })?;
        let Some(proxy) = proxies.intercept(&uri) else { return Ok(None) };
        match proxy.uri().scheme_str() {
            Some("http") => Ok(Some(proxy)),
            other => Err(Error::new(ErrorKind::Config, "sockets go through proxies of the kind http:// only")
                .with("scheme", other.unwrap_or("none"))),
        }
    }
}

async fn open(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Opens a connection through a proxy by `CONNECT`.
async fn tunnel(proxy: &Intercept, address: &Address) -> Result<TcpStream, Error> {
    let host = proxy.uri().host().unwrap_or_default();
    let port = proxy.uri().port_u16().unwrap_or(80);
    let name = format!("the proxy {host}:{port}");
    let mut stream = open(host, port).await.map_err(|error| unreachable(&name, error))?;
    let target = address.authority();
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(credentials) = proxy.basic_auth() {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(credentials.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await.map_err(|error| unreachable(&name, error))?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < PROXY_ANSWER_MAX {
        // The far end does not speak first, so whatever comes belongs to the proxy's answer.
        if stream.read_buf(&mut answer).await.map_err(|error| unreachable(&name, error))? == 0 {
            break;
        }
    }
    let status_line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = status_line.split(|byte| *byte == b' ');
    if !words.next().is_some_and(|version| version.starts_with(b"HTTP/1.")) || words.next() != Some(b"200") {
        let said = String::from_utf8_lossy(status_line).into_owned();
        let text = format!("{name} does not connect to {target}");
        return Err(Error::new(ErrorKind::Connection, text).with("answer", format_args!("{said:?}")));
    }
    Ok(stream)
}

fn unreachable(whom: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Connection, format!("cannot connect to {whom}: {error}")).with_source(error)
}

fn no_handshake(whom: &str, error: WsError) -> Error {
    let text = format!("no WebSocket with {whom}: {error}");
    let WsError::Http(answer) = error else {
        return Error::new(ErrorKind::Connection, text).with_source(error);
    };
    let status = answer.status().as_u16();
    let kind = match status {
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Connection,
    };
    Error::new(kind, text).with_status(status).with_frame(answer.body().as_deref().unwrap_or_default())
}
