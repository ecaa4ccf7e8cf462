use std::sync::Arc;

use tradewire_core::{Addresses, Capabilities, Error, ErrorKind};
use tradewire_tracking::{AccountSource, MarketSource, OrderEntry, shared_source};
use tradewire_transport::{Clock, Credentials};

use crate::addresses::check_environment;
use crate::words::did_you_mean;

type MakeMarket = fn(&Addresses) -> Result<Arc<dyn MarketSource>, Error>;
type MakeAccount = fn(&Addresses, Credentials, OrderEntry) -> Result<Arc<dyn AccountSource>, Error>;

/// An exchange that this build knows: what it offers, and how to make a source of it.
struct Registration {
    capabilities: &'static Capabilities,
    market_source: MakeMarket,
    /// `None` for market data only.
    account_source: Option<MakeAccount>,
}

/// One line per exchange.
const REGISTERED: &[Registration] = &[
    #[cfg(feature = "binance")]
    binance::<tradewire_binance::spot::Spot>(Some(|addresses, credentials, order_entry| {
        let spot = binance_source(addresses)?;
        Ok(Arc::new(tradewire_binance::spot::SpotAccount::new(spot, credentials, order_entry)?))
    })),
    #[cfg(feature = "binance")]
    binance::<tradewire_binance::usdm::Usdm>(Some(|addresses, credentials, order_entry| {
        let usdm = binance_source(addresses)?;
        Ok(Arc::new(tradewire_binance::usdm::UsdmAccount::new(usdm, credentials, order_entry)?))
    })),
    #[cfg(feature = "bybit")]
    Registration {
        capabilities: &tradewire_bybit::spot::CAPABILITIES,
        market_source: |addresses| Ok(bybit_source(&tradewire_bybit::spot::PRODUCT, addresses)?),
        account_source: Some(|addresses, credentials, order_entry| {
            let market = bybit_source(&tradewire_bybit::spot::PRODUCT, addresses)?;
            Ok(Arc::new(tradewire_bybit::BybitAccount::new(market, credentials, order_entry)?))
        }),
    },
    #[cfg(feature = "bybit")]
    Registration {
        capabilities: &tradewire_bybit::linear::CAPABILITIES,
        market_source: |addresses| Ok(bybit_source(&tradewire_bybit::linear::PRODUCT, addresses)?),
        account_source: Some(|addresses, credentials, order_entry| {
            let market = bybit_source(&tradewire_bybit::linear::PRODUCT, addresses)?;
            Ok(Arc::new(tradewire_bybit::BybitAccount::new(market, credentials, order_entry)?))
        }),
    },
    #[cfg(feature = "kraken")]
    Registration {
        capabilities: &tradewire_kraken::CAPABILITIES,
        market_source: |addresses| Ok(tradewire_kraken::Kraken::shared(addresses)?),
        account_source: Some(|addresses, credentials, _| {
            let market = tradewire_kraken::Kraken::shared(addresses)?;
            Ok(Arc::new(tradewire_kraken::KrakenAccount::new(market, credentials)?))
        }),
    },
    #[cfg(feature = "example")]
    Registration {
        capabilities: &tradewire_example::CAPABILITIES,
        market_source: |addresses| Ok(tradewire_example::Example::shared(&tradewire_example::CAPABILITIES, addresses)?),
        account_source: Some(|addresses, credentials, _| {
            let market = tradewire_example::Example::shared(&tradewire_example::CAPABILITIES, addresses)?;
            Ok(Arc::new(tradewire_example::ExampleAccount::new(market, credentials)?))
        }),
    },
    #[cfg(feature = "example")]
    Registration {
        capabilities: &tradewire_example::PERPETUAL_CAPABILITIES,
        market_source: |addresses| {
            Ok(tradewire_example::Example::shared(&tradewire_example::PERPETUAL_CAPABILITIES, addresses)?)
        },
        account_source: Some(|addresses, credentials, _| {
            let market = tradewire_example::Example::shared(&tradewire_example::PERPETUAL_CAPABILITIES, addresses)?;
            Ok(Arc::new(tradewire_example::ExampleAccount::new(market, credentials)?))
        }),
    },
];

