use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tradewire_core::{
    AccountEvent, ClientOrderId, CommandError, Decimal, Instrument, Order, OrderRequest, OrderState, Pair, Price,
    Quantity, ReplyMeans, Side,
};
use tradewire_journal::SqliteJournal;
use tradewire_simulator::{
    AccountSetup, Config, Credentials as Key, Fault, Flow, KeyType, OrderCommand, OrderId, RequestRecord, Simulator,
};
use tradewire_tracking::{AccountSource, Connector, Durability, MarketConfig, TradingConfig};
use tradewire_transport::{Credentials, Secret, SigningKey};

use super::disk::DiskJournal;
use super::ledger::{Comparison, no_hole};
use super::story::{Story, check_grammar};
use super::world::{SOON, Setup, addresses};
use super::{Bench, Disk, LEAVE, Witness, is_gone};
use crate::row::{Failed, Shown, Verdict, equal, expect};

/// The simulator's account that exists by default.
pub(crate) const MAIN: &str = "main";
/// Virtual time in which everything must be known after the last fault.
const SETTLE: Duration = Duration::from_secs(150);
/// Virtual time in which a connector must have stopped.
const STOP: Duration = Duration::from_secs(10);

/// What a desk is started with.
pub(crate) struct DeskSetup {
    pub(crate) exchange: Config,
    pub(crate) market: MarketConfig,
    pub(crate) pairs: Vec<Pair>,
    /// Faults in force before the connector starts.
    pub(crate) faults: Vec<Fault>,
    pub(crate) key: KeyType,
    /// The file of the record; in memory if absent.
    pub(crate) file: Option<PathBuf>,
    /// Changes the settings of trading.
    pub(crate) tweak: Box<dyn FnOnce(&mut TradingConfig)>,
}

impl DeskSetup {
    /// These pairs, in a market where nobody trades by himself.
    pub(crate) fn quiet(bench: &Bench, pairs: &[&str]) -> Result<Self, Failed> {
        Self::with(bench, pairs, Flow::Off)
    }

    /// These pairs, traded by seeded background traders.
    pub(crate) fn busy(bench: &Bench, pairs: &[&str]) -> Result<Self, Failed> {
        Self::with(bench, pairs, Flow::Background { rate: 1000 })
    }

    fn with(bench: &Bench, pairs: &[&str], flow: Flow) -> Result<Self, Failed> {
        let Setup { exchange, market, pairs, faults, .. } = Setup::with(bench, pairs, flow)?;
        Ok(Self { exchange, market, pairs, faults, key: KeyType::Hmac, file: None, tweak: Box::new(|_| {}) })
    }

    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    pub(crate) fn key(mut self, key: KeyType) -> Self {
        self.key = key;
        self
    }

    /// Keeps the record in a file.
    pub(crate) fn file(mut self, path: &Path) -> Self {
        self.file = Some(path.to_owned());
        self
    }

    pub(crate) fn tweak(mut self, tweak: impl FnOnce(&mut TradingConfig) + 'static) -> Self {
        self.tweak = Box::new(tweak);
        self
    }

    /// An account that has nothing but this asset, where others would be worth something too.
    pub(crate) fn of_one_asset(mut self, bench: &Bench, asset: &str) -> Result<Self, Failed> {
        if bench.account_wire()?.shares_collateral() {
            self.exchange.accounts = vec![AccountSetup::new(MAIN).with(asset, Decimal::from(1_000_000))];
        }
        Ok(self)
    }

    /// Follows only the first pairs of those listed.
    pub(crate) fn following(mut self, count: usize) -> Self {
        self.pairs.truncate(count);
        self
    }
}

/// A simulated exchange, and the subject trading on an account of it.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    pub(crate) source: Arc<dyn AccountSource>,
    pub(crate) connector: Connector,
    /// Market and life events.
    pub(crate) witness: Witness,
    /// Account events.
    pub(crate) story: Story,
    pub(crate) journal: Arc<SqliteJournal>,
    /// The disk under the journal.
    pub(crate) disk: Disk,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) started: Instant,
    setup: Again,
}

