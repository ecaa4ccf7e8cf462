//! Faults on demand: what can go wrong at an exchange, when it strikes, and how often it did.

mod carry_out;
mod class;
mod external;
mod kind;
mod parse;
mod table;

pub(crate) use self::class::Class;
pub use self::external::ExternalOrder;
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
    /// Only requests with this HTTP method or method of the socket's API, such as `DELETE` or `order.cancel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only this account, by name; the account `main` for what is done to an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only the order with this client id or number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Only private events of this type, such as `executionReport`, or reports of this kind, such as `TRADE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
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
            method: None,
            account: None,
            order: None,
            event: None,
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

    /// Only requests with this HTTP method or method of the socket's API.
    pub fn method(mut self, method: &str) -> Fault {
        self.method = Some(method.to_owned());
        self
    }

    /// Only this account.
    pub fn account(mut self, name: &str) -> Fault {
        self.account = Some(name.to_owned());
        self
    }

    /// Only the order with this client id or number.
    pub fn order(mut self, order: &str) -> Fault {
        self.order = Some(order.to_owned());
        self
    }

    /// Only private events of this type, such as `executionReport`, or reports of this kind, such as `TRADE`.
    pub fn event(mut self, event: &str) -> Fault {
        self.event = Some(event.to_owned());
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

    /// What it waits for: what is done to an account waits for a request if it names one.
    pub(crate) fn class(&self) -> Class {
        let waits = self.method.is_some() || self.path.is_some();
        if self.kind.acts_on_account() && waits { Class::Request } else { self.kind.class() }
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
