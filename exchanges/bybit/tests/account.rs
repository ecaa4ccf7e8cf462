//! Connectors of both markets on the simulated exchange: books, orders over both wires, fills, balances, positions.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;
use tradewire::tracking::Durability;
use tradewire::{
    Addresses, Amendment, BookState, ClientOrderId, CommandError, Connector, Credentials, Decimal, ErrorKind,
    MarketConfig, Order, OrderEntry, OrderRequest, OrderState, Pair, PositionMode, Price, Quantity, Secret, Side,
    SigningKey, SqliteJournal, TradingConfig,
};
use tradewire_simulator::{Config, Flow, KeyType, Simulator};

const PAIR: &str = "BTC-USDT";
/// Longer than anything takes that happens at all.
const LONG: Duration = Duration::from_secs(20);

/// A simulated exchange and a connector to its account.
struct Stage {
    simulator: Simulator,
    connector: Connector,
    pair: Pair,
    _journal: TempDir,
}

impl Stage {
    async fn set(exchange: &'static str, key_type: KeyType, entry: OrderEntry) -> Self {
        let mut config = Config::of(exchange).and_then(|config| config.listing(&[PAIR])).expect("an exchange");
        config.flow = Flow::Off;
        for account in &mut config.accounts {
            account.keys = vec![KeyType::Hmac, KeyType::Rsa];
        }
        let simulator = Simulator::start(config).await.expect("started");
        let at = simulator.addresses();
        let addresses =
            Addresses::own(at.rest.clone(), at.ws.clone()).with_sockets(at.ws_api.clone(), at.ws_private.clone());
        let made = simulator.credentials("main").into_iter().find(|made| made.key_type == key_type).expect("a key");
        let secret = Secret::new(made.secret);
        let key = match key_type {
            KeyType::Hmac => SigningKey::hmac_sha256(&secret),
            _ => SigningKey::from_pem(&secret),
        };
        let credentials = Credentials::new(Secret::new(made.api_key), key.expect("a key")).expect("credentials");
        let source = tradewire::account_source(exchange, &addresses, credentials, entry).expect("an account");
        let folder = tempfile::tempdir().expect("a folder");
        let journal = folder.path().join("journal.db");
        let journal = SqliteJournal::open(&journal, source.account(), Durability::Process).expect("a journal");
        let pair: Pair = PAIR.parse().expect("a pair");
        let trading = TradingConfig::new(Arc::new(journal));
        let connector = Connector::start(source, MarketConfig::default(), trading, [pair.clone()]).expect("started");
        if timeout(LONG, connector.ready()).await.is_err() {
            panic!("{exchange} is not ready: {:?}", connector.waiting());
        }
        Self { simulator, connector, pair, _journal: folder }
    }

    async fn clear(self) {
        self.connector.stop().await;
        self.simulator.stop().await;
    }

    fn best(&self, side: Side) -> Price {
        let book = self.connector.book(&self.pair).expect("followed");
        assert_eq!(book.state(), BookState::Live);
        book.best(side).expect("a price").value.price
    }

