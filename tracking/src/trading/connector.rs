use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tradewire_core::{
    Amendment, Asset, Balance, ClientOrderId, CommandError, Error, ErrorKind, ExchangeOrderId, FeeRates, Fill, Order,
    OrderRequest, Pair, Part, TradingCapabilities,
};

use super::cancel::{self, CancelResult};
use super::config::TradingConfig;
use super::dead_man;
use super::events::ConnectorEvents;
use super::feed::{AccountEvents, AccountFeed};
use super::history::read_open_orders;
use super::in_flight::{Settling, reply_of};
use super::keeper::{Keeper, State};
use super::outbox::Outbox;
use super::perpetual::POSITIONS_KNOWN;
use super::place::{self, Placing};
use super::place_all;
use super::replace;
use super::supervisor::{Command, LEFTOVERS_MAX, Supervisor};
use super::window::Windows;
use crate::readiness::ACCOUNT_PARTS;
use crate::{
    AccountSettings, AccountSource, BalanceMode, Balances, BookReader, ClientOrderIds, FeeSchedule, FundingPayments,
    IdForm, MarketConfig, MarketData, MarketSource, Orders, OrdersSettings, Positions, SavedOrder,
};

/// How long the caller of [`Connector::cancel_all`] waits at most.
const CANCEL_ALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a stop may take, cancels of own orders apart.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the exchange's own cancel-all is repeated until nothing is open.
const CLEAR_TRIES: usize = 10;

/// One exchange: its market, and an account on it.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use tradewire_core::{OrderRequest, Side};
/// # use tradewire_tracking::{AccountSource, Connector, Journal, MarketConfig, TradingConfig};
/// # async fn run(source: Arc<dyn AccountSource>, journal: Arc<dyn Journal>) -> Result<(), Box<dyn std::error::Error>> {
/// let pair = "BTC-USDT".parse()?;
/// let connector = Connector::start(source, MarketConfig::default(), TradingConfig::new(journal), [pair])?;
/// connector.ready().await?;
/// let order = OrderRequest::limit("BTC-USDT".parse()?, Side::Buy, "0.01".parse()?, "60000".parse()?);
/// let order = connector.place(order).await?;
/// connector.cancel(&order.client_order_id).await?;
/// connector.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Connector {
    market: MarketData,
    account: Option<Account>,
}

struct Account {
    keeper: Arc<Keeper>,
    commands: mpsc::Sender<Command>,
    supervisor: JoinHandle<()>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("account", &self.keeper.source.account()).finish_non_exhaustive()
    }
}

/// What a stop has left.
#[derive(Clone, Debug, Default)]
pub struct Stopped {
    /// Own orders that may still be live at the exchange.
    pub live: Vec<Order>,
    /// Whether everything ended within its time.
    pub in_time: bool,
}

