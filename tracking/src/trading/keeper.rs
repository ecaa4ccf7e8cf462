use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, oneshot};
use tradewire_core::{
    AccountChange, Amount, Asset, Balance, BalanceUpdate, ClientOrderId, Decimal, Error, ErrorKind, ExecutionReport,
    FeeRates, FundingPayment, Instrument, Order, Pair, Part, Position, PositionMode, Price, PrivateMessage,
    ReportedStatus, Source, Timestamp,
};

use super::config::TradingConfig;
use super::dead_man::DeadMan;
use super::feed::AccountFeed;
use super::outbox::Outbox;
use super::supervisor::TICK;
use super::window::Windows;
use crate::market::Shared;
use crate::readiness::Line;
use crate::{
    AccountSettings, AccountSource, Balances, CancelAnswer, CancelOutcome, ClientOrderIds, CountedFill, Effects,
    FeeSchedule, FundingPayments, LockFormula, Orders, Positions, Record, Setting, Stranger, Subject, Target,
};

/// Messages of the private stream that wait for a reconciliation at most; it is as good to fetch what they tell.
pub(super) const HELD_BACK_MAX: usize = 10_000;

/// Futures that go on without the caller who started them.
pub(super) type Leftover = BoxFuture<'static, ()>;

/// The account as one state: whatever is learnt of it, from wherever, goes through [`Keeper::step`], in one order.
pub(super) struct Keeper {
    pub(super) source: Arc<dyn AccountSource>,
    pub(super) market: Arc<Shared>,
    pub(super) config: TradingConfig,
    pub(super) outbox: Outbox,
    pub(super) feed: AccountFeed,
    /// `None` where no switch is wanted.
    pub(super) dead_man: Option<DeadMan>,
    /// Wakes the supervisor: something is to be asked sooner than it knows.
    pub(super) wake: Notify,
    state: Mutex<State>,
    leftovers: mpsc::Sender<Leftover>,
}

/// What is kept of the account.
pub(super) struct State {
    pub(super) orders: Orders,
    pub(super) balances: Balances,
    pub(super) fees: FeeSchedule,
    pub(super) ids: ClientOrderIds,
    pub(super) windows: Windows,
    pub(super) positions: Positions,
    pub(super) settings: AccountSettings,
    pub(super) payments: FundingPayments,
    /// The position mode without which no order is sent; `None` takes any.
    pub(super) expected_mode: Option<PositionMode>,
    /// Messages of the private stream that wait until the time it was down is reconciled.
    pub(super) held_back: Option<Vec<(PrivateMessage, Timestamp)>>,
    /// Whether the private stream is connected.
    pub(super) connected: bool,
    /// How many holes it has had: times of which it did not tell everything.
    pub(super) holes: u64,
    /// Whether the private stream is given up because it kept silent about something.
    pub(super) distrusted: bool,
    /// When the private stream was last found to have kept silent.
    pub(super) contradicted: Option<Timestamp>,
    /// Callers who wait for the cancel of an order.
    waiters: HashMap<ClientOrderId, Vec<oneshot::Sender<CancelOutcome>>>,
    /// When the supervisor looks for something to ask.
    next_look: Option<Timestamp>,
    /// Whether nothing has been reconciled since this process began.
    pub(super) restarted: bool,
    /// Whether no order is sent any longer.
    pub(super) stopping: bool,
}

impl State {
    pub(super) fn new(
        orders: Orders,
        balances: Balances,
        fees: FeeSchedule,
        ids: ClientOrderIds,
        windows: Windows,
    ) -> Self {
        Self {
            orders,
            balances,
            fees,
            ids,
            windows,
            positions: Positions::default(),
            settings: AccountSettings::default(),
            payments: FundingPayments::default(),
            expected_mode: None,
            held_back: Some(Vec::new()),
            connected: false,
            holes: 0,
            distrusted: false,
            contradicted: None,
            waiters: HashMap::new(),
            next_look: None,
            restarted: true,
            stopping: false,
        }
    }
}

