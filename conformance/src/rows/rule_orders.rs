//! Instruments and their rules: what orders meet of them.

use tradewire_core::{
    AccountChange, BookState, Decimal, ErrorKind, MarketEvent, OrderRequest, OrderType, Price, Quantity, Side,
};
use tradewire_simulator::{Config, Fault, FaultKind, Flow, Listing, OrderCommand, TradingStatus};

use super::mkt::{MINUTE, SECOND};
use crate::bench::witness::Mark;
use crate::bench::world::{SOON, decimal, pair};
use crate::bench::{Bench, Desk, DeskSetup, comes_true};
use crate::row::{Failed, Verdict, equal, expect};

/// Rules are read again by then.
const RULES: std::time::Duration = std::time::Duration::from_secs(31 * 60);

/// Checks that an order is refused here: nothing is sent, nothing is told.
pub(super) async fn refused_here(
    desk: &Desk,
    request: OrderRequest,
    kind: ErrorKind,
    field: Option<&str>,
) -> Result<tradewire_core::Error, Failed> {
    let what = format!("{} of {:?} at {:?}", request.order_type, request.amount, request.price);
    let before = (desk.simulator.requests().total, desk.story.all().len());
    let (id, error) = desk.refused(request).await.map_err(|failed| failed.at(&what))?;
    let not_sent = matches!(error, tradewire_core::CommandError::NotSent(_));
    expect(not_sent && error.error().kind() == kind, format_args!("NotSent({kind:?}) for {what}"), &error)?;
    equal(format_args!("the field of {what}"), field, error.error().context("field").filter(|_| field.is_some()))?;
    expect(id.is_none(), format_args!("no id for {what}"), "one")?;
    let after = (desk.simulator.requests().total, desk.story.all().len());
    equal(format_args!("requests and events for {what}"), before, after)?;
    Ok(error.error().clone())
}

pub(super) async fn rule_06(bench: &Bench) -> Verdict {
    for kind in [
        FaultKind::Halt { status: TradingStatus::Halt },
        FaultKind::Halt { status: TradingStatus::CancelOnly },
        FaultKind::Delist,
    ] {
        closed_pair(bench, kind).await?;
    }
    Ok(crate::row::Shown::Works)
}

async fn closed_pair(bench: &Bench, kind: FaultKind) -> Verdict {
    let desk = bench.desk(DeskSetup::quiet(bench, &["BTC-USDT", "ETH-USDT"])?).await?;
    desk.ready().await?;
    let pair = desk.pair(0).clone();
    let order = desk.open_order(Side::Sell, "0.01").await?;
    let request = desk.resting(Side::Sell, "0.01")?;
    let mark = desk.witness.mark();
    let fault = desk.inject(Fault::new(kind.clone()).pair(pair.as_str()))?;
    desk.pass(SECOND).await;
    let of_it = |event: &MarketEvent| matches!(event, MarketEvent::Instrument(_));
    desk.witness.wait_market(mark, RULES, "Instrument", &pair, of_it).await?;
    refused_here(&desk, request.clone(), ErrorKind::Restricted, None).await?;
    let known = desk.order(&order.client_order_id).await?;
    if kind == FaultKind::Delist {
        expect(!known.state.is_live(), "an order that the exchange has ended", format_args!("{:?}", known.state))?;
    } else {
        expect(known.state.is_live(), "an order that is tracked", format_args!("{:?}", known.state))?;
        let cancelled = desk.connector.cancel(&order.client_order_id).await;
        expect(cancelled.is_ok(), "a cancel that passes", format_args!("{cancelled:?}"))?;
    }
    let mark = desk.witness.mark();
    desk.simulator.clear_fault(fault);
    desk.witness.wait_market(mark, RULES, "Instrument", &pair, of_it).await?;
    desk.place(request).await?;
    desk.end(bench).await
}

/// Checks a refusal of a number that lies between this value and the next on its step: both are told.
async fn off_step(
    desk: &Desk,
    request: OrderRequest,
    field: &str,
    step: Decimal,
    below: Decimal,
) -> Result<(), Failed> {
    let error = refused_here(desk, request, ErrorKind::FilterFailure, Some(field)).await?;
    let told = ["step", "below", "above"].map(|key| error.context(key).unwrap_or_default().to_owned());
    let expected = [step, below, below + step].map(|number| number.normalize().to_string());
    equal(format_args!("step and neighbours of {field}"), expected, told)
}

