//! The subject of all tests.

use std::sync::Arc;

use tradewire_conformance::Subject;
use tradewire_core::Addresses;
use tradewire_kraken::{CAPABILITIES, Kraken, KrakenAccount};
use tradewire_tracking::MarketSource;

/// Kraken spot, as the suite starts it.
pub(crate) fn subject() -> Subject {
    let market = |addresses: &Addresses| Ok(Kraken::shared(addresses)? as Arc<dyn MarketSource>);
    Subject::known(CAPABILITIES.clone(), market).expect("a known wire").with_account(|addresses, credentials, _| {
        Ok(Arc::new(KrakenAccount::new(Kraken::shared(addresses)?, credentials)?))
    })
}