impl State {
    /// Whether the private stream is up, caught up, and not known to have kept silent about anything.
    pub(super) fn stream_is_whole(&self) -> bool {
        self.connected && self.held_back.is_none() && !self.distrusted
    }

    /// Has recorded which client order ids may be in use, if that is not known yet.
    ///
    /// That counts as written at once: nothing leaves before its own record is written, and records are written in their order.
    pub(super) fn record_ids(&mut self, step: &mut Step) {
        if let Some(fact) = self.ids.fact() {
            self.ids.written(&fact.1);
            step.fact(fact);
        }
    }
}

/// What a step of the account changes besides its orders.
#[derive(Default)]
pub(super) struct Step {
    told: Vec<(Option<Timestamp>, AccountChange)>,
    record: Record,
}

impl Step {
    /// Something is told.
    pub(super) fn tell(&mut self, time: Option<Timestamp>, change: AccountChange) {
        self.told.push((time, change));
    }

    /// A funding payment is told and recorded.
    pub(super) fn pay(&mut self, payment: FundingPayment) {
        self.tell(Some(payment.time), AccountChange::FundingPayment(Box::new(payment.clone())));
        self.record.payments.push(payment);
    }

    /// A setting is recorded.
    pub(super) fn record_setting(&mut self, setting: Setting) {
        self.record.settings.push(setting);
    }

    /// A position is recorded.
    pub(super) fn record_position(&mut self, position: Position) {
        self.record.positions.push(position);
    }

    /// A fact is recorded.
    pub(super) fn fact(&mut self, fact: (String, String)) {
        self.record.facts.push(fact);
    }
}

impl Keeper {
    pub(super) fn new(
        source: Arc<dyn AccountSource>,
        market: Arc<Shared>,
        config: TradingConfig,
        outbox: Outbox,
        feed: AccountFeed,
        state: State,
        leftovers: mpsc::Sender<Leftover>,
    ) -> Self {
        let dead_man = config.dead_man_switch.map(DeadMan::new);
        Self {
            source,
            market,
            config,
            outbox,
            feed,
            dead_man,
            wake: Notify::new(),
            state: Mutex::new(state),
            leftovers,
        }
    }

