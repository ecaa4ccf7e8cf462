use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tradewire_core::{
    BookState, ClientOrderId, CommandError, Decimal, Error, ErrorKind, ExecutionReport, Order, OrderRequest, Pair,
    Part, Side, Timestamp,
};

use super::dead_man;
use super::in_flight::{Settling, reply_of};
use super::keeper::{Keeper, State, Step};
use crate::{BestOffers, Durability, IdForm, NeededFunds, NewOrder, OrderCheck};

/// An order that is being placed. Awaited, it gives the order as the exchange has accepted it.
///
/// # Cancel safety
/// Not cancel safe: dropped after its first poll, the order may be live. It stays tracked under
/// [`Self::client_order_id`], its outcome unknown until there is evidence. Dropped before it is polled, nothing is sent.
#[must_use = "an order is sent only when this is awaited"]
pub struct Placing {
    client_order_id: Option<ClientOrderId>,
    placing: BoxFuture<'static, Result<Order, CommandError>>,
}

impl Placing {
    /// An order that was refused before it got an id.
    pub(super) fn refused(error: CommandError) -> Self {
        Self { client_order_id: None, placing: std::future::ready(Err(error)).boxed() }
    }

    /// The id under which the order will be known; `None` if it was refused before it got one.
    pub fn client_order_id(&self) -> Option<&ClientOrderId> {
        self.client_order_id.as_ref()
    }
}

impl Future for Placing {
    type Output = Result<Order, CommandError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.placing.poll_unpin(context)
    }
}

impl std::fmt::Debug for Placing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Placing").field("client_order_id", &self.client_order_id).finish_non_exhaustive()
    }
}

/// Checks an order and prepares its placing.
pub(super) fn place(keeper: &Arc<Keeper>, request: OrderRequest) -> Placing {
    match admit(keeper, request) {
        Ok(order) => {
            let client_order_id = Some(order.client_order_id.clone());
            Placing { client_order_id, placing: run(Arc::clone(keeper), Arc::new(order)).boxed() }
        }
        Err(error) => Placing::refused(error),
    }
}

/// The order with an id, if nothing that is known here speaks against it.
pub(super) fn admit(keeper: &Keeper, request: OrderRequest) -> Result<NewOrder, CommandError> {
    let instrument = keeper.instrument(&request.pair);
    let capabilities = keeper.source.market().capabilities();
    let Some(instrument) = instrument else {
        capabilities.check(&request)?;
        return Err(CommandError::NotSent(not_listed(keeper, &request.pair)));
    };
    let not_ready = not_ready(keeper, &request.pair);
    let not_ready = not_ready.as_ref().map(|(part, reason)| (*part, reason.as_str()));
    // An order with a price of its own is judged by that.
    let priceless = request.price.is_none();
    let best = if priceless { best_offers(keeper, &request.pair) } else { BestOffers::default() };
    let mark_price = if priceless { keeper.mark_price(&request.pair) } else { None };
    let position_mode = instrument.contract.as_ref().and_then(|_| keeper.position_mode(&instrument));
    OrderCheck { capabilities, instrument: &instrument, not_ready, best, mark_price, position_mode }.check(&request)?;
    let now = keeper.now();
    let client_order_id = keeper.change(|state| {
        check_funds(keeper, state, &request, best)?;
        match &request.client_order_id {
            Some(given) => state.ids.form().check(given).map(|()| given.clone()),
            None => Ok(state.ids.next(now)),
        }
    })?;
    Ok(NewOrder { request, client_order_id, instrument })
}

/// Refuses an order beyond what the account has, or beyond the budget set for the asset.
fn check_funds(keeper: &Keeper, state: &State, request: &OrderRequest, best: BestOffers) -> Result<(), CommandError> {
    let price = if request.side == Side::Buy { best.ask } else { best.bid };
    let needed = match keeper.contract(Some(&request.pair)) {
        Some(contract) => {
            let symbol = keeper.instrument(&request.pair).map(|instrument| Arc::clone(&instrument.symbol));
            let leverage = symbol.and_then(|symbol| state.settings.leverage(&symbol, request.position_side));
            leverage.and_then(|leverage| NeededFunds::of_contract(request, &contract, leverage, price))
        }
        None => {
            let trading = keeper.source.market().capabilities().trading.as_ref();
            let on_top = trading.is_some_and(|trading| trading.fee_locked_in_quote);
            let fee = if on_top { state.fees.rates(&request.pair).taker } else { Decimal::ZERO };
            NeededFunds::of(request, fee, price)
        }
    };
    let Some(needed) = needed else { return Ok(()) };
    let balance = state.balances.balance(&needed.asset);
    if keeper.config.budgets.contains_key(&needed.asset) {
        needed.check_budget(balance.available)?;
    }
    if keeper.config.check_balance { needed.check(&balance) } else { Ok(()) }
}

