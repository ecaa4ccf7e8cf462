//! The wires that this crate knows.

mod binance;
mod binance_spot;
mod binance_spot_account;
mod binance_spot_private;
mod binance_usdm;
mod binance_usdm_account;
mod binance_usdm_private;
mod bybit;
mod bybit_account;
mod bybit_private;
mod example;
mod json;
mod kraken;

use std::sync::Arc;

use crate::Wire;

/// The wire of an exchange by its name.
pub(crate) fn wire(exchange: &str) -> Option<Arc<dyn Wire>> {
    match exchange {
        "binance-spot" => Some(Arc::new(binance_spot::BinanceSpotWire)),
        "binance-usdm" => Some(Arc::new(binance_usdm::BinanceUsdmWire)),
        "bybit-spot" => Some(Arc::new(bybit::BybitWire(bybit::Category::Spot))),
        "bybit-linear" => Some(Arc::new(bybit::BybitWire(bybit::Category::Linear))),
        "kraken-spot" => Some(Arc::new(kraken::KrakenWire)),
        "example-spot" => Some(Arc::new(example::ExampleWire(example::Market::Spot))),
        "example-perp" => Some(Arc::new(example::ExampleWire(example::Market::Perpetual))),
        _ => None,
    }
}
