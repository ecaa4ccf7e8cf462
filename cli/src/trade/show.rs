use std::sync::Arc;

use serde::Serialize;
use tradewire::{AccountSource, ExecutionReport, Instrument};

use super::account;
use super::fill_view::FillView;
use super::order_view::OrderView;
use super::recorded::{Recorded, RecordedOrder};
use super::remote::Remote;
use crate::args::ShowArgs;
use crate::failure::Failure;
use crate::output;

/// An order with its fills, as a line of JSON.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    order: OrderView,
    fills: Vec<FillView>,
}

impl Shown {
    fn text(&self) -> String {
        let fills = self.fills.iter().map(|fill| format!("\nfill               {}", fill.trade_text()));
        self.order.details() + &fills.collect::<String>()
    }
}

/// `tradewire order show`: the exchange's word with credentials, else the journal's.
pub(super) async fn run(args: &ShowArgs) -> Result<(), Failure> {
    account::check_place(&args.exchange, &args.account.addresses)?;
    let shown = match account::credentials(&args.exchange, &args.account.who)? {
        Some(credentials) => {
            let source = account::source(&args.exchange, &args.account.addresses, credentials)?;
            at_the_exchange(args, source).await?
        }
        None => match Recorded::required(&args.exchange, &args.account)?.order(&args.id)? {
            Some(RecordedOrder { order, fills, .. }) => Shown { order, fills },
            None => return Err(Failure::failed(format!("no order '{}' of {} in the journal", args.id, args.exchange))),
        },
    };
    if args.account.json { output::json(&shown) } else { output::line(shown.text()) }
}

async fn at_the_exchange(args: &ShowArgs, source: Arc<dyn AccountSource>) -> Result<Shown, Failure> {
    let remote = Remote::connect(source).await?;
    let recorded = match Recorded::optional(&args.exchange, &args.account)? {
        Some(recorded) => recorded.order(&args.id)?,
        None => None,
    };
    let pair = args.pair.as_ref().or(recorded.as_ref().and_then(|known| known.pair.as_ref()));
    let found = match pair {
        Some(pair) => {
            let instrument = remote.instrument(pair)?;
            let mut named: Vec<_> = recorded.iter().map(|known| known.target(&instrument)).collect();
            named.extend(remote.guesses(&instrument, &args.id));
            remote.order(&named).await?.map(|report| (instrument, report))
        }
        None => among_open(&remote, &args.id).await?,
    };
    match (found, recorded) {
        (Some((instrument, report)), _) => shown(&remote, &instrument, &report).await,
        (None, Some(RecordedOrder { order, fills, .. })) => Ok(Shown { order, fills }),
        (None, None) if args.pair.is_none() => Err(Failure::failed(format!(
            "no order '{}' in the journal, nor open at {}; name its pair with --pair to look further",
            args.id, args.exchange
        ))),
        (None, None) => Err(Failure::failed(format!("{} knows no order '{}'", args.exchange, args.id))),
    }
}

async fn among_open(remote: &Remote, id: &str) -> Result<Option<(Arc<Instrument>, ExecutionReport)>, Failure> {
    let report = remote.open_order(None, id).await?;
    Ok(report.and_then(|report| remote.by_symbol(&report.symbol).cloned().map(|instrument| (instrument, report))))
}

async fn shown(remote: &Remote, instrument: &Instrument, report: &ExecutionReport) -> Result<Shown, Failure> {
    let fills = match &report.exchange_order_id {
        Some(id) => remote.fills_of(instrument, id).await?,
        None => Vec::new(),
    };
    let view = |fill| FillView::of_report(remote.exchange(), Some(&instrument.pair), fill);
    let order = OrderView::of_report(remote.exchange(), Some(&instrument.pair), report).with_fees(&fills);
    Ok(Shown { order, fills: fills.iter().map(view).collect() })
}