fn not_listed(keeper: &Keeper, pair: &Pair) -> Error {
    let text = if keeper.market.readiness.part_ready(Part::Instruments) {
        return Error::new(ErrorKind::UnknownInstrument, "the exchange does not list this pair").with("pair", pair);
    } else {
        "the instruments are not known yet"
    };
    Error::new(ErrorKind::NotReady, text).with("part", Part::Instruments)
}

/// The part without which orders of this pair cannot be sent, with its reason.
fn not_ready(keeper: &Keeper, pair: &Pair) -> Option<(Part, String)> {
    if keeper.market.readiness.all_ready() && !keeper.config.require_valid_book {
        return None;
    }
    let waiting = keeper.market.readiness.waiting();
    let needed = [Part::Clock, Part::Instruments, Part::Account, Part::Journal, Part::Mode];
    let blocks = |part: &Part| *part != Part::Account || !keeper.account_ready_for(pair);
    let missing = needed.into_iter().filter(blocks).find_map(|part| Some((part, waiting.get(&part)?.clone())));
    missing.or_else(|| {
        let book = keeper.market.books.get(pair);
        let valid = book.is_some_and(|book| book.state() == BookState::Live);
        let missing = keeper.config.require_valid_book && !valid;
        missing.then(|| (Part::Books, format!("the book of {pair} is not valid")))
    })
}

fn best_offers(keeper: &Keeper, pair: &Pair) -> BestOffers {
    let Some(book) = keeper.market.books.get(pair) else { return BestOffers::default() };
    let best = |side| book.best(side).ok().map(|best| best.value.price);
    BestOffers { bid: best(Side::Buy), ask: best(Side::Sell) }
}

async fn run(keeper: Arc<Keeper>, order: Arc<NewOrder>) -> Result<Order, CommandError> {
    let order = begin(&keeper, &order).await?.recorded().await?.leaves()?;
    let reply = keeper.source.place(Arc::clone(&order));
    settling(&keeper, &order, reply).await
}

/// Waits for the reply to an order that leaves now, and applies what became of it, whether the caller waits or not.
pub(super) fn settling(keeper: &Arc<Keeper>, order: &NewOrder, reply: Reply) -> Settling<Result<Order, CommandError>> {
    let id = order.client_order_id.clone();
    let settling = settle(Arc::clone(keeper), id.clone(), reply).boxed();
    Settling::new(Arc::clone(keeper), id, settling, dropped)
}

/// Has an order tracked whose id has never been used.
pub(super) async fn begin(keeper: &Arc<Keeper>, order: &Arc<NewOrder>) -> Result<Unsent, CommandError> {
    if order.request.client_order_id.is_some() {
        check_unused(keeper, &order.client_order_id).await?;
    }
    dead_man::arm(keeper, &order.instrument).await?;
    submit(keeper, order)
}

/// An id of the caller's must never have been used.
async fn check_unused(keeper: &Keeper, id: &ClientOrderId) -> Result<(), CommandError> {
    let journal = &keeper.config.journal;
    let found = match journal.durability() {
        // Its calls take microseconds.
        Durability::Process => journal.find_by_client_id(id),
        Durability::Power => {
            let interrupted = |_| Error::new(ErrorKind::Journal, "reading the journal was interrupted");
            let (journal, wanted) = (Arc::clone(journal), id.clone());
            let asked = tokio::task::spawn_blocking(move || journal.find_by_client_id(&wanted)).await;
            asked.map_err(interrupted).and_then(|found| found)
        }
    };
    match found {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(IdForm::used_before(id)),
        Err(error) => Err(CommandError::NotSent(error)),
    }
}

/// Has an order tracked; it is recorded and told before it is sent.
pub(super) fn submit(keeper: &Arc<Keeper>, order: &Arc<NewOrder>) -> Result<Unsent, CommandError> {
    let (submitted, number) = keeper.step(|state, step, now| {
        if state.stopping {
            return Err(stopping());
        }
        let effects = state.orders.submit(order, now)?;
        keeper.absorb(state, step, effects, now);
        state.record_ids(step);
        Ok(())
    });
    submitted.map_err(CommandError::NotSent)?;
    Ok(Unsent { keeper: Arc::clone(keeper), order: Arc::clone(order), number, over: false })
}

fn stopping() -> Error {
    Error::new(ErrorKind::NotReady, "the connector is stopping")
}

/// An order that is tracked, and of which nothing was sent. Dropped, it ends as proved unsent.
pub(super) struct Unsent {
    keeper: Arc<Keeper>,
    order: Arc<NewOrder>,
    number: u64,
    /// Whether that is over: it has ended, or leaves.
    over: bool,
}

impl Unsent {
    /// Waits until the order is recorded.
    pub(super) async fn recorded(mut self) -> Result<Recorded, CommandError> {
        match self.keeper.outbox.written(self.number).await {
            Ok(()) => Ok(Recorded(self)),
            Err(error) => Err(self.end(error)),
        }
    }

