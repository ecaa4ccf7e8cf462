use std::sync::Arc;
use std::time::Duration;

use tradewire::{Addresses, Events, MarketConfig, Pair};
use tradewire_simulator::{Config, Simulator};

use super::trader::Trader;
use crate::board::Followed;
use crate::connect::{self, Begin};
use crate::failure::Failure;
use crate::stop::Stop;

/// How long a book may go unconfirmed here before it is stale: short, so that silence can be shown.
const STALE_AFTER: Duration = Duration::from_secs(3);
/// How long the books may take to become ready.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// A simulated exchange, and the connector that follows it over real sockets.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) simulator: Arc<Simulator>,
    pub(super) followed: Followed,
    pub(super) events: Events,
    pub(super) trader: Trader,
}

impl Stage {
    /// Starts both. The connector's events are kept from the beginning.
    pub(super) async fn open(exchange: &str, seed: u64) -> Result<Self, Failure> {
        let config = Config { seed, ..Config::of(exchange).map_err(Failure::failed)? };
        let simulator = Arc::new(Simulator::start(config).await.map_err(Failure::failed)?);
        let at = simulator.addresses();
        let source = connect::source(exchange, &Addresses::own(&at.rest, &at.ws))?;
        let pairs: Vec<Pair> = at.pairs.iter().filter_map(|pair| pair.parse().ok()).collect();
        let config = MarketConfig { stale_after: STALE_AFTER, ..MarketConfig::default() };
        let followed = Followed::start(source, config, &pairs);
        let events = followed.market.events();
        let trader = Trader::start(exchange, &simulator)?;
        Ok(Self { simulator, followed, events, trader })
    }

    /// Waits until every book is valid.
    pub(super) async fn ready(&self, stop: &mut Stop) -> Result<Begin, Failure> {
        connect::ready(&self.followed.market, READY_WITHIN, stop).await
    }

    /// Stops the connector, then the exchange.
    pub(super) async fn close(self) {
        self.trader.abort().await;
        self.followed.market.close().await;
        if let Ok(simulator) = Arc::try_unwrap(self.simulator) {
            simulator.stop().await;
        }
    }
}
