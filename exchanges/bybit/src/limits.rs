//! Request limits: one pool for the address, and one for each endpoint and account.

use std::time::Duration;

use tradewire_core::Error;
use tradewire_transport::{Answer, Cost, PoolSpec, Refusal, RestDialect, Scope, Unit, Used, Window};

use crate::category::Category;
use crate::error_codes;

/// New connections from one network address in [`CONNECTS_WINDOW`].
pub(crate) const CONNECTS_MAX: usize = 500;
/// The window of [`CONNECTS_MAX`].
pub(crate) const CONNECTS_WINDOW: Duration = Duration::from_secs(300);
/// The window of every limit of an account.
const SECOND: Duration = Duration::from_secs(1);

/// What an account may ask for in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    name: &'static str,
    calls: u32,
}

impl Group {
    /// What one call costs.
    pub(crate) const fn call(self) -> Cost {
        self.orders(1)
    }

    /// What a call with so many orders in it costs: each counts as one.
    pub(crate) const fn orders(self, count: u32) -> Cost {
        Cost::weight(0).with_named(self.name, count)
    }
}

macro_rules! groups {
    ($($name:ident = $text:literal $calls:literal),+ $(,)?) => {
        impl Group {
            $(pub(crate) const $name: Self = Self { name: $text, calls: $calls };)+
        }

        /// The limits of this exchange, at the values that hold for every account. Address and accounts are counted for all
        /// markets together.
        pub(crate) const POOLS: &[PoolSpec] = &[
            PoolSpec {
                unit: Unit::Requests,
                limit: 600,
                window: Window::Rolling(Duration::from_secs(5)),
                scope: Scope::Address,
                cancels: true,
            },
            $(pool(Group::$name)),+
        ];
    };
}

groups! {
    SPOT_CREATE = "spot order/create" 20,
    SPOT_CREATE_BATCH = "spot order/create-batch" 20,
    SPOT_CANCEL = "spot order/cancel" 20,
    SPOT_CANCEL_ALL = "spot order/cancel-all" 20,
    SPOT_AMEND = "spot order/amend" 10,
    LINEAR_CREATE = "linear order/create" 10,
    LINEAR_CREATE_BATCH = "linear order/create-batch" 10,
    LINEAR_CANCEL = "linear order/cancel" 10,
    LINEAR_CANCEL_ALL = "linear order/cancel-all" 10,
    LINEAR_AMEND = "linear order/amend" 10,
    ORDERS = "order/realtime" 50,
    ORDER_HISTORY = "order/history" 50,
    EXECUTIONS = "execution/list" 50,
    POSITIONS = "position/list" 50,
    SET_LEVERAGE = "position/set-leverage" 10,
    SWITCH_MODE = "position/switch-mode" 10,
    WALLET = "account/wallet-balance" 50,
    ACCOUNT_INFO = "account/info" 50,
    TRANSACTIONS = "account/transaction-log" 25,
    FEES = "account/fee-rate" 5,
    SET_MARGIN_MODE = "account/set-margin-mode" 5,
}

const fn pool(group: Group) -> PoolSpec {
    let (unit, window) = (Unit::Named(group.name), Window::Rolling(SECOND));
    PoolSpec { unit, limit: group.calls, window, scope: Scope::Account, cancels: false }
}

/// The commands that have limits of their own in each market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Create,
    CreateBatch,
    Cancel,
    CancelAll,
    Amend,
}

impl Command {
    /// The limit of a command in a market.
    pub(crate) const fn group(self, category: Category) -> Group {
        match (category, self) {
            (Category::Spot, Self::Create) => Group::SPOT_CREATE,
            (Category::Spot, Self::CreateBatch) => Group::SPOT_CREATE_BATCH,
            (Category::Spot, Self::Cancel) => Group::SPOT_CANCEL,
            (Category::Spot, Self::CancelAll) => Group::SPOT_CANCEL_ALL,
            (Category::Spot, Self::Amend) => Group::SPOT_AMEND,
            (Category::Linear, Self::Create) => Group::LINEAR_CREATE,
            (Category::Linear, Self::CreateBatch) => Group::LINEAR_CREATE_BATCH,
            (Category::Linear, Self::Cancel) => Group::LINEAR_CANCEL,
            (Category::Linear, Self::CancelAll) => Group::LINEAR_CANCEL_ALL,
            (Category::Linear, Self::Amend) => Group::LINEAR_AMEND,
        }
    }
}

