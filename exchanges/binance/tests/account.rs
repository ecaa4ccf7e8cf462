//! An account on the simulated exchange: commands over both wires, reads and the private stream, with every type of key.

mod common;

use std::sync::Arc;

use tradewire_binance::BinanceConfig;
use tradewire_binance::spot::{BinanceSpot, SpotAccount};
use tradewire_core::{
    Amendment, Amount, BalanceUpdate, CommandError, Decimal, EndReason, ErrorKind, ExecutionReport, Instrument,
    Liquidity, OrderRequest, OrderType, PrivateMessage, Quantity, ReportedStatus, Side, Timestamp,
};
use tradewire_simulator::{AccountSetup, Config, Flow, KeyType, OrderRef, Simulator};
use tradewire_tracking::{AccountSource, FillQuery, History, MarketSource, NewOrder, OrderEntry, Target};
use tradewire_transport::{Clock, Credentials, Secret, SigningKey};

use common::events::Events;

const ACCOUNT: &str = "main";
const PAIR: &str = "BTC-USDT";

/// A simulated exchange with orders from 61 800 downwards and upwards, and an account on it.
struct Stage {
    simulator: Simulator,
    account: SpotAccount,
    instrument: Arc<Instrument>,
    events: Events,
}

impl Stage {
    async fn set(key_type: KeyType, entry: OrderEntry) -> Self {
        let keys = vec![KeyType::Hmac, KeyType::Ed25519, KeyType::Rsa];
        let mut config = Config::with_pairs(&[PAIR]).expect("a pair");
        config.flow = Flow::Off;
        config.accounts = vec![AccountSetup { keys, ..AccountSetup::main() }];
        let simulator = Simulator::start(config).await.expect("started");
        let spot = Arc::new(spot(&simulator));
        let list = spot.instruments().await.expect("a list");
        let mut list = spot.decode_instruments(&list.body).expect("a list");
        let account = SpotAccount::new(spot, credentials(&simulator, key_type), entry).expect("an account");
        account.connected().await.expect("connected");
        let events = Events::follow(&account).await;
        Self { simulator, account, instrument: Arc::new(list.instruments.remove(0)), events }
    }

    async fn clear(self) {
        self.events.close().await;
        self.account.close().await;
        self.simulator.stop().await;
    }

    fn new_order(&self, id: &str, request: OrderRequest) -> Arc<NewOrder> {
        Arc::new(NewOrder { request, client_order_id: id.into(), instrument: self.instrument.clone() })
    }

    fn target(&self, id: &str) -> Arc<Target> {
        let (instrument, client_order_id) = (self.instrument.clone(), Some(id.into()));
        Arc::new(Target { instrument, client_order_id, exchange_order_id: None, conditional: false })
    }

    async fn place(&self, id: &str, request: OrderRequest) -> ExecutionReport {
        self.account.place(self.new_order(id, request)).await.expect(id)
    }

    async fn query(&self, id: &str) -> Option<ExecutionReport> {
        self.account.order(&self.target(id)).await.expect(id)
    }

    async fn fills(&self, report: &ExecutionReport) -> Vec<tradewire_core::FillReport> {
        let order = report.exchange_order_id.as_ref().expect("an id");
        let query = FillQuery::Order { instrument: &self.instrument, order, page: None };
        let page = self.account.fills(&query).await.expect("fills");
        assert_eq!(page.next, None);
        page.rows
    }
}

fn spot(simulator: &Simulator) -> BinanceSpot {
    let addresses = simulator.addresses();
    let config = BinanceConfig {
        rest: Some(addresses.rest.clone()),
        ws: Some(addresses.ws.clone()),
        ws_api: addresses.ws_api.clone(),
        ..BinanceConfig::default()
    };
    BinanceSpot::new(&config, Clock::start()).expect("addresses")
}

fn credentials(simulator: &Simulator, key_type: KeyType) -> Credentials {
    let made = simulator.credentials(ACCOUNT);
    let made = made.into_iter().find(|made| made.key_type == key_type).expect("a key of each type");
    let secret = Secret::new(made.secret);
    let key = match key_type {
        KeyType::Hmac => SigningKey::hmac_sha256(&secret),
        _ => SigningKey::from_pem(&secret),
    };
    Credentials::new(Secret::new(made.api_key), key.expect("a key")).expect("credentials")
}

fn limit(side: Side, quantity: &str, price: &str) -> OrderRequest {
    let pair = PAIR.parse().expect("a pair");
    OrderRequest::limit(pair, side, number(quantity), price.parse().expect("a price"))
}

fn number(text: &str) -> Quantity {
    text.parse().expect(text)
}

fn kind(outcome: Result<ExecutionReport, CommandError>) -> ErrorKind {
    match outcome {
        Err(CommandError::Rejected(error)) => error.kind(),
        other => panic!("not rejected: {other:?}"),
    }
}

