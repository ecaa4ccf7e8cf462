use std::time::Duration;

use tradewire_core::{Environment, Error, ErrorKind};
use tradewire_transport::RECV_WINDOW;

use crate::product::Product;

/// The longest validity of a signed request that the exchange takes.
const RECV_WINDOW_MAX: Duration = Duration::from_secs(60);

/// Where one of Binance's markets is, how much of its limits may be used, and how long signed requests are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinanceConfig {
    /// An environment by name, as the market's capabilities list them; the first of them if absent.
    pub environment: Option<String>,
    /// Another REST address than the environment's. Wants [`Self::ws`] too.
    pub rest: Option<String>,
    /// Another address of the market streams than the environment's. Wants [`Self::rest`] too.
    pub ws: Option<String>,
    /// Another address of calls than the environment's, with its path. Wants the two above too; where they are given and this
    /// is not, it is on the server of [`Self::ws`].
    pub ws_api: Option<String>,
    /// Another address of the account's events than the environment's, for markets where they have one of their own. As
    /// [`Self::ws_api`].
    pub ws_private: Option<String>,
    /// How long after its time a signed request may be taken for good, 1 ms to 60 s.
    pub recv_window: Duration,
    /// How much of the usable share of every limit is used, in percent.
    pub limit_share: u8,
}

impl Default for BinanceConfig {
    fn default() -> Self {
        Self {
            environment: None,
            rest: None,
            ws: None,
            ws_api: None,
            ws_private: None,
            recv_window: RECV_WINDOW,
            limit_share: 100,
        }
    }
}

impl From<&tradewire_core::Addresses> for BinanceConfig {
    fn from(addresses: &tradewire_core::Addresses) -> Self {
        match addresses {
            tradewire_core::Addresses::Default => Self::default(),
            tradewire_core::Addresses::Environment(name) => Self::of(name),
            tradewire_core::Addresses::Own { rest, ws, ws_api, ws_private } => Self {
                rest: Some(rest.clone()),
                ws: Some(ws.clone()),
                ws_api: ws_api.clone(),
                ws_private: ws_private.clone(),
                ..Self::default()
            },
        }
    }
}

/// The addresses in use, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub(crate) rest: String,
    /// Of the market streams, as configured: a path may follow.
    pub(crate) streams: String,
    pub(crate) calls: String,
    /// Of the account's events, as configured: a path may follow.
    pub(crate) private: String,
    /// The name of the environment, or the server of addresses that were given.
    pub(crate) label: String,
}

impl BinanceConfig {
    /// The default configuration with another environment.
    pub fn of(environment: impl Into<String>) -> Self {
        Self { environment: Some(environment.into()), ..Self::default() }
    }

    /// The addresses, all of one environment or all given.
    pub(crate) fn addresses<P: Product>(&self) -> Result<Addresses, Error> {
        let environment = self.known_environment::<P>()?;
        let (rest, ws, calls, private, label) = match (&self.rest, &self.ws, &self.ws_api, &self.ws_private) {
            (None, None, None, None) => {
                let [calls, private] = [environment.ws_api, environment.ws_private].map(|url| url.map(str::to_owned));
                (environment.rest, environment.ws, calls, private, environment.name)
            }
            (Some(rest), Some(ws), calls, private) => (&**rest, &**ws, calls.clone(), private.clone(), server(rest).1),
            (Some(_), None, ..) => return Err(mixture("ws", "rest")),
            (None, Some(_), ..) => return Err(mixture("rest", "ws")),
            (None, None, Some(_), _) => return Err(mixture("rest", "ws_api")),
            (None, None, None, Some(_)) => return Err(mixture("rest", "ws_private")),
        };
        let calls = calls.unwrap_or_else(|| format!("{}{}", server(ws).0, P::CALLS_PATH));
        let private = private.unwrap_or_else(|| ws.to_owned());
        if [rest, ws, &calls, &private].iter().any(|address| address.contains('@')) {
            return Err(Error::new(ErrorKind::Config, "an address must not hold a user or a password"));
        }
        let [rest, streams, private] = [rest, ws, &*private].map(|url| url.trim_end_matches('/').to_owned());
        Ok(Addresses { rest, streams, calls, private, label: label.to_owned() })
    }

