//! Orders that another client of an account places.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::accounts::{OrderKind, PositionSide};
use crate::engine::{Side, TimeInForce};

/// An order of another client of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalOrder {
    /// Buy or sell.
    pub side: Side,
    /// Kind.
    #[serde(default = "limit", rename = "type")]
    pub order_type: OrderKind,
    /// Limit price.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// Stop price.
    #[serde(default)]
    pub stop_price: Option<Decimal>,
    /// Base units.
    pub quantity: Decimal,
    /// What becomes of the part that does not trade at once.
    #[serde(default)]
    pub time_in_force: TimeInForce,
    /// Client id; the exchange makes one if absent.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Which position, in a contract.
    #[serde(default)]
    pub position_side: PositionSide,
    /// Whether it may only make a position smaller.
    #[serde(default)]
    pub reduce_only: bool,
}

impl ExternalOrder {
    /// A limit order that rests until filled or cancelled. Price in quote units, quantity in base units.
    pub fn limit(side: Side, price: Decimal, quantity: Decimal) -> ExternalOrder {
        ExternalOrder {
            side,
            order_type: OrderKind::Limit,
            price: Some(price),
            stop_price: None,
            quantity,
            time_in_force: TimeInForce::Gtc,
            client_id: None,
            position_side: PositionSide::Both,
            reduce_only: false,
        }
    }
}

fn limit() -> OrderKind {
    OrderKind::Limit
}
