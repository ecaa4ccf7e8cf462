use tradewire_core::{Error, ErrorKind};

use crate::{Cost, Limits, Outcome, Refusal, RefusalKind, Verdict};

/// What an answer says about itself, on whichever wire it came.
pub(crate) struct Told<'a> {
    pub(crate) status: u16,
    /// The error that the exchange has stated in it.
    pub(crate) error: Option<Error>,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) body: &'a [u8],
}

/// What an answer is.
pub(crate) enum Judged {
    Good,
    Bad { error: Error, outcome: Outcome },
}

impl Judged {
    /// What a request has cost that was answered so, where the exchange does not tell.
    pub(crate) fn charged(&self, cost: &Cost) -> Cost {
        match self {
            Self::Good => cost.of_success(),
            Self::Bad { outcome: Outcome::Rejected, .. } => cost.of_refusal(),
            Self::Bad { .. } => *cost,
        }
    }
}

/// Finds the error that an answer states and what it proves about a command, and obeys what it says about limits.
///
/// A passed limit is proof of refusal, an error of the exchange's own is what `verdict` says, and nothing else proves
/// anything.
pub(crate) fn judge(
    told: Told<'_>,
    exchange: &'static str,
    limits: &Limits,
    cost: &Cost,
    verdict: impl Fn(&Error) -> Verdict,
) -> Judged {
    let good = (200..300).contains(&told.status) && told.refusal.is_none();
    let (error, stated) = match told.error {
        Some(error) => (error, true),
        None if good => return Judged::Good,
        None => (unstated(told.status, told.refusal).with_frame(told.body), false),
    };
    let mut error = error.with_status(told.status);
    if let Some(refusal) = told.refusal {
        count(exchange, refusal.kind);
        let unit = refusal.unit.map(|unit| cost.meant(unit));
        error = error.with_retry_at(limits.refused(Refusal { unit, ..refusal }));
    }
    let rejected = told.refusal.is_some() || stated && verdict(&error) == Verdict::Refused;
    Judged::Bad { error, outcome: if rejected { Outcome::Rejected } else { Outcome::Unknown } }
}

fn unstated(status: u16, refusal: Option<Refusal>) -> Error {
    let kind = match (refusal.map(|refusal| refusal.kind), status) {
        (Some(RefusalKind::Banned), _) => ErrorKind::Banned,
        (Some(RefusalKind::TooMany), _) => ErrorKind::RateLimited,
        (None, 500..) => ErrorKind::Unavailable,
        (None, _) => ErrorKind::Exchange,
    };
    Error::new(kind, "an answer without a reason")
}

fn count(exchange: &'static str, kind: RefusalKind) {
    let kind = match kind {
        RefusalKind::TooMany => "too-many",
        RefusalKind::Banned => "banned",
    };
    metrics::counter!("tradewire_limit_refusals_total", "exchange" => exchange, "kind" => kind).increment(1);
}
