//! How many decimals an instrument's numbers are written with.

use rust_decimal::Decimal;

use crate::exchange::Exchange;
use crate::listing::Listing;
use crate::numbers::fixed;

/// Decimals of amounts of money.
pub(super) const MONEY: u32 = 8;

/// Decimals of an instrument's prices and quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) price: u32,
    pub(super) quantity: u32,
}

impl Digits {
    /// Those of a listing.
    pub(super) fn of(listing: &Listing) -> Digits {
        Digits { price: listing.tick.normalize().scale().max(2), quantity: listing.step.normalize().scale() }
    }

    /// Those of a symbol as it was listed at the start; the usual ones for others. Locks no market.
    pub(super) fn of_symbol(exchange: &Exchange, symbol: &str) -> Digits {
        let listed = exchange.config.listings.iter().find(|listing| listing.symbol == symbol);
        listed.map_or(Digits { price: 4, quantity: 3 }, Digits::of)
    }

    /// A price.
    pub(super) fn price(self, value: Decimal) -> String {
        fixed(value, self.price)
    }

    /// A quantity.
    pub(super) fn quantity(self, value: Decimal) -> String {
        fixed(value, self.quantity)
    }

    /// A level of the book.
    pub(super) fn level(self, (price, quantity): (Decimal, Decimal)) -> [String; 2] {
        [self.price(price), self.quantity(quantity)]
    }
}

/// An amount of money.
pub(super) fn money(value: Decimal) -> String {
    fixed(value, MONEY)
}

/// A number as it is, without trailing zeros.
pub(super) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}
