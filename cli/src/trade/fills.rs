use std::sync::Arc;

use tradewire::AccountSource;

use super::account;
use super::fill_view::{self, FillView};
use super::recorded::Recorded;
use super::remote::Remote;
use crate::args::FillsArgs;
use crate::failure::Failure;

/// `tradewire fills`: the exchange's word with credentials, else the journal's.
pub(super) async fn run(args: &FillsArgs) -> Result<(), Failure> {
    account::check_place(&args.exchange, &args.account.addresses)?;
    let mut fills = match account::credentials(&args.exchange, &args.account.who)? {
        Some(credentials) => {
            at_the_exchange(args, account::source(&args.exchange, &args.account.addresses, credentials)?).await?
        }
        None => Recorded::required(&args.exchange, &args.account)?.fills(args.pair.as_ref())?,
    };
    fills.sort_by_key(|view| view.fill.time);
    fill_view::write(&fills, args.format())
}

async fn at_the_exchange(args: &FillsArgs, source: Arc<dyn AccountSource>) -> Result<Vec<FillView>, Failure> {
    let remote = Remote::connect(source).await?;
    let account = remote.source().account();
    let recorded = Recorded::optional(&args.exchange, &args.account)?;
    let (traded, ids) = match recorded {
        Some(recorded) => (recorded.pairs(account)?, recorded.client_order_ids(account)?),
        None => Default::default(),
    };
    let instruments = match &args.pair {
        Some(pair) => vec![remote.instrument(pair)?],
        None => remote.active(&traded).await?,
    };
    let mut fills = Vec::new();
    for instrument in instruments {
        for fill in remote.fills(&instrument, args.days).await? {
            let mut view = FillView::of_report(remote.exchange(), Some(&instrument.pair), &fill);
            if view.fill.client_order_id.is_none() {
                view.fill.client_order_id = view.order_key().and_then(|key| ids.get(&key).cloned());
            }
            fills.push(view);
        }
    }
    Ok(fills)
}