#[tokio::test]
async fn every_key_trades_over_both_wires() {
    for entry in [OrderEntry::Rest, OrderEntry::Socket] {
        for key_type in [KeyType::Hmac, KeyType::Ed25519, KeyType::Rsa] {
            let mut stage = Stage::set(key_type, entry).await;
            an_order_lives_and_is_cancelled(&mut stage).await;
            stage.clear().await;
        }
    }
}

/// Placed, asked for, amended, filled in part, cancelled: replies, queries and the stream say the same.
async fn an_order_lives_and_is_cancelled(stage: &mut Stage) {
    let placed = stage.place("life", limit(Side::Buy, "0.5", "59000")).await;
    assert_eq!((&placed.status, placed.fills.len()), (&ReportedStatus::Open, 0));
    let told = stage.events.order("life").await;
    assert_eq!((told.status, &told.exchange_order_id), (ReportedStatus::Open, &placed.exchange_order_id));
    let found = stage.query("life").await.expect("known");
    assert_eq!((found.status, found.amount), (ReportedStatus::Open, Some(Amount::Base(number("0.5")))));
    let open = stage.account.open_orders(Some(&stage.instrument), None).await.expect("a list").rows;
    assert_eq!(open.len(), 1);
    let amendment = Amendment { quantity: Some(number("0.4")), price: None };
    let amended = stage.account.amend(stage.target("life"), amendment).await.expect("amended");
    assert_eq!((amended.new_client_order_id, amended.amount), (None, Some(Amount::Base(number("0.4")))));
    assert_eq!(stage.events.order("life").await.amount, Some(Amount::Base(number("0.4"))));

    let by_id = OrderRef::Client("life".to_owned());
    stage.simulator.fill_order(ACCOUNT, PAIR, &by_id, Some(Decimal::new(1, 1))).expect("filled");
    let told = stage.events.order("life").await;
    assert_eq!((&told.status, told.filled), (&ReportedStatus::PartiallyFilled, Some(number("0.1"))));
    let rest = stage.fills(&told).await;
    assert_eq!((told.fills.len(), rest.len(), told.fills[0].liquidity), (1, 1, Some(Liquidity::Maker)));
    assert_eq!((&told.fills[0].trade_id, &told.fills[0].fee), (&rest[0].trade_id, &rest[0].fee));
    assert!(rest[0].fee.is_some());

    let cancelled = stage.account.cancel(stage.target("life")).await.expect("cancelled");
    let told = stage.events.order("life").await;
    for report in [&cancelled, &told, &stage.query("life").await.expect("known")] {
        assert_eq!((&report.status, report.reason), (&ReportedStatus::Cancelled, Some(EndReason::Requested)));
        assert_eq!(report.client_order_id.as_ref().map(|id| id.as_str()), Some("life"));
    }
    assert_eq!(kind(stage.account.cancel(stage.target("life")).await), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_market_order_fills_at_once_and_balances_follow() {
    let mut stage = Stage::set(KeyType::Hmac, OrderEntry::Rest).await;
    let request = OrderRequest::market_for_quote(PAIR.parse().expect("a pair"), Side::Buy, Decimal::from(6_000));
    let placed = stage.place("market", request).await;
    assert_eq!((&placed.status, placed.amount), (&ReportedStatus::Filled, Some(Amount::Quote(Decimal::from(6_000)))));
    let rest = stage.fills(&placed).await;
    for fills in [&placed.fills, &rest] {
        let sum: Decimal = fills.iter().map(|fill| fill.quantity.value()).sum();
        assert_eq!(Some(Quantity::new(sum)), placed.filled);
        assert!(fills.iter().all(|fill| fill.liquidity == Some(Liquidity::Taker) && fill.fee.is_some()), "{fills:?}");
    }
    assert_eq!(placed.fills[0].trade_id, rest[0].trade_id);

    let ledger = stage.simulator.balances(ACCOUNT);
    let read = stage.account.balances().await.expect("balances");
    for balance in &read.balances {
        let true_one = &ledger[balance.asset.as_str()];
        assert_eq!(balance.total, true_one.free + true_one.locked, "{}", balance.asset);
        assert_eq!(balance.available, Some(true_one.free));
    }
    let told = stage.events.next(|message| matches!(message, PrivateMessage::Balance(_))).await;
    let PrivateMessage::Balance(BalanceUpdate::Set { balances, .. }) = told else { panic!("{told:?}") };
    assert!(balances.iter().any(|balance| balance.asset.as_str() == "USDT"));
    let fees = stage.account.fees(&stage.instrument).await.expect("fees");
    assert!(fees.taker > Decimal::ZERO && fees.maker > Decimal::ZERO);
    stage.simulator.deposit(ACCOUNT, "USDT", Decimal::from(-250)).expect("moved");
    let moved = |message: &PrivateMessage| matches!(message, PrivateMessage::Balance(BalanceUpdate::Moved { .. }));
    let PrivateMessage::Balance(BalanceUpdate::Moved { delta, .. }) = stage.events.next(moved).await else { panic!() };
    assert_eq!(delta, Decimal::from(-250));
    stage.clear().await;
}

#[tokio::test]
async fn refusals_have_their_kinds_on_both_wires() {
    for entry in [OrderEntry::Rest, OrderEntry::Socket] {
        let stage = Stage::set(KeyType::Ed25519, entry).await;
        let refused = |id: &'static str, request| {
            let sent = stage.account.place(stage.new_order(id, request));
            async { kind(sent.await) }
        };
        assert_eq!(refused("take", limit(Side::Buy, "0.1", "63000").post_only()).await, ErrorKind::PostOnlyWouldTake);
        assert_eq!(refused("poor", limit(Side::Buy, "100", "59000")).await, ErrorKind::InsufficientBalance);
        assert_eq!(refused("step", limit(Side::Buy, "0.1", "59000.001")).await, ErrorKind::FilterFailure);
        stage.place("twice", limit(Side::Buy, "0.1", "59000")).await;
        assert_eq!(refused("twice", limit(Side::Buy, "0.1", "59000")).await, ErrorKind::Duplicate);
        assert!(stage.query("never").await.is_none());
        stage.clear().await;
    }
}

#[tokio::test]
async fn one_command_cancels_and_places_on_both_wires() {
    for entry in [OrderEntry::Rest, OrderEntry::Socket] {
        let stage = Stage::set(KeyType::Hmac, entry).await;
        stage.place("old", limit(Side::Buy, "0.1", "59000")).await;
        let by = |id, price| stage.new_order(id, limit(Side::Buy, "0.1", price));
        let replaced = stage.account.replace(stage.target("old"), by("new", "59100")).await;
        assert_eq!(replaced.cancelled.expect("cancelled").status, ReportedStatus::Cancelled);
        assert_eq!(replaced.placed.expect("placed").status, ReportedStatus::Open);
        let nothing = stage.account.replace(stage.target("old"), by("kept", "59200")).await;
        assert_eq!(kind(nothing.cancelled), ErrorKind::NotFound);
        assert!(matches!(nothing.placed, Err(CommandError::NotSent(_))), "{:?}", nothing.placed);
        let ended = stage.account.cancel_all(stage.instrument.clone()).await.expect("cancelled");
        assert_eq!((ended.len(), &ended[0].status), (1, &ReportedStatus::Cancelled));
        let ended = stage.account.cancel_all(stage.instrument.clone()).await.expect("nothing to cancel");
        assert!(ended.is_empty());
        stage.clear().await;
    }
}

#[tokio::test]
async fn history_shows_what_has_ended() {
    let stage = Stage::set(KeyType::Rsa, OrderEntry::Rest).await;
    let conditional = limit(Side::Sell, "0.2", "58000").trigger_price("58500".parse().expect("a price"));
    stage.place("stop", OrderRequest { order_type: OrderType::StopLossLimit, ..conditional }).await;
    let taken = stage.place("taken", limit(Side::Buy, "0.2", "63000").visible(number("0.1"))).await;
    assert_eq!(taken.status, ReportedStatus::Filled);
    let half_an_hour = 1_800_000;
    let at = |offset| Timestamp::from_millis(taken.time.as_millis() + offset);
    let window =
        History { instrument: &stage.instrument, from: at(-half_an_hour), until: at(half_an_hour), page: None };
    let orders = stage.account.orders(&window).await.expect("orders");
    let ids: Vec<_> =
        orders.rows.iter().filter_map(|order| order.client_order_id.as_ref()).map(|id| id.as_str()).collect();
    assert_eq!((ids, orders.next), (vec!["stop", "taken"], None));
    assert_eq!(orders.rows[0].order_type, Some(OrderType::StopLossLimit));
    let fills = stage.account.fills(&FillQuery::Window(window)).await.expect("fills");
    assert_eq!(fills.rows.len(), taken.fills.len());
    stage.clear().await;
}

#[tokio::test]
async fn a_revoked_key_is_refused_as_such() {
    let stage = Stage::set(KeyType::Hmac, OrderEntry::Rest).await;
    let key = stage.simulator.addresses().api_key.clone().expect("a key");
    assert!(stage.simulator.revoke_key(&key));
    assert_eq!(stage.account.balances().await.expect_err("revoked").kind(), ErrorKind::Auth);
    let order = stage.new_order("late", limit(Side::Buy, "0.1", "59000"));
    assert_eq!(kind(stage.account.place(order).await), ErrorKind::Auth);
    stage.clear().await;
}