    /// The validity of signed requests, if the exchange takes it.
    pub(crate) fn checked_recv_window(&self) -> Result<Duration, Error> {
        if (Duration::from_millis(1)..=RECV_WINDOW_MAX).contains(&self.recv_window) {
            return Ok(self.recv_window);
        }
        Err(Error::new(ErrorKind::Config, "the receive window must be 1 ms to 60 s")
            .with("recv_window", format_args!("{} ms", self.recv_window.as_millis())))
    }

    fn known_environment<P: Product>(&self) -> Result<&'static Environment, Error> {
        let known = P::CAPABILITIES.environments;
        let wanted = self.environment.as_deref().unwrap_or(known[0].name);
        known.iter().find(|known| known.name == wanted).ok_or_else(|| {
            let known: Vec<_> = known.iter().map(|known| known.name).collect();
            let text = format!("{} has no such environment", P::CAPABILITIES.exchange);
            Error::new(ErrorKind::Config, text)
                .with("environment", format_args!("'{wanted}'"))
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

/// Whether an address has a path after its server.
pub(crate) fn has_path(address: &str) -> bool {
    server(address).0.len() < address.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::Spot;

    #[test]
    fn addresses_come_from_one_environment_together() {
        let testnet = BinanceConfig::of("testnet").addresses::<Spot>().expect("addresses");
        assert_eq!(testnet.rest, "https://testnet.binance.vision");
        assert_eq!(testnet.streams, "wss://stream.testnet.binance.vision");
        let default = BinanceConfig::default().addresses::<Spot>().expect("addresses");
        assert_eq!(default.streams, "wss://stream.binance.com:9443");
        assert_eq!(default.calls, "wss://ws-api.binance.com:443/ws-api/v3");
        assert_eq!(default.label, "com");
    }

    fn own(rest: Option<&str>, ws: Option<&str>, ws_api: Option<&str>) -> BinanceConfig {
        let [rest, ws, ws_api] = [rest, ws, ws_api].map(|address| address.map(str::to_owned));
        BinanceConfig { rest, ws, ws_api, ..BinanceConfig::default() }
    }

    #[test]
    fn own_addresses_come_all_or_none() {
        let (rest, ws) = (Some("http://127.0.0.1:9000/"), Some("ws://127.0.0.1:9000/ws"));
        let both = own(rest, ws, None).addresses::<Spot>().expect("addresses");
        assert_eq!(both.rest, "http://127.0.0.1:9000");
        assert_eq!(both.streams, "ws://127.0.0.1:9000/ws");
        assert_eq!((both.calls.as_str(), both.label.as_str()), ("ws://127.0.0.1:9000/ws-api/v3", "127.0.0.1:9000"));
        let all = own(rest, ws, Some("ws://127.0.0.1:9001/calls")).addresses::<Spot>().expect("addresses");
        assert_eq!(all.calls, "ws://127.0.0.1:9001/calls");
        for (config, missing) in [
            (own(rest, None, None), "ws"),
            (own(None, ws, None), "rest"),
            (own(None, None, Some("ws://127.0.0.1:1")), "rest"),
        ] {
            let refused = config.addresses::<Spot>().expect_err("a mixture");
            assert_eq!((refused.kind(), refused.context("missing")), (ErrorKind::Config, Some(missing)));
        }
        assert!(own(rest, ws, Some("ws://me:secret@127.0.0.1:1")).addresses::<Spot>().is_err());
    }

    #[test]
    fn the_receive_window_has_bounds() {
        let window = |recv_window| BinanceConfig { recv_window, ..BinanceConfig::default() }.checked_recv_window();
        assert_eq!(window(RECV_WINDOW).expect("the default"), RECV_WINDOW);
        for wrong in [Duration::ZERO, Duration::from_secs(61)] {
            assert_eq!(window(wrong).expect_err("out of bounds").kind(), ErrorKind::Config);
        }
    }

    #[test]
    fn an_unknown_environment_is_quoted_with_the_known_ones() {
        let refused = BinanceConfig::of("tesnet").addresses::<Spot>().expect_err("unknown").to_string();
        assert!(refused.contains("'tesnet'") && refused.contains("testnet"), "{refused}");
    }
}
