use std::time::{Duration, Instant};

use tradewire::tracking::Durability;
use tradewire::{Connector, Decimal, MarketConfig, OrderEntry, Pair, TradingConfig};
use tradewire_simulator::{ExternalOrder, Fault, FaultKind, KeyType, OrderRef, Side, Simulator};

use crate::exchange::{Failure, Kept, PAIR, addresses, credentials, exchange, journal};

const ORDERS: usize = 1_000;
const FILLS_EACH: usize = 10;

/// How long a start takes after which 1 000 live orders and 10 000 fills are new, and what it asks the exchange.
pub(crate) fn measure() -> Result<(), Failure> {
    let background = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let simulator = background.block_on(exchange())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let folder = tempfile::tempdir()?;
    runtime.block_on(async {
        start(&simulator, folder.path()).await?.stop().await;
        populate(&simulator)?;
        let (asked, memory) = (simulator.requests().records.len(), resident()?);
        let began = Instant::now();
        let connector = start(&simulator, folder.path()).await?;
        let took = began.elapsed();
        let known = connector.account_orders().len();
        let requests = simulator.requests().records.split_off(asked);
        let signed: Vec<_> = requests.iter().filter(|request| request.query.contains("timestamp=")).collect();
        let weight: u64 = requests.iter().map(|request| request.weight).sum();
        println!(
            "start with {known} live orders and {} fills that are new: ready after {:.0} ms; {} requests ({} signed) of weight {weight} \
             together; {} KiB more resident in the process, the exchange's own included",
            ORDERS * FILLS_EACH,
            took.as_secs_f64() * 1e3,
            requests.len(),
            signed.len(),
            resident()?.saturating_sub(memory),
        );
        connector.stop().await;
        Ok::<_, Failure>(())
    })?;
    background.block_on(simulator.stop());
    Ok(())
}

async fn start(simulator: &Simulator, folder: &std::path::Path) -> Result<Connector, Failure> {
    let source = tradewire::account_source(
        "binance-spot",
        &addresses(simulator),
        credentials(simulator, KeyType::Hmac)?,
        OrderEntry::Rest,
    )?;
    let journal = journal(Kept::File(Durability::Process), folder, source.account())?;
    let pair: Pair = PAIR.parse()?;
    let connector = Connector::start(source, MarketConfig::default(), TradingConfig::new(journal), [pair])?;
    tokio::time::timeout(Duration::from_secs(60), connector.ready()).await??;
    Ok(connector)
}

fn populate(simulator: &Simulator) -> Result<(), Failure> {
    let (price, quantity) = (Decimal::from(55_000), Decimal::new(1, 3));
    for number in 0..ORDERS {
        let client_id = Some(format!("other-{number}"));
        let order = ExternalOrder { client_id, ..ExternalOrder::limit(Side::Buy, price, quantity) };
        simulator.inject(Fault::new(FaultKind::ExternalOrder(order)).pair(PAIR))?;
        let named = OrderRef::Client(format!("other-{number}"));
        for _ in 0..FILLS_EACH {
            simulator.fill_order("main", "BTCUSDT", &named, Some(Decimal::new(1, 5)))?;
        }
    }
    Ok(())
}

/// Memory of this process, KiB.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
