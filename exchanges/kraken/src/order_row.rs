//! An order, as answers and events show it: with other names, the same states.

use serde::Deserialize;
use tradewire_core::{
    Amount, EndReason, ExecutionReport, FillReport, OrderType, Origin, Price, ReportedStatus, TimeInForce, Timestamp,
    Trigger, TriggerPrice,
};
use tradewire_wire::{Fault, Number, Text, above_zero, optional, quantity, rfc3339, unix_seconds, unsigned};

use crate::trades::side;

/// An order of `OpenOrders`, `ClosedOrders` and `QueryOrders`; its id is the name under which it stands.
/// <https://docs.kraken.com/api/docs/rest-api/get-orders-info>
#[derive(Deserialize)]
pub(crate) struct OrderRow<'a> {
    #[serde(borrow)]
    cl_ord_id: Option<Text<'a>>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    opentm: Number<'a>,
    #[serde(borrow)]
    closetm: Option<Number<'a>>,
    #[serde(borrow)]
    descr: Description<'a>,
    #[serde(borrow)]
    vol: Number<'a>,
    #[serde(borrow)]
    vol_exec: Number<'a>,
    #[serde(borrow)]
    cost: Number<'a>,
    #[serde(borrow)]
    oflags: Option<Text<'a>>,
    #[serde(borrow)]
    misc: Option<Text<'a>>,
    #[serde(borrow)]
    trigger: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    /// Its trades, where they were asked for.
    #[serde(borrow, default)]
    pub(crate) trades: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Description<'a> {
    #[serde(borrow)]
    pair: Text<'a>,
    #[serde(rename = "type", borrow)]
    side: Text<'a>,
    #[serde(borrow)]
    ordertype: Text<'a>,
    #[serde(borrow)]
    price: Option<Number<'a>>,
    #[serde(borrow)]
    price2: Option<Number<'a>>,
}

impl OrderRow<'_> {
    /// The instrument, by the name that requests use.
    pub(crate) fn instrument(&self) -> &str {
        &self.descr.pair
    }

    /// What it says of the order. One that goes on tells no time of its last change: it is as it was when it was asked for, at
    /// `asked`.
    pub(crate) fn report(&self, id: &str, symbol: String, asked: Timestamp) -> Result<ExecutionReport, Fault> {
        let filled = quantity(&self.vol_exec)?;
        let post_only = listed(self.oflags.as_deref(), "post");
        let order_type = order_type(&self.descr.ordertype, post_only);
        let conditional = order_type.is_some_and(OrderType::is_conditional);
        let first = optional(self.descr.price.as_ref(), above_zero)?.flatten().map(Price::new);
        let second = optional(self.descr.price2.as_ref(), above_zero)?.flatten().map(Price::new);
        let by = if self.trigger.as_deref() == Some("index") { TriggerPrice::Index } else { TriggerPrice::Last };
        let (created, ended) = (unix_seconds(&self.opentm)?, optional(self.closetm.as_ref(), above_zero)?.flatten());
        let (status, reason) = ending(status(&self.status, filled.value().is_zero()), self.reason.as_deref());
        let liquidated = listed(self.misc.as_deref(), "liquidated");
        Ok(ExecutionReport {
            symbol,
            client_order_id: self.cl_ord_id.as_deref().map(Into::into),
            new_client_order_id: None,
            exchange_order_id: Some(id.into()),
            side: Some(side(&self.descr.side)?),
            order_type,
            time_in_force: None,
            price: if conditional { second } else { first },
            amount: Some(Amount::Base(quantity(&self.vol)?)),
            trigger: conditional.then_some(Trigger { by, price: first, trailing_bips: None }),
            reduce_only: None,
            position_side: None,
            reason,
            word: word(&self.status, self.reason.as_deref()),
            status,
            filled: Some(filled),
            quote_filled: Some(unsigned(&self.cost)?),
            fills: Vec::new(),
            prevented: None,
            origin: if liquidated { Origin::Liquidation } else { Origin::External },
            created: Some(created),
            time: match (ended, &self.closetm) {
                (Some(_), Some(closed)) => unix_seconds(closed)?,
                _ => created.max(asked),
            },
        })
    }
}

/// An element of the executions channel. What an event does not change it leaves out, the instrument too.
/// <https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions>
#[derive(Deserialize)]
pub(crate) struct Execution<'a> {
    #[serde(borrow)]
    pub(crate) exec_type: Text<'a>,
    #[serde(borrow)]
    pub(crate) order_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) cl_ord_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) symbol: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) side: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) timestamp: Text<'a>,
    #[serde(borrow)]
    order_status: Option<Text<'a>>,
    #[serde(borrow)]
    order_type: Option<Text<'a>>,
    #[serde(borrow)]
    time_in_force: Option<Text<'a>>,
    post_only: Option<bool>,
    #[serde(borrow)]
    limit_price: Option<Number<'a>>,
    #[serde(borrow)]
    order_qty: Option<Number<'a>>,
    #[serde(borrow)]
    cum_qty: Option<Number<'a>>,
    #[serde(borrow)]
    cum_cost: Option<Number<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    liquidated: Option<bool>,
}

