//! Estimated balances: a story with known figures, and random ones against the exchange's own books.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire_core::{Amount, Decimal, OrderRequest, OrderType, Price, Quantity, Side, TimeInForce};
use tradewire_simulator::{AccountSetup, ExternalOrder, Fault, FaultKind, OrderCommand, Side as Taker};

use super::mkt::SECOND;
use super::nobal::{exact_within, figures, next_read, no_reads, ready_desk, silent};
use super::nobal_contract;
use crate::bench::world::decimal;
use crate::bench::{Bench, Desk, DeskSetup};
use crate::row::{Failed, Verdict, equal, expect};

pub(super) async fn nobal_01(bench: &Bench) -> Verdict {
    let bench = &silent(bench);
    match (bench.seed(), &bench.capabilities().perpetual) {
        (1, None) => drop(example(bench).await?),
        (1, Some(_)) => drop(nobal_contract::example(bench).await?),
        _ => {}
    }
    flow(bench).await
}

/// Total and available of USDT, BTC and BNB.
type Figures = [(&'static str, &'static str); 3];

/// What the account has when its story begins, and after each part of it.
struct Example {
    begins: [(&'static str, &'static str); 3],
    read: Figures,
    filled: Figures,
    filled_again: Figures,
    sold: Figures,
    cancelled: Figures,
    ends: Figures,
}

/// As it is written down, with fees of 0.1 % in what is received.
const IN_WHAT_IS_RECEIVED: Example = Example {
    begins: [("USDT", "14000"), ("BTC", "0.9001"), ("BNB", "0.5")],
    read: [("10000", "6000"), ("1", "0.7"), ("0.5", "0.5")],
    filled: [("8400", "6000"), ("1.03996", "0.73996"), ("0.5", "0.5")],
    filled_again: [("8000", "6000"), ("1.04996", "0.74996"), ("0.4995", "0.4995")],
    sold: [("12195.8", "10195.8"), ("0.94996", "0.74996"), ("0.4995", "0.4995")],
    cancelled: [("12195.8", "10195.8"), ("0.94996", "0.94996"), ("0.4995", "0.4995")],
    ends: [("12195.8", "8295.8"), ("0.94996", "0.92996"), ("0.4995", "0.4995")],
};

/// The same with fees of 0.25 % in the quote asset, whatever is received.
const IN_QUOTE: Example = Example {
    begins: [("USDT", "14010"), ("BTC", "0.9"), ("BNB", "0.5")],
    read: [("10000", "6000"), ("1", "0.7"), ("0.5", "0.5")],
    filled: [("8396", "5996"), ("1.04", "0.74"), ("0.5", "0.5")],
    filled_again: [("7995", "5995"), ("1.05", "0.75"), ("0.5", "0.5")],
    sold: [("12184.5", "10184.5"), ("0.95", "0.75"), ("0.5", "0.5")],
    cancelled: [("12184.5", "10184.5"), ("0.95", "0.95"), ("0.5", "0.5")],
    ends: [("12184.5", "8284.5"), ("0.95", "0.93"), ("0.5", "0.5")],
};

/// The story of the worked example, with 40 000 as the price of the first fill: an order that rests trades at its own.
async fn example(bench: &Bench) -> Verdict {
    let wire = bench.account_wire()?;
    let told = if wire.fees_in_quote() { IN_QUOTE } else { IN_WHAT_IS_RECEIVED };
    let desk = ready_desk(bench, example_setup(bench, told.begins)?).await?;
    let a = limit(&desk, Side::Buy, "0.2", "40000").await?;
    let b = limit(&desk, Side::Sell, "0.3", "42000").await?;
    // A fill before the read that is told after it.
    let fill_event = wire.fill_event();
    desk.inject(Fault::new(FaultKind::Hold { ms: 7_000 }).event(fill_event))?;
    desk.fill(&a, Some("0.1"))?;
    next_read(bench, &desk, 6 * SECOND).await?;
    let fault = no_reads(bench, &desk)?;
    desk.pass(7 * SECOND).await;
    are(&desk, "as of the read", told.read)?;

    desk.fill(&a, Some("0.04"))?;
    desk.pass(Duration::from_millis(100)).await;
    are(&desk, "A filled in part", told.filled)?;
    if wire.fees_in_another_asset() {
        desk.inject(Fault::new(FaultKind::FeeAsset { asset: "BNB".to_owned() }))?;
    }
    desk.fill(&a, Some("0.01"))?;
    desk.pass(Duration::from_millis(100)).await;
    are(&desk, "A's next fee", told.filled_again)?;
    desk.fill(&b, Some("0.1"))?;
    desk.pass(Duration::from_millis(100)).await;
    are(&desk, "B filled in part", told.sold)?;
    let cancelled = desk.connector.cancel(&b.client_order_id).await;
    cancelled.map_err(|error| Failed::new("a cancel", error))?;
    are(&desk, "B cancelled", told.cancelled)?;
    limit(&desk, Side::Buy, "0.05", "38000").await?;
    desk.inject(bench.struck(OrderCommand::Place, FaultKind::LoseRequest)?)?;
    let (_, error) = desk.refused(order(&desk, Side::Sell, "0.02", "43000")?).await?;
    expect(error.is_unknown(), "an unknown outcome of D", &error)?;
    are(&desk, "all of it", told.ends)?;
    desk.simulator.clear_fault(fault);
    desk.end(bench).await
}

