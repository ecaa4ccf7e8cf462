use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc};
use tradewire_core::{Instrument, OrderState};

use super::account::{Known, ScriptedAccount};
use super::journal::WriteOnly;
use crate::checks::tests::capabilities;
use crate::feed::Feed;
use crate::market::{Instruments, MarketConfig, Shared};
use crate::orders::tests::desk as orders;
use crate::problems::Problems;
use crate::reader::Books;
use crate::readiness::Readiness;
use crate::trading::config::TradingConfig;
use crate::trading::feed::AccountFeed;
use crate::trading::keeper::{Keeper, Leftover, State};
use crate::trading::lookup::Lookup;
use crate::trading::outbox::Outbox;
use crate::trading::window::Windows;
use crate::{
    AccountSource, BalanceMode, Balances, ClientOrderIds, FeeSchedule, IdForm, Journal, MarketSource, Need, NewOrder,
    Orders, Subject,
};

/// A keeper without its supervisor: tests ask what it needs, and have that met.
pub(super) struct Desk {
    pub(super) account: Arc<ScriptedAccount>,
    pub(super) keeper: Arc<Keeper>,
    _leftovers: mpsc::Receiver<Leftover>,
}

impl Desk {
    /// On an exchange that has no question for single orders.
    pub(super) fn new() -> Self {
        Self::on(ScriptedAccount::new(true))
    }

    pub(super) fn on(account: ScriptedAccount) -> Self {
        Self::with(account, WriteOnly::prompt())
    }

    pub(super) fn with(account: ScriptedAccount, journal: Arc<dyn Journal>) -> Self {
        let account = Arc::new(account);
        let shared = shared(account.market());
        let feed = AccountFeed::after(0, Arc::clone(&journal));
        let (readiness, problems) = (shared.readiness.clone(), shared.problems.clone());
        let outbox = Outbox::new(0, Arc::clone(&journal), feed.clone(), readiness, problems);
        let (leave, leftovers) = mpsc::channel(1);
        let source: Arc<dyn AccountSource> = Arc::<ScriptedAccount>::clone(&account);
        let state = state(&account, &shared);
        let keeper = Keeper::new(source, shared, TradingConfig::new(journal), outbox, feed, state, leave);
        Self { account, keeper: Arc::new(keeper), _leftovers: leftovers }
    }

    /// A buy of 5 at 100 was sent, and nobody knows what became of it.
    pub(super) fn lose(&self, id: &str) {
        self.lose_order(&orders::limit(id, 5));
    }

    pub(super) fn lose_order(&self, order: &NewOrder) {
        let id = &order.client_order_id;
        self.keeper.note(|state, step, now| {
            let submitted = state.orders.submit(order, now).expect("a new id");
            let lost = Err(orders::unknown(id.as_str()));
            for effects in [submitted, state.orders.sent(id, now), state.orders.placed(id, lost, now)] {
                self.keeper.absorb(state, step, effects, now);
            }
        });
    }

    /// What the orders need now, as far as lists can answer it.
    pub(super) fn lookup(&self) -> Lookup {
        let mut lookup = Lookup::default();
        for need in self.needs() {
            assert_eq!(lookup.take(&self.keeper, need), None, "lists can answer it");
        }
        lookup
    }

    pub(super) fn needs(&self) -> Vec<Need> {
        self.keeper.change_now(|state, now| state.orders.needs(now, usize::MAX))
    }

    /// Has the exchange say this, and everything that is needed looked up.
    pub(super) async fn look_up(&self, known: Known) -> Result<(), tradewire_core::Error> {
        self.account.knows(known);
        let mut lookup = self.lookup();
        while let Some(next) = lookup.next() {
            next.meet(Arc::clone(&self.keeper)).await?;
        }
        Ok(())
    }

    pub(super) async fn pass(&self, time: Duration) {
        tokio::time::advance(time).await;
    }

    pub(super) fn subject(&self, id: &str) -> Subject {
        self.keeper.look(|state| {
            let record = state.orders.by_client_id(&id.into()).expect(id);
            Subject {
                number: record.number,
                symbol: Arc::clone(&record.order.symbol),
                pair: record.order.pair.clone(),
                client_order_id: record.order.client_order_id.clone(),
                exchange_order_id: record.order.exchange_order_id.clone(),
                conditional: false,
                recorded: record.recorded,
            }
        })
    }

    pub(super) fn state(&self, id: &str) -> OrderState {
        self.keeper.look(|state| state.orders.by_client_id(&id.into()).expect(id).order.state)
    }

    /// Whether it is told that nobody knows what became of an order.
    pub(super) fn is_unknown(&self, id: &str) -> bool {
        let unknown = |state: &State| {
            let record = state.orders.by_client_id(&id.into()).expect(id);
            record.order.state.is_live() && record.order.outcome_unknown_since.is_some()
        };
        self.keeper.look(unknown)
    }
}

fn shared(market: &Arc<dyn MarketSource>) -> Arc<Shared> {
    let (clock, feed) = (market.server_clock().local(), Feed::default());
    let listed = [orders::instrument("BTCUSDT", "BTC-USDT"), orders::instrument("ETHUSDT", "ETH-USDT")];
    let by_pair: BTreeMap<_, Arc<Instrument>> = listed.into_iter().map(|of| (of.pair.clone(), of)).collect();
    Arc::new(Shared {
        source: Arc::clone(market),
        config: MarketConfig::default(),
        snapshot_depth: 100,
        clock,
        problems: Problems::new(feed.clone(), clock),
        readiness: Readiness::new(feed.clone(), &[]),
        feed,
        books: Books::default(),
        instruments: RwLock::new(Arc::new(Instruments::new(by_pair))),
        rules_doubted: Notify::new(),
    })
}

fn state(account: &ScriptedAccount, shared: &Shared) -> State {
    let trading = capabilities().trading.expect("it can trade");
    let form = IdForm::new("t", &trading).expect("a prefix that it takes");
    State::new(
        Orders::new(orders::settings()),
        Balances::new(BalanceMode::Estimated, Vec::new()),
        FeeSchedule::new(account.default_fees()),
        ClientOrderIds::start(form, None, 7).expect("a new instance"),
        Windows::restore(&[], shared.clock.now()),
    )
}
