//! An order and what belongs to it, for tests.

use std::collections::BTreeMap;

use tradewire::{
    Amount, ExecutionReport, Fee, Fill, FillReport, Instrument, InstrumentRules, InstrumentStatus, Liquidity,
    MarketKind, Order, OrderState, OrderType, Origin, Quantity, ReportedStatus, Side, Source, TimeInForce, Timestamp,
};

fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect(text)
}

pub(super) fn order() -> Order {
    let time = Some(Timestamp::from_millis(1_499_827_319_559));
    Order {
        symbol: "BTCUSDT".into(),
        pair: Some(parse("BTC-USDT")),
        client_order_id: "tw-1".into(),
        exchange_order_id: Some("17".into()),
        origin: Origin::Own,
        side: Side::Buy,
        order_type: Some(OrderType::PostOnly),
        time_in_force: Some(TimeInForce::Gtc),
        price: Some(parse("60000.50")),
        amount: Amount::Base(parse("0.020")),
        state: OrderState::PartiallyFilled,
        reason: None,
        word: None,
        filled: parse("0.01"),
        quote_filled: parse("600.0050"),
        prevented: Quantity::ZERO,
        fees: BTreeMap::from([("BNB".into(), parse("0.00010"))]),
        cancel_requested: false,
        outcome_unknown_since: None,
        trigger: None,
        reduce_only: false,
        position_side: None,
        missing_fills: None,
        created: time,
        updated: time,
        received: Timestamp::default(),
    }
}

pub(super) fn fill() -> Fill {
    Fill {
        symbol: "BTCUSDT".into(),
        pair: Some(parse("BTC-USDT")),
        trade_id: "9".into(),
        client_order_id: "tw-1".into(),
        exchange_order_id: "17".into(),
        side: Side::Buy,
        price: parse("60000.50"),
        quantity: parse("0.010"),
        quote_quantity: parse("600.0050"),
        fee: Some(Fee { amount: parse("0.00010"), asset: "BNB".into() }),
        fee_estimated: false,
        liquidity: Some(Liquidity::Maker),
        position_side: None,
        time: Timestamp::from_millis(1_499_827_319_559),
        source: Source::Stream,
        late: false,
    }
}

/// What the exchange says of [`order`].
pub(super) fn report() -> ExecutionReport {
    let order = order();
    ExecutionReport {
        symbol: order.symbol.to_string(),
        client_order_id: Some(order.client_order_id),
        new_client_order_id: None,
        exchange_order_id: order.exchange_order_id,
        side: Some(order.side),
        order_type: order.order_type,
        time_in_force: order.time_in_force,
        price: order.price,
        amount: Some(order.amount),
        status: ReportedStatus::PartiallyFilled,
        filled: Some(order.filled),
        quote_filled: Some(order.quote_filled),
        fills: Vec::new(),
        trigger: None,
        reduce_only: None,
        position_side: None,
        prevented: None,
        reason: None,
        word: "PARTIALLY_FILLED".to_owned(),
        origin: Origin::External,
        created: order.created,
        time: Timestamp::from_millis(1_499_827_319_559),
    }
}

/// What the exchange says of [`fill`], as a list of trades does: without our id.
pub(super) fn fill_report() -> FillReport {
    let fill = fill();
    FillReport {
        symbol: fill.symbol.to_string(),
        trade_id: fill.trade_id,
        exchange_order_id: Some(fill.exchange_order_id),
        client_order_id: None,
        side: fill.side,
        price: fill.price,
        quantity: fill.quantity,
        quote_quantity: None,
        fee: fill.fee,
        liquidity: fill.liquidity,
        position_side: None,
        realised_profit: None,
        time: fill.time,
    }
}

pub(super) fn instrument() -> Instrument {
    Instrument {
        pair: parse("BTC-USDT"),
        kind: MarketKind::Spot,
        contract: None,
        symbol: "BTCUSDT".into(),
        status: InstrumentStatus::Trading,
        rules: InstrumentRules::default(),
        unknown_filters: Vec::new(),
    }
}
