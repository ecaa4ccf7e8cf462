use std::sync::Arc;

use tokio::time::timeout;
use tradewire_core::{Order, OrderRequest};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{AccountSetup, Credentials as Key, KeyType};
use tradewire_tracking::{AccountSource, Connector, Journal, MarketConfig, TradingConfig};

use super::desk::credentials;
use super::ledger::{Comparison, no_hole};
use super::story::{Story, check_grammar};
use super::world::{SOON, addresses, decimal};
use super::{Bench, Desk, LEAVE, Witness, comes_true};
use crate::row::{Failed, expect};

/// Another connector of the same process, on another account of a desk's exchange.
pub(crate) struct Beside {
    pub(crate) key: Key,
    pub(crate) source: Arc<dyn AccountSource>,
    pub(crate) connector: Connector,
    pub(crate) witness: Witness,
    pub(crate) story: Story,
    name: &'static str,
    journal: Arc<SqliteJournal>,
}

impl Beside {
    /// Opens an account of this name and starts a connector on it, which follows what the desk follows.
    pub(crate) async fn start(bench: &Bench, desk: &Desk, name: &'static str) -> Result<Self, Failed> {
        let setup = AccountSetup::new(name).with("USDT", decimal("100000")?).with("BTC", decimal("10")?);
        let keys = desk.simulator.open_account(&setup).map_err(|error| Failed::new("another account", error))?;
        let key = keys.into_iter().find(|key| key.key_type == KeyType::Hmac);
        let key = key.ok_or_else(|| Failed::new("a key", "none"))?;
        let served = addresses(desk.simulator.addresses());
        let source = bench.subject().account(&served, credentials(&key)?, bench.order_entry())?;
        let journal = Arc::new(SqliteJournal::in_memory(source.account())?);
        let config = TradingConfig::new(Arc::clone(&journal) as Arc<dyn Journal>);
        let pairs = desk.pairs.iter().cloned();
        let connector = Connector::start(Arc::clone(&source), MarketConfig::default(), config, pairs)?;
        let witness = Witness::of(connector.market().events());
        let story = Story::of(connector.account_events(0)?);
        let beside = Self { key, source, connector, witness, story, name, journal };
        let ready = timeout(SOON, beside.connector.ready()).await;
        ready.map_err(|_| Failed::new("readiness", format_args!("{:?}", beside.connector.waiting())))??;
        Ok(beside)
    }

    pub(crate) async fn place(&self, request: OrderRequest) -> Result<Order, Failed> {
        self.connector.place(request).await.map_err(|error| Failed::new("an accepted order", error))
    }

    /// Stops it and checks that what it says of its account was true.
    pub(crate) async fn end(self, desk: &Desk) -> Result<(), Failed> {
        let Self { source, connector, witness, story, name, journal, .. } = self;
        let says =
            || Comparison { simulator: &desk.simulator, account: name, connector: &connector, journal: &journal };
        if !comes_true(SOON, || says().check().is_ok()).await {
            says().check()?;
        }
        expect(connector.stop().await.in_time, "a stop within its time", "the connector still runs")?;
        let events = story.end(LEAVE).await?;
        check_grammar(&events)?;
        no_hole(events.iter().map(|event| event.number))?;
        witness.end(LEAVE).await?;
        drop(source);
        Ok(())
    }
}
