use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use tradewire::{CommandError, ErrorKind, ExecutionReport, Instrument};

use super::ending::Ending;
use super::named::target_of;
use super::order_view::OrderView;
use super::outcome::{self, About, OutcomeView};
use super::remote::Remote;
use crate::args::CancelAllArgs;
use crate::failure::Failure;
use crate::output;

/// `tradewire order cancel-all`: every open order of a pair or of the account, whoever placed it. Each that was open is told as
/// it ended.
pub(super) async fn run(args: &CancelAllArgs) -> Result<(), Failure> {
    let limit = Instant::now() + args.account.wait();
    let json = args.account.json;
    let (remote, open) = begin(args).await.map_err(|failure| outcome::nothing_sent(failure, None, json))?;
    if open.is_empty() && !json {
        return output::line("no open orders");
    }
    let mut failed = Vec::new();
    for (symbol, orders) in open {
        match remote.by_symbol(&symbol) {
            Some(instrument) => failed.extend(all_of(&remote, instrument, orders, json, limit).await?),
            None => {
                let unlisted = Failure::failed(format!("{} does not list {symbol} any longer", args.exchange));
                failed.push(outcome::nothing_sent(unlisted, None, json));
            }
        }
    }
    Failure::all(failed)
}

/// The account and its open orders, by symbol.
async fn begin(args: &CancelAllArgs) -> Result<(Remote, BTreeMap<String, Vec<ExecutionReport>>), Failure> {
    let remote = Remote::required(&args.exchange, &args.account).await?;
    let of = args.pair.as_ref().map(|pair| remote.instrument(pair)).transpose()?;
    let mut open: BTreeMap<String, Vec<ExecutionReport>> = BTreeMap::new();
    for report in remote.open_orders(of.as_deref()).await? {
        open.entry(report.symbol.clone()).or_default().push(report);
    }
    Ok((remote, open))
}

/// Cancels the orders of one instrument, by one command where the exchange has it, and tells how each ended.
async fn all_of(
    remote: &Remote,
    instrument: &Arc<Instrument>,
    open: Vec<ExecutionReport>,
    json: bool,
    limit: Instant,
) -> Result<Vec<Failure>, Failure> {
    let trading = remote.source().market().capabilities().trading.as_ref();
    let mut failed = Vec::new();
    let cancelled = if trading.is_some_and(|trading| trading.cancel_all) {
        match remote.source().cancel_all(Arc::clone(instrument)).await {
            Ok(answers) => answered(open, answers),
            Err(error) => {
                open.iter().try_for_each(|order| tell_failed(remote, instrument, order, &error, json))?;
                failed.push(About::CancelAll(&instrument.pair).failure(remote.exchange(), &error));
                Vec::new()
            }
        }
    } else {
        each(remote, instrument, open, json, &mut failed).await?
    };
    for report in cancelled {
        let (target, id) = (target_of(instrument, &report), id_of(&report));
        let ending = Ending::of(remote, &target, report, limit).await;
        failed.extend(ending.tell(remote, &instrument.pair, &id, json).err());
    }
    Ok(failed)
}

/// What is known of each order after a command for all: its answer may name none, some, or others than those that were open.
fn answered(open: Vec<ExecutionReport>, mut answers: Vec<ExecutionReport>) -> Vec<ExecutionReport> {
    let mut known = Vec::new();
    for order in open {
        let answer = answers.iter().position(|answer| answer.exchange_order_id == order.exchange_order_id);
        let answer = answer.map(|at| answers.swap_remove(at));
        known.push(last_known(order, answer));
    }
    known.extend(answers);
    known
}

/// The answer to a cancel if it tells the end, else the order as it was: an answer that says 'received' says little else.
fn last_known(order: ExecutionReport, answer: Option<ExecutionReport>) -> ExecutionReport {
    answer.filter(|answer| answer.status.is_end()).unwrap_or(order)
}

/// Cancels one order after the other; gives back those that are to end, or have ended.
async fn each(
    remote: &Remote,
    instrument: &Arc<Instrument>,
    open: Vec<ExecutionReport>,
    json: bool,
    failed: &mut Vec<Failure>,
) -> Result<Vec<ExecutionReport>, Failure> {
    let mut cancelled = Vec::new();
    for order in open {
        match remote.source().cancel(Arc::new(target_of(instrument, &order))).await {
            Ok(answer) => cancelled.push(last_known(order, Some(answer))),
            // It has ended meanwhile: how, is asked.
            Err(CommandError::Rejected(error)) if error.kind() == ErrorKind::NotFound => cancelled.push(order),
            Err(error) => {
                tell_failed(remote, instrument, &order, &error, json)?;
                failed.push(About::Cancel(&instrument.pair, &id_of(&order)).failure(remote.exchange(), &error));
            }
        }
    }
    Ok(cancelled)
}

/// What a person would call an order.
fn id_of(report: &ExecutionReport) -> String {
    let ours = report.new_client_order_id.as_ref().or(report.client_order_id.as_ref()).map(ToString::to_string);
    ours.or_else(|| report.exchange_order_id.as_ref().map(ToString::to_string)).unwrap_or_default()
}

fn tell_failed(
    remote: &Remote,
    instrument: &Instrument,
    order: &ExecutionReport,
    error: &CommandError,
    json: bool,
) -> Result<(), Failure> {
    if !json {
        return Ok(());
    }
    let view = OrderView::of_report(remote.exchange(), Some(&instrument.pair), order);
    let outcome = OutcomeView::failed(Some(&id_of(order)), error).with_order(Some(view));
    output::even_if_closed(output::json(&outcome))
}
