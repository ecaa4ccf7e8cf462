//! The faults in force and what they have struck.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Class, Fault, FaultId, FaultKind};
use crate::clock::Timestamp;

/// Something that a fault may strike.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Occasion<'a> {
    /// Path of a request.
    pub(crate) path: Option<&'a str>,
    /// Symbol and pair that it is about.
    pub(crate) symbol: Option<(&'a str, &'a str)>,
    /// Name of the stream of a frame.
    pub(crate) stream: Option<&'a str>,
    /// Method of a request, HTTP's or the socket API's.
    pub(crate) method: Option<&'a str>,
    /// Name of the account.
    pub(crate) account: Option<&'a str>,
    /// Number and client id of the order.
    pub(crate) order: Option<(&'a str, &'a str)>,
    /// Type of a private event.
    pub(crate) event: Option<&'a str>,
    /// Number of the connection.
    pub(crate) connection: Option<u64>,
    /// Whether it is a book update.
    pub(crate) book_update: bool,
    /// What a report of an order reports, such as `TRADE`.
    pub(crate) report: Option<&'a str>,
    /// Whether it reports the end of an order that has traded.
    pub(crate) end: bool,
    /// Whether it asks for a socket: struck only by faults that name the path.
    pub(crate) upgrade: bool,
}

/// All faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next_id: u64,
    armed: Vec<Armed>,
    struck: BTreeMap<&'static str, u64>,
}

#[derive(Debug)]
struct Armed {
    id: FaultId,
    fault: Fault,
    until: Option<Timestamp>,
    seen: u64,
    struck: u64,
    chance: ChaCha8Rng,
}

impl Faults {
    /// Puts a fault in force.
    pub(crate) fn arm(&self, fault: Fault, now: Timestamp) -> FaultId {
        let mut state = self.state.lock();
        state.next_id += 1;
        let id = FaultId(state.next_id);
        let until = fault.for_ms.map(|ms| now.plus(Duration::from_millis(ms)));
        let chance = ChaCha8Rng::seed_from_u64(fault.seed.unwrap_or(1));
        state.armed.push(Armed { id, fault, until, seen: 0, struck: 0, chance });
        id
    }

    /// Faults in force, with how often each has struck.
    pub(crate) fn list(&self) -> Vec<(FaultId, Fault, u64)> {
        self.state.lock().armed.iter().map(|armed| (armed.id, armed.fault.clone(), armed.struck)).collect()
    }

    /// Whether none is in force.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().armed.is_empty()
    }

    /// Takes out one fault.
    pub(crate) fn disarm(&self, id: FaultId) -> Option<Fault> {
        let mut state = self.state.lock();
        let at = state.armed.iter().position(|armed| armed.id == id)?;
        Some(state.armed.remove(at).fault)
    }

    /// Takes out the faults whose time is over.
    pub(crate) fn expire(&self, now: Timestamp) -> Vec<Fault> {
        let mut state = self.state.lock();
        let over = |armed: &Armed| armed.until.is_some_and(|until| until <= now);
        let (ended, kept) = std::mem::take(&mut state.armed).into_iter().partition(over);
        state.armed = kept;
        let ended: Vec<Armed> = ended;
        ended.into_iter().map(|armed| armed.fault).collect()
    }

    /// Next instant at which a fault's time is over.
    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        self.state.lock().armed.iter().filter_map(|armed| armed.until).min()
    }

    /// The kinds of the faults of these classes that strike this occasion, in the order of injection.
    pub(crate) fn strike(&self, now: Timestamp, classes: &[Class], occasion: &Occasion<'_>) -> Vec<FaultKind> {
        self.strike_whole(now, classes, occasion).into_iter().map(|fault| fault.kind).collect()
    }

    /// The faults of these classes that strike this occasion, in the order of injection.
    pub(crate) fn strike_whole(&self, now: Timestamp, classes: &[Class], occasion: &Occasion<'_>) -> Vec<Fault> {
        let mut state = self.state.lock();
        if state.armed.is_empty() {
            return Vec::new();
        }
        let State { armed, struck, .. } = &mut *state;
        let mut faults = Vec::new();
        for entry in armed.iter_mut() {
            if classes.contains(&entry.fault.class()) && entry.strikes(now, occasion) {
                *struck.entry(entry.fault.kind.name()).or_default() += 1;
                faults.push(entry.fault.clone());
            }
        }
        state.armed.retain(|armed| armed.struck < armed.fault.limit());
        faults
    }

    /// Counts a fault that struck outside [`Faults::strike`].
    pub(crate) fn count(&self, kind: &FaultKind) {
        *self.state.lock().struck.entry(kind.name()).or_default() += 1;
    }

    /// Whether a fault of which `wanted` holds is in force now.
    pub(crate) fn any(&self, now: Timestamp, wanted: impl Fn(&Fault) -> bool) -> bool {
        let live = |armed: &&Armed| armed.until.is_none_or(|until| now < until);
        self.state.lock().armed.iter().filter(live).any(|armed| wanted(&armed.fault))
    }

    /// How often each kind has struck.
    pub(crate) fn struck(&self) -> BTreeMap<&'static str, u64> {
        self.state.lock().struck.clone()
    }
}

