//! What rows work with.

pub(crate) mod altered;
pub(crate) mod beside;
pub(crate) mod capture;
mod costs;
pub(crate) mod desk;
pub(crate) mod disk;
pub(crate) mod grammar;
pub(crate) mod ledger;
pub(crate) mod partner;
pub(crate) mod slow_disk;
pub(crate) mod stand;
pub(crate) mod story;
pub(crate) mod witness;
pub(crate) mod world;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tradewire_core::{Addresses, Capabilities, Error, ErrorKind, Pair, TradingCapabilities};
use tradewire_simulator::{Config, EXCHANGES, Fault, FaultKind, OrderCommand};
use tradewire_tracking::{MarketSource, OrderEntry};

use crate::row::{Failed, expect};
use crate::{AccountPaths, AccountReports, AccountWire, Subject, Wire, WireError};
use capture::Captured;

pub(crate) use altered::Altered;
pub(crate) use desk::{Desk, DeskSetup};
pub(crate) use disk::{Disk, LastWrite};
pub(crate) use stand::Stand;
pub(crate) use witness::Witness;
pub(crate) use world::{Setup, World};

/// Virtual time in which what was stopped must be gone.
const LEAVE: Duration = Duration::from_secs(5);
/// How often a look is taken after that, and the real time before each.
const REAL_LOOKS: u32 = 20;
const REAL_PAUSE: Duration = Duration::from_millis(50);

/// One run of one row: the connector under test, a seed, and what was said in logs and metrics.
#[derive(Debug)]
pub(crate) struct Bench {
    subject: Subject,
    seed: u64,
    order_entry: OrderEntry,
    captured: Captured,
    worlds_running: Cell<u32>,
}

impl Bench {
    pub(crate) fn new(subject: Subject, seed: u64, order_entry: OrderEntry, captured: Captured) -> Self {
        Self { subject, seed, order_entry, captured, worlds_running: Cell::new(0) }
    }

    /// The same run with another subject.
    pub(crate) fn with_subject(&self, subject: Subject) -> Self {
        Self::new(subject, self.seed, self.order_entry, self.captured.clone())
    }

    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(crate) fn capabilities(&self) -> &Capabilities {
        self.subject.capabilities()
    }

    pub(crate) fn wire(&self) -> &dyn Wire {
        self.subject.wire()
    }

    /// What is known of the wire of accounts.
    pub(crate) fn account_wire(&self) -> Result<&dyn AccountWire, Failed> {
        self.can_trade()?;
        self.wire().account().ok_or_else(no_account)
    }

    /// What the subject declares of trading.
    pub(crate) fn trading(&self) -> Result<&TradingCapabilities, Failed> {
        self.can_trade()?;
        self.capabilities().trading.as_ref().ok_or_else(no_account)
    }

    /// Goes on if the subject declares trading and the wire of its accounts is known; else the row does not run.
    pub(crate) fn can_trade(&self) -> Result<(), Failed> {
        let trades = self.capabilities().trading.is_some() && self.wire().account().is_some();
        if trades { Ok(()) } else { Err(no_account()) }
    }

    /// Whether the exchange can be simulated.
    pub(crate) fn has_server(&self) -> bool {
        EXCHANGES.contains(&self.wire().simulated())
    }

    /// A fault that strikes an order command on this run's wire.
    pub(crate) fn struck(&self, command: OrderCommand, kind: FaultKind) -> Result<Fault, Failed> {
        Ok(self.account_wire()?.aim(Fault::new(kind), command, self.order_entry))
    }

    /// A fault that strikes a read of the account.
    pub(crate) fn read(&self, path: fn(&AccountPaths) -> &'static str, kind: FaultKind) -> Result<Fault, Failed> {
        let wire = self.account_wire()?;
        Ok(Fault::new(kind).method(wire.read_method()).path(path(&wire.paths())))
    }

    /// An answer that refuses a read, which is not asked again for it.
    pub(crate) fn refused_read(&self) -> Result<FaultKind, Failed> {
        let plain = |error: &&WireError| error.kind == ErrorKind::UnknownInstrument;
        let error = self.wire().errors().iter().find(plain);
        let error = error.ok_or_else(|| Failed::new("an error of an unknown instrument", "none is known"))?;
        Ok(self.code(error.code, None, error.status))
    }

    /// An answer with an error of the exchange's: `text` is for people.
    pub(crate) fn code(&self, code: i64, text: Option<&str>, status: u16) -> FaultKind {
        FaultKind::Code { code, message: self.stated(code, text), status }
    }

    /// What an error of the exchange's says: the text or, where codes are words, the word with the text as its detail.
    pub(crate) fn stated(&self, code: i64, text: Option<&str>) -> Option<String> {
        match (self.wire().code_word(code), text) {
            (Some(word), Some(detail)) if !detail.is_empty() => Some(format!("{word}:{detail}")),
            (Some(word), _) => Some(word.to_owned()),
            (None, text) => text.map(str::to_owned),
        }
    }

    /// The number under which the simulator's log of requests has an error.
    pub(crate) fn logged(&self, code: i64, text: Option<&str>) -> i64 {
        self.wire().logged_code(code, &self.stated(code, text).unwrap_or_default())
    }

