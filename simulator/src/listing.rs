//! What is listed: instruments, their rules and their opening state.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::accounts::SelfTradeMode;
use crate::contract::Contract;

/// Whether an instrument can be traded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TradingStatus {
    /// Orders are taken.
    #[default]
    Trading,
    /// Closed for the day.
    EndOfDay,
    /// Trading is interrupted.
    Halt,
    /// Trading has not begun or has ended.
    Break,
    /// Only cancels are taken.
    CancelOnly,
}

impl TradingStatus {
    /// The status as exchanges write it, such as `END_OF_DAY`.
    pub fn as_str(self) -> &'static str {
        match self {
            TradingStatus::Trading => "TRADING",
            TradingStatus::EndOfDay => "END_OF_DAY",
            TradingStatus::Halt => "HALT",
            TradingStatus::Break => "BREAK",
            TradingStatus::CancelOnly => "CANCEL_ONLY",
        }
    }
}

/// One instrument as the simulated exchange lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The exchange's own name, such as `BTCUSDT`.
    pub symbol: String,
    /// Base asset.
    pub base: String,
    /// Quote asset.
    pub quote: String,
    /// Smallest price step, in quote units.
    pub tick: Decimal,
    /// Smallest quantity step and smallest quantity of an order, in base units.
    pub step: Decimal,
    /// Lowest price of an order.
    pub min_price: Decimal,
    /// Highest price of an order.
    pub max_price: Decimal,
    /// Largest quantity of a limit order.
    pub max_quantity: Decimal,
    /// Largest quantity of a market order.
    pub max_market_quantity: Decimal,
    /// Smallest price times quantity.
    pub min_notional: Decimal,
    /// Largest price times quantity.
    pub max_notional: Decimal,
    /// Price at which the market opens; a multiple of `tick`.
    pub opening_price: Decimal,
    /// Levels a side at the opening; 0 opens with an empty book.
    pub opening_depth: usize,
    /// How busy background traders are here, in thousandths of a lively BTC-USDT.
    pub activity: u32,
    /// Minutes of made-up candles before the opening.
    pub history_minutes: u32,
    /// Number of the first trade, of the candles before the opening too; it follows from the seed if absent.
    pub first_trade_id: Option<u64>,
    /// Whether it can be traded.
    pub status: TradingStatus,
    /// Rules for orders beyond price, quantity and value.
    pub rules: OrderRules,
    /// Terms of a perpetual contract. An exchange of contracts gives the usual ones to a listing without.
    pub contract: Option<Contract>,
}

/// Rules for the orders of one account in one instrument. The counts are wider than a real exchange's, so that
/// many orders can be tried out.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRules {
    /// Live orders (`MAX_NUM_ORDERS`).
    pub max_orders: usize,
    /// Live conditional orders (`MAX_NUM_ALGO_ORDERS`).
    pub max_algo_orders: usize,
    /// Live iceberg orders (`MAX_NUM_ICEBERG_ORDERS`).
    pub max_iceberg_orders: usize,
    /// Live order lists (`MAX_NUM_ORDER_LISTS`).
    pub max_order_lists: usize,
    /// Amendments of one order (`MAX_NUM_ORDER_AMENDS`).
    pub max_amends: usize,
    /// Largest base balance with open buys (`MAX_POSITION`).
    pub max_position: Option<Decimal>,
    /// Parts of an iceberg order (`ICEBERG_PARTS`).
    pub iceberg_parts: u32,
    /// Smallest and largest distance of a trailing stop in basis points (`TRAILING_DELTA`).
    pub trailing_delta: (u32, u32),
    /// Highest and lowest price as multiples of the average price (`PERCENT_PRICE_BY_SIDE`).
    pub price_multipliers: (Decimal, Decimal),
    /// Minutes of that average price.
    pub average_minutes: u32,
    /// What happens instead of a trade with an own order, where the order does not say.
    pub self_trade: SelfTradeMode,
}

impl Default for OrderRules {
    fn default() -> OrderRules {
        OrderRules {
            max_orders: 20_000,
            max_algo_orders: 100,
            max_iceberg_orders: 100,
            max_order_lists: 20,
            max_amends: 10,
            max_position: None,
            iceberg_parts: 100,
            trailing_delta: (10, 2000),
            price_multipliers: (Decimal::new(5, 0), Decimal::new(2, 1)),
            average_minutes: 5,
            self_trade: SelfTradeMode::default(),
        }
    }
}

