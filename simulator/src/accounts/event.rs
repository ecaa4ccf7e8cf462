//! What happens to an account, in the order in which it happens.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::{AccountId, Balance};
use super::fill::Fill;
use super::list::OrderList;
use super::order::Order;
use super::perpetual::{AlgoOrder, FundingPayment, Leverage, MarginUpdate, Position, Wallet};
use super::prevention::PreventedMatch;
use crate::clock::Timestamp;

/// One event of one account. `time` is the exchange's (reported) time.
#[derive(Clone, Debug)]
pub(crate) struct AccountEvent {
    pub(crate) account: AccountId,
    pub(crate) time: Timestamp,
    pub(crate) what: AccountChange,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum AccountChange {
    /// Something about an order.
    Order(Box<OrderEvent>),
    /// A list was accepted, changed or ended.
    List(Box<OrderList>),
    /// Balances after a step, of the assets that may have changed in it.
    Balances(Vec<(Arc<str>, Balance)>),
    /// A deposit, withdrawal or transfer; the new balances follow.
    Delta { asset: Arc<str>, delta: Decimal },
    /// Funds locked (positive) or freed from outside; the new balances follow.
    ExternalLock { asset: Arc<str>, delta: Decimal },
    /// Wallets and positions of contracts have changed. Follows what changed them.
    Margin(Box<MarginUpdate>),
    /// A funding was paid or received; the margin follows.
    Funding(Box<FundingPayment>),
    /// The margin of positions nears its end.
    MarginCall { wallet: Wallet, positions: Vec<Position> },
    /// Something about a conditional order with a number of its own.
    Algo(Box<AlgoOrder>),
    /// Leverage was set in a contract.
    Leverage { symbol: Arc<str>, leverage: Leverage },
}

/// Something about an order.
#[derive(Clone, Debug)]
pub(crate) struct OrderEvent {
    pub(crate) change: OrderChange,
    /// Rises with each event of the symbol.
    pub(crate) execution_id: u64,
    /// The order right after this event.
    pub(crate) order: Order,
}

/// What happened to an order.
#[derive(Clone, Debug)]
pub(crate) enum OrderChange {
    /// Accepted, perhaps to wait for its price or its working order.
    New,
    /// Its price or its working order has come: it works from now on (status `NEW`).
    Activated,
    /// It traded.
    Trade(TradeDetail),
    /// Ended by request. Holds the cancel's own client id.
    Cancelled { client_id: String },
    /// Ended by its rules or by the exchange; see the order's `expiry`.
    Expired,
    /// Refused when its turn had come; see the order's `reject`.
    Rejected,
    /// Amended. Holds the client id before.
    Replaced { old_client_id: String },
    /// Price, quantity or stop price were changed by request.
    Modified,
    /// The exchange made it smaller, because it can only close a position that became smaller.
    Cut,
    /// Self-trade prevention shortened or ended it; `quantity` is what it lost by this match.
    Prevented { matched: PreventedMatch, quantity: Decimal },
}

/// A trade of an order.
#[derive(Clone, Debug)]
pub(crate) struct TradeDetail {
    pub(crate) fill: Fill,
    /// Whether it is the order's first.
    pub(crate) first: bool,
}
