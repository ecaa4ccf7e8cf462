//! Fills of accounts' orders.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use super::list::OrderListId;
use super::perpetual::{Origin, PositionSide};
use crate::clock::Timestamp;
use crate::engine::{OrderId, Side};
use crate::market::MarketId;

/// One trade as one of its two orders sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fill {
    /// Number of the public trade; one sequence per symbol.
    pub trade_id: u64,
    /// The order.
    pub order: OrderId,
    /// Its list.
    pub list: Option<OrderListId>,
    /// The exchange's name of the instrument.
    pub symbol: Arc<str>,
    #[serde(skip)]
    pub(crate) market: MarketId,
    /// Side of the order.
    pub side: Side,
    /// Price in quote units.
    pub price: Decimal,
    /// Quantity in base units.
    pub quantity: Decimal,
    /// Price times quantity.
    pub quote: Decimal,
    /// Fee, in units of `commission_asset`; negative is a rebate.
    pub commission: Decimal,
    /// Asset in which the fee was taken.
    pub commission_asset: Arc<str>,
    /// Whether the order rested in the book.
    pub maker: bool,
    /// When.
    pub time: Timestamp,
    /// Which position it changed, in a contract.
    pub position_side: PositionSide,
    /// How much of the position it closed, in base units.
    pub closed: Decimal,
    /// Profit of what it closed, before the fee.
    pub realised: Decimal,
    /// Signed size of the position afterwards.
    pub position_after: Decimal,
    /// What the wallet had afterwards.
    pub balance_after: Decimal,
    /// Mark price at that moment; zero where there is none.
    pub mark: Decimal,
    /// Who has placed the order.
    pub origin: Origin,
}
