use tradewire_core::{Capabilities, Error, Pair};
use tradewire_tracking::InstrumentList;

use crate::category::Category;
use crate::private::WalletView;

/// What is particular to one of Bybit's markets.
#[derive(Debug)]
pub struct Product {
    pub(crate) category: Category,
    pub(crate) capabilities: &'static Capabilities,
    /// Rows of a page of the instrument list; `None` where it is not in pages.
    pub(crate) instruments_page: Option<u32>,
    pub(crate) decode_instruments: fn(&[u8]) -> Result<InstrumentList, Error>,
    /// The most rows of a list of past trades.
    pub(crate) recent_trades_max: u32,
    /// The topics of the private stream.
    pub(crate) private_topics: &'static [&'static str],
    /// What a read of balances tells.
    pub(crate) wallet_read: WalletView,
    /// What a message about balances tells.
    pub(crate) wallet_stream: WalletView,
    /// The symbol that a pair most likely has.
    pub(crate) guess_symbol: fn(&Pair) -> String,
    /// The pair that a symbol most likely means.
    pub(crate) guess_pair: fn(&str) -> Option<Pair>,
}

impl Product {
    /// What this connector offers of it.
    pub fn capabilities(&self) -> &'static Capabilities {
        self.capabilities
    }
}
