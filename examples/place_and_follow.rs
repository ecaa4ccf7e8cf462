//! Places one order below the best bid, follows what becomes of it for 5 s, then cancels it.
//!
//! `cargo run --example place_and_follow` trades on a simulated exchange of its own; `… -- REST_URL WS_URL WS_API_URL` on
//! another one, such as that of `tradewire simulate`, with its keys in `TRADEWIRE_API_KEY` and `TRADEWIRE_SECRET_KEY`.

mod desk;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tradewire::{
    AccountChange, ClientOrderId, CommandError, Connector, ConnectorEvents, Decimal, Event, OrderChange, OrderEvent,
    OrderRequest, Pair, Price, Side,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = desk::find().await?;
    let pair: Pair = "BTC-USDT".parse()?;
    let connector = desk.connect(&[&pair]).await?;
    let mut events = connector.events();

    let book = connector.book(&pair).ok_or("not followed")?;
    let best = book.best(Side::Buy)?.value.price;
    // Nothing of an order is rounded by the connector: a price between two steps would be refused.
    let below = Price::new(best.value() * Decimal::new(999, 3));
    let price = book.instrument().rules.round_price(below, Side::Buy);
    let request = OrderRequest::limit(pair, Side::Buy, "0.5".parse()?, price).post_only();
    if let Some(id) = place(&connector, request).await {
        if !follow(&mut events, &id, Duration::from_secs(5)).await? {
            cancel(&connector, &id).await;
            follow(&mut events, &id, Duration::from_secs(30)).await?;
        }
        for fill in connector.fills(&id).await? {
            println!("fill {}: {} at {}, {:?}", fill.trade_id, fill.quantity, fill.price, fill.liquidity);
        }
    }

    let left = connector.stop().await;
    println!("{} orders are left live", left.live.len());
    desk.place.close().await;
    Ok(())
}

/// The id of an order that may be live. There are three answers besides yes, and each asks for something else.
async fn place(connector: &Connector, request: OrderRequest) -> Option<ClientOrderId> {
    match connector.place(request).await {
        Ok(order) => Some(order.client_order_id),
        Err(CommandError::NotSent(error)) => {
            println!("nothing was sent, so it can be tried again: {error}");
            None
        }
        Err(CommandError::Rejected(error)) => {
            println!("the exchange refused it, nothing is live: {error}");
            None
        }
        Err(CommandError::Unknown { client_order_id, cause }) => {
            println!("it may be live: {cause}; it is tracked until there is evidence, and must not be sent again");
            Some(client_order_id)
        }
    }
}

/// Prints what happens to an order; whether it has ended within that time, all of its fills told.
async fn follow(
    events: &mut ConnectorEvents,
    id: &ClientOrderId,
    within: Duration,
) -> Result<bool, Box<dyn std::error::Error>> {
    let until = Instant::now() + within;
    while let Ok(event) = timeout_at(until, events.next()).await {
        let Some(event) = event? else { break };
        let Event::Account(event) = event else { continue };
        if let AccountChange::Order(order) = &event.change
            && order.client_order_id == *id
        {
            println!("event {}: {}", event.number, text(order));
            if order.change.is_end() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn text(event: &OrderEvent) -> String {
    match &event.change {
        OrderChange::Fill(fill) => format!("{} filled at {}, {} so far", fill.quantity, fill.price, event.filled),
        OrderChange::Cancelled(reason) => format!("cancelled ({reason:?}), {} filled", event.filled),
        other => format!("{other:?}"),
    }
}

async fn cancel(connector: &Connector, id: &ClientOrderId) {
    match connector.cancel(id).await {
        Ok(order) => println!("cancelled with {} filled", order.filled),
        Err(error) => println!("not cancelled: {error}"),
    }
}
