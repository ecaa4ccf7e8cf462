//! A program that trades at random under faults is killed at random moments and started again. After each start, and at the
//! end, its orders, fills, balances and positions equal the exchange's own books, and no order was sent twice.
//!
//! `CRASH_ROUNDS=300 cargo test --release --test crash_loop` does it 300 times; without the variable it is done 24 times, on
//! each exchange as often. `CRASH_EXCHANGE=bybit-linear` keeps to one exchange. The seed is printed; `CRASH_SEED` sets it.

#![cfg(all(feature = "binance", feature = "bybit", feature = "kraken"))]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tradewire::journal::JournalReader;
use tradewire::tracking::Durability;
use tradewire::{
    Addresses, Amendment, Connector, Credentials, Decimal, Journal, MarketConfig, Order, OrderEntry, OrderRequest,
    Pair, Price, Quantity, Secret, Side, SigningKey, SqliteJournal, TimeInForce, TradingConfig,
};
use tradewire_simulator::{Config, ContractLedger, Fault, FaultKind, Flow, OrderCommand, Simulator};

/// An exchange on which the program trades, and what of its wire faults strike.
struct Venue {
    name: &'static str,
    /// Where commands go: by REST, and the names of calls on the socket.
    commands: [&'static str; 2],
    /// The private events that tell of orders and fills.
    events: &'static [&'static str],
    /// How long what the program knows may differ from what the exchange has after everything is settled.
    equal_within: Duration,
    /// What is not as the simulated exchange has it usually.
    tweak: fn(&mut Config),
}

impl Venue {
    fn has_order_socket(&self) -> bool {
        let known = tradewire::exchanges().into_iter().find(|known| known.exchange == self.name);
        known.and_then(|known| known.trading.as_ref()).is_some_and(|trading| trading.order_socket)
    }
}

const USUAL: Venue =
    Venue { name: "", commands: ["", ""], events: &[], equal_within: Duration::from_secs(10), tweak: |_| {} };

const VENUES: &[Venue] = &[
    Venue { name: "binance-spot", commands: ["/api/v3/order", "order."], events: &["executionReport"], ..USUAL },
    Venue { name: "binance-usdm", commands: ["/fapi/v1/order", "order."], events: &["ORDER_TRADE_UPDATE"], ..USUAL },
    Venue { name: "bybit-spot", commands: ["/v5/order/", "order."], events: &["order", "execution"], ..USUAL },
    Venue { name: "bybit-linear", commands: ["/v5/order/", "order."], events: &["order", "execution"], ..USUAL },
    Venue {
        name: "kraken-spot",
        commands: ["/0/private/AddOrder", "/0/private/CancelOrder"],
        events: &["executions"],
        // The account can be asked for one thing in three seconds.
        equal_within: Duration::from_secs(90),
        // The exchange's counter of calls outlives the program, which is started again much more often here than anywhere.
        tweak: |config| config.limits.weight_per_minute *= 100,
    },
];

const PAIRS: [&str; 2] = ["BTC-USDT", "ETH-USDT"];
const MAIN: &str = "main";
const CHILD: &str = "CRASH_LOOP_CHILD";

/// How often a program that waits says what it knows.
const SAY_EVERY: Duration = Duration::from_millis(250);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Exchanges with a program each that are at work at the same time: a restart waits 15 s for proof that an order which was
/// on its way never arrived.
const LANES: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_goes_on_as_if_nothing_had_happened() {
    let rounds = number("CRASH_ROUNDS").unwrap_or(24);
    let seed = number("CRASH_SEED").unwrap_or_else(|| std::process::id().into());
    let wanted = std::env::var("CRASH_EXCHANGE").ok();
    let venues: Vec<&'static Venue> =
        VENUES.iter().filter(|venue| wanted.as_ref().is_none_or(|wanted| wanted == venue.name)).collect();
    assert!(!venues.is_empty(), "CRASH_EXCHANGE is one of the exchanges that are tried");
    println!("{rounds} rounds, seed {seed} (CRASH_SEED)");
    let lanes = venues.iter().cycle().zip(0..LANES.min(rounds));
    let lanes: Vec<_> =
        lanes.map(|(venue, lane)| tokio::spawn(run_lane(venue, seed + lane, rounds.div_ceil(LANES)))).collect();
    let mut orders = 0;
    for lane in lanes {
        orders += lane.await.expect("a lane that ends well");
    }
    assert!(orders as u64 > rounds, "the programs have traded: {orders} orders");
}