/// Where the record of a run is.
enum RecordAt {
    /// In memory, new.
    Memory,
    /// In this file, new or from an earlier run.
    File(PathBuf),
    /// Where it was.
    Here(Arc<SqliteJournal>),
}

/// What a restart takes over.
#[derive(Clone)]
struct Again {
    key: KeyType,
    market: MarketConfig,
    pairs: Vec<Pair>,
}

/// Credentials of a simulated account, for the subject.
pub(crate) fn credentials(key: &Key) -> Result<Credentials, Failed> {
    let secret = Secret::new(key.secret.as_str());
    let signing = match key.key_type {
        KeyType::Hmac => SigningKey::hmac_sha256(&secret)?,
        _ => SigningKey::from_pem(&secret)?,
    };
    Ok(Credentials::new(Secret::new(key.api_key.as_str()), signing)?)
}

impl Desk {
    pub(super) async fn start(bench: &Bench, setup: DeskSetup) -> Result<Self, Failed> {
        let simulator = Simulator::start(setup.exchange).await?;
        for fault in setup.faults {
            simulator.inject(fault)?;
        }
        let again = Again { key: setup.key, market: setup.market, pairs: setup.pairs };
        let desk =
            Self::open(bench, simulator, again, setup.file.map_or(RecordAt::Memory, RecordAt::File), setup.tweak)
                .await?;
        bench.world_started();
        Ok(desk)
    }

    async fn open(
        bench: &Bench,
        simulator: Simulator,
        setup: Again,
        record: RecordAt,
        tweak: Box<dyn FnOnce(&mut TradingConfig)>,
    ) -> Result<Self, Failed> {
        let known = simulator.credentials(MAIN).into_iter().find(|key| key.key_type == setup.key);
        let key = match known {
            Some(key) => key,
            None => simulator.add_key(MAIN, setup.key).map_err(|error| Failed::new("a key", error))?,
        };
        let source =
            bench.subject().account(&addresses(simulator.addresses()), credentials(&key)?, bench.order_entry())?;
        let journal = match record {
            RecordAt::Memory => Arc::new(SqliteJournal::in_memory(source.account())?),
            RecordAt::File(path) => Arc::new(SqliteJournal::open(path, source.account(), Durability::Process)?),
            RecordAt::Here(journal) => journal,
        };
        let disk = Disk::default();
        let on_disk = DiskJournal { inner: Arc::clone(&journal), disk: disk.clone() };
        let mut config = TradingConfig::new(Arc::new(on_disk));
        tweak(&mut config);
        let connector =
            Connector::start(Arc::clone(&source), setup.market.clone(), config, setup.pairs.iter().cloned())?;
        let witness = Witness::of(connector.market().events());
        let story = Story::of(connector.account_events(0)?);
        let pairs = setup.pairs.clone();
        let started = Instant::now();
        Ok(Self { simulator, source, connector, witness, story, journal, disk, pairs, started, setup })
    }

    /// Waits until everything is ready.
    pub(crate) async fn ready(&self) -> Result<(), Failed> {
        self.ready_within(SOON).await
    }

    /// As [`Self::ready`], within a time.
    pub(crate) async fn ready_within(&self, within: Duration) -> Result<(), Failed> {
        match timeout(within, self.connector.ready()).await {
            Ok(ready) => Ok(ready?),
            Err(_) => Err(Failed::new(
                format_args!("readiness within {} s", within.as_secs()),
                format_args!("still waiting: {:?}", self.connector.waiting()),
            )),
        }
    }

    pub(crate) fn pair(&self, place: usize) -> &Pair {
        &self.pairs[place]
    }

    pub(crate) fn instrument(&self, pair: &Pair) -> Result<Arc<Instrument>, Failed> {
        let instrument = self.connector.market().instruments().get(pair).cloned();
        instrument.ok_or_else(|| Failed::new(format_args!("an instrument of {pair}"), "none"))
    }

