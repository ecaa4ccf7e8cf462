use std::sync::Arc;

use tokio::time::Instant;
use tradewire::tracking::Target;
use tradewire::{CommandError, ErrorKind, ExecutionReport, Instrument};

use super::ending::Ending;
use super::order_view::OrderView;
use super::outcome::{self, About, OutcomeView};
use super::remote::Remote;
use crate::args::CancelArgs;
use crate::failure::Failure;
use crate::output;

/// `tradewire order cancel`: any order of the account, whoever placed it.
pub(super) async fn run(args: &CancelArgs) -> Result<(), Failure> {
    let (id, json) = (args.order.id.as_str(), args.account.json);
    let limit = Instant::now() + args.account.wait();
    let (remote, instrument) = begin(args).await.map_err(|failure| outcome::nothing_sent(failure, Some(id), json))?;
    let named = remote.named(&instrument, id).await;
    match first_known(&remote, &named).await {
        Ok((target, report)) => {
            let ending = Ending::of(&remote, &target, report, limit).await;
            ending.tell(&remote, &instrument.pair, id, json)
        }
        Err(error) => {
            // Without an answer the refusal alone is told.
            let report = if is_gone(&error) { remote.order(&named).await.ok().flatten() } else { None };
            Err(refused(&instrument, args, &error, report)?)
        }
    }
}

/// The account and the instrument of the order.
async fn begin(args: &CancelArgs) -> Result<(Remote, Arc<Instrument>), Failure> {
    let remote = Remote::required(&args.exchange, &args.account).await?;
    let instrument = remote.instrument(&args.order.pair)?;
    Ok((remote, instrument))
}

fn is_gone(error: &CommandError) -> bool {
    matches!(error, CommandError::Rejected(error) if error.kind() == ErrorKind::NotFound)
}

/// Tells why a cancel failed. Of an order that is not open, where it stands.
fn refused(
    instrument: &Instrument,
    args: &CancelArgs,
    error: &CommandError,
    report: Option<ExecutionReport>,
) -> Result<Failure, Failure> {
    let (exchange, id) = (&args.exchange, args.order.id.as_str());
    let order = report.map(|report| OrderView::of_report(exchange, Some(&instrument.pair), &report));
    let failure = match &order {
        Some(order) => Failure::because(error.error(), format!("not cancelled, '{id}' is not open: {}", order.line())),
        None => About::Cancel(&instrument.pair, id).failure(exchange, error),
    };
    if args.account.json {
        output::even_if_closed(output::json(&OutcomeView::failed(Some(id), error).with_order(order)))?;
    }
    Ok(failure)
}

/// Cancels the first of these orders that the exchange knows.
async fn first_known(remote: &Remote, named: &[Target]) -> Result<(Arc<Target>, ExecutionReport), CommandError> {
    let mut refused = None;
    for target in named.iter().cloned().map(Arc::new) {
        match remote.source().cancel(Arc::clone(&target)).await {
            Ok(report) => return Ok((target, report)),
            // Not this order's id, or not of a kind that can be one.
            Err(error) if names_nothing(&error) => {
                if refused.as_ref().is_none_or(|known| is_gone(&error) && !is_gone(known)) {
                    refused = Some(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    let none = || CommandError::NotSent(tradewire::Error::new(ErrorKind::InvalidRequest, "no id is given"));
    Err(refused.unwrap_or_else(none))
}

fn names_nothing(error: &CommandError) -> bool {
    !error.is_unknown() && matches!(error.error().kind(), ErrorKind::NotFound | ErrorKind::InvalidRequest)
}
