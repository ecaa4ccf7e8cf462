//! Watches an account for 10 s: balances, orders of other programs, interruptions and what was fetched after them.
//!
//! On its own simulated exchange somebody else trades meanwhile, and the private stream is cut. Addresses and keys as for
//! `place_and_follow`; with them it only watches.

mod desk;

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tradewire::{AccountChange, Connector, Event, LifeEvent, OrderChange, OrderEvent, Pair};
use tradewire_simulator::{Fault, FaultKind, Side, Simulator};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = desk::find().await?;
    let pair: Pair = "BTC-USDT".parse()?;
    let connector = desk.connect(&[&pair]).await?;
    for balance in connector.balances().values().filter(|balance| !balance.total.is_zero()) {
        println!("{}: {} in all, {} available", balance.asset, balance.total, balance.available);
    }
    for order in connector.account_orders() {
        println!("open: {} {} {} {:?}", order.client_order_id, order.symbol, order.side, order.origin);
    }

    match &desk.place.simulator {
        Some(simulator) => tokio::try_join!(watch(&connector), stir(simulator)).map(drop)?,
        None => watch(&connector).await?,
    }

    connector.stop().await;
    desk.place.close().await;
    Ok(())
}

async fn watch(connector: &Connector) -> Result<(), Box<dyn std::error::Error>> {
    let mut events = connector.events();
    let until = Instant::now() + Duration::from_secs(10);
    while let Ok(event) = timeout_at(until, events.next()).await {
        match event? {
            Some(Event::Account(event)) => tell(&event.change),
            Some(Event::Life(LifeEvent::PartNotReady { part, reason })) => println!("{part} not ready: {reason}"),
            Some(Event::Life(LifeEvent::Ready)) => println!("everything is ready"),
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

fn tell(change: &AccountChange) {
    match change {
        AccountChange::Balance { balance, reason } => {
            println!("{}: {} in all, {} available ({reason:?})", balance.asset, balance.total, balance.available);
        }
        AccountChange::Order(OrderEvent { client_order_id, own, change, .. }) => {
            let whose = if *own { "own" } else { "somebody else's" };
            match change {
                OrderChange::Fill(fill) => {
                    println!("{whose} order {client_order_id}: {} {} at {}", fill.side, fill.quantity, fill.price);
                }
                other => println!("{whose} order {client_order_id}: {other:?}"),
            }
        }
        AccountChange::Gap { reason } => println!("the private stream is lost: {reason}; what follows is fetched"),
        AccountChange::Reconciled { from, until } => {
            println!("everything of the last {:.1?} is known", until.since(*from));
        }
        AccountChange::Inconsistent { what } => println!("the exchange contradicts itself: {what}"),
        _ => {}
    }
}

/// What others do on the simulated exchange.
async fn stir(simulator: &Simulator) -> Result<(), Box<dyn std::error::Error>> {
    let market_order = |side| {
        let mut request = tradewire_simulator::OrderRequest::new(side, tradewire_simulator::OrderKind::Market);
        request.quantity = Some("0.02".parse()?);
        simulator.place_as("main", "BTC-USDT", &request)?;
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    sleep(Duration::from_secs(2)).await;
    market_order(Side::Buy)?;
    sleep(Duration::from_secs(2)).await;
    // The connector's socket is cut, and this fill happens before it is back.
    simulator.inject(Fault::new(FaultKind::Drop).path("/ws-api"))?;
    market_order(Side::Sell)
}
