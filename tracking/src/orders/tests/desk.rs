use std::collections::BTreeMap;
use std::sync::Arc;

use tradewire_core::{
    AccountChange, Amount, Asset, ClientOrderId, CommandError, Decimal, Error, ErrorKind, ExchangeOrderId,
    ExecutionReport, Fee, FeeRates, Fill, FillReport, Instrument, InstrumentRules, InstrumentStatus, MarketKind, Order,
    OrderChange, OrderRequest, Origin, Price, Quantity, ReportedStatus, Side, Source, Timestamp, TradeId,
};

use super::grammar::Grammar;
use crate::orders::{CancelOutcome, CancelStart, CountedFill, Effects, Need, Orders, OrdersSettings};
use crate::{NewOrder, OrderRecord, Saved, SavedOrder};

/// Orders with a clock, a journal and a memory of what was told.
pub(super) struct Desk {
    pub(super) orders: Orders,
    pub(super) settings: OrdersSettings,
    /// Our clock.
    pub(super) now: Timestamp,
    pub(super) journal: BTreeMap<u64, OrderRecord>,
    pub(super) fills: BTreeMap<(String, String, String), Fill>,
    pub(super) grammar: Grammar,
    stories: BTreeMap<String, Vec<String>>,
    pub(super) inconsistent: Vec<String>,
    answers: Vec<(String, String)>,
    /// The times of what was told last.
    pub(super) times: Vec<Option<Timestamp>>,
}