/// Kills and starts one program `rounds` times. Returns how many orders it has placed.
async fn run_lane(venue: &'static Venue, seed: u64, rounds: u64) -> usize {
    let mut parent = Parent::start(venue, seed).await.expect("a simulator");
    for round in 1..=rounds {
        if let Err(failure) = parent.round(round % 2 == 0).await {
            panic!("{}, round {round} of seed {seed}: {failure}", venue.name);
        }
    }
    parent.end().await
}

/// The program that is killed: this test again, in a process of its own.
#[tokio::test]
#[ignore = "started by its neighbour"]
async fn child() {
    if std::env::var_os(CHILD).is_some() {
        trade().await.expect("a trading program");
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

struct Parent {
    venue: &'static Venue,
    simulator: Simulator,
    random: ChaCha8Rng,
    folder: tempfile::TempDir,
    orders_seen: usize,
}

impl Parent {
    async fn start(venue: &'static Venue, seed: u64) -> Result<Self, Failure> {
        let mut config = Config { flow: Flow::Off, seed, ..Config::of(venue.name)?.listing(&PAIRS)? };
        for listing in &mut config.listings {
            listing.opening_depth = listing.opening_depth.min(100);
            listing.history_minutes = listing.history_minutes.min(2);
        }
        (venue.tweak)(&mut config);
        let simulator = Simulator::start(config).await?;
        let random = ChaCha8Rng::seed_from_u64(seed);
        Ok(Self { venue, simulator, random, folder: tempfile::tempdir()?, orders_seen: 0 })
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    /// Starts the program, compares what it knows, lets it trade under faults, and kills it at a random moment.
    async fn round(&mut self, socket: bool) -> Result<(), Failure> {
        let mut child = self.spawn(socket && self.venue.has_order_socket())?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        self.becomes_equal(&mut lines).await?;
        self.faults()?;
        child.stdin.take().ok_or("no input")?.write_all(b"go\n").await?;
        self.let_it_trade().await;
        child.start_kill()?;
        child.wait().await?;
        self.happen_while_down()?;
        self.simulator.clear_faults();
        Ok(())
    }

    fn spawn(&self, socket: bool) -> Result<Child, Failure> {
        let at = self.simulator.addresses();
        let key = self.simulator.credentials(MAIN).into_iter().next().ok_or("no key")?;
        Ok(Command::new(std::env::current_exe()?)
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(CHILD, self.venue.name)
            .env("REST", &at.rest)
            .env("WS", &at.ws)
            .env("WS_API", at.ws_api.as_deref().ok_or("no socket for commands")?)
            .env("WS_PRIVATE", at.ws_private.as_deref().unwrap_or_default())
            .env("KEY", key.api_key)
            .env("SECRET", key.secret)
            .env("JOURNAL", self.journal())
            .env("SOCKET", if socket { "1" } else { "0" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?)
    }

    /// Lets so many further requests pass, then a little more.
    async fn let_it_trade(&mut self) {
        let until = self.simulator.requests().total + self.random.random_range(1..60);
        while self.simulator.requests().total < until {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        tokio::time::sleep(Duration::from_micros(self.random.random_range(0..3_000))).await;
    }

    fn faults(&mut self) -> Result<(), Failure> {
        let requests = [
            FaultKind::LoseReply,
            FaultKind::LoseRequest,
            FaultKind::Cut,
            FaultKind::Status { status: 502 },
            FaultKind::Truncate,
        ];
        for (kind, path) in requests.iter().flat_map(|kind| self.venue.commands.map(|path| (kind, path))) {
            let seed = self.random.random();
            self.simulator.inject(Fault::new(kind.clone()).path(path).probability(0.03, seed).always())?;
        }
        for event in self.venue.events {
            for kind in [FaultKind::Duplicate, FaultKind::Reorder] {
                let seed = self.random.random();
                self.simulator.inject(Fault::new(kind).event(event).probability(0.05, seed).always())?;
            }
        }
        Ok(())
    }

    /// Others trade with what the program has left, and somebody else uses its account.
    fn happen_while_down(&mut self) -> Result<(), Failure> {
        for order in self.simulator.orders(MAIN).into_iter().filter(tradewire_simulator::Order::is_live) {
            let whole = match self.random.random_range(0..4) {
                0 => Some(true),
                1 => Some(false),
                _ => None,
            };
            let Some(whole) = whole else { continue };
            let quantity = (!whole).then(|| Decimal::new(1, 3));
            let named = tradewire_simulator::OrderRef::Id(order.id);
            // An order that is not in the book cannot be filled: stop orders, for example.
            let _ = self.simulator.fill_order(MAIN, &order.symbol, &named, quantity);
        }
        Ok(())
    }

    /// The program says what it knows, again and again, until that is what the exchange has: figures of balances that an order
    /// on its way had kept back are read again within seconds.
    async fn becomes_equal(&mut self, lines: &mut Lines) -> Result<(), Failure> {
        let state = next_state(lines).await?;
        let until = tokio::time::Instant::now() + self.venue.equal_within;
        let mut compared = self.compare(&state);
        while compared.is_err() && tokio::time::Instant::now() < until {
            compared = self.compare(&next_state(lines).await?);
        }
        compared
    }

    /// Checks what the program says, and what its journal holds, against the exchange's books.
    fn compare(&mut self, state: &serde_json::Value) -> Result<(), Failure> {
        let ledger = self.simulator.account_ledger(MAIN).ok_or("no account")?;
        let live: BTreeSet<String> = ledger.orders.iter().filter(|order| order.is_live()).map(name_of).collect();
        let said: Said = serde_json::from_value(state.clone())?;
        equal("live orders", &live, &said.live)?;
        match &ledger.contracts {
            None => {
                let held = ledger.balances.iter().filter(|(_, balance)| !balance.total().is_zero());
                let held = held.map(|(asset, held)| (asset.clone(), (held.total().normalize(), held.free.normalize())));
                equal("balances", &held.collect(), &said.balances)?;
            }
            Some(contracts) => compare_contracts(contracts, &said)?,
        }
        self.compare_journal(&ledger)?;
        let places = self.simulator.requests();
        for order in &ledger.orders {
            let sent = places.places(&order.client_id);
            if sent > 1 {
                return Err(format!("{} was sent {sent} times", order.client_id).into());
            }
        }
        self.orders_seen = ledger.orders.len();
        Ok(())
    }

    fn compare_journal(&self, ledger: &tradewire_simulator::AccountLedger) -> Result<(), Failure> {
        let reader = JournalReader::open(self.journal())?;
        let ours = reader.orders(&Default::default())?;
        let ours: BTreeMap<String, _> = ours
            .into_iter()
            .filter_map(|listed| {
                let order = listed.entry.order;
                order.exchange_order_id.as_ref()?;
                Some((
                    format!("{} {}", order.symbol, order.client_order_id),
                    (text(order.filled.value()), text(order.quote_filled), order.state.is_live()),
                ))
            })
            .collect();
        let theirs: BTreeMap<String, _> = ledger
            .orders
            .iter()
            .map(|order| (name_of(order), (text(order.executed), text(order.executed_quote), order.is_live())))
            .collect();
        equal("orders in the journal", &theirs, &ours)?;
        let fill = |order: String, price, quantity, fee: Option<(Decimal, String)>| {
            (order, text(price), text(quantity), fee.map(|(amount, asset)| (text(amount), asset)))
        };
        let ours = reader.fills(&Default::default())?.into_iter().map(|listed| {
            let ours = listed.entry;
            let fee = ours.fee.as_ref().map(|fee| (fee.amount, fee.asset.as_str().to_owned()));
            fill(format!("{} {}", ours.symbol, ours.client_order_id), ours.price.value(), ours.quantity.value(), fee)
        });
        let client_ids: BTreeMap<_, _> =
            ledger.orders.iter().map(|order| ((&order.symbol, order.id), name_of(order))).collect();
        let theirs = ledger.fills.iter().map(|theirs| {
            let order = client_ids.get(&(&theirs.symbol, theirs.order)).cloned().unwrap_or_default();
            fill(order, theirs.price, theirs.quantity, Some((theirs.commission, theirs.commission_asset.to_string())))
        });
        let sorted = |mut fills: Vec<_>| {
            fills.sort();
            fills
        };
        equal("fills in the journal", &sorted(theirs.collect()), &sorted(ours.collect()))
    }

    async fn end(mut self) -> usize {
        let mut child = self.spawn(false).expect("a last start");
        let mut lines = BufReader::new(child.stdout.take().expect("output")).lines();
        self.becomes_equal(&mut lines).await.expect("the same at the end");
        child.start_kill().expect("an end");
        child.wait().await.expect("an end");
        let log = self.simulator.requests();
        println!(
            "{}: {} orders, {} fills, {} places, {} cancels; faults: {:?}",
            self.venue.name,
            self.orders_seen,
            self.simulator.fills(MAIN).len(),
            log.commands(OrderCommand::Place),
            log.commands(OrderCommand::Cancel),
            self.simulator.faults_struck(),
        );
        self.simulator.stop().await;
        self.orders_seen
    }
}

/// What a program says, line by line.
type Lines = tokio::io::Lines<BufReader<tokio::process::ChildStdout>>;

/// What a program says of its account.
#[derive(Serialize, Deserialize)]
struct Said {
    /// Symbol and client order id of each live order.
    live: BTreeSet<String>,
    /// Total and available, by asset.
    balances: BTreeMap<String, (Decimal, Decimal)>,
    /// Signed sizes, by symbol.
    positions: BTreeMap<String, Decimal>,
}

/// Wallets and positions. What of a wallet is available follows the mark price at every moment; and the exchange rounds the
/// profit of each closing fill to eight decimals, which is not followed between two reads.
fn compare_contracts(contracts: &ContractLedger, said: &Said) -> Result<(), Failure> {
    let known = |asset: &str| said.balances.get(asset).map(|(total, _)| *total).unwrap_or_default();
    for (asset, wallet) in &contracts.wallets {
        if (known(asset) - wallet.balance).abs() > Decimal::new(1, 6) {
            return Err(format!("{asset}: the exchange has {}, the program {}", wallet.balance, known(asset)).into());
        }
    }
    let positions = contracts.positions.iter().filter(|held| !held.size.is_zero());
    let positions = positions.map(|held| (held.symbol.to_string(), held.size.normalize()));
    equal("positions", &positions.collect(), &said.positions)
}

async fn next_state(lines: &mut Lines) -> Result<serde_json::Value, Failure> {
    let wait = async {
        while let Some(line) = lines.next_line().await? {
            if let Some(state) = line.strip_prefix("state ") {
                return Ok(serde_json::from_str(state)?);
            }
        }
        Err("the program ended".into())
    };
    tokio::time::timeout(Duration::from_secs(120), wait).await.map_err(|_| "the program did not become ready")?
}

fn name_of(order: &tradewire_simulator::Order) -> String {
    format!("{} {}", order.symbol, order.client_id)
}

fn text(number: Decimal) -> String {
    number.normalize().to_string()
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, theirs: &T, ours: &T) -> Result<(), Failure> {
    if theirs == ours {
        Ok(())
    } else {
        Err(format!("{what}: the exchange has {theirs:?}, the program {ours:?}").into())
    }
}

/// Trades until it is killed.
async fn trade() -> Result<(), Failure> {
    let connector = connect()?;
    connector.ready().await?;
    settle(&connector).await;
    let mut go = String::new();
    let mut input = BufReader::new(tokio::io::stdin());
    let told = input.read_line(&mut go);
    tokio::pin!(told);
    loop {
        print_state(&connector);
        tokio::select! {
            read = &mut told => {
                read?;
                break;
            }
            () = tokio::time::sleep(SAY_EVERY) => {}
        }
    }
    let connector = Arc::new(connector);
    let mut random = ChaCha8Rng::seed_from_u64(std::process::id().into());
    loop {
        let acts: Vec<_> = (0..3).map(|_| act(Arc::clone(&connector), random.random())).collect();
        for done in futures_of(acts).await {
            // Refusals and unknown outcomes are part of it.
            drop(done);
        }
    }
}

async fn futures_of<T: Send + 'static>(acts: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let tasks: Vec<_> = acts.into_iter().map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.extend(task.await.ok());
    }
    done
}

fn connect() -> Result<Connector, Failure> {
    let given = |name: &str| std::env::var(name);
    let mut addresses = Addresses::own(given("REST")?, given("WS")?).with_ws_api(given("WS_API")?);
    let private = given("WS_PRIVATE")?;
    if !private.is_empty() {
        addresses = addresses.with_ws_private(private);
    }
    let key = SigningKey::hmac_sha256(&Secret::new(given("SECRET")?))?;
    let credentials = Credentials::new(Secret::new(given("KEY")?), key)?;
    let entry = if given("SOCKET")? == "1" { OrderEntry::Socket } else { OrderEntry::Rest };
    let source = tradewire::account_source(&given(CHILD)?, &addresses, credentials, entry)?;
    let journal = SqliteJournal::open(Path::new(&given("JOURNAL")?), source.account(), Durability::Process)?;
    let config = TradingConfig::new(Arc::new(journal) as Arc<dyn Journal>);
    let pairs: Vec<Pair> = PAIRS.iter().filter_map(|pair| pair.parse().ok()).collect();
    Ok(Connector::start(source, MarketConfig::default(), config, pairs)?)
}

/// Waits until no outcome is unknown and no end is waited for.
async fn settle(connector: &Connector) {
    let unsettled = |order: &Order| {
        order.outcome_unknown_since.is_some()
            || order.cancel_requested
            || order.missing_fills.is_some()
            || order.exchange_order_id.is_none()
    };
    while connector.account_orders().iter().any(unsettled) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn print_state(connector: &Connector) {
    let live = connector.account_orders();
    let held = connector.balances().into_iter().filter(|(_, balance)| !balance.total.is_zero());
    let positions = connector.positions().into_iter().filter(|held| !held.size.is_zero());
    let said = Said {
        live: live.iter().map(|order| format!("{} {}", order.symbol, order.client_order_id)).collect(),
        balances: held
            .map(|(asset, held)| (asset.as_str().to_owned(), (held.total.normalize(), held.available.normalize())))
            .collect(),
        positions: positions.map(|held| (held.symbol.to_string(), held.size.normalize())).collect(),
    };
    println!("\nstate {}", serde_json::to_string(&said).expect("text"));
}

async fn act(connector: Arc<Connector>, seed: u64) -> Result<(), Failure> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let live = connector.orders();
    match random.random_range(0..10) {
        0..=5 => drop(connector.place(request(&connector, &mut random)?).await?),
        6..=8 if !live.is_empty() => {
            let order = &live[random.random_range(0..live.len())];
            drop(connector.cancel(&order.client_order_id).await?);
        }
        _ if !live.is_empty() => {
            let order = &live[random.random_range(0..live.len())];
            let rules =
                order.pair.as_ref().and_then(|pair| connector.book(pair)).ok_or("no book")?.instrument().rules.clone();
            let smaller = order.remaining().map(|left| left.value() / Decimal::TWO).unwrap_or_default();
            let quantity = Some(rules.round_quantity(Quantity::new(order.filled.value() + smaller)));
            drop(connector.amend(&order.client_order_id, Amendment { quantity, price: None }).await?);
        }
        _ => {}
    }
    Ok(())
}

fn request(connector: &Connector, random: &mut ChaCha8Rng) -> Result<OrderRequest, Failure> {
    let pair: Pair = PAIRS[random.random_range(0..PAIRS.len())].parse()?;
    let side = if random.random() { Side::Buy } else { Side::Sell };
    let book = connector.book(&pair).ok_or("no book")?;
    let rules = book.instrument().rules.clone();
    // On ETH enough to be worth an order.
    let (least, most) = if pair.base() == "ETH" { (40, 400) } else { (2, 40) };
    let quantity = rules.round_quantity(Quantity::new(Decimal::new(random.random_range(least..most), 3)));
    let best = |side| book.best(side).map(|best| best.value.price.value());
    let (bid, ask) = (best(Side::Buy)?, best(Side::Sell)?);
    let away = Decimal::new(random.random_range(1..300), 4);
    let price = |price: Decimal| rules.round_price(Price::new(price), side);
    Ok(match (random.random_range(0..6), side) {
        (0, _) => OrderRequest::market(pair, side, quantity),
        (1, Side::Buy) => OrderRequest::limit(pair, side, quantity, price(ask)).time_in_force(TimeInForce::Ioc),
        (1, Side::Sell) => OrderRequest::limit(pair, side, quantity, price(bid)).time_in_force(TimeInForce::Ioc),
        (2, Side::Buy) => OrderRequest::limit(pair, side, quantity, price(bid)).post_only(),
        (2, Side::Sell) => OrderRequest::limit(pair, side, quantity, price(ask)).post_only(),
        (_, Side::Buy) => OrderRequest::limit(pair, side, quantity, price(bid * (Decimal::ONE - away))),
        (_, Side::Sell) => OrderRequest::limit(pair, side, quantity, price(ask * (Decimal::ONE + away))),
    })
}
