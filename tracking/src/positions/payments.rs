use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tradewire_core::{FundingPayment, FundingReport, Pair, PositionSide, Source, Timestamp};

/// FUNDING_DELAY: how long after a funding time its payments are read.
pub(crate) const FUNDING_DELAY: Duration = Duration::from_secs(60);
/// FUNDING_POLL: how often payments are read at least.
pub(crate) const FUNDING_POLL: Duration = Duration::from_secs(600);
/// How far a read reaches back before the end of the last one: payments are published late.
const OVERLAP: Duration = FUNDING_POLL;
/// How far a first read reaches back.
const FIRST_OVERLAP: Duration = Duration::from_secs(60);
/// Times that two sources give one payment differ by less than this.
const SAME_FUNDING: Duration = Duration::from_secs(60);
/// Payments that are remembered at most; those of the longest overlap are far fewer.
const REMEMBERED_MAX: usize = 20_000;
/// Under names that begin so the journal keeps until when an instrument's payments are known.
const CURSOR: &str = "funding-read/";

/// Funding payments, each once: by the exchange's id, else by instrument, side and time.
#[derive(Debug, Default)]
pub struct FundingPayments {
    /// The newest payments, by time and id.
    known: BTreeMap<(Timestamp, String), FundingPayment>,
    ids: BTreeSet<String>,
    cursors: BTreeMap<Arc<str>, Cursor>,
    /// Funding times after which payments are to be read.
    expected: BTreeSet<Timestamp>,
    /// When payments were last read whole, by the exchange's clock.
    read: Option<Timestamp>,
}

/// Until when an instrument's payments are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    /// Nothing of before is asked for.
    begun: Timestamp,
    until: Timestamp,
}

impl FundingPayments {
    /// As before a restart.
    pub fn restore(payments: Vec<FundingPayment>, facts: &[(String, String)]) -> Self {
        let mut restored = Self::default();
        payments.into_iter().for_each(|payment| restored.remember(payment));
        let cursors = facts.iter().filter_map(|(name, value)| {
            let (begun, until) = value.split_once(' ')?;
            let time = |text: &str| text.parse().ok().map(Timestamp::from_nanos);
            Some((name.strip_prefix(CURSOR)?.into(), Cursor { begun: time(begun)?, until: time(until)? }))
        });
        restored.cursors = cursors.collect();
        restored
    }

    /// Takes a payment in; `None` if it is known.
    pub fn take(&mut self, report: FundingReport, pair: Option<Pair>, source: Source) -> Option<FundingPayment> {
        let id = report.id.clone().unwrap_or_else(|| name(&report.symbol, report.side, report.time));
        if self.ids.contains(&id) || self.is_known_without_id(&report) {
            return None;
        }
        let payment = FundingPayment {
            symbol: report.symbol.as_str().into(),
            pair,
            side: report.side,
            id,
            asset: report.asset,
            amount: report.amount,
            rate: report.rate,
            size: report.size,
            time: report.time,
            source,
        };
        self.remember(payment.clone());
        Some(payment)
    }

    /// Whether one of two sources, of which this or the other gives no id, has told the payment.
    fn is_known_without_id(&self, report: &FundingReport) -> bool {
        let from = report.time.before(SAME_FUNDING);
        let near = self.known.range((from, String::new())..(report.time.after(SAME_FUNDING), String::new()));
        let same_side = |side: Option<PositionSide>| side.is_none() || report.side.is_none() || side == report.side;
        near.map(|(_, known)| known).any(|known| {
            let nameless = known.id == name(&known.symbol, known.side, known.time);
            (nameless || report.id.is_none())
                && *known.symbol == *report.symbol
                && same_side(known.side)
                && (&known.asset, known.amount) == (&report.asset, report.amount)
        })
    }

    fn remember(&mut self, payment: FundingPayment) {
        self.ids.insert(payment.id.clone());
        self.known.insert((payment.time, payment.id.clone()), payment);
        while self.known.len() > REMEMBERED_MAX {
            if let Some((_, oldest)) = self.known.pop_first() {
                self.ids.remove(&oldest.id);
            }
        }
    }

    /// From when an instrument's payments are to be read. `now` is the exchange's.
    pub fn from(&mut self, symbol: &Arc<str>, now: Timestamp) -> Timestamp {
        let begun = now.before(FIRST_OVERLAP);
        let cursor = self.cursors.entry(Arc::clone(symbol)).or_insert(Cursor { begun, until: now });
        cursor.until.before(OVERLAP).max(cursor.begun)
    }

    /// All of an instrument's payments until `until` were read. Answers what the journal is to keep.
    pub fn read(&mut self, symbol: &Arc<str>, until: Timestamp) -> (String, String) {
        let begun = until.before(FIRST_OVERLAP);
        let cursor = self.cursors.entry(Arc::clone(symbol)).or_insert(Cursor { begun, until });
        cursor.until = cursor.until.max(until);
        (format!("{CURSOR}{symbol}"), format!("{} {}", cursor.begun.as_nanos(), cursor.until.as_nanos()))
    }

    /// The payments of every instrument until `until` were read.
    pub fn read_all(&mut self, until: Timestamp) {
        self.read = self.read.max(Some(until));
        self.expected = self.expected.split_off(&until.before(FUNDING_DELAY));
        self.expected.retain(|funding| funding.after(FUNDING_DELAY) > until);
    }

    /// Instruments whose payments have been read before.
    pub fn symbols(&self) -> impl Iterator<Item = &Arc<str>> {
        self.cursors.keys()
    }

    /// There is a funding at `time`: payments are read after it.
    pub fn expect(&mut self, time: Timestamp) {
        if self.read.is_none_or(|read| time.after(FUNDING_DELAY) > read) {
            self.expected.insert(time);
        }
    }

    /// When payments have to be read next, by the exchange's clock; `None` before the first read.
    pub fn next_read_due(&self) -> Option<Timestamp> {
        let regular = self.read?.after(FUNDING_POLL);
        let expected = self.expected.first().map(|funding| funding.after(FUNDING_DELAY));
        Some(expected.map_or(regular, |expected| expected.min(regular)))
    }
}

/// What names a payment to which the exchange gives no id.
fn name(symbol: &str, side: Option<PositionSide>, time: Timestamp) -> String {
    format!("{symbol}/{}/{}", side.map_or("", PositionSide::as_str), time.as_millis())
}
