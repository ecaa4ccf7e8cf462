use rustc_hash::FxHashMap;
use tradewire_core::{
    Amount, Asset, Decimal, ExchangeOrderId, Fee, Fill, FillReport, OrderChange, OrderState, Quantity, Source, TradeId,
    exact,
};

use super::effects::CountedFill;
use super::order::Tracked;
use super::settings::FEE_TRIES;
use super::step::Step;

/// The fills of one order, each once.
#[derive(Debug, Default)]
pub(super) struct Fills {
    counted: Vec<Fill>,
    places: FxHashMap<TradeId, usize>,
    /// Seen before the exchange's id of the order is known.
    early: Vec<(FillReport, Source)>,
    /// How many lack the exchange's word on the fee.
    unsure_fees: usize,
    /// How often that word was asked for.
    pub(super) fee_tries: u8,
}

impl FromIterator<Fill> for Fills {
    fn from_iter<T: IntoIterator<Item = Fill>>(fills: T) -> Self {
        let mut all = Self::default();
        for fill in fills {
            all.add(fill);
        }
        all
    }
}

impl Fills {
    pub(super) fn counted(&self) -> &[Fill] {
        &self.counted
    }

    /// Whether the exchange's word on a fee is still worth asking for.
    pub(super) fn want_fees(&self) -> bool {
        self.unsure_fees > 0 && self.fee_tries < FEE_TRIES
    }

    pub(super) fn await_id(&self) -> bool {
        !self.early.is_empty()
    }

    fn add(&mut self, fill: Fill) {
        self.unsure_fees += usize::from(is_unsure(&fill));
        self.places.insert(fill.trade_id.clone(), self.counted.len());
        self.counted.push(fill);
    }

    fn keep_early(&mut self, report: &FillReport, source: Source) {
        if self.early.iter().all(|(kept, _)| kept.trade_id != report.trade_id) {
            self.early.push((report.clone(), source));
        }
    }
}

impl Tracked {
    /// Counts a fill, unless it is counted already. The end that it may bring is told by [`Self::settle`].
    pub(super) fn count(&mut self, report: &FillReport, source: Source, step: &mut Step<'_>) {
        if !self.learn_exchange_id(report.exchange_order_id.as_ref(), step) {
            return;
        }
        let Some(id) = self.order().exchange_order_id.clone() else {
            return self.fills.keep_early(report, source);
        };
        match self.fills.places.get(&report.trade_id) {
            Some(&place) => self.seen_again(place, report, step),
            None => self.count_new(report, id, source, step),
        }
    }

    /// Counts what had to wait for the exchange's id of the order.
    pub(super) fn count_early(&mut self, step: &mut Step<'_>) {
        if self.order().exchange_order_id.is_some() {
            for (report, source) in std::mem::take(&mut self.fills.early) {
                self.count(&report, source, step);
            }
        }
    }

    fn count_new(&mut self, report: &FillReport, id: ExchangeOrderId, source: Source, step: &mut Step<'_>) {
        self.introduce(report.time, step);
        self.open(report.time, step);
        self.triggered(step);
        let fill = self.booked(report, id, source, step);
        let order = self.order_mut();
        order.filled = Quantity::new(sum(order.filled.value(), fill.quantity.value()));
        order.quote_filled = sum(order.quote_filled, fill.quote_quantity);
        if let Some(fee) = &fill.fee {
            charge(&mut order.fees, &fee.asset, fee.amount);
        }
        if order.state == OrderState::Open {
            order.state = OrderState::PartiallyFilled;
        }
        order.updated = order.updated.max(Some(fill.time));
        order.received = step.now;
        self.reported = self.reported.max(self.order().filled.value());
        self.fills.add(fill.clone());
        step.effects.fills.push(CountedFill { order: self.record.number, fill: fill.clone(), was: None });
        self.tell(Some(fill.time), OrderChange::Fill(Box::new(fill)), step);
        self.check_sum(report, step);
    }

