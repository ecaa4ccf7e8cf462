//! What a simulator is started with.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::accounts::{ExchangeRules, KeyType, MarginMode, PositionMode};
use crate::clock::{ClockSource, Timestamp};
use crate::exchanges::{EXCHANGES, Simulated};
use crate::faults::Fault;
use crate::listing::Listing;

/// Settings of a simulated exchange.
#[derive(Clone, Debug)]
pub struct Config {
    /// One of [`EXCHANGES`].
    pub exchange: String,
    /// Port on 127.0.0.1 for REST and all sockets; 0 lets the system pick one.
    pub port: u16,
    /// Port on 127.0.0.1 for the control API; 0 lets the system pick one.
    pub control_port: u16,
    /// Seed of everything that is random.
    pub seed: u64,
    /// What is listed.
    pub listings: Vec<Listing>,
    /// Whether background traders are at work.
    pub flow: Flow,
    /// Faults in force from the start.
    pub faults: Vec<Fault>,
    /// Limits that clients have to keep.
    pub limits: Limits,
    /// Accounts that exist from the start.
    pub accounts: Vec<AccountSetup>,
    /// Bounds on one account's live orders in all instruments together.
    pub rules: ExchangeRules,
    /// Whether time runs or is moved by hand.
    pub clock: ClockSource,
    /// The exchange's time at the start; the machine's wall clock if absent.
    pub start_time: Option<Timestamp>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            exchange: "binance-spot".to_owned(),
            port: 0,
            control_port: 0,
            seed: 1,
            listings: Listing::defaults(),
            flow: Flow::default(),
            faults: Vec::new(),
            limits: Limits::default(),
            accounts: vec![AccountSetup::main()],
            rules: ExchangeRules::default(),
            clock: ClockSource::default(),
            start_time: None,
        }
    }
}

impl Config {
    /// The usual settings of an exchange, one of [`EXCHANGES`].
    ///
    /// # Errors
    /// [`ConfigError::Exchange`].
    pub fn of(exchange: &str) -> Result<Config, ConfigError> {
        let known = Simulated::named(exchange).ok_or_else(|| ConfigError::Exchange(exchange.to_owned()))?;
        Ok(Config {
            exchange: exchange.to_owned(),
            listings: (known.listings)(),
            limits: (known.limits)(),
            ..Config::default()
        })
    }

    /// [`Config::default`], listing exactly `pairs`; see [`Config::listing`].
    ///
    /// # Errors
    /// [`ConfigError::Pair`].
    pub fn with_pairs<P: AsRef<str>>(pairs: &[P]) -> Result<Config, ConfigError> {
        Config::default().listing(pairs)
    }

    /// Lists exactly `pairs` (written `BTC-USDT`): with the rules by which they are listed already where they are,
    /// else with those of [`Listing::new`].
    ///
    /// # Errors
    /// [`ConfigError::Pair`] for text that is not two asset names joined by one hyphen.
    pub fn listing<P: AsRef<str>>(self, pairs: &[P]) -> Result<Config, ConfigError> {
        let known = &self.listings;
        let listing = |pair: &P| {
            let pair = pair.as_ref();
            if let Some(listing) = known.iter().find(|listing| listing.pair() == pair) {
                return Ok(listing.clone());
            }
            match pair.split_once('-') {
                Some((base, quote)) if !base.is_empty() && !quote.is_empty() && !quote.contains('-') => {
                    Ok(Listing::new(base, quote))
                }
                _ => Err(ConfigError::Pair(pair.to_owned())),
            }
        };
        let listings = pairs.iter().map(listing).collect::<Result<Vec<_>, _>>()?;
        Ok(Config { listings, ..self })
    }

    /// Lists `count` made-up pairs, `GEN0001-USDT` and so on, quiet and shallow.
    pub fn with_generated_pairs(count: usize) -> Config {
        Config { listings: Listing::generated(count), ..Config::default() }
    }
}

/// An account that exists from the start, or is to be opened.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSetup {
    /// Its name.
    pub name: String,
    /// What it has, by asset.
    #[serde(default)]
    pub balances: BTreeMap<String, Decimal>,
    /// How much it has of each asset that is listed and not among `balances`.
    #[serde(default)]
    pub otherwise: Decimal,
    /// The keys that it gets, in this order.
    #[serde(default)]
    pub keys: Vec<KeyType>,
    /// Leverage in all contracts; that of the contracts if absent.
    #[serde(default)]
    pub leverage: Option<Decimal>,
    /// Position mode; the exchange's usual one if absent.
    #[serde(default)]
    pub position_mode: Option<PositionMode>,
    /// Margin mode.
    #[serde(default)]
    pub margin_mode: MarginMode,
}