    pub(super) fn exchange(&self) -> &'static str {
        self.source.market().capabilities().exchange
    }

    /// Our clock.
    pub(super) fn now(&self) -> Timestamp {
        self.market.clock.now()
    }

    /// The exchange's clock.
    pub(super) fn exchange_now(&self) -> Timestamp {
        self.source.market().server_clock().now()
    }

    /// Looks at the state.
    pub(super) fn look<T>(&self, at: impl FnOnce(&State) -> T) -> T {
        at(&self.state.lock())
    }

    /// Changes the state, and hands in what has changed before anybody else can change it. Returns the number of the record
    /// for [`Outbox::written`].
    pub(super) fn step<T>(&self, change: impl FnOnce(&mut State, &mut Step, Timestamp) -> T) -> (T, u64) {
        let now = self.now();
        let mut state = self.state.lock();
        let mut step = Step::default();
        let answer = change(&mut state, &mut step, now);
        let other_mode = self.hand_in_contracts(&mut state, &mut step);
        let number = self.hand_in(&mut state, step, now);
        let next = next_look(&mut state);
        // What is due later than its next look the supervisor finds by itself: an order that leaves need not wait for it.
        let due_before = state.next_look.map_or(now.after(TICK), |known| known.min(now.after(TICK)));
        if next.is_some_and(|next| next < due_before) {
            state.next_look = next;
            self.wake.notify_one();
        }
        drop(state);
        if other_mode {
            self.judge_mode();
        }
        (answer, number)
    }

    /// Changes what nobody is told of.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock())
    }

    /// As [`Self::change`], with the time.
    pub(super) fn change_now<T>(&self, change: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let now = self.now();
        change(&mut self.state.lock(), now)
    }

    /// As [`Self::step`], for what nobody waits for.
    pub(super) fn note<T>(&self, change: impl FnOnce(&mut State, &mut Step, Timestamp) -> T) -> T {
        let (answer, _) = self.step(change);
        self.outbox.write_soon();
        answer
    }

    /// As [`Self::note`], for what need not be on record before its caller goes on: it is written with what comes next, or by
    /// the supervisor.
    pub(super) fn note_later<T>(&self, change: impl FnOnce(&mut State, &mut Step, Timestamp) -> T) -> T {
        let (answer, _) = self.step(change);
        self.outbox.write_later();
        answer
    }

    fn hand_in(&self, state: &mut State, mut step: Step, now: Timestamp) -> u64 {
        for change in state.balances.changes() {
            if let AccountChange::Balance { balance, .. } = &change {
                step.record.balances.push(balance.clone());
            }
            step.told.push((None, change));
        }
        self.outbox.hand_in(step.told, step.record, now)
    }

    /// Takes over what an input to the orders has changed: balances follow, callers are answered.
    pub(super) fn absorb(&self, state: &mut State, step: &mut Step, effects: Effects, now: Timestamp) {
        for record in &effects.orders {
            let State { balances, fees, settings, .. } = state;
            let first_sight = || self.lock_formula(rates(fees, &record.order), settings, &record.order);
            balances.order_changed(now, record.number, &record.order, first_sight);
        }
        for CountedFill { order: number, fill, was } in &effects.fills {
            let Ok(place) = effects.orders.binary_search_by_key(number, |record| record.number) else { continue };
            let (order, number) = (&effects.orders[place].order, *number);
            match (was, self.contract(fill.pair.as_ref())) {
                (Some(was), _) => state.balances.fee_corrected(order, was, fill),
                (None, Some(contract)) => self.settle(state, &contract, number, fill, now),
                (None, None) => state.balances.fill(now, number, order, fill),
            }
        }
        effects.answers.into_iter().for_each(|answer| answer_waiters(state, answer));
        step.told.extend(effects.told.into_iter().map(|told| (told.time, told.change)));
        step.record.orders.extend(effects.orders);
        step.record.fills.extend(effects.fills.into_iter().map(|counted| counted.fill));
    }

    pub(super) fn lock_formula(&self, fees: FeeRates, settings: &AccountSettings, order: &Order) -> LockFormula {
        if let Some(contract) = self.contract(order.pair.as_ref()) {
            return self.margin_formula(settings, &contract, order);
        }
        let trading = self.source.market().capabilities().trading.as_ref();
        let locked_in_quote = trading.is_some_and(|trading| trading.fee_locked_in_quote);
        let fee = if locked_in_quote { fees.taker } else { Decimal::ZERO };
        LockFormula::Spot { fee, market_price: self.market_price(order) }
    }

    /// What a market order would pay or get on the average now, or the last price; `None` for one with a price of its own.
    pub(super) fn market_price(&self, order: &Order) -> Option<Price> {
        if order.price.is_some_and(|price| !price.value().is_zero()) {
            return None;
        }
        let book = self.market.books.get(order.pair.as_ref()?)?;
        let average = match order.amount {
            Amount::Base(quantity) => book.vwap(order.side, quantity).ok().map(|vwap| vwap.value),
            Amount::Quote(_) => None,
        };
        average.or_else(|| book.last_price().map(|last| last.price))
    }

    /// Waits for the answer to the cancel of an order. To be called within the step that asks for it.
    pub(super) fn wait_for_cancel(state: &mut State, id: &ClientOrderId) -> oneshot::Receiver<CancelOutcome> {
        let (sender, receiver) = oneshot::channel();
        state.waiters.entry(id.clone()).or_default().push(sender);
        receiver
    }

    /// Lets a command that is on its way settle without its caller. If too many do, its outcome is found by asking.
    pub(super) fn keep(&self, leftover: Leftover) {
        if self.leftovers.try_send(leftover).is_err() {
            tracing::warn!("too many replies are awaited without a caller; this one is given up");
        }
    }

    /// The instrument of a pair.
    pub(super) fn instrument(&self, pair: &Pair) -> Option<Arc<Instrument>> {
        self.market.instruments.read().get(pair).cloned()
    }

    /// The instrument of a symbol.
    pub(super) fn instrument_of(&self, symbol: &str) -> Option<Arc<Instrument>> {
        self.market.instruments.read().of_symbol(symbol).cloned()
    }

    /// What names an order to the exchange.
    pub(super) fn target_of(&self, order: &Order) -> Option<Target> {
        Some(Target {
            instrument: self.instrument_of(&order.symbol)?,
            client_order_id: Some(order.client_order_id.clone()),
            exchange_order_id: order.exchange_order_id.clone(),
            conditional: order.trigger.is_some(),
        })
    }

    /// What names an order to the exchange.
    pub(super) fn target(&self, subject: &Subject) -> Option<Target> {
        Some(Target {
            instrument: self.instrument_of(&subject.symbol)?,
            client_order_id: Some(subject.client_order_id.clone()),
            exchange_order_id: subject.exchange_order_id.clone(),
            conditional: subject.conditional,
        })
    }

    /// What names an order to the exchange that nobody knows here.
    pub(super) fn stranger(&self, stranger: &Stranger) -> Option<Target> {
        Some(Target {
            instrument: self.instrument_of(&stranger.symbol)?,
            client_order_id: stranger.client_order_id.clone(),
            exchange_order_id: stranger.exchange_order_id.clone(),
            conditional: false,
        })
    }

    /// A time of our clock on the exchange's.
    pub(super) fn on_exchange_clock(&self, at: Timestamp) -> Timestamp {
        let offset = self.source.market().server_clock().offset_nanos().unwrap_or_default();
        Timestamp::from_nanos(at.as_nanos().saturating_add(offset))
    }

    /// Whether everything is known of a pair's orders and fills, though not of all pairs'.
    pub(super) fn account_ready_for(&self, pair: &Pair) -> bool {
        let Some(instrument) = self.instrument(pair) else { return false };
        self.look(|state| {
            state.held_back.is_none() && !state.windows.unread().any(|symbol| *symbol == instrument.symbol)
        })
    }

    /// When the supervisor has to look for something to ask. It looks now, so that sooner needs wake it from here on.
    pub(super) fn plan_look(&self) -> Option<Timestamp> {
        let mut state = self.state.lock();
        state.next_look = next_look(&mut state);
        state.next_look
    }

    /// All balances.
    pub(super) fn balances(&self) -> BTreeMap<Asset, Balance> {
        self.look(|state| state.balances.all().into_iter().map(|balance| (balance.asset.clone(), balance)).collect())
    }

    // What the private stream tells.

    /// The private stream is connected; what it tells waits until the time it was down is reconciled.
    pub(super) fn stream_opened(&self) {
        self.note(|state, _, _| {
            state.connected = true;
            state.holes += 1;
            state.held_back.get_or_insert_default();
            state.windows.ask();
        });
        self.market.readiness.line(Line::Stream, None);
        self.wake.notify_one();
    }

    /// The private stream is lost.
    pub(super) fn stream_lost(&self, reason: &Error) {
        let at = self.exchange_now();
        self.note(|state, step, now| {
            state.connected = false;
            state.held_back.get_or_insert_default();
            state.distrusted = false;
            state.windows.ask();
            state.orders.stream(false, now);
            step.tell(Some(at), AccountChange::Gap { reason: reason.to_string() });
        });
        self.market.readiness.line(Line::Stream, Some(&reason.to_string()));
        self.market.readiness.not_ready(Part::Account, "waits for the private stream");
        self.wake.notify_one();
    }

    /// The private stream cannot be opened.
    pub(super) fn stream_unreachable(&self, error: &Error) {
        self.market.problems.report("private stream", error);
        self.line_down(Line::Stream, error);
    }

    /// The socket for commands works, or not for the reason given.
    pub(super) fn command_socket(&self, down: Option<Error>) {
        let Some(error) = down else { return self.market.readiness.line(Line::Commands, None) };
        self.market.problems.report("command socket", &error);
        self.line_down(Line::Commands, &error);
    }

    /// A connection does not work. Credentials that are refused before they have ever worked are not tried again.
    pub(super) fn line_down(&self, line: Line, error: &Error) {
        let readiness = &self.market.readiness;
        if self.is_final(error) {
            readiness.line_failed(line, error);
        } else {
            readiness.line(line, Some(&error.to_string()));
        }
    }

    fn is_final(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::Auth && self.look(|state| state.restarted)
    }

    /// A part is not ready. Credentials that are refused before they have ever worked are not tried again.
    pub(super) fn not_ready(&self, part: Part, error: &Error) {
        let readiness = &self.market.readiness;
        if self.is_final(error) {
            readiness.failed(part, error);
        } else {
            readiness.not_ready(part, &error.to_string());
        }
    }

    /// Something of the private stream could not be read: what it told is fetched instead.
    pub(super) fn stream_unreadable(&self, error: &Error) {
        self.market.problems.report("private stream", error);
        self.look_again();
    }

    /// Has the account reconciled though the private stream is up.
    pub(super) fn look_again(&self) {
        self.note(|state, _, _| state.windows.ask());
        self.wake.notify_one();
    }

    /// What the private stream tells. It is written with whatever else comes with it.
    pub(super) fn stream_messages(&self, messages: Vec<PrivateMessage>, received: Timestamp) {
        if let Some(newest) = messages.iter().filter_map(dated).max() {
            self.source.market().server_clock().dated(newest, received);
        }
        self.step(|state, step, now| match &mut state.held_back {
            Some(held_back) => {
                if held_back.len() >= HELD_BACK_MAX {
                    tracing::warn!("what the private stream tells waits for too long; it is fetched instead");
                    held_back.clear();
                    state.holes += 1;
                    state.windows.ask();
                }
                held_back.extend(messages.into_iter().map(|message| (message, received)));
            }
            None => messages.into_iter().for_each(|message| self.message(state, step, message, now)),
        });
    }

    /// One message of the private stream.
    pub(super) fn message(&self, state: &mut State, step: &mut Step, message: PrivateMessage, now: Timestamp) {
        match message {
            PrivateMessage::Order(mut report) => {
                state.orders.complete(&mut report);
                self.tell_unknown_word(&report);
                let named_before = state.orders.number_of(&report);
                let effects = state.orders.report(*report, Source::Stream, now);
                let shown = named_before.or_else(|| effects.orders.first().map(|record| record.number));
                self.absorb(state, step, effects, now);
                shown.into_iter().for_each(|number| state.balances.shown_on_stream(number));
            }
            PrivateMessage::Fill(fill) => {
                let effects = state.orders.fill(*fill, Source::Stream, now);
                self.absorb(state, step, effects, now);
            }
            PrivateMessage::Balance(BalanceUpdate::Locked { .. }) => state.balances.read_again(now),
            PrivateMessage::Balance(update) => state.balances.update(now, &update),
            message => self.contract_message(state, step, message, now),
        }
    }

    fn tell_unknown_word(&self, report: &ExecutionReport) {
        if let ReportedStatus::Unknown(word) = &report.status {
            let error = Error::new(ErrorKind::Decode, "a word that is not known; the order is asked for");
            self.market.problems.report("private stream", &error.with("word", word).with("symbol", &report.symbol));
        }
    }
}

/// When the exchange says that something happened.
fn dated(message: &PrivateMessage) -> Option<Timestamp> {
    match message {
        PrivateMessage::Order(report) => Some(report.time),
        PrivateMessage::Fill(fill) => Some(fill.time),
        PrivateMessage::Balance(BalanceUpdate::Set { time, .. } | BalanceUpdate::Moved { time, .. }) => Some(*time),
        _ => None,
    }
}

fn rates(fees: &FeeSchedule, order: &Order) -> FeeRates {
    order.pair.as_ref().map_or_else(|| fees.default_rates(), |pair| fees.rates(pair))
}

fn answer_waiters(state: &mut State, answer: CancelAnswer) {
    for waiter in state.waiters.remove(&answer.client_order_id).unwrap_or_default() {
        // A caller that has gone needs no answer.
        drop(waiter.send(answer.outcome.clone()));
    }
}

fn next_look(state: &mut State) -> Option<Timestamp> {
    let reads = earliest(state.balances.next_read_due(), state.positions.next_read_due());
    earliest(state.orders.next_deadline(), reads)
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
