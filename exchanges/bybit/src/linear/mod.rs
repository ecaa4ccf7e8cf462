//! Bybit linear perpetuals, settled in USDT or USDC.

mod capabilities;
mod perpetual;
mod position_reads;
mod position_row;
mod settings;
mod symbols;

pub use capabilities::CAPABILITIES;
pub(crate) use perpetual::Perpetual;
pub(crate) use position_reads::{Positions, PositionsOf};
pub(crate) use position_row::PositionRow;
pub(crate) use settings::{SetLeverage, SwitchMode};
pub use symbols::decode_instruments;

use crate::Product;
use crate::category::Category;
use crate::private::WalletView;
use crate::quote_coins;

/// What is particular to linear perpetuals.
pub static PRODUCT: Product = Product {
    category: Category::Linear,
    capabilities: &CAPABILITIES,
    instruments_page: Some(1_000),
    decode_instruments,
    recent_trades_max: 1_000,
    private_topics: &["order.linear", "execution.linear", "position.linear", "wallet"],
    wallet_read: WalletView::NotMargin,
    wallet_stream: WalletView::TotalsOnly,
    guess_symbol: |pair| match pair.quote() {
        "USDC" => format!("{}PERP", pair.base()),
        quote => format!("{}{quote}", pair.base()),
    },
    guess_pair: quote_coins::linear,
};
