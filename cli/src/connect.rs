//! From the words of the command line to a running connector.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tradewire::{Addresses, MarketData, MarketSource};

use crate::failure::Failure;
use crate::stop::Stop;

/// The exchange of this name at these addresses. What is wrong with the words is wrong use.
pub(crate) fn source(exchange: &str, addresses: &Addresses) -> Result<Arc<dyn MarketSource>, Failure> {
    tradewire::market_source(exchange, addresses).map_err(Failure::of_words)
}

/// How the wait for readiness ended.
pub(crate) enum Begin {
    /// Every part is ready.
    Ready,
    /// The program was told to stop.
    Stopped,
}

/// Waits until every part of a connector is ready, at most for `limit`.
pub(crate) async fn ready(market: &MarketData, limit: Duration, stop: &mut Stop) -> Result<Begin, Failure> {
    tokio::select! {
        result = timeout(limit, market.ready()) => match result {
            Ok(result) => Ok(result.map(|()| Begin::Ready)?),
            Err(_) => Err(Failure::failed(format!("not ready within {} s: {}", limit.as_secs(), reasons(market)))),
        },
        () = stop.wait() => Ok(Begin::Stopped),
    }
}

/// The first part that is not ready and why, then the names of the others: mostly they wait for the first.
fn reasons(market: &MarketData) -> String {
    let waiting = market.waiting();
    let mut parts = waiting.iter();
    let first = parts.next().map_or_else(String::new, |(part, reason)| format!("{part}: {reason}"));
    let others: Vec<_> = parts.map(|(part, _)| part.to_string()).collect();
    if others.is_empty() { first } else { format!("{first}; also not ready: {}", others.join(", ")) }
}
