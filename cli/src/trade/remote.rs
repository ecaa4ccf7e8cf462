//! Questions to the exchange about an account, each asked once: what a command of the shell needs without a journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tradewire::tracking::{
    Target, read_fills_of_order, read_fills_of_window, read_instruments, read_open_orders, read_orders_of_window,
};
use tradewire::{
    AccountSource, Error, ErrorKind, ExchangeOrderId, ExecutionReport, FillReport, Instrument, Pair, Timestamp, nearest,
};

use super::account;
use super::named::{guesses, is_of, target_of};
use crate::args::AccountArgs;
use crate::failure::Failure;

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
    /// The account, for a command that cannot do without.
    ///
    /// # Errors
    /// As [`account::required`] and [`Self::connect`].
    pub(super) async fn required(exchange: &str, args: &AccountArgs) -> Result<Self, Failure> {
        Ok(Self::connect(account::required(exchange, &args.who, &args.addresses)?).await?)
    }

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

    /// What `id` names among the orders of an instrument: the open order that has it, else all that it may be.
    pub(super) async fn named(&self, instrument: &Arc<Instrument>, id: &str) -> Vec<Target> {
        // Where the list cannot be had, the id itself is all that there is to go by.
        match self.open_order(Some(instrument), id).await {
            Ok(Some(report)) => vec![target_of(instrument, &report)],
            Ok(None) | Err(_) => self.guesses(instrument, id),
        }
    }

    /// All that `id` may name where nothing is known of it, the likeliest first.
    pub(super) fn guesses(&self, instrument: &Arc<Instrument>, id: &str) -> Vec<Target> {
        guesses(self.source.market().capabilities(), instrument, id)
    }

    /// The first of these orders that the exchange knows.
    pub(super) async fn order(&self, named: &[Target]) -> Result<Option<ExecutionReport>, Error> {
        for target in named {
            match self.source.order(target).await {
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::InvalidRequest => {}
                known => return known,
            }
        }
        Ok(None)
    }

    /// The open order, of an instrument or of any, whose client order id or exchange's id is `id`.
    pub(super) async fn open_order(&self, of: Option<&Instrument>, id: &str) -> Result<Option<ExecutionReport>, Error> {
        Ok(self.open_orders(of).await?.into_iter().find(|report| is_of(report, id)))
    }

    /// All fills of one order, oldest first.
    pub(super) async fn fills_of(
        &self,
        instrument: &Instrument,
        order: &ExchangeOrderId,
    ) -> Result<Vec<FillReport>, Error> {
        read_fills_of_order(&*self.source, instrument, order).await
    }

    /// All fills of an instrument in the last `days`, oldest first.
    pub(super) async fn fills(&self, instrument: &Instrument, days: u32) -> Result<Vec<FillReport>, Error> {
        let (from, until) = self.window(days);
        read_fills_of_window(&*self.source, instrument, from, until).await
    }

    /// All orders of an instrument that were created in the last `days`, oldest first.
    pub(super) async fn orders(&self, instrument: &Instrument, days: u32) -> Result<Vec<ExecutionReport>, Error> {
        let (from, until) = self.window(days);
        read_orders_of_window(&*self.source, instrument, from, until).await
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

    /// The last `days` by the exchange's clock.
    fn window(&self, days: u32) -> (Timestamp, Timestamp) {
        let now = self.source.market().server_clock().now();
        let days = i64::try_from(Duration::from_hours(24 * u64::from(days)).as_nanos()).unwrap_or(i64::MAX);
        (Timestamp::from_nanos(now.as_nanos().saturating_sub(days)), now)
    }
}
