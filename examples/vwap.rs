//! Asks a live book what a quantity costs: average price, worst price, and how that differs from the middle.

mod place;

use tradewire::{MarketConfig, MarketData, OrderBook, Pair, Quantity, QueryError, Side};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = place::find().await?;
    let pair: Pair = "ETH-USDT".parse()?;
    let source = tradewire::market_source("binance-spot", &place.addresses)?;
    let market = MarketData::start(source, MarketConfig::default(), [pair.clone()]);
    market.ready().await?;
    let book = market.book(&pair).ok_or("not followed")?;

    for text in ["0.1", "10", "1000", "1000000"] {
        let quantity: Quantity = text.parse()?;
        // One version answers all three questions.
        let cost = |book: &OrderBook| {
            let average = book.vwap(Side::Buy, quantity)?;
            Ok((average, book.price_for_volume(Side::Buy, quantity)?, book.mid()?))
        };
        match book.read(cost) {
            Ok(answer) => {
                let (average, worst, mid) = answer.value;
                let slippage = average.value() - mid.value();
                println!("buying {text}: average {average}, worst {worst}, {slippage} above the middle");
            }
            Err(QueryError::Insufficient(known)) => println!("buying {text}: only {} is known", known.base),
            Err(error) => println!("buying {text}: {error}"),
        }
    }

    market.close().await;
    place.close().await;
    Ok(())
}
