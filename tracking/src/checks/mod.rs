//! What an order must pass here before anything of it is recorded or sent. Pure. Nothing is ever rounded.

mod funds;
mod largest_order;
mod order_check;

#[cfg(test)]
pub(crate) mod tests;

pub use funds::NeededFunds;
pub use largest_order::{largest_contract_order, largest_order};
pub use order_check::{BestOffers, OrderCheck};