    /// Waits until an order is as wanted.
    async fn until(&self, id: &ClientOrderId, wanted: impl Fn(&Order) -> bool) -> Order {
        let look = async {
            loop {
                let order = self.connector.order(id).await.expect("the journal").expect("tracked");
                if wanted(&order) {
                    return order;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match timeout(LONG, look).await {
            Ok(order) => order,
            Err(_) => panic!("not as wanted: {:?}", self.connector.order(id).await),
        }
    }
}

fn quantity(text: &str) -> Quantity {
    text.parse().expect(text)
}

fn scaled(price: Price, percent: i64) -> Price {
    let moved = price.value() * Decimal::new(percent, 2);
    Price::new(moved.round_dp(0))
}

#[tokio::test]
async fn spot_trades_over_both_wires_with_every_key() {
    for (key_type, entry) in [(KeyType::Hmac, OrderEntry::Rest), (KeyType::Rsa, OrderEntry::Socket)] {
        let stage = Stage::set("bybit-spot", key_type, entry).await;
        an_order_rests_is_amended_and_cancelled(&stage).await;
        an_order_that_takes_is_filled(&stage).await;
        a_post_only_order_that_would_take_is_refused(&stage).await;
        stage.clear().await;
    }
}

#[tokio::test]
async fn linear_trades_over_both_wires_with_every_key() {
    for (key_type, entry) in [(KeyType::Hmac, OrderEntry::Rest), (KeyType::Rsa, OrderEntry::Socket)] {
        let stage = Stage::set("bybit-linear", key_type, entry).await;
        an_order_rests_is_amended_and_cancelled(&stage).await;
        an_order_that_takes_is_filled(&stage).await;
        a_post_only_order_that_would_take_is_refused(&stage).await;
        stage.clear().await;
    }
}

#[tokio::test]
async fn settings_and_positions_are_those_of_the_exchange() {
    let stage = Stage::set("bybit-linear", KeyType::Hmac, OrderEntry::Rest).await;
    let Stage { connector, pair, .. } = &stage;
    assert_eq!(connector.position_mode(pair), Some(PositionMode::OneWay));
    let leverage = Decimal::from(7);
    assert_eq!(connector.set_leverage(pair, None, leverage).await.expect("set"), leverage);
    assert_eq!(connector.set_leverage(pair, None, leverage).await.expect("already so"), leverage);
    an_order_that_takes_is_filled(&stage).await;
    let size = || connector.position(pair, None).map(|position| position.size);
    comes(|| size() == Some(quantity("0.01").value()), || format!("{:?}", connector.positions())).await;
    let refused = connector.set_position_mode(pair, PositionMode::Hedge).await.expect_err("a position is open");
    assert!(
        matches!(&refused, CommandError::Rejected(error) if error.kind() == ErrorKind::StateConflict),
        "{refused:?}"
    );
    let close = OrderRequest::market(pair.clone(), Side::Sell, quantity("0.01")).reduce_only();
    connector.place(close).await.expect("received");
    comes(|| size().is_none_or(|size| size.is_zero()), || format!("{:?}", connector.positions())).await;
    let mode = connector.set_position_mode(pair, PositionMode::Hedge).await.expect("flat");
    assert_eq!(mode, PositionMode::Hedge);
    stage.clear().await;
}

/// Waits until something is so.
async fn comes(so: impl Fn() -> bool, shown: impl Fn() -> String) {
    let look = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(LONG, look).await.is_ok(), "{}", shown());
}

async fn an_order_rests_is_amended_and_cancelled(stage: &Stage) {
    let price = scaled(stage.best(Side::Buy), 97);
    let request = OrderRequest::limit(stage.pair.clone(), Side::Buy, quantity("0.02"), price);
    let placed = stage.connector.place(request).await.expect("received");
    let id = placed.client_order_id;
    stage.until(&id, |order| order.state == OrderState::Open).await;
    let amendment = Amendment { quantity: Some(quantity("0.01")), price: None };
    stage.connector.amend(&id, amendment).await.expect("received");
    stage.until(&id, |order| order.remaining() == Some(quantity("0.01"))).await;
    stage.connector.cancel(&id).await.expect("received");
    let ended = stage.until(&id, |order| !order.state.is_live()).await;
    assert_eq!((ended.state, ended.filled), (OrderState::Cancelled, Quantity::ZERO));
}

async fn an_order_that_takes_is_filled(stage: &Stage) {
    let request = OrderRequest::market(stage.pair.clone(), Side::Buy, quantity("0.01"));
    let placed = stage.connector.place(request).await.expect("received");
    let filled = stage.until(&placed.client_order_id, |order| order.state == OrderState::Filled).await;
    assert_eq!(filled.filled, quantity("0.01"));
    assert!(!filled.fees.is_empty(), "{filled:?}");
}

async fn a_post_only_order_that_would_take_is_refused(stage: &Stage) {
    let price = scaled(stage.best(Side::Sell), 101);
    let request = OrderRequest::limit(stage.pair.clone(), Side::Buy, quantity("0.01"), price).post_only();
    match stage.connector.place(request).await {
        Err(CommandError::Rejected(error)) => assert_eq!(error.kind(), ErrorKind::PostOnlyWouldTake),
        Ok(placed) => {
            let ended = stage.until(&placed.client_order_id, |order| !order.state.is_live()).await;
            assert_eq!(ended.state, OrderState::Rejected, "{ended:?}");
        }
        other => panic!("{other:?}"),
    }
}
