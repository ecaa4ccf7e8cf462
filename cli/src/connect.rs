//! From the words of the command line to a running connector.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tradewire::{Addresses, MarketData, MarketSource};

use crate::failure::Failure;
use crate::stop::Stop;

/// The exchange of this name at these addresses. What is wrong with the words is wrong use.
pub(crate) fn source(exchange: &str, addresses: &Addresses) -> Result<Arc<dyn MarketSource>, Failure> {
    tradewire::market_source(exchange, addresses).map_err(Failure::of_words)
}

/// How often it is looked whether something keeps a connector from becoming ready.
const LOOK: Duration = Duration::from_millis(200);

/// How the wait for readiness ended.
pub(crate) enum Begin {
    /// Every part is ready.
    Ready,
    /// The program was told to stop.
    Stopped,
}

/// Waits until every part of a connector is ready, at most for `limit`. What keeps it waiting is told at once.
pub(crate) async fn ready(market: &MarketData, limit: Duration, stop: &mut Stop) -> Result<Begin, Failure> {
    tokio::select! {
        never = tell_trouble(market, limit) => match never {},
        result = timeout(limit, market.ready()) => match result {
            Ok(result) => Ok(result.map(|()| Begin::Ready)?),
            Err(_) => Err(Failure::failed(format!("not ready within {} s: {}", limit.as_secs(), reasons(market)))),
        },
        () = stop.wait() => Ok(Begin::Stopped),
    }
}

/// Says on standard error that a part was tried in vain, and is tried again. What is mended by the next look, or is beyond
/// mending and ends the wait, is not told. Never ends.
async fn tell_trouble(market: &MarketData, limit: Duration) -> Infallible {
    let mut seen = None;
    loop {
        sleep(LOOK).await;
        let before = std::mem::replace(&mut seen, market.trouble());
        if let Some((part, reason)) = seen.as_ref().filter(|_| before == seen) {
            let trouble = format!("{part}: {reason}; trying again for {} s", limit.as_secs());
            eprintln!("tradewire: {}", Failure::failed(trouble));
            return std::future::pending().await;
        }
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
