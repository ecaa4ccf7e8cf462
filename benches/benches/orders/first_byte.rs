use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tradewire::{Connector, MarketConfig, OrderEntry, Pair, TradingConfig};
use tradewire_simulator::{KeyType, Simulator};

use crate::exchange::{Failure, PAIR, credentials, order, tapped};
use crate::silent_journal::SilentJournal;
use crate::tap::{Order, Tap};
use crate::times::Times;

/// From the call that places an order until its first byte is at the other end of the socket, without a record; beside a bare
/// client whose frame is ready when the time begins.
pub(crate) fn measure(count: usize) -> Result<(), Failure> {
    let background = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (simulator, tap) = background.block_on(tapped())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bare = runtime.block_on(bare(&tap, count))?;
    println!("first byte of a bare client, frame ready: {bare}");
    for key in [KeyType::Hmac, KeyType::Ed25519] {
        let times = runtime.block_on(connector(&simulator, &tap, key, count))?;
        let added = times.median.saturating_sub(bare.median);
        println!("first byte of the connector, {key:?}: {times}; {:.1} more than bare", crate::times::micros(added));
    }
    background.block_on(simulator.stop());
    Ok(())
}

async fn bare(tap: &Tap, count: usize) -> Result<Times, Failure> {
    let (mut socket, _) = tokio_tungstenite::connect_async(&tap.url).await?;
    let frame = format!("{{\"id\":1,\"method\":\"ping\",\"params\":{{\"pad\":\"{}\"}}}}", "x".repeat(400));
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        tap.ask(Order::Watch);
        tokio::time::sleep(Duration::from_millis(1)).await;
        let message = Message::text(frame.clone());
        let began = Instant::now();
        socket.send(message).await?;
        times.push(tap.stamp().ok_or("nothing came")? - began);
        socket.next().await.ok_or("no reply")??;
    }
    Ok(Times::of(times))
}

async fn connector(simulator: &Simulator, tap: &Tap, key: KeyType, count: usize) -> Result<Times, Failure> {
    let source = tradewire::account_source(
        "binance-spot",
        &crate::exchange::addresses(simulator).with_ws_api(&tap.url),
        credentials(simulator, key)?,
        OrderEntry::Socket,
    )?;
    let pair: Pair = PAIR.parse()?;
    let trading = TradingConfig::new(Arc::new(SilentJournal));
    let connector = Connector::start(source, MarketConfig::default(), trading, [pair])?;
    connector.ready().await?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        // What the order before has brought is over by then.
        tokio::time::sleep(Duration::from_millis(1)).await;
        tap.ask(Order::Watch);
        tokio::time::sleep(Duration::from_millis(1)).await;
        let request = order()?;
        let began = Instant::now();
        connector.place(request).await?;
        times.push(tap.stamp().ok_or("nothing came")? - began);
    }
    connector.stop().await;
    Ok(Times::of(times))
}
