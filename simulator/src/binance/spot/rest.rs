//! The REST endpoints.

use super::errors::ApiError;
use super::params::Params;
use super::unit::TimeUnit;
use super::{candles, depth, info, not_found, tickers, trades};
use crate::exchange::Exchange;
use crate::front::{Answer, Request};

/// Answers a request that the limits have let through.
pub(super) fn answer(exchange: &Exchange, request: &Request) -> Result<Answer, ApiError> {
    let Some(endpoint) = endpoint(&request.path) else { return Ok(not_found()) };
    if request.method != "GET" {
        let message = format!("Request method '{}' is not supported.", request.method);
        return Err(ApiError { status: 405, code: -1000, message });
    }
    let unit = TimeUnit::named(request.header("x-mbx-time-unit"))?;
    let params = Params::read(request, endpoint.known)?;
    let body = (endpoint.answer)(exchange, &params, unit)?;
    Ok(Answer { status: 200, headers: Vec::new(), body, weight: 0 })
}

/// What an endpoint does with its parameters.
type Handler = fn(&Exchange, &Params, TimeUnit) -> Result<String, ApiError>;

struct Endpoint {
    known: &'static [&'static str],
    answer: Handler,
}

const CANDLES: &[&str] = &["symbol", "interval", "startTime", "endTime", "timeZone", "limit"];
const MANY: &[&str] = &["symbol", "symbols", "type", "symbolStatus"];

fn endpoint(path: &str) -> Option<Endpoint> {
    let (known, answer): (&'static [&'static str], Handler) = match path {
        "/api/v3/ping" => (&[], info::ping),
        "/api/v3/time" => (&[], info::time),
        "/api/v3/exchangeInfo" => {
            (&["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"], info::exchange_info)
        }
        "/api/v3/executionRules" => (&["symbol", "symbols", "symbolStatus"], info::execution_rules),
        "/sapi/v1/system/status" => (&[], info::system_status),
        "/api/v3/depth" => (&["symbol", "limit", "symbolStatus"], depth::snapshot),
        "/api/v3/trades" => (&["symbol", "limit"], trades::recent),
        "/api/v3/historicalTrades" => (&["symbol", "limit", "fromId"], trades::historical),
        "/api/v3/historicalBlockTrades" => (&["symbol", "limit", "fromId"], trades::blocks),
        "/api/v3/aggTrades" => (&["symbol", "fromId", "startTime", "endTime", "limit"], trades::aggregate),
        "/api/v3/klines" | "/api/v3/uiKlines" => (CANDLES, candles::klines),
        "/api/v3/avgPrice" => (&["symbol"], tickers::average_price),
        "/api/v3/referencePrice" => (&["symbol", "symbolStatus"], tickers::reference_price),
        "/api/v3/referencePrice/calculation" => (&["symbol", "symbolStatus"], tickers::reference_calculation),
        "/api/v3/ticker/24hr" => (MANY, tickers::day),
        "/api/v3/ticker/tradingDay" => {
            (&["symbol", "symbols", "timeZone", "type", "symbolStatus"], tickers::trading_day)
        }
        "/api/v3/ticker" => (&["symbol", "symbols", "windowSize", "type", "symbolStatus"], tickers::rolling),
        "/api/v3/ticker/price" => (&["symbol", "symbols", "symbolStatus"], tickers::price),
        "/api/v3/ticker/bookTicker" => (&["symbol", "symbols", "symbolStatus"], tickers::book),
        _ => return None,
    };
    Some(Endpoint { known, answer })
}