impl Execution<'_> {
    /// What it says of the order, with the fill that it tells.
    pub(crate) fn report(&self, fills: Vec<FillReport>) -> Result<ExecutionReport, Fault> {
        let filled = optional(self.cum_qty.as_ref(), quantity)?;
        let status = self.status(filled.is_none_or(|filled| filled.value().is_zero()));
        let (status, reason) = ending(status, self.reason.as_deref());
        let price = optional(self.limit_price.as_ref(), above_zero)?.flatten();
        let time = rfc3339(&self.timestamp)?;
        Ok(ExecutionReport {
            symbol: self.symbol.as_deref().unwrap_or_default().to_owned(),
            client_order_id: self.cl_ord_id.as_deref().map(Into::into),
            new_client_order_id: None,
            exchange_order_id: Some((&*self.order_id).into()),
            side: self.side.as_deref().map(side).transpose()?,
            order_type: self.order_type.as_deref().and_then(|word| order_type(word, self.post_only == Some(true))),
            time_in_force: self.time_in_force.as_deref().and_then(time_in_force),
            price: price.map(Price::new),
            amount: optional(self.order_qty.as_ref(), quantity)?.map(Amount::Base),
            trigger: None,
            reduce_only: None,
            position_side: None,
            reason,
            word: word(self.order_status.as_deref().unwrap_or(&self.exec_type), self.reason.as_deref()),
            created: matches!(&*self.exec_type, "pending_new").then_some(time),
            status,
            filled,
            quote_filled: optional(self.cum_cost.as_ref(), unsigned)?,
            fills,
            prevented: None,
            origin: if self.liquidated == Some(true) { Origin::Liquidation } else { Origin::External },
            time,
        })
    }

    /// Where the order stands. The kind of an event that ends it says so; of others the state is told besides.
    fn status(&self, untouched: bool) -> ReportedStatus {
        let ends = matches!(&*self.exec_type, "filled" | "canceled" | "expired");
        status(if ends { &self.exec_type } else { self.order_status.as_deref().unwrap_or(&self.exec_type) }, untouched)
    }
}

/// Where an order stands by a word of either source. An unknown word says nothing: the framework asks for the order.
fn status(word: &str, untouched: bool) -> ReportedStatus {
    match word {
        "pending" | "pending_new" => ReportedStatus::Received,
        "open" | "new" if untouched => ReportedStatus::Open,
        "open" | "new" | "partially_filled" => ReportedStatus::PartiallyFilled,
        "closed" | "filled" => ReportedStatus::Filled,
        "canceled" => ReportedStatus::Cancelled,
        "expired" => ReportedStatus::Expired,
        unknown => ReportedStatus::Unknown(unknown.to_owned()),
    }
}

/// Where an order stands and why it ended. The exchange says `canceled` of all that end unfilled, and the cause in a sentence:
/// those that end by their own terms are told from those that somebody ended.
fn ending(status: ReportedStatus, sentence: Option<&str>) -> (ReportedStatus, Option<EndReason>) {
    let own_terms = |reason| (ReportedStatus::Expired, Some(reason));
    match (&status, sentence) {
        (ReportedStatus::Cancelled, Some("User requested")) => (status, Some(EndReason::Requested)),
        (ReportedStatus::Cancelled, Some("Order canceled by exchange")) => (status, Some(EndReason::Exchange)),
        (ReportedStatus::Cancelled, Some("IOC order remainder" | "Unfillable FOK order")) => {
            own_terms(EndReason::TimeInForce)
        }
        (ReportedStatus::Cancelled, Some("Insufficient liquidity")) => own_terms(EndReason::Liquidity),
        (ReportedStatus::Cancelled, Some("Post only order")) => own_terms(EndReason::PostOnlyWouldTake),
        (ReportedStatus::Cancelled, Some("Self trade prevention")) => own_terms(EndReason::SelfTrade),
        (ReportedStatus::Cancelled, _) => (status, Some(EndReason::Other)),
        (ReportedStatus::Expired, _) => (status, Some(EndReason::TimeInForce)),
        _ => (status, None),
    }
}

/// The exchange's own words, for people.
fn word(status: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| status.to_owned(), |reason| format!("{status} {reason}"))
}

/// Whether a list with commas has a word.
fn listed(list: Option<&str>, word: &str) -> bool {
    list.is_some_and(|list| list.split(',').any(|own| own == word))
}

