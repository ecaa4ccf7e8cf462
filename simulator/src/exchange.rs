//! The simulated exchange itself, without its wires: markets, time, faults and what was seen.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rust_decimal::Decimal;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::accounts::{Accounts, Prices};
use crate::clock::Clock;
use crate::config::{Config, Flow};
use crate::contract::Contract;
use crate::engine::{NewOrder, OrderId, OwnerId, PlaceError, Placement, Side};
use crate::exchanges::{Product, Simulated};
use crate::faults::Faults;
use crate::flow::Traders;
use crate::front::Front;
use crate::ledger::LedgerBook;
use crate::listing::{Listing, TradingStatus};
use crate::market::{Market, MarketId};
use crate::policy::Policy;
use crate::requests::Requests;
use crate::sockets::Sockets;

/// Everything that the parts of one simulator share.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) config: Config,
    pub(crate) product: Product,
    pub(crate) policy: Policy,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) sockets: Sockets,
    pub(crate) front: Box<dyn Front>,
    /// Taken after a market's lock, never before one.
    pub(crate) accounts: Mutex<Accounts>,
    /// Held while the wire is told about accounts, so that it sees one order of events; taken after a market's lock
    /// and before that of the accounts.
    pub(crate) outlet: Mutex<()>,
    /// Last prices of all markets.
    pub(crate) prices: Prices,
    pub(crate) shutdown: CancellationToken,
    /// Wakes the driver when something is to be published though nobody trades.
    pub(crate) wake: Notify,
    /// Whether nobody listens for new connections.
    pub(crate) refusing: watch::Sender<bool>,
    markets: RwLock<Markets>,
    owners: Mutex<Vec<String>>,
}

#[derive(Debug, Default)]
struct Markets {
    all: Vec<Arc<Mutex<Market>>>,
    by_symbol: HashMap<String, MarketId>,
    by_pair: HashMap<String, MarketId>,
    by_lower_case: HashMap<String, MarketId>,
    /// Listings as they were at first.
    listings: Vec<Arc<Listing>>,
}

impl Exchange {
    pub(crate) fn new(config: Config, simulated: &Simulated) -> Exchange {
        let clock = Clock::new(config.clock, config.start_time);
        let exchange = Exchange {
            clock,
            faults: Faults::default(),
            requests: Requests::default(),
            sockets: Sockets::default(),
            product: simulated.product,
            policy: simulated.policy,
            front: (simulated.front)(),
            accounts: Mutex::new(Accounts::new(
                config.seed,
                config.rules.clone(),
                simulated.policy,
                simulated.product == Product::LinearPerpetual,
            )),
            outlet: Mutex::new(()),
            prices: Prices::default(),
            shutdown: CancellationToken::new(),
            wake: Notify::new(),
            refusing: watch::Sender::new(false),
            markets: RwLock::default(),
            owners: Mutex::new(vec!["background".to_owned()]),
            config,
        };
        for listing in exchange.config.listings.clone() {
            exchange.list(listing);
        }
        exchange
    }

    /// Lists an instrument and opens its book.
    pub(crate) fn list(&self, mut listing: Listing) {
        if self.product == Product::LinearPerpetual {
            listing.contract.get_or_insert_with(Contract::default);
        }
        if let Some(mark) = self.policy.between_assets {
            listing.symbol = format!("{}{mark}{}", listing.base, listing.quote);
        }
        let mut markets = self.markets.write();
        let id = MarketId(markets.all.len());
        markets.by_symbol.insert(listing.symbol.clone(), id);
        markets.by_pair.insert(listing.pair(), id);
        markets.by_lower_case.insert(listing.symbol.to_lowercase(), id);
        markets.listings.push(Arc::new(listing.clone()));
        let mut market = Market::open(id, listing, self.config.seed, self.clock.server_now());
        let rate = match self.config.flow {
            Flow::Off => 0,
            Flow::Background { rate } => rate,
        };
        let mut traders = Traders::new(self.config.seed, &market.listing, rate);
        traders.open_book(&mut market.engine, &market.listing);
        market.traders = (rate > 0).then_some(traders);
        market.settle(self.clock.server_now());
        let update_id = market.engine.update_id();
        market.ledger.begin(update_id);
        self.prices.note(&market);
        if let Some(contract) = market.listing.contract.clone() {
            self.prices.marks.list(&market, contract, self.clock.now());
        }
        markets.all.push(Arc::new(Mutex::new(market)));
    }

    /// All markets, in the order of listing, delisted ones left out.
    pub(crate) fn markets(&self) -> Vec<Arc<Mutex<Market>>> {
        let all = self.markets.read().all.clone();
        all.into_iter().filter(|market| !market.lock().gone).collect()
    }

    /// The market of a symbol (`BTCUSDT`).
    pub(crate) fn market(&self, symbol: &str) -> Option<Arc<Mutex<Market>>> {
        self.listed(|markets| markets.by_symbol.get(symbol))
    }

    /// The market of a symbol (`BTCUSDT`) or a pair (`BTC-USDT`).
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Mutex<Market>>> {
        self.listed(|markets| markets.by_symbol.get(name).or_else(|| markets.by_pair.get(name)))
    }

    /// A listing as it was when it began; locks no market.
    pub(crate) fn listing_of(&self, id: MarketId) -> Option<Arc<Listing>> {
        self.markets.read().listings.get(id.0).cloned()
    }

