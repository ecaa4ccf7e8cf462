//! Capabilities of trading: what orders can be, each seen at the exchange or refused here.

use tradewire_core::{
    Amendment, Amount, Decimal, EndReason, ErrorKind, OrderRequest, OrderState, OrderType, PositionMode, PositionSide,
    Price, Quantity, SelfTradePrevention, Side, TimeInForce, TradingCapabilities, TriggerPrice,
};
use tradewire_simulator::{
    Order as Theirs, OrderCommand, OrderKind, OrderStatus, SelfTradeMode, Side as Taker, TimeInForce as TheirTime,
    TraderOrder,
};

use super::rule_orders::refused_here;
use crate::bench::desk::MAIN;
use crate::bench::ledger::side_of;
use crate::bench::world::{SOON, decimal};
use crate::bench::{Bench, Desk};
use crate::row::{Failed, equal, expect};

/// What came of a check.
pub(super) type Checked = Result<(), Failed>;

/// An order as the exchange has it, also among those that wait with a number of their own.
pub(super) fn theirs(desk: &Desk, id: &str) -> Result<Theirs, Failed> {
    let ledger = desk.simulator.account_ledger(MAIN);
    let ledger = ledger.ok_or_else(|| Failed::new(format_args!("an account {MAIN}"), "none"))?;
    let waiting = ledger.contracts.into_iter().flat_map(|contracts| contracts.algos).map(|waiting| waiting.order);
    let found = ledger.orders.into_iter().chain(waiting).find(|order| order.client_id == id);
    found.ok_or_else(|| Failed::new(format_args!("an order {id} at the exchange"), "none"))
}

/// What is declared is accepted, and the exchange's order is returned; what is not is refused, and nothing is sent.
async fn offered(desk: &Desk, declared: bool, field: &str, request: OrderRequest) -> Result<Option<Theirs>, Failed> {
    if !declared {
        refused_here(desk, request, ErrorKind::Unsupported, Some(field)).await?;
        return Ok(None);
    }
    let order = desk.place(request).await.map_err(|failed| failed.at(field))?;
    theirs(desk, order.client_order_id.as_str()).map(Some)
}

fn quantity(text: &str) -> Result<Quantity, Failed> {
    Ok(text.parse::<Quantity>()?)
}

/// An order of a type that neither trades nor is triggered at once, a market order apart.
fn typed(desk: &Desk, order_type: OrderType) -> Result<OrderRequest, Failed> {
    let pair = desk.pair(0).clone();
    let price = |percent| desk.price(&pair, percent);
    let new = |side, order_type| {
        Ok::<_, Failed>(OrderRequest::new(pair.clone(), side, order_type, Amount::Base(quantity("0.001")?)))
    };
    Ok(match order_type {
        OrderType::Market => new(Side::Buy, order_type)?,
        OrderType::StopLoss => new(Side::Sell, order_type)?.trigger_price(price(95)?),
        OrderType::StopLossLimit => new(Side::Sell, order_type)?.trigger_price(price(95)?).price(price(90)?),
        OrderType::TakeProfit => new(Side::Sell, order_type)?.trigger_price(price(105)?),
        OrderType::TakeProfitLimit => new(Side::Sell, order_type)?.trigger_price(price(105)?).price(price(104)?),
        _ => new(Side::Buy, order_type)?.price(price(96)?),
    })
}

fn kind(order_type: OrderType) -> OrderKind {
    match order_type {
        OrderType::Market => OrderKind::Market,
        OrderType::PostOnly => OrderKind::LimitMaker,
        OrderType::StopLoss => OrderKind::StopLoss,
        OrderType::StopLossLimit => OrderKind::StopLossLimit,
        OrderType::TakeProfit => OrderKind::TakeProfit,
        OrderType::TakeProfitLimit => OrderKind::TakeProfitLimit,
        _ => OrderKind::Limit,
    }
}

