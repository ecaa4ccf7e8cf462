use std::time::Duration;

use tradewire_core::{Decimal, Environment, Error, ErrorKind, FeeRates};
use tradewire_transport::RECV_WINDOW;

use crate::category::Category;

/// The environment for demo trading.
pub(crate) const DEMO: &str = "demo";

/// The path of market streams, but for the category.
const PUBLIC: &str = "/v5/public/";
/// The path of the account's events.
const PRIVATE: &str = "/v5/private";
/// The path of commands.
const TRADE: &str = "/v5/trade";
/// The longest validity of a signed request that the exchange takes.
const RECV_WINDOW_MAX: Duration = Duration::from_secs(60);

/// The environments of a category: a domain's sockets are on `stream` of it where it has any of its own, else on those of
/// the exchange's main domain.
macro_rules! environments {
    ($category:literal) => {
        &[
            environments!($category "mainnet" "https://api.bybit.com" "wss://stream.bybit.com"),
            environments!($category "testnet" "https://api-testnet.bybit.com" "wss://stream-testnet.bybit.com"),
            tradewire_core::Environment {
                name: $crate::config::DEMO,
                rest: "https://api-demo.bybit.com",
                // Demo trades at the prices of the main market, and takes no commands over a socket.
                ws: concat!("wss://stream.bybit.com/v5/public/", $category),
                ws_api: None,
                ws_private: Some("wss://stream-demo.bybit.com/v5/private"),
            },
            environments!($category "bytick" "https://api.bytick.com" "wss://stream.bybit.com"),
            environments!($category "nl" "https://api.bybit.nl" "wss://stream.bybit.com"),
            environments!($category "ae" "https://api.bybit.ae" "wss://stream.bybit.com"),
            environments!($category "tr" "https://api.bybit.tr" "wss://stream.bybit.tr"),
            environments!($category "id" "https://api.bybit.id" "wss://stream.bybit.id"),
            environments!($category "kz" "https://api.bybit.kz" "wss://stream.bybit.kz"),
            environments!($category "ge" "https://api.bybitgeorgia.ge" "wss://stream.bybitgeorgia.ge"),
            environments!($category "jp" "https://api.manepa.jp" "wss://stream.manepa.jp"),
        ]
    };
    ($category:literal $name:literal $rest:literal $stream:literal) => {
        tradewire_core::Environment {
            name: $name,
            rest: $rest,
            ws: concat!($stream, "/v5/public/", $category),
            ws_api: Some(concat!($stream, "/v5/trade")),
            ws_private: Some(concat!($stream, "/v5/private")),
        }
    };
}

pub(crate) use environments;

/// Levels a side of a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BookLevels {
    /// The best price of each side, every 10 ms, as whole books.
    Best,
    /// 50 levels, every 20 ms.
    Fifty,
    /// 200 levels, every 100 ms.
    TwoHundred,
    /// 1 000 levels, every 200 ms. Only these can be checked with snapshots by REST.
    #[default]
    Thousand,
}

impl BookLevels {
    /// The number.
    pub const fn number(self) -> u32 {
        match self {
            Self::Best => 1,
            Self::Fifty => 50,
            Self::TwoHundred => 200,
            Self::Thousand => 1_000,
        }
    }
}

/// Where Bybit is, how much of its limits may be used, how deep books are, and how long signed requests are good. It is the
/// same for all of its markets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BybitConfig {
    /// An environment by name, for example `mainnet`, `testnet`, `demo`, or the ending of another domain.
    pub environment: String,
    /// Another REST address than the environment's. Wants [`Self::ws`] too.
    pub rest: Option<String>,
    /// Another address of the market streams than the environment's, with or without its path. Wants [`Self::rest`] too.
    pub ws: Option<String>,
    /// Another address of commands than the environment's, with its path. Wants the two above too; where they are given and
    /// this is not, it is on the server of [`Self::ws`].
    pub ws_api: Option<String>,
    /// Another address of the account's events than the environment's, with its path. As [`Self::ws_api`].
    pub ws_private: Option<String>,
    /// Levels a side of books.
    pub levels: BookLevels,
    /// How long after its time a signed request may be taken for good, 1 ms to 60 s.
    pub recv_window: Duration,
    /// How much of the usable share of every limit is used, in percent.
    pub limit_share: u8,
}