    /// A price that is so many percent of the last one, on a valid step.
    pub(crate) fn price(&self, pair: &Pair, percent: u32) -> Result<Price, Failed> {
        let last = self.simulator.last_price(pair.as_str()).ok_or_else(|| Failed::new("a last price", "none"))?;
        let instrument = self.instrument(pair)?;
        Ok(Price::new(instrument.rules.price_step.down(last * Decimal::from(percent) / Decimal::ONE_HUNDRED)))
    }

    /// An order that rests: its price is 5 % away from the market.
    pub(crate) fn resting(&self, side: Side, quantity: &str) -> Result<OrderRequest, Failed> {
        let pair = self.pair(0);
        let price = self.price(pair, if side == Side::Buy { 95 } else { 105 })?;
        Ok(OrderRequest::limit(pair.clone(), side, quantity.parse::<Quantity>()?, price))
    }

    /// What a buy order with a price locks: what it costs, or the margin for that.
    pub(crate) fn lock(&self, request: &OrderRequest) -> Decimal {
        let cost = request.price.zip(request.quantity()).map(|(price, quantity)| price.value() * quantity.value());
        let leverage = self.connector.leverage(&request.pair, request.position_side).unwrap_or(Decimal::ONE);
        cost.unwrap_or_default() / leverage
    }

    /// An order that trades at once with what the market offers.
    pub(crate) fn taking(&self, side: Side, quantity: &str) -> Result<OrderRequest, Failed> {
        let pair = self.pair(0);
        let price = self.price(pair, if side == Side::Buy { 102 } else { 98 })?;
        Ok(OrderRequest::limit(pair.clone(), side, quantity.parse::<Quantity>()?, price))
    }

    /// Places a resting order and waits until it is open.
    pub(crate) async fn open_order(&self, side: Side, quantity: &str) -> Result<Order, Failed> {
        self.open_order_of(self.resting(side, quantity)?).await
    }

    /// Places an order that rests, and waits until it is open.
    pub(crate) async fn open_order_of(&self, request: OrderRequest) -> Result<Order, Failed> {
        let order = self.place(request).await?;
        self.story.becomes(&order.client_order_id, &["Pending", "Open"], SOON).await?;
        Ok(order)
    }

    /// Places an order that must be accepted.
    pub(crate) async fn place(&self, request: OrderRequest) -> Result<Order, Failed> {
        self.connector.place(request).await.map_err(|error| Failed::new("an accepted order", error))
    }

    /// Places an order whose outcome must not be a good one.
    pub(crate) async fn refused(&self, request: OrderRequest) -> Result<(Option<ClientOrderId>, CommandError), Failed> {
        let placing = self.connector.place(request);
        let id = placing.client_order_id().cloned();
        match placing.await {
            Ok(order) => Err(Failed::new("a refusal", format_args!("{} was accepted", order.client_order_id))),
            Err(error) => Ok((id, error)),
        }
    }

    /// Fills an order of ours, wholly or in part, by somebody whom the book does not show.
    pub(crate) fn fill(&self, order: &Order, quantity: Option<&str>) -> Result<(), Failed> {
        let quantity = quantity.map(super::world::decimal).transpose()?;
        let named = tradewire_simulator::OrderRef::Id(self.number(order)?);
        let filled = self.simulator.fill_order(MAIN, &order.symbol, &named, quantity);
        filled.map(drop).map_err(|error| Failed::new("a fill", error))
    }

    /// Whether a good reply to a new order, or to a change of one, means no more than that it was received.
    pub(crate) fn places_are_received(&self) -> bool {
        let trading = self.source.market().capabilities().trading.as_ref();
        trading.is_some_and(|trading| trading.place_reply == ReplyMeans::Received)
    }

    /// Whether a good reply to a cancel means no more than that it was received.
    pub(crate) fn cancels_are_received(&self) -> bool {
        let trading = self.source.market().capabilities().trading.as_ref();
        trading.is_some_and(|trading| trading.cancel_reply == ReplyMeans::Received)
    }