impl Connector {
    /// Begins to follow `pairs` and the account. Returns at once, also while the exchange is down: it keeps trying.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `Journal` if the journal cannot be read, or is of another account; `Config` for an id prefix that the exchange does not take,
    /// or a dead-man switch of less than 5 s; `Unsupported` for such a switch where the exchange has none.
    pub fn start(
        source: Arc<dyn AccountSource>,
        market: MarketConfig,
        config: TradingConfig,
        pairs: impl IntoIterator<Item = Pair>,
    ) -> Result<Self, Error> {
        let pairs: Vec<Pair> = pairs.into_iter().collect();
        let capabilities = source.market().capabilities();
        let Some(trading) = capabilities.trading.as_ref().filter(|_| capabilities.can_trade()) else {
            let text = format!("{} is for market data only", capabilities.exchange);
            return Err(Error::new(ErrorKind::Unsupported, text).with("missing", capabilities.missing.0.join(", ")));
        };
        check_owner(&source, &config)?;
        dead_man::check(&config, capabilities)?;
        let saved = config.journal.load()?;
        let clock = source.market().server_clock().local();
        let now = clock.now();
        let recorded =
            saved.facts.iter().find(|(name, _)| name == ClientOrderIds::fact_name()).map(|(_, value)| value.as_str());
        let ids = ClientOrderIds::start(IdForm::new(&config.id_prefix, trading)?, recorded, seed())?;
        let mut fees = FeeSchedule::new(source.default_fees());
        pairs.iter().for_each(|pair| fees.follow(pair, now));
        let mut balances = Balances::new(BalanceMode::of(capabilities), saved.balances.clone());
        for (asset, amount) in &config.budgets {
            balances.set_budget(asset, *amount);
        }
        let windows = Windows::restore(&saved.facts, source.market().server_clock().now());
        let positions_known = saved.facts.iter().any(|(name, _)| name == POSITIONS_KNOWN);
        let positions = Positions::restore(saved.positions.clone(), positions_known);
        let settings_known = AccountSettings::restore(saved.settings.clone());
        let payments = FundingPayments::restore(saved.payments.clone(), &saved.facts);
        let settings = OrdersSettings { default_fees: source.default_fees(), seed: seed() };
        let last_event = saved.last_event;
        let lapses = dead_man::lapses(&saved.facts);
        let (orders, effects) = Orders::restore(settings, saved, now);
        let mode_part: &[Part] = if capabilities.perpetual.is_some() { &[Part::Mode] } else { &[] };
        let parts = [&ACCOUNT_PARTS, mode_part].concat();
        let market = MarketData::start_with(Arc::clone(source.market()), market, pairs, &parts);
        let shared = market.shared();
        let feed = AccountFeed::after(last_event, Arc::clone(&config.journal));
        let outbox = Outbox::new(
            last_event,
            Arc::clone(&config.journal),
            feed.clone(),
            shared.readiness.clone(),
            shared.problems.clone(),
        );
        let mut state = State::new(orders, balances, fees, ids, windows);
        (state.positions, state.settings, state.payments) = (positions, settings_known, payments);
        state.expected_mode = config.position_mode;
        lapses.into_iter().for_each(|(symbol, at)| state.orders.dead_man_switch(&symbol, Some(at)));
        let (leave, leftovers) = mpsc::channel(LEFTOVERS_MAX);
        let keeper = Arc::new(Keeper::new(source, shared, config, outbox, feed, state, leave));
        keeper.note(|state, step, now| {
            let State { orders, balances, fees, settings, .. } = &mut *state;
            for record in orders.live() {
                balances.order_changed(now, record.number, &record.order, || {
                    keeper.lock_formula(fees.default_rates(), settings, &record.order)
                });
            }
            keeper.absorb(state, step, effects, now);
            state.record_ids(step);
        });
        keeper.market.readiness.ready(Part::Journal);
        let (commands, received) = mpsc::channel(1);
        let supervisor = tokio::spawn(Supervisor::new(Arc::clone(&keeper), leftovers).run(received));
        Ok(Self { market, account: Some(Account { keeper, commands, supervisor }) })
    }

    /// Follows the market alone: there are no credentials. Trading calls answer `NotSent(Config)`.
    pub fn market_only(
        source: Arc<dyn MarketSource>,
        config: MarketConfig,
        pairs: impl IntoIterator<Item = Pair>,
    ) -> Self {
        Self { market: MarketData::start(source, config, pairs), account: None }
    }

    /// The market side: books, instruments, pairs to add and to remove.
    pub fn market(&self) -> &MarketData {
        &self.market
    }

    /// The book of a pair that is followed.
    pub fn book(&self, pair: &Pair) -> Option<BookReader> {
        self.market.book(pair)
    }

    /// Waits until every part is ready; with an account, until it is reconciled.
    ///
    /// # Errors
    /// What no waiting mends: an unknown pair, credentials that are refused.
    /// # Cancel safety
    /// Cancel safe.
    pub async fn ready(&self) -> Result<(), Error> {
        self.market.ready().await
    }