impl Default for BybitConfig {
    fn default() -> Self {
        Self {
            environment: "mainnet".to_owned(),
            rest: None,
            ws: None,
            ws_api: None,
            ws_private: None,
            levels: BookLevels::default(),
            recv_window: RECV_WINDOW,
            limit_share: 100,
        }
    }
}

impl From<&tradewire_core::Addresses> for BybitConfig {
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

/// The addresses in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) rest: String,
    pub(crate) streams: String,
    /// `None` where commands go by REST only.
    pub(crate) commands: Option<String>,
    pub(crate) private: String,
    /// The name of the environment, or the server of addresses that were given.
    pub(crate) label: String,
}

impl BybitConfig {
    /// The default configuration with another environment.
    pub fn of(environment: impl Into<String>) -> Self {
        Self { environment: environment.into(), ..Self::default() }
    }

    /// The commission of a category that holds until an account's own is known.
    pub(crate) fn default_fees(category: Category) -> FeeRates {
        match category {
            Category::Spot => FeeRates { maker: Decimal::new(1, 3), taker: Decimal::new(1, 3) },
            Category::Linear => FeeRates { maker: Decimal::new(2, 4), taker: Decimal::new(55, 5) },
        }
    }

    /// The addresses for a category, all of one environment or all given.
    pub(crate) fn addresses(&self, category: Category, known: &[Environment]) -> Result<Addresses, Error> {
        let environment = self.known_environment(known)?;
        let sockets_given = self.ws_api.is_some() || self.ws_private.is_some();
        let addresses = match (&self.rest, &self.ws) {
            (None, None) if !sockets_given => Addresses {
                rest: environment.rest.to_owned(),
                streams: environment.ws.to_owned(),
                commands: environment.ws_api.map(str::to_owned),
                private: environment.ws_private.unwrap_or_default().to_owned(),
                label: environment.name.to_owned(),
            },
            (Some(rest), Some(ws)) => self.given(category, rest, ws),
            (None, given) => return Err(mixture("rest", if given.is_some() { "ws" } else { "ws_api or ws_private" })),
            (Some(_), None) => return Err(mixture("ws", "rest")),
        };
        let Addresses { rest, streams, commands, private, .. } = &addresses;
        if [Some(rest), Some(streams), commands.as_ref(), Some(private)]
            .into_iter()
            .flatten()
            .any(|at| at.contains('@'))
        {
            return Err(Error::new(ErrorKind::Config, "an address must not hold a user or a password"));
        }
        Ok(addresses)
    }

    fn given(&self, category: Category, rest: &str, ws: &str) -> Addresses {
        let on_server = |path: &str| format!("{}{path}", server(ws).0);
        let streams = ws.trim_end_matches('/');
        let has_path = server(streams).0.len() < streams.len();
        Addresses {
            rest: rest.trim_end_matches('/').to_owned(),
            streams: if has_path { streams.to_owned() } else { format!("{streams}{PUBLIC}{category}") },
            commands: Some(self.ws_api.clone().unwrap_or_else(|| on_server(TRADE))),
            private: self.ws_private.clone().unwrap_or_else(|| on_server(PRIVATE)),
            label: server(rest).1.to_owned(),
        }
    }

    /// The validity of signed requests, if the exchange takes it.
    pub(crate) fn checked_recv_window(&self) -> Result<Duration, Error> {
        if (Duration::from_millis(1)..=RECV_WINDOW_MAX).contains(&self.recv_window) {
            return Ok(self.recv_window);
        }
        Err(Error::new(ErrorKind::Config, "the receive window must be 1 ms to 60 s")
            .with("recv_window", format_args!("{} ms", self.recv_window.as_millis())))
    }