pub(super) async fn rule_07(bench: &Bench) -> Verdict {
    let setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    let (tick, step) = (setup.exchange.listings[0].tick, setup.exchange.listings[0].step);
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let pair = desk.pair(0).clone();
    let limit = |quantity: Decimal, price: Decimal| {
        OrderRequest::limit(pair.clone(), Side::Buy, Quantity::new(quantity), Price::new(price))
    };
    let trading = bench.capabilities().trading.as_ref();
    let (quantity, price, half) = (decimal("0.01")?, decimal("60000")?, decimal("0.5")?);
    off_step(&desk, limit(quantity, price + tick * half), "price", tick, price).await?;
    off_step(&desk, limit(quantity + step / Decimal::TEN, price), "quantity", step, quantity).await?;
    if trading.is_some_and(|trading| trading.iceberg) {
        let hidden = limit(quantity, price).visible(Quantity::new(step * decimal("3.25")?));
        off_step(&desk, hidden, "visible", step, step * Decimal::from(3)).await?;
    }
    if trading.is_some_and(|trading| trading.order_types.contains(&OrderType::StopLossLimit)) {
        let stop = OrderRequest { order_type: OrderType::StopLossLimit, side: Side::Sell, ..limit(quantity, price) };
        let stop = stop.trigger_price(Price::new(price + tick * decimal("12.3")?));
        off_step(&desk, stop, "trigger_price", tick, price + tick * Decimal::from(12)).await?;
    }
    let market = OrderRequest::market(pair.clone(), Side::Buy, Quantity::new(step * decimal("1.5")?));
    off_step(&desk, market, "quantity", step, step).await?;
    // On its step it goes out as it is.
    let (quantity, price) = (quantity + step, decimal("58000")? + tick);
    let order = desk.place(limit(quantity, price)).await?;
    equal("price", Some(Price::new(price)), order.price)?;
    equal("quantity", Quantity::new(quantity), order.remaining().unwrap_or_default())?;
    desk.end(bench).await
}

/// Bounds of BTC-USDT at 60 000, and limits that take in any tick and step. The least quantity, where one is stated that is more
/// than the step, is worth less than the least value then.
fn bounded(bench: &Bench) -> Result<DeskSetup, Failed> {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    let listing = &mut setup.exchange.listings[0];
    listing.opening_price = decimal("60000")?;
    (listing.max_quantity, listing.max_market_quantity) = (decimal("10")?, decimal("1")?);
    (listing.min_notional, listing.max_notional) = (decimal("100")?, decimal("300000")?);
    setup.market.stale_after = 10 * SECOND;
    Ok(setup)
}

pub(super) async fn rule_09(bench: &Bench) -> Verdict {
    let setup = bounded(bench)?;
    let (tick, step) = (setup.exchange.listings[0].tick, setup.exchange.listings[0].step);
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let pair = desk.pair(0).clone();
    let limit = |quantity: &str, price: &str| -> Result<OrderRequest, Failed> {
        let (quantity, price) = (quantity.parse::<Quantity>()?, price.parse::<Price>()?);
        Ok(OrderRequest::limit(pair.clone(), Side::Buy, quantity, price))
    };
    let market = |side: Side, quantity: Decimal| OrderRequest::market(pair.clone(), side, Quantity::new(quantity));
    let above = |most: &str, step: Decimal| -> Result<String, Failed> { Ok((decimal(most)? + step).to_string()) };
    let little = decimal("0.001")?;
    let mut refused = vec![
        (limit("0", "48000")?, "quantity"),
        (limit("0.01", "0")?, "price"),
        (limit("0.001", "48000")?, "notional"),
        (market(Side::Buy, little), "notional"),
        (market(Side::Sell, little), "notional"),
    ];
    let least = desk.instrument(&pair)?.rules.quantity.min.filter(|least| least.value() > step);
    if let Some(least) = least {
        refused.push((limit(&(least.value() - step).to_string(), "150000")?, "quantity"));
    }
    if bench.wire().states_largest_quantity() {
        refused.push((limit(&above("10", step)?, "20000")?, "quantity"));
        refused.push((market(Side::Buy, Decimal::ONE + step), "quantity"));
        refused.push((market(Side::Sell, Decimal::ONE + step), "quantity"));
    }
    if bench.wire().states_highest_price() {
        refused.push((limit("0.01", &above("1000000", tick)?)?, "price"));
    }
    if bench.wire().limits().max_notional {
        refused.push((limit("7", "48000")?, "notional"));
    }
    if bench.capabilities().trading.as_ref().is_some_and(|trading| trading.quote_amount) {
        let amount = OrderRequest::market_for_quote(pair.clone(), Side::Buy, decimal("99.99")?);
        refused.push((amount, "notional"));
    }
    for (request, field) in refused {
        refused_here(&desk, request, ErrorKind::FilterFailure, Some(field)).await?;
    }
    if bench.wire().limits().market_notional_by_mark {
        by_the_mark_price(&desk, market(Side::Buy, decimal("0.002")?)).await?;
    }
    for request in [limit("10", "20000")?, limit("0.005", "20000")?, market(Side::Buy, decimal("0.003")?)] {
        desk.place(request).await?;
    }
    without_a_price(&desk, bench, market(Side::Buy, little)).await?;
    desk.end(bench).await
}