pub(super) async fn order_types(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let mut waiting = Vec::new();
    for order_type in OrderType::ALL {
        let request = typed(desk, *order_type)?;
        let is_declared = declared.order_types.contains(order_type);
        let Some(order) = offered(desk, is_declared, "order_type", request.clone()).await? else { continue };
        equal(format_args!("kind of {order_type}"), kind(*order_type), order.kind)?;
        let price = request.price.map(Price::value).unwrap_or_default();
        equal(format_args!("price of {order_type}"), price, order.price)?;
        let stop = request.trigger.and_then(|trigger| trigger.price).map(Price::value).unwrap_or_default();
        equal(format_args!("stop price of {order_type}"), stop, order.stop_price)?;
        let ended = *order_type == OrderType::Market;
        equal(format_args!("{order_type} filled at once"), ended, order.status == OrderStatus::Filled)?;
        equal(format_args!("{order_type} in the book"), !order_type.is_conditional(), order.is_working)?;
        if order_type.is_conditional() {
            waiting.push((*order_type, order.client_id));
        }
        if *order_type == OrderType::PostOnly {
            post_only_that_takes(bench, desk).await?;
        }
    }
    let last = desk.simulator.last_price(desk.pair(0).as_str()).unwrap_or_default();
    for (percent, types) in [
        (94, [OrderType::StopLoss, OrderType::StopLossLimit]),
        (106, [OrderType::TakeProfit, OrderType::TakeProfitLimit]),
    ] {
        trade_at(desk, last * Decimal::from(percent) / Decimal::ONE_HUNDRED)?;
        for (order_type, id) in waiting.iter().filter(|(order_type, _)| types.contains(order_type)) {
            desk.order_is(&id.as_str().into(), OrderState::Filled).await.map_err(|failed| failed.at(order_type))?;
        }
    }
    Ok(())
}

/// A post-only order that would take is refused, in the reply or by a report.
async fn post_only_that_takes(bench: &Bench, desk: &Desk) -> Checked {
    let request = desk.taking(Side::Buy, "0.001")?.post_only();
    if bench.account_wire()?.refuses_post_only_that_takes() {
        let (_, error) = desk.refused(request).await?;
        let kind = error.error().kind();
        return equal("kind of the refusal of a post-only order that would take", ErrorKind::PostOnlyWouldTake, kind);
    }
    let order = desk.place(request).await?;
    let order = desk.order_is(&order.client_order_id, OrderState::Rejected).await?;
    equal("the end of a post-only order that would take", Some(EndReason::PostOnlyWouldTake), order.reason)
}

/// Moves the market, and lets somebody trade there.
fn trade_at(desk: &Desk, price: Decimal) -> Checked {
    let pair = desk.pair(0).clone();
    let price = desk.instrument(&pair)?.rules.price_step.down(price);
    desk.simulator.move_price(pair.as_str(), price)?;
    for (side, trader) in [(Taker::Buy, "maker"), (Taker::Sell, "taker")] {
        desk.simulator.place(pair.as_str(), TraderOrder::limit(side, price, decimal("5")?).by(trader))?;
    }
    desk.simulator.place(pair.as_str(), TraderOrder::limit(Taker::Buy, price, decimal("5")?).by("maker"))?;
    desk.simulator.publish();
    Ok(())
}

/// The best ask, and how much is there.
fn best_ask(desk: &Desk) -> Result<(Price, Quantity), Failed> {
    let book = desk.simulator.book(desk.pair(0).as_str()).ok_or_else(|| Failed::new("a book", "none"))?;
    let (price, quantity) = book.asks.first().ok_or_else(|| Failed::new("an ask", "none"))?;
    Ok((Price::new(*price), Quantity::new(*quantity)))
}

