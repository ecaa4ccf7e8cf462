//! The wires that this crate knows.

mod binance_spot;
mod binance_spot_account;
mod binance_spot_private;

use std::sync::Arc;

use crate::Wire;

/// The wire of an exchange by its name.
pub(crate) fn wire(exchange: &str) -> Option<Arc<dyn Wire>> {
    match exchange {
        "binance-spot" => Some(Arc::new(binance_spot::BinanceSpotWire)),
        _ => None,
    }
}