    /// An answer that shuts the address out, for so long where the exchange tells that.
    pub(crate) fn ban(&self, seconds: u64) -> FaultKind {
        let ban = self.wire().limits().ban;
        match ban.code {
            Some(code) => self.code(code, None, 200),
            None => FaultKind::RetryAfter { seconds, status: ban.status },
        }
    }

    /// As [`Self::ban`], by an answer that does not say for how long.
    pub(crate) fn ban_without_time(&self) -> FaultKind {
        let ban = self.wire().limits().ban;
        match ban.code {
            Some(code) => self.code(code, None, 200),
            None => FaultKind::Status { status: ban.status },
        }
    }

    /// Whether an error has one of the exchange's codes.
    pub(crate) fn has_code(&self, error: &Error, code: i64) -> bool {
        match self.wire().code_word(code) {
            Some(word) => error.context("code").is_some_and(|stated| word.starts_with(stated)),
            None => error.code() == Some(code),
        }
    }

    /// Whether book snapshots come on the stream, with a subscription, and are not asked for.
    pub(crate) fn streams_snapshots(&self) -> Result<bool, Failed> {
        Ok(!self.unconnected()?.sequence_rule().snapshot_by_rest())
    }

    /// A fault that keeps a pair's book without any snapshot while it is in force.
    pub(crate) fn no_snapshot(&self, pair: &Pair) -> Result<Fault, Failed> {
        if self.streams_snapshots()? {
            let stream = self.wire().book_stream(&self.wire().symbol(pair));
            return Ok(Fault::new(FaultKind::Mute).stream(&stream).always());
        }
        let path = self.wire().paths().snapshot;
        Ok(Fault::new(FaultKind::Status { status: 500 }).path(path).pair(pair.as_str()).always())
    }

    /// The statuses of answers to requests that were too many.
    pub(crate) fn too_many(&self) -> [u16; 2] {
        [429, self.wire().limits().ban.status]
    }

    /// A fault that strikes what the private stream tells.
    pub(crate) fn told(&self, what: fn(&AccountReports) -> &'static str, kind: FaultKind) -> Result<Fault, Failed> {
        Ok(Fault::new(kind).event(what(&self.account_wire()?.reports())))
    }

    /// The seed of whatever is random.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The wire that order commands take in this run.
    pub(crate) fn order_entry(&self) -> OrderEntry {
        self.order_entry
    }

    /// Logs and metrics of this run.
    pub(crate) fn captured(&self) -> &Captured {
        &self.captured
    }

    /// The settings of a simulator of the subject's exchange, seeded; without one the row does not run.
    pub(crate) fn exchange(&self) -> Result<Config, Failed> {
        let name = self.wire().simulated();
        let usual = Config::of(name).map_err(|_| no_server())?;
        Ok(Config { exchange: name.to_owned(), seed: self.seed, ..usual })
    }

    /// A connector that will not be asked to connect anywhere.
    pub(crate) fn unconnected(&self) -> Result<Arc<dyn MarketSource>, Failed> {
        let addresses = Addresses::own("http://127.0.0.1:9", "ws://127.0.0.1:9");
        Ok(self.subject.source(&addresses)?)
    }

    /// A simulator with a connector that follows its market.
    pub(crate) async fn world(&self, setup: Setup) -> Result<World, Failed> {
        World::start(self, setup).await
    }

    /// A simulator with a connector that trades on it.
    pub(crate) async fn desk(&self, setup: DeskSetup) -> Result<Desk, Failed> {
        self.can_trade()?;
        Desk::start(self, setup).await
    }

    fn world_started(&self) {
        self.worlds_running.set(self.worlds_running.get() + 1);
    }

    fn world_ended(&self) {
        self.worlds_running.set(self.worlds_running.get().saturating_sub(1));
    }

    /// Checks what must hold at the end of every row: whatever was started was checked and ended, no task lives on.
    pub(crate) async fn nothing_is_left(&self) -> Result<(), Failed> {
        expect(self.worlds_running.get() == 0, "a row that ends what it starts", "a simulator was left running")?;
        let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let gone = is_gone(|| tasks() == 0).await;
        expect(gone, "no task left behind", format_args!("{} tasks live on", tasks()))
    }
}

fn no_account() -> Failed {
    Failed::lacks("an exchange on which the connector trades, and the wire of its accounts")
}

fn no_server() -> Failed {
    Failed::lacks("a simulated exchange that speaks the connector's protocol")
}

/// Waits until what was stopped is gone. Sockets close in real time, of which hardly any passes while virtual time does: a
/// busy machine is given some.
#[expect(clippy::disallowed_methods, reason = "the clock of sockets that close is not tokio's")]
pub(crate) async fn is_gone(gone: impl Fn() -> bool) -> bool {
    let mut looks = 0;
    while !comes_true(LEAVE, &gone).await {
        if looks == REAL_LOOKS {
            return false;
        }
        looks += 1;
        std::thread::sleep(REAL_PAUSE);
    }
    true
}

/// Waits until something holds, looking every 10 ms of virtual time. Returns whether it came to hold in time.
pub(crate) async fn comes_true(within: Duration, holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + within;
    while !holds() {
        if Instant::now() >= end {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}
