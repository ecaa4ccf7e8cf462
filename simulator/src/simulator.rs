//! The running simulator, as programs and tests hold it.

mod accounts;
mod contracts;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::accounts::{Credentials, KeyType};
use crate::clock::Clock;
use crate::config::{Config, StartError};
use crate::engine::{Instruction, NewOrder, OrderId, PlaceError, Placement, Side, TimeInForce};
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::faults::{Fault, FaultError, FaultId};
use crate::ledger::LedgerBook;
use crate::requests::RequestLog;
use crate::sockets::ConnectionRecord;
use crate::{control, driver, http};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Where a simulator listens, and what it lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Addresses {
    /// Base of REST requests, such as `http://127.0.0.1:4000`.
    pub rest: String,
    /// Base of market sockets, such as `ws://127.0.0.1:4000`.
    pub ws: String,
    /// The socket for calls, such as `ws://127.0.0.1:4000/ws-api/v3`, where the exchange has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ws_api: Option<String>,
    /// The socket for private events, where the exchange has one for them alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ws_private: Option<String>,
    /// Base of the control API.
    pub control: String,
    /// The first HMAC key of the first account, and its secret.
    pub api_key: Option<String>,
    /// Secret of `api_key`.
    pub secret_key: Option<String>,
    /// The first Ed25519 key of the first account.
    pub ed25519_api_key: Option<String>,
    /// Its private half as PEM (PKCS#8); not printed with the rest.
    #[serde(skip)]
    pub ed25519_private_key: Option<String>,
    /// Pairs listed at the start, such as `BTC-USDT`.
    pub pairs: Vec<String>,
}

/// An order of a named trader, placed by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraderOrder {
    /// Who places it.
    pub trader: String,
    /// Buy or sell.
    pub side: Side,
    /// How it is executed.
    pub instruction: Instruction,
}

impl TraderOrder {
    /// A limit order that rests until filled or cancelled. Price in quote units, quantity in base units.
    pub fn limit(side: Side, price: Decimal, quantity: Decimal) -> TraderOrder {
        TraderOrder::new(side, Instruction::Limit { price, quantity, time_in_force: TimeInForce::Gtc })
    }

    /// A market order for `quantity` base units.
    pub fn market(side: Side, quantity: Decimal) -> TraderOrder {
        TraderOrder::new(side, Instruction::Market { quantity })
    }

    /// An order of a trader without a name of his own.
    pub fn new(side: Side, instruction: Instruction) -> TraderOrder {
        TraderOrder { trader: "test".to_owned(), side, instruction }
    }

    /// Placed by `trader`.
    pub fn by(mut self, trader: &str) -> TraderOrder {
        trader.clone_into(&mut self.trader);
        self
    }
}

/// Why a call on a market failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MarketError {
    /// Neither a symbol nor a pair that is listed.
    #[error("`{0}` is not listed")]
    NotListed(String),
    /// The engine refused the order.
    #[error(transparent)]
    Refused(#[from] PlaceError),
}

/// A simulated exchange on loopback. Dropping it stops it without waiting; [`Simulator::stop`] waits.
#[derive(Debug)]
pub struct Simulator {
    exchange: Arc<Exchange>,
    addresses: Addresses,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts to serve. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// [`StartError`]: a configuration that cannot be used, or a port that cannot be had.
    pub async fn start(config: Config) -> Result<Simulator, StartError> {
        let known = config.check()?;
        let (listener, rest) = listen(config.port).await?;
        let (control_listener, control) = listen(config.control_port).await?;
        let pairs = config.listings.iter().map(|listing| listing.pair()).collect();
        let faults = config.faults.clone();
        let exchange = Arc::new(Exchange::new(config, known));
        let setups = exchange.config.accounts.clone();
        let keys = setups.iter().map(|setup| exchange.open_account(setup)).collect::<Result<Vec<_>, _>>()?;
        let keys = keys.into_iter().next().unwrap_or_default();
        for (at, fault) in faults.into_iter().enumerate() {
            exchange.inject(fault).map_err(|problem| FaultError { entry: at + 1, problem })?;
        }
        let tasks = vec![
            tokio::spawn(driver::drive(Arc::clone(&exchange))),
            tokio::spawn(http::serve(Arc::clone(&exchange), listener, rest)),
            tokio::spawn(control::serve(Arc::clone(&exchange), control_listener)),
        ];
        let socket = |path: &str| format!("ws://{rest}{path}");
        let addresses = Addresses {
            rest: format!("http://{rest}"),
            ws: socket(known.paths.ws),
            ws_api: known.paths.ws_api.map(socket),
            ws_private: known.paths.ws_private.map(socket),
            control: format!("http://{control}"),
            api_key: first(&keys, KeyType::Hmac, |key| &key.api_key),
            secret_key: first(&keys, KeyType::Hmac, |key| &key.secret),
            ed25519_api_key: first(&keys, KeyType::Ed25519, |key| &key.api_key),
            ed25519_private_key: first(&keys, KeyType::Ed25519, |key| &key.secret),
            pairs,
        };
        Ok(Simulator { exchange, addresses, tasks })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What is traded here.
    pub fn product(&self) -> Product {
        self.exchange.product
    }

    /// The exchange's time, which can be advanced and skewed.
    pub fn clock(&self) -> Clock {
        self.exchange.clock.clone()
    }

    /// Puts a fault in force.
    ///
    /// # Errors
    /// [`FaultError`] with entry 1 says what is wrong with it.
    pub fn inject(&self, fault: Fault) -> Result<FaultId, FaultError> {
        self.exchange.inject(fault).map_err(|problem| FaultError { entry: 1, problem })
    }

    /// Ends one fault; false if it is not in force.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.exchange.clear(id)
    }

