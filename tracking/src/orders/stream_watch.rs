use tradewire_core::{Source, Timestamp};

use super::order::{Progress, Tracked};
use super::settings::STREAM_LAG;
use super::step::{Step, Via};
use super::timers::Purpose;

/// Whether the private stream is trusted, and since which moment of the exchange.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreamWatch {
    pub(super) healthy: bool,
    /// The latest exchange time that anything has told.
    latest: Timestamp,
    /// Changes up to this exchange time need not be shown by the stream: it was not whole yet.
    floor: Timestamp,
    /// Counts the times that it became healthy.
    epoch: u32,
}

/// A change that the private stream has not shown yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owed {
    /// When it happened, by the exchange's clock.
    time: Timestamp,
    pub(super) due: Timestamp,
    epoch: u32,
}

impl StreamWatch {
    pub(super) fn set(&mut self, healthy: bool) {
        if healthy && !self.healthy {
            self.floor = self.latest;
            self.epoch += 1;
        }
        self.healthy = healthy;
    }

    pub(super) fn note(&mut self, time: Timestamp) {
        self.latest = self.latest.max(time);
    }

    pub(super) fn owes(&self, owed: &Owed) -> bool {
        self.healthy && owed.epoch == self.epoch
    }
}

impl Tracked {
    /// Compares what an input brought with what the stream has shown.
    pub(super) fn watch_stream(&mut self, before: Progress, via: Via, time: Timestamp, step: &mut Step<'_>) {
        if via.source == Source::Stream {
            if self.owed.is_some_and(|owed| time >= owed.time) {
                self.owed = None;
            }
            return;
        }
        if !step.stream.healthy || time <= step.stream.floor || self.progress() == before {
            return;
        }
        let due = match self.owed {
            Some(owed) if step.stream.owes(&owed) => owed.due,
            _ => {
                let due = step.now.after(STREAM_LAG);
                step.timers.set(due, Purpose::Stream(self.number()));
                due
            }
        };
        self.owed = Some(Owed { time, due, epoch: step.stream.epoch });
    }
}