fn example_setup(bench: &Bench, has: [(&str, &str); 3]) -> Result<DeskSetup, Failed> {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT", "BNB-USDT"])?;
    setup.exchange.listings[0].opening_price = decimal("41000")?;
    setup.exchange.listings[1].opening_price = decimal("800")?;
    let mut account = AccountSetup::new("main");
    for (asset, amount) in has {
        account = account.with(asset, decimal(amount)?);
    }
    setup.exchange.accounts = vec![account];
    Ok(setup)
}

fn order(desk: &Desk, side: Side, quantity: &str, price: &str) -> Result<OrderRequest, Failed> {
    Ok(OrderRequest::limit(desk.pair(0).clone(), side, quantity.parse::<Quantity>()?, price.parse::<Price>()?))
}

async fn limit(desk: &Desk, side: Side, quantity: &str, price: &str) -> Result<tradewire_core::Order, Failed> {
    desk.place(order(desk, side, quantity, price)?).await
}

/// Checks what the account has.
fn are(desk: &Desk, step: &str, expected: Figures) -> Result<(), Failed> {
    for (asset, (total, available)) in ["USDT", "BTC", "BNB"].into_iter().zip(expected) {
        let expected = (decimal(total)?, decimal(available)?);
        equal(format_args!("{step}: {asset} (total, available)"), expected, figures(desk, asset)?)?;
    }
    Ok(())
}

/// Whatever the account does, the estimate equals the exchange's books as soon as it has been told of it.
async fn flow(bench: &Bench) -> Verdict {
    const STEPS: usize = 16;
    let desk = ready_desk(bench, DeskSetup::quiet(bench, &["BTC-USDT"])?).await?;
    no_reads(bench, &desk)?;
    let mut random = ChaCha8Rng::seed_from_u64(bench.seed());
    let mut done = Vec::new();
    for _ in 0..STEPS {
        done.push(act(&desk, &mut random).await?);
        exact_within(&desk, 2 * SECOND).await.map_err(|failed| failed.at(format_args!("after {}", done.join(", "))))?;
    }
    desk.end(bench).await
}

/// Does something with the account, and says what.
async fn act(desk: &Desk, random: &mut ChaCha8Rng) -> Result<&'static str, Failed> {
    let side = if random.random_bool(0.5) { Side::Buy } else { Side::Sell };
    let pair = desk.pair(0).clone();
    let step = desk.instrument(&pair)?.rules.quantity_step.size;
    let steps = |count: i64| Quantity::new(step * Decimal::from(count));
    let quantity = steps(random.random_range(10..3_000));
    let part = steps(5).to_string();
    let by_quote = desk.source.market().capabilities().trading.as_ref().is_some_and(|known| known.quote_amount);
    let live = desk.connector.orders();
    let one = (!live.is_empty()).then(|| &live[random.random_range(0..live.len())]);
    let away = random.random_range(1..8);
    let price = desk.price(&pair, if side == Side::Buy { 100 - away } else { 100 + away })?;
    let crossing = desk.price(&pair, if side == Side::Buy { 101 } else { 99 })?;
    match (random.random_range(0..9), one) {
        (0 | 1, _) => desk.place(OrderRequest::limit(pair, side, quantity, price)).await.map(|_| "a limit order"),
        (2, _) => desk.place(OrderRequest::market(pair, side, quantity)).await.map(|_| "a market order"),
        (3, _) if by_quote => {
            let amount = Amount::Quote(decimal("250")?);
            desk.place(OrderRequest::new(pair, side, OrderType::Market, amount))
                .await
                .map(|_| "a market order by quote")
        }
        (4, _) => {
            let order = OrderRequest::limit(pair, side, quantity, crossing).time_in_force(TimeInForce::Ioc);
            desk.place(order).await.map(|_| "an order that takes")
        }
        (5, _) => {
            let theirs = if side == Side::Buy { Taker::Buy } else { Taker::Sell };
            let order = ExternalOrder::limit(theirs, price.value(), quantity.value());
            desk.inject(Fault::new(FaultKind::ExternalOrder(order)).pair(pair.as_str())).map(|_| "an order of another")
        }
        (6, Some(order)) => {
            let cancelled = desk.connector.cancel(&order.client_order_id).await;
            cancelled.map(|_| "a cancel").map_err(|error| Failed::new("a cancel", error))
        }
        (7, Some(order)) => desk.fill(order, Some(&part)).map(|()| "a part filled"),
        (8, Some(order)) => desk.fill(order, None).map(|()| "all filled"),
        _ => desk.place(OrderRequest::limit(pair, side, quantity, price)).await.map(|_| "a limit order"),
    }
}