    /// The exchange's own number of an order.
    pub(crate) fn number(&self, order: &Order) -> Result<OrderId, Failed> {
        let text = order.exchange_order_id.as_ref().ok_or_else(|| Failed::new("an exchange order id", "none"))?;
        let number = self.simulator.order_number(text.as_str());
        number.ok_or_else(|| Failed::new("an order id of the exchange", text))
    }

    /// The order as the connector knows it.
    pub(crate) async fn order(&self, id: &ClientOrderId) -> Result<Order, Failed> {
        self.connector.order(id).await?.ok_or_else(|| Failed::new(format_args!("order {id}"), "none"))
    }

    /// Waits until an order is in a state.
    pub(crate) async fn order_is(&self, id: &ClientOrderId, state: OrderState) -> Result<Order, Failed> {
        let end = Instant::now() + SETTLE;
        loop {
            let order = self.order(id).await?;
            if order.state == state {
                return Ok(order);
            }
            expect(Instant::now() < end, format_args!("{id} to become {state:?}"), format_args!("{:?}", order.state))?;
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Puts a fault in force.
    pub(crate) fn inject(&self, fault: Fault) -> Result<tradewire_simulator::FaultId, Failed> {
        Ok(self.simulator.inject(fault)?)
    }

    /// Requests that changed orders, oldest first.
    pub(crate) fn commands(&self, command: OrderCommand) -> Vec<RequestRecord> {
        let requests = self.simulator.requests().records.into_iter();
        requests.filter(|request| request.note.command == Some(command)).collect()
    }

    /// Requests that went to a path or socket method, oldest first.
    pub(crate) fn requests(&self, path: &str) -> Vec<RequestRecord> {
        self.simulator.requests().records.into_iter().filter(|record| record.path == path).collect()
    }

    /// Lets virtual time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        sleep(time).await;
    }

    /// Waits until the connector says of its account what the exchange's own books say.
    pub(crate) async fn settled(&self) -> Result<(), Failed> {
        let end = Instant::now() + SETTLE;
        while Instant::now() < end {
            // Comparing everything takes long: not at every moment.
            if self.nothing_open_is_unknown() && self.comparison().check().is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(250)).await;
        }
        self.comparison().check()
    }

    fn nothing_open_is_unknown(&self) -> bool {
        self.connector.orders().iter().all(|order| order.outcome_unknown_since.is_none() && !order.cancel_requested)
    }

