//! Questions to the exchange about an account, each asked once: what a command of the shell needs without a journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tradewire::tracking::{FillQuery, History, Page, Target, read_instruments, read_open_orders};
use tradewire::{
    AccountSource, Error, ErrorKind, ExchangeOrderId, ExecutionReport, FillReport, Instrument, Pair, Timestamp, nearest,
};

/// An account at an exchange whose clock and instruments are known.
#[derive(Debug)]
pub(super) struct Remote {
    source: Arc<dyn AccountSource>,
    instruments: Vec<Arc<Instrument>>,
}

/// Learns the exchange's time, without which it may refuse whatever is signed.
///
/// # Errors
/// Whatever keeps the exchange from being asked.
pub(super) async fn synchronise(source: &dyn AccountSource) -> Result<(), Error> {
    let sample = source.market().time().await?;
    source.market().server_clock().add(sample);
    Ok(())
}

impl Remote {
    /// Learns the exchange's time and instruments.
    ///
    /// # Errors
    /// Whatever keeps the exchange from being asked.
    pub(super) async fn connect(source: Arc<dyn AccountSource>) -> Result<Self, Error> {
        synchronise(&*source).await?;
        let list = read_instruments(&**source.market(), |_| {}).await?;
        Ok(Self { source, instruments: list.instruments.into_iter().map(Arc::new).collect() })
    }

    pub(super) fn source(&self) -> &Arc<dyn AccountSource> {
        &self.source
    }

    /// The exchange's name.
    pub(super) fn exchange(&self) -> &'static str {
        self.source.market().capabilities().exchange
    }

    /// The instrument of a pair.
    ///
    /// # Errors
    /// `UnknownInstrument` with the nearest pair.
    pub(super) fn instrument(&self, pair: &Pair) -> Result<Arc<Instrument>, Error> {
        let found = self.instruments.iter().find(|instrument| instrument.pair == *pair);
        found.cloned().ok_or_else(|| {
            let known = self.instruments.iter().map(|instrument| instrument.pair.as_str());
            let hint =
                nearest(pair.as_str(), known).map_or_else(String::new, |hint| format!("; did you mean '{hint}'?"));
            Error::new(ErrorKind::UnknownInstrument, format!("{} does not list {pair}{hint}", self.exchange()))
        })
    }

    /// The instrument that the exchange calls so.
    pub(super) fn by_symbol(&self, symbol: &str) -> Option<&Arc<Instrument>> {
        self.instruments.iter().find(|instrument| *instrument.symbol == *symbol)
    }

    /// The pair that the exchange calls so.
    pub(super) fn pair_of(&self, symbol: &str) -> Option<&Pair> {
        self.by_symbol(symbol).map(|instrument| &instrument.pair)
    }

    /// Open orders of an instrument, or of the account.
    pub(super) async fn open_orders(&self, of: Option<&Instrument>) -> Result<Vec<ExecutionReport>, Error> {
        read_open_orders(&*self.source, of).await
    }

    /// One order by whichever of its ids `id` is.
    pub(super) async fn order(&self, instrument: &Arc<Instrument>, id: &str) -> Result<Option<ExecutionReport>, Error> {
        for target in targets(instrument, id) {
            if let Some(report) = self.source.order(&target).await? {
                return Ok(Some(report));
            }
        }
        Ok(None)
    }

    /// The open order, of any instrument, whose client order id or exchange's id is `id`.
    pub(super) async fn open_order(&self, id: &str) -> Result<Option<ExecutionReport>, Error> {
        let is = |report: &ExecutionReport| {
            report.client_order_id.as_ref().is_some_and(|known| known.as_str() == id)
                || report.exchange_order_id.as_ref().is_some_and(|known| known.as_str() == id)
        };
        Ok(self.open_orders(None).await?.into_iter().find(is))
    }

    /// All fills of one order.
    pub(super) async fn fills_of(
        &self,
        instrument: &Instrument,
        order: &ExchangeOrderId,
    ) -> Result<Vec<FillReport>, Error> {
        pages(async |page| {
            let of = FillQuery::Order { instrument, order, page: page.as_deref() };
            self.source.fills(&of).await
        })
        .await
    }

    /// All fills of an instrument in the last `days`.
    pub(super) async fn fills(&self, instrument: &Instrument, days: u32) -> Result<Vec<FillReport>, Error> {
        let mut rows = Vec::new();
        for (from, until) in self.windows(days) {
            let window = async |page: Option<String>| {
                let of = FillQuery::Window(History { instrument, from, until, page: page.as_deref() });
                self.source.fills(&of).await
            };
            rows.extend(pages(window).await?);
        }
        Ok(rows)
    }

    /// All orders of an instrument that were created in the last `days`.
    pub(super) async fn orders(&self, instrument: &Instrument, days: u32) -> Result<Vec<ExecutionReport>, Error> {
        let mut rows = Vec::new();
        for (from, until) in self.windows(days) {
            let window = async |page: Option<String>| {
                let of = History { instrument, from, until, page: page.as_deref() };
                self.source.orders(&of).await
            };
            rows.extend(pages(window).await?);
        }
        Ok(rows)
    }

    /// The instruments on which the account is likely to have traded: of its open orders, of pairs that are known to have
    /// been traded, and of all that it holds both assets of.
    pub(super) async fn active(&self, traded: &BTreeSet<Pair>) -> Result<Vec<Arc<Instrument>>, Error> {
        let held = self.source.balances().await?.balances;
        let held: BTreeSet<_> =
            held.iter().filter(|balance| !balance.total.is_zero()).map(|balance| balance.asset.as_str()).collect();
        let open: BTreeSet<_> = self.open_orders(None).await?.into_iter().map(|report| report.symbol).collect();
        let likely = |instrument: &&Arc<Instrument>| {
            let pair = &instrument.pair;
            open.contains(&*instrument.symbol)
                || traded.contains(pair)
                || (held.contains(pair.base()) && held.contains(pair.quote()))
        };
        let by_pair: BTreeMap<_, _> =
            self.instruments.iter().filter(likely).map(|instrument| (&instrument.pair, instrument)).collect();
        Ok(by_pair.into_values().cloned().collect())
    }

    /// The last `days` in parts that the exchange can be asked for, oldest first.
    fn windows(&self, days: u32) -> Vec<(Timestamp, Timestamp)> {
        let longest =
            self.source.market().capabilities().trading.as_ref().map_or(0, |known| known.trades_window_seconds);
        windows(self.source.market().server_clock().now(), days, longest)
    }
}