/// The features that add exchanges, whose names begin with it; and whether this build has them.
const FEATURES: &[(&str, bool)] = &[
    ("binance", cfg!(feature = "binance")),
    ("bybit", cfg!(feature = "bybit")),
    ("example", cfg!(feature = "example")),
    ("kraken", cfg!(feature = "kraken")),
];

/// The feature that an exchange of this name needs and that this build does not have.
pub fn missing_feature(exchange: &str) -> Option<&'static str> {
    let company = exchange.split_once('-').map_or(exchange, |(company, _)| company);
    FEATURES.iter().find(|(feature, built)| *feature == company && !built).map(|(feature, _)| *feature)
}

/// What every exchange of this build offers, by name in [`Capabilities::exchange`].
pub fn exchanges() -> Vec<&'static Capabilities> {
    REGISTERED.iter().map(|registered| registered.capabilities).collect()
}

/// The market of an exchange by its name, for [`MarketData::start`](crate::MarketData::start). Connects to nothing yet.
///
/// # Errors
/// `Unsupported` for a name that is not registered; `Config` for an environment that it does not have or an address that
/// is none. The text quotes the word and the nearest valid one.
pub fn market_source(exchange: &str, addresses: &Addresses) -> Result<Arc<dyn MarketSource>, Error> {
    (registered(exchange, addresses)?.market_source)(addresses)
}

/// An account of an exchange by its name, for [`Connector::start`](crate::Connector::start). Connects to nothing yet, but for
/// order entry over a socket, which is opened at once: then it must be called within a tokio runtime.
///
/// # Errors
/// As [`market_source`]; `Unsupported` for order entry over a socket where the exchange has none; `Config` for credentials of
/// a kind that it does not take.
pub fn account_source(
    exchange: &str,
    addresses: &Addresses,
    credentials: Credentials,
    order_entry: OrderEntry,
) -> Result<Arc<dyn AccountSource>, Error> {
    let registered = registered(exchange, addresses)?;
    let unsupported = |what| Error::new(ErrorKind::Unsupported, format!("{exchange} {what}"));
    let make = registered.account_source.ok_or_else(|| unsupported("is for market data only"))?;
    let by_socket = registered.capabilities.trading.as_ref().is_some_and(|trading| trading.order_socket);
    if order_entry == OrderEntry::Socket && !by_socket {
        return Err(unsupported("takes orders by REST only").with("field", "order_entry"));
    }
    make(addresses, credentials, order_entry)
}

fn registered(exchange: &str, addresses: &Addresses) -> Result<&'static Registration, Error> {
    let registered = REGISTERED.iter().find(|registered| registered.capabilities.exchange == exchange);
    let registered = registered.ok_or_else(|| {
        if let Some(feature) = missing_feature(exchange) {
            let text = format!("'{exchange}' needs the feature '{feature}', which this build does not have");
            return Error::new(ErrorKind::Unsupported, text);
        }
        let known = REGISTERED.iter().map(|known| known.capabilities.exchange);
        let hint = did_you_mean(exchange, known);
        Error::new(ErrorKind::Unsupported, format!("'{exchange}' is not an exchange of this build{hint}"))
    })?;
    check_environment(registered.capabilities, addresses)?;
    Ok(registered)
}

/// One of Binance's markets.
#[cfg(feature = "binance")]
const fn binance<P: tradewire_binance::Product>(account_source: Option<MakeAccount>) -> Registration {
    Registration {
        capabilities: P::CAPABILITIES,
        market_source: |addresses| Ok(binance_source::<P>(addresses)?),
        account_source,
    }
}

#[cfg(feature = "binance")]
fn binance_source<P: tradewire_binance::Product>(
    addresses: &Addresses,
) -> Result<Arc<tradewire_binance::Binance<P>>, Error> {
    shared_source(P::CAPABILITIES, addresses, |_| tradewire_binance::Binance::new(&addresses.into(), Clock::start()))
}

