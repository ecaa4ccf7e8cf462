//! Bybit linear perpetuals, settled in USDT or USDC.

mod capabilities;
mod symbols;

pub use capabilities::CAPABILITIES;
pub use symbols::decode_instruments;

use crate::Product;
use crate::category::Category;
use crate::quote_coins;

/// What is particular to linear perpetuals.
pub static PRODUCT: Product = Product {
    category: Category::Linear,
    capabilities: &CAPABILITIES,
    instruments_page: Some(1_000),
    decode_instruments,
    recent_trades_max: 1_000,
    guess_symbol: |pair| match pair.quote() {
        "USDC" => format!("{}PERP", pair.base()),
        quote => format!("{}{quote}", pair.base()),
    },
    guess_pair: quote_coins::linear,
};