impl Listing {
    /// An instrument with round, middling rules: price 100, tick 0.01, step 0.001.
    pub fn new(base: &str, quote: &str) -> Listing {
        Listing {
            symbol: format!("{base}{quote}"),
            base: base.to_owned(),
            quote: quote.to_owned(),
            tick: Decimal::new(1, 2),
            step: Decimal::new(1, 3),
            min_price: Decimal::new(1, 2),
            max_price: Decimal::new(1_000_000, 0),
            max_quantity: Decimal::new(900_000, 0),
            max_market_quantity: Decimal::new(20_000, 0),
            min_notional: Decimal::new(5, 0),
            max_notional: Decimal::new(9_000_000, 0),
            opening_price: Decimal::new(100, 0),
            opening_depth: 100,
            activity: 10,
            history_minutes: 60,
            first_trade_id: None,
            status: TradingStatus::Trading,
            rules: OrderRules::default(),
            contract: None,
        }
    }

    /// The pair as people write it, such as `BTC-USDT`.
    pub fn pair(&self) -> String {
        format!("{}-{}", self.base, self.quote)
    }

    /// Opens at `price` with `depth` levels a side.
    pub fn opening(mut self, price: Decimal, depth: usize) -> Listing {
        self.opening_price = price;
        self.opening_depth = depth;
        self
    }

    /// With the given price and quantity steps.
    pub fn steps(mut self, tick: Decimal, step: Decimal) -> Listing {
        self.tick = tick;
        self.min_price = tick;
        self.step = step;
        self
    }

    /// With the given activity in thousandths, and minutes of candles before the opening.
    pub fn activity(mut self, activity: u32, history_minutes: u32) -> Listing {
        self.activity = activity;
        self.history_minutes = history_minutes;
        self
    }

    /// A pair whose symbol has letters outside ASCII.
    pub fn wide() -> Listing {
        Listing::new("币安人生", "USDT")
            .steps(Decimal::new(1, 4), Decimal::new(1, 1))
            .opening(Decimal::new(1_725, 4), 100)
            .activity(30, 60)
    }

    /// The four pairs that are listed by default, with rules and prices like the real ones.
    pub fn defaults() -> Vec<Listing> {
        vec![btc_usdt(), eth_usdt(), bnb_usdt(), eth_btc()]
    }

    /// The perpetual contracts that are listed by default, with rules and prices like the real ones.
    pub fn perpetual_defaults() -> Vec<Listing> {
        let contract = |listing: Listing, tick: Decimal, step: Decimal, leverage: u32| {
            let mut listing = listing.steps(tick, step);
            listing.contract = Some(Contract::up_to(leverage));
            listing.max_quantity = Decimal::new(1_000_000, 0) * step;
            listing.max_market_quantity = Decimal::new(120_000, 0) * step;
            listing.max_notional = Decimal::new(1_800_000_000, 0);
            listing
        };
        vec![
            contract(btc_usdt(), Decimal::new(1, 1), Decimal::new(1, 3), 125),
            contract(eth_usdt(), Decimal::new(1, 2), Decimal::new(1, 3), 100),
            contract(bnb_usdt(), Decimal::new(1, 1), Decimal::new(1, 2), 75),
        ]
    }

    /// `count` made-up pairs against USDT, quiet and shallow: for tests with many pairs.
    pub fn generated(count: usize) -> Vec<Listing> {
        (1..=count)
            .map(|n| {
                let price = Decimal::new(50 + i64::try_from(n % 977).unwrap_or(0) * 113, 2);
                Listing::new(&format!("GEN{n:04}"), "USDT").opening(price, 60).activity(2, 30)
            })
            .collect()
    }
}

fn btc_usdt() -> Listing {
    let mut listing = Listing::new("BTC", "USDT")
        .steps(Decimal::new(1, 2), Decimal::new(1, 5))
        .opening(Decimal::new(6_183_763, 2), 3000)
        .activity(1000, 1440);
    listing.max_quantity = Decimal::new(9000, 0);
    listing.max_market_quantity = Decimal::new(150, 0);
    listing
}

fn eth_usdt() -> Listing {
    let mut listing = Listing::new("ETH", "USDT")
        .steps(Decimal::new(1, 2), Decimal::new(1, 4))
        .opening(Decimal::new(268_380, 2), 2500)
        .activity(870, 1440);
    listing.max_quantity = Decimal::new(9000, 0);
    listing.max_market_quantity = Decimal::new(3000, 0);
    listing
}

fn bnb_usdt() -> Listing {
    let mut listing = Listing::new("BNB", "USDT")
        .steps(Decimal::new(1, 1), Decimal::new(1, 3))
        .opening(Decimal::new(5_132, 1), 1200)
        .activity(300, 1440);
    listing.max_price = Decimal::new(100_000, 0);
    listing
}

fn eth_btc() -> Listing {
    let mut listing = Listing::new("ETH", "BTC")
        .steps(Decimal::new(1, 5), Decimal::new(1, 4))
        .opening(Decimal::new(4_340, 5), 1000)
        .activity(150, 1440);
    listing.max_price = Decimal::new(922_327, 0);
    listing.max_quantity = Decimal::new(100_000, 0);
    listing.min_notional = Decimal::new(1, 4);
    listing
}
