//! Binance for tradewire.

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod market;
