use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::{Instant, sleep};
use tradewire::tracking::Target;
use tradewire::{CommandError, ErrorKind, ExecutionReport, Instrument, Pair};

use super::account;
use super::order_view::OrderView;
use super::outcome::{self, OutcomeView};
use super::remote::{Remote, targets};
use crate::args::{AccountArgs, CancelAllArgs, CancelArgs};
use crate::failure::Failure;
use crate::output;

/// How long to wait between two questions for an order whose end is awaited.
const POLL: std::time::Duration = std::time::Duration::from_millis(500);

/// `tradewire order cancel`: any order of the account, whoever placed it.
pub(super) async fn one(args: &CancelArgs) -> Result<(), Failure> {
    let remote = connect(&args.exchange, &args.account).await?;
    let instrument = remote.instrument(&args.order.pair)?;
    let result = match first_known(&remote, targets(&instrument, &args.order.id)).await {
        Ok((target, report)) => Ok(ended(&remote, &target, report, &args.account).await?),
        Err(error) => Err(error),
    };
    match result {
        Ok(report) => tell(&remote, &instrument.pair, &report, args.account.json),
        Err(error) => Err(refused(&remote, &instrument, args, &error).await?),
    }
}

/// Tells why a cancel failed. Of an order that is not open, where it stands.
async fn refused(
    remote: &Remote,
    instrument: &Arc<Instrument>,
    args: &CancelArgs,
    error: &CommandError,
) -> Result<Failure, Failure> {
    let id = &args.order.id;
    let gone = matches!(error, CommandError::Rejected(error) if error.kind() == ErrorKind::NotFound);
    // Without an answer the refusal alone is told.
    let report = if gone { remote.order(instrument, id).await.ok().flatten() } else { None };
    let order = report.map(|report| OrderView::of_report(remote.exchange(), Some(&instrument.pair), &report));
    let failure = match &order {
        Some(order) => Failure::failed(format!("not cancelled, '{id}' is not open: {}", order.line())),
        None => outcome::failure(&args.exchange, Some(id), error),
    };
    if args.account.json {
        output::even_if_closed(output::json(&OutcomeView::failed(Some(id), error).with_order(order)))?;
    }
    Ok(failure)
}

async fn connect(exchange: &str, args: &AccountArgs) -> Result<Remote, Failure> {
    Ok(Remote::connect(account::required(exchange, &args.who, &args.addresses)?).await?)
}

/// Cancels what is named by the first of `targets` that the exchange knows.
async fn first_known(remote: &Remote, targets: Vec<Target>) -> Result<(Arc<Target>, ExecutionReport), CommandError> {
    let mut first_error = None;
    for target in targets.into_iter().map(Arc::new) {
        match remote.source().cancel(Arc::clone(&target)).await {
            Ok(report) => return Ok((target, report)),
            Err(CommandError::Rejected(error)) if error.kind() == ErrorKind::NotFound => {
                first_error.get_or_insert(CommandError::Rejected(error));
            }
            Err(error) => return Err(error),
        }
    }
    let none = || CommandError::NotSent(tradewire::Error::new(ErrorKind::InvalidRequest, "no id is given"));
    Err(first_error.unwrap_or_else(none))
}

/// The report of the order's end. A reply that says no more than 'received' is followed by questions, as long as the
/// command waits.
async fn ended(
    remote: &Remote,
    target: &Target,
    mut report: ExecutionReport,
    args: &AccountArgs,
) -> Result<ExecutionReport, Failure> {
    let limit = Instant::now() + args.wait();
    while !report.status.is_end() && Instant::now() < limit {
        if let Some(newer) = remote.source().order(target).await? {
            report = newer;
        }
        if !report.status.is_end() {
            sleep(POLL).await;
        }
    }
    Ok(report)
}

fn tell(remote: &Remote, pair: &Pair, report: &ExecutionReport, json: bool) -> Result<(), Failure> {
    let view = OrderView::of_report(remote.exchange(), Some(pair), report);
    if json { output::json(&OutcomeView::accepted(view)) } else { output::line(view.line()) }
}

/// `tradewire order cancel-all`: every open order of a pair or of the account, whoever placed it.
pub(super) async fn all(args: &CancelAllArgs) -> Result<(), Failure> {
    let remote = connect(&args.exchange, &args.account).await?;
    let of = args.pair.as_ref().map(|pair| remote.instrument(pair)).transpose()?;
    let mut open: BTreeMap<String, Vec<ExecutionReport>> = BTreeMap::new();
    for report in remote.open_orders(of.as_deref()).await? {
        open.entry(report.symbol.clone()).or_default().push(report);
    }
    if open.is_empty() && !args.account.json {
        return output::line("no open orders");
    }
    let mut failed = Vec::new();
    for (symbol, orders) in &open {
        match remote.by_symbol(symbol) {
            Some(instrument) => failed.extend(all_of(&remote, instrument, orders, args).await?),
            None => failed.push(Failure::failed(format!("{} does not list {symbol} any longer", args.exchange))),
        }
    }
    match failed.into_iter().next() {
        Some(first) => Err(first),
        None => Ok(()),
    }
}

/// Cancels the orders of one instrument: by one command where the exchange has it.
async fn all_of(
    remote: &Remote,
    instrument: &Arc<Instrument>,
    orders: &[ExecutionReport],
    args: &CancelAllArgs,
) -> Result<Vec<Failure>, Failure> {
    let trading = remote.source().market().capabilities().trading.as_ref();
    let mut results = Vec::new();
    if trading.is_some_and(|trading| trading.cancel_all) {
        match remote.source().cancel_all(Arc::clone(instrument)).await {
            Ok(reports) => results.extend(reports.into_iter().map(Ok)),
            Err(error) => results.push(Err(error)),
        }
    } else {
        for order in orders {
            let target = Target {
                instrument: Arc::clone(instrument),
                client_order_id: order.client_order_id.clone(),
                exchange_order_id: order.exchange_order_id.clone(),
                conditional: order.trigger.is_some(),
            };
            results.push(remote.source().cancel(Arc::new(target)).await);
        }
    }
    let mut failed = Vec::new();
    for result in results {
        match result {
            Ok(report) => output::even_if_closed(tell(remote, &instrument.pair, &report, args.account.json))?,
            Err(error) => failed.push(outcome::failure(&args.exchange, None, &error)),
        }
    }
    Ok(failed)
}