    /// The parts that are not ready, with their reasons; empty once everything is.
    pub fn waiting(&self) -> BTreeMap<Part, String> {
        self.market.waiting()
    }

    /// A new reader of everything that happens from now on.
    pub fn events(&self) -> ConnectorEvents {
        let account = self.account.as_ref().map(|account| account.keeper.feed.read_on());
        ConnectorEvents::new(self.market.events(), account)
    }

    /// A reader of what happened to the account after event number `after`: a program that goes on after a restart misses
    /// nothing and sees nothing twice. 0 reads everything that the journal holds.
    ///
    /// # Errors
    /// `Config` without an account.
    pub fn account_events(&self, after: u64) -> Result<AccountEvents, Error> {
        Ok(self.keeper()?.feed.read_after(after))
    }

    /// Checks, records and sends a new order. Nothing of it is rounded. The order is returned once the exchange has
    /// accepted it; fills arrive as events.
    ///
    /// ```no_run
    /// # async fn place(connector: &tradewire_tracking::Connector, request: tradewire_core::OrderRequest) {
    /// match connector.place(request).await {
    ///     Ok(order) => println!("{} is {:?}", order.client_order_id, order.state),
    ///     Err(error) if error.is_unknown() => println!("tracked until there is evidence: {error}"),
    ///     Err(error) => println!("nothing is live: {error}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`CommandError`]. Only after `NotSent` is it safe to send the order again.
    /// # Cancel safety
    /// See [`Placing`].
    /// # Rate limit
    /// Takes request weight and one order slot; waits up to 2 s for both.
    pub fn place(&self, order: OrderRequest) -> Placing {
        match self.keeper() {
            Ok(keeper) => place::place(keeper, order),
            Err(error) => Placing::refused(CommandError::NotSent(error)),
        }
    }

    /// Places several orders at once; one result for each, in their order. They go in as few commands as the exchange takes
    /// them in ([`TradingCapabilities::batch`](tradewire_core::TradingCapabilities::batch)), else in one each.
    ///
    /// # Cancel safety
    /// As [`Connector::place`], for each.
    /// # Rate limit
    /// One order slot each.
    pub async fn place_all(&self, orders: impl IntoIterator<Item = OrderRequest>) -> Vec<Result<Order, CommandError>> {
        let orders: Vec<OrderRequest> = orders.into_iter().collect();
        match self.keeper() {
            Ok(keeper) => place_all::place_all(keeper, orders).await,
            Err(error) => orders.iter().map(|_| Err(CommandError::NotSent(error.clone()))).collect(),
        }
    }

    /// Cancels an own order. The answer is given when it has ended, or when it is certain that it has not.
    ///
    /// # Errors
    /// `Rejected(AlreadyClosed)` if it had ended in another way; `NotSent(NotFound)` if no such order is tracked; `Unknown`
    /// if nothing was learnt in time: the cancel is not given up then.
    /// # Cancel safety
    /// Cancel safe: once polled, the cancel goes on.
    pub async fn cancel(&self, id: &ClientOrderId) -> Result<Order, CommandError> {
        cancel::cancel(self.keeper().map_err(CommandError::NotSent)?, id).await
    }

    /// Cancels these orders at once; one result for each, after 10 s at most.
    ///
    /// # Errors
    /// `Config` without an account.
    /// # Cancel safety
    /// Cancel safe: cancels that were sent go on.
    pub async fn cancel_each(&self, ids: Vec<ClientOrderId>) -> Result<Vec<(ClientOrderId, CancelResult)>, Error> {
        Ok(cancel::cancel_each(self.keeper()?, ids, CANCEL_ALL_TIMEOUT).await)
    }

