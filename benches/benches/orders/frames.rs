use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tradewire::tracking::{AccountEvents, Durability};
use tradewire::{AccountChange, Connector, MarketConfig, OrderChange, OrderEntry, Pair, TradingConfig};
use tradewire_simulator::{KeyType, Simulator};

use crate::exchange::{Failure, Kept, PAIR, addresses, credentials, journal, tapped};
use crate::report::Report;
use crate::tap::{Order, Tap};
use crate::times::{Times, micros};

/// Numbers of orders that the exchange itself has not given.
const FIRST_ORDER: u64 = 1_000_000_000;
/// A flood: reports of trades, of so many live orders.
const LIVE: u64 = 10_000;
const REPORTS: u64 = 200_000;
/// How many reports are handed to the socket at once.
const AT_ONCE: u64 = 500;

/// From the moment in which a report of a fill is sent until its event is in the reader's hands, with several records; beside a bare
/// client that only reads the frame.
pub(crate) fn measure(count: usize) -> Result<(), Failure> {
    let background = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (simulator, tap) = background.block_on(tapped())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bare = runtime.block_on(bare(&tap, count))?;
    println!("a frame in the hands of a bare client: {bare}");
    for kept in [Kept::Nowhere, Kept::InMemory, Kept::File(Durability::Process)] {
        let times = runtime.block_on(one_by_one(&simulator, &tap, kept, count))?;
        let added = times.median.saturating_sub(bare.median);
        println!("a fill in the hands of a reader, journal {kept:?}: {times}; {:.1} more than bare", micros(added));
    }
    background.block_on(simulator.stop());
    Ok(())
}

async fn bare(tap: &Tap, count: usize) -> Result<Times, Failure> {
    let (mut socket, _) = tokio_tungstenite::connect_async(&tap.url).await?;
    let mut times = Vec::with_capacity(count);
    for trade in 1..=count as u64 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        tap.ask(Order::Send(Report { order: FIRST_ORDER, trade: Some(trade), filled: trade }.frame()));
        socket.next().await.ok_or("no frame")??;
        let arrived = Instant::now();
        times.push(arrived - tap.stamp().ok_or("nothing left")?);
    }
    Ok(Times::of(times))
}

async fn start(simulator: &Simulator, tap: &Tap, kept: Kept, folder: &std::path::Path) -> Result<Connector, Failure> {
    let source = tradewire::account_source(
        "binance-spot",
        &addresses(simulator).with_ws_api(&tap.url),
        credentials(simulator, KeyType::Hmac)?,
        OrderEntry::Rest,
    )?;
    let journal = journal(kept, folder, source.account())?;
    let pair: Pair = PAIR.parse()?;
    let connector =
        Connector::start(source, MarketConfig::default(), TradingConfig::new(Arc::clone(&journal)), [pair])?;
    connector.ready().await?;
    Ok(connector)
}

/// Reads on until so many fills were told, and when the last was.
async fn fills(events: &mut AccountEvents, count: u64) -> Result<Instant, Failure> {
    let mut seen = 0;
    while seen < count {
        let event = tokio::time::timeout(Duration::from_secs(60), events.next()).await??.ok_or("the end")?;
        if let AccountChange::Order(told) = &event.change {
            seen += u64::from(matches!(told.change, OrderChange::Fill(_)));
        }
    }
    Ok(Instant::now())
}

async fn one_by_one(simulator: &Simulator, tap: &Tap, kept: Kept, count: usize) -> Result<Times, Failure> {
    let folder = tempfile::tempdir()?;
    let connector = start(simulator, tap, kept, folder.path()).await?;
    let mut events = connector.account_events(0)?;
    introduce(&connector, tap, 1, &mut events).await?;
    let mut times = Vec::with_capacity(count);
    for trade in 1..=count as u64 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        tap.ask(Order::Send(Report { order: FIRST_ORDER, trade: Some(trade), filled: trade }.frame()));
        let arrived = fills(&mut events, 1).await?;
        times.push(arrived - tap.stamp().ok_or("nothing left")?);
    }
    connector.stop().await;
    Ok(Times::of(times))
}

/// Has so many orders of somebody else known.
async fn introduce(connector: &Connector, tap: &Tap, count: u64, events: &mut AccountEvents) -> Result<(), Failure> {
    for order in 0..count {
        tap.ask(Order::Send(Report { order: FIRST_ORDER + order, trade: None, filled: 0 }.frame()));
        tap.stamp().ok_or("nothing left")?;
        if order % 100 == 99 {
            while events.try_next().is_some() {}
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let began = Instant::now();
    while (connector.account_orders().len() as u64) < count {
        if began.elapsed() > Duration::from_secs(60) {
            return Err(format!("only {} orders are known", connector.account_orders().len()).into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        while events.try_next().is_some() {}
    }
    while events.try_next().is_some() {}
    Ok(())
}

/// As many reports as the connector takes.
pub(crate) fn flood() -> Result<(), Failure> {
    let background = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (simulator, tap) = background.block_on(tapped())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // A reader that falls behind reads from the record: there has to be one.
    for kept in [Kept::InMemory, Kept::File(Durability::Process), Kept::File(Durability::Power)] {
        let took = runtime.block_on(all_at_once(&simulator, &tap, kept))?;
        let rate = REPORTS as f64 / took.as_secs_f64();
        println!("{REPORTS} reports of fills of {LIVE} live orders, journal {kept:?}: {rate:.0} a second");
    }
    background.block_on(simulator.stop());
    Ok(())
}

async fn all_at_once(simulator: &Simulator, tap: &Tap, kept: Kept) -> Result<Duration, Failure> {
    let folder = tempfile::tempdir()?;
    let connector = start(simulator, tap, kept, folder.path()).await?;
    let mut events = connector.account_events(0)?;
    introduce(&connector, tap, LIVE, &mut events).await?;
    let reading = tokio::spawn(async move { fills(&mut events, REPORTS).await.map_err(|error| error.to_string()) });
    let frames: Vec<Vec<u8>> = (0..REPORTS / AT_ONCE).map(frames_of).collect();
    let began = Instant::now();
    frames.into_iter().for_each(|frames| tap.ask(Order::Send(frames)));
    let took = reading.await?? - began;
    while tap.stamp_now().is_some() {}
    connector.stop().await;
    Ok(took)
}

/// A part of the reports, in turn over the orders.
fn frames_of(part: u64) -> Vec<u8> {
    let reports = (part * AT_ONCE..(part + 1) * AT_ONCE).flat_map(|number| {
        let report = Report { order: FIRST_ORDER + number % LIVE, trade: Some(number + 1), filled: number / LIVE + 1 };
        report.frame()
    });
    reports.collect()
}
