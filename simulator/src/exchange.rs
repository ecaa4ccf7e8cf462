//! The simulated exchange itself, without its wires: markets, time, faults and what was seen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rust_decimal::Decimal;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::accounts::{Accounts, Prices};
use crate::clock::Clock;
use crate::config::{Config, Flow};
use crate::engine::{NewOrder, OrderId, OwnerId, PlaceError, Placement, Side};
use crate::faults::{Class, Fault, FaultId, FaultKind, Faults, Occasion};
use crate::flow::Traders;
use crate::front::Front;
use crate::listing::{Listing, TradingStatus};
use crate::market::{Market, MarketId};
use crate::requests::Requests;
use crate::sockets::{Socket, Sockets};

/// Everything that the parts of one simulator share.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) config: Config,
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
}

impl Exchange {
    pub(crate) fn new(config: Config, front: Box<dyn Front>) -> Exchange {
        let clock = Clock::new(config.clock, config.start_time);
        let exchange = Exchange {
            clock,
            faults: Faults::default(),
            requests: Requests::default(),
            sockets: Sockets::default(),
            front,
            accounts: Mutex::new(Accounts::new(config.seed, config.rules.clone())),
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
    pub(crate) fn list(&self, listing: Listing) {
        let mut markets = self.markets.write();
        let id = MarketId(markets.all.len());
        markets.by_symbol.insert(listing.symbol.clone(), id);
        markets.by_pair.insert(listing.pair(), id);
        markets.by_lower_case.insert(listing.symbol.to_lowercase(), id);
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
        markets.all.push(Arc::new(Mutex::new(market)));
    }

    /// All markets, in the order of listing, delisted ones left out.
    pub(crate) fn markets(&self) -> Vec<Arc<Mutex<Market>>> {
        let all = self.markets.read().all.clone();
        all.into_iter().filter(|market| !market.lock().gone).collect()
    }

    /// The market of a symbol (`BTCUSDT`).
    pub(crate) fn market(&self, symbol: &str) -> Option<Arc<Mutex<Market>>> {
        let markets = self.markets.read();
        let id = markets.by_symbol.get(symbol)?;
        let market = Arc::clone(&markets.all[id.0]);
        let gone = market.lock().gone;
        (!gone).then_some(market)
    }

    /// The market of a symbol (`BTCUSDT`) or a pair (`BTC-USDT`).
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Mutex<Market>>> {
        let symbol = {
            let markets = self.markets.read();
            let id = markets.by_symbol.get(name).or_else(|| markets.by_pair.get(name))?;
            markets.all[id.0].lock().listing.symbol.clone()
        };
        self.market(&symbol)
    }

    /// The pair (`BTC-USDT`) of a symbol; locks no market.
    pub(crate) fn pair_of(&self, symbol: &str) -> Option<String> {
        let markets = self.markets.read();
        let wanted = markets.by_symbol.get(symbol)?;
        markets.by_pair.iter().find(|(_, id)| *id == wanted).map(|(pair, _)| pair.clone())
    }

    /// The market of a symbol in lower case (`btcusdt`), as stream names have it.
    pub(crate) fn market_of_stream(&self, lower: &str) -> Option<Arc<Mutex<Market>>> {
        let markets = self.markets.read();
        let id = markets.by_lower_case.get(lower)?;
        let market = Arc::clone(&markets.all[id.0]);
        let gone = market.lock().gone;
        (!gone).then_some(market)
    }

    /// The market with this number, listed or not.
    pub(crate) fn market_by_id(&self, id: MarketId) -> Arc<Mutex<Market>> {
        Arc::clone(&self.markets.read().all[id.0])
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
            }
            self.front.moved(self, market, &moved);
            self.wake.notify_one();
        }
        self.deliver();
    }

