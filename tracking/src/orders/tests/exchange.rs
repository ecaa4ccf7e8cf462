use std::collections::BTreeMap;

use tradewire_core::{Amount, ExecutionReport, FillReport, OrderState, ReportedStatus, Timestamp};

use super::desk::{at, filled, quantity, trade};

/// Numbers by chance, the same for the same seed: SplitMix64.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("below a usize")
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What really is.
#[derive(Clone, Debug)]
pub(super) struct TrueOrder {
    pub(super) client_id: String,
    pub(super) exchange_id: String,
    pub(super) quantity: i64,
    pub(super) filled: i64,
    pub(super) state: OrderState,
    pub(super) fills: Vec<FillReport>,
    pub(super) created: Timestamp,
    updated: Timestamp,
}

impl TrueOrder {
    pub(super) fn is_live(&self) -> bool {
        self.state.is_live()
    }

    /// The exchange's answer to a question for it.
    pub(super) fn report(&self) -> ExecutionReport {
        let status = match self.state {
            OrderState::Filled => ReportedStatus::Filled,
            OrderState::Cancelled => ReportedStatus::Cancelled,
            OrderState::Expired => ReportedStatus::Expired,
            _ if self.filled > 0 => ReportedStatus::PartiallyFilled,
            _ => ReportedStatus::Open,
        };
        ExecutionReport {
            amount: Some(Amount::Base(quantity(self.quantity))),
            created: Some(self.created),
            ..filled(&self.client_id, &self.exchange_id, status, self.filled, Vec::new(), self.updated.as_millis())
        }
    }
}

/// An exchange: orders by its ids, and what it has sent over the private stream.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    clock: i64,
    trades: u64,
    last: u64,
    pub(super) orders: BTreeMap<u64, TrueOrder>,
    by_client_id: std::collections::HashMap<String, u64>,
    pub(super) live: Vec<u64>,
    pub(super) stream: Vec<ExecutionReport>,
}

impl Exchange {
    fn tick(&mut self) -> Timestamp {
        self.clock += 1;
        at(self.clock)
    }

    pub(super) fn by_client_id(&self, id: &str) -> Option<&TrueOrder> {
        self.orders.get(self.by_client_id.get(id)?)
    }

    pub(super) fn number(&self, id: &str) -> Option<u64> {
        self.by_client_id.get(id).copied()
    }

    pub(super) fn by_exchange_id(&self, id: &str) -> Option<&TrueOrder> {
        self.orders.get(&id.parse().ok()?)
    }

    /// Accepts an order of 10.
    pub(super) fn accept(&mut self, client_id: &str) -> u64 {
        self.last += 1;
        let now = self.tick();
        let order = TrueOrder {
            client_id: client_id.to_owned(),
            exchange_id: self.last.to_string(),
            quantity: 10,
            filled: 0,
            state: OrderState::Open,
            fills: Vec::new(),
            created: now,
            updated: now,
        };
        self.stream.push(order.report());
        self.orders.insert(self.last, order);
        self.by_client_id.insert(client_id.to_owned(), self.last);
        self.live.push(self.last);
        self.last
    }

    /// Something happens to one live order.
    pub(super) fn happen(&mut self, dice: &mut Dice) {
        if self.live.is_empty() {
            return;
        }
        let number = self.live[dice.below(self.live.len())];
        match dice.below(10) {
            0..7 => self.fill(number, dice),
            7 => self.end(number, OrderState::Cancelled, dice.chance(20)),
            8 => self.end(number, OrderState::Expired, false),
            _ => self.shrink(number),
        }
    }

    fn fill(&mut self, number: u64, dice: &mut Dice) {
        let now = self.tick();
        self.trades += 1;
        let trade_id = self.trades.to_string();
        let Some(order) = self.orders.get_mut(&number) else { return };
        let left = order.quantity - order.filled;
        let units = 1 + i64::try_from(dice.below(usize::try_from(left).expect("small"))).expect("small");
        let fill = trade(&order.exchange_id, &trade_id, units, now.as_millis());
        order.fills.push(fill.clone());
        order.filled += units;
        order.updated = now;
        if order.filled == order.quantity {
            order.state = OrderState::Filled;
            self.live.retain(|live| *live != number);
        }
        let mut report = order.report();
        report.fills.push(fill);
        self.stream.push(report);
    }

    /// Ends an order; the report may count less than was filled.
    pub(super) fn end(&mut self, number: u64, state: OrderState, understate: bool) {
        let now = self.tick();
        let Some(order) = self.orders.get_mut(&number).filter(|order| order.is_live()) else { return };
        order.state = state;
        order.updated = now;
        let mut report = order.report();
        if understate && order.filled > 0 {
            report.filled = Some(quantity(order.filled - 1));
        }
        self.stream.push(report);
        self.live.retain(|live| *live != number);
    }

    fn shrink(&mut self, number: u64) {
        let now = self.tick();
        let Some(order) = self.orders.get_mut(&number) else { return };
        if order.quantity - order.filled > 1 {
            order.quantity -= 1;
            order.updated = now;
            self.stream.push(order.report());
        }
    }
}
