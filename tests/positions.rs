//! Positions against the exchange's own books: random trades with fundings, changes of leverage and a liquidation between them, in
//! each position mode, on both exchanges of contracts. Equal to the last digit are sizes, profits, fundings and wallets.
//! `POSITIONS_TRADES=50000 cargo test -p tradewire --test positions -- --nocapture` makes 100 000 in each mode.
//!
//! The exchange rounds the cost of what is closed at 8 decimals, positions here at 16. What must not differ by any digit is
//! therefore what a position has earned and would earn at the mark price together, always, and what it has earned, whenever it is
//! flat. The seed is printed; `POSITIONS_SEED` sets it.

#![cfg(all(feature = "binance", feature = "bybit"))]

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tradewire::tracking::{AccountSettings, FundingPayments, PositionKey, Positions};
use tradewire::{
    Addresses, Decimal, Fill, FundingReport, Instrument, LeverageReport, MarketConfig, MarketData, Pair, PositionSide,
    Price, Quantity, Side, Source, Timestamp,
};
use tradewire_simulator::{
    AccountSetup, Config, Flow, Leverage, OrderRequest, PositionMode, Scope, SettingError, Simulator, TraderOrder,
    TransactionKind,
};

const PAIR: &str = "BTC-USDT";
const SYMBOL: &str = "BTCUSDT";
/// On each exchange in each mode, unless `POSITIONS_TRADES` says more.
const TRADES: usize = 2_500;
/// Something that needs the whole ledger read happens once in so many trades.
const SELDOM: usize = 500;

type Failure = Box<dyn std::error::Error>;
type Theirs = tradewire_simulator::PositionSide;

#[tokio::test]
async fn one_way_positions_are_the_exchanges_own() -> Result<(), Failure> {
    run("binance-usdm", PositionMode::OneWay).await?;
    run("bybit-linear", PositionMode::OneWay).await
}

#[tokio::test]
async fn hedged_positions_are_the_exchanges_own() -> Result<(), Failure> {
    run("binance-usdm", PositionMode::Hedge).await?;
    run("bybit-linear", PositionMode::Hedge).await
}

async fn run(exchange: &str, mode: PositionMode) -> Result<(), Failure> {
    let seed = std::env::var("POSITIONS_SEED").ok().map_or_else(|| Ok(rand::rng().random()), |seed| seed.parse())?;
    println!("{exchange}, {mode:?}: seed {seed} (POSITIONS_SEED)");
    let wanted = std::env::var("POSITIONS_TRADES").ok().map_or(Ok(TRADES), |trades| trades.parse())?;
    let mut walk = Walk::begin(exchange, mode, seed).await?;
    let mut trades = 0;
    while trades < wanted {
        walk.move_mark()?;
        trades += usize::from(walk.trade()?);
        walk.compare();
        if trades % SELDOM == 0 {
            walk.fund()?;
            walk.set_leverage()?;
            walk.make()?;
            walk.compare();
        }
        if trades == wanted / 2 {
            walk.liquidate()?;
            walk.compare();
        }
    }
    walk.close()?;
    walk.compare();
    walk.compare_wallet();
    assert!(walk.flats > 10 && walk.payments_counted > 1, "{} times flat", walk.flats);
    println!("{trades} trades, {} times flat, {} fundings", walk.flats, walk.payments_counted);
    walk.simulator.stop().await;
    Ok(())
}

/// An account of the exchange, and what is made of its fills.
struct Walk {
    simulator: Simulator,
    random: ChaCha8Rng,
    mode: PositionMode,
    mark: Decimal,
    positions: Positions,
    settings: AccountSettings,
    payments: FundingPayments,
    /// What fundings have brought.
    funded: Decimal,
    payments_counted: usize,
    /// What trades have cost in fees.
    fees: Decimal,
    /// How many fills and fundings of the ledger are counted.
    fills_seen: usize,
    payments_seen: usize,
    /// How often a position became flat.
    flats: usize,
}

