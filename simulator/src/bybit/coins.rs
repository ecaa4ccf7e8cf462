//! Assets.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::{Asked, Reply};
use super::errors::ApiError;

/// `GET /v5/asset/coin/query-info`
pub(super) fn info(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let mut names = BTreeSet::new();
    for market in asked.exchange.markets() {
        let market = market.lock();
        names.extend([market.listing.base.clone(), market.listing.quote.clone()]);
    }
    let wanted = asked.params.text("coin");
    let rows: Vec<Value> = names.iter().filter(|name| wanted.is_none_or(|wanted| wanted == *name)).map(row).collect();
    Ok(json!({ "rows": rows }).into())
}

fn row(name: &String) -> Value {
    let chain = json!({
        "chain": name, "chainType": name, "confirmation": "1", "withdrawFee": "0", "depositMin": "0",
        "withdrawMin": "0", "minAccuracy": "8", "chainDeposit": "0", "chainWithdraw": "0",
        "withdrawPercentageFee": "0", "contractAddress": "", "safeConfirmNumber": "1",
    });
    json!({ "name": name, "coin": name, "remainAmount": "0", "chains": [chain] })
}
