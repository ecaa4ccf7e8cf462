//! The public record of trades.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use crate::clock::Timestamp;
use crate::engine::{OrderId, Side, Trade};

/// Trades kept for look-ups.
const KEPT: usize = 20_000;

/// One trade as the public sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TradeRecord {
    pub(crate) trade: Trade,
    pub(crate) time: Timestamp,
}

/// Trades of one taker order at one price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) id: u64,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) taker_side: Side,
    pub(crate) time: Timestamp,
    taker: OrderId,
}

impl Aggregate {
    fn starting_with(id: u64, record: &TradeRecord) -> Aggregate {
        let trade = &record.trade;
        Aggregate {
            id,
            price: trade.price,
            quantity: trade.quantity,
            first: trade.id,
            last: trade.id,
            taker_side: trade.taker_side,
            time: record.time,
            taker: trade.taker,
        }
    }

    fn takes_in(&self, trade: &Trade) -> bool {
        self.taker == trade.taker && self.price == trade.price
    }
}

/// The newest trades and aggregates of one instrument.
#[derive(Debug)]
pub(crate) struct Tape {
    trades: VecDeque<TradeRecord>,
    aggregates: VecDeque<Aggregate>,
    next_aggregate: u64,
    last_price: Decimal,
}

impl Tape {
    /// An empty tape; `price` stands in as last price until the first trade.
    pub(crate) fn new(next_aggregate: u64, price: Decimal) -> Tape {
        Tape { trades: VecDeque::new(), aggregates: VecDeque::new(), next_aggregate, last_price: price }
    }

    /// Records the trades of one engine step and returns the aggregates that they make.
    pub(crate) fn record(&mut self, trades: &[TradeRecord]) -> Vec<Aggregate> {
        let mut made: Vec<Aggregate> = Vec::new();
        for record in trades {
            match made.last_mut() {
                Some(open) if open.takes_in(&record.trade) => {
                    open.quantity += record.trade.quantity;
                    open.last = record.trade.id;
                }
                _ => {
                    made.push(Aggregate::starting_with(self.next_aggregate, record));
                    self.next_aggregate += 1;
                }
            }
            self.last_price = record.trade.price;
        }
        self.trades.extend(trades);
        self.aggregates.extend(&made);
        trim(&mut self.trades);
        trim(&mut self.aggregates);
        made
    }

    /// Price of the last trade.
    pub(crate) fn last_price(&self) -> Decimal {
        self.last_price
    }

    /// Kept trades, oldest first.
    pub(crate) fn trades(&self) -> &VecDeque<TradeRecord> {
        &self.trades
    }

    /// Kept aggregates, oldest first.
    pub(crate) fn aggregates(&self) -> &VecDeque<Aggregate> {
        &self.aggregates
    }
}

fn trim<T>(kept: &mut VecDeque<T>) {
    while kept.len() > KEPT {
        kept.pop_front();
    }
}
