//! What the supervisor has done beside its loop: requests, each of which ends with one [`Done`].

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;
use tradewire_core::{BestPrices, Error, ErrorKind, FundingRate, GapReason, Instrument, LastPrice, Pair, Timestamp};
use tradewire_transport::{Applicant, Class, ClockSample, Cost};

use super::Shared;
use crate::capture::CaptureKind;
use crate::instrument_pages;
use crate::shard::SnapshotAsk;
use crate::{BookReader, DecodeError, InstrumentList, MarketSource, RawAnswer, RawSnapshot};

const STATUS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a pair added while running may take to become valid.
const ADD_TIMEOUT: Duration = Duration::from_secs(60);

/// What a job has brought.
pub(super) enum Done {
    Clock(Result<ClockSample, Error>),
    Status(Result<(), Error>),
    Instruments(Result<InstrumentList, Error>),
    Probe(Timestamp, Result<Vec<BestPrices>, Error>),
    LastPrices(Timestamp, Result<Vec<LastPrice>, Error>),
    Funding(Vec<Result<FundingRate, Error>>),
    /// For the socket of this number.
    Snapshot(usize, SnapshotAsk, Result<RawSnapshot, DecodeError>),
    Added(BookReader, Result<(), Error>),
}

pub(super) async fn read_clock(source: Arc<dyn MarketSource>) -> Done {
    Done::Clock(contained(source.time()).await)
}

pub(super) async fn ask_status(source: Arc<dyn MarketSource>) -> Done {
    let late = |_| {
        let pause = source.limits().block(Applicant::read(Cost::weight(1), Class::MarketRead));
        pause.unwrap_or_else(|| Error::new(ErrorKind::Timeout, "the exchange did not say that it is up"))
    };
    let asked = async { timeout(STATUS_TIMEOUT, source.status()).await.map_err(late)? };
    Done::Status(contained(asked).await)
}

pub(super) async fn read_instruments(shared: Arc<Shared>) -> Done {
    let read = async { instrument_pages::read_instruments(&*shared.source, |answer| record(&shared, answer)).await };
    Done::Instruments(contained(read).await)
}

pub(super) async fn read_best_prices(shared: Arc<Shared>, of: Vec<Arc<Instrument>>) -> Done {
    let asked = shared.clock.now();
    Done::Probe(asked, contained(shared.source.best_prices(&of)).await)
}

pub(super) async fn read_last_prices(shared: Arc<Shared>, of: Vec<Arc<Instrument>>) -> Done {
    let asked = shared.clock.now();
    Done::LastPrices(asked, contained(shared.source.last_prices(&of)).await)
}

/// Reads mark prices and funding in one request; where that fails, pair by pair.
pub(super) async fn read_funding(shared: Arc<Shared>, of: Vec<Arc<Instrument>>) -> Done {
    let source = &shared.source;
    let error = match contained(source.funding_rates(&of)).await {
        Ok(rates) => return Done::Funding(rates.into_iter().map(Ok).collect()),
        Err(error) if of.len() == 1 || error.kind() == ErrorKind::Unsupported => {
            return Done::Funding(vec![Err(error)]);
        }
        Err(error) => error,
    };
    tracing::debug!(%error, "funding is read pair by pair");
    let mut all = Vec::new();
    for instrument in of {
        match contained(source.funding_rates(std::slice::from_ref(&instrument))).await {
            Ok(rates) => all.extend(rates.into_iter().map(Ok)),
            Err(error) => all.push(Err(error.with("pair", &instrument.pair))),
        }
    }
    Done::Funding(all)
}

pub(super) async fn read_snapshot(shared: Arc<Shared>, socket: usize, ask: SnapshotAsk) -> Done {
    let failed = |error| DecodeError { slot: None, reason: GapReason::Reconnect, error };
    let read = async {
        let answer = shared.source.snapshot(&ask.instrument, ask.depth).await.map_err(failed)?;
        record(&shared, &answer);
        shared.source.decode_snapshot(&answer.body, ask.scale)
    };
    let answer = AssertUnwindSafe(read).catch_unwind().await.unwrap_or_else(|panic| Err(failed(panicked(&*panic))));
    Done::Snapshot(socket, ask, answer)
}

/// Waits until a pair that was added is valid.
pub(super) async fn wait_until_live(book: BookReader, pair: Pair) -> Done {
    let live = timeout(ADD_TIMEOUT, book.live()).await;
    let answer = match live {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Error::new(ErrorKind::Exchange, "the subscription was refused, or the pair removed")),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the book did not become valid")),
    };
    Done::Added(book, answer.map_err(|error| error.with("pair", pair)))
}

fn record(shared: &Shared, answer: &RawAnswer) {
    if let Some(recorder) = &shared.config.recorder {
        recorder.record(CaptureKind::Rest, 0, &answer.url, &answer.body, shared.clock.now());
    }
}

/// The result of a request; a panic in the exchange's code is an error like others.
pub(crate) async fn contained<T>(request: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(request).catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Error::new(ErrorKind::Decode, "a decoder panicked").with("panic", text)
}
