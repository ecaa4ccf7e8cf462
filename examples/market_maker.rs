//! Quotes both sides of a market for 20 s, within a limit to what it may hold, and cancels everything at the end.
//!
//! Every half second each side is looked at anew: what is live is what the connector says is live, so an order of unknown
//! outcome is never quoted a second time. Addresses and keys as for `place_and_follow`.

mod desk;

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tradewire::{
    Amendment, Asset, BookReader, ClientOrderId, CommandError, Connector, Decimal, Order, OrderRequest, Pair, Price,
    Quantity, Side,
};

/// How long it quotes.
const TIME: Duration = Duration::from_secs(20);
/// For how long at the end quotes are half as large.
const CALM: Duration = Duration::from_secs(6);
/// Pause between looks.
const PAUSE: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = desk::find().await?;
    let pair: Pair = "BTC-USDT".parse()?;
    let connector = desk.connect(&[&pair]).await?;
    let maker = Maker::new(&connector, &pair)?;

    let end = Instant::now() + TIME;
    while Instant::now() < end {
        let calmly = end - Instant::now() < CALM;
        maker.look(if calmly { maker.size / Decimal::TWO } else { maker.size }).await?;
        sleep(PAUSE).await;
    }

    for (id, result) in connector.cancel_all(Some(&pair)).await? {
        println!("{id}: {result:?}");
    }
    println!("inventory {} {}", maker.inventory()?.normalize(), pair.base());
    connector.stop().await;
    desk.place.close().await;
    Ok(())
}

struct Maker<'a> {
    connector: &'a Connector,
    book: BookReader,
    pair: Pair,
    base: Asset,
    /// What the account had of the base asset.
    start: Decimal,
    /// The most of a quote, in base units.
    size: Decimal,
    /// The most that is held, bought or sold, in base units.
    limit: Decimal,
    /// How far from the middle quotes are, as a fraction.
    distance: Decimal,
    /// How far a quote may be from where it should be, as a fraction.
    slack: Decimal,
}

/// What to do about one side.
enum Act {
    Place(OrderRequest),
    Move(ClientOrderId, OrderRequest),
    Shrink(ClientOrderId, Quantity),
    Cancel(ClientOrderId),
}

impl<'a> Maker<'a> {
    fn new(connector: &'a Connector, pair: &Pair) -> Result<Self, Box<dyn std::error::Error>> {
        let base = Asset::from(pair.base());
        Ok(Self {
            connector,
            book: connector.book(pair).ok_or("not followed")?,
            pair: pair.clone(),
            start: connector.balance(&base)?.total,
            base,
            size: Decimal::new(5, 2),
            limit: Decimal::new(12, 2),
            distance: Decimal::new(15, 5),
            slack: Decimal::new(1, 4),
        })
    }

    /// What was bought, less what was sold, less fees in the base asset.
    fn inventory(&self) -> Result<Decimal, tradewire::Error> {
        Ok(self.connector.balance(&self.base)?.total - self.start)
    }

    /// Brings both sides to where they should be, with quotes of at most `size`.
    async fn look(&self, size: Decimal) -> Result<(), Box<dyn std::error::Error>> {
        let Ok(mid) = self.book.mid() else {
            // Without a valid book there is no price to quote around.
            self.connector.cancel_all(Some(&self.pair)).await?;
            return Ok(());
        };
        for side in [Side::Buy, Side::Sell] {
            let quote = self.connector.orders().into_iter().find(|order| order.side == side);
            let Some(act) = self.decide(side, quote.as_ref(), mid.value, size) else { continue };
            match self.carry_out(act).await {
                Ok(order) => println!("{side} {}, inventory {}", text(&order), self.inventory()?.normalize()),
                // Refused because the market moved, or unknown: the next look sees what became of it.
                Err(error) => println!("{side}: {error}"),
            }
        }
        Ok(())
    }

    fn decide(&self, side: Side, quote: Option<&Order>, mid: Price, size: Decimal) -> Option<Act> {
        let inventory = self.inventory().ok()?;
        let rules = &self.book.instrument().rules;
        let away = mid.value() * self.distance;
        let (price, room) = match side {
            Side::Buy => (mid.value() - away, self.limit - inventory),
            Side::Sell => (mid.value() + away, self.limit + inventory),
        };
        let price = rules.round_price(Price::new(price), side);
        let quantity = rules.round_quantity(Quantity::new(room.clamp(Decimal::ZERO, size)));
        let enough = rules.quantity.contains(&quantity) && rules.notional.contains(&(quantity.value() * price.value()));
        let request = || OrderRequest::limit(self.pair.clone(), side, quantity, price).post_only();
        let Some(quote) = quote else { return enough.then(|| Act::Place(request())) };
        if quote.cancel_requested || quote.outcome_unknown_since.is_some() {
            // It is being asked for.
            return None;
        }
        let off = (quote.price?.value() - price.value()).abs() > price.value() * self.slack;
        let id = quote.client_order_id.clone();
        match enough {
            false => Some(Act::Cancel(id)),
            true if off => Some(Act::Move(id, request())),
            true if quote.remaining()? > quantity => {
                Some(Act::Shrink(id, Quantity::new(quote.filled.value() + quantity.value())))
            }
            true => None,
        }
    }

    async fn carry_out(&self, act: Act) -> Result<Order, CommandError> {
        match act {
            Act::Place(request) => self.connector.place(request).await,
            // One command: if the old quote has traded meanwhile, there is no new one.
            Act::Move(id, request) => self.connector.replace(&id, request).await,
            // Keeps its place in the queue.
            Act::Shrink(id, quantity) => {
                self.connector.amend(&id, Amendment { quantity: Some(quantity), price: None }).await
            }
            Act::Cancel(id) => self.connector.cancel(&id).await,
        }
    }
}

fn text(order: &Order) -> String {
    let price = order.price.unwrap_or_default();
    format!("{} at {price} {:?}", order.remaining().unwrap_or_default(), order.state)
}
