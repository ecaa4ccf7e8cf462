//! Orders as the engine takes them and what it answers.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The side of an order or of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Buys the base asset; rests among the bids.
    Buy,
    /// Sells the base asset; rests among the asks.
    Sell,
}

impl Side {
    /// The other side.
    pub fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// Whether a limit order of this side at `limit` may trade at `price`.
    pub fn reaches(self, limit: Decimal, price: Decimal) -> bool {
        match self {
            Side::Buy => limit >= price,
            Side::Sell => limit <= price,
        }
    }
}

/// The engine's number of an order; rises by one with each accepted order of the instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub u64);

/// Who placed an order: a background trader or an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnerId(pub u32);

/// What becomes of the part of a limit order that does not trade at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeInForce {
    /// It rests until filled or cancelled.
    #[default]
    Gtc,
    /// It expires.
    Ioc,
    /// The order trades wholly at once or not at all.
    Fok,
}

/// How an order is to be executed. Prices in quote units per base unit, quantities in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Trades up to `price`; the rest follows `time_in_force`.
    Limit {
        /// Worst acceptable price.
        price: Decimal,
        /// Quantity in base units.
        quantity: Decimal,
        /// What becomes of the rest.
        time_in_force: TimeInForce,
    },
    /// Rests at `price`, or is refused if it would trade.
    PostOnly {
        /// Price at which the order rests.
        price: Decimal,
        /// Quantity in base units.
        quantity: Decimal,
    },
    /// Trades `quantity` at any price; what finds no counterpart expires.
    Market {
        /// Quantity in base units.
        quantity: Decimal,
    },
    /// Trades as many steps as `quote_quantity` pays for.
    MarketQuote {
        /// Amount to spend or to receive, in quote units.
        quote_quantity: Decimal,
    },
}

/// An order as handed to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Who places it.
    pub owner: OwnerId,
    /// Buy or sell.
    pub side: Side,
    /// How it is executed.
    pub instruction: Instruction,
}

/// What happens instead of a trade between two orders of one owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfTrade {
    /// They trade.
    #[default]
    Allow,
    /// The resting order goes.
    ExpireMaker,
    /// What is left of the incoming order goes.
    ExpireTaker,
    /// Both go.
    ExpireBoth,
    /// Both lose what would have traded.
    Decrement,
}

/// What an order may ask of the engine besides its [`Instruction`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// A number given out before by [`Engine::reserve`](super::Engine::reserve); the next one if absent.
    pub id: Option<OrderId>,
    /// What happens instead of a trade with an order of the same owner.
    pub self_trade: SelfTrade,
    /// How much the book shows at a time of an order that rests; all if absent.
    pub visible: Option<Decimal>,
    /// What a market order may spend: quote units of a buy, base units of a sell; without bound if absent.
    pub purse: Option<Decimal>,
}

/// Where an order stands after the engine has taken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlacementStatus {
    /// Nothing traded; the whole order rests.
    Resting,
    /// A part traded; the rest rests.
    PartlyFilled,
    /// The whole order traded.
    Filled,
    /// What did not trade was dropped (IOC, FOK, market).
    Expired,
    /// What did not trade was taken by self-trade prevention.
    Prevented,
}

/// The engine's answer to an accepted order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Placement {
    /// Number of the order.
    pub order_id: OrderId,
    /// Where it stands.
    pub status: PlacementStatus,
    /// Quantity traded at once, in base units.
    pub filled: Decimal,
    /// Quote units paid or received for it.
    pub filled_quote: Decimal,
    /// Quantity that self-trade prevention took at once, in base units.
    pub prevented: Decimal,
    /// The book's update id afterwards.
    pub update_id: u64,
}

/// Why the engine refuses an order. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// A price that is zero or negative.
    #[error("price must be positive")]
    Price,
    /// A quantity that is zero or negative.
    #[error("quantity must be positive")]
    Quantity,
    /// A post-only order that would have traded.
    #[error("order would immediately match and take")]
    WouldTake,
}