    /// Cancels all own live orders, of one pair or of all. Orders of others are left alone. One result for each, after 10 s
    /// at most.
    ///
    /// # Errors
    /// `Config` without an account.
    /// # Cancel safety
    /// Cancel safe: cancels that were sent go on.
    pub async fn cancel_all(&self, pair: Option<&Pair>) -> Result<Vec<(ClientOrderId, CancelResult)>, Error> {
        let wanted = |order: &Order| pair.is_none_or(|pair| order.pair.as_ref() == Some(pair));
        let own = self.orders().into_iter().filter(wanted).map(|order| order.client_order_id).collect();
        self.cancel_each(own).await
    }

    /// Cancels every order on a pair, also those of others, by the exchange's own command, until none is open.
    ///
    /// # Errors
    /// `NotSent(Unsupported)` where the exchange has no such command; `NotSent` or `Rejected` if nothing came of it; `Unknown`
    /// if orders are open still, or may be.
    /// # Cancel safety
    /// Not cancel safe: a command that was sent may take effect; what it ended is told by events.
    /// # Rate limit
    /// Takes request weight for each command and for each reading of what is open, at most 10 times.
    pub async fn clear(&self, pair: &Pair) -> Result<(), CommandError> {
        let keeper = self.keeper().map_err(CommandError::NotSent)?;
        check_offered(keeper, "cancel_all", |trading| trading.cancel_all)?;
        let unlisted =
            || Error::new(ErrorKind::UnknownInstrument, "the exchange does not list this pair").with("pair", pair);
        let instrument = keeper.instrument(pair).ok_or_else(|| CommandError::NotSent(unlisted()))?;
        let mut cause = Error::new(ErrorKind::Exchange, "orders are still open");
        for attempt in 0..CLEAR_TRIES {
            match keeper.source.cancel_all(Arc::clone(&instrument)).await {
                Ok(reports) => reports.into_iter().for_each(|report| {
                    keeper.note(|state, step, now| {
                        let effects = state.orders.report(report, tradewire_core::Source::Reply, now);
                        keeper.absorb(state, step, effects, now);
                    });
                }),
                Err(error) if attempt == 0 && !error.is_unknown() => return Err(error),
                Err(error) => cause = error.error().clone(),
            }
            match read_open_orders(&*keeper.source, Some(&instrument)).await {
                Ok(open) if open.is_empty() => return Ok(()),
                Ok(_) => {}
                Err(error) => cause = error,
            }
        }
        let cause = cause.with("pair", pair);
        Err(CommandError::Unknown { client_order_id: ClientOrderId::from(""), cause })
    }

    /// Changes an own order; it keeps its place in the queue where the exchange can do that.
    ///
    /// # Errors
    /// `NotSent(Unsupported)` where the exchange cannot; else as [`Connector::place`].
    /// # Cancel safety
    /// Not cancel safe: the change goes on, its outcome comes as an event.
    pub async fn amend(&self, id: &ClientOrderId, amendment: Amendment) -> Result<Order, CommandError> {
        let keeper = Arc::clone(self.keeper().map_err(CommandError::NotSent)?);
        self.check_amendment(amendment)?;
        let order = tracked(&keeper, id)?;
        let target = keeper.target_of(&order).ok_or_else(|| not_found(id))?;
        keeper.change_now(|state, now| state.orders.amend(id, amendment, now)).map_err(CommandError::NotSent)?;
        let (settling_keeper, settling_id) = (Arc::clone(&keeper), id.clone());
        let settling = async move {
            let reply = settling_keeper.source.amend(Arc::new(target), amendment);
            let outcome = reply_of(&settling_keeper, &settling_id, reply, |_| {}).await;
            let refused = outcome.as_ref().err().cloned();
            settling_keeper.note_later(|state, step, now| {
                let effects = state.orders.amended(&settling_id, outcome, now);
                settling_keeper.absorb(state, step, effects, now);
            });
            match refused {
                Some(error) => Err(error),
                None => tracked(&settling_keeper, &settling_id),
            }
        };
        Settling::new(keeper, id.clone(), settling.boxed(), |_, _| {}).await
    }

