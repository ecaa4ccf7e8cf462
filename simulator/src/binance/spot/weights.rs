//! Request weights.

use crate::exchange::Exchange;
use crate::front::Request;

/// What a request costs, whether it succeeds or not.
pub(super) fn weight(exchange: &Exchange, request: &Request) -> u64 {
    let params = request.parameters();
    let value = |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let symbols = value("symbols").map(|list| list.split(',').count());
    let named = value("symbol").map(|_| 1).or(symbols);
    let Some(endpoint) = request.path.strip_prefix("/api/v3/") else { return 1 };
    match endpoint {
        "exchangeInfo" => 20,
        "depth" => depth(value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(100)),
        "trades" | "historicalTrades" | "historicalBlockTrades" => 25,
        "aggTrades" => 4,
        "klines" | "uiKlines" | "avgPrice" | "referencePrice" | "referencePrice/calculation" => 2,
        "ticker/24hr" => day_ticker(named.unwrap_or_else(|| exchange.markets().len()), named.is_some()),
        "ticker" | "ticker/tradingDay" => (4 * named.unwrap_or(1) as u64).min(200),
        "ticker/price" | "ticker/bookTicker" => {
            if value("symbol").is_some() {
                2
            } else {
                4
            }
        }
        "executionRules" => named.map_or(40, |count| (2 * count as u64).min(40)),
        _ => 1,
    }
}

fn depth(limit: u64) -> u64 {
    match limit {
        0..=100 => 5,
        101..=500 => 25,
        501..=1000 => 50,
        _ => 250,
    }
}

fn day_ticker(symbols: usize, named: bool) -> u64 {
    match symbols {
        _ if !named => 80,
        0..=20 => 2,
        21..=100 => 40,
        _ => 80,
    }
}