    /// What the exchange says, beside what the connector says.
    pub(crate) fn comparison(&self) -> Comparison<'_> {
        Comparison { simulator: &self.simulator, account: MAIN, connector: &self.connector, journal: &self.journal }
    }

    /// Ends the connector as a crash would, its record apart, and starts another with the same record.
    pub(crate) async fn restart(self, bench: &Bench) -> Result<Self, Failed> {
        self.restart_after(bench, |_| Ok(())).await
    }

    /// As [`Self::restart`], with something happening while nobody is there.
    pub(crate) async fn restart_after(
        self,
        bench: &Bench,
        meanwhile: impl FnOnce(&Simulator) -> Result<(), Failed>,
    ) -> Result<Self, Failed> {
        self.restart_while(bench, async |simulator| meanwhile(simulator)).await
    }

    /// As [`Self::restart_after`], with time going by meanwhile.
    pub(crate) async fn restart_while(
        self,
        bench: &Bench,
        meanwhile: impl AsyncFnOnce(&Simulator) -> Result<(), Failed>,
    ) -> Result<Self, Failed> {
        let journal = Arc::clone(&self.journal);
        let (simulator, setup) = self.crash().await?;
        meanwhile(&simulator).await?;
        Self::open(bench, simulator, setup, RecordAt::Here(journal), Box::new(|_| {})).await
    }

    /// As [`Self::restart`], with the record in another file.
    pub(crate) async fn restart_on(self, bench: &Bench, path: &Path) -> Result<Self, Failed> {
        let (simulator, setup) = self.crash().await?;
        Self::open(bench, simulator, setup, RecordAt::File(path.to_owned()), Box::new(|_| {})).await
    }

    /// Drops the connector, and waits until its sockets are gone.
    async fn crash(self) -> Result<(Simulator, Again), Failed> {
        let Self { simulator, source, connector, setup, .. } = self;
        drop((connector, source));
        let gone = is_gone(|| simulator.connections().is_empty()).await;
        expect(gone, "no socket after a crash", format_args!("{:?}", simulator.connections()))?;
        Ok((simulator, setup))
    }

    /// Waits until all is settled, stops everything, and checks what must hold at the end of every row.
    pub(crate) async fn end(self, bench: &Bench) -> Verdict {
        self.simulator.clear_faults();
        self.settled().await?;
        self.end_unsettled(bench).await
    }

    /// As [`Self::end`], for rows that leave the account as it is.
    pub(crate) async fn end_unsettled(self, bench: &Bench) -> Verdict {
        let stopped = self.stop(bench).await?;
        stopped.simulator.stop().await;
        Ok(Shown::Works)
    }

    /// Stops the connector, and checks what must hold after that. The exchange goes on.
    pub(crate) async fn stop(self, bench: &Bench) -> Result<StoppedDesk, Failed> {
        let Self { simulator, source, connector, witness, story, journal, .. } = self;
        let stopping = Instant::now();
        let stopped = timeout(STOP * 3, connector.stop()).await;
        let stopped = stopped.map_err(|_| Failed::new("a stop within its time", "the connector still runs"))?;
        let took = stopping.elapsed();
        expect(stopped.in_time, "a stop within its time", format_args!("{took:?}"))?;
        let events = story.end(LEAVE).await?;
        check_grammar(&events)?;
        no_hole(events.iter().map(|event| event.number))?;
        witness.end(LEAVE).await?;
        drop(source);
        let no_socket = is_gone(|| simulator.connections().is_empty()).await;
        expect(no_socket, "no socket left open", format_args!("{:?}", simulator.connections()))?;
        placed_once(bench, &simulator)?;
        bench.world_ended();
        Ok(StoppedDesk { simulator, journal, live: stopped.live, took, events })
    }

    /// Stops the connector in order, and starts another with the same record. The events so far come with it.
    pub(crate) async fn start_again(self, bench: &Bench) -> Result<(Self, Vec<Arc<AccountEvent>>), Failed> {
        let setup = self.setup.clone();
        let StoppedDesk { simulator, journal, events, .. } = self.stop(bench).await?;
        let desk = Self::open(bench, simulator, setup, RecordAt::Here(journal), Box::new(|_| {})).await?;
        bench.world_started();
        Ok((desk, events))
    }

    /// Drops the connector without stopping it. The exchange goes on.
    pub(crate) fn drop_connector(self, bench: &Bench) -> Simulator {
        bench.world_ended();
        self.simulator
    }
}

/// What a connector has left that was stopped.
pub(crate) struct StoppedDesk {
    pub(crate) simulator: Simulator,
    pub(crate) journal: Arc<SqliteJournal>,
    /// Own orders that may still be live.
    pub(crate) live: Vec<Order>,
    /// How long it took.
    pub(crate) took: Duration,
    /// All events of the account.
    pub(crate) events: Vec<Arc<AccountEvent>>,
}

/// Checks that no order was sent twice: the one re-signed sending after a refused clock apart.
fn placed_once(bench: &Bench, simulator: &Simulator) -> Result<(), Failed> {
    let (log, clock) = (simulator.requests(), bench.account_wire()?.clock_error());
    let clock = (clock.status, bench.logged(clock.code, None));
    let places = log.records.iter().filter(|record| {
        let places = matches!(record.note.command, Some(OrderCommand::Place | OrderCommand::Replace));
        let refused = (400..500).contains(&record.status) || (record.status, record.code) == clock;
        places && !refused
    });
    let mut ids: Vec<_> = places.filter_map(|record| record.note.client_order_id.as_deref()).collect();
    ids.sort_unstable();
    let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    equal("orders sent twice", Vec::<&str>::new(), twice)
}
