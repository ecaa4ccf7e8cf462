use std::collections::VecDeque;
use std::time::Duration;

use tradewire_core::Timestamp;

/// How many of the newest measurements the offset is chosen from.
pub const CLOCK_SAMPLES: usize = 5;

/// One question for the exchange's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSample {
    /// When the question left, on our clock.
    pub sent: Timestamp,
    /// When the answer came, on our clock.
    pub received: Timestamp,
    /// The time in the answer.
    pub server: Timestamp,
    /// Of how much that is a multiple: it was up to so much later. Zero where the exchange tells its time exactly.
    pub step: Duration,
}

impl ClockSample {
    /// How long question and answer were under way.
    pub fn round_trip(&self) -> Duration {
        self.received.since(self.sent)
    }

    /// The exchange's time minus the midpoint of sending and receiving, in nanoseconds.
    pub fn offset_nanos(&self) -> i64 {
        let sent = self.sent.as_nanos();
        let midpoint = sent.saturating_add(self.received.as_nanos().saturating_sub(sent) / 2);
        self.server.as_nanos().saturating_sub(midpoint)
    }

    /// The offset, and what it would be at the end of the step.
    fn range_nanos(&self) -> (i64, i64) {
        let least = self.offset_nanos();
        (least, least.saturating_add(i64::try_from(self.step.as_nanos()).unwrap_or(i64::MAX)))
    }
}

/// The offset between the exchange's clock and ours: that of the sample with the shortest round trip among the newest
/// [`CLOCK_SAMPLES`], and within its step the least that is compatible with what the exchange has dated.
#[derive(Clone, Debug, Default)]
pub struct ClockOffset {
    samples: VecDeque<ClockSample>,
    /// The offset of the best sample, and that of the end of its step.
    chosen: Option<(i64, i64)>,
    /// The largest offset that something dated has proved.
    proved: Option<i64>,
}

impl ClockOffset {
    /// Takes one measurement in.
    pub fn add(&mut self, sample: ClockSample) {
        if self.samples.len() == CLOCK_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        self.chosen = self.samples.iter().min_by_key(|sample| sample.round_trip()).map(ClockSample::range_nanos);
    }

    /// Something came at `received`, on our clock, that the exchange has dated: its clock was there by then.
    pub fn dated(&mut self, told: Timestamp, received: Timestamp) {
        self.proved = self.proved.max(Some(told.as_nanos().saturating_sub(received.as_nanos())));
    }

    /// The offset in nanoseconds; `None` before the first sample.
    pub fn nanos(&self) -> Option<i64> {
        let (least, most) = self.chosen?;
        Some(self.proved.map_or(least, |proved| proved.min(most).max(least)))
    }

    /// Forgets the samples, so that the next one decides alone; the offset stays until then.
    pub fn distrust(&mut self) {
        self.chosen = self.nanos().map(|nanos| (nanos, nanos));
        self.samples.clear();
        self.proved = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(sent: i64, received: i64, server: i64) -> ClockSample {
        let at = Timestamp::from_millis;
        ClockSample { sent: at(sent), received: at(received), server: at(server), step: Duration::ZERO }
    }

    #[test]
    fn the_shortest_round_trip_of_the_newest_five_decides() {
        let mut offset = ClockOffset::default();
        assert_eq!(offset.nanos(), None);
        offset.add(sample(1_000, 1_400, 31_200));
        assert_eq!(offset.nanos(), Some(30_000_000_000));
        offset.add(sample(2_000, 2_010, 32_006));
        assert_eq!(offset.nanos(), Some(30_001_000_000), "10 ms beat 400 ms");
        for _ in 0..4 {
            offset.add(sample(3_000, 3_100, 33_050));
        }
        assert_eq!(offset.nanos(), Some(30_001_000_000), "still among the newest five");
        offset.add(sample(4_000, 4_100, 34_050));
        assert_eq!(offset.nanos(), Some(30_000_000_000));
    }

    #[test]
    fn within_a_step_what_is_dated_decides() {
        let at = Timestamp::from_millis;
        let mut offset = ClockOffset::default();
        offset.dated(at(500), at(100));
        assert_eq!(offset.nanos(), None);
        offset.add(ClockSample { step: Duration::from_secs(1), ..sample(1_700, 1_700, 1_000) });
        offset.distrust();
        assert_eq!(offset.nanos(), Some(300_000_000), "as far as the step goes");
        offset.add(ClockSample { step: Duration::from_secs(1), ..sample(1_700, 1_700, 1_000) });
        assert_eq!(offset.nanos(), Some(-700_000_000), "nothing is dated since");
        offset.dated(at(2_500), at(2_600));
        offset.dated(at(1_500), at(3_000));
        assert_eq!(offset.nanos(), Some(-100_000_000));
        offset.add(sample(4_000, 4_000, 3_500));
        assert_eq!(offset.nanos(), Some(-100_000_000), "the older sample of the same round trip");
        let mut exact = ClockOffset::default();
        exact.add(sample(1_000, 1_010, 1_005));
        exact.dated(at(2_100), at(2_000));
        assert_eq!(exact.nanos(), Some(0), "an exact time is not doubted");
    }

    #[test]
    fn after_distrust_the_next_sample_decides_alone() {
        let mut offset = ClockOffset::default();
        offset.add(sample(1_000, 1_002, 1_001));
        offset.distrust();
        assert_eq!(offset.nanos(), Some(0), "kept until something better is known");
        offset.add(sample(2_000, 2_800, 12_400));
        assert_eq!(offset.nanos(), Some(10_000_000_000));
    }
}
