//! What an order costs beside the exchange's own time: placed by the connector, and by a bare client that signs, sends and
//! waits, on the same simulated exchange in one run. Prints medians in microseconds and what the connector adds.
//!
//! `cargo bench -p tradewire-benches --bench orders`; `ORDERS=500` sets how many orders each way gets.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire::tracking::{Action, Durability, NewOrder};
use tradewire::{
    Addresses, Connector, Credentials, Journal, MarketConfig, OrderEntry, OrderRequest, Pair, Secret, Side, SigningKey,
    SqliteJournal, Timestamp, TradingConfig,
};
use tradewire_simulator::{Config, Flow, KeyType, Simulator};

type Failure = Box<dyn std::error::Error>;

const PAIR: &str = "BTC-USDT";
const PRICE: &str = "55000";
const QUANTITY: &str = "0.001";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let count = std::env::var("ORDERS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    println!("{count} orders each way; medians in us (and 9 of 10 within)");
    for key in [KeyType::Hmac, KeyType::Ed25519] {
        building(key, count).await?;
    }
    let bare = bare(count).await?;
    println!("a bare client over the socket      {bare}");
    for entry in [OrderEntry::Socket, OrderEntry::Rest] {
        for journal in [Kept::InMemory, Kept::File(Durability::Process), Kept::File(Durability::Power)] {
            let times = connector(entry, journal, count).await?;
            let added = times.median.saturating_sub(bare.median);
            println!("connector, {entry:?}, journal {journal:?}: {times}; {:.0} more than bare", micros(added));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug)]
enum Kept {
    InMemory,
    File(Durability),
}

struct Times {
    median: Duration,
    most: Duration,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { median: times[times.len() / 2], most: times[times.len() * 9 / 10] }
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>8.1} ({:.1})", micros(self.median), micros(self.most))
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

async fn exchange() -> Result<Simulator, Failure> {
    let mut config = Config { flow: Flow::Off, ..Config::with_pairs(&[PAIR])? };
    config.limits.weight_per_minute = 10_000_000;
    config.limits.orders_per_10_seconds = 1_000_000;
    config.limits.orders_per_day = 10_000_000;
    for listing in &mut config.listings {
        listing.opening_depth = listing.opening_depth.min(100);
        listing.history_minutes = listing.history_minutes.min(2);
    }
    Ok(Simulator::start(config).await?)
}

fn credentials(simulator: &Simulator, key: KeyType) -> Result<Credentials, Failure> {
    let key = simulator.credentials("main").into_iter().find(|known| known.key_type == key).ok_or("no such key")?;
    let secret = Secret::new(key.secret);
    let signing = match key.key_type {
        KeyType::Hmac => SigningKey::hmac_sha256(&secret)?,
        _ => SigningKey::from_pem(&secret)?,
    };
    Ok(Credentials::new(Secret::new(key.api_key), signing)?)
}

fn addresses(simulator: &Simulator) -> Addresses {
    let at = simulator.addresses();
    Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone())
}

fn order() -> Result<OrderRequest, Failure> {
    let pair: Pair = PAIR.parse()?;
    Ok(OrderRequest::limit(pair, Side::Buy, QUANTITY.parse()?, PRICE.parse()?))
}

/// Building and signing one order, without sending it.
async fn building(key: KeyType, count: usize) -> Result<(), Failure> {
    let simulator = exchange().await?;
    let source = tradewire::account_source(
        "binance-spot",
        &addresses(&simulator),
        credentials(&simulator, key)?,
        OrderEntry::Rest,
    )?;
    let request = order()?;
    let instrument = source.market().decode_instruments(&source.market().instruments().await?.body)?;
    let instrument = instrument.instruments.into_iter().find(|known| known.pair == request.pair).ok_or("not listed")?;
    let action =
        Action::Place(NewOrder { request, client_order_id: "bench-1".into(), instrument: Arc::new(instrument) });
    let mut times = Vec::with_capacity(count);
    for at in 0..count {
        let at = Timestamp::from_millis(1_790_000_000_000 + i64::try_from(at)?);
        let began = Instant::now();
        std::hint::black_box(source.render(&action, Some(at)).await?);
        times.push(began.elapsed());
    }
    println!("built and signed, {key:?}: {}", Times::of(times));
    source.close().await;
    simulator.stop().await;
    Ok(())
}

/// A client that does nothing but sign, send and wait for the reply.
async fn bare(count: usize) -> Result<Times, Failure> {
    let simulator = exchange().await?;
    let key = simulator.credentials("main").into_iter().find(|key| key.key_type == KeyType::Hmac).ok_or("no key")?;
    let signing = SigningKey::hmac_sha256(&Secret::new(key.secret.as_str()))?;
    let (mut socket, _) =
        tokio_tungstenite::connect_async(simulator.addresses().ws_api.as_ref().ok_or("no socket")?).await?;
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let began = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let api_key = &key.api_key;
        let payload = format!(
            "apiKey={api_key}&newClientOrderId=bare-{number}&price={PRICE}&quantity={QUANTITY}&side=BUY&symbol=BTCUSDT\
             &timeInForce=GTC&timestamp={now}&type=LIMIT"
        );
        let mut signature = String::new();
        signing.sign(payload.as_bytes())?.append_to(&mut signature);
        let frame = format!(
            "{{\"id\":{number},\"method\":\"order.place\",\"params\":{{\"apiKey\":\"{api_key}\",\"newClientOrderId\":\
             \"bare-{number}\",\"price\":\"{PRICE}\",\"quantity\":\"{QUANTITY}\",\"side\":\"BUY\",\"symbol\":\"BTCUSDT\",\
             \"timeInForce\":\"GTC\",\"timestamp\":{now},\"type\":\"LIMIT\",\"signature\":\"{signature}\"}}}}"
        );
        socket.send(Message::text(frame)).await?;
        let reply = socket.next().await.ok_or("no reply")??;
        times.push(began.elapsed());
        if !reply.to_text()?.contains("\"status\":200") {
            return Err(format!("refused: {reply}").into());
        }
    }
    drop(socket);
    simulator.stop().await;
    Ok(Times::of(times))
}

async fn connector(entry: OrderEntry, kept: Kept, count: usize) -> Result<Times, Failure> {
    let simulator = exchange().await?;
    let folder = tempfile::tempdir()?;
    let source = tradewire::account_source(
        "binance-spot",
        &addresses(&simulator),
        credentials(&simulator, KeyType::Hmac)?,
        entry,
    )?;
    let journal = journal(kept, folder.path(), source.account())?;
    let pair: Pair = PAIR.parse()?;
    let connector = Connector::start(source, MarketConfig::default(), TradingConfig::new(journal), [pair])?;
    connector.ready().await?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let request = order()?;
        let began = Instant::now();
        connector.place(request).await?;
        times.push(began.elapsed());
    }
    connector.stop().await;
    simulator.stop().await;
    Ok(Times::of(times))
}

fn journal(kept: Kept, folder: &Path, account: &str) -> Result<Arc<dyn Journal>, Failure> {
    Ok(match kept {
        Kept::InMemory => Arc::new(SqliteJournal::in_memory(account)?),
        Kept::File(durability) => Arc::new(SqliteJournal::open(folder.join("journal.db"), account, durability)?),
    })
}