    fn end(&mut self, error: Error) -> CommandError {
        let refused = CommandError::NotSent(error);
        self.over = true;
        placed(&self.keeper, &self.order.client_order_id, Err(refused.clone()));
        refused
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        if !self.over {
            drop(self.end(Error::new(ErrorKind::NotReady, "the caller dropped the order before it was sent")));
        }
    }
}

/// An order that may be sent, and is not yet.
pub(super) struct Recorded(Unsent);

impl Recorded {
    /// The order, of which something may have been sent from here on.
    ///
    /// # Errors
    /// `NotSent(NotReady)` if the connector has begun to stop since the order was checked.
    pub(super) fn leaves(mut self) -> Result<Arc<NewOrder>, CommandError> {
        if self.0.keeper.look(|state| state.stopping) {
            return Err(self.0.end(stopping()));
        }
        self.0.over = true;
        Ok(Arc::clone(&self.0.order))
    }

    /// As [`Self::leaves`], if `also` is done, in the same step of the account.
    ///
    /// # Errors
    /// Those of `also` too, as `NotSent`.
    pub(super) fn leaves_if(
        mut self,
        also: impl FnOnce(&mut State, &mut Step, Timestamp) -> Result<(), Error>,
    ) -> Result<Arc<NewOrder>, CommandError> {
        let done = self.0.keeper.note_later(
            |state, step, now| {
                if state.stopping { Err(stopping()) } else { also(state, step, now) }
            },
        );
        done.map_err(|error| self.0.end(error))?;
        self.0.over = true;
        Ok(Arc::clone(&self.0.order))
    }
}

/// What answers the command that places an order.
pub(super) type Reply = BoxFuture<'static, Result<ExecutionReport, CommandError>>;

async fn settle(keeper: Arc<Keeper>, id: ClientOrderId, reply: Reply) -> Result<Order, CommandError> {
    let (late_keeper, late_id) = (Arc::clone(&keeper), id.clone());
    let late = move |outcome: Result<ExecutionReport, CommandError>| {
        if outcome.as_ref().err().is_none_or(|error| !error.is_unknown()) {
            placed(&late_keeper, &late_id, outcome);
        }
    };
    let outcome = of_order(&keeper, &id, reply_of(&keeper, &id, reply, late).await);
    let refused = outcome.as_ref().err().cloned();
    if outcome.as_ref().is_err_and(|error| error.error().kind() == ErrorKind::FilterFailure) {
        keeper.market.rules_doubted.notify_one();
    }
    let order = placed(&keeper, &id, outcome);
    match (refused, order) {
        (Some(error), _) => Err(error),
        (None, Some(order)) => Ok(order),
        (None, None) => Err(CommandError::Unknown {
            client_order_id: id,
            cause: Error::new(ErrorKind::NotFound, "the order is not tracked any longer"),
        }),
    }
}

/// What became of a new order, with which order it is where that was no success. An id that is in use already says that
/// a copy of the order has landed: it may be live.
pub(super) fn of_order<T>(
    keeper: &Keeper,
    id: &ClientOrderId,
    outcome: Result<T, CommandError>,
) -> Result<T, CommandError> {
    let pair = || keeper.look(|state| state.orders.by_client_id(id).and_then(|record| record.order.pair.clone()));
    let with_order = |error: Error| match pair() {
        Some(pair) => error.with("pair", pair).with("client_order_id", id),
        None => error.with("client_order_id", id),
    };
    outcome.map_err(|error| match error {
        CommandError::Rejected(error) if error.kind() == ErrorKind::Duplicate => {
            CommandError::Unknown { client_order_id: id.clone(), cause: with_order(error) }
        }
        CommandError::Rejected(error) => CommandError::Rejected(with_order(error)),
        CommandError::NotSent(error) => CommandError::NotSent(with_order(error)),
        CommandError::Unknown { client_order_id, cause } => {
            CommandError::Unknown { client_order_id, cause: with_order(cause) }
        }
    })
}

/// Applies what became of a new order.
pub(super) fn placed(
    keeper: &Keeper,
    id: &ClientOrderId,
    outcome: Result<ExecutionReport, CommandError>,
) -> Option<Order> {
    keeper.note_later(|state, step, now| {
        if outcome.as_ref().is_err_and(|error| error.is_unknown()) {
            // The last byte left before now.
            let effects = state.orders.sent(id, now);
            keeper.absorb(state, step, effects, now);
        }
        let effects = state.orders.placed(id, outcome, now);
        keeper.absorb(state, step, effects, now);
        state.orders.by_client_id(id).map(|record| record.order.clone())
    })
}

pub(super) fn dropped(keeper: &Keeper, id: &ClientOrderId) {
    keeper.note(|state, step, now| {
        let sent = state.orders.sent(id, now);
        keeper.absorb(state, step, sent, now);
        let effects = state.orders.place_dropped(id, now);
        keeper.absorb(state, step, effects, now);
    });
}