    /// Refuses, before anything is sent, a change that this exchange does not offer.
    fn check_amendment(&self, amendment: Amendment) -> Result<(), CommandError> {
        let trading = self.keeper().map_err(CommandError::NotSent)?.source.market().capabilities().trading.as_ref();
        let offers = |of: fn(&TradingCapabilities) -> bool| trading.is_some_and(of);
        let refused = [
            ("quantity", amendment.quantity.is_some() && !offers(|trading| trading.amend_quantity)),
            ("price", amendment.price.is_some() && !offers(|trading| trading.amend_price)),
            ("amendment", amendment == Amendment::default()),
        ];
        match refused.into_iter().find(|(_, refused)| *refused) {
            Some((field, _)) => Err(CommandError::NotSent(
                Error::new(ErrorKind::Unsupported, "this exchange does not offer this change").with("field", field),
            )),
            None => Ok(()),
        }
    }

    /// Cancels an own order and places another on the same pair, in one command of the exchange. If the cancel fails, nothing
    /// is placed.
    ///
    /// # Errors
    /// `NotSent(Unsupported)` where the exchange has no such command; `NotSent(StateConflict)` if the old order has ended or is
    /// being cancelled. Else the outcome of the new order; what became of the old one is told by its events.
    /// # Cancel safety
    /// Not cancel safe: dropped while the new order is being recorded, nothing is sent and the old order stays as it was; dropped
    /// later, both go on.
    pub async fn replace(&self, id: &ClientOrderId, by: OrderRequest) -> Result<Order, CommandError> {
        let keeper = self.keeper().map_err(CommandError::NotSent)?;
        check_offered(keeper, "cancel_replace", |trading| trading.cancel_replace)?;
        replace::replace(keeper, id, by).await
    }

    /// Treats an order of somebody else on the account as own from now on.
    ///
    /// # Errors
    /// `NotFound` if no such order is tracked.
    pub fn adopt(&self, pair: &Pair, id: &ExchangeOrderId) -> Result<(), Error> {
        let keeper = self.keeper()?;
        let unlisted =
            || Error::new(ErrorKind::UnknownInstrument, "the exchange does not list this pair").with("pair", pair);
        let instrument = keeper.instrument(pair).ok_or_else(unlisted)?;
        keeper.note(|state, step, now| {
            let effects = state.orders.adopt(&instrument.symbol, id, now)?;
            keeper.absorb(state, step, effects, now);
            Ok(())
        })
    }

    /// An order by our id: live, or ended and in memory or in the journal.
    ///
    /// # Errors
    /// `Journal` if the journal cannot be read.
    pub async fn order(&self, id: &ClientOrderId) -> Result<Option<Order>, Error> {
        Ok(self.saved(id).await?.map(|saved| saved.record.order))
    }

    /// The fills of an order, oldest first.
    ///
    /// # Errors
    /// `Journal` if the journal cannot be read.
    pub async fn fills(&self, id: &ClientOrderId) -> Result<Vec<Fill>, Error> {
        Ok(self.saved(id).await?.map(|saved| saved.fills).unwrap_or_default())
    }

    async fn saved(&self, id: &ClientOrderId) -> Result<Option<SavedOrder>, Error> {
        let keeper = self.keeper()?;
        let known = keeper.look(|state| {
            let record = state.orders.by_client_id(id)?.clone();
            let fills = state.orders.fills_of(record.number).cloned().collect();
            Some(SavedOrder { record, fills })
        });
        if known.is_some() {
            return Ok(known);
        }
        let (journal, id) = (Arc::clone(&keeper.config.journal), id.clone());
        let found = tokio::task::spawn_blocking(move || journal.find_by_client_id(&id)).await;
        found.map_err(|_| Error::new(ErrorKind::Journal, "reading the journal was interrupted"))?
    }

