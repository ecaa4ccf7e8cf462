//! Each rule by itself, and long random histories against an independent model.

mod model;
mod payments;
mod rules;
mod settings;

use rust_decimal::Decimal;
use tradewire_core::{
    Contract, ExchangeOrderId, Fill, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Position,
    PositionReport, PositionSide, Price, Quantity, Side, Source, Timestamp, TradeId,
};

use super::*;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn d(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect(text)
}

pub(super) fn instrument(symbol: &str) -> Instrument {
    Instrument {
        pair: format!("{}-USDT", symbol.trim_end_matches("USDT")).parse().expect("a pair"),
        kind: MarketKind::LinearPerpetual,
        symbol: symbol.into(),
        status: InstrumentStatus::Trading,
        contract: Some(Contract {
            settle: "USDT".into(),
            size: Decimal::ONE,
            max_leverage: None,
            funding_interval: None,
        }),
        rules: InstrumentRules::default(),
        unknown_filters: Vec::new(),
    }
}

pub(super) fn fill(symbol: &str, side: Side, of: Option<PositionSide>, quantity: &str, price: &str, time: i64) -> Fill {
    let (quantity, price) = (d(quantity), d(price));
    Fill {
        symbol: symbol.into(),
        pair: None,
        trade_id: TradeId::from("t"),
        client_order_id: "c".into(),
        exchange_order_id: ExchangeOrderId::from("e"),
        side,
        price: Price::new(price),
        quantity: Quantity::new(quantity),
        quote_quantity: quantity * price,
        fee: None,
        fee_estimated: false,
        liquidity: None,
        position_side: of,
        time: at(time),
        source: Source::Stream,
        late: false,
    }
}

pub(super) fn report(size: &str, entry: Option<&str>, time: i64) -> PositionReport {
    PositionReport {
        symbol: "BTCUSDT".into(),
        side: None,
        size: d(size),
        entry_price: entry.map(|entry| Price::new(d(entry))),
        mark_price: None,
        unrealised_profit: None,
        liquidation_price: None,
        isolated_margin: None,
        leverage: None,
        margin_mode: None,
        time: at(time),
    }
}

/// What is told, with no mark price from the market.
pub(super) fn told(positions: &mut Positions) -> Vec<Position> {
    positions.changes(|_| None)
}
