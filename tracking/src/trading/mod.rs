//! Trading on one exchange: the connector with its orders, fills and balances.

mod cancel;
mod config;
mod connector;
mod events;
mod feed;
mod history;
mod in_flight;
mod keeper;
mod needs;
mod outbox;
mod place;
mod private;
mod reconcile;
mod supervisor;
mod window;

pub use cancel::CancelResult;
pub use config::{OnStop, TradingConfig};
pub use connector::{Connector, Stopped};
pub use events::ConnectorEvents;
pub use feed::AccountEvents;
pub use history::read_open_orders;
pub use place::Placing;