/// What an answer says of its endpoint's limit, from headers over REST or from a reply's own over a socket.
///
/// <https://bybit-exchange.github.io/docs/v5/rate-limit#api-rate-limit>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Calls allowed in a second.
    pub(crate) limit: Option<u32>,
    /// Calls left of it.
    pub(crate) left: Option<u32>,
    /// When more are left, in milliseconds.
    pub(crate) reset: Option<u64>,
    /// The exchange's time, in milliseconds.
    pub(crate) now: Option<u64>,
}

impl Told {
    /// How much is used.
    pub(crate) fn used(&self) -> Vec<Used> {
        let used = self.limit.zip(self.left).map(|(limit, left)| limit.saturating_sub(left));
        used.map(|used| Used { unit: Unit::Endpoint, window: SECOND, used }).into_iter().collect()
    }

    /// How long an endpoint that refused is to be left alone.
    pub(crate) fn pause(&self) -> Duration {
        match self.reset.zip(self.now) {
            Some((reset, now)) => Duration::from_millis(reset.saturating_sub(now)),
            None => SECOND,
        }
    }

    fn of(answer: &Answer<'_>) -> Self {
        let header = |name| answer.header(name)?.trim().parse::<u64>().ok();
        let small = |name| header(name).and_then(|count| u32::try_from(count).ok());
        Self {
            limit: small("x-bapi-limit"),
            left: small("x-bapi-limit-status"),
            reset: header("x-bapi-limit-reset-timestamp"),
            now: error_codes::time_of(answer.body),
        }
    }
}

/// What answers say besides their content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BybitDialect;

impl RestDialect for BybitDialect {
    fn used(&self, answer: &Answer<'_>) -> Vec<Used> {
        Told::of(answer).used()
    }

    fn refusal(&self, answer: &Answer<'_>) -> Option<Refusal> {
        error_codes::refusal(answer, &Told::of(answer))
    }

    fn error(&self, answer: &Answer<'_>) -> Option<Error> {
        error_codes::error(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_transport::{HeaderMap, RefusalKind};

    fn headers(limit: &str, left: &str, reset: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("X-Bapi-Limit", limit), ("X-Bapi-Limit-Status", left), ("X-Bapi-Limit-Reset-Timestamp", reset)]
        {
            headers.insert(name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn headers_tell_what_is_used_of_the_endpoint() {
        let headers = headers("10", "7", "1000");
        let answer = Answer { status: 200, headers: &headers, body: br#"{"retCode":0}"# };
        assert_eq!(BybitDialect.used(&answer), [Used { unit: Unit::Endpoint, window: SECOND, used: 3 }]);
        let none = HeaderMap::new();
        assert!(BybitDialect.used(&Answer { headers: &none, ..answer }).is_empty());
        assert!(BybitDialect.refusal(&answer).is_none());
    }

    #[test]
    fn a_passed_limit_stops_the_endpoint_until_its_reset() {
        let headers = headers("10", "0", "1700000000250");
        let body = br#"{"retCode":10006,"retMsg":"x","result":{},"retExtInfo":{},"time":1700000000000}"#;
        let answer = Answer { status: 200, headers: &headers, body };
        let refusal = BybitDialect.refusal(&answer).expect("a refusal");
        let pause = Some(Duration::from_millis(250));
        assert_eq!(refusal, Refusal { kind: RefusalKind::TooMany, unit: Some(Unit::Endpoint), pause });
    }

    #[test]
    fn every_group_has_its_own_pool() {
        let mut units: Vec<_> = POOLS.iter().map(|pool| pool.unit).collect();
        units.sort_unstable();
        units.dedup();
        assert_eq!(units.len(), POOLS.len());
    }
}
