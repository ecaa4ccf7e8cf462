//! Request limits as Binance states them, in instrument lists and in headers.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, ErrorKind};
use tradewire_transport::{Answer, PoolSpec, Refusal, RestDialect, Scope, Unit, Used, Window};

use crate::error_codes::{self, KindOf};

const USED_WEIGHT: &str = "x-mbx-used-weight-";
const ORDER_COUNT: &str = "x-mbx-order-count-";

/// New connections from one network address in [`CONNECTS_WINDOW`].
pub(crate) const CONNECTS_MAX: usize = 300;
/// The window of [`CONNECTS_MAX`].
pub(crate) const CONNECTS_WINDOW: Duration = Duration::from_secs(300);

/// What a market's answers say besides their content, with the kinds of its errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MarketDialect(pub(crate) KindOf);

impl RestDialect for MarketDialect {
    fn used(&self, answer: &Answer<'_>) -> Vec<Used> {
        used(answer)
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        error_codes::refusal(answer)
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        error_codes::error(answer, self.0)
    }
}

/// A limit over a window that turns at multiples of its length.
pub(crate) const fn pool(unit: Unit, limit: u32, seconds: u64) -> PoolSpec {
    // Cancels count as requests with a weight; only new orders count as orders.
    let cancels = !matches!(unit, Unit::Orders);
    let scope = if matches!(unit, Unit::Orders) { Scope::Account } else { Scope::Address };
    PoolSpec { unit, limit, window: Window::Fixed(Duration::from_secs(seconds)), scope, cancels }
}

/// The pools that an instrument list publishes, and an error for each limit that is not understood.
///
/// The limit on connections is known and not among them: it is not one on requests.
pub(crate) fn published(limits: &[&RawValue]) -> (Vec<PoolSpec>, Vec<Error>) {
    let (mut pools, mut problems) = (Vec::new(), Vec::new());
    for raw in limits {
        match serde_json::from_str::<RateLimit>(raw.get()) {
            Ok(limit) if limit.kind == "CONNECTIONS" => {}
            Ok(limit) => match limit.pool() {
                Some(pool) => pools.push(pool),
                None => problems.push(unknown(raw)),
            },
            Err(error) => problems.push(unknown(raw).with_source(error)),
        }
    }
    (pools, problems)
}

fn unknown(raw: &RawValue) -> Error {
    Error::new(ErrorKind::Config, "the exchange publishes a limit that is not known here and not obeyed")
        .with_frame(raw.get().as_bytes())
}

/// How much is used, by the headers of an answer.
pub(crate) fn used(answer: &Answer<'_>) -> Vec<Used> {
    answer.headers.iter().filter_map(|(name, value)| counted(name.as_str(), value.to_str().ok()?)).collect()
}

/// One header: `x-mbx-used-weight-1m: 37`. Header names are in lower case.
fn counted(name: &str, value: &str) -> Option<Used> {
    let (unit, window) = match name.strip_prefix(USED_WEIGHT) {
        Some(window) => (Unit::Weight, window),
        None => (Unit::Orders, name.strip_prefix(ORDER_COUNT)?),
    };
    let (number, letter) = window.split_at_checked(window.len().checked_sub(1)?)?;
    let seconds = match letter {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let window = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
    Some(Used { unit, window, used: value.trim().parse().ok()? })
}

/// How much is used, by a reply of the WebSocket API. A count that is not understood is no reason to lose the reply.
pub(crate) fn used_by_reply(limits: &[&RawValue]) -> Vec<Used> {
    let limits = limits.iter().filter_map(|raw| serde_json::from_str::<RateLimit>(raw.get()).ok());
    limits.filter_map(|limit| limit.used()).collect()
}

/// A limit as instrument lists and replies state it; replies tell what is used of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    #[serde(rename = "rateLimitType")]
    kind: String,
    interval: String,
    interval_num: u32,
    limit: u32,
    count: Option<u32>,
}

impl RateLimit {
    fn pool(&self) -> Option<PoolSpec> {
        let (unit, seconds) = (self.unit()?, self.seconds()?);
        (seconds > 0 && self.limit > 0).then(|| pool(unit, self.limit, seconds))
    }

    fn used(&self) -> Option<Used> {
        Some(Used { unit: self.unit()?, window: Duration::from_secs(self.seconds()?), used: self.count? })
    }

    fn unit(&self) -> Option<Unit> {
        match self.kind.as_str() {
            "REQUEST_WEIGHT" => Some(Unit::Weight),
            "RAW_REQUESTS" => Some(Unit::Requests),
            "ORDERS" => Some(Unit::Orders),
            _ => None,
        }
    }

    fn seconds(&self) -> Option<u64> {
        let unit = match self.interval.as_str() {
            "SECOND" => 1,
            "MINUTE" => 60,
            "HOUR" => 3_600,
            "DAY" => 86_400,
            _ => return None,
        };
        Some(unit * u64::from(self.interval_num))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_transport::HeaderMap;

    #[test]
    fn counts_come_from_the_headers_of_known_windows() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("X-MBX-USED-WEIGHT-1M", "37"),
            ("x-mbx-used-weight", "37"),
            ("X-MBX-ORDER-COUNT-10S", "3"),
            ("X-MBX-ORDER-COUNT-1D", "4000"),
            ("X-MBX-ORDER-COUNT-1W", "4000"),
            ("X-MBX-USED-WEIGHT-1H", "many"),
        ] {
            headers.append(name, value.parse().expect("a value"));
        }
        let mut used = used(&Answer { status: 200, headers: &headers, body: b"{}" });
        used.sort_by_key(|used| used.used);
        let seconds = Duration::from_secs;
        assert_eq!(
            used,
            [
                Used { unit: Unit::Orders, window: seconds(10), used: 3 },
                Used { unit: Unit::Weight, window: seconds(60), used: 37 },
                Used { unit: Unit::Orders, window: seconds(86_400), used: 4_000 },
            ]
        );
    }

    #[test]
    fn a_limit_of_an_unknown_kind_is_told_and_not_obeyed() {
        let text = r#"[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},
            {"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":300000},
            {"rateLimitType":"CONNECTIONS","interval":"MINUTE","intervalNum":5,"limit":300},
            {"rateLimitType":"MOONS","interval":"MINUTE","intervalNum":1,"limit":1}, {},
            {"rateLimitType":"ORDERS","interval":"FORTNIGHT","intervalNum":1,"limit":1}]"#;
        let limits: Vec<&RawValue> = serde_json::from_str(text).expect("limits");
        let (pools, problems) = published(&limits);
        assert_eq!(pools, [pool(Unit::Weight, 6_000, 60), pool(Unit::Requests, 300_000, 300)]);
        assert_eq!(problems.len(), 3);
        assert!(problems[0].to_string().contains("MOONS"));
    }
}
