//! Follows what happens on two pairs: trades, losses, recoveries and the connector's own readiness.
//!
//! A loss stands in the same stream as the data, before whatever follows it. Ends after 50 trades.

mod place;

use tradewire::{Event, LifeEvent, MarketConfig, MarketData, MarketEvent, Pair};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = place::find().await?;
    let pairs: [Pair; 2] = ["BTC-USDT".parse()?, "ETH-USDT".parse()?];
    let source = tradewire::market_source("binance-spot", &place.addresses)?;
    let market = MarketData::start(source, MarketConfig::default(), pairs);
    let mut events = market.events();

    let mut trades = 0;
    while trades < 50
        && let Some(event) = events.next().await
    {
        match event {
            Event::Market(MarketEvent::Trade(trade)) => {
                trades += 1;
                println!("{} {} {} × {}", trade.pair, trade.taker, trade.price, trade.quantity);
            }
            Event::Market(MarketEvent::Gap { pair, reason, lost }) => println!("{pair} gap: {reason}, lost {lost:?}"),
            Event::Market(MarketEvent::BookValid { pair, after }) => println!("{pair} valid after {after:?}"),
            Event::Life(LifeEvent::PartNotReady { part, reason }) => println!("{part} not ready: {reason}"),
            Event::Life(LifeEvent::Ready) => println!("everything is ready"),
            _ => {}
        }
    }

    market.close().await;
    place.close().await;
    Ok(())
}
