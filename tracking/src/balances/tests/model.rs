//! A small exchange that knows the truth, with messages on their way, and a client that knows what has reached it.

use std::collections::{BTreeMap, VecDeque};

use super::*;

const ASSETS: [&str; 3] = ["USDT", "BTC", "BNB"];

/// A generator with a seed that a failure names.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// What the exchange tells.
pub(super) enum Message {
    Order(u64, Box<Order>, Option<Box<Fill>>),
    Set(Vec<BalanceReport>, Timestamp),
}

pub(super) struct Exchange {
    pub(super) random: Random,
    pub(super) now: i64,
    funds: BTreeMap<&'static str, (Decimal, Decimal)>,
    orders: BTreeMap<u64, Order>,
    /// Orders that were sent and have not arrived.
    pub(super) arriving: VecDeque<(u64, Order)>,
    pub(super) stream: VecDeque<Message>,
    pub(super) replies: Vec<Message>,
    pub(super) fees: bool,
}

impl Exchange {
    pub(super) fn new(seed: u64) -> Self {
        let funds = ASSETS.map(|asset| (asset, (d("1000"), Decimal::ZERO))).into();
        Self {
            random: Random(seed),
            now: 1_000,
            funds,
            orders: BTreeMap::new(),
            arriving: VecDeque::new(),
            stream: VecDeque::new(),
            replies: Vec::new(),
            fees: false,
        }
    }

    /// Total and available, as the exchange would tell them now.
    pub(super) fn truth(&self, asset: &str) -> (Decimal, Decimal) {
        let (free, locked) = self.funds[asset];
        (free + locked, free)
    }

    /// Available less what orders that have not arrived will lock.
    pub(super) fn available_in_the_end(&self, asset: &str) -> Decimal {
        let coming = self.arriving.iter().map(|(_, order)| lock(order)).filter(|(of, _)| *of == asset);
        self.truth(asset).1 - coming.map(|(_, amount)| amount).sum::<Decimal>()
    }

    pub(super) fn snapshot(&self) -> BalanceSnapshot {
        let reports = ASSETS.iter().map(|asset| self.report(asset)).collect();
        BalanceSnapshot { balances: reports, as_of: None }
    }

    /// Something happens: an order arrives, is filled in part, or is cancelled.
    pub(super) fn step(&mut self) {
        self.now += self.random.below(3) as i64;
        let live: Vec<u64> = self.orders.iter().filter(|(_, order)| order.state.is_live()).map(|(n, _)| *n).collect();
        let which = self.random.below(live.len().max(1));
        match (self.random.below(4), live.get(which)) {
            (0 | 1, _) => self.arrive(),
            (2, Some(number)) => self.trade(*number),
            (3, Some(number)) => self.cancel(*number),
            _ => {}
        }
    }

    pub(super) fn arrive(&mut self) {
        let Some((number, mut order)) = self.arriving.pop_front() else { return };
        let (asset, amount) = lock(&order);
        let funds = self.funds.get_mut(asset).expect("known");
        if funds.0 < amount {
            order.state = OrderState::Rejected;
            self.replies.push(Message::Order(number, Box::new(order), None));
            return;
        }
        *funds = (funds.0 - amount, funds.1 + amount);
        let open = in_state(&order, OrderState::Open, self.now, self.now);
        self.replies.push(Message::Order(number, Box::new(open.clone()), None));
        self.orders.insert(number, open);
        self.tell(number, None);
    }

    fn trade(&mut self, number: u64) {
        let order = self.orders.get_mut(&number).expect("live");
        let left = order.remaining().expect("by base").value();
        let quantity = if self.random.below(2) == 0 { left } else { (left / Decimal::TWO).max(d("0.1")).min(left) };
        let limit = order.price.expect("a limit").value();
        let better = Decimal::from(self.random.below(3));
        let (before, side) = (lock(order), order.side);
        let price = if side == Side::Buy { limit - better } else { limit + better };
        let fee = self.fees.then(|| {
            let received = if side == Side::Buy { quantity } else { quantity * price };
            let asset =
                ["BTC", "USDT", "BNB"][if self.random.below(3) == 0 { 2 } else { usize::from(side == Side::Sell) }];
            ((received * d("0.001")).to_string(), asset)
        });
        let told_fee = fee.as_ref().map(|(amount, asset)| (amount.as_str(), *asset));
        let fill = fill(order, &quantity.to_string(), &price.to_string(), told_fee, self.now);
        let released = before.1 - lock(order).1;
        self.funds.get_mut(before.0).expect("known").1 -= released;
        self.funds.get_mut(before.0).expect("known").0 += released;
        let (base, quote) =
            if side == Side::Buy { (quantity, -quantity * price) } else { (-quantity, quantity * price) };
        self.funds.get_mut("BTC").expect("known").0 += base;
        self.funds.get_mut("USDT").expect("known").0 += quote;
        if let Some(fee) = &fill.fee {
            self.funds.get_mut(fee.asset.as_str()).expect("known").0 -= fee.amount;
        }
        self.tell(number, Some(fill));
    }

