use std::time::Duration;

use tradewire_core::Timestamp;

use super::timers::{Purpose, Timers};

/// The longest pause between two questions about the same thing.
const PAUSE_MAX: u32 = 30;

/// A question that is repeated until nobody wants its answer any longer: at once, after 1, 2, 4, 8, 16 and then every 30
/// seconds, spread by 20 %. It is never asked twice at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ask {
    /// Nobody wants to know.
    #[default]
    Idle,
    /// To be asked at this moment.
    Due { at: Timestamp, tries: u32 },
    /// Asked, not answered.
    InFlight {
        since: Timestamp,
        tries: u32,
        /// Whether something happened since that needs a younger answer.
        again: bool,
    },
}

impl Ask {
    /// Somebody wants to know from `at` on. A question that has been asked before keeps its pace.
    pub(super) fn want(&mut self, at: Timestamp, purpose: Purpose, timers: &mut Timers) {
        let sooner = match *self {
            Self::Idle => true,
            Self::Due { at: due, tries } => tries == 0 && at < due,
            Self::InFlight { .. } => false,
        };
        if sooner {
            self.set(at, 0, purpose, timers);
        }
    }

    /// An answer is wanted now, whatever was answered before.
    pub(super) fn hurry(&mut self, now: Timestamp, purpose: Purpose, timers: &mut Timers) {
        match self {
            Self::InFlight { again, .. } => *again = true,
            Self::Due { at, .. } if *at <= now => {}
            _ => self.set(now, 0, purpose, timers),
        }
    }

    /// Lets a question that waits for its turn be asked at `at`, if that is sooner.
    pub(super) fn advance_to(&mut self, at: Timestamp, purpose: Purpose, timers: &mut Timers) {
        if matches!(*self, Self::Due { at: due, .. } if at < due) {
            self.move_to(at, purpose, timers);
        }
    }

    /// Moves a question that waits for its turn to `at`.
    pub(super) fn move_to(&mut self, at: Timestamp, purpose: Purpose, timers: &mut Timers) {
        if let Self::Due { at: due, tries } = *self
            && due != at
        {
            self.set(at, tries, purpose, timers);
        }
    }

    /// Nobody wants to know any longer. What is in flight is waited for.
    pub(super) fn stop(&mut self) {
        match self {
            Self::InFlight { again, .. } => *again = false,
            _ => *self = Self::Idle,
        }
    }

    /// Whether it is to be asked at `at`; it is in flight then.
    pub(super) fn take(&mut self, at: Timestamp, now: Timestamp) -> bool {
        match *self {
            Self::Due { at: due, tries } if due == at => {
                *self = Self::InFlight { since: now, tries: tries + 1, again: false };
                true
            }
            _ => false,
        }
    }

    pub(super) fn is_due(&self, at: Timestamp) -> bool {
        matches!(*self, Self::Due { at: due, .. } if due == at)
    }

    /// It was answered, or failed. It is due again after a pause, should somebody still want to know.
    pub(super) fn answered(&mut self, now: Timestamp, jitter: &mut Jitter, purpose: Purpose, timers: &mut Timers) {
        if let Self::InFlight { since, tries, again } = *self {
            if again {
                self.set(now, 0, purpose, timers);
            } else {
                let at = since.after(jitter.spread(pause(tries))).max(now);
                self.set(at, tries, purpose, timers);
            }
        }
    }

    fn set(&mut self, at: Timestamp, tries: u32, purpose: Purpose, timers: &mut Timers) {
        *self = Self::Due { at, tries };
        timers.set(at, purpose);
    }
}

fn pause(tries: u32) -> Duration {
    let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(PAUSE_MAX);
    Duration::from_secs(u64::from(doubled.min(PAUSE_MAX)))
}

/// Spreads pauses, so that many questions do not come at once. The same seed spreads them the same way.
#[derive(Debug)]
pub(super) struct Jitter {
    state: u64,
}

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A time between 80 % and 120 % of `pause`.
    fn spread(&mut self, pause: Duration) -> Duration {
        let per_mille = 800 + self.next() % 401;
        Duration::from_nanos(u64::try_from(pause.as_nanos() * u128::from(per_mille) / 1000).unwrap_or(u64::MAX))
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