pub(crate) fn settings() -> OrdersSettings {
    let default_fees = FeeRates { maker: Decimal::new(1, 3), taker: Decimal::new(2, 3) };
    OrdersSettings { default_fees, seed: 7 }
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: OrdersSettings) -> Self {
        Self {
            orders: Orders::new(settings),
            settings,
            now: at(1_000_000),
            journal: BTreeMap::new(),
            fills: BTreeMap::new(),
            grammar: Grammar::default(),
            stories: BTreeMap::new(),
            inconsistent: Vec::new(),
            answers: Vec::new(),
            times: Vec::new(),
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, millis: i64) {
        self.now = Timestamp::from_millis(self.now.as_millis() + millis);
    }

    pub(super) fn take(&mut self, effects: Effects) {
        self.grammar.check(&effects);
        self.times = effects.told.iter().map(|told| told.time).collect();
        for told in effects.told {
            match told.change {
                AccountChange::Order(event) => {
                    let story = self.stories.entry(event.client_order_id.to_string()).or_default();
                    story.push(word(&event.change));
                }
                AccountChange::Inconsistent { what } => self.inconsistent.push(what),
                other => panic!("{other:?} is not about orders"),
            }
        }
        for CountedFill { fill, .. } in effects.fills {
            let key = (fill.symbol.to_string(), fill.trade_id.to_string(), fill.exchange_order_id.to_string());
            self.fills.insert(key, fill);
        }
        for record in effects.orders {
            self.journal.insert(record.number, record);
        }
        let answers = effects.answers.into_iter();
        self.answers.extend(answers.map(|answer| (answer.client_order_id.to_string(), outcome(&answer.outcome))));
    }

    /// A buy of 5 at 100, sent.
    pub(super) fn place(&mut self, id: &str) {
        self.submit(limit(id, 5));
        self.sent(id);
    }

    pub(super) fn submit(&mut self, order: NewOrder) {
        let effects = self.orders.submit(&order, self.now).expect("a new id");
        self.take(effects);
    }

    pub(super) fn sent(&mut self, id: &str) {
        let effects = self.orders.sent(&id.into(), self.now);
        self.take(effects);
    }

    pub(super) fn placed(&mut self, id: &str, outcome: Result<ExecutionReport, CommandError>) {
        let effects = self.orders.placed(&id.into(), outcome, self.now);
        self.take(effects);
    }

    /// As [`Self::place`], and accepted.
    pub(super) fn open(&mut self, id: &str, exchange_id: &str) {
        self.place(id);
        self.placed(id, Ok(report(id, exchange_id, ReportedStatus::Open, 10)));
    }

    pub(super) fn stream(&mut self, report: ExecutionReport) {
        let effects = self.orders.report(report, Source::Stream, self.now);
        self.take(effects);
    }

    pub(super) fn rest(&mut self, report: ExecutionReport) {
        let effects = self.orders.report(report, Source::Rest, self.now);
        self.take(effects);
    }

    pub(super) fn fill(&mut self, fill: FillReport) {
        let effects = self.orders.fill(fill, Source::Stream, self.now);
        self.take(effects);
    }

    pub(super) fn cancel(&mut self, id: &str) -> CancelStart {
        let (start, effects) = self.orders.cancel(&id.into(), self.now);
        self.take(effects);
        start
    }

    pub(super) fn cancelled(&mut self, id: &str, outcome: Result<ExecutionReport, CommandError>) {
        let effects = self.orders.cancelled(&id.into(), outcome, self.now);
        self.take(effects);
    }

    pub(super) fn needs(&mut self) -> Vec<Need> {
        self.orders.needs(self.now, usize::MAX)
    }

    /// The words of what is needed now.
    pub(super) fn needed(&mut self) -> Vec<&'static str> {
        self.needs().iter().map(need_word).collect()
    }

    /// Goes to the moment of the next need.
    pub(super) fn wait(&mut self) -> Vec<Need> {
        let deadline = self.orders.next_deadline().expect("something to wait for");
        self.now = self.now.max(deadline);
        self.needs()
    }

    pub(super) fn answered(&mut self, number: u64, answer: Option<ExecutionReport>) {
        let effects = self.orders.answered(number, answer, self.now, self.now);
        self.take(effects);
    }

    pub(super) fn trades(&mut self, number: u64, fills: Vec<FillReport>) {
        let effects = self.orders.trades(number, fills, self.now);
        self.take(effects);
    }

    pub(super) fn recalled(&mut self, need: &Need, saved: Option<SavedOrder>) {
        let Need::Recall(stranger) = need else { panic!("{need:?} is no recall") };
        let effects = self.orders.recalled(stranger.number, saved, self.now);
        self.take(effects);
    }

    /// Answers every recall from this desk's journal, until there is none.
    pub(super) fn recall(&mut self) {
        let needs = self.needs();
        for need in needs {
            if let Need::Recall(stranger) = &need {
                let of_id = |record: &&OrderRecord| match &stranger.exchange_order_id {
                    Some(id) => record.order.exchange_order_id.as_ref() == Some(id),
                    None => Some(&record.order.client_order_id) == stranger.client_order_id.as_ref(),
                };
                let found = self.journal.values().find(of_id).map(|record| record.number);
                let saved = found.map(|number| self.saved_order(number));
                self.recalled(&need, saved);
            } else {
                self.orders.unanswered(&need, self.now);
            }
        }
    }

    pub(super) fn saved_order(&self, number: u64) -> SavedOrder {
        let record = self.journal[&number].clone();
        let of_order = |fill: &&Fill| Some(&fill.exchange_order_id) == record.order.exchange_order_id.as_ref();
        let fills = self.fills.values().filter(of_order).cloned().collect();
        SavedOrder { record, fills }
    }

    /// Ends the process and starts it again.
    pub(super) fn restart(&mut self) {
        let live = self.journal.values().filter(|record| record.order.state.is_live());
        let orders = live.map(|record| self.saved_order(record.number)).collect();
        let last_order = self.journal.keys().last().copied().unwrap_or(0);
        let saved = Saved { last_order, orders, ..Saved::default() };
        let (orders, effects) = Orders::restore(self.settings, saved, self.now);
        self.orders = orders;
        self.take(effects);
    }

    pub(super) fn order(&self, id: &str) -> Order {
        self.journal.values().find(|record| &*record.order.client_order_id.to_string() == id).expect(id).order.clone()
    }

    pub(super) fn number(&self, id: &str) -> u64 {
        self.journal.values().find(|record| &*record.order.client_order_id.to_string() == id).expect(id).number
    }

    /// What was told of an order, in words.
    pub(super) fn story(&self, id: &str) -> String {
        self.stories.get(id).map(|words| words.join(" ")).unwrap_or_default()
    }

    pub(super) fn answers(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.answers)
    }
}