pub(super) async fn time_in_force(bench: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    for time in TimeInForce::ALL {
        // One that stays must not trade; the others find less than they ask for.
        let (ask, there) = best_ask(desk)?;
        let (price, asked) = match time {
            TimeInForce::Gtc => (desk.price(desk.pair(0), 95)?, quantity("0.001")?),
            _ => (ask, Quantity::new(there.value() + decimal("0.01")?)),
        };
        let request = OrderRequest::limit(desk.pair(0).clone(), Side::Buy, asked, price).time_in_force(*time);
        let is_declared = declared.time_in_force.contains(time);
        let refusal = bench.account_wire()?.fill_or_kill_refusal().filter(|_| is_declared && *time == TimeInForce::Fok);
        if let Some(kind) = refusal {
            let (_, error) = desk.refused(request).await?;
            equal("kind of the refusal of a fill-or-kill order", kind, error.error().kind())?;
            continue;
        }
        let Some(order) = offered(desk, is_declared, "time_in_force", request).await? else { continue };
        let (word, executed, status) = match time {
            TimeInForce::Gtc => (TheirTime::Gtc, decimal("0")?, OrderStatus::New),
            TimeInForce::Ioc => (TheirTime::Ioc, there.value(), OrderStatus::Expired),
            _ => (TheirTime::Fok, decimal("0")?, OrderStatus::Expired),
        };
        equal(
            format_args!("{time} at the exchange"),
            (word, executed, status),
            (order.time_in_force, order.executed, order.status),
        )?;
    }
    let (ask, there) = best_ask(desk)?;
    let whole = OrderRequest::limit(desk.pair(0).clone(), Side::Buy, there, ask).time_in_force(TimeInForce::Fok);
    let is_declared = declared.time_in_force.contains(&TimeInForce::Fok);
    match offered(desk, is_declared, "time_in_force", whole).await? {
        Some(order) => equal(
            "fill-or-kill that can be filled",
            (TheirTime::Fok, OrderStatus::Filled),
            (order.time_in_force, order.status),
        ),
        None => Ok(()),
    }
}

pub(super) async fn quote_amount(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    for side in [Side::Buy, Side::Sell] {
        let request = OrderRequest::market_for_quote(desk.pair(0).clone(), side, decimal("250.5")?);
        let Some(order) = offered(desk, declared.quote_amount, "amount", request).await? else { continue };
        equal("amount", decimal("250.5")?, order.quote_quantity)?;
        let traded = order.executed_quote > decimal("248")? && order.executed_quote <= decimal("250.5")?;
        expect(traded, "as much as the amount buys", order.executed_quote)?;
    }
    Ok(())
}

pub(super) async fn trailing(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    if !declared.order_types.contains(&OrderType::StopLoss) {
        return equal("trailing without stop orders", false, declared.trailing);
    }
    let amount = Amount::Base(quantity("0.001")?);
    let request = OrderRequest::new(desk.pair(0).clone(), Side::Sell, OrderType::StopLoss, amount).trailing_bips(150);
    match offered(desk, declared.trailing, "trailing_bips", request).await? {
        Some(order) => equal("distance", Some(150), order.trailing_delta),
        None => Ok(()),
    }
}

pub(super) async fn trigger_prices(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let pair = desk.pair(0).clone();
    if !declared.order_types.contains(&OrderType::StopLoss) {
        return equal("trigger prices without stop orders", &[][..], declared.trigger_prices);
    }
    for by in TriggerPrice::ALL {
        let request =
            OrderRequest::new(pair.clone(), Side::Sell, OrderType::StopLoss, Amount::Base(quantity("0.001")?));
        let request = request.trigger_price(desk.price(&pair, 95)?).triggered_by(*by);
        offered(desk, declared.trigger_prices.contains(by), "trigger", request).await?;
    }
    Ok(())
}

pub(super) async fn iceberg(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let request = desk.resting(Side::Buy, "0.01")?;
    let price = request.price.map(Price::value).unwrap_or_default();
    let request = request.visible(quantity("0.002")?);
    let Some(order) = offered(desk, declared.iceberg, "visible", request).await? else { return Ok(()) };
    equal("visible part", decimal("0.002")?, order.iceberg_quantity)?;
    let book = desk.simulator.book(desk.pair(0).as_str()).ok_or_else(|| Failed::new("a book", "none"))?;
    let shown = book.bids.iter().find(|level| level.0 == price).map(|level| level.1);
    equal("what the book shows", Some(decimal("0.002")?), shown)
}

pub(super) async fn reduce_only(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    if declared.reduce_only {
        // What it is to reduce.
        desk.place(desk.taking(Side::Sell, "0.02")?).await?;
    }
    let request = desk.resting(Side::Buy, "0.01")?.reduce_only();
    match offered(desk, declared.reduce_only, "reduce_only", request).await? {
        Some(order) => equal("reduce-only at the exchange", true, order.position.reduce_only),
        None => Ok(()),
    }
}

