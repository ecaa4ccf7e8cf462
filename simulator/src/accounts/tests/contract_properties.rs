//! Random histories of contracts: nothing is lost or made, and positions are what was traded.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use super::contracts::Contracts;
use super::d;
use crate::accounts::{
    AccountId, Leverage, MarginMode, Order, OrderKind, OrderRequest, Origin, PositionMode, PositionSide, Scope,
};
use crate::engine::{Instruction, NewOrder, Side, TimeInForce};
use crate::policy::Policy;

const SEEDS: u64 = 20;
const STEPS: usize = 300;

/// A bench, and dice.
struct History {
    bench: Contracts,
    random: ChaCha8Rng,
    seed: u64,
}

impl History {
    fn new(seed: u64) -> History {
        let policy = if seed.is_multiple_of(2) { Policy::BINANCE_USDM } else { Policy::BYBIT_LINEAR };
        History { bench: Contracts::with(policy), random: ChaCha8Rng::seed_from_u64(seed), seed }
    }

    fn below(&mut self, bound: u64) -> i64 {
        i64::try_from(self.random.next_u64() % bound).unwrap_or(0)
    }

    fn account(&mut self) -> AccountId {
        if self.below(2) == 0 { self.bench.main } else { self.bench.other }
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }

    /// Around 30 000, to the tick.
    fn price(&mut self) -> Decimal {
        let away = self.below(6_000) - 3_000;
        Decimal::new(300_000 + away, 1)
    }

    fn quantity(&mut self) -> Decimal {
        Decimal::new(1 + self.below(60), 3)
    }

    fn hedged(&self, account: AccountId) -> bool {
        let market = self.bench.market.lock().id;
        self.bench.exchange.settings(account, market).1 == PositionMode::Hedge
    }

    fn request(&mut self, account: AccountId) -> OrderRequest {
        let (side, price, quantity) = (self.side(), self.price(), self.quantity());
        let mut request = match self.below(4) {
            0 => OrderRequest::market(side, quantity),
            1 => {
                let mut stop = OrderRequest::new(side, OrderKind::StopLoss);
                (stop.quantity, stop.stop_price) = (Some(quantity), Some(price));
                stop
            }
            _ => OrderRequest::limit(side, price, quantity),
        };
        if self.hedged(account) {
            let long = self.below(2) == 0;
            request.position.side = if long { PositionSide::Long } else { PositionSide::Short };
        } else {
            request.position.reduce_only = self.below(4) == 0;
        }
        request
    }

    /// One random act; that it is refused is no fault.
    fn step(&mut self) {
        let account = self.account();
        let market = self.bench.market.lock().id;
        match self.below(24) {
            0 => {
                let leverage = Decimal::from(1 + self.below(125));
                let _refused = self.bench.exchange.set_leverage(account, market, Leverage::of(leverage));
            }
            1 => {
                let rate = Decimal::new(self.below(400) - 200, 4);
                self.bench.exchange.run_funding(market, Some(rate));
            }
            2 => {
                let mode = if self.below(2) == 0 { PositionMode::Hedge } else { PositionMode::OneWay };
                let _refused = self.bench.exchange.set_position_mode(account, &Scope::Account, mode);
            }
            3 => {
                let mode = if self.below(2) == 0 { MarginMode::Isolated } else { MarginMode::Cross };
                let scope = Scope::Contract("BTCUSDT".to_owned());
                let _refused = self.bench.exchange.set_margin_mode(account, &scope, mode);
            }
            4 => {
                let amount = Decimal::from(self.below(400) - 200);
                self.bench.exchange.deposit(account, "USDT", amount);
            }
            5 => {
                let price = self.price();
                self.bench.exchange.prices.marks.set_mark(market, Some(price));
                self.bench.exchange.follow_marks();
            }
            6 => {
                let _refused = self.bench.exchange.cancel_all(account, &self.bench.market);
            }
            7 => {
                let amount = Decimal::from(self.below(60) - 30);
                let side = PositionSide::Both;
                let _refused = self.bench.exchange.add_margin(account, market, side, amount);
            }
            8 if self.below(4) == 0 => self.bench.exchange.liquidate(account, market, PositionSide::Both),
            8..12 => self.outsider(),
            _ => {
                let request = self.request(account);
                let _refused = self.bench.place(account, &request);
            }
        }
    }

