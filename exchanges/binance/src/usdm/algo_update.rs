use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::ExecutionReport;

use super::algo_row::AlgoRow;
use crate::market::{Fault, Number, object};

/// Reads the event `ALGO_UPDATE`: an order that waits for a trigger, or has waited.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Algo-Order-Update>
pub(crate) fn read(raw: &str) -> Result<ExecutionReport, Fault> {
    let event: Event<'_> = object(raw)?;
    let order = event.order;
    let row = AlgoRow {
        algo_id: order.id,
        client_algo_id: order.client_id,
        algo_status: order.status,
        order_type: order.order_type,
        symbol: order.symbol,
        side: order.side,
        position_side: order.position_side,
        time_in_force: order.time_in_force,
        quantity: order.quantity,
        price: order.price,
        trigger_price: order.trigger_price,
        working_type: order.working_type,
        reduce_only: order.reduce_only,
        activate_price: order.activate_price,
        callback_rate: order.callback_rate,
        actual_order_id: order.engine_order,
        reason: order.reason,
        create_time: None,
        update_time: event.time,
    };
    row.report()
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "T")]
    time: u64,
    #[serde(rename = "o", borrow)]
    order: Order<'a>,
}

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(rename = "caid", borrow)]
    client_id: Cow<'a, str>,
    #[serde(rename = "aid", borrow)]
    id: Number<'a>,
    #[serde(rename = "o", borrow)]
    order_type: Cow<'a, str>,
    #[serde(rename = "s", borrow)]
    symbol: Cow<'a, str>,
    #[serde(rename = "S", borrow)]
    side: Cow<'a, str>,
    #[serde(rename = "ps", borrow, default)]
    position_side: Cow<'a, str>,
    #[serde(rename = "f", borrow, default)]
    time_in_force: Cow<'a, str>,
    #[serde(rename = "q", borrow)]
    quantity: Number<'a>,
    #[serde(rename = "X", borrow)]
    status: Cow<'a, str>,
    #[serde(rename = "ai", borrow)]
    engine_order: Option<Number<'a>>,
    #[serde(rename = "tp", borrow)]
    trigger_price: Number<'a>,
    #[serde(rename = "p", borrow)]
    price: Number<'a>,
    #[serde(rename = "wt", borrow, default)]
    working_type: Cow<'a, str>,
    #[serde(rename = "R")]
    reduce_only: Option<bool>,
    #[serde(rename = "AP", borrow)]
    activate_price: Option<Number<'a>>,
    #[serde(rename = "cr", borrow)]
    callback_rate: Option<Number<'a>>,
    #[serde(rename = "rm", borrow, default)]
    reason: Cow<'a, str>,
}
