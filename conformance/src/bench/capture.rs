//! Logs and metrics of one row's thread.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, LocalRecorderGuard, Metadata, Recorder, SharedString, Unit,
};
use parking_lot::Mutex;
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// The most bytes of logs that are kept; later ones are left out.
const LOG_MAX: usize = 32 << 20;

/// What was said while a row ran. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Inner>);

#[derive(Default)]
struct Inner {
    log: Mutex<Vec<u8>>,
    counters: Mutex<BTreeMap<String, Arc<Count>>>,
}

#[derive(Default)]
struct Count(AtomicU64);

/// Ends the keeping of logs when dropped.
pub(crate) struct KeepLogs {
    _first: DefaultGuard,
    _second: Dispatch,
}

impl CounterFn for Count {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::Relaxed);
    }

    fn absolute(&self, value: u64) {
        self.0.fetch_max(value, Ordering::Relaxed);
    }
}

impl Captured {
    /// Takes in this thread's metrics until the guard is dropped.
    pub(crate) fn install(&self) -> LocalRecorderGuard<'_> {
        metrics::set_default_local_recorder(self)
    }

    /// Keeps this thread's logs at the most verbose level until the guard is dropped.
    pub(crate) fn keep_logs(&self) -> KeepLogs {
        // With a single subscriber, what other threads do not listen to would be switched off for this one too.
        let second = Dispatch::new(tracing_subscriber::registry());
        let logs = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        let first = tracing::subscriber::set_default(logs.with_writer(self.clone()).finish());
        KeepLogs { _first: first, _second: second }
    }

    /// The logs kept.
    pub(crate) fn logs(&self) -> String {
        String::from_utf8_lossy(&self.0.log.lock()).into_owned()
    }

    /// The sum of all counters whose name and labels contain all these texts.
    pub(crate) fn count(&self, texts: &[&str]) -> u64 {
        let counters = self.0.counters.lock();
        let wanted = counters.iter().filter(|(name, _)| texts.iter().all(|text| name.contains(text)));
        wanted.map(|(_, count)| count.0.load(Ordering::Relaxed)).sum()
    }

    /// Names and labels of all counters.
    pub(crate) fn metrics(&self) -> Vec<String> {
        self.0.counters.lock().keys().cloned().collect()
    }
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Captured(..)")
    }
}

impl Recorder for Captured {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let name =
            key.labels().fold(key.name().to_owned(), |name, label| format!("{name} {}={}", label.key(), label.value()));
        let count = Arc::clone(self.0.counters.lock().entry(name).or_default());
        Counter::from_arc(count)
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.log.lock();
        if log.len() + bytes.len() <= LOG_MAX {
            log.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
