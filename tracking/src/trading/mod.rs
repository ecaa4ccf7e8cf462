//! Trading on one exchange: the connector with its orders, fills, balances and positions.

mod cancel;
mod config;
mod connector;
mod contracts;
mod dead_man;
mod events;
mod feed;
mod history;
mod in_flight;
mod keeper;
mod lists;
mod lookup;
mod margin;
mod needs;
mod outbox;
mod perpetual;
mod place;
mod place_all;
mod private;
mod reconcile;
mod replace;
mod supervisor;
mod window;

#[cfg(test)]
mod tests;

pub use cancel::CancelResult;
pub use config::{JOURNAL_KEEP, OnStop, TradingConfig};
pub use connector::{Connector, Stopped};
pub use events::ConnectorEvents;
pub use feed::AccountEvents;
pub use history::{read_fills_of_order, read_fills_of_window, read_open_orders, read_orders_of_window};
pub use place::Placing;
