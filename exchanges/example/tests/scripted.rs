//! Requests of this connector against a script, as one for an exchange that is not simulated is tried.

use std::sync::Arc;

use tradewire_conformance::scripted::{Script, ScriptedServer};
use tradewire_core::{Asset, Error};
use tradewire_example::{CAPABILITIES, Example, ExampleAccount};
use tradewire_tracking::{AccountSource, MarketSource, Target};
use tradewire_transport::{Clock, Credentials, Secret, SigningKey};

#[tokio::test]
async fn requests_are_those_of_the_script() -> Result<(), Error> {
    let server = ScriptedServer::start(Script::parse(include_str!("account.jsonl"))?).await?;
    let market = Arc::new(Example::new(&CAPABILITIES, &server.addresses(), Clock::start())?);
    let key = SigningKey::hmac_sha256(&Secret::new("secret-of-a-test"))?;
    let account = ExampleAccount::new(market.clone(), Credentials::new(Secret::new("key-of-a-test"), key)?)?;

    market.server_clock().add(market.time().await?);
    let list = market.decode_instruments(&market.instruments().await?.body)?;
    let [instrument] = &list.instruments[..] else { panic!("{list:?}") };
    let balances = account.balances().await?.balances;
    assert_eq!((&balances[0].asset, balances[0].total.to_string().as_str()), (&Asset::from("BTC"), "1.5"));
    let target = Target {
        instrument: Arc::new(instrument.clone()),
        client_order_id: Some("mine-1".into()),
        exchange_order_id: None,
        conditional: false,
    };
    assert!(account.order(&target).await?.is_none());
    assert_eq!(server.finish().await, Ok(()));
    Ok(())
}