    /// A trader without an account.
    fn outsider(&mut self) {
        let owner = self.bench.exchange.owner("trader");
        let (side, price, quantity) = (self.side(), self.price(), self.quantity());
        let instruction = Instruction::Limit { price, quantity, time_in_force: TimeInForce::Gtc };
        self.bench.exchange.place(&self.bench.market, NewOrder { owner, side, instruction }).unwrap();
    }

    fn check(&self, step: usize) {
        let at = format!("seed {}, step {step}", self.seed);
        let accounts = self.bench.exchange.accounts.lock();
        let wallets: Decimal = accounts.all().iter().map(|account| account.balance("USDT").total()).sum();
        let totals = accounts.totals();
        let of = |map: &BTreeMap<std::sync::Arc<str>, Decimal>| map.get("USDT").copied().unwrap_or_default();
        let elsewhere = of(&totals.fees) + of(&totals.others) + of(&totals.funding) + of(&totals.insurance);
        assert_eq!(wallets, of(&totals.deposited) - elsewhere, "{at}: funds");
        drop(accounts);
        for account in [self.bench.main, self.bench.other] {
            self.check_account(account, &at);
        }
    }

    fn check_account(&self, id: AccountId, at: &str) {
        let wallet = self.bench.ledger(id).wallets["USDT"].clone();
        let accounts = self.bench.exchange.accounts.lock();
        let account = accounts.account(id).unwrap();
        let rows: Decimal = account.margins.transactions.iter().map(|row| row.amount).sum();
        // What it was opened with was written down too.
        assert_eq!(rows, wallet.balance, "{at}: transactions");
        let (mut sizes, mut paid) = (BTreeMap::<PositionSide, Decimal>::new(), Decimal::ZERO);
        for fill in &account.fills {
            let sign = if fill.side == Side::Buy { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
            *sizes.entry(fill.position_side).or_default() += sign * fill.quantity;
            paid += sign * fill.quote;
        }
        let (mut realised, mut held_value) = (Decimal::ZERO, Decimal::ZERO);
        for ((_, side), held) in &account.margins.positions {
            assert_eq!(held.size, sizes.remove(side).unwrap_or_default(), "{at}: size of {side:?}");
            realised += held.realised_ever;
            held_value += if held.size < Decimal::ZERO { -held.cost } else { held.cost };
            assert!(!held.size.is_zero() || (held.cost.is_zero() && held.isolated.is_zero()), "{at}: {held:?}");
        }
        assert_eq!(realised - held_value, -paid, "{at}: what was paid for positions");
        let market = self.bench.market.lock().id;
        for side in [PositionSide::Both, PositionSide::Long, PositionSide::Short] {
            let closing = |order: &&Order| order.position.side == side && order.is_working && order.only_closes();
            let resting: Decimal = account.open_orders(Some(market)).filter(closing).map(Order::remaining).sum();
            assert!(resting <= account.margins.size(market, side).abs(), "{at}: {resting} rests to close {side:?}");
        }
    }
}

/// How much of everything there was, so that nothing is proved by idleness.
#[derive(Debug, Default)]
struct Seen {
    fills: usize,
    hedged: usize,
    fundings: usize,
    liquidations: usize,
    closed: usize,
}

impl Seen {
    fn add(&mut self, history: &History) {
        let accounts = history.bench.exchange.accounts.lock();
        for account in accounts.all() {
            self.fills += account.fills.len();
            self.hedged += account.fills.iter().filter(|fill| fill.position_side != PositionSide::Both).count();
            self.fundings += account.margins.payments.len();
            self.liquidations += account.orders.values().filter(|order| order.origin == Origin::Liquidation).count();
            self.closed += account.margins.closed.len();
        }
    }
}

#[test]
fn nothing_is_lost_or_made() {
    let mut seen = Seen::default();
    for seed in 0..SEEDS {
        let mut history = History::new(seed);
        history.bench.exchange.deposit(history.bench.main, "USDT", d("20000"));
        for step in 0..STEPS {
            history.step();
            history.check(step);
        }
        seen.add(&history);
    }
    let enough = seen.fills > 1_500 && seen.hedged > 100 && seen.fundings > 100 && seen.closed > 500;
    assert!(enough && seen.liquidations > 10, "too little happened: {seen:?}");
}
