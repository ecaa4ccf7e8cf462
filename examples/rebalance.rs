//! Brings an account to half BTC, half USDT, by one market order.
//!
//! Shows what an order has to pass before it is sent: steps, bounds and notional are the exchange's, and nothing is rounded
//! behind the caller's back. Addresses and keys as for `place_and_follow`.

mod desk;

use std::time::Duration;

use tokio::time::sleep;
use tradewire::{Asset, Connector, Decimal, InstrumentRules, Order, OrderRequest, Pair, Price, Quantity, Side, exact};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = desk::find().await?;
    let pair: Pair = "BTC-USDT".parse()?;
    let connector = desk.connect(&[&pair]).await?;

    let before = Holding::of(&connector, &pair)?;
    println!("before: {before}");
    let rules = connector.book(&pair).ok_or("not followed")?.instrument().rules.clone();
    match order_to_balance(&before, &rules) {
        Some(request) => {
            let order = settled(&connector, &before, connector.place(request).await?).await?;
            let average = order.average_price().ok_or("nothing was filled")?.value().round_dp(2);
            println!("{} {} at {average} on the average, fees {:?}", order.side, order.filled, order.fees);
            println!("after:  {}", Holding::of(&connector, &pair)?);
        }
        None => println!("near enough: the exchange takes no order that small"),
    }

    connector.stop().await;
    desk.place.close().await;
    Ok(())
}

/// What the account has of a pair, and what that is worth now.
struct Holding {
    pair: Pair,
    base: Decimal,
    quote: Decimal,
    price: Price,
}

impl Holding {
    fn of(connector: &Connector, pair: &Pair) -> Result<Self, Box<dyn std::error::Error>> {
        let total = |asset: &str| connector.balance(&Asset::from(asset)).map(|balance| balance.total);
        // A book that is not valid answers no price: better no rebalancing than one at a wrong price.
        let price = connector.book(pair).ok_or("not followed")?.mid()?.value;
        Ok(Self { pair: pair.clone(), base: total(pair.base())?, quote: total(pair.quote())?, price })
    }
}

impl std::fmt::Display for Holding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pair, base, quote, price } = self;
        write!(f, "{base} {}, {quote} {}, at {price}", pair.base(), pair.quote())
    }
}

/// The market order after which both halves are worth the same; `None` if it would be too small.
fn order_to_balance(holding: &Holding, rules: &InstrumentRules) -> Option<OrderRequest> {
    let worth = exact::multiply(holding.base, holding.price.value())?;
    // Positive if there is too much of the quote asset.
    let difference = exact::subtract(holding.quote, worth)? / Decimal::TWO;
    let side = if difference.is_sign_positive() { Side::Buy } else { Side::Sell };
    let wanted = Quantity::new(exact::divide(difference.abs(), holding.price.value())?);
    let quantity = rules.round_market_quantity(wanted);
    let notional = exact::multiply(quantity.value(), holding.price.value())?;
    let allowed = rules.quantity.contains(&quantity) && rules.notional.contains(&notional);
    allowed.then(|| OrderRequest::market(holding.pair.clone(), side, quantity))
}

/// The order once it has ended, all fills counted, and once the exchange has told what they did to both balances.
async fn settled(connector: &Connector, before: &Holding, order: Order) -> Result<Order, Box<dyn std::error::Error>> {
    let mut now = order;
    let moved = |holding: Holding| holding.base != before.base && holding.quote != before.quote;
    while now.state.is_live() || !moved(Holding::of(connector, &before.pair)?) {
        sleep(Duration::from_millis(20)).await;
        now = connector.order(&now.client_order_id).await?.ok_or("not tracked any longer")?;
    }
    Ok(now)
}
