//! Calls of an account.

use rust_decimal::Decimal;

use super::error::OrderError;
use super::fill::Fill;
use super::list::{OrderList, OrderListId};
use super::order::{Order, OrderKind};
use super::peg::Peg;
use super::perpetual::{PositionTerms, TriggerTerms};
use super::prevention::SelfTradeMode;
use crate::clock::Timestamp;
use crate::engine::{OrderId, Side, TimeInForce};

/// A new order. Prices in quote units, quantities in base units.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OrderRequest {
    /// Buy or sell.
    pub side: Side,
    /// Kind.
    pub kind: OrderKind,
    /// What becomes of the part that does not trade at once.
    pub time_in_force: Option<TimeInForce>,
    /// Quantity in base units.
    pub quantity: Option<Decimal>,
    /// Amount to spend or to receive, of a market order.
    pub quote_quantity: Option<Decimal>,
    /// Limit price.
    pub price: Option<Decimal>,
    /// The client's id; the exchange makes one if absent.
    pub client_id: Option<String>,
    /// Price that makes a conditional order work.
    pub stop_price: Option<Decimal>,
    /// Distance of a trailing stop, in basis points.
    pub trailing_delta: Option<u32>,
    /// Visible part of an iceberg order.
    pub iceberg_quantity: Option<Decimal>,
    /// What happens instead of a trade with an own order; the instrument's default if absent.
    pub self_trade: Option<SelfTradeMode>,
    /// How the price is taken from the book.
    pub peg: Option<Peg>,
    /// Mark of the client.
    pub strategy_id: Option<i64>,
    /// Second mark of the client.
    pub strategy_type: Option<i32>,
    /// What it says about the position, in a contract.
    pub position: PositionTerms,
    /// By which price it is triggered.
    pub trigger: TriggerTerms,
}

impl OrderRequest {
    /// An order of which nothing but side and kind is said.
    pub fn new(side: Side, kind: OrderKind) -> OrderRequest {
        OrderRequest {
            side,
            kind,
            time_in_force: None,
            quantity: None,
            quote_quantity: None,
            price: None,
            client_id: None,
            stop_price: None,
            trailing_delta: None,
            iceberg_quantity: None,
            self_trade: None,
            peg: None,
            strategy_id: None,
            strategy_type: None,
            position: PositionTerms::default(),
            trigger: TriggerTerms::default(),
        }
    }

    /// A limit order that rests until filled or cancelled.
    pub fn limit(side: Side, price: Decimal, quantity: Decimal) -> OrderRequest {
        let mut request = OrderRequest::new(side, OrderKind::Limit);
        request.time_in_force = Some(TimeInForce::Gtc);
        request.price = Some(price);
        request.quantity = Some(quantity);
        request
    }

    /// A market order.
    pub fn market(side: Side, quantity: Decimal) -> OrderRequest {
        let mut request = OrderRequest::new(side, OrderKind::Market);
        request.quantity = Some(quantity);
        request
    }

    /// May only make the position smaller.
    pub fn reduce_only(mut self) -> OrderRequest {
        self.position.reduce_only = true;
        self
    }

    /// Of this position, in hedge mode.
    pub fn position_side(mut self, side: super::PositionSide) -> OrderRequest {
        self.position.side = side;
        self
    }

    /// With this client id.
    pub fn client_id(mut self, id: &str) -> OrderRequest {
        self.client_id = Some(id.to_owned());
        self
    }
}

/// Names an order by its number, its client id, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderRef {
    /// By number.
    Id(OrderId),
    /// By client id: of several with this id the live one, else the newest.
    Client(String),
    /// By both, which must belong together.
    Both(OrderId, String),
}

/// In which state an order may be cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelRestriction {
    /// In any.
    #[default]
    None,
    /// Only while nothing has traded.
    OnlyNew,
    /// Only once a part has traded.
    OnlyPartiallyFilled,
}

/// Cancels an order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CancelRequest {
    /// Which one.
    pub order: OrderRef,
    /// The cancel's own client id; the exchange makes one if absent.
    pub client_id: Option<String>,
    /// In which state.
    pub restriction: CancelRestriction,
}

impl CancelRequest {
    /// Cancels `order` in any state.
    pub fn new(order: OrderRef) -> CancelRequest {
        CancelRequest { order, client_id: None, restriction: CancelRestriction::None }
    }
}

