//! What can be asked of the exchange.

use super::{
    Usdm, account, algos, batches, candles, depth, history, info, orders, prices, settings, tickers, trades,
    user_stream, weights,
};
use crate::binance::operation::{OpenHandler, Operation, PrivateHandler, Run, Security};
use crate::binance::params::Known;
use crate::binance::session_calls;
use crate::binance::weights::Weight::{self, By, Fixed};
use crate::requests::OrderCommand::{self, Amend, Cancel, CancelAll, Place};

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

/// A question of an account about itself.
const fn query(path: &'static str, weight: u64, run: PrivateHandler<Usdm>) -> Operation<Usdm> {
    Operation { security: Security::UserData, ..of_server(path, Fixed(weight), run) }
}

/// An order command, or another change of an account.
const fn change(
    rest: (&'static str, &'static str),
    weight: u64,
    command: Option<OrderCommand>,
    run: PrivateHandler<Usdm>,
) -> Operation<Usdm> {
    Operation { rest: Some(rest), security: Security::Trade, command, ..of_server("", Fixed(weight), run) }
}

/// A method of the WebSocket API alone.
const fn by_socket(method: &'static str, operation: Operation<Usdm>) -> Operation<Usdm> {
    Operation { rest: None, socket: Some(method), ..operation }
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
    also("order.place", change(("POST", "/fapi/v1/order"), 0, Some(Place), orders::place)),
    change(("POST", "/fapi/v1/order/test"), 1, None, orders::test),
    change(("PUT", "/fapi/v1/order"), 0, Some(Amend), orders::modify),
    by_socket("order.modify", change(("", ""), 0, Some(Amend), orders::modify_by_socket)),
    also("order.cancel", change(("DELETE", "/fapi/v1/order"), 1, Some(Cancel), orders::cancel)),
    change(("DELETE", "/fapi/v1/allOpenOrders"), 1, Some(CancelAll), orders::cancel_all),
    change(("POST", "/fapi/v1/batchOrders"), 5, Some(Place), batches::place),
    change(("PUT", "/fapi/v1/batchOrders"), 5, Some(Amend), batches::modify),
    change(("DELETE", "/fapi/v1/batchOrders"), 1, Some(Cancel), batches::cancel),
    change(("POST", "/fapi/v1/countdownCancelAll"), 10, None, batches::countdown),
    also("algoOrder.place", change(("POST", "/fapi/v1/algoOrder"), 0, Some(Place), algos::place)),
    also("algoOrder.cancel", change(("DELETE", "/fapi/v1/algoOrder"), 1, Some(Cancel), algos::cancel)),
    change(("DELETE", "/fapi/v1/algoOpenOrders"), 1, Some(CancelAll), algos::cancel_all),
    query("/fapi/v1/algoOrder", 1, algos::query),
    Operation { weight: By(weights::many), ..query("/fapi/v1/openAlgoOrders", 1, algos::open) },
    query("/fapi/v1/allAlgoOrders", 5, algos::all),
    also("order.status", query("/fapi/v1/order", 1, history::order)),
    query("/fapi/v1/openOrder", 1, history::open_order),
    Operation { weight: By(weights::many), ..query("/fapi/v1/openOrders", 1, history::open) },
    query("/fapi/v1/allOrders", 5, history::orders),
    query("/fapi/v1/orderAmendment", 1, orders::amendments),
    query("/fapi/v1/userTrades", 5, history::fills),
    Operation { weight: By(weights::force_orders), ..query("/fapi/v1/forceOrders", 20, history::forced) },
    query("/fapi/v1/income", 30, history::income),
    also("account.balance", query("/fapi/v2/balance", 5, account::balance)),
    also("v2/account.balance", query("/fapi/v3/balance", 5, account::balance)),
    also("account.status", query("/fapi/v2/account", 5, account::status)),
    also("v2/account.status", query("/fapi/v3/account", 5, account::status_v3)),
    also("account.position", query("/fapi/v2/positionRisk", 5, account::positions_v2)),
    also("v2/account.position", query("/fapi/v3/positionRisk", 5, account::positions_v3)),
    query("/fapi/v1/accountConfig", 5, account::configuration),
    query("/fapi/v1/symbolConfig", 5, settings::symbol_configuration),
    query("/fapi/v1/adlQuantile", 5, account::adl_quantile),
    change(("POST", "/fapi/v1/leverage"), 1, None, settings::leverage),
    change(("POST", "/fapi/v1/marginType"), 1, None, settings::margin_type),
    query("/fapi/v1/positionSide/dual", 30, settings::position_mode),
    change(("POST", "/fapi/v1/positionSide/dual"), 1, None, settings::set_position_mode),
    query("/fapi/v1/multiAssetsMargin", 30, settings::multi_assets),
    change(("POST", "/fapi/v1/multiAssetsMargin"), 1, None, settings::set_multi_assets),
    change(("POST", "/fapi/v1/positionMargin"), 1, None, settings::position_margin),
    query("/fapi/v1/positionMargin/history", 1, settings::margin_history),
    query("/fapi/v1/leverageBracket", 1, settings::brackets),
    query("/fapi/v1/commissionRate", 20, settings::commission),
    query("/fapi/v1/rateLimit/order", 1, settings::order_limits),
    query("/fapi/v1/apiTradingStatus", 1, settings::trading_status),
    query("/fapi/v1/feeBurn", 30, settings::fee_burn),
    change(("POST", "/fapi/v1/feeBurn"), 1, None, settings::set_fee_burn),
    listen_key("POST", "userDataStream.start", user_stream::start),
    listen_key("PUT", "userDataStream.ping", user_stream::extend),
    listen_key("DELETE", "userDataStream.stop", user_stream::stop),
    session("session.logon", Security::UserData, session_calls::log_on),
    session("session.status", Security::Open, session_calls::status),
    session("session.logout", Security::Open, session_calls::log_out),
];
