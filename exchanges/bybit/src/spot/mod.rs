//! Bybit spot.

mod capabilities;
mod symbols;

pub use capabilities::CAPABILITIES;
pub use symbols::decode_instruments;

use crate::Product;
use crate::category::Category;
use crate::private::WalletView;
use crate::quote_coins;

/// What is particular to spot.
pub static PRODUCT: Product = Product {
    category: Category::Spot,
    capabilities: &CAPABILITIES,
    instruments_page: None,
    decode_instruments,
    recent_trades_max: 60,
    private_topics: &["order.spot", "execution.spot", "wallet"],
    wallet_read: WalletView::NotLocked,
    wallet_stream: WalletView::NotLocked,
    guess_symbol: |pair| format!("{}{}", pair.base(), pair.quote()),
    guess_pair: quote_coins::spot,
};