pub(super) async fn position_side(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    if declared.position_side {
        // Positions have sides in hedge mode.
        let set = desk.connector.set_position_mode(desk.pair(0), PositionMode::Hedge).await;
        set.map_err(|error| Failed::new("hedge mode", error))?;
    }
    for side in PositionSide::ALL {
        let opens = if *side == PositionSide::Short { Side::Sell } else { Side::Buy };
        let request = desk.resting(opens, "0.01")?.position_side(*side);
        let Some(order) = offered(desk, declared.position_side, "position_side", request).await? else { continue };
        equal("side at the exchange", Some(*side), side_of(order.position.side))?;
    }
    Ok(())
}

pub(super) async fn self_trade_prevention(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    for mode in SelfTradePrevention::ALL {
        let is_declared = declared.self_trade_prevention.contains(mode);
        let (ask, there) = best_ask(desk)?;
        let own = OrderRequest::limit(desk.pair(0).clone(), Side::Sell, quantity("0.01")?, ask);
        let maker = desk.place(own).await?;
        let all = Quantity::new(there.value() + decimal("0.01")?);
        let taking = OrderRequest::limit(desk.pair(0).clone(), Side::Buy, all, ask).time_in_force(TimeInForce::Ioc);
        let taker = offered(desk, is_declared, "self_trade_prevention", taking.self_trade_prevention(*mode)).await?;
        let maker = theirs(desk, maker.client_order_id.as_str())?;
        if let Some(taker) = taker {
            equal(format_args!("{mode} at the exchange"), mode_there(*mode), taker.self_trade)?;
            let traded = *mode == SelfTradePrevention::Off;
            equal(format_args!("with {mode}: whether they trade"), traded, !maker.executed.is_zero())?;
            let lives = *mode == SelfTradePrevention::ExpireTaker;
            equal(format_args!("with {mode}: whether the one that rests lives on"), lives, maker.is_live())?;
        }
        if maker.is_live() {
            let cancelled = desk.connector.cancel(&maker.client_id.as_str().into()).await;
            cancelled.map_err(|error| Failed::new("a cancel", error))?;
        }
    }
    Ok(())
}

fn mode_there(mode: SelfTradePrevention) -> SelfTradeMode {
    match mode {
        SelfTradePrevention::ExpireMaker => SelfTradeMode::ExpireMaker,
        SelfTradePrevention::ExpireTaker => SelfTradeMode::ExpireTaker,
        SelfTradePrevention::ExpireBoth => SelfTradeMode::ExpireBoth,
        SelfTradePrevention::Decrement => SelfTradeMode::Decrement,
        _ => SelfTradeMode::None,
    }
}

/// An order with an id of the caller's: accepted under it, or refused and not sent.
async fn with_id(desk: &Desk, fits: bool, id: &str) -> Checked {
    let request = desk.resting(Side::Buy, "0.001")?.client_order_id(id);
    if fits {
        let order = desk.place(request).await.map_err(|failed| failed.at(id))?;
        equal("its id", id, order.client_order_id.as_str())?;
        theirs(desk, id).map(drop)
    } else {
        refused_here(desk, request, ErrorKind::InvalidRequest, None).await.map(drop)
    }
}

pub(super) async fn client_order_id_max_len(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let longest = "a".repeat(declared.client_order_id_max_len);
    with_id(desk, true, &longest).await?;
    with_id(desk, false, &format!("{longest}b")).await
}

pub(super) async fn client_order_id_marks(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    for (place, mark) in "-_.:/ é".chars().enumerate() {
        with_id(desk, declared.client_order_id_marks.contains(mark), &format!("own{mark}{place}")).await?;
    }
    Ok(())
}

