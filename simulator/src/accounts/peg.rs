//! Prices that follow the book at the moment at which an order enters it.

use serde::{Deserialize, Serialize};

/// How the price of an order is taken from the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Peg {
    /// Which side's best price.
    pub kind: PegKind,
    /// Levels away from it, into that side of the book; 0 is the best price.
    pub offset: Option<u32>,
}

impl Peg {
    /// Pegs to the best price of `kind`, `offset` levels into the book.
    pub fn new(kind: PegKind, offset: Option<u32>) -> Peg {
        Peg { kind, offset }
    }
}

/// Which best price a pegged order takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum PegKind {
    /// That of the order's own side.
    PrimaryPeg,
    /// That of the opposite side.
    MarketPeg,
}

impl PegKind {
    /// The word as exchanges write it, such as `PRIMARY_PEG`.
    pub fn as_str(self) -> &'static str {
        match self {
            PegKind::PrimaryPeg => "PRIMARY_PEG",
            PegKind::MarketPeg => "MARKET_PEG",
        }
    }
}