impl Walk {
    async fn begin(exchange: &str, mode: PositionMode, seed: u64) -> Result<Self, Failure> {
        let config = Config { flow: Flow::Off, ..Config::of(exchange)? };
        let simulator = Simulator::start(config).await?;
        for side in [Side::Buy, Side::Sell] {
            // Nothing is left in the book but what is placed from here on.
            simulator.place(PAIR, TraderOrder::market(theirs(side), Decimal::from(1_000_000)))?;
        }
        for name in ["main", "other"] {
            if name == "other" {
                simulator.open_account(&AccountSetup::new(name))?;
            }
            simulator.deposit(name, "USDT", Decimal::from(1_000_000_000))?;
        }
        let scope = if exchange == "binance-usdm" { Scope::Account } else { Scope::Contract(SYMBOL.to_owned()) };
        if mode == PositionMode::Hedge {
            simulator.set_position_mode("main", &scope, mode)?;
        }
        let mut positions = Positions::restore(Vec::new(), true);
        positions.instrument(&*instrument(&simulator, exchange).await?);
        Ok(Self {
            simulator,
            random: ChaCha8Rng::seed_from_u64(seed),
            mode,
            mark: Decimal::new(300_000, 1),
            positions,
            settings: AccountSettings::default(),
            payments: FundingPayments::default(),
            funded: Decimal::ZERO,
            payments_counted: 0,
            fees: Decimal::ZERO,
            fills_seen: 0,
            payments_seen: 0,
            flats: 0,
        })
    }

    fn move_mark(&mut self) -> Result<(), Failure> {
        let by = Decimal::new(self.random.random_range(-500..=500), 1);
        self.mark = (self.mark + by).clamp(Decimal::from(20_000), Decimal::from(40_000));
        Ok(self.simulator.set_mark_price(PAIR, Some(self.mark))?)
    }

    /// Takes an order of somebody else's, most often. Returns whether it traded.
    fn trade(&mut self) -> Result<bool, Failure> {
        let (side, of) = self.direction();
        let held = self.size(of);
        let quantity = match held {
            // What is held is closed to the last digit now and then.
            Some(held) if self.random.random_range(0..8) == 0 && closes(held, side) => held.abs(),
            _ => Decimal::new(self.random.random_range(10..3_000), 3),
        };
        let limited = self.mode == PositionMode::Hedge && side != opening(of);
        let quantity = if limited { quantity.min(held.unwrap_or_default().abs()) } else { quantity };
        if quantity.is_zero() {
            return Ok(false);
        }
        let away = Decimal::new(self.random.random_range(-3_000..=3_000), 1);
        let resting = OrderRequest::limit(theirs(opposite(side)), self.mark + away, quantity);
        self.simulator.place_as("other", PAIR, &resting)?;
        let taking = OrderRequest::market(theirs(side), quantity).position_side(of);
        let placed = self.simulator.place_as("main", PAIR, &taking)?;
        let traded: Decimal = placed.fills.iter().map(|fill| fill.quantity).sum();
        assert_eq!(traded, quantity, "all of it trades");
        self.fills_seen += placed.fills.len();
        placed.fills.iter().for_each(|fill| self.count(fill));
        Ok(true)
    }

    /// Lets somebody else take an order of ours.
    fn make(&mut self) -> Result<(), Failure> {
        let of = if self.mode == PositionMode::Hedge { Theirs::Long } else { Theirs::Both };
        let quantity = Decimal::new(self.random.random_range(10..3_000), 3);
        let resting = OrderRequest::limit(theirs(Side::Buy), self.mark, quantity).position_side(of);
        self.simulator.place_as("main", PAIR, &resting)?;
        let taken = self.simulator.place_as("other", PAIR, &OrderRequest::market(theirs(Side::Sell), quantity))?;
        assert_eq!(taken.fills.iter().map(|fill| fill.quantity).sum::<Decimal>(), quantity, "all of it trades");
        let fills = self.fills_seen;
        self.catch_up();
        assert!(self.fills_seen > fills, "it is ours that was taken");
        Ok(())
    }