/// A market order that is worth too little by the mark price, though not by what it would trade at.
async fn by_the_mark_price(desk: &Desk, request: OrderRequest) -> Result<(), Failed> {
    let pair = desk.pair(0).clone();
    let mark = |price| {
        let set = desk.simulator.set_mark_price(pair.as_str(), price);
        set.map_err(|error| Failed::new("a mark price", error))
    };
    mark(Some(decimal("49000")?))?;
    desk.pass(3 * SECOND).await;
    refused_here(desk, request, ErrorKind::FilterFailure, Some("notional")).await?;
    mark(None)?;
    desk.pass(3 * SECOND).await;
    Ok(())
}

/// Without a valid price the notional of a market order is the exchange's to judge.
async fn without_a_price(desk: &Desk, bench: &Bench, request: OrderRequest) -> Result<(), Failed> {
    let pair = desk.pair(0).clone();
    desk.inject(Fault::new(FaultKind::Mute).pair(pair.as_str()))?;
    desk.inject(Fault::new(FaultKind::Status { status: 500 }).path(bench.wire().paths().best_prices).always())?;
    let book = desk.connector.book(&pair).ok_or_else(|| Failed::new("a book", "none"))?;
    expect(comes_true(MINUTE, || book.state() != BookState::Live).await, "a book that is not valid", book.state())?;
    if bench.wire().limits().market_notional_by_mark {
        // The mark price that was told last is too old as well by then.
        desk.pass(10 * SECOND).await;
    }
    let sent = desk.commands(OrderCommand::Place).len();
    let (id, error) = desk.refused(request).await?;
    refused_by_a_filter(&error)?;
    equal("orders sent", sent + 1, desk.commands(OrderCommand::Place).len())?;
    let id = id.ok_or_else(|| Failed::new("an id", "none"))?;
    desk.story.becomes(&id, &["Pending", "Rejected"], SECOND).await
}

fn refused_by_a_filter(error: &tradewire_core::CommandError) -> Result<(), Failed> {
    let rejected = matches!(error, tradewire_core::CommandError::Rejected(_));
    expect(rejected && error.error().kind() == ErrorKind::FilterFailure, "Rejected(FilterFailure)", error)
}