fn order_type(word: &str, post_only: bool) -> Option<OrderType> {
    match word {
        "limit" if post_only => Some(OrderType::PostOnly),
        "limit" => Some(OrderType::Limit),
        "market" => Some(OrderType::Market),
        "stop-loss" => Some(OrderType::StopLoss),
        "stop-loss-limit" => Some(OrderType::StopLossLimit),
        "take-profit" => Some(OrderType::TakeProfit),
        "take-profit-limit" => Some(OrderType::TakeProfitLimit),
        _ => None,
    }
}

/// The word for a time in force; `None` for one that the exchange does not have.
pub(crate) const fn time_in_force_word(time_in_force: TimeInForce) -> Option<&'static str> {
    match time_in_force {
        TimeInForce::Gtc => Some("GTC"),
        TimeInForce::Ioc => Some("IOC"),
        TimeInForce::Fok => Some("FOK"),
        _ => None,
    }
}

fn time_in_force(word: &str) -> Option<TimeInForce> {
    TimeInForce::ALL.iter().copied().find(|known| time_in_force_word(*known) == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_wire::object;

    fn event(fields: &str) -> ExecutionReport {
        let row = format!(r#"{{"order_id":"O1","timestamp":"2023-09-22T10:33:05.709950Z",{fields}}}"#);
        object::<Execution<'_>>(&row).and_then(|row| row.report(Vec::new())).expect("a report")
    }

    #[test]
    fn an_event_says_what_it_says() {
        let pending = event(
            r#""exec_type":"pending_new","order_status":"pending_new","symbol":"BTC/USD","side":"sell","order_type":"limit",
               "post_only":true,"limit_price":26500.0,"order_qty":0.005,"cum_cost":0.0,"time_in_force":"GTC","cl_ord_id":"a""#,
        );
        assert_eq!((pending.status, pending.order_type), (ReportedStatus::Received, Some(OrderType::PostOnly)));
        assert_eq!((pending.price.map(|price| price.to_string()).as_deref(), pending.filled), (Some("26500"), None));
        let live = event(r#""exec_type":"new","order_status":"new""#);
        assert_eq!((live.symbol.as_str(), live.status, live.amount), ("", ReportedStatus::Open, None));
        let cancelled =
            event(r#""exec_type":"canceled","order_status":"canceled","reason":"User requested","cum_qty":0.1"#);
        assert_eq!((cancelled.status, cancelled.reason), (ReportedStatus::Cancelled, Some(EndReason::Requested)));
        assert_eq!(cancelled.word, "canceled User requested");
        let rest = event(r#""exec_type":"canceled","order_status":"canceled","reason":"IOC order remainder""#);
        assert_eq!((rest.status, rest.reason), (ReportedStatus::Expired, Some(EndReason::TimeInForce)));
        let amended = event(r#""exec_type":"amended","order_status":"partially_filled","order_qty":2,"cum_qty":1"#);
        assert_eq!(amended.status, ReportedStatus::PartiallyFilled);
        assert_eq!(event(r#""exec_type":"mooned""#).status, ReportedStatus::Unknown("mooned".to_owned()));
    }

    #[test]
    fn a_row_says_what_it_says() {
        let row = |status: &str, more: &str| {
            let row = format!(
                r#"{{"cl_ord_id":null,"status":"{status}","opentm":1616665496.7808,"vol":"1.25","vol_exec":"0.375","cost":"11253.7",
                    "descr":{{"pair":"XBTUSD","type":"buy","ordertype":"stop-loss-limit","price":"30000.0","price2":"30010.0"}}{more}}}"#
            );
            let asked = Timestamp::from_millis(1_616_665_498_000);
            object::<OrderRow<'_>>(&row)
                .and_then(|row| row.report("O1", "BTC/USD".to_owned(), asked))
                .expect("a report")
        };
        let open = row("open", r#","oflags":"fciq""#);
        assert_eq!((open.status, open.order_type), (ReportedStatus::PartiallyFilled, Some(OrderType::StopLossLimit)));
        assert_eq!(
            open.trigger.and_then(|trigger| trigger.price).map(|price| price.to_string()).as_deref(),
            Some("30000")
        );
        let times = (open.created.map(Timestamp::as_millis), open.time.as_millis());
        assert_eq!(times, (Some(1_616_665_496_780), 1_616_665_498_000), "as it was when it was asked for");
        let closed = row("closed", r#","closetm":1616665499.5,"misc":"liquidated,partial""#);
        assert_eq!((closed.status, closed.origin), (ReportedStatus::Filled, Origin::Liquidation));
        assert_eq!(closed.time.as_millis(), 1_616_665_499_500);
    }
}
