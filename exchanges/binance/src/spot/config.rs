use rust_decimal::Decimal;
use tradewire_core::{Environment, Error, ErrorKind};

/// The addresses of Binance spot. The first is the default.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    environment(
        "com",
        "https://api.binance.com",
        "wss://stream.binance.com:9443",
        "wss://ws-api.binance.com:443/ws-api/v3",
    ),
    environment(
        "us",
        "https://api.binance.us",
        "wss://stream.binance.us:9443",
        "wss://ws-api.binance.us:443/ws-api/v3",
    ),
    environment(
        "testnet",
        "https://testnet.binance.vision",
        "wss://stream.testnet.binance.vision",
        "wss://ws-api.testnet.binance.vision/ws-api/v3",
    ),
    environment(
        "demo",
        "https://demo-api.binance.com",
        "wss://demo-stream.binance.com",
        "wss://demo-ws-api.binance.com/ws-api/v3",
    ),
];

/// The account's events come over the same address as the replies to commands.
const fn environment(name: &'static str, rest: &'static str, ws: &'static str, ws_api: &'static str) -> Environment {
    Environment { name, rest, ws, ws_api: Some(ws_api), ws_private: None }
}

/// The path at which every message has its stream's name around it.
const COMBINED_STREAMS: &str = "/stream";

/// Where Binance spot is, and how much of its limits may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotConfig {
    /// An environment by name: `com`, `us`, `testnet` or `demo`.
    pub environment: String,
    /// Another REST address than the environment's. Wants [`Self::ws`] too.
    pub rest: Option<String>,
    /// Another address of the market streams than the environment's. Wants [`Self::rest`] too.
    pub ws: Option<String>,
    /// How much of the usable share of every limit is used, in percent.
    pub limit_share: u8,
}

impl Default for SpotConfig {
    fn default() -> Self {
        Self { environment: ENVIRONMENTS[0].name.to_owned(), rest: None, ws: None, limit_share: 100 }
    }
}

/// Fees as fractions of what is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// For an order that rested.
    pub maker: Decimal,
    /// For an order that took.
    pub taker: Decimal,
}

/// The addresses in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) rest: String,
    pub(crate) streams: String,
}

impl SpotConfig {
    /// The default configuration with another environment.
    pub fn of(environment: impl Into<String>) -> Self {
        Self { environment: environment.into(), ..Self::default() }
    }

    /// The fees that hold until an account's own are known.
    pub fn default_fees(&self) -> Fees {
        let tenth_of_a_percent = Decimal::new(1, 3);
        Fees { maker: tenth_of_a_percent, taker: tenth_of_a_percent }
    }

    /// The addresses, all of one environment or all given.
    pub(crate) fn addresses(&self) -> Result<Addresses, Error> {
        let environment = self.known_environment()?;
        let (rest, ws) = match (&self.rest, &self.ws) {
            (None, None) => (environment.rest, environment.ws),
            (Some(rest), Some(ws)) => (rest.as_str(), ws.as_str()),
            (Some(_), None) => return Err(mixture("ws", "rest")),
            (None, Some(_)) => return Err(mixture("rest", "ws")),
        };
        if [rest, ws].iter().any(|address| address.contains('@')) {
            return Err(Error::new(ErrorKind::Config, "an address must not hold a user or a password"));
        }
        Ok(Addresses { rest: rest.trim_end_matches('/').to_owned(), streams: streams(ws) })
    }

    fn known_environment(&self) -> Result<&'static Environment, Error> {
        ENVIRONMENTS.iter().find(|known| known.name == self.environment).ok_or_else(|| {
            let known: Vec<_> = ENVIRONMENTS.iter().map(|known| known.name).collect();
            Error::new(ErrorKind::Config, "binance-spot has no such environment")
                .with("environment", format_args!("'{}'", self.environment))
                .with("known", known.join(", "))
        })
    }
}

fn mixture(missing: &'static str, given: &'static str) -> Error {
    Error::new(ErrorKind::Config, "addresses of two environments must not be mixed: give all of them or none")
        .with("given", given)
        .with("missing", missing)
}

/// The address of the combined streams. A path of the caller's own is kept.
fn streams(ws: &str) -> String {
    let ws = ws.trim_end_matches('/');
    let has_path = ws.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if has_path { ws.to_owned() } else { format!("{ws}{COMBINED_STREAMS}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_from_one_environment_together() {
        let testnet = SpotConfig::of("testnet").addresses().expect("addresses");
        assert_eq!(testnet.rest, "https://testnet.binance.vision");
        assert_eq!(testnet.streams, "wss://stream.testnet.binance.vision/stream");
        let default = SpotConfig::default().addresses().expect("addresses");
        assert_eq!(default.streams, "wss://stream.binance.com:9443/stream");
    }

    #[test]
    fn own_addresses_come_all_or_none() {
        let own = |rest: Option<&str>, ws: Option<&str>| SpotConfig {
            rest: rest.map(str::to_owned),
            ws: ws.map(str::to_owned),
            ..SpotConfig::default()
        };
        let both = own(Some("http://127.0.0.1:9000/"), Some("ws://127.0.0.1:9000/ws")).addresses().expect("addresses");
        assert_eq!(both.rest, "http://127.0.0.1:9000");
        assert_eq!(both.streams, "ws://127.0.0.1:9000/ws");
        let refused = own(Some("http://127.0.0.1:9000"), None).addresses().expect_err("a mixture");
        assert_eq!((refused.kind(), refused.context("missing")), (ErrorKind::Config, Some("ws")));
        assert!(own(None, Some("ws://127.0.0.1:9000")).addresses().is_err());
    }

    #[test]
    fn an_unknown_environment_is_quoted_with_the_known_ones() {
        let refused = SpotConfig::of("tesnet").addresses().expect_err("unknown").to_string();
        assert!(refused.contains("'tesnet'") && refused.contains("testnet"), "{refused}");
    }
}
