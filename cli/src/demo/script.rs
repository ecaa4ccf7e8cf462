//! What goes wrong in a demo, and when.

use std::time::Duration;

use tradewire::Pair;
use tradewire_simulator::{Fault, FaultKind};

/// How long a muted stream stays silent: longer than a book may go unconfirmed.
const SILENCE: Duration = Duration::from_secs(4);
/// Time before the first fault.
const FIRST_MAX: Duration = Duration::from_secs(2);
/// Time between faults where the demo has no end.
const EVERY: Duration = Duration::from_secs(6);
/// Least time between faults.
const EVERY_MIN: Duration = Duration::from_millis(800);
/// Time left at the end for the last recovery.
const CALM: Duration = Duration::from_millis(1500);

/// What names of the streams of books have in them: the account's own socket is left alone here.
fn books(exchange: &str) -> &'static str {
    match exchange {
        "binance-spot" | "binance-usdm" => "@",
        "kraken-spot" => "book:",
        _ => "orderbook",
    }
}

/// A way to misbehave.
#[derive(Debug)]
pub(super) struct Act {
    /// The key that causes it.
    pub(super) key: char,
    /// One word for it.
    pub(super) name: &'static str,
    /// What the exchange does, after the words "the exchange".
    pub(super) text: &'static str,
    /// How long it lasts at least.
    lasts: Duration,
    /// Whether an update can be left out for good.
    pub(super) omits: bool,
    faults: fn(&Pair, &str) -> Vec<Fault>,
}

impl Act {
    /// The faults that make the exchange do it to `pair`.
    pub(super) fn faults(&self, pair: &Pair, exchange: &str) -> Vec<Fault> {
        (self.faults)(pair, exchange)
    }
}

/// All of them, in the order in which they come.
pub(super) const ACTS: &[Act] = &[
    Act {
        key: '1',
        name: "skip",
        text: "leaves an update out",
        lasts: Duration::ZERO,
        omits: true,
        faults: |pair, exchange| vec![of(pair, exchange, FaultKind::SkipUpdate)],
    },
    Act {
        key: '2',
        name: "cross",
        text: "sends a bid above the best ask",
        lasts: Duration::ZERO,
        omits: false,
        faults: |pair, exchange| vec![of(pair, exchange, FaultKind::CrossBook)],
    },
    Act {
        key: '3',
        name: "repeat",
        text: "sends an update twice: harmless",
        lasts: Duration::ZERO,
        omits: false,
        faults: |pair, exchange| vec![of(pair, exchange, FaultKind::RepeatUpdate)],
    },
    Act {
        key: '4',
        name: "garble",
        text: "sends a frame that cannot be read",
        lasts: Duration::ZERO,
        omits: false,
        faults: |pair, exchange| vec![of(pair, exchange, FaultKind::Garble)],
    },
    Act {
        key: '5',
        name: "drop",
        text: "cuts the socket of all pairs",
        lasts: Duration::ZERO,
        omits: false,
        faults: |_, exchange| vec![Fault::new(FaultKind::Drop).stream(books(exchange))],
    },
    Act {
        key: '6',
        name: "refuse",
        text: "leaves an update out, then answers 500 to two snapshots",
        lasts: Duration::from_secs(2),
        omits: true,
        faults: |pair, exchange| vec![snapshots_refused(exchange), of(pair, exchange, FaultKind::SkipUpdate)],
    },
    Act {
        key: '7',
        name: "mute",
        text: "goes silent about one pair for 4 s",
        lasts: SILENCE,
        omits: true,
        faults: |pair, exchange| vec![of(pair, exchange, FaultKind::Mute).lasting(SILENCE)],
    },
];

fn of(pair: &Pair, exchange: &str, kind: FaultKind) -> Fault {
    Fault::new(kind).pair(pair.as_str()).stream(books(exchange))
}

/// Strikes the requests for book snapshots; nothing at all where snapshots come on the stream.
fn snapshots_refused(exchange: &str) -> Fault {
    let path = match exchange {
        "binance-spot" => "/api/v3/depth",
        "binance-usdm" => "/fapi/v1/depth",
        "kraken-spot" => "/0/public/Depth",
        _ => "/v5/market/orderbook",
    };
    Fault::new(FaultKind::Status { status: 500 }).times(2).path(path)
}

/// When the next act is due.
#[derive(Debug)]
pub(super) struct Schedule {
    every: Duration,
    due: Duration,
    /// No act begins that would last beyond this.
    until: Option<Duration>,
    next: usize,
    pub(super) paused: bool,
}

impl Schedule {
    /// Acts spread over so many seconds; without a number one every few seconds.
    pub(super) fn over(seconds: Option<u64>) -> Self {
        let whole = seconds.map(Duration::from_secs);
        let acts = u32::try_from(ACTS.len()).unwrap_or(u32::MAX);
        let every = whole.map_or(EVERY, |whole| (whole.saturating_sub(CALM) / (acts + 1)).clamp(EVERY_MIN, EVERY));
        Self {
            every,
            due: every.min(FIRST_MAX),
            until: whole.map(|whole| whole.saturating_sub(CALM)),
            next: 0,
            paused: false,
        }
    }

    /// The number of the act that is due now, counted on without end; acts that would outlast the demo are left out.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<usize> {
        if self.paused || now < self.due {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let ends = now + ACTS[number % ACTS.len()].lasts;
        let fits = self.until.is_none_or(|until| ends <= until);
        self.due = if fits { now + self.every } else { self.due };
        fits.then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts_in(seconds: u64) -> Vec<&'static str> {
        let mut schedule = Schedule::over(Some(seconds));
        let times = (0..seconds * 20).map(|step| Duration::from_millis(step * 50));
        times.filter_map(|now| schedule.take_due(now)).map(|number| ACTS[number % ACTS.len()].name).collect()
    }

    #[test]
    fn acts_are_spread_and_end_in_time() {
        assert_eq!(acts_in(30)[..7], ["skip", "cross", "repeat", "garble", "drop", "refuse", "mute"], "and then again");
        assert_eq!(acts_in(5), ["skip", "cross", "repeat", "garble"]);
        assert_eq!(acts_in(1), [""; 0]);
        let mut keys: Vec<_> = ACTS.iter().map(|act| act.key).collect();
        keys.dedup();
        assert_eq!(keys.len(), ACTS.len());
    }
}