fn word(change: &OrderChange) -> String {
    match change {
        OrderChange::Fill(fill) if fill.late => "Fill(late)".to_owned(),
        OrderChange::Fill(_) => "Fill".to_owned(),
        OrderChange::FeeCorrected(_) => "FeeCorrected".to_owned(),
        OrderChange::Amended { .. } => "Amended".to_owned(),
        other => format!("{other:?}"),
    }
}

fn outcome(outcome: &CancelOutcome) -> String {
    match outcome {
        CancelOutcome::Refused(_) => "Refused".to_owned(),
        CancelOutcome::NotSent(_) => "NotSent".to_owned(),
        CancelOutcome::Unknown(_) => "Unknown".to_owned(),
        other => format!("{other:?}"),
    }
}

pub(super) fn need_word(need: &Need) -> &'static str {
    match need {
        Need::Query(_) => "Query",
        Need::Trades(_) => "Trades",
        Need::Proof(_) => "Proof",
        Need::Cancel(_) => "Cancel",
        Need::Recall(_) => "Recall",
        Need::Identify(_) => "Identify",
        Need::DistrustStream { .. } => "DistrustStream",
    }
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn quantity(units: i64) -> Quantity {
    Quantity::from_scaled(units, 0)
}

pub(crate) fn instrument(symbol: &str, pair: &str) -> Arc<Instrument> {
    Arc::new(Instrument {
        pair: pair.parse().expect("a pair"),
        kind: MarketKind::Spot,
        symbol: symbol.into(),
        status: InstrumentStatus::Trading,
        contract: None,
        rules: InstrumentRules::default(),
        unknown_filters: Vec::new(),
    })
}

pub(crate) fn limit(id: &str, units: i64) -> NewOrder {
    let instrument = instrument("BTCUSDT", "BTC-USDT");
    let request = OrderRequest::limit(instrument.pair.clone(), Side::Buy, quantity(units), Price::from_scaled(100, 0));
    NewOrder { request, client_order_id: id.into(), instrument }
}

/// A report of a buy of 5 at 100, made at `millis` of the exchange's clock.
pub(crate) fn report(id: &str, exchange_id: &str, status: ReportedStatus, millis: i64) -> ExecutionReport {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ExecutionReport {
        symbol: "BTCUSDT".to_owned(),
        client_order_id: some(id).map(ClientOrderId::from),
        new_client_order_id: None,
        exchange_order_id: some(exchange_id).map(ExchangeOrderId::from),
        side: Some(Side::Buy),
        order_type: None,
        time_in_force: None,
        price: Some(Price::from_scaled(100, 0)),
        amount: Some(Amount::Base(quantity(5))),
        trigger: None,
        reduce_only: None,
        position_side: None,
        status,
        filled: Some(Quantity::ZERO),
        quote_filled: None,
        fills: Vec::new(),
        prevented: None,
        reason: None,
        word: "WORD".to_owned(),
        origin: Origin::External,
        created: None,
        time: at(millis),
    }
}

/// A report with so much filled in all, and the fills that it carries.
pub(super) fn filled(
    id: &str,
    exchange_id: &str,
    status: ReportedStatus,
    total: i64,
    fills: Vec<FillReport>,
    millis: i64,
) -> ExecutionReport {
    ExecutionReport { filled: Some(quantity(total)), fills, ..report(id, exchange_id, status, millis) }
}

pub(super) fn trade(exchange_id: &str, trade: &str, units: i64, millis: i64) -> FillReport {
    FillReport {
        symbol: "BTCUSDT".to_owned(),
        trade_id: TradeId::from(trade),
        exchange_order_id: (!exchange_id.is_empty()).then(|| exchange_id.into()),
        client_order_id: None,
        side: Side::Buy,
        price: Price::from_scaled(100, 0),
        quantity: quantity(units),
        quote_quantity: None,
        fee: Some(Fee { amount: Decimal::new(1, 1), asset: Asset::from("USDT") }),
        liquidity: None,
        position_side: None,
        realised_profit: None,
        time: at(millis),
    }
}

pub(crate) fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "told by the exchange").with_code(-1)
}

pub(crate) fn unknown(id: &str) -> CommandError {
    CommandError::Unknown { client_order_id: id.into(), cause: error(ErrorKind::Timeout) }
}

pub(super) fn refused(kind: ErrorKind) -> CommandError {
    CommandError::Rejected(error(kind))
}