impl AccountSetup {
    /// An account without funds, with an HMAC and an Ed25519 key.
    pub fn new(name: &str) -> AccountSetup {
        let keys = vec![KeyType::Hmac, KeyType::Ed25519];
        AccountSetup {
            name: name.to_owned(),
            balances: BTreeMap::new(),
            otherwise: Decimal::ZERO,
            keys,
            leverage: None,
            position_mode: None,
            margin_mode: MarginMode::Cross,
        }
    }

    /// With so much of an asset.
    pub fn with(mut self, asset: &str, amount: Decimal) -> AccountSetup {
        self.balances.insert(asset.to_owned(), amount);
        self
    }

    /// The account `main`, with enough of each listed asset.
    pub fn main() -> AccountSetup {
        AccountSetup { otherwise: Decimal::new(100_000, 0), ..AccountSetup::new("main") }
            .with("USDT", Decimal::new(1_000_000, 0))
            .with("BTC", Decimal::new(100, 0))
            .with("ETH", Decimal::new(1_000, 0))
            .with("BNB", Decimal::new(1_000, 0))
    }
}

/// Whether background traders are at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flow {
    /// Nobody trades but those whom the caller moves; the opening books are there.
    Off,
    /// Seeded background traders; `rate` is in thousandths of their usual activity.
    Background {
        /// 1000 is usual; 500 is half as busy.
        rate: u32,
    },
}

impl Default for Flow {
    fn default() -> Flow {
        Flow::Background { rate: 1000 }
    }
}

/// Limits that clients have to keep, all changeable for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Request weight per minute and address.
    pub weight_per_minute: u64,
    /// Requests per 5 minutes and address.
    pub requests_per_5_minutes: u64,
    /// Requests per 5 seconds and address, where the exchange counts so.
    pub requests_per_5_seconds: u64,
    /// Socket connections per 5 minutes and address.
    pub connections_per_5_minutes: u64,
    /// Requests answered 429 in a row after which the address is banned.
    pub refusals_until_ban: u64,
    /// Seconds of the first ban; each further one is twice as long, up to three days.
    pub ban_seconds: u64,
    /// Streams on one connection.
    pub streams_per_connection: usize,
    /// Frames that a client may send on one socket per second.
    pub frames_per_second: u64,
    /// New orders per 10 seconds and account, as published.
    pub orders_per_10_seconds: u64,
    /// New orders per minute and account, as published, where the exchange counts them so.
    pub orders_per_minute: u64,
    /// New orders per day and account, as published.
    pub orders_per_day: u64,
    /// Frames queued for one socket; a client that lags further behind is disconnected.
    pub socket_queue: usize,
    /// Seconds between pings of the server.
    pub ping_seconds: u64,
    /// Seconds without a pong after which a socket is closed.
    pub pong_seconds: u64,
    /// Seconds after which a socket is closed in any case.
    pub socket_life_seconds: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            weight_per_minute: 6000,
            requests_per_5_minutes: 300_000,
            requests_per_5_seconds: 600,
            connections_per_5_minutes: 300,
            refusals_until_ban: 20,
            ban_seconds: 120,
            streams_per_connection: 1024,
            frames_per_second: 5,
            orders_per_10_seconds: 100,
            orders_per_minute: 1200,
            orders_per_day: 200_000,
            socket_queue: 4096,
            ping_seconds: 20,
            pong_seconds: 60,
            socket_life_seconds: 86_400,
        }
    }
}

/// A configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The exchange is not simulated.
    #[error("unknown exchange `{0}`; known: {known}", known = EXCHANGES.join(", "))]
    Exchange(String),
    /// Not a pair.
    #[error("`{0}` is not a pair; write it like BTC-USDT")]
    Pair(String),
    /// The same symbol twice.
    #[error("symbol `{0}` is listed twice")]
    Duplicate(String),
    /// The same account twice, a negative balance, or a key that could not be made.
    #[error("account `{0}`: {1}")]
    Account(String, String),
    /// A listing without a usable step, tick or price.
    #[error("listing `{0}`: tick, step and opening price must be positive")]
    Listing(String),
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A fault given at the start was refused.
    #[error(transparent)]
    Fault(#[from] crate::faults::FaultError),
    /// A port could not be had, for instance because it is in use.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Config {
    /// The exchange that it names, if it can be used.
    pub(crate) fn check(&self) -> Result<&'static Simulated, ConfigError> {
        let known = Simulated::named(&self.exchange).ok_or_else(|| ConfigError::Exchange(self.exchange.clone()))?;
        let mut seen = std::collections::HashSet::new();
        for listing in &self.listings {
            if !seen.insert(listing.symbol.as_str()) {
                return Err(ConfigError::Duplicate(listing.symbol.clone()));
            }
            if [listing.tick, listing.step, listing.opening_price].iter().any(|n| *n <= rust_decimal::Decimal::ZERO) {
                return Err(ConfigError::Listing(listing.symbol.clone()));
            }
        }
        Ok(known)
    }
}
