use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{MarketObserver, Recorder, TopicSet};

/// How market data is followed. The defaults suit most programs.
#[derive(Clone)]
pub struct MarketConfig {
    /// Streams besides the book. Default: single trades.
    pub topics: TopicSet,
    /// Levels a side that snapshots are asked for with. Default: 1 000.
    pub snapshot_depth: u32,
    /// How long a book may go unconfirmed before it is stale. Default: 20 s.
    pub stale_after: Duration,
    /// How often each book is checked against a new snapshot. Default: 1 h.
    pub refresh_every: Duration,
    /// Called on the socket's task for every change. Default: none.
    pub observer: Option<Arc<dyn MarketObserver>>,
    /// Keeps every frame as received. Default: none.
    pub recorder: Option<Recorder>,
}

impl Default for MarketConfig {
    fn default() -> Self {
        Self {
            topics: TopicSet::default(),
            snapshot_depth: 1000,
            stale_after: Duration::from_secs(20),
            refresh_every: Duration::from_secs(3600),
            observer: None,
            recorder: None,
        }
    }
}

impl fmt::Debug for MarketConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MarketConfig")
            .field("topics", &self.topics)
            .field("snapshot_depth", &self.snapshot_depth)
            .field("stale_after", &self.stale_after)
            .field("refresh_every", &self.refresh_every)
            .finish_non_exhaustive()
    }
}
