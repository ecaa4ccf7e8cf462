//! Payloads of the user data stream.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Usdm;
use super::account::margin_word;
use super::algos::{self, Actual, working_type};
use super::digits::{Digits, money, plain};
use super::order_json::{Shown, position_side, side, time_in_force};
use crate::accounts::{
    AccountChange, AccountEvent, AlgoOrder, Cause, ExpiryReason, Fill, MarginMode, MarginUpdate, OrderChange,
    OrderEvent, Origin, Position, Wallet,
};
use crate::binance::told::Told;
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::numbers::fixed;

/// Decimals of entry prices.
const ENTRY: u32 = 5;

/// Times of an event: when it is told, and when it happened.
type Times = (i64, i64);

/// What is told of an event of an account as of `now`, in this order.
pub(super) fn told(usdm: &Usdm, exchange: &Exchange, event: &AccountEvent, now: Timestamp) -> Vec<Told> {
    let times = (now.millis(), event.time.millis());
    match &event.what {
        AccountChange::Order(order) => of_order(usdm, exchange, order, times),
        AccountChange::Margin(update) => {
            vec![of_symbol(update.symbol.as_ref(), account_update(exchange, update, times))]
        }
        AccountChange::MarginCall { wallet, positions } => vec![margin_call(exchange, wallet, positions, times)],
        AccountChange::Algo(algo) => vec![algo_update(usdm, exchange, algo, times)],
        AccountChange::Leverage { symbol, leverage } => {
            let config = json!({ "s": symbol, "l": whole(leverage.buy) });
            let event = json!({ "e": "ACCOUNT_CONFIG_UPDATE", "E": times.0, "T": times.1, "ac": config });
            vec![of_symbol(Some(symbol), Told::plain("ACCOUNT_CONFIG_UPDATE", event))]
        }
        // Fundings and deposits are told by the update that follows them; the position mode by nothing.
        _ => Vec::new(),
    }
}

fn of_symbol(symbol: Option<&Arc<str>>, told: Told) -> Told {
    Told { symbol: symbol.map(Arc::clone), ..told }
}

fn whole(value: Decimal) -> Value {
    i64::try_from(value.trunc()).map_or(Value::Null, Value::from)
}

/// The report of an order, and before it that of its fill alone.
fn of_order(usdm: &Usdm, exchange: &Exchange, event: &OrderEvent, times: Times) -> Vec<Told> {
    let Some(kind) = execution(event) else { return Vec::new() };
    let order = &event.order;
    let digits = Digits::of_symbol(exchange, &order.symbol);
    let shown = Shown { order, note: usdm.notes.of(order.market, order.id), digits };
    let fill = match &event.change {
        OrderChange::Trade(trade) => Some(&trade.fill),
        _ => None,
    };
    let ids = Some((order.id.0.to_string(), order.client_id.clone()));
    let about = |name, event| Told { order: ids.clone(), ..of_symbol(Some(&order.symbol), Told::plain(name, event)) };
    let report =
        json!({ "e": "ORDER_TRADE_UPDATE", "E": times.0, "T": times.1, "o": report(&shown, event, kind, fill) });
    let report = Told { report: Some("o"), ..about("ORDER_TRADE_UPDATE", report) };
    let lite = fill.map(|fill| about("TRADE_LITE", trade_lite(&shown, fill, times)));
    lite.into_iter().chain([report]).collect()
}

/// The word for what happened to an order; `None` of what is not told.
fn execution(event: &OrderEvent) -> Option<&'static str> {
    Some(match &event.change {
        OrderChange::New | OrderChange::Activated => "NEW",
        OrderChange::Trade(trade) if trade.fill.origin == Origin::Liquidation => "CALCULATED",
        OrderChange::Trade(_) => "TRADE",
        OrderChange::Cancelled { .. } => "CANCELED",
        OrderChange::Expired if event.order.expiry == ExpiryReason::Amended => "CANCELED",
        OrderChange::Expired | OrderChange::Rejected => "EXPIRED",
        OrderChange::Replaced { .. } | OrderChange::Modified | OrderChange::Cut => "AMENDMENT",
        OrderChange::Prevented { .. } if event.order.is_live() => return None,
        OrderChange::Prevented { .. } => "EXPIRED",
    })
}