    fn fund(&mut self) -> Result<(), Failure> {
        let rate = Decimal::new(self.random.random_range(-300..=300), 6);
        self.simulator.run_funding(PAIR, Some(rate))?;
        let ledger = self.simulator.account_ledger("main").ok_or("no ledger")?;
        let payments = ledger.contracts.ok_or("no contracts")?.funding;
        for paid in &payments[self.payments_seen..] {
            let report = FundingReport {
                symbol: paid.symbol.to_string(),
                side: ours(paid.position_side),
                id: Some(paid.id.to_string()),
                asset: (&*paid.asset).into(),
                amount: paid.amount,
                rate: Some(paid.rate),
                size: Some(paid.size),
                time: time(paid.time),
            };
            // The stream and a read tell the same payment.
            for source in [Source::Stream, Source::Rest] {
                let new = self.payments.take(report.clone(), None, source);
                self.funded += new.as_ref().map_or(Decimal::ZERO, |payment| payment.amount);
                self.payments_counted += usize::from(new.is_some());
            }
        }
        self.payments_seen = payments.len();
        Ok(())
    }

    fn set_leverage(&mut self) -> Result<(), Failure> {
        let leverage = Decimal::from(self.random.random_range(1..=20));
        match self.simulator.set_leverage("main", PAIR, Leverage::of(leverage)) {
            Ok(()) | Err(SettingError::Unchanged) => {}
            Err(refused) => return Err(refused.into()),
        }
        let report = LeverageReport { symbol: SYMBOL.to_owned(), side: None, leverage, margin_mode: None };
        self.settings.leverage_told(report);
        for held in self.simulator.positions("main") {
            assert_eq!(self.settings.leverage(SYMBOL, ours(held.side)), Some(held.leverage));
        }
        Ok(())
    }

    fn liquidate(&mut self) -> Result<(), Failure> {
        self.make()?;
        for held in self.simulator.positions("main") {
            self.simulator.liquidate("main", PAIR, held.side)?;
        }
        assert!(self.simulator.positions("main").is_empty(), "liquidated");
        self.catch_up();
        Ok(())
    }

    /// Closes everything.
    fn close(&mut self) -> Result<(), Failure> {
        for held in self.simulator.positions("main") {
            let side = if held.size > Decimal::ZERO { Side::Sell } else { Side::Buy };
            let resting = OrderRequest::limit(theirs(opposite(side)), self.mark, held.size.abs());
            self.simulator.place_as("other", PAIR, &resting)?;
            let closing = OrderRequest::market(theirs(side), held.size.abs()).position_side(held.side);
            self.simulator.place_as("main", PAIR, &closing)?;
        }
        self.catch_up();
        Ok(())
    }

    /// Counts the fills that were not told by replies.
    fn catch_up(&mut self) {
        let fills = self.simulator.fills("main");
        fills[self.fills_seen..].iter().for_each(|fill| self.count(fill));
        self.fills_seen = fills.len();
    }

    fn count(&mut self, fill: &tradewire_simulator::Fill) {
        assert_eq!(&*fill.commission_asset, "USDT");
        self.fees += fill.commission;
        let known = Fill {
            symbol: SYMBOL.into(),
            pair: None,
            trade_id: fill.trade_id.to_string().into(),
            client_order_id: "c".into(),
            exchange_order_id: "e".into(),
            side: if fill.side == theirs(Side::Buy) { Side::Buy } else { Side::Sell },
            price: Price::new(fill.price),
            quantity: Quantity::new(fill.quantity),
            quote_quantity: fill.quote,
            fee: None,
            fee_estimated: false,
            liquidity: None,
            position_side: ours(fill.position_side),
            time: time(fill.time),
            source: Source::Stream,
            late: false,
        };
        self.positions.fill(time(fill.time), &known).expect("counted once");
        self.flats += usize::from(fill.position_after.is_zero());
    }

