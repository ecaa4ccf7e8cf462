//! Faults on demand: what can go wrong at an exchange, when it strikes, and how often it did.

mod kind;
mod parse;
mod table;

pub(crate) use self::kind::Class;
pub use self::kind::{FaultKind, Novelty};
pub use self::parse::{FaultError, parse_faults};
pub(crate) use self::table::{Faults, Occasion};

use std::time::Duration;

use serde::Serialize;

/// One fault: what happens, to what, and when.
///
/// Without `nth`, `times`, `probability` and `for_ms` a fault strikes the first occasion once; those that describe
/// a state ([`FaultKind::Mute`], [`FaultKind::Halt`] and the like) stay until they are cleared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only requests whose path begins so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only this pair (`BTC-USDT`) or symbol (`BTCUSDT`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// Only streams whose name contains this text, such as `@depth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Only the connection with this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<u64>,
    /// The first matching occasion that is struck, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How many occasions are struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Chance of each occasion to be struck, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Seed of that chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Milliseconds from injection after which it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
}

impl Fault {
    /// A fault that strikes by the rule of its kind.
    pub fn new(kind: FaultKind) -> Fault {
        Fault {
            kind,
            path: None,
            pair: None,
            stream: None,
            connection: None,
            nth: None,
            times: None,
            probability: None,
            seed: None,
            for_ms: None,
        }
    }

    /// Only requests whose path begins so.
    pub fn path(mut self, path: &str) -> Fault {
        self.path = Some(path.to_owned());
        self
    }

    /// Only this pair (`BTC-USDT`) or symbol (`BTCUSDT`).
    pub fn pair(mut self, pair: &str) -> Fault {
        self.pair = Some(pair.to_owned());
        self
    }

    /// Only streams whose name contains this text.
    pub fn stream(mut self, stream: &str) -> Fault {
        self.stream = Some(stream.to_owned());
        self
    }

    /// Only the connection with this number.
    pub fn connection(mut self, connection: u64) -> Fault {
        self.connection = Some(connection);
        self
    }

    /// Strikes from the `nth` matching occasion on, counted from 1.
    pub fn nth(mut self, nth: u64) -> Fault {
        self.nth = Some(nth);
        self
    }

    /// Strikes this many occasions.
    pub fn times(mut self, times: u64) -> Fault {
        self.times = Some(times);
        self
    }

    /// Strikes every occasion until it is cleared.
    pub fn always(self) -> Fault {
        self.times(u64::MAX)
    }

    /// Strikes each occasion with this chance, drawn from `seed`.
    pub fn probability(mut self, probability: f64, seed: u64) -> Fault {
        self.probability = Some(probability);
        self.seed = Some(seed);
        self
    }

    /// Ends `duration` after the injection.
    pub fn lasting(mut self, duration: Duration) -> Fault {
        self.for_ms = Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// How many occasions it strikes at most.
    pub(crate) fn limit(&self) -> u64 {
        let unlimited = self.kind.lasts() || self.probability.is_some() || self.for_ms.is_some();
        self.times.unwrap_or(if unlimited { u64::MAX } else { 1 })
    }
}

/// Number of an injected fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);
