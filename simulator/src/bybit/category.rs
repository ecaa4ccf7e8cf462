//! The products of the exchange, as requests name them.

use rust_decimal::Decimal;

use super::errors::ApiError;
use crate::listing::Listing;
use crate::numbers::fixed;

/// A product. One simulator serves one; of the others nothing is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Spot,
    Linear,
    Inverse,
    Option,
}

const NAMES: [(&str, Category); 4] = [
    ("spot", Category::Spot),
    ("linear", Category::Linear),
    ("inverse", Category::Inverse),
    ("option", Category::Option),
];

impl Category {
    /// The product of that name.
    pub(super) fn named(name: &str) -> Option<Category> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, category)| *category)
    }

    /// Its name.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Category::Spot => "spot",
            Category::Linear => "linear",
            Category::Inverse => "inverse",
            Category::Option => "option",
        }
    }

    /// Whether it is assets against assets.
    pub(super) fn is_spot(self) -> bool {
        self == Category::Spot
    }

    /// A price as this product writes it: with the decimals of the price step, of spot without trailing zeros.
    pub(super) fn price(self, listing: &Listing, price: Decimal) -> String {
        self.stepped(price, listing.tick)
    }

    /// A quantity in base units as this product writes it.
    pub(super) fn quantity(self, listing: &Listing, quantity: Decimal) -> String {
        self.stepped(quantity, listing.step)
    }

    fn stepped(self, value: Decimal, step: Decimal) -> String {
        if self.is_spot() { plain(value) } else { fixed(value, step.normalize().scale()) }
    }

    /// The refusal of a symbol that is not listed, by an order or a query about orders.
    pub(super) fn unknown_symbol(self) -> ApiError {
        if self.is_spot() { ApiError::new(170_121, "Invalid symbol.") } else { ApiError::invalid("symbol") }
    }
}

/// A number without trailing zeros.
pub(super) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}