    /// Every position here is the exchange's.
    fn compare(&self) {
        let theirs = self.simulator.positions("main");
        assert_eq!(self.positions.open().count(), theirs.len());
        for held in &theirs {
            let mark = |_: &Pair| Some((Price::new(held.mark), Timestamp::from_nanos(i64::MAX)));
            let key = PositionKey { symbol: SYMBOL.into(), side: ours(held.side) };
            let position = self.positions.position(&key, mark).expect("known");
            assert_eq!(position.size, held.size, "after {} fills", self.fills_seen);
            let unrealised = position.unrealised_profit.expect("the mark price is known");
            let earned = held.realised_ever + held.unrealised;
            assert_eq!((position.realised_profit + unrealised).normalize(), earned.normalize(), "at {}", held.mark);
            let entry = position.entry_price.expect("open").value();
            // The shares that the exchange has rounded add up.
            assert!((entry - held.entry).abs() < Decimal::new(1, 4), "{entry} for {}", held.entry);
        }
    }

    /// Once everything is flat, the wallet has what was brought in, earned, paid and received.
    fn compare_wallet(&self) {
        let ledger = self.simulator.account_ledger("main").and_then(|ledger| ledger.contracts).expect("contracts");
        let other_kinds = [TransactionKind::Transfer, TransactionKind::InsuranceClear];
        let others = ledger.transactions.iter().filter(|row| other_kinds.contains(&row.kind) && &*row.asset == "USDT");
        let others: Decimal = others.map(|row| row.amount).sum();
        let sides = [None, Some(PositionSide::Long), Some(PositionSide::Short)];
        let keys = sides.map(|side| PositionKey { symbol: SYMBOL.into(), side });
        let known = keys.iter().filter_map(|key| self.positions.position(key, |_| None));
        let realised: Decimal = known.map(|position| position.realised_profit).sum();
        let expected = others + realised - self.fees + self.funded;
        let first = ledger.transactions.first().map_or(Decimal::ZERO, |row| row.balance - row.amount);
        assert_eq!(ledger.wallets["USDT"].balance.normalize(), (first + expected).normalize());
    }

    /// A side to trade, and the position that it changes.
    fn direction(&mut self) -> (Side, Theirs) {
        let side = if self.random.random() { Side::Buy } else { Side::Sell };
        let of = match self.mode {
            PositionMode::OneWay => Theirs::Both,
            PositionMode::Hedge if self.random.random() => Theirs::Long,
            PositionMode::Hedge => Theirs::Short,
        };
        (side, of)
    }

    fn size(&self, side: Theirs) -> Option<Decimal> {
        self.simulator.positions("main").iter().find(|held| held.side == side).map(|held| held.size)
    }
}

async fn instrument(simulator: &Simulator, exchange: &str) -> Result<Arc<Instrument>, Failure> {
    let at = simulator.addresses();
    let source = tradewire::market_source(exchange, &Addresses::own(&at.rest, &at.ws))?;
    let pair: Pair = PAIR.parse()?;
    let market = MarketData::start(source, MarketConfig::default(), [pair.clone()]);
    market.ready().await?;
    let instrument = market.instruments().get(&pair).cloned();
    market.close().await;
    Ok(instrument.ok_or("not listed")?)
}

fn opposite(side: Side) -> Side {
    if side == Side::Buy { Side::Sell } else { Side::Buy }
}

/// The side that makes a position larger; of the only one there is none, and both may.
fn opening(of: Theirs) -> Side {
    if of == Theirs::Short { Side::Sell } else { Side::Buy }
}

fn closes(held: Decimal, side: Side) -> bool {
    (held > Decimal::ZERO) == (side == Side::Sell)
}

fn theirs(side: Side) -> tradewire_simulator::Side {
    if side == Side::Buy { tradewire_simulator::Side::Buy } else { tradewire_simulator::Side::Sell }
}

fn ours(side: Theirs) -> Option<PositionSide> {
    match side {
        Theirs::Both => None,
        Theirs::Long => Some(PositionSide::Long),
        Theirs::Short => Some(PositionSide::Short),
    }
}

fn time(at: tradewire_simulator::Timestamp) -> Timestamp {
    Timestamp::from_nanos(at.0 * 1_000)
}