    fn booked(&self, report: &FillReport, id: ExchangeOrderId, source: Source, step: &Step<'_>) -> Fill {
        let order = self.order();
        let quote_quantity =
            report.quote_quantity.unwrap_or_else(|| product(report.price.value(), report.quantity.value()));
        let told = report.fee.clone();
        let estimated = told.is_none();
        let fee =
            told.or_else(|| step.symbol.estimated_fee(report.side, report.liquidity, report.quantity, quote_quantity));
        Fill {
            symbol: order.symbol.clone(),
            pair: order.pair.clone(),
            trade_id: report.trade_id.clone(),
            client_order_id: order.client_order_id.clone(),
            exchange_order_id: id,
            side: report.side,
            price: report.price,
            quantity: report.quantity,
            quote_quantity,
            fee_estimated: estimated && fee.is_some(),
            fee,
            liquidity: report.liquidity,
            position_side: report.position_side.or(order.position_side),
            time: report.time,
            source,
            late: !order.state.is_live(),
        }
    }

    /// More than the order is for, or a fill of an order that was refused: counted all the same, told, and asked for.
    fn check_sum(&mut self, report: &FillReport, step: &mut Step<'_>) {
        let order = self.order();
        let id = &order.client_order_id;
        let what = match order.amount {
            _ if order.state == OrderState::Rejected => format!("order {id} was rejected, and has a fill"),
            Amount::Base(quantity) if order.filled > quantity => {
                format!("order {id} is for {quantity} and has filled {}", order.filled)
            }
            _ => return,
        };
        step.inconsistent(Some(report.time), what);
        self.doubt(step);
    }

    /// A counted fill was told again: nothing, but the exchange's word on its fee where that was missing.
    fn seen_again(&mut self, place: usize, report: &FillReport, step: &mut Step<'_>) {
        let was = &self.fills.counted[place];
        if was.quantity != report.quantity || was.price != report.price {
            let what = format!("trade {} of order {} is told with other figures", was.trade_id, was.client_order_id);
            return step.inconsistent(Some(report.time), what);
        }
        let Some(fee) = report.fee.as_ref().filter(|_| is_unsure(was)) else { return };
        let was = was.clone();
        let is = Fill {
            fee: Some(fee.clone()),
            fee_estimated: false,
            liquidity: report.liquidity.or(was.liquidity),
            ..was.clone()
        };
        self.fills.counted[place] = is.clone();
        self.fills.unsure_fees -= 1;
        let fees = &mut self.order_mut().fees;
        if let Some(Fee { amount, asset }) = &was.fee {
            charge(fees, asset, -*amount);
        }
        charge(fees, &fee.asset, fee.amount);
        step.effects.fills.push(CountedFill { order: self.record.number, fill: is.clone(), was: Some(was) });
        self.tell(Some(is.time), OrderChange::FeeCorrected(Box::new(is)), step);
    }
}

fn is_unsure(fill: &Fill) -> bool {
    fill.fee_estimated || fill.fee.is_none()
}

fn charge(fees: &mut std::collections::BTreeMap<Asset, Decimal>, asset: &Asset, amount: Decimal) {
    let charged = fees.get(asset).copied().unwrap_or_default();
    let now = sum(charged, amount);
    if now.is_zero() && !amount.is_zero() {
        fees.remove(asset);
    } else {
        fees.insert(asset.clone(), now);
    }
}

/// Exact up to 28 digits, which no exchange's figures reach; rounded beyond.
fn sum(a: Decimal, b: Decimal) -> Decimal {
    exact::nearest_sum(a, b).unwrap_or(a)
}

/// Exact up to 28 digits, which no exchange's figures reach; rounded beyond.
fn product(a: Decimal, b: Decimal) -> Decimal {
    exact::nearest_product(a, b).unwrap_or(Decimal::MAX)
}