    fn cancel(&mut self, number: u64) {
        let order = self.orders.get_mut(&number).expect("live");
        let (asset, amount) = lock(order);
        let funds = self.funds.get_mut(asset).expect("known");
        *funds = (funds.0 + amount, funds.1 - amount);
        (order.state, order.updated) = (OrderState::Cancelled, Some(at(self.now)));
        self.tell(number, None);
    }

    /// A report of the order, then the balances of the same transaction.
    fn tell(&mut self, number: u64, fill: Option<Fill>) {
        let order = Box::new(self.orders[&number].clone());
        self.stream.push_back(Message::Order(number, order, fill.map(Box::new)));
        let reports = ASSETS.iter().map(|asset| self.report(asset)).collect();
        self.stream.push_back(Message::Set(reports, at(self.now)));
    }

    fn report(&self, asset: &str) -> BalanceReport {
        let (total, available) = self.truth(asset);
        BalanceReport { asset: asset.into(), total, available: Some(available) }
    }
}

/// What a limit order locks.
fn lock(order: &Order) -> (&'static str, Decimal) {
    let left = order.remaining().expect("by base").value();
    match order.side {
        Side::Buy => ("USDT", left * order.price.expect("a limit").value()),
        Side::Sell => ("BTC", left),
    }
}

pub(super) struct Client {
    pub(super) balances: Balances,
    orders: BTreeMap<u64, Order>,
}

impl Client {
    pub(super) fn new(mode: BalanceMode) -> Self {
        Self { balances: Balances::new(mode, Vec::new()), orders: BTreeMap::new() }
    }

    /// Sends an order: it is tracked before it leaves.
    pub(super) fn place(&mut self, exchange: &mut Exchange) {
        let random = &mut exchange.random;
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let quantity = format!("{}.{}", random.below(5), 1 + random.below(9));
        let price = (90 + random.below(20)).to_string();
        let mut order = order(side, &quantity, Some(&price));
        let number = self.orders.len() as u64 + 1;
        if self.balances.mode() != BalanceMode::Streamed && random.below(6) == 0 {
            order.origin = Origin::External;
        } else {
            self.balances.order_changed(at(0), number, &order, spot);
        }
        self.orders.insert(number, order.clone());
        exchange.arriving.push_back((number, order));
    }

    pub(super) fn take(&mut self, message: Message, from_stream: bool) {
        match message {
            Message::Set(..) if self.balances.mode() != BalanceMode::Streamed => {}
            Message::Set(balances, time) => self.balances.update(at(0), &BalanceUpdate::Set { balances, time }),
            Message::Order(number, is, fill) => {
                let known = self.orders.get_mut(&number).expect("placed");
                if known.state.is_live() && is.filled >= known.filled {
                    *known = *is;
                }
                // An order of somebody else is refused without our learning of it.
                if known.state != OrderState::Rejected || known.origin == Origin::Own {
                    self.balances.order_changed(at(0), number, known, spot);
                }
                if let Some(fill) = fill {
                    self.balances.fill(at(0), number, known, &fill);
                }
                if from_stream {
                    self.balances.shown_on_stream(number);
                }
            }
        }
    }

    /// Takes in all that is on its way.
    pub(super) fn catch_up(&mut self, exchange: &mut Exchange) {
        while !exchange.arriving.is_empty() {
            exchange.now += 1;
            exchange.arrive();
        }
        while let Some(message) = exchange.stream.pop_front() {
            self.take(message, true);
        }
        for message in exchange.replies.drain(..) {
            self.take(message, false);
        }
    }

    /// Reads at a moment when nothing happens.
    pub(super) fn read_quietly(&mut self, exchange: &mut Exchange) -> ReadTaken {
        exchange.now += 2;
        let window = window(exchange.now, exchange.now + 1);
        exchange.now += 3;
        self.balances.read(at(0), &exchange.snapshot(), window)
    }

    pub(super) fn assert_exact(&self, exchange: &Exchange, context: &str) {
        for asset in ASSETS {
            assert_eq!(of(&self.balances, asset), exchange.truth(asset), "{context}: {asset}");
        }
    }

    pub(super) fn assert_never_more(&self, exchange: &Exchange, context: &str) {
        for asset in ASSETS {
            let most = exchange.available_in_the_end(asset).max(Decimal::ZERO);
            let shown = of(&self.balances, asset).1;
            assert!(shown <= most, "{context}: {asset} shows {shown}, there is {most}");
        }
    }
}