/// Why an order expired.
fn reason(event: &OrderEvent) -> &'static str {
    match (&event.change, event.order.expiry) {
        (OrderChange::Prevented { .. }, _) => "1",
        (_, ExpiryReason::UnfilledIocQuantityExpired) if event.order.prevented_quantity.is_zero() => "2",
        (_, ExpiryReason::UnfilledIocQuantityExpired) => "3",
        (_, ExpiryReason::ReduceOnly) => "4",
        (_, ExpiryReason::Liquidation) => "5",
        (_, ExpiryReason::PositionClosed) => "6",
        (_, ExpiryReason::Settlement) => "7",
        (_, ExpiryReason::InsufficientLiquidity) => "9",
        (_, ExpiryReason::UnfilledFokOrderExpired) => "10",
        _ => "0",
    }
}

fn report(shown: &Shown<'_>, event: &OrderEvent, kind: &str, fill: Option<&Fill>) -> Value {
    let (order, digits) = (shown.order, shown.digits);
    let word = if order.origin == Origin::Liquidation { "LIQUIDATION" } else { shown.kind() };
    let mut report = json!({
        "s": order.symbol, "c": order.client_id, "S": side(order.side), "o": word, "f": shown.time_in_force(),
        "q": digits.quantity(order.quantity), "p": digits.price(order.price), "ap": plain(shown.average().round_dp(8)),
        "sp": digits.price(order.stop_price), "x": kind,
        "X": shown.status(), "i": order.id.0,
        "l": digits.quantity(fill.map(|fill| fill.quantity).unwrap_or_default()),
        "z": digits.quantity(order.executed), "L": digits.price(fill.map(|fill| fill.price).unwrap_or_default()),
    });
    if let Some(fill) = fill {
        report["n"] = json!(money(fill.commission));
        report["N"] = json!(fill.commission_asset);
    }
    let rest = json!({
        "T": order.updated.millis(), "t": fill.map_or(0, |fill| fill.trade_id), "b": "0", "a": "0",
        "m": fill.is_some_and(|fill| fill.maker), "R": order.position.reduce_only, "wt": working_type(order),
        "ot": word, "ps": position_side(order.position.side), "cp": order.position.close_position, "pP": false,
        "si": 0, "ss": 0, "rp": money(fill.map(|fill| fill.realised).unwrap_or_default()),
        "V": order.self_trade.as_str(), "pm": shown.note.price_match.as_deref().unwrap_or("NONE"),
        "gtd": shown.note.good_till.map_or(0, |at| at.millis()), "er": reason(event),
    });
    if let (Some(fields), Value::Object(rest)) = (report.as_object_mut(), rest) {
        fields.extend(rest);
    }
    if let Some(id) = shown.note.modify_id.filter(|_| kind == "AMENDMENT") {
        report["M"] = json!(id.to_string());
    }
    report
}

fn trade_lite(shown: &Shown<'_>, fill: &Fill, times: Times) -> Value {
    let (order, digits) = (shown.order, shown.digits);
    json!({
        "e": "TRADE_LITE", "E": times.0, "T": times.1, "s": order.symbol, "q": digits.quantity(order.quantity),
        "p": digits.price(order.price), "m": fill.maker, "c": order.client_id, "S": side(order.side),
        "L": digits.price(fill.price), "l": digits.quantity(fill.quantity), "t": fill.trade_id, "i": order.id.0,
    })
}

/// The word for why wallets or positions have changed.
fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Order => "ORDER",
        Cause::Funding => "FUNDING_FEE",
        Cause::Deposit => "DEPOSIT",
        Cause::Withdraw => "WITHDRAW",
        Cause::MarginMode => "MARGIN_TYPE_CHANGE",
        Cause::MarginTransfer => "MARGIN_TRANSFER",
        Cause::Insurance => "INSURANCE_CLEAR",
    }
}