    fn known_environment(&self, known: &[Environment]) -> Result<Environment, Error> {
        known.iter().find(|known| known.name == self.environment).copied().ok_or_else(|| {
            let known: Vec<_> = known.iter().map(|known| known.name).collect();
            Error::new(ErrorKind::Config, "Bybit has no such environment")
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

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Environment] = environments!("linear");

    fn addresses(config: &BybitConfig) -> Result<Addresses, Error> {
        config.addresses(Category::Linear, KNOWN)
    }

    fn own(rest: Option<&str>, ws: Option<&str>, ws_api: Option<&str>) -> BybitConfig {
        let [rest, ws, ws_api] = [rest, ws, ws_api].map(|address| address.map(str::to_owned));
        BybitConfig { rest, ws, ws_api, ..BybitConfig::default() }
    }

    #[test]
    fn addresses_come_from_one_environment_together() {
        let mainnet = addresses(&BybitConfig::default()).expect("addresses");
        assert_eq!(mainnet.streams, "wss://stream.bybit.com/v5/public/linear");
        assert_eq!(mainnet.commands.as_deref(), Some("wss://stream.bybit.com/v5/trade"));
        let demo = addresses(&BybitConfig::of("demo")).expect("addresses");
        assert_eq!((demo.rest.as_str(), demo.commands), ("https://api-demo.bybit.com", None));
        assert_eq!(demo.private, "wss://stream-demo.bybit.com/v5/private");
        let kz = addresses(&BybitConfig::of("kz")).expect("addresses");
        assert_eq!((kz.rest.as_str(), kz.label.as_str()), ("https://api.bybit.kz", "kz"));
        let refused = addresses(&BybitConfig::of("tesnet")).expect_err("unknown").to_string();
        assert!(refused.contains("'tesnet'") && refused.contains("testnet"), "{refused}");
    }

    #[test]
    fn own_addresses_come_all_or_none() {
        let (rest, ws) = (Some("http://127.0.0.1:9000/"), Some("ws://127.0.0.1:9000"));
        let both = addresses(&own(rest, ws, None)).expect("addresses");
        assert_eq!((both.rest.as_str(), both.label.as_str()), ("http://127.0.0.1:9000", "127.0.0.1:9000"));
        assert_eq!(both.streams, "ws://127.0.0.1:9000/v5/public/linear");
        assert_eq!(both.private, "ws://127.0.0.1:9000/v5/private");
        assert_eq!(both.commands.as_deref(), Some("ws://127.0.0.1:9000/v5/trade"));
        let all =
            addresses(&own(rest, Some("ws://127.0.0.1:9000/feed"), Some("ws://127.0.0.1:9001/t"))).expect("addresses");
        assert_eq!(
            (all.streams.as_str(), all.commands.as_deref()),
            ("ws://127.0.0.1:9000/feed", Some("ws://127.0.0.1:9001/t"))
        );
        for (config, missing) in [
            (own(rest, None, None), "ws"),
            (own(None, ws, None), "rest"),
            (own(None, None, Some("ws://127.0.0.1:1")), "rest"),
        ] {
            let refused = addresses(&config).expect_err("a mixture");
            assert_eq!((refused.kind(), refused.context("missing")), (ErrorKind::Config, Some(missing)));
        }
        assert!(addresses(&own(rest, ws, Some("ws://me:secret@127.0.0.1:1"))).is_err());
    }

    #[test]
    fn the_receive_window_has_bounds() {
        let window = |recv_window| BybitConfig { recv_window, ..BybitConfig::default() }.checked_recv_window();
        assert_eq!(window(RECV_WINDOW).expect("the default"), RECV_WINDOW);
        assert!(window(Duration::ZERO).is_err() && window(Duration::from_secs(61)).is_err());
    }
}
