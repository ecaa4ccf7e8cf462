//! Goes on after a restart: nothing that happened to the account is missed, and nothing is dealt with twice.
//!
//! The first life of the program trades, and ends before it has read what became of its orders. The second knows only the
//! number of the last event that it had dealt with, which a real program keeps with its own state.
//! Addresses and keys as for `place_and_follow`.

mod desk;

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tradewire::{AccountChange, AccountEvent, AccountEvents, Decimal, OrderChange, OrderRequest, Pair, Price, Side};

use desk::Desk;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = desk::find().await?;
    let pair: Pair = "BTC-USDT".parse()?;

    let last = first_life(&desk, &pair).await?;
    println!("-- the program is away for 2 s; the last event that it has dealt with is number {last}");
    sleep(Duration::from_secs(2)).await;
    second_life(&desk, &pair, last).await?;

    desk.place.close().await;
    Ok(())
}

/// Places two orders, and ends without a look at what becomes of them. Returns the number of the last event dealt with.
async fn first_life(desk: &Desk, pair: &Pair) -> Result<u64, Box<dyn std::error::Error>> {
    let connector = desk.connect(&[pair]).await?;
    // Everything that the journal has, from the beginning; a program that has kept a number gives it here.
    let last = deal_with_all(&mut connector.account_events(0)?, 0).await?;

    let book = connector.book(pair).ok_or("not followed")?;
    let bid = book.best(Side::Buy)?.value.price;
    let far = Price::new(bid.value() * Decimal::new(95, 2));
    let far = book.instrument().rules.round_price(far, Side::Buy);
    let taking = OrderRequest::market(pair.clone(), Side::Buy, "0.01".parse()?);
    let resting = OrderRequest::limit(pair.clone(), Side::Buy, "0.01".parse()?, far);
    for outcome in connector.place_all([taking, resting]).await {
        println!("placed {}", outcome?.client_order_id);
    }
    // Orders stay where they are, unless the configuration says `OnStop::Cancel`. After `kill -9` it is the same.
    println!("{} orders are left live", connector.stop().await.live.len());
    Ok(last)
}

/// Goes on after event number `last`, and cancels what is live.
async fn second_life(desk: &Desk, pair: &Pair, last: u64) -> Result<(), Box<dyn std::error::Error>> {
    let connector = desk.connect(&[pair]).await?;
    let mut events = connector.account_events(last)?;
    let last = deal_with_all(&mut events, last).await?;
    for (id, result) in connector.cancel_all(Some(pair)).await? {
        println!("{id}: {result:?}");
    }
    let last = deal_with_all(&mut events, last).await?;
    println!("the next life goes on after event number {last}");
    connector.stop().await;
    Ok(())
}

/// Reads until nothing new comes for a second. Returns the number of the last event dealt with.
async fn deal_with_all(events: &mut AccountEvents, mut last: u64) -> Result<u64, tradewire::Error> {
    while let Ok(event) = timeout(Duration::from_secs(1), events.next()).await {
        let Some(event) = event? else { break };
        last = deal_with(&event);
    }
    Ok(last)
}

/// What a program does about an event, and the number to keep.
fn deal_with(event: &AccountEvent) -> u64 {
    match &event.change {
        AccountChange::Order(order) => {
            let change = match &order.change {
                OrderChange::Fill(fill) => format!("{} filled at {}", fill.quantity, fill.price),
                other => format!("{other:?}"),
            };
            println!("{:>4} {} {change}", event.number, order.client_order_id);
        }
        AccountChange::Balance { balance, .. } => {
            println!("{:>4} {} is {}, {} available", event.number, balance.asset, balance.total, balance.available);
        }
        AccountChange::Gap { reason } => println!("{:>4} not connected: {reason}", event.number),
        AccountChange::Reconciled { .. } => println!("{:>4} everything until now has been fetched", event.number),
        other => println!("{:>4} {other:?}", event.number),
    }
    event.number
}
