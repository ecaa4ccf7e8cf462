//! Mark price, index price and funding of a contract.

use rust_decimal::Decimal;

use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::market::MarketId;

/// Where a contract stands beside its trades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) mark: Decimal,
    pub(super) index: Decimal,
    /// Rate of the next funding, as it stands.
    pub(super) rate: Decimal,
    pub(super) next_funding: Timestamp,
}

impl Figures {
    /// Those of a contract; zeros for what is none.
    pub(super) fn of(exchange: &Exchange, market: MarketId) -> Figures {
        let quote = exchange.prices.marks.of(market);
        let price = quote.map(|quote| quote.price);
        let number = |of: fn(&crate::accounts::MarkPrice) -> Decimal| price.as_ref().map(of).unwrap_or_default();
        Figures {
            mark: number(|price| price.mark),
            index: number(|price| price.index),
            rate: number(|price| price.rate),
            next_funding: price.as_ref().map_or(Timestamp(0), |price| price.next_funding),
        }
    }
}
