//! The matching engine: price-time priority, pure and deterministic.
//!
//! It knows no clock, no socket and no exchange. Orders go in, [`Placement`]s come out, and every
//! change of a level and every trade is put on a list of [`Event`]s in the order in which it happened.

mod book;
mod event;
mod matching;
mod order;

pub use self::book::OrderBook;
pub use self::event::{Event, LevelChange, Prevented, Trade};
pub use self::matching::Engine;
pub use self::order::{
    Instruction, NewOrder, OrderId, OwnerId, PlaceError, Placement, PlacementStatus, SelfTrade, Side, Terms,
    TimeInForce,
};

#[cfg(test)]
mod properties;