impl Armed {
    fn strikes(&mut self, now: Timestamp, occasion: &Occasion<'_>) -> bool {
        if self.until.is_some_and(|until| now >= until) || !self.matches(occasion) {
            return false;
        }
        self.seen += 1;
        if self.seen < self.fault.nth.unwrap_or(1) || self.struck >= self.fault.limit() {
            return false;
        }
        if let Some(probability) = self.fault.probability {
            let drawn = f64::from(self.chance.next_u32()) / (f64::from(u32::MAX) + 1.0);
            if drawn >= probability {
                return false;
            }
        }
        self.struck += 1;
        true
    }

    fn matches(&self, occasion: &Occasion<'_>) -> bool {
        let fault = &self.fault;
        let path = |wanted: &String| occasion.path.is_some_and(|path| path.starts_with(wanted.as_str()));
        let pair = |wanted: &String| occasion.symbol.is_some_and(|(symbol, pair)| wanted == symbol || wanted == pair);
        let stream = |wanted: &String| occasion.stream.is_some_and(|name| name.contains(wanted.as_str()));
        let method = |wanted: &String| {
            let call = (occasion.method == Some("WS")).then_some(occasion.path).flatten();
            occasion.method == Some(wanted.as_str()) || call == Some(wanted.as_str())
        };
        let account = |wanted: &String| occasion.account.is_some_and(|name| wanted == name);
        let order = |wanted: &String| occasion.order.is_some_and(|(id, client)| wanted == id || wanted == client);
        let event = |wanted: &String| [occasion.event, occasion.report].contains(&Some(wanted.as_str()));
        let connection = |wanted: &u64| occasion.connection == Some(*wanted);
        fault.path.as_ref().is_none_or(path)
            && fault.pair.as_ref().is_none_or(pair)
            && fault.stream.as_ref().is_none_or(stream)
            && fault.method.as_ref().is_none_or(method)
            && fault.account.as_ref().is_none_or(account)
            && fault.order.as_ref().is_none_or(order)
            && fault.event.as_ref().is_none_or(event)
            && fault.connection.as_ref().is_none_or(connection)
            && (fault.path.is_some() || !occasion.upgrade)
            && (occasion.book_update || !fault.kind.of_books_only())
            && (occasion.report == Some("TRADE") || fault.kind != FaultKind::NoFee)
            && (occasion.end || !matches!(fault.kind, FaultKind::Understate { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(faults: &Faults, count: usize, now: Timestamp) -> Vec<usize> {
        let occasion = Occasion { book_update: true, symbol: Some(("BTCUSDT", "BTC-USDT")), ..Occasion::default() };
        (1..=count).filter(|_| true).filter(|_| !faults.strike(now, &[Class::Frame], &occasion).is_empty()).collect()
    }

    #[test]
    fn nth_and_times_choose_the_occasions() {
        let faults = Faults::default();
        faults.arm(Fault::new(FaultKind::SkipUpdate).nth(3).times(2), Timestamp(0));
        assert_eq!(frames(&faults, 6, Timestamp(0)), vec![3, 4]);
        assert_eq!(faults.struck().get("skip-update"), Some(&2));
        assert!(faults.list().is_empty());
    }

    #[test]
    fn filters_and_time_limit_the_occasions() {
        let faults = Faults::default();
        faults.arm(Fault::new(FaultKind::Mute).pair("ETH-USDT"), Timestamp(0));
        assert!(frames(&faults, 3, Timestamp(0)).is_empty());
        faults.arm(Fault::new(FaultKind::Mute).pair("BTC-USDT").lasting(Duration::from_millis(5)), Timestamp(0));
        assert_eq!(frames(&faults, 3, Timestamp(0)).len(), 3);
        assert!(frames(&faults, 3, Timestamp(5_000)).is_empty());
        assert_eq!(faults.expire(Timestamp(5_000)).len(), 1);
    }

    #[test]
    fn chance_repeats_with_its_seed() {
        let run = || {
            let faults = Faults::default();
            faults.arm(Fault::new(FaultKind::Duplicate).probability(0.3, 7), Timestamp(0));
            frames(&faults, 100, Timestamp(0))
        };
        assert_eq!(run(), run());
        assert!((10..60).contains(&run().len()));
    }
}