    /// The number of a symbol's market; locks no market.
    pub(crate) fn market_number(&self, symbol: &str) -> Option<MarketId> {
        self.markets.read().by_symbol.get(symbol).copied()
    }

    /// The pair (`BTC-USDT`) of a symbol; locks no market.
    pub(crate) fn pair_of(&self, symbol: &str) -> Option<String> {
        let markets = self.markets.read();
        let wanted = markets.by_symbol.get(symbol)?;
        markets.by_pair.iter().find(|(_, id)| *id == wanted).map(|(pair, _)| pair.clone())
    }

    /// The market of a symbol in lower case (`btcusdt`), as stream names have it.
    pub(crate) fn market_of_stream(&self, lower: &str) -> Option<Arc<Mutex<Market>>> {
        self.listed(|markets| markets.by_lower_case.get(lower))
    }

    /// The market that is found, if it is not delisted. No market is locked while the list of markets is.
    fn listed(&self, find: impl FnOnce(&Markets) -> Option<&MarketId>) -> Option<Arc<Mutex<Market>>> {
        let market = {
            let markets = self.markets.read();
            find(&markets).map(|id| Arc::clone(&markets.all[id.0]))?
        };
        let gone = market.lock().gone;
        (!gone).then_some(market)
    }

    /// The market of a symbol (`BTCUSDT`) or a pair (`BTC-USDT`), delisted or not.
    pub(crate) fn market_ever(&self, name: &str) -> Option<Arc<Mutex<Market>>> {
        let markets = self.markets.read();
        let id = markets.by_symbol.get(name).or_else(|| markets.by_pair.get(name))?;
        Some(Arc::clone(&markets.all[id.0]))
    }

    /// The market with this number, listed or not.
    pub(crate) fn market_by_id(&self, id: MarketId) -> Arc<Mutex<Market>> {
        Arc::clone(&self.markets.read().all[id.0])
    }

    /// The book of a market as it was when the wire told this of its version, newest first: an update id, or a checksum where
    /// there are no ids.
    pub(crate) fn books_at(&self, market: &Market, told: u64) -> impl Iterator<Item = LedgerBook> {
        let known =
            self.front.update_ids(market.id, told).into_iter().filter_map(|update_id| market.book_at(update_id));
        known.map(move |book| LedgerBook { update_id: told, ..book })
    }

    /// The number that stands for a trader's name.
    pub(crate) fn owner(&self, name: &str) -> OwnerId {
        let mut owners = self.owners.lock();
        let at = owners.iter().position(|known| known == name).unwrap_or_else(|| {
            owners.push(name.to_owned());
            owners.len() - 1
        });
        OwnerId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// Executes an order and tells the wire.
    pub(crate) fn place(&self, market: &Mutex<Market>, order: NewOrder) -> Result<Placement, PlaceError> {
        let mut market = market.lock();
        let placed = market.engine.place(order);
        self.tell(&mut market);
        drop(market);
        self.follow_marks();
        placed
    }

    /// Cancels an order and tells the wire; returns what it had left.
    pub(crate) fn cancel(&self, market: &Mutex<Market>, id: OrderId) -> Option<Decimal> {
        let mut market = market.lock();
        let remaining = market.engine.cancel(id);
        self.tell(&mut market);
        remaining
    }

    /// Moves the best prices to `price`: orders in the way are withdrawn or taken.
    pub(crate) fn move_price(&self, market: &Mutex<Market>, price: Decimal) {
        let mut guard = market.lock();
        let market = &mut *guard;
        let best = market.engine.book().best_bid().map(|(best, _)| best);
        let side = if best.is_none_or(|best| price > best) { Side::Buy } else { Side::Sell };
        let mut hands = Traders::new(self.config.seed, &market.listing, 0);
        let traders = market.traders.as_mut().unwrap_or(&mut hands);
        traders.move_to(&mut market.engine, &market.listing, side, price);
        self.tell(&mut guard);
        drop(guard);
        self.follow_marks();
    }

    /// One step of the background traders of every market.
    pub(crate) fn step_traders(&self) {
        for market in self.markets() {
            let mut market = market.lock();
            if market.listing.status != TradingStatus::Trading {
                continue;
            }
            let Some(mut traders) = market.traders.take() else { continue };
            traders.step(&mut *market, &mut |market| self.tell(market));
            market.traders = Some(traders);
        }
    }

    /// Whether background traders are at work anywhere.
    pub(crate) fn has_traders(&self) -> bool {
        self.markets().iter().any(|market| market.lock().traders.is_some())
    }

    /// Tells accounts and the wire what the engine did.
    fn tell(&self, market: &mut Market) {
        self.settle_accounts(market);
        self.publish_market(market);
    }

    /// Tells the wire what the engine and the accounts did.
    pub(crate) fn publish_market(&self, market: &mut Market) {
        let moved = market.settle(self.clock.server_now());
        if !moved.is_empty() {
            if !moved.trades.is_empty() {
                self.prices.note(market);
                let smoothed = matches!(self.config.flow, Flow::Background { rate } if rate > 0);
                self.prices.marks.traded(market.id, market.tape.last_price(), smoothed);
            }
            self.front.moved(self, market, &moved);
            self.wake.notify_one();
        }
        self.deliver();
    }
}