/// What is sent has no exponent, no more decimals than the step, and no rounding.
pub(super) async fn rule_10_orders(bench: &Bench) -> Verdict {
    let small = Listing::new("TINY", "USDT").steps(decimal("0.00000001")?, decimal("1")?);
    let small = small.opening(decimal("0.00001234")?, 100);
    let fine =
        Listing::new("FINE", "USDT").steps(decimal("1")?, decimal("0.00000001")?).opening(decimal("90000")?, 100);
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    setup.exchange = Config { listings: vec![small, fine], flow: Flow::Off, ..setup.exchange };
    setup.exchange.listings[0].max_quantity = decimal("900000000000")?;
    setup.pairs = vec![pair("TINY-USDT")?, pair("FINE-USDT")?];
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    for (place, quantity, price) in
        [(0, "10000001", "0.00001199"), (1, "0.12345678", "85001"), (0, "417000", "0.0000120")]
    {
        let request = OrderRequest::limit(
            desk.pair(place).clone(),
            Side::Buy,
            quantity.parse::<Quantity>()?,
            price.parse::<Price>()?,
        );
        let order = desk.place(request).await?;
        equal("price", Some(price.parse::<Price>()?), order.price)?;
        let sent = desk.commands(OrderCommand::Place);
        let sent = sent.last().map(|record| format!("{}&{}", record.query, record.body)).unwrap_or_default();
        for number in [quantity, price] {
            let plain = number.parse::<Price>()?.to_string();
            expect(sent.contains(plain.trim_end_matches('0')), format_args!("{number} in what is sent"), &sent)?;
        }
        let exponent =
            sent.split(['=', '&', '"', ':', ',']).any(|word| word.parse::<f64>().is_ok() && word.contains(['e', 'E']));
        expect(!exponent, "no exponent", &sent)?;
    }
    desk.end(bench).await
}

pub(super) async fn rule_11(bench: &Bench) -> Verdict {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    let listing = &mut setup.exchange.listings[0];
    // More than is in the account, for one who gets an asset; for one who gets a contract, the value of less than two.
    listing.rules.max_position = Some(decimal("101")?);
    let most = decimal("100000")?;
    listing.contract.iter_mut().flat_map(|contract| &mut contract.tiers).for_each(|tier| tier.cap = tier.cap.min(most));
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let pair = desk.pair(0).clone();
    // The rules are not read again within a minute.
    desk.pass(MINUTE).await;
    let read = desk.requests(bench.wire().paths().instruments).len();
    // Nobody may sell so far below the market, whatever is allowed to those who buy.
    let far = (Side::Sell, "0.02", desk.price(&pair, 15)?);
    let large = (Side::Buy, "2", desk.price(&pair, 95)?);
    let bounded = bench.wire().bounds_holdings();
    for (side, quantity, price) in [Some(far), bounded.then_some(large)].into_iter().flatten() {
        let sent = desk.commands(OrderCommand::Place).len();
        let request = OrderRequest::limit(pair.clone(), side, quantity.parse::<Quantity>()?, price);
        let (id, error) = desk.refused(request).await?;
        refused_by_a_filter(&error)?;
        equal("orders sent", sent + 1, desk.commands(OrderCommand::Place).len())?;
        let id = id.ok_or_else(|| Failed::new("an id", "none"))?;
        desk.story.becomes(&id, &["Pending", "Rejected"], SECOND).await?;
    }
    // The rules are read at once after such a refusal, and not again within the minute.
    desk.pass(30 * SECOND).await;
    equal("reads of the rules", read + 1, desk.requests(bench.wire().paths().instruments).len())?;
    desk.end(bench).await
}

/// A symbol with letters outside ASCII: an order of it, its fills, its record.
pub(super) async fn rule_03_orders(bench: &Bench) -> Verdict {
    let mut setup = DeskSetup::quiet(bench, &["BTC-USDT"])?;
    setup.exchange.listings.insert(0, Listing::wide());
    setup.pairs.insert(0, pair(&setup.exchange.listings[0].pair())?);
    let desk = bench.desk(setup).await?;
    desk.ready().await?;
    let order = desk.open_order(Side::Sell, "100").await?;
    desk.fill(&order, Some("40"))?;
    desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Fill"], SOON).await?;
    let taken = desk.place(desk.taking(Side::Buy, "50")?).await?;
    expect(!taken.state.is_live(), "an order that takes", format_args!("{:?}", taken.state))?;
    desk.settled().await?;
    let desk = desk.restart(bench).await?;
    desk.ready().await?;
    let known = desk.order(&order.client_order_id).await?;
    equal("its pair after a restart", Some(desk.pair(0)), known.pair.as_ref())?;
    let cancelled = desk.connector.cancel(&order.client_order_id).await;
    expect(cancelled.is_ok(), "a cancel", format_args!("{cancelled:?}"))?;
    let told = |change: &AccountChange| matches!(change, AccountChange::Order(order) if order.change.is_end());
    desk.story.sees("its end", SOON, told).await?;
    expect(!desk.witness.since(Mark::default()).is_empty(), "events of its market", "none")?;
    desk.end(bench).await
}
