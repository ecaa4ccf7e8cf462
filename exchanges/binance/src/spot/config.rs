use std::time::Duration;

use tradewire_core::{Decimal, Environment, Error, ErrorKind, FeeRates};
use tradewire_transport::RECV_WINDOW;

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

/// The path of calls.
const CALLS: &str = "/ws-api/v3";
/// The longest validity of a signed request that the exchange takes.
const RECV_WINDOW_MAX: Duration = Duration::from_secs(60);

/// Where Binance spot is, how much of its limits may be used, and how long signed requests are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotConfig {
    /// An environment by name: `com`, `us`, `testnet` or `demo`.
    pub environment: String,
    /// Another REST address than the environment's. Wants [`Self::ws`] too.
    pub rest: Option<String>,
    /// Another address of the market streams than the environment's. Wants [`Self::rest`] too.
    pub ws: Option<String>,
    /// Another address of calls and of the account's events than the environment's, with its path. Wants the two above too;
    /// where they are given and this is not, it is on the server of [`Self::ws`].
    pub ws_api: Option<String>,
    /// How long after its time a signed request may be taken for good, 1 ms to 60 s.
    pub recv_window: Duration,
    /// How much of the usable share of every limit is used, in percent.
    pub limit_share: u8,
}

impl Default for SpotConfig {
    fn default() -> Self {
        Self {
            environment: ENVIRONMENTS[0].name.to_owned(),
            rest: None,
            ws: None,
            ws_api: None,
            recv_window: RECV_WINDOW,
            limit_share: 100,
        }
    }
}

/// The addresses in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) rest: String,
    pub(crate) streams: String,
    pub(crate) calls: String,
    /// The name of the environment, or the server of addresses that were given.
    pub(crate) label: String,
}

impl SpotConfig {
    /// The default configuration with another environment.
    pub fn of(environment: impl Into<String>) -> Self {
        Self { environment: environment.into(), ..Self::default() }
    }

    /// The commission that holds until an account's own is known.
    pub fn default_fees(&self) -> FeeRates {
        let tenth_of_a_percent = Decimal::new(1, 3);
        FeeRates { maker: tenth_of_a_percent, taker: tenth_of_a_percent }
    }

    /// The addresses, all of one environment or all given.
    pub(crate) fn addresses(&self) -> Result<Addresses, Error> {
        let environment = self.known_environment()?;
        let (rest, ws, calls, label) = match (&self.rest, &self.ws, &self.ws_api) {
            (None, None, None) => {
                let calls = environment.ws_api.map(str::to_owned);
                (environment.rest, environment.ws, calls, environment.name)
            }
            (Some(rest), Some(ws), calls) => (rest.as_str(), ws.as_str(), calls.clone(), server(rest).1),
            (None, _, None) => return Err(mixture("rest", "ws")),
            (None, _, Some(_)) => return Err(mixture("rest", "ws_api")),
            (Some(_), None, _) => return Err(mixture("ws", "rest")),
        };
        let calls = calls.unwrap_or_else(|| format!("{}{CALLS}", server(ws).0));
        if [rest, ws, &calls].iter().any(|address| address.contains('@')) {
            return Err(Error::new(ErrorKind::Config, "an address must not hold a user or a password"));
        }
        let rest = rest.trim_end_matches('/').to_owned();
        Ok(Addresses { rest, streams: streams(ws), calls, label: label.to_owned() })
    }

    /// The validity of signed requests, if the exchange takes it.
    pub(crate) fn checked_recv_window(&self) -> Result<Duration, Error> {
        if (Duration::from_millis(1)..=RECV_WINDOW_MAX).contains(&self.recv_window) {
            return Ok(self.recv_window);
        }
        Err(Error::new(ErrorKind::Config, "the receive window must be 1 ms to 60 s")
            .with("recv_window", format_args!("{} ms", self.recv_window.as_millis())))
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

/// The part of an address before its path, with and without its scheme.
fn server(address: &str) -> (&str, &str) {
    let begin = address.find("://").map_or(0, |at| at + 3);
    let end = address[begin..].find('/').map_or(address.len(), |at| begin + at);
    (&address[..end], &address[begin..end])
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
        assert_eq!(default.calls, "wss://ws-api.binance.com:443/ws-api/v3");
        assert_eq!(default.label, "com");
    }

    fn own(rest: Option<&str>, ws: Option<&str>, ws_api: Option<&str>) -> SpotConfig {
        let [rest, ws, ws_api] = [rest, ws, ws_api].map(|address| address.map(str::to_owned));
        SpotConfig { rest, ws, ws_api, ..SpotConfig::default() }
    }

    #[test]
    fn own_addresses_come_all_or_none() {
        let (rest, ws) = (Some("http://127.0.0.1:9000/"), Some("ws://127.0.0.1:9000/ws"));
        let both = own(rest, ws, None).addresses().expect("addresses");
        assert_eq!(both.rest, "http://127.0.0.1:9000");
        assert_eq!(both.streams, "ws://127.0.0.1:9000/ws");
        assert_eq!((both.calls.as_str(), both.label.as_str()), ("ws://127.0.0.1:9000/ws-api/v3", "127.0.0.1:9000"));
        let all = own(rest, ws, Some("ws://127.0.0.1:9001/calls")).addresses().expect("addresses");
        assert_eq!(all.calls, "ws://127.0.0.1:9001/calls");
        for (config, missing) in [
            (own(rest, None, None), "ws"),
            (own(None, ws, None), "rest"),
            (own(None, None, Some("ws://127.0.0.1:1")), "rest"),
        ] {
            let refused = config.addresses().expect_err("a mixture");
            assert_eq!((refused.kind(), refused.context("missing")), (ErrorKind::Config, Some(missing)));
        }
        assert!(own(rest, ws, Some("ws://me:secret@127.0.0.1:1")).addresses().is_err());
    }

    #[test]
    fn the_receive_window_has_bounds() {
        let window = |recv_window| SpotConfig { recv_window, ..SpotConfig::default() }.checked_recv_window();
        assert_eq!(window(RECV_WINDOW).expect("the default"), RECV_WINDOW);
        for wrong in [Duration::ZERO, Duration::from_secs(61)] {
            assert_eq!(window(wrong).expect_err("out of bounds").kind(), ErrorKind::Config);
        }
    }

    #[test]
    fn an_unknown_environment_is_quoted_with_the_known_ones() {
        let refused = SpotConfig::of("tesnet").addresses().expect_err("unknown").to_string();
        assert!(refused.contains("'tesnet'") && refused.contains("testnet"), "{refused}");
    }
}
