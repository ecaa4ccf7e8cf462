//! The conformance suite on Binance spot: every behaviour against the simulated exchange.
//!
//! `CONFORMANCE_ROWS=BOOK-0,MKT-05` runs only the rows whose ids begin so.

use std::sync::Arc;

use tradewire_binance::spot::{BinanceSpot, CAPABILITIES, SpotConfig};
use tradewire_conformance::{Addresses, Selection, Subject, run};
use tradewire_core::Error;
use tradewire_tracking::MarketSource;
use tradewire_transport::Clock;

fn connect(addresses: &Addresses) -> Result<Arc<dyn MarketSource>, Error> {
    let config = match addresses {
        Addresses::Environment(name) => SpotConfig::of(name),
        Addresses::Own { rest, ws } => {
            SpotConfig { rest: Some(rest.clone()), ws: Some(ws.clone()), ..SpotConfig::default() }
        }
    };
    Ok(Arc::new(BinanceSpot::new(&config, Clock::start())?))
}

#[test]
fn spot() {
    let subject = Subject::known(CAPABILITIES.clone(), connect).expect("the exchange is known");
    let ids = std::env::var("CONFORMANCE_ROWS").unwrap_or_default();
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let report = run(&subject, &Selection { component: None, ids });
    println!("{}", report.text());
    assert!(report.is_green(), "{} behaviours failed", report.failed().count());
}