    /// Ends all faults. What they have broken (a cut socket, a jump of time) stays so.
    pub fn clear_faults(&self) {
        self.exchange.clear_all();
    }

    /// How often each kind of fault has struck, by its word such as `skip-update`.
    pub fn faults_struck(&self) -> BTreeMap<&'static str, u64> {
        self.exchange.faults.struck()
    }

    /// The exchange's own book of a symbol (`BTCUSDT`) or pair (`BTC-USDT`).
    pub fn book(&self, name: &str) -> Option<LedgerBook> {
        Some(self.exchange.find(name)?.lock().book())
    }

    /// The exchange's own book as it was at `update_id`; at least the last 2000 publications are known.
    pub fn book_at(&self, name: &str, update_id: u64) -> Option<LedgerBook> {
        self.exchange.books_at(&self.exchange.find(name)?.lock(), update_id).next()
    }

    /// The exchange's own books that had this checksum, newest first, where the wire tells checksums instead of update ids: these
    /// cover the best levels alone.
    pub fn books_of_checksum(&self, name: &str, checksum: u32) -> Vec<LedgerBook> {
        let Some(market) = self.exchange.find(name) else { return Vec::new() };
        self.exchange.books_at(&market.lock(), u64::from(checksum)).collect()
    }

    /// Whether a client whose book has reached `update_id` has everything that the exchange's own book has.
    pub fn is_newest(&self, name: &str, update_id: u64) -> bool {
        let Some(market) = self.exchange.find(name) else { return false };
        let market = market.lock();
        self.exchange.front.update_ids(market.id, update_id).first() == Some(&market.engine.update_id())
    }

    /// Price of the last trade.
    pub fn last_price(&self, name: &str) -> Option<Decimal> {
        Some(self.exchange.find(name)?.lock().tape.last_price())
    }

    /// Requests seen so far.
    pub fn requests(&self) -> RequestLog {
        self.exchange.requests.snapshot()
    }

    /// Request weight used from 127.0.0.1 in the present minute.
    pub fn used_weight(&self) -> u64 {
        self.exchange.front.used_weight(&self.exchange, LOOPBACK)
    }

    /// The open sockets.
    pub fn connections(&self) -> Vec<ConnectionRecord> {
        self.exchange.sockets.records()
    }

    /// The most frames that any socket has received from its client within one second.
    pub fn frames_in(&self) -> u64 {
        self.exchange.sockets.most_frames_in_a_second()
    }

    /// Places an order by hand.
    ///
    /// # Errors
    /// [`MarketError`]; nothing has changed then.
    pub fn place(&self, name: &str, order: TraderOrder) -> Result<Placement, MarketError> {
        let market = self.exchange.find(name).ok_or_else(|| MarketError::NotListed(name.to_owned()))?;
        let owner = self.exchange.owner(&order.trader);
        let order = NewOrder { owner, side: order.side, instruction: order.instruction };
        Ok(self.exchange.place(&market, order)?)
    }

    /// Cancels an order; returns what it had left, or `None` if it does not rest.
    ///
    /// # Errors
    /// [`MarketError::NotListed`].
    pub fn cancel(&self, name: &str, order: OrderId) -> Result<Option<Decimal>, MarketError> {
        let market = self.exchange.find(name).ok_or_else(|| MarketError::NotListed(name.to_owned()))?;
        Ok(self.exchange.cancel(&market, order))
    }

    /// Makes `price` a best price: background orders in the way are withdrawn or taken, others are taken.
    ///
    /// # Errors
    /// [`MarketError::NotListed`], or [`PlaceError::Price`] for a price that is not positive.
    pub fn move_price(&self, name: &str, price: Decimal) -> Result<(), MarketError> {
        let market = self.exchange.find(name).ok_or_else(|| MarketError::NotListed(name.to_owned()))?;
        if price <= Decimal::ZERO {
            return Err(PlaceError::Price.into());
        }
        self.exchange.move_price(&market, price);
        Ok(())
    }

    /// Publishes pending book updates at once, on the fast and the slow streams.
    pub fn publish(&self) {
        self.exchange.front.publish(&self.exchange);
    }

    /// Moves the exchange's time forward at once; fundings that this makes due happen before it returns.
    pub fn advance(&self, by: Duration) {
        self.exchange.clock.advance(by);
        self.exchange.pass_time(false);
    }

    /// Stops: sockets and connections are closed and every task is joined.
    pub async fn stop(mut self) {
        self.exchange.shutdown.cancel();
        for task in std::mem::take(&mut self.tasks) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the simulator ended badly");
            }
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.exchange.shutdown.cancel();
    }
}

/// A text of the first key of this type.
fn first(keys: &[Credentials], key_type: KeyType, text: fn(&Credentials) -> &String) -> Option<String> {
    keys.iter().find(|key| key.key_type == key_type).map(|key| text(key).clone())
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let address = SocketAddr::new(LOOPBACK, port);
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
