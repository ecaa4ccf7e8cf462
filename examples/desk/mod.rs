//! Where the examples that trade find an account.
//!
//! Of a simulated exchange of their own it is the account that this has. At addresses of yours it is that of the keys in
//! `TRADEWIRE_API_KEY` and `TRADEWIRE_SECRET_KEY`, and orders are recorded in `journal.db` in the current folder.

#[path = "../place/mod.rs"]
mod place;

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tradewire::tracking::Durability;
use tradewire::{
    Connector, Credentials, MarketConfig, OrderEntry, Pair, Secret, SigningKey, SqliteJournal, TradingConfig,
};

use place::Place;

/// An account, and a file for what is done with it.
pub(crate) struct Desk {
    /// The exchange.
    pub(crate) place: Place,
    credentials: Credentials,
    journal: PathBuf,
    /// Keeps the journal of a simulated account until the end.
    _folder: Option<TempDir>,
}

/// An account of the exchange that `place` finds.
pub(crate) async fn find() -> Result<Desk, Box<dyn std::error::Error>> {
    let place = place::find().await?;
    let (api_key, secret_key, folder) = match &place.simulator {
        Some(simulator) => {
            let at = simulator.addresses();
            (at.api_key.clone().ok_or("no key")?, at.secret_key.clone().ok_or("no key")?, Some(tempfile::tempdir()?))
        }
        None => (std::env::var("TRADEWIRE_API_KEY")?, std::env::var("TRADEWIRE_SECRET_KEY")?, None),
    };
    let key = SigningKey::hmac_sha256(&Secret::new(secret_key))?;
    let credentials = Credentials::new(Secret::new(api_key), key)?;
    let journal = folder.as_ref().map_or_else(PathBuf::new, |folder| folder.path().to_owned()).join("journal.db");
    Ok(Desk { place, credentials, journal, _folder: folder })
}

impl Desk {
    /// A connector that follows these pairs and the account, once it is ready to trade.
    pub(crate) async fn connect(&self, pairs: &[&Pair]) -> Result<Connector, Box<dyn std::error::Error>> {
        let credentials = self.credentials.clone();
        let source = tradewire::account_source("binance-spot", &self.place.addresses, credentials, OrderEntry::Rest)?;
        let journal = SqliteJournal::open(&self.journal, source.account(), Durability::Process)?;
        let config = TradingConfig::new(Arc::new(journal));
        let connector = Connector::start(source, MarketConfig::default(), config, pairs.iter().copied().cloned())?;
        connector.ready().await?;
        Ok(connector)
    }
}