#[cfg(feature = "bybit")]
fn bybit_source(
    product: &'static tradewire_bybit::Product,
    addresses: &Addresses,
) -> Result<Arc<tradewire_bybit::Bybit>, Error> {
    shared_source(product.capabilities(), addresses, |others: &[Arc<tradewire_bybit::Bybit>]| {
        let config = addresses.into();
        let fresh = tradewire_bybit::Bybit::new(product, &config, Clock::start())?;
        // All markets are served, and counted, at one address.
        match others.iter().find(|other| other.rest_address() == fresh.rest_address()) {
            Some(other) => tradewire_bybit::Bybit::sharing_limits(product, &config, other),
            None => Ok(fresh),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_make_a_source() {
        let mut names: Vec<_> = exchanges().iter().map(|known| known.exchange).collect();
        for name in &names {
            let source = market_source(name, &Addresses::Default).expect(name);
            assert_eq!(source.capabilities().exchange, *name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), REGISTERED.len());
    }

    #[test]
    fn what_was_not_built_names_its_feature() {
        for known in exchanges() {
            let company = known.exchange.split('-').next().expect("a name");
            assert!(FEATURES.contains(&(company, true)), "{}", known.exchange);
            assert_eq!(missing_feature(known.exchange), None);
        }
        for (feature, _) in FEATURES.iter().filter(|(_, built)| !built) {
            let name = format!("{feature}-spot");
            assert_eq!(missing_feature(&name), Some(*feature));
            let refused = market_source(&name, &Addresses::Default).expect_err("not built");
            assert!(refused.message().contains(&format!("the feature '{feature}'")), "{refused}");
        }
        assert_eq!(missing_feature("moon-spot"), None);
    }

    #[cfg(feature = "binance")]
    #[test]
    fn sources_at_the_same_addresses_share_limits() {
        let at = |port: u16| Addresses::own(format!("http://127.0.0.1:{port}"), format!("ws://127.0.0.1:{port}"));
        let source = |port| market_source("binance-spot", &at(port)).expect("addresses");
        let (first, second, other) = (source(1), source(1), source(2));
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &other));
        let named = |addresses| market_source("binance-usdm", &addresses).expect("addresses");
        let (first, second) = (named(Addresses::Default), named(Addresses::environment("production")));
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[cfg(feature = "bybit")]
    #[test]
    fn markets_of_one_address_share_its_limits() {
        use tradewire_transport::{Applicant, Class, Cost};

        let at = |port: u16| Addresses::own(format!("http://127.0.0.1:{port}"), format!("ws://127.0.0.1:{port}"));
        let source = |exchange, port| market_source(exchange, &at(port)).expect("addresses");
        let (spot, linear) = (source("bybit-spot", 3), source("bybit-linear", 3));
        let elsewhere = source("bybit-linear", 4);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let request = Applicant::read(Cost::weight(0), Class::MarketRead);
        let permit = runtime.block_on(spot.limits().acquire(request)).expect("room");
        let counted = |source: &Arc<dyn MarketSource>| source.limits().usage()[0].used;
        assert_eq!([&spot, &linear, &elsewhere].map(counted), [1, 1, 0]);
        drop(permit);
    }

    #[cfg(feature = "kraken")]
    #[test]
    fn order_entry_that_an_exchange_has_not_is_refused() {
        let key = crate::SigningKey::hmac_sha256(&crate::Secret::new("c2VjcmV0")).expect("a key");
        let credentials = Credentials::new(crate::Secret::new("key"), key).expect("credentials");
        let by_socket = account_source("kraken-spot", &Addresses::Default, credentials, OrderEntry::Socket);
        assert_eq!(by_socket.expect_err("none").kind(), ErrorKind::Unsupported);
    }

    #[cfg(feature = "binance")]
    #[test]
    fn unknown_words_are_quoted_with_the_nearest() {
        let refused = |name, addresses: &Addresses| market_source(name, addresses).expect_err("unknown");
        let error = refused("binance-spt", &Addresses::Default);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("'binance-spt'") && error.message().contains("'binance-spot'"), "{error}");
        let error = refused("binance-spot", &Addresses::environment("tesnet"));
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("'tesnet'") && error.message().contains("'testnet'"), "{error}");
    }
}