/// An amendment: done at the exchange, or refused and not sent.
async fn amended(desk: &Desk, declared: bool, field: &str, amendment: Amendment) -> Checked {
    let order = desk.open_order(Side::Buy, "0.02").await?;
    let before = (desk.simulator.requests().total, desk.story.all().len());
    match (desk.connector.amend(&order.client_order_id, amendment).await, declared) {
        (Ok(known), true) => {
            let there = desk
                .simulator
                .orders(MAIN)
                .into_iter()
                .find(|there| desk.number(&known).is_ok_and(|number| number == there.id));
            let there = there.ok_or_else(|| Failed::new("the order at the exchange", "none"))?;
            equal("commands to change it", 1, desk.commands(OrderCommand::Amend).len())?;
            let quantity = amendment.quantity.map(Quantity::value);
            equal("quantity at the exchange", quantity, quantity.map(|_| there.quantity))?;
            let price = amendment.price.map(Price::value);
            equal("price at the exchange", price, price.map(|_| there.price))
        }
        (Err(error), false) => {
            equal("kind of the refusal", ErrorKind::Unsupported, error.error().kind())?;
            equal("field of the refusal", Some(field), error.error().context("field"))?;
            equal("requests and events", before, (desk.simulator.requests().total, desk.story.all().len()))
        }
        (result, _) => {
            Err(Failed::new(format_args!("a change of {field} as declared: {declared}"), format_args!("{result:?}")))
        }
    }
}

pub(super) async fn amend_quantity(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let amendment = Amendment { quantity: Some(quantity("0.01")?), price: None };
    amended(desk, declared.amend_quantity, "quantity", amendment).await
}

pub(super) async fn amend_price(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let amendment = Amendment { quantity: None, price: Some(desk.price(desk.pair(0), 94)?) };
    amended(desk, declared.amend_price, "price", amendment).await
}

pub(super) async fn cancel_replace(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let old = desk.open_order(Side::Buy, "0.02").await?;
    let before = (desk.simulator.requests().total, desk.story.all().len());
    let request = desk.resting(Side::Buy, "0.03")?;
    match (desk.connector.replace(&old.client_order_id, request).await, declared.cancel_replace) {
        (Ok(new), true) => {
            equal("commands", 1, desk.commands(OrderCommand::Replace).len())?;
            equal("the old one", OrderStatus::Canceled, theirs(desk, old.client_order_id.as_str())?.status)?;
            equal("the new one", OrderStatus::New, theirs(desk, new.client_order_id.as_str())?.status)
        }
        (Err(error), false) => {
            equal("kind of the refusal", ErrorKind::Unsupported, error.error().kind())?;
            equal("requests and events", before, (desk.simulator.requests().total, desk.story.all().len()))
        }
        (result, declared) => {
            Err(Failed::new(format_args!("a replacement as declared: {declared}"), format_args!("{result:?}")))
        }
    }
}

pub(super) async fn batch(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let before = desk.commands(OrderCommand::Place).len();
    let orders = [desk.resting(Side::Buy, "0.01")?, desk.resting(Side::Sell, "0.01")?];
    let placed = desk.connector.place_all(orders).await;
    expect(placed.iter().all(Result::is_ok), "two orders", format_args!("{placed:?}"))?;
    let sent = desk.commands(OrderCommand::Place).len() - before;
    equal("requests for two orders", if declared.batch { 1 } else { 2 }, sent)
}

pub(super) async fn cancel_all(_: &Bench, desk: &Desk, declared: &TradingCapabilities) -> Checked {
    let orders = [desk.open_order(Side::Buy, "0.01").await?, desk.open_order(Side::Sell, "0.01").await?];
    let before = (desk.simulator.requests().total, desk.story.all().len());
    match (desk.connector.clear(desk.pair(0)).await, declared.cancel_all) {
        (Ok(()), true) => {
            expect(!desk.commands(OrderCommand::CancelAll).is_empty(), "the command for all", "none")?;
            for order in orders {
                equal("its end", OrderStatus::Canceled, theirs(desk, order.client_order_id.as_str())?.status)?;
                desk.story.becomes(&order.client_order_id, &["Pending", "Open", "Cancelled"], SOON).await?;
            }
            Ok(())
        }
        (Err(error), false) => {
            equal("kind of the refusal", ErrorKind::Unsupported, error.error().kind())?;
            equal("requests and events", before, (desk.simulator.requests().total, desk.story.all().len()))
        }
        (result, declared) => {
            Err(Failed::new(format_args!("a cancel of all as declared: {declared}"), format_args!("{result:?}")))
        }
    }
}
