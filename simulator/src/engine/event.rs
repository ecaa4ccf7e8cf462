//! What the engine reports.

use rust_decimal::Decimal;

use super::order::{OrderId, OwnerId, Side};

/// One change, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The quantity of a level changed.
    Level(LevelChange),
    /// Two orders traded.
    Trade(Trade),
    /// Two orders of one owner would have traded and did not.
    Prevented(Prevented),
}

/// A level's quantity before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelChange {
    /// The book's update id from this change on; consecutive changes have consecutive ids.
    pub update_id: u64,
    /// Bids are `Buy`, asks are `Sell`.
    pub side: Side,
    /// Price of the level.
    pub price: Decimal,
    /// Quantity before the change; zero if the level did not exist.
    pub before: Decimal,
    /// Quantity after the change; zero if the level is gone.
    pub after: Decimal,
}

/// One trade between a resting order (maker) and an incoming one (taker).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Counts up by one per instrument.
    pub id: u64,
    /// The maker's price.
    pub price: Decimal,
    /// Quantity in base units.
    pub quantity: Decimal,
    /// Side of the taker.
    pub taker_side: Side,
    /// The resting order.
    pub maker: OrderId,
    /// Its owner.
    pub maker_owner: OwnerId,
    /// The incoming order.
    pub taker: OrderId,
    /// Its owner.
    pub taker_owner: OwnerId,
}

/// A trade that self-trade prevention prevented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prevented {
    /// The incoming order.
    pub taker: OrderId,
    /// The resting order.
    pub maker: OrderId,
    /// Whose both are.
    pub owner: OwnerId,
    /// The maker's price.
    pub price: Decimal,
    /// What the taker lost, in base units.
    pub taker_lost: Decimal,
    /// What the maker lost.
    pub maker_lost: Decimal,
    /// Whether nothing is left of the maker.
    pub maker_gone: bool,
}
