//! What can be asked of the exchange.

use super::{Usdm, candles, depth, info, prices, tickers, trades, user_stream, weights};
use crate::binance::operation::{OpenHandler, Operation, PrivateHandler, Run, Security};
use crate::binance::params::Known;
use crate::binance::session_calls;
use crate::binance::weights::Weight::{self, By, Fixed};

/// A question about the market.
const fn open(path: &'static str, weight: Weight, run: OpenHandler) -> Operation<Usdm> {
    Operation {
        rest: Some(("GET", path)),
        socket: None,
        security: Security::Open,
        weight,
        known: Known::ANY,
        command: None,
        run: Run::Open(run),
    }
}

/// A question about the market that the server's own state answers.
const fn of_server(path: &'static str, weight: Weight, run: PrivateHandler<Usdm>) -> Operation<Usdm> {
    Operation {
        rest: Some(("GET", path)),
        socket: None,
        security: Security::Open,
        weight,
        known: Known::ANY,
        command: None,
        run: Run::Private(run),
    }
}

/// Something about the account's listen key.
const fn listen_key(method: &'static str, socket: &'static str, run: PrivateHandler<Usdm>) -> Operation<Usdm> {
    Operation {
        rest: Some((method, "/fapi/v1/listenKey")),
        security: Security::Keyed,
        weight: Fixed(1),
        ..session(socket, Security::Keyed, run)
    }
}

/// Something about the session of a socket.
const fn session(method: &'static str, security: Security, run: PrivateHandler<Usdm>) -> Operation<Usdm> {
    Operation {
        rest: None,
        socket: Some(method),
        security,
        weight: Fixed(2),
        known: Known::ANY,
        command: None,
        run: Run::Private(run),
    }
}

/// The operation with a method of the WebSocket API too.
const fn also(method: &'static str, operation: Operation<Usdm>) -> Operation<Usdm> {
    Operation { socket: Some(method), ..operation }
}

/// Everything that can be asked.
pub(super) const OPERATIONS: &[Operation<Usdm>] = &[
    open("/fapi/v1/ping", Fixed(1), info::ping),
    open("/fapi/v1/time", Fixed(1), info::time),
    of_server("/fapi/v1/exchangeInfo", Fixed(1), info::exchange_info),
    also("depth", of_server("/fapi/v1/depth", By(weights::depth), depth::snapshot)),
    of_server("/fapi/v1/rpiDepth", Fixed(20), depth::snapshot),
    open("/fapi/v1/trades", Fixed(5), trades::recent),
    Operation { security: Security::Keyed, ..open("/fapi/v1/historicalTrades", Fixed(200), trades::historical) },
    open("/fapi/v1/aggTrades", Fixed(20), trades::aggregate),
    open("/fapi/v1/klines", By(weights::candles), candles::klines),
    open("/fapi/v1/continuousKlines", By(weights::candles), candles::continuous),
    open("/fapi/v1/indexPriceKlines", By(weights::candles), candles::index),
    open("/fapi/v1/markPriceKlines", By(weights::candles), candles::klines),
    open("/fapi/v1/premiumIndex", By(weights::premium_index), prices::premium_index),
    open("/fapi/v1/fundingRate", Fixed(0), prices::funding_rate),
    open("/fapi/v1/fundingInfo", Fixed(0), prices::funding_info),
    open("/fapi/v1/openInterest", Fixed(1), prices::open_interest),
    open("/fapi/v1/ticker/24hr", By(weights::many), tickers::day),
    open("/fapi/v1/ticker/price", By(weights::price), tickers::price),
    also("ticker.price", open("/fapi/v2/ticker/price", By(weights::price), tickers::price)),
    also("ticker.book", open("/fapi/v1/ticker/bookTicker", By(weights::book), tickers::book)),
    open("/fapi/v1/indexInfo", Fixed(1), info::nothing),
    open("/fapi/v1/assetIndex", Fixed(1), info::nothing),
    open("/futures/data/openInterestHist", Fixed(0), info::nothing),
    open("/futures/data/topLongShortPositionRatio", Fixed(0), info::nothing),
    open("/futures/data/topLongShortAccountRatio", Fixed(0), info::nothing),
    open("/futures/data/globalLongShortAccountRatio", Fixed(0), info::nothing),
    open("/futures/data/takerlongshortRatio", Fixed(0), info::nothing),
    open("/futures/data/basis", Fixed(0), info::nothing),
    open("/futures/data/delivery-price", Fixed(0), info::nothing),
    listen_key("POST", "userDataStream.start", user_stream::start),
    listen_key("PUT", "userDataStream.ping", user_stream::extend),
    listen_key("DELETE", "userDataStream.stop", user_stream::stop),
    session("session.logon", Security::UserData, session_calls::log_on),
    session("session.status", Security::Open, session_calls::status),
    session("session.logout", Security::Open, session_calls::log_out),
];
