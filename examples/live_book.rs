//! Prints the top of a live book ten times, whatever happens to it meanwhile.
//!
//! `cargo run --example live_book` follows a simulated exchange of its own; `… -- REST_URL WS_URL` another one, such as
//! that of `tradewire simulate`.

mod place;

use std::time::Duration;

use tradewire::{MarketConfig, MarketData, Pair};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = place::find().await?;
    let pair: Pair = "BTC-USDT".parse()?;
    let source = tradewire::market_source("binance-spot", &place.addresses)?;
    let market = MarketData::start(source, MarketConfig::default(), [pair.clone()]);
    market.ready().await?;
    let book = market.book(&pair).ok_or("not followed")?;

    for _ in 0..10 {
        // A book that cannot be trusted gives an error that says why, never an old price.
        match book.snapshot(3) {
            Ok(top) => {
                println!("{pair} at version {}", top.update_id);
                for (bid, ask) in top.bids.iter().zip(&top.asks) {
                    println!("{:>12} {:>10} | {:<10} {}", bid.quantity, bid.price, ask.price, ask.quantity);
                }
            }
            Err(error) => println!("{pair}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    market.close().await;
    place.close().await;
    Ok(())
}
