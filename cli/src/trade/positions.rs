use tradewire::{Error, ErrorKind};

use super::position_view::{self, PositionView};
use super::{account, remote};
use crate::args::PositionsArgs;
use crate::failure::Failure;

/// `tradewire positions`: the open positions of the account, as the exchange says.
pub(super) async fn run(args: &PositionsArgs) -> Result<(), Failure> {
    let source = account::required(&args.exchange, &args.account.who, &args.account.addresses)?;
    if source.perpetual().is_none() {
        let text = format!("{} trades assets, not contracts: there are no positions", args.exchange);
        return Err(Error::new(ErrorKind::Unsupported, text).into());
    }
    let remote = remote::Remote::connect(source).await?;
    let mut positions = match remote.source().perpetual() {
        Some(perpetual) => perpetual.positions(None).await?,
        None => Vec::new(),
    };
    positions.retain(|position| !position.size.is_zero());
    positions.sort_by(|a, b| {
        (&a.symbol, a.side.map(|side| side.as_str())).cmp(&(&b.symbol, b.side.map(|side| side.as_str())))
    });
    let pair = |symbol: &str| remote.pair_of(symbol);
    let views: Vec<_> =
        positions.iter().map(|position| PositionView::of(&args.exchange, pair(&position.symbol), position)).collect();
    position_view::write(&views, args.account.json)
}
