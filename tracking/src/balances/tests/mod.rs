//! Balances against worked examples and against a small exchange that knows the truth.

mod estimated;
mod examples;
mod model;
mod streamed;

use rust_decimal::Decimal;
use tradewire_core::{
    AccountChange, Amount, Asset, Balance, BalanceReason, BalanceReport, BalanceSnapshot, BalanceUpdate, Basis,
    ExchangeOrderId, Fee, Fill, Order, OrderState, OrderType, Origin, Pair, Price, Quantity, Side, Source, Timestamp,
    TradeId,
};

use super::*;

pub(super) fn d(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect(text)
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn spot() -> LockFormula {
    LockFormula::Spot { fee: Decimal::ZERO, market_price: None }
}

pub(super) fn order(side: Side, quantity: &str, price: Option<&str>) -> Order {
    Order {
        symbol: "BTCUSDT".into(),
        pair: Some("BTC-USDT".parse::<Pair>().expect("a pair")),
        client_order_id: "c".into(),
        exchange_order_id: None,
        origin: Origin::Own,
        side,
        order_type: Some(if price.is_some() { OrderType::Limit } else { OrderType::Market }),
        time_in_force: None,
        price: price.map(|price| Price::new(d(price))),
        amount: Amount::Base(Quantity::new(d(quantity))),
        trigger: None,
        reduce_only: false,
        position_side: None,
        state: OrderState::PendingSubmit,
        reason: None,
        word: None,
        filled: Quantity::ZERO,
        quote_filled: Decimal::ZERO,
        prevented: Quantity::ZERO,
        fees: std::collections::BTreeMap::new(),
        cancel_requested: false,
        outcome_unknown_since: None,
        missing_fills: None,
        created: None,
        updated: None,
        received: at(0),
    }
}

pub(super) fn in_state(order: &Order, state: OrderState, created: i64, updated: i64) -> Order {
    Order { state, created: Some(at(created)), updated: Some(at(updated)), ..order.clone() }
}

/// A fill of `order`, which counts it.
pub(super) fn fill(order: &mut Order, quantity: &str, price: &str, fee: Option<(&str, &str)>, time: i64) -> Fill {
    let (quantity, price) = (d(quantity), d(price));
    order.filled = Quantity::new(order.filled.value() + quantity);
    order.quote_filled += quantity * price;
    order.updated = Some(at(time));
    let all = order.amount == Amount::Base(order.filled);
    order.state = if all { OrderState::Filled } else { OrderState::PartiallyFilled };
    Fill {
        symbol: order.symbol.clone(),
        pair: order.pair.clone(),
        trade_id: TradeId::from("t"),
        client_order_id: order.client_order_id.clone(),
        exchange_order_id: ExchangeOrderId::from("e"),
        side: order.side,
        price: Price::new(price),
        quantity: Quantity::new(quantity),
        quote_quantity: quantity * price,
        fee: fee.map(|(amount, asset)| Fee { amount: d(amount), asset: asset.into() }),
        fee_estimated: false,
        liquidity: None,
        position_side: None,
        time: at(time),
        source: Source::Stream,
        late: false,
    }
}

pub(super) fn report(asset: &str, total: &str, available: &str) -> BalanceReport {
    BalanceReport { asset: asset.into(), total: d(total), available: Some(d(available)) }
}

pub(super) fn snapshot(balances: &[(&str, &str, &str)]) -> BalanceSnapshot {
    let balances = balances.iter().map(|(asset, total, available)| report(asset, total, available)).collect();
    BalanceSnapshot { balances, as_of: None }
}

pub(super) fn window(sent: i64, received: i64) -> ReadWindow {
    ReadWindow { sent: at(sent), received: at(received) }
}

/// Total and available.
pub(super) fn of(balances: &Balances, asset: &str) -> (Decimal, Decimal) {
    let balance = balances.balance(&asset.into());
    (balance.total, balance.available)
}

/// What was told: asset, total, available, reason.
pub(super) fn told(balances: &mut Balances) -> Vec<(String, Decimal, Decimal, BalanceReason)> {
    balances
        .changes()
        .into_iter()
        .filter_map(|change| match change {
            AccountChange::Balance { balance: Balance { asset, total, available, .. }, reason } => {
                Some((asset.to_string(), total, available, reason))
            }
            _ => None,
        })
        .collect()
}

pub(super) fn basis(balances: &Balances, asset: &str) -> Basis {
    balances.balance(&Asset::from(asset)).basis
}

pub(super) fn set(balances: &mut Balances, reports: Vec<BalanceReport>, time: i64) {
    balances.update(at(0), &BalanceUpdate::Set { balances: reports, time: at(time) });
}
