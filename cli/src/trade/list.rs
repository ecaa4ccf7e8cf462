use std::collections::BTreeSet;
use std::sync::Arc;

use tradewire::{AccountSource, ExecutionReport};

use super::account;
use super::order_view::{self, OrderView};
use super::recorded::Recorded;
use super::remote::Remote;
use crate::args::ListArgs;
use crate::failure::Failure;

/// `tradewire order list`: the exchange's word with credentials, else the journal's.
pub(super) async fn run(args: &ListArgs) -> Result<(), Failure> {
    account::check_place(&args.exchange, &args.account.addresses)?;
    let orders = match account::credentials(&args.exchange, &args.account.who)? {
        Some(credentials) => {
            at_the_exchange(args, account::source(&args.exchange, &args.account.addresses, credentials)?).await?
        }
        None => Recorded::required(&args.exchange, &args.account)?.orders(!args.all)?,
    };
    order_view::write(&orders, args.account.json)
}

async fn at_the_exchange(args: &ListArgs, source: Arc<dyn AccountSource>) -> Result<Vec<OrderView>, Failure> {
    let remote = Remote::connect(source).await?;
    let mut reports = remote.open_orders(None).await?;
    if args.all {
        add_ended(args, &remote, &mut reports).await?;
    }
    reports.sort_by_key(|report| report.created.unwrap_or(report.time));
    let view =
        |report: &ExecutionReport| OrderView::of_report(remote.exchange(), remote.pair_of(&report.symbol), report);
    Ok(reports.iter().map(view).collect())
}

/// Orders created in the last days, of the instruments that the account is likely to have traded.
async fn add_ended(args: &ListArgs, remote: &Remote, reports: &mut Vec<ExecutionReport>) -> Result<(), Failure> {
    let traded = match Recorded::optional(&args.exchange, &args.account)? {
        Some(recorded) => recorded.pairs(remote.source().account())?,
        None => Default::default(),
    };
    let key = |report: &ExecutionReport| (report.symbol.clone(), report.exchange_order_id.clone());
    let mut known: BTreeSet<_> = reports.iter().map(key).collect();
    for instrument in remote.active(&traded).await? {
        let created = remote.orders(&instrument, args.days).await?;
        reports.extend(created.into_iter().filter(|report| known.insert(key(report))));
    }
    Ok(())
}
