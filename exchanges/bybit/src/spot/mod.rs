//! Bybit spot.

mod capabilities;
mod symbols;

pub use capabilities::CAPABILITIES;
pub use symbols::decode_instruments;

use crate::Product;
use crate::category::Category;
use crate::quote_coins;

/// What is particular to spot.
pub static PRODUCT: Product = Product {
    category: Category::Spot,
    capabilities: &CAPABILITIES,
    instruments_page: None,
    decode_instruments,
    recent_trades_max: 60,
    guess_symbol: |pair| format!("{}{}", pair.base(), pair.quote()),
    guess_pair: quote_coins::spot,
};
