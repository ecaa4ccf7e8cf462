use std::path::Path;
use std::sync::Arc;

use tradewire::tracking::Durability;
use tradewire::{Addresses, Credentials, Journal, OrderRequest, Pair, Secret, Side, SigningKey, SqliteJournal};
use tradewire_simulator::{Config, Flow, KeyType, Simulator};

use crate::silent_journal::SilentJournal;
use crate::tap::Tap;

pub(crate) type Failure = Box<dyn std::error::Error>;

pub(crate) const PAIR: &str = "BTC-USDT";
pub(crate) const PRICE: &str = "55000";
pub(crate) const QUANTITY: &str = "0.001";

/// A simulated exchange that never runs out of limits.
pub(crate) async fn exchange() -> Result<Simulator, Failure> {
    let mut config = Config { flow: Flow::Off, ..Config::with_pairs(&[PAIR])? };
    config.limits.weight_per_minute = 10_000_000;
    config.limits.orders_per_10_seconds = 1_000_000;
    config.limits.orders_per_day = 10_000_000;
    config.rules.max_orders = None;
    for listing in &mut config.listings {
        listing.rules.max_orders = 100_000;
        listing.opening_depth = listing.opening_depth.min(100);
        listing.history_minutes = listing.history_minutes.min(2);
    }
    Ok(Simulator::start(config).await?)
}

/// As [`exchange`], with a tap before its sockets for calls.
pub(crate) async fn tapped() -> Result<(Simulator, Tap), Failure> {
    let simulator = exchange().await?;
    let url = simulator.addresses().ws_api.clone().ok_or("no socket for calls")?;
    let tap = Tap::start(&url)?;
    Ok((simulator, tap))
}

pub(crate) fn credentials(simulator: &Simulator, key: KeyType) -> Result<Credentials, Failure> {
    let key = simulator.credentials("main").into_iter().find(|known| known.key_type == key).ok_or("no such key")?;
    let secret = Secret::new(key.secret);
    let signing = match key.key_type {
        KeyType::Hmac => SigningKey::hmac_sha256(&secret)?,
        _ => SigningKey::from_pem(&secret)?,
    };
    Ok(Credentials::new(Secret::new(key.api_key), signing)?)
}

pub(crate) fn addresses(simulator: &Simulator) -> Addresses {
    let at = simulator.addresses();
    Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone())
}

/// An order that rests.
pub(crate) fn order() -> Result<OrderRequest, Failure> {
    let pair: Pair = PAIR.parse()?;
    Ok(OrderRequest::limit(pair, Side::Buy, QUANTITY.parse()?, PRICE.parse()?))
}

/// Where the record of a run is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kept {
    Nowhere,
    InMemory,
    File(Durability),
}

pub(crate) fn journal(kept: Kept, folder: &Path, account: &str) -> Result<Arc<dyn Journal>, Failure> {
    Ok(match kept {
        Kept::Nowhere => Arc::new(SilentJournal),
        Kept::InMemory => Arc::new(SqliteJournal::in_memory(account)?),
        Kept::File(durability) => Arc::new(SqliteJournal::open(folder.join("journal.db"), account, durability)?),
    })
}
