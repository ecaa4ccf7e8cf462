//! The account of a demo: orders are placed, filled and cancelled while the exchange misbehaves.

mod contracts;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tradewire::{
    AccountSource, Addresses, Connector, Credentials, Decimal, ErrorKind, Journal, MarketConfig, Order, OrderEntry,
    OrderRequest, Pair, Price, Quantity, Secret, Side, SigningKey, SqliteJournal, TradingConfig,
};
use tradewire_simulator::{Fault, FaultKind, OrderRef, Product, Simulator};

use super::account::{AccountSummary, differences_of_funds};
use super::entry::Happening;
use crate::failure::Failure;
use crate::plain::word;

/// The simulator's account that exists by default.
pub(super) const ACCOUNT: &str = "main";
/// How long one step may take before the demo goes on without it.
const STEP: Duration = Duration::from_secs(10);
/// Pause between acts.
const PAUSE: Duration = Duration::from_millis(700);
/// How long an account may take to be reconciled: some exchanges let it ask for no more than one thing in three seconds.
const READY: Duration = Duration::from_secs(90);
/// How long everything may take to be known at the end.
const SETTLE: Duration = Duration::from_secs(90);
/// Lines that wait to be shown.
const LINES: usize = 256;

/// Trades on a task of its own until it is told to end.
#[derive(Debug)]
pub(super) struct Trader {
    /// `None` once it has given its account.
    task: Option<JoinHandle<Result<AccountSummary, Failure>>>,
    end: CancellationToken,
    /// What was done and seen, to be shown.
    pub(super) lines: mpsc::Receiver<(Pair, Happening)>,
}

impl Trader {
    pub(super) fn start(exchange: &str, simulator: &Arc<Simulator>) -> Result<Self, Failure> {
        let (say, lines) = mpsc::channel(LINES);
        let end = CancellationToken::new();
        let desk = Desk::open(exchange, Arc::clone(simulator), say)?;
        Ok(Self { task: Some(tokio::spawn(desk.run(end.clone()))), end, lines })
    }

    /// Lets it finish what it does, and gives the account of it.
    pub(super) async fn finish(&mut self) -> Result<AccountSummary, Failure> {
        self.end.cancel();
        let task = self.task.take().ok_or_else(|| Failure::failed("the account was summed up before"))?;
        task.await.map_err(Failure::failed)?
    }

    /// Ends it wherever it is.
    pub(super) async fn abort(self) {
        if let Some(task) = self.task {
            task.abort();
            // Ended or aborted: both are as wanted.
            drop(task.await);
        }
    }
}

/// A connector with an account, and the exchange that it is told to trade on.
struct Desk {
    exchange: String,
    simulator: Arc<Simulator>,
    /// `None` between a crash and the start after it.
    connector: Option<Connector>,
    pair: Pair,
    journal: PathBuf,
    /// Keeps the journal's folder until the end.
    _folder: tempfile::TempDir,
    say: mpsc::Sender<(Pair, Happening)>,
    restarts: u32,
}

