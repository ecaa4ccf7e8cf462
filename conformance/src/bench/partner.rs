use std::sync::Arc;
use std::time::Duration;

use tradewire_journal::SqliteJournal;
use tradewire_simulator::KeyType;
use tradewire_tracking::{AccountSource, Connector, Journal, MarketConfig, TradingConfig};

use super::desk::{MAIN, credentials};
use super::ledger::{Comparison, no_hole};
use super::story::{Story, check_grammar};
use super::world::{SOON, addresses};
use super::{Bench, Desk, LEAVE, comes_true};
use crate::row::{Failed, expect};

/// A second connector on the account of a desk, with a journal of its own.
pub(crate) struct Partner {
    pub(crate) connector: Connector,
    pub(crate) story: Story,
    journal: Arc<SqliteJournal>,
    source: Arc<dyn AccountSource>,
}

impl Desk {
    /// Starts a second connector on the same account, and waits until it is ready.
    pub(crate) async fn partner(&self, bench: &Bench) -> Result<Partner, Failed> {
        let key = match bench.account_wire()?.has_window() {
            true => self.simulator.credentials(MAIN).into_iter().find(|key| key.key_type == KeyType::Hmac),
            // Numbers that only grow are counted by key.
            false => Some(self.simulator.add_key(MAIN, KeyType::Hmac).map_err(|error| Failed::new("a key", error))?),
        };
        let key = key.ok_or_else(|| Failed::new("a key", "none"))?;
        let served = addresses(self.simulator.addresses());
        let source = bench.subject().account(&served, credentials(&key)?, bench.order_entry())?;
        let journal = Arc::new(SqliteJournal::in_memory(source.account())?);
        let config = TradingConfig::new(Arc::clone(&journal) as Arc<dyn Journal>);
        let connector = Connector::start(Arc::clone(&source), MarketConfig::default(), config, self.pairs.clone())?;
        let story = Story::of(connector.account_events(0)?);
        let ready = tokio::time::timeout(SOON, connector.ready()).await;
        expect(ready.is_ok_and(|ready| ready.is_ok()), "a second connector that is ready", "another")?;
        Ok(Partner { connector, story, journal, source })
    }
}

impl Partner {
    /// Waits until it says of the account what the exchange says, and stops it.
    pub(crate) async fn end(self, desk: &Desk, within: Duration) -> Result<(), Failed> {
        let Self { connector, story, journal, source } = self;
        let comparison =
            Comparison { simulator: &desk.simulator, account: MAIN, connector: &connector, journal: &journal };
        if !comes_true(within, || comparison.check().is_ok()).await {
            comparison.check().map_err(|failed| failed.at("the second connector"))?;
        }
        expect(connector.stop().await.in_time, "a stop within its time", "the second connector still runs")?;
        let events = story.end(LEAVE).await?;
        drop(source);
        check_grammar(&events)?;
        no_hole(events.iter().map(|event| event.number))
    }
}