/// The rows of all pages.
async fn pages<T>(ask: impl AsyncFn(Option<String>) -> Result<Page<T>, Error>) -> Result<Vec<T>, Error> {
    let Page { mut rows, mut next, .. } = ask(None).await?;
    while next.is_some() {
        let page = ask(next).await?;
        rows.extend(page.rows);
        next = page.next;
    }
    Ok(rows)
}

fn windows(now: Timestamp, days: u32, longest_seconds: u64) -> Vec<(Timestamp, Timestamp)> {
    let all = Duration::from_hours(24 * u64::from(days));
    // Both ends belong to a part: it is as long as allowed with its last millisecond.
    let part = Duration::from_secs(longest_seconds).saturating_sub(Duration::from_millis(1));
    let part = if part.is_zero() { all } else { part };
    let mut begin =
        Timestamp::from_nanos(now.as_nanos().saturating_sub(i64::try_from(all.as_nanos()).unwrap_or(i64::MAX)));
    let mut windows = Vec::new();
    while begin < now {
        let end = begin.after(part).min(now);
        windows.push((begin, end));
        begin = end;
    }
    windows
}

/// What an id names, most likely: digits are an exchange's id, anything else ours.
pub(super) fn likely(instrument: &Arc<Instrument>, id: &str) -> Target {
    if id.bytes().all(|byte| byte.is_ascii_digit()) { theirs(instrument, id) } else { ours(instrument, id) }
}

/// All that an id may name, the likeliest first.
pub(super) fn targets(instrument: &Arc<Instrument>, id: &str) -> Vec<Target> {
    let likely = likely(instrument, id);
    match likely.exchange_order_id {
        Some(_) => vec![likely, ours(instrument, id)],
        None if is_uuid(id) => vec![likely, theirs(instrument, id)],
        None => vec![likely],
    }
}

fn ours(instrument: &Arc<Instrument>, id: &str) -> Target {
    Target {
        instrument: Arc::clone(instrument),
        client_order_id: Some(id.into()),
        exchange_order_id: None,
        conditional: false,
    }
}

fn theirs(instrument: &Arc<Instrument>, id: &str) -> Target {
    Target {
        instrument: Arc::clone(instrument),
        client_order_id: None,
        exchange_order_id: Some(id.into()),
        conditional: false,
    }
}

/// Whether it is written like the ids that some exchanges give.
fn is_uuid(id: &str) -> bool {
    let parts: Vec<_> = id.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_days_without_a_hole() {
        let now = Timestamp::from_millis(10 * 86_400_000 + 7);
        let days = windows(now, 3, 86_400);
        assert_eq!((days.len(), days[0].0, days[3].1), (4, Timestamp::from_millis(7 * 86_400_000 + 7), now));
        assert_eq!(days[0].1, Timestamp::from_millis(8 * 86_400_000 + 6));
        assert!(days.windows(2).all(|pair| pair[0].1 == pair[1].0));
        let uneven = windows(now, 1, 50_000);
        assert_eq!((uneven.len(), uneven[1].1), (2, now));
        assert_eq!(windows(now, 1, 0).len(), 1);
    }

    #[test]
    fn digits_are_the_exchanges_id_first() {
        let instrument = Arc::new(crate::trade::examples::instrument());
        let ids = |id| {
            let text = |target: &Target| (target.exchange_order_id.is_some(), target.client_order_id.is_some());
            targets(&instrument, id).iter().map(text).collect::<Vec<_>>()
        };
        let (theirs, ours) = ((true, false), (false, true));
        assert_eq!(ids("4711"), [theirs, ours]);
        assert_eq!(ids("tw-1"), [ours]);
        assert_eq!(ids("6f1c2a34-0000-4abc-8def-0123456789ab"), [ours, theirs]);
    }
}
