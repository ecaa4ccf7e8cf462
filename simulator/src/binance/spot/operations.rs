//! What can be asked of the exchange.

use super::order_params::LEG_FIELDS;
use super::{Spot, account, candles, depth, history, info, lists, orders, subscriptions, tickers, trades, weights};
use crate::binance::operation::{OpenHandler, Operation, PrivateHandler, Run, Security};
use crate::binance::params::Known;
use crate::binance::session_calls;
use crate::binance::weights::Weight;
use crate::requests::OrderCommand;

const fn open(
    path: &'static str,
    socket: Option<&'static str>,
    weight: Weight,
    known: &'static [&'static str],
    run: OpenHandler,
) -> Operation<Spot> {
    Operation {
        rest: Some(("GET", path)),
        socket,
        security: Security::Open,
        weight,
        known: Known::plain(known),
        command: None,
        run: Run::Open(run),
    }
}

/// A question of an account about itself.
const fn query(
    path: &'static str,
    socket: &'static str,
    weight: Weight,
    known: &'static [&'static str],
    run: PrivateHandler<Spot>,
) -> Operation<Spot> {
    Operation {
        rest: Some(("GET", path)),
        socket: Some(socket),
        security: Security::UserData,
        weight,
        known: Known::plain(known),
        command: None,
        run: Run::Private(run),
    }
}

/// An order command.
const fn command(
    rest: (&'static str, &'static str),
    socket: &'static str,
    command: OrderCommand,
    known: Known,
    run: PrivateHandler<Spot>,
) -> Operation<Spot> {
    Operation {
        rest: Some(rest),
        socket: Some(socket),
        security: Security::Trade,
        weight: OnFailure(1),
        known,
        command: Some(command),
        run: Run::Private(run),
    }
}

/// Something about the session of a socket.
const fn session(
    method: &'static str,
    security: Security,
    known: &'static [&'static str],
    run: PrivateHandler<Spot>,
) -> Operation<Spot> {
    Operation {
        rest: None,
        socket: Some(method),
        security,
        weight: Fixed(2),
        known: Known::plain(known),
        command: None,
        run: Run::Private(run),
    }
}

const CANDLES: &[&str] = &["symbol", "interval", "startTime", "endTime", "timeZone", "limit"];
const INFO: &[&str] = &["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"];
const MANY: &[&str] = &["symbol", "symbols", "type", "symbolStatus"];
const REFERENCE: &[&str] = &["symbol", "symbolStatus"];
const TOP: &[&str] = &["symbol", "symbols", "symbolStatus"];
const AGGREGATE: &[&str] = &["symbol", "fromId", "startTime", "endTime", "limit"];
const TRADES: &[&str] = &["symbol", "limit", "fromId"];
const TRADING_DAY: &[&str] = &["symbol", "symbols", "timeZone", "type", "symbolStatus"];
const ROLLING: &[&str] = &["symbol", "symbols", "windowSize", "type", "symbolStatus"];

const ORDER: &[&str] = &[
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "quoteOrderQty",
    "price",
    "newClientOrderId",
    "strategyId",
    "strategyType",
    "stopPrice",
    "trailingDelta",
    "icebergQty",
    "newOrderRespType",
    "selfTradePreventionMode",
    "pegPriceType",
    "pegOffsetType",
    "pegOffsetValue",
    "computeCommissionRates",
    "cancelReplaceMode",
    "cancelOrderId",
    "cancelOrigClientOrderId",
    "cancelNewClientOrderId",
    "cancelRestrictions",
    "orderRateLimitExceededMode",
];
const LIST: &[&str] = &[
    "symbol",
    "listClientOrderId",
    "newOrderRespType",
    "selfTradePreventionMode",
    "side",
    "quantity",
    "pendingSide",
    "pendingQuantity",
];
const CANCEL: &[&str] = &["symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"];
const AMEND: &[&str] = &["symbol", "orderId", "origClientOrderId", "newClientOrderId", "newQty"];
const CANCEL_LIST: &[&str] = &["symbol", "orderListId", "listClientOrderId", "newClientOrderId"];
const ORDERS: &[&str] = &["symbol", "orderId", "startTime", "endTime", "limit"];
const FILLS: &[&str] = &["symbol", "orderId", "startTime", "endTime", "fromId", "limit"];
const LISTS: &[&str] = &["fromId", "startTime", "endTime", "limit"];
const PREVENTED: &[&str] = &["symbol", "preventedMatchId", "orderId", "fromPreventedMatchId", "limit"];
const ALLOCATIONS: &[&str] = &["symbol", "startTime", "endTime", "fromAllocationId", "limit", "orderId"];
const AMENDMENTS: &[&str] = &["symbol", "orderId", "fromExecutionId", "limit"];

