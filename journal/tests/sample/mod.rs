//! Orders and fills of a made-up account, for tests and benchmarks.
#![allow(dead_code, reason = "each program that includes this uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewire_core::{
    AccountChange, AccountEvent, Amount, Asset, Balance, Basis, Decimal, Fee, Fill, Liquidity, Order, OrderChange,
    OrderEvent, OrderState, OrderType, Origin, Pair, Price, Quantity, Side, Source, TimeInForce, Timestamp,
};
use tradewire_tracking::{OrderRecord, Record};

/// The wall clock of the samples at a number of seconds, from some day in 2026 on.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_780_000_000_000 + i64::try_from(seconds).expect("a small number") * 1000)
}

pub(crate) fn pair() -> Pair {
    "BTC-USDT".parse().expect("a pair")
}

/// An order for 10 BTC that nobody has answered yet.
pub(crate) fn order(number: u64) -> OrderRecord {
    OrderRecord {
        number,
        order: Order {
            symbol: "BTCUSDT".into(),
            pair: Some(pair()),
            client_order_id: format!("tw-k3f9a2-{number:08}").into(),
            exchange_order_id: None,
            origin: Origin::Own,
            side: Side::Buy,
            order_type: Some(OrderType::Limit),
            time_in_force: Some(TimeInForce::Gtc),
            price: Some(price()),
            amount: Amount::Base(Quantity::from_scaled(10, 0)),
            state: OrderState::PendingSubmit,
            reason: None,
            word: None,
            filled: Quantity::ZERO,
            quote_filled: Decimal::ZERO,
            prevented: Quantity::ZERO,
            fees: BTreeMap::new(),
            cancel_requested: false,
            outcome_unknown_since: None,
            trigger: None,
            reduce_only: false,
            position_side: None,
            missing_fills: None,
            created: None,
            updated: None,
            received: at(number),
        },
        recorded: at(number),
        sent: None,
        seen: None,
    }
}

fn price() -> Price {
    Price::from_scaled(6_183_763, 2)
}

/// The order, accepted.
pub(crate) fn open(number: u64) -> OrderRecord {
    let mut record = order(number);
    record.order.exchange_order_id = Some((30_000_000 + number).to_string().into());
    record.order.state = OrderState::Open;
    record.order.created = Some(at(number));
    record.sent = Some(at(number));
    record.seen = Some(at(number));
    record
}

/// The order, ended.
pub(crate) fn closed(number: u64, state: OrderState) -> OrderRecord {
    let mut record = open(number);
    record.order.state = state;
    record
}

/// A fill of a tenth of the order.
pub(crate) fn fill(of: &OrderRecord, trade: u64) -> Fill {
    let order = &of.order;
    let quantity = Quantity::from_scaled(1, 0);
    Fill {
        symbol: order.symbol.clone(),
        pair: order.pair.clone(),
        trade_id: (70_000_000 + trade).to_string().into(),
        client_order_id: order.client_order_id.clone(),
        exchange_order_id: order.exchange_order_id.clone().expect("an accepted order"),
        side: order.side,
        price: price(),
        quantity,
        quote_quantity: price().value() * quantity.value(),
        fee: Some(Fee { amount: Decimal::new(75, 5), asset: "BNB".into() }),
        fee_estimated: true,
        liquidity: Some(Liquidity::Maker),
        position_side: None,
        time: at(of.number),
        source: Source::Stream,
        late: false,
    }
}

/// An event about the order.
pub(crate) fn event(number: u64, of: &OrderRecord, change: OrderChange) -> Arc<AccountEvent> {
    let order = &of.order;
    let change = AccountChange::Order(OrderEvent {
        symbol: order.symbol.clone(),
        pair: order.pair.clone(),
        client_order_id: order.client_order_id.clone(),
        exchange_order_id: order.exchange_order_id.clone(),
        own: order.origin == Origin::Own,
        change,
        filled: order.filled,
        quote_filled: order.quote_filled,
    });
    Arc::new(AccountEvent { number, time: Some(at(number)), received: at(number), change })
}

/// What is written before an order is sent.
pub(crate) fn submit(event_number: u64, number: u64) -> Record {
    let record = order(number);
    let event = event(event_number, &record, OrderChange::Pending);
    Record { events: vec![event], orders: vec![record], ..Record::default() }
}

/// What is written when an order is accepted.
pub(crate) fn accept(event_number: u64, number: u64) -> Record {
    let record = open(number);
    let event = event(event_number, &record, OrderChange::Open);
    Record { events: vec![event], orders: vec![record], ..Record::default() }
}

/// What is written for a fill of an order that has `filled` fills with it.
pub(crate) fn trade(event_number: u64, number: u64, filled: i64) -> Record {
    let mut record = open(number);
    record.order.state = if filled < 10 { OrderState::PartiallyFilled } else { OrderState::Filled };
    record.order.filled = Quantity::from_scaled(filled, 0);
    record.order.quote_filled = price().value() * Decimal::from(filled);
    let fill = fill(&record, event_number);
    let event = event(event_number, &record, OrderChange::Fill(Box::new(fill.clone())));
    Record {
        events: vec![event],
        orders: vec![record],
        fills: vec![fill],
        balances: vec![balance("BTC", filled), balance("USDT", -filled)],
        ..Record::default()
    }
}

pub(crate) fn balance(asset: &str, total: i64) -> Balance {
    let total = Decimal::from(total);
    Balance { asset: Asset::from(asset), total, available: total, basis: Basis::Reported, time: at(0) }
}
