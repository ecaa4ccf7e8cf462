use super::{account, balance_view, remote};
use crate::args::BalancesArgs;
use crate::failure::Failure;

/// `tradewire balances`: what the account has, as the exchange says.
pub(super) async fn run(args: &BalancesArgs) -> Result<(), Failure> {
    let source = account::required(&args.exchange, &args.account.who, &args.account.addresses)?;
    remote::synchronise(&*source).await?;
    let mut balances = source.balances().await?.balances;
    balances.sort_by(|a, b| a.asset.cmp(&b.asset));
    balance_view::write(&args.exchange, &balances, args.account.json)
}