    /// Puts a fault in force, or carries it out at once if it waits for nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn inject(&self, fault: Fault) -> Result<FaultId, String> {
        fault.check()?;
        if let Some(pair) = &fault.pair
            && self.find(pair).is_none()
        {
            return Err(format!("field `pair`: `{pair}` is not listed"));
        }
        match fault.class() {
            Class::Now => self.carry_out(&fault)?,
            Class::Socket if fault.nth.is_none() && fault.probability.is_none() => {
                self.strike_sockets(&fault);
                return Ok(self.passing(fault));
            }
            _ => {}
        }
        if fault.class() == Class::Now && !fault.kind.lasts() {
            return Ok(self.passing(fault));
        }
        let id = self.faults.arm(fault, self.clock.now());
        self.update_refusing();
        self.wake.notify_one();
        Ok(id)
    }

    /// A number for a fault that is already over.
    fn passing(&self, fault: Fault) -> FaultId {
        let id = self.faults.arm(fault, self.clock.now());
        self.faults.disarm(id);
        id
    }

    /// Ends one fault; false if there is none with this number.
    pub(crate) fn clear(&self, id: FaultId) -> bool {
        let ended = self.faults.disarm(id);
        if let Some(fault) = &ended {
            self.undo(fault);
        }
        self.update_refusing();
        ended.is_some()
    }

    /// Ends all faults.
    pub(crate) fn clear_all(&self) {
        for (id, _, _) in self.faults.list() {
            self.clear(id);
        }
    }

    /// Ends the faults whose time is over.
    pub(crate) fn expire_faults(&self) {
        for fault in self.faults.expire(self.clock.now()) {
            self.undo(&fault);
        }
        self.update_refusing();
    }

    fn update_refusing(&self) {
        let closed = |fault: &Fault| {
            let scheduled = fault.nth.is_some() || fault.probability.is_some();
            fault.kind == FaultKind::RefuseConnect && !scheduled && fault.limit() == u64::MAX
        };
        let refusing = self.faults.any(self.clock.now(), closed);
        self.refusing.send_if_modified(|present| std::mem::replace(present, refusing) != refusing);
    }

    fn carry_out(&self, fault: &Fault) -> Result<(), String> {
        match &fault.kind {
            FaultKind::Skew { ms } => self.clock.set_skew(ms.saturating_mul(1000)),
            FaultKind::Advance { ms } => self.clock.advance(Duration::from_millis(*ms)),
            FaultKind::WideSymbol if self.find("币安人生-USDT").is_none() => self.list(Listing::wide()),
            FaultKind::Maintenance => self.sockets.all().iter().for_each(|socket| socket.cut.cancel()),
            FaultKind::Flow { seed } => self.each_market(fault, |market| {
                market.traders = Some(Traders::new(*seed, &market.listing, 1000));
            })?,
            FaultKind::TickChange { tick } => self.each_market(fault, |market| market.listing.tick = *tick)?,
            FaultKind::Halt { status } => self.each_market(fault, |market| market.listing.status = *status)?,
            FaultKind::Delist => {
                if fault.pair.is_none() {
                    return Err("field `pair` is needed for `delist`".to_owned());
                }
                for market in self.markets_of(fault) {
                    self.at_desk(&market, |desk| desk.expire_everything());
                }
                self.each_market(fault, |market| market.gone = true)?;
            }
            FaultKind::RevokeKey { key } => self.revoke(fault, key.as_deref())?,
            FaultKind::EndSubscription => {
                let account = fault.account.is_some().then(|| self.account_of(fault)).transpose()?;
                self.front.end_subscriptions(self, account, fault.connection);
            }
            _ if fault.kind.acts_on_account() => self.act(fault)?,
            _ => {}
        }
        self.faults.count(&fault.kind);
        Ok(())
    }

    fn undo(&self, fault: &Fault) {
        match &fault.kind {
            FaultKind::Skew { .. } => self.clock.set_skew(0),
            FaultKind::Halt { .. } => self.markets_of(fault).iter().for_each(|market| {
                market.lock().listing.status = TradingStatus::Trading;
            }),
            FaultKind::Delist => self.markets_of(fault).iter().for_each(|market| market.lock().gone = false),
            _ => {}
        }
    }

    fn each_market(&self, fault: &Fault, change: impl Fn(&mut Market)) -> Result<(), String> {
        let markets = self.markets_of(fault);
        markets.iter().for_each(|market| change(&mut market.lock()));
        if markets.is_empty() { Err("no such pair is listed".to_owned()) } else { Ok(()) }
    }

    /// The market that a fault names, delisted or not; all of them if it names none.
    fn markets_of(&self, fault: &Fault) -> Vec<Arc<Mutex<Market>>> {
        let Some(name) = &fault.pair else { return self.markets() };
        let markets = self.markets.read();
        let id = markets.by_symbol.get(name).or_else(|| markets.by_pair.get(name));
        id.map(|id| Arc::clone(&markets.all[id.0])).into_iter().collect()
    }

    fn strike_sockets(&self, fault: &Fault) {
        let symbol = fault.pair.as_ref().and_then(|pair| self.find(pair));
        let symbol = symbol.map(|market| market.lock().listing.symbol.to_lowercase());
        let matches = |socket: &&Arc<Socket>| {
            fault.connection.is_none_or(|id| id == socket.id)
                && fault.path.as_ref().is_none_or(|path| socket.path.starts_with(path.as_str()))
                && fault.stream.as_ref().is_none_or(|wanted| socket.subscribes(|name| name.contains(wanted.as_str())))
                && symbol.as_ref().is_none_or(|symbol| socket.subscribes(|name| name.to_lowercase().contains(symbol)))
        };
        let limit = usize::try_from(fault.times.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        for socket in self.sockets.all().iter().filter(matches).take(limit) {
            self.strike_socket(&fault.kind, socket);
            self.faults.count(&fault.kind);
        }
    }

    /// Does to a socket what a fault orders.
    pub(crate) fn strike_socket(&self, kind: &FaultKind, socket: &Arc<Socket>) {
        match kind {
            FaultKind::Drop => socket.cut.cancel(),
            FaultKind::Freeze => socket.frozen.cancel(),
            FaultKind::DayCut => socket.close(1001, "connection has reached its maximum age"),
            FaultKind::ShutdownNotice => self.front.announce_shutdown(self, socket),
            _ => {}
        }
    }

    /// The faults that strike a request, in the order of injection; what is done to an account is done here.
    /// `method` is HTTP's, or `WS` for a call on a socket, whose name is then the path.
    pub(crate) fn faults_on_request(&self, occasion: Occasion<'_>, symbol: Option<&str>) -> Vec<FaultKind> {
        let market = symbol.and_then(|symbol| self.market(symbol));
        let pair = market.map(|market| market.lock().listing.pair());
        let occasion = Occasion { symbol: symbol.zip(pair.as_deref()), ..occasion };
        let classes = [Class::Request, Class::Message];
        let struck = self.faults.strike_whole(self.clock.now(), &classes, &occasion);
        let mut kinds = Vec::new();
        for fault in struck {
            if !fault.kind.acts_on_account() {
                kinds.push(fault.kind);
            } else if let Err(problem) = self.act(&fault) {
                tracing::warn!(problem, "a fault could not be carried out");
            }
        }
        kinds
    }

    /// Makes a key useless; without a text all keys of the account that the fault names.
    fn revoke(&self, fault: &Fault, key: Option<&str>) -> Result<(), String> {
        let account = self.account_of(fault)?;
        let keys: Vec<String> = match key {
            Some(key) => vec![key.to_owned()],
            None => {
                let accounts = self.accounts.lock();
                accounts.account(account).into_iter().flat_map(|a| &a.keys).map(|key| key.text.clone()).collect()
            }
        };
        let known = keys.iter().filter(|key| self.revoke_key(key)).count();
        if known > 0 { Ok(()) } else { Err("field `key`: there is no such key".to_owned()) }
    }

    /// Makes a key useless; false if there is none of this text.
    pub(crate) fn revoke_key(&self, text: &str) -> bool {
        let known = self.accounts.lock().revoke_key(text);
        if known {
            self.front.key_revoked(self, text);
        }
        known
    }

    /// Request weight that another client spends in each minute.
    pub(crate) fn other_load(&self) -> u64 {
        self.sum_of_faults(|kind| if let FaultKind::OtherLoad { weight, .. } = kind { *weight } else { 0 })
    }

    /// New orders that another client of the account places in each window in which orders are counted.
    pub(crate) fn other_orders(&self) -> u64 {
        self.sum_of_faults(|kind| if let FaultKind::OtherLoad { orders, .. } = kind { *orders } else { 0 })
    }

    /// How long queries do not see a new order.
    pub(crate) fn query_lag(&self) -> Duration {
        Duration::from_millis(self.sum_of_faults(|kind| if let FaultKind::LagQuery { ms } = kind { *ms } else { 0 }))
    }

    fn sum_of_faults(&self, of: impl Fn(&FaultKind) -> u64) -> u64 {
        self.faults.list().into_iter().map(|(_, fault, _)| of(&fault.kind)).sum()
    }

    /// Whether the exchange is closed.
    pub(crate) fn in_maintenance(&self) -> bool {
        self.faults.any(self.clock.now(), |fault| fault.kind == FaultKind::Maintenance)
    }
}