fn account_update(exchange: &Exchange, update: &MarginUpdate, times: Times) -> Told {
    let funding = update.cause == Cause::Funding;
    let balance = |(wallet, change): &(Wallet, Decimal)| json!({ "a": wallet.asset, "wb": money(wallet.balance), "cw": money(wallet.cross), "bc": money(*change) });
    let mut body = json!({ "m": cause(update.cause) });
    if let Some(symbol) = update.symbol.as_ref().filter(|_| funding) {
        body["S"] = json!(symbol);
    }
    body["B"] = Value::Array(update.wallets.iter().map(balance).collect());
    let told = update.positions.iter().filter(|position| !funding || position.margin_mode == MarginMode::Isolated);
    let positions: Vec<Value> = told.map(|position| position_row(exchange, position)).collect();
    if !funding || !positions.is_empty() {
        body["P"] = Value::Array(positions);
    }
    Told::plain("ACCOUNT_UPDATE", json!({ "e": "ACCOUNT_UPDATE", "E": times.0, "T": times.1, "a": body }))
}

fn position_row(exchange: &Exchange, position: &Position) -> Value {
    json!({
        "s": position.symbol, "pa": Digits::of_symbol(exchange, &position.symbol).quantity(position.size),
        "ep": fixed(position.entry, ENTRY), "bep": plain(position.break_even), "cr": plain(position.realised_ever),
        "up": plain(position.unrealised.round_dp(8)), "mt": margin_word(position.margin_mode),
        "iw": money(position.isolated), "ps": position_side(position.side),
    })
}

fn margin_call(exchange: &Exchange, wallet: &Wallet, positions: &[Position], times: Times) -> Told {
    let crossed = positions.iter().any(|position| position.margin_mode == MarginMode::Cross);
    let row = |position: &Position| {
        let mode = if position.margin_mode == MarginMode::Cross { "CROSSED" } else { "ISOLATED" };
        json!({
            "s": position.symbol, "ps": position_side(position.side),
            "pa": Digits::of_symbol(exchange, &position.symbol).quantity(position.size), "mt": mode,
            "iw": plain(position.isolated), "mp": plain(position.mark), "up": plain(position.unrealised.round_dp(8)),
            "mm": plain(position.maintenance_margin),
        })
    };
    let mut event = json!({ "e": "MARGIN_CALL", "E": times.0 });
    if crossed {
        event["cw"] = json!(money(wallet.cross));
    }
    event["p"] = Value::Array(positions.iter().map(row).collect());
    Told::plain("MARGIN_CALL", event)
}

fn algo_update(usdm: &Usdm, exchange: &Exchange, algo: &AlgoOrder, times: Times) -> Told {
    let order = &algo.order;
    let digits = Digits::of_symbol(exchange, &order.symbol);
    let note = usdm.algo_notes.lock().get(&algo.id).cloned().unwrap_or_default();
    let actual = Actual::of(exchange, algo, digits);
    let follows = order.trailing_delta.is_some();
    let trigger = if follows { Decimal::ZERO } else { order.stop_price };
    let mut body = json!({
        "caid": order.client_id, "aid": algo.id.0, "at": "CONDITIONAL", "o": algos::kind(order), "s": order.symbol,
        "S": side(order.side), "ps": position_side(order.position.side), "f": time_in_force(order, &note),
        "q": digits.quantity(order.quantity), "X": algo.status.as_str(), "ai": actual.id, "ap": actual.price,
        "aq": actual.quantity, "act": if actual.kind.is_empty() { "0" } else { actual.kind },
        "tp": digits.price(trigger), "p": digits.price(order.price), "V": order.self_trade.as_str(),
        "wt": working_type(order), "pm": note.price_match.as_deref().unwrap_or("NONE"),
        "cp": order.position.close_position, "pP": algo.price_protect, "R": order.position.reduce_only,
        "tt": algo.triggered.map_or(0, |at| at.millis()), "gtd": note.good_till.map_or(0, |at| at.millis()),
        "rm": algo.reason,
    });
    if follows {
        body["ia"] = json!(algo.follows);
    }
    let event = json!({ "e": "ALGO_UPDATE", "T": times.1, "E": times.0, "o": body });
    let ids = Some((algo.id.0.to_string(), order.client_id.clone()));
    Told { order: ids, report: Some("o"), ..of_symbol(Some(&order.symbol), Told::plain("ALGO_UPDATE", event)) }
}