const fn list(legs: &'static [&'static str]) -> Known {
    Known { legs, leg_fields: LEG_FIELDS, ..Known::plain(LIST) }
}

const PAIR: Known = list(&["above", "below"]);
const CHAIN: Known = list(&["working", "pending"]);
const CHAIN_OF_PAIR: Known = list(&["working", "pendingAbove", "pendingBelow"]);

use Weight::{By, Fixed, OnFailure};

/// Everything that can be asked.
pub(super) const OPERATIONS: &[Operation<Spot>] = &[
    open("/api/v3/ping", Some("ping"), Fixed(1), &[], info::ping),
    open("/api/v3/time", Some("time"), Fixed(1), &[], info::time),
    open("/api/v3/exchangeInfo", Some("exchangeInfo"), Fixed(20), INFO, info::exchange_info),
    open("/api/v3/executionRules", Some("executionRules"), By(weights::execution_rules), TOP, info::execution_rules),
    open("/sapi/v1/system/status", None, Fixed(1), &[], info::system_status),
    open("/api/v3/depth", Some("depth"), By(weights::depth), &["symbol", "limit", "symbolStatus"], depth::snapshot),
    open("/api/v3/trades", Some("trades.recent"), Fixed(25), &["symbol", "limit"], trades::recent),
    open("/api/v3/historicalTrades", Some("trades.historical"), Fixed(25), TRADES, trades::historical),
    open("/api/v3/historicalBlockTrades", Some("blockTrades.historical"), Fixed(25), TRADES, trades::blocks),
    open("/api/v3/aggTrades", Some("trades.aggregate"), Fixed(4), AGGREGATE, trades::aggregate),
    open("/api/v3/klines", Some("klines"), Fixed(2), CANDLES, candles::klines),
    open("/api/v3/uiKlines", Some("uiKlines"), Fixed(2), CANDLES, candles::klines),
    open("/api/v3/avgPrice", Some("avgPrice"), Fixed(2), &["symbol"], tickers::average_price),
    open("/api/v3/referencePrice", Some("referencePrice"), Fixed(2), REFERENCE, tickers::reference_price),
    open(
        "/api/v3/referencePrice/calculation",
        Some("referencePrice.calculation"),
        Fixed(2),
        REFERENCE,
        tickers::reference_calculation,
    ),
    open("/api/v3/ticker/24hr", Some("ticker.24hr"), By(weights::day_ticker), MANY, tickers::day),
    open(
        "/api/v3/ticker/tradingDay",
        Some("ticker.tradingDay"),
        By(weights::window_ticker),
        TRADING_DAY,
        tickers::trading_day,
    ),
    open("/api/v3/ticker", Some("ticker"), By(weights::window_ticker), ROLLING, tickers::rolling),
    open("/api/v3/ticker/price", Some("ticker.price"), By(weights::top), TOP, tickers::price),
    open("/api/v3/ticker/bookTicker", Some("ticker.book"), By(weights::top), TOP, tickers::book),
    command(("POST", "/api/v3/order"), "order.place", OrderCommand::Place, Known::plain(ORDER), orders::place),
    command(("DELETE", "/api/v3/order"), "order.cancel", OrderCommand::Cancel, Known::plain(CANCEL), orders::cancel),
    command(
        ("DELETE", "/api/v3/openOrders"),
        "openOrders.cancelAll",
        OrderCommand::CancelAll,
        Known::plain(&["symbol"]),
        orders::cancel_all,
    ),
    command(
        ("POST", "/api/v3/order/cancelReplace"),
        "order.cancelReplace",
        OrderCommand::Replace,
        Known::plain(ORDER),
        orders::replace,
    ),
    Operation {
        weight: Fixed(4),
        ..command(
            ("PUT", "/api/v3/order/amend/keepPriority"),
            "order.amend.keepPriority",
            OrderCommand::Amend,
            Known::plain(AMEND),
            orders::amend,
        )
    },
    command(("POST", "/api/v3/orderList/oco"), "orderList.place.oco", OrderCommand::PlaceList, PAIR, lists::place_oco),
    command(("POST", "/api/v3/orderList/oto"), "orderList.place.oto", OrderCommand::PlaceList, CHAIN, lists::place_oto),
    command(("POST", "/api/v3/orderList/opo"), "orderList.place.opo", OrderCommand::PlaceList, CHAIN, lists::place_opo),
    command(
        ("POST", "/api/v3/orderList/otoco"),
        "orderList.place.otoco",
        OrderCommand::PlaceList,
        CHAIN_OF_PAIR,
        lists::place_otoco,
    ),
    command(
        ("POST", "/api/v3/orderList/opoco"),
        "orderList.place.opoco",
        OrderCommand::PlaceList,
        CHAIN_OF_PAIR,
        lists::place_opoco,
    ),
    command(
        ("DELETE", "/api/v3/orderList"),
        "orderList.cancel",
        OrderCommand::CancelList,
        Known::plain(CANCEL_LIST),
        lists::cancel,
    ),
    Operation {
        rest: Some(("POST", "/api/v3/order/test")),
        security: Security::Trade,
        ..query("", "order.test", By(weights::test), ORDER, orders::test)
    },
    Operation {
        rest: Some(("POST", "/api/v3/sor/order")),
        security: Security::Trade,
        ..query("", "sor.order.place", OnFailure(1), ORDER, orders::routed)
    },
    Operation {
        rest: Some(("POST", "/api/v3/sor/order/test")),
        security: Security::Trade,
        ..query("", "sor.order.test", By(weights::test), ORDER, orders::routed)
    },
    query("/api/v3/order", "order.status", Fixed(4), &["symbol", "orderId", "origClientOrderId"], history::order),
    query("/api/v3/openOrders", "openOrders.status", By(weights::open_orders), &["symbol"], history::open),
    query("/api/v3/allOrders", "allOrders", Fixed(20), ORDERS, history::orders),
    query("/api/v3/myTrades", "myTrades", By(weights::fills), FILLS, history::fills),
    query("/api/v3/order/amendments", "order.amendments", Fixed(4), AMENDMENTS, history::amendments),
    query("/api/v3/myPreventedMatches", "myPreventedMatches", By(weights::prevented), PREVENTED, history::prevented),
    query("/api/v3/myAllocations", "myAllocations", Fixed(20), ALLOCATIONS, history::allocations),
    query("/api/v3/orderList", "orderList.status", Fixed(4), &["orderListId", "origClientOrderId"], lists::query),
    query("/api/v3/openOrderList", "openOrderLists.status", Fixed(6), &[], lists::open),
    query("/api/v3/allOrderList", "allOrderLists", Fixed(20), LISTS, lists::all),
    query("/api/v3/account", "account.status", Fixed(20), &["omitZeroBalances"], account::status),
    query("/api/v3/account/commission", "account.commission", Fixed(20), &["symbol"], account::commission),
    query("/api/v3/rateLimit/order", "account.rateLimits.orders", Fixed(40), &[], account::order_counts),
    query("/api/v3/myFilters", "myFilters", Fixed(40), &["symbol"], account::my_filters),
    session("session.logon", Security::UserData, &[], session_calls::log_on),
    session("session.status", Security::Open, &[], session_calls::status),
    session("session.logout", Security::Open, &[], session_calls::log_out),
    session("session.subscriptions", Security::Open, &[], subscriptions::subscriptions),
    session("userDataStream.subscribe", Security::Open, &[], subscriptions::subscribe),
    session("userDataStream.subscribe.signature", Security::UserData, &[], subscriptions::subscribe_signed),
    session("userDataStream.unsubscribe", Security::Open, &["subscriptionId"], subscriptions::unsubscribe),
];