impl Desk {
    fn open(exchange: &str, simulator: Arc<Simulator>, say: mpsc::Sender<(Pair, Happening)>) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::failed)?;
        let journal = folder.path().join("journal.db");
        let first = simulator.addresses().pairs.first().cloned().unwrap_or_default();
        let pair: Pair = first.parse().map_err(Failure::failed)?;
        let connector = connect(exchange, &simulator, &journal, &pair)?;
        Ok(Self {
            exchange: exchange.to_owned(),
            simulator,
            connector: Some(connector),
            pair,
            journal,
            _folder: folder,
            say,
            restarts: 0,
        })
    }

    /// One act after another until the end; then everything is settled, counted and compared.
    async fn run(mut self, end: CancellationToken) -> Result<AccountSummary, Failure> {
        self.ready().await?;
        self.tell("the account is reconciled: orders can be placed");
        let mut act = 0_usize;
        while !end.is_cancelled() {
            self.act(act).await?;
            act += 1;
            tokio::select! {
                () = end.cancelled() => {}
                () = sleep(PAUSE) => {}
            }
        }
        drop(self.connector()?.cancel_all(None).await);
        let settled = timeout(SETTLE, self.settled()).await.is_ok();
        let mut differences = differences_of_funds(&self.simulator, self.connector()?);
        if !settled {
            differences.push("not everything was known in time".to_owned());
        }
        // Whatever is known is in the journal once the connector has stopped.
        if let Some(connector) = self.connector.take() {
            connector.stop().await;
        }
        AccountSummary::of(&self.simulator, &self.journal, self.restarts, differences)
    }

    async fn act(&mut self, act: usize) -> Result<(), Failure> {
        let acts = if self.trades_contracts() { 10 } else { 7 };
        match act % acts {
            0 => self.rest_and_fill().await,
            1 => self.take().await,
            2 => self.fill_in_part_and_cancel().await,
            3 => self.post_only_through_the_book().await,
            4 => self.lose_a_reply().await,
            5 => self.fill_while_disconnected().await,
            6 => return self.crash_and_restart().await,
            7 => self.hold_over_a_funding().await,
            8 => self.change_the_mode_with_a_position().await,
            _ => self.be_liquidated().await,
        }
        Ok(())
    }

    fn trades_contracts(&self) -> bool {
        self.simulator.product() == Product::LinearPerpetual
    }

    async fn ready(&self) -> Result<(), Failure> {
        let connector = self.connector()?;
        let ready = timeout(READY, connector.ready()).await;
        let late = |_| Failure::failed(format!("the account is not ready: {:?}", connector.waiting()));
        Ok(ready.map_err(late)??)
    }

    fn connector(&self) -> Result<&Connector, Failure> {
        self.connector.as_ref().ok_or_else(|| Failure::failed("there is no connector"))
    }

    fn tell(&self, text: impl Into<String>) {
        // Lines that nobody has room for are not shown.
        drop(self.say.try_send((self.pair.clone(), Happening::Order { text: text.into() })));
    }

    async fn rest_and_fill(&self) {
        let Some(order) = self.place(self.resting(Side::Buy)).await else { return };
        self.fill(&order, None);
        self.tell_end(&order, "rested and was filled").await;
    }

    async fn take(&self) {
        if let Some(order) = self.place(self.market(Side::Sell)).await {
            self.tell_end(&order, "took what the market offered").await;
        }
    }

    async fn fill_in_part_and_cancel(&self) {
        let Some(order) = self.place(self.resting(Side::Sell)).await else { return };
        self.fill(&order, Some(Decimal::new(4, 3)));
        let Ok(connector) = self.connector() else { return };
        let cancelled = connector.cancel(&order.client_order_id).await;
        self.tell(match cancelled {
            Ok(order) => format!("{} filled {} of it and was cancelled", order.client_order_id, order.filled),
            Err(error) => format!("{} was not cancelled: {error}", order.client_order_id),
        });
    }

    async fn post_only_through_the_book(&self) {
        let (Some(request), Ok(connector)) = (self.limit(Side::Buy, 102), self.connector()) else { return };
        match connector.place(request.post_only()).await {
            Err(error) if error.error().kind() == ErrorKind::PostOnlyWouldTake => {
                self.tell("a post-only order above the best ask was refused, as it should be");
            }
            // Where acknowledgements are no outcomes, the refusal comes as an event.
            Ok(order) => {
                let ended = self.ended(&order).await;
                let what = ended.map_or_else(|| "is still live".to_owned(), |order| state(&order));
                self.tell(format!("a post-only order above the best ask was acknowledged, and then: {what}"));
            }
            Err(error) => self.tell(format!("a post-only order above the best ask was not placed: {error}")),
        }
    }

    /// The exchange accepts an order and its answer is lost: the order is tracked until there is evidence.
    async fn lose_a_reply(&self) {
        self.tell("fault: the exchange accepts an order and loses the reply");
        self.inject(Fault::new(FaultKind::LoseReply).method("POST"));
        let (Some(request), Ok(connector)) = (self.resting(Side::Buy), self.connector()) else { return };
        let placing = connector.place(request);
        let Some(id) = placing.client_order_id().cloned() else { return };
        let outcome = placing.await;
        let unknown = outcome.as_ref().is_err_and(tradewire::CommandError::is_unknown);
        if unknown {
            self.tell(format!("{id}: no reply, so the outcome is unknown; it is asked for, never sent again"));
        }
        let found = timeout(STEP, self.until(&id, |order| order.exchange_order_id.is_some())).await;
        match found {
            Ok(Some(order)) => {
                self.tell(format!("{id} was found: it is {}", state(&order)));
                drop(connector.cancel(&id).await);
            }
            _ => self.tell(format!("{id} is not found yet")),
        }
    }

    /// The private stream is cut, and the order fills before it is back.
    async fn fill_while_disconnected(&self) {
        let Some(order) = self.place(self.resting(Side::Sell)).await else { return };
        self.tell("fault: the private stream is cut while an order fills");
        self.inject(Fault::new(FaultKind::Drop).path(self.private_path()));
        self.fill(&order, None);
        self.tell_end(&order, "was filled meanwhile; the fill was fetched, once").await;
    }

    /// The connector ends as in a crash; an order fills meanwhile; another connector goes on from the journal.
    async fn crash_and_restart(&mut self) -> Result<(), Failure> {
        let Some(order) = self.place(self.resting(Side::Buy)).await else { return Ok(()) };
        self.tell("the connector is dropped as in a crash, with a live order; the order fills meanwhile");
        self.connector = None;
        self.fill(&order, None);
        self.connector = Some(self.reopen().await?);
        self.restarts += 1;
        self.ready().await?;
        self.tell_end(&order, "was found again from the journal, with the fill").await;
        Ok(())
    }

    /// The journal is free once the tasks of the dropped connector have ended.
    async fn reopen(&self) -> Result<Connector, Failure> {
        for _ in 0..100 {
            match connect(&self.exchange, &self.simulator, &self.journal, &self.pair) {
                Ok(connector) => return Ok(connector),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
        connect(&self.exchange, &self.simulator, &self.journal, &self.pair)
    }

    async fn place(&self, request: Option<OrderRequest>) -> Option<Order> {
        let (request, connector) = (request?, self.connector().ok()?);
        let (side, price) = (request.side, request.price);
        match connector.place(request).await {
            Ok(order) => {
                let price = price.map_or_else(|| "the market's price".to_owned(), |price| price.to_string());
                self.tell(format!("{} placed: {side} at {price}", order.client_order_id));
                Some(order)
            }
            Err(error) => {
                self.tell(format!("an order was not accepted: {error}"));
                None
            }
        }
    }

    async fn tell_end(&self, order: &Order, words: &str) {
        let id = &order.client_order_id;
        match self.ended(order).await {
            Some(order) => {
                let fees: Vec<_> = order.fees.iter().map(|(asset, amount)| format!("{amount} {asset}")).collect();
                self.tell(format!("{id} {words}: {}, fee {}", state(&order), fees.join(" + ")));
            }
            None => self.tell(format!("{id} is still live")),
        }
    }

    /// The order once it has ended; `None` if it is still live after [`STEP`].
    async fn ended(&self, order: &Order) -> Option<Order> {
        timeout(STEP, self.until(&order.client_order_id, |order| !order.state.is_live())).await.ok().flatten()
    }

    async fn until(&self, id: &tradewire::ClientOrderId, is_it: impl Fn(&Order) -> bool) -> Option<Order> {
        loop {
            let order = self.connector().ok()?.order(id).await.ok().flatten()?;
            if is_it(&order) {
                return Some(order);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// A limit order at so many percent of the last price.
    fn limit(&self, side: Side, percent: u32) -> Option<OrderRequest> {
        let instrument = self.connector().ok()?.market().instruments().get(&self.pair).cloned()?;
        let last = self.simulator.last_price(self.pair.as_str())?;
        let price = instrument.rules.price_step.down(last * Decimal::from(percent) / Decimal::ONE_HUNDRED);
        Some(OrderRequest::limit(self.pair.clone(), side, quantity(), Price::new(price)))
    }

    fn resting(&self, side: Side) -> Option<OrderRequest> {
        self.limit(side, if side == Side::Buy { 97 } else { 103 })
    }

    fn market(&self, side: Side) -> Option<OrderRequest> {
        Some(OrderRequest::market(self.pair.clone(), side, quantity()))
    }

    /// Somebody trades with our order at its price.
    fn fill(&self, order: &Order, quantity: Option<Decimal>) {
        let named = OrderRef::Client(order.client_order_id.as_str().to_owned());
        if let Err(error) = self.simulator.fill_order(ACCOUNT, &order.symbol, &named, quantity) {
            tracing::warn!(%error, "nobody could fill the order");
        }
    }

    /// What the path of the socket with the account's events begins with.
    fn private_path(&self) -> &str {
        let at = self.simulator.addresses();
        let socket = at.ws_private.as_deref().or(at.ws_api.as_deref()).unwrap_or_default();
        socket.splitn(4, '/').nth(3).map_or("/", |path| &socket[socket.len() - path.len() - 1..])
    }

    fn inject(&self, fault: Fault) {
        if let Err(error) = self.simulator.inject(fault) {
            tracing::error!(%error, "the simulator refused a fault");
        }
    }

    /// Waits until nothing is open, unknown or missing, and the balances are the exchange's.
    async fn settled(&self) {
        loop {
            let done = |connector: &Connector| {
                connector.orders().is_empty() && differences_of_funds(&self.simulator, connector).is_empty()
            };
            if self.connector().is_ok_and(done) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn quantity() -> Quantity {
    Quantity::new(Decimal::new(1, 2))
}

fn state(order: &Order) -> String {
    word(order.state)
}

fn connect(exchange: &str, simulator: &Simulator, journal: &PathBuf, pair: &Pair) -> Result<Connector, Failure> {
    let at = simulator.addresses();
    let addresses = Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone());
    let (Some(api_key), Some(secret_key)) = (&at.api_key, &at.secret_key) else {
        return Err(Failure::failed("the simulated exchange has no account"));
    };
    let key = SigningKey::hmac_sha256(&Secret::new(secret_key.as_str()))?;
    let credentials = Credentials::new(Secret::new(api_key.as_str()), key)?;
    let source: Arc<dyn AccountSource> =
        tradewire::account_source(exchange, &addresses, credentials, OrderEntry::Rest)?;
    let journal = SqliteJournal::open(journal, source.account(), tradewire::tracking::Durability::Process)?;
    let config = TradingConfig::new(Arc::new(journal) as Arc<dyn Journal>);
    Ok(Connector::start(source, MarketConfig::default(), config, [pair.clone()])?)
}