/// Reduces an order's quantity; its place in the queue stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AmendRequest {
    /// Which order.
    pub order: OrderRef,
    /// The new quantity, of which what has traded is a part.
    pub quantity: Decimal,
    /// The new client id; the exchange makes one if absent.
    pub client_id: Option<String>,
}

impl AmendRequest {
    /// Reduces `order` to `quantity`.
    pub fn new(order: OrderRef, quantity: Decimal) -> AmendRequest {
        AmendRequest { order, quantity, client_id: None }
    }
}

/// Changes price, quantity or stop price of a live order, up or down; its number stays. It loses its place in the queue
/// unless only the quantity is made smaller and the exchange lets it keep the place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModifyRequest {
    /// Which order.
    pub order: OrderRef,
    /// The new limit price; as it was if absent.
    pub price: Option<Decimal>,
    /// The new quantity, of which what has traded is a part; as it was if absent.
    pub quantity: Option<Decimal>,
    /// The new stop price of an order that waits; as it was if absent.
    pub stop_price: Option<Decimal>,
}

impl ModifyRequest {
    /// Changes nothing of `order` yet.
    pub fn new(order: OrderRef) -> ModifyRequest {
        ModifyRequest { order, price: None, quantity: None, stop_price: None }
    }
}

/// How the orders of a new list depend on each other.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ListShape {
    /// One cancels the other.
    Oco {
        /// The leg above the market.
        above: OrderRequest,
        /// The leg below the market.
        below: OrderRequest,
    },
    /// `pending` begins when `working` is filled.
    Oto {
        /// The first order.
        working: OrderRequest,
        /// The second. In an OPO (`pays_off`) without quantity.
        pending: OrderRequest,
        /// Whether the pending quantity is what the working order receives (OPO).
        pays_off: bool,
    },
    /// An OCO that begins when `working` is filled.
    Otoco {
        /// The first order.
        working: OrderRequest,
        /// The leg above the market.
        above: OrderRequest,
        /// The leg below the market.
        below: OrderRequest,
        /// Whether the pending quantity is what the working order receives (OPOCO).
        pays_off: bool,
    },
}

/// A new order list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListRequest {
    /// The client's id of the list; the exchange makes one if absent.
    pub client_id: Option<String>,
    /// The orders.
    pub shape: ListShape,
}

impl ListRequest {
    /// A list without a client id of its own.
    pub fn new(shape: ListShape) -> ListRequest {
        ListRequest { client_id: None, shape }
    }
}

/// Names a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListRef {
    /// By number.
    Id(OrderListId),
    /// By client id.
    Client(String),
}

/// An accepted order: where it stood when the engine was done with it, and what traded at once.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Placed {
    /// The order.
    pub order: Order,
    /// What traded at once.
    pub fills: Vec<Fill>,
    /// When the exchange took it.
    pub time: Timestamp,
}

/// A cancelled order; with its list and the list's other orders if it had one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cancelled {
    /// The cancel's own client id.
    pub client_id: String,
    /// All orders that were cancelled, the one that was named first.
    pub orders: Vec<Order>,
    /// Their list.
    pub list: Option<OrderList>,
    /// When.
    pub time: Timestamp,
}

/// An amended order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Amended {
    /// The order afterwards.
    pub order: Order,
    /// Its client id before.
    pub old_client_id: String,
    /// Execution id of the change.
    pub execution_id: u64,
    /// Its list, if it has one.
    pub list: Option<OrderList>,
    /// When.
    pub time: Timestamp,
}

/// An accepted or cancelled list with its orders.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListReport {
    /// The list.
    pub list: OrderList,
    /// Its orders, in the order of placing, each with what traded at once.
    pub orders: Vec<Placed>,
    /// The cancel's own client id, where it was cancelled.
    pub cancel_client_id: Option<String>,
}

/// A cancel and a new order as one step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CancelReplaceRequest {
    pub(crate) cancel: CancelRequest,
    pub(crate) order: OrderRequest,
    /// Whether the new order is placed though the cancel failed.
    pub(crate) allow_failure: bool,
    /// `false` cancels only: the new order would be one too many.
    pub(crate) may_place: bool,
}

/// What became of both halves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CancelReplaced {
    pub(crate) cancel: Result<Cancelled, OrderError>,
    /// `None`: not attempted.
    pub(crate) order: Option<Result<Placed, OrderError>>,
}
