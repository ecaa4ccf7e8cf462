//! What can be asked for, by REST and by the socket for orders.

use super::call::{Asked, Reply};
use super::category::Category;
use super::errors::ApiError;
use super::{
    account, batches, coins, dcp, executions, fees, keys, market, order_lists, orders, positions, stops, wallet,
};
use crate::requests::OrderCommand;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Everybody.
    Open,
    /// Who shows a key.
    Read,
    /// Who shows a key that may trade.
    Trade,
}

/// What carries an operation out.
pub(super) type Run = fn(&Asked<'_>) -> Result<Reply, ApiError>;

/// One endpoint.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Its name on the socket for orders.
    pub(super) op: Option<&'static str>,
    pub(super) security: Security,
    /// Calls per second and account of contracts and of spot; none for what only the address limits.
    limits: Option<(u64, u64)>,
    pub(super) command: Option<OrderCommand>,
    pub(super) run: Run,
}

impl Operation {
    const fn open(path: &'static str, run: Run) -> Operation {
        Operation { method: "GET", path, op: None, security: Security::Open, limits: None, command: None, run }
    }

    const fn read(path: &'static str, limit: u64, run: Run) -> Operation {
        Operation { security: Security::Read, limits: Some((limit, limit)), ..Operation::open(path, run) }
    }

    const fn change(path: &'static str, limits: (u64, u64), run: Run) -> Operation {
        let open = Operation::open(path, run);
        Operation { method: "POST", security: Security::Trade, limits: Some(limits), ..open }
    }

    const fn order(op: &'static str, command: OrderCommand, changed: Operation) -> Operation {
        Operation { op: Some(op), command: Some(command), ..changed }
    }

    /// Calls per second and account.
    pub(super) fn limit(&self, category: Category) -> Option<u64> {
        self.limits.map(|(contracts, spot)| if category.is_spot() { spot } else { contracts })
    }
}

/// Orders of a batch count one by one.
const ORDERS: (u64, u64) = (10, 20);

static OPERATIONS: &[Operation] = &[
    Operation::open("/v5/market/time", market::info::time),
    Operation::open("/v5/system/status", market::info::status),
    Operation::open("/v5/market/instruments-info", market::instruments::instruments),
    Operation::open("/v5/market/orderbook", market::book::order_book),
    Operation::open("/v5/market/full_orderbook", market::book::full_order_book),
    Operation::open("/v5/market/tickers", market::tickers::tickers),
    Operation::open("/v5/market/recent-trade", market::trades::recent),
    Operation::open("/v5/market/kline", market::klines::klines),
    Operation::open("/v5/market/mark-price-kline", market::klines::mark),
    Operation::open("/v5/market/index-price-kline", market::klines::index),
    Operation::open("/v5/market/premium-index-price-kline", market::klines::premium),
    Operation::open("/v5/market/funding/history", market::contracts::funding_history),
    Operation::open("/v5/market/open-interest", market::contracts::open_interest),
    Operation::open("/v5/market/risk-limit", market::contracts::risk_limit),
    Operation::open("/v5/market/insurance", market::contracts::insurance),
    Operation::open("/v5/market/account-ratio", market::info::nothing),
    Operation::open("/v5/market/delivery-price", market::info::nothing),
    Operation::open("/v5/market/historical-volatility", market::info::nothing),
    Operation::open("/v5/market/price-limit", market::info::price_limit),
    Operation::order(
        "order.create",
        OrderCommand::Place,
        Operation::change("/v5/order/create", ORDERS, orders::create),
    ),
    Operation::order("order.amend", OrderCommand::Amend, Operation::change("/v5/order/amend", (10, 10), orders::amend)),
    Operation::order(
        "order.cancel",
        OrderCommand::Cancel,
        Operation::change("/v5/order/cancel", ORDERS, orders::cancel),
    ),
    Operation {
        command: Some(OrderCommand::CancelAll),
        ..Operation::change("/v5/order/cancel-all", ORDERS, orders::cancel_all)
    },
    Operation::order(
        "order.create-batch",
        OrderCommand::Place,
        Operation::change("/v5/order/create-batch", ORDERS, batches::create),
    ),
    Operation::order(
        "order.amend-batch",
        OrderCommand::Amend,
        Operation::change("/v5/order/amend-batch", ORDERS, batches::amend),
    ),
    Operation::order(
        "order.cancel-batch",
        OrderCommand::Cancel,
        Operation::change("/v5/order/cancel-batch", ORDERS, batches::cancel),
    ),
    Operation::read("/v5/order/realtime", 50, order_lists::realtime),
    Operation::read("/v5/order/history", 50, order_lists::history),
    Operation::read("/v5/execution/list", 50, executions::list),
    Operation::change("/v5/order/disconnected-cancel-all", (5, 5), dcp::set),
    Operation::read("/v5/account/query-dcp-info", 5, dcp::info),
    Operation::read("/v5/account/wallet-balance", 50, wallet::balance),
    Operation::read("/v5/account/withdrawal", 50, wallet::withdrawal),
    Operation::read("/v5/account/info", 50, account::info),
    Operation::read("/v5/account/fee-rate", 5, fees::rates),
    Operation::read("/v5/account/instruments-info", 10, market::instruments::of_account),
    Operation::read("/v5/account/smp-group", 5, account::group),
    Operation::read("/v5/account/transaction-log", 25, account::transactions),
    Operation::change("/v5/account/set-margin-mode", (5, 5), account::set_margin_mode),
    Operation::read("/v5/user/query-api", 10, keys::query),
    Operation::read("/v5/asset/coin/query-info", 5, coins::info),
    Operation::read("/v5/position/list", 50, positions::list),
    Operation::read("/v5/position/closed-pnl", 50, positions::closed),
    Operation::read("/v5/position/symbol-info", 10, positions::leverages),
    Operation::change("/v5/position/set-leverage", (10, 10), positions::set_leverage),
    Operation::change("/v5/position/switch-mode", (10, 10), positions::switch_mode),
    Operation::change("/v5/position/trading-stop", (10, 10), stops::trading_stop),
    Operation::change("/v5/position/add-margin", (10, 10), positions::add_margin),
    Operation::change("/v5/position/set-auto-add-margin", (10, 10), positions::auto_add_margin),
];

/// The operation of a REST request.
pub(super) fn by_path(method: &str, path: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.path == path && operation.method == method)
}

/// The operation of a request by the socket for orders.
pub(super) fn by_op(op: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.op == Some(op))
}