    /// Own live orders.
    pub fn orders(&self) -> Vec<Order> {
        let Ok(keeper) = self.keeper() else { return Vec::new() };
        keeper.look(|state| state.orders.own_live().map(|record| record.order.clone()).collect())
    }

    /// All live orders of the account, those of others included.
    pub fn account_orders(&self) -> Vec<Order> {
        let Ok(keeper) = self.keeper() else { return Vec::new() };
        keeper.look(|state| state.orders.live().map(|record| record.order.clone()).collect())
    }

    /// What the account has of each asset.
    pub fn balances(&self) -> BTreeMap<Asset, Balance> {
        self.keeper().map(|keeper| keeper.balances()).unwrap_or_default()
    }

    /// What the account has of one asset; zero if nothing is known of it.
    ///
    /// # Errors
    /// `Config` without an account.
    pub fn balance(&self, asset: &Asset) -> Result<Balance, Error> {
        Ok(self.keeper()?.look(|state| state.balances.balance(asset)))
    }

    /// The account's commission on a pair; the exchange's default until it is known.
    ///
    /// # Errors
    /// `Config` without an account.
    pub fn fees(&self, pair: &Pair) -> Result<FeeRates, Error> {
        Ok(self.keeper()?.look(|state| state.fees.rates(pair)))
    }

    /// Ends in order: no new orders, own ones cancelled if configured so, sockets closed, everything recorded, every task
    /// joined.
    pub async fn stop(self) -> Stopped {
        let Self { market, account } = self;
        let mut stopped = Stopped { live: Vec::new(), in_time: true };
        if let Some(Account { keeper, commands, mut supervisor }) = account {
            let limit = STOP_TIMEOUT
                + match keeper.config.on_stop {
                    super::OnStop::Leave => Duration::ZERO,
                    super::OnStop::Cancel => super::supervisor::STOP_CANCEL,
                };
            // A supervisor that is gone need not be told.
            drop(commands.send(Command::Stop).await);
            if timeout(limit, &mut supervisor).await.is_err() {
                stopped.in_time = false;
                supervisor.abort();
                drop(supervisor.await);
            }
            stopped.live = keeper.look(|state| state.orders.own_live().map(|record| record.order.clone()).collect());
        }
        market.close().await;
        stopped
    }

    pub(super) fn keeper(&self) -> Result<&Arc<Keeper>, Error> {
        let missing = || Error::new(ErrorKind::Config, "there are no credentials for this account");
        self.account.as_ref().map(|account| &account.keeper).ok_or_else(missing)
    }
}

/// Refuses, before anything is sent, a command that this exchange does not have.
fn check_offered(
    keeper: &Keeper,
    field: &'static str,
    offers: fn(&TradingCapabilities) -> bool,
) -> Result<(), CommandError> {
    if keeper.source.market().capabilities().trading.as_ref().is_some_and(offers) {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Unsupported, "this exchange has no such command").with("field", field);
    Err(CommandError::NotSent(error))
}

pub(super) fn tracked(keeper: &Keeper, id: &ClientOrderId) -> Result<Order, CommandError> {
    keeper.look(|state| state.orders.by_client_id(id).map(|record| record.order.clone())).ok_or_else(|| not_found(id))
}

pub(super) fn not_found(id: &ClientOrderId) -> CommandError {
    CommandError::NotSent(Error::new(ErrorKind::NotFound, "no such order is tracked").with("client_order_id", id))
}

/// Refuses the record of another account.
fn check_owner(source: &Arc<dyn AccountSource>, config: &TradingConfig) -> Result<(), Error> {
    match config.journal.account() {
        Some(owner) if owner != source.account() => {
            let error = Error::new(ErrorKind::Journal, "the journal is of another account");
            Err(error.with("journal", owner).with("account", source.account()))
        }
        _ => Ok(()),
    }
}

/// A number that differs from one start to the next.
fn seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
