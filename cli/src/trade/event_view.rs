use serde::Serialize;
use tradewire::{AccountEvent, OrderChange, OrderEvent};

use super::fill_view::FillView;
use crate::plain::{millis, reason, reason_text, word};

/// Something that happened to an order, as a line of JSON.
#[derive(Debug, Serialize)]
pub(super) struct EventView {
    event: String,
    number: u64,
    exchange: String,
    pair: Option<String>,
    client_order_id: String,
    exchange_order_id: Option<String>,
    reason: Option<String>,
    error: Option<String>,
    fill: Option<FillView>,
    filled: String,
    time_ms: Option<i64>,
}

impl EventView {
    pub(super) fn of(exchange: &str, event: &AccountEvent, about: &OrderEvent) -> Self {
        let (reason, error) = match &about.change {
            OrderChange::Cancelled(end) | OrderChange::Rejected(end) | OrderChange::Expired(end) => {
                let (word, kind) = reason(*end);
                (Some(word), kind)
            }
            _ => (None, None),
        };
        let fill = match &about.change {
            OrderChange::Fill(fill) | OrderChange::FeeCorrected(fill) => Some(FillView::of_fill(exchange, None, fill)),
            _ => None,
        };
        Self {
            event: name(&about.change),
            number: event.number,
            exchange: exchange.to_owned(),
            pair: about.pair.as_ref().map(ToString::to_string),
            client_order_id: about.client_order_id.to_string(),
            exchange_order_id: about.exchange_order_id.as_ref().map(ToString::to_string),
            reason,
            error,
            fill,
            filled: about.filled.to_string(),
            time_ms: millis(event.time),
        }
    }
}

/// The word for a change: the one by which JSON knows it.
fn name(change: &OrderChange) -> String {
    match serde_json::to_value(change) {
        Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        Ok(value) => word(value),
        Err(_) => String::new(),
    }
}

/// The same as a line for people.
pub(super) fn text(about: &OrderEvent) -> String {
    let (name, id) = (name(&about.change), &about.client_order_id);
    match &about.change {
        OrderChange::Open => match &about.exchange_order_id {
            Some(exchange_id) => format!("{name}  {id}  exchange order id {exchange_id}"),
            None => format!("{name}  {id}"),
        },
        OrderChange::Fill(fill) | OrderChange::FeeCorrected(fill) => {
            let late = if fill.late { ", late" } else { "" };
            format!("{name}  {id}  {}{late}", FillView::of_fill("", None, fill).trade_text())
        }
        OrderChange::Cancelled(end) | OrderChange::Rejected(end) | OrderChange::Expired(end) => {
            format!("{name}  {id}  {}, filled {}", reason_text(*end), about.filled)
        }
        OrderChange::Completed => format!("{name}  {id}  filled {}", about.filled),
        _ => format!("{name}  {id}"),
    }
}

#[cfg(test)]
mod tests {
    use tradewire::{AccountChange, EndReason, ErrorKind, Timestamp};

    use super::*;
    use crate::trade::examples;

    fn event(change: OrderChange) -> OrderEvent {
        let order = examples::order();
        OrderEvent {
            symbol: order.symbol,
            pair: order.pair,
            client_order_id: order.client_order_id,
            exchange_order_id: order.exchange_order_id,
            own: true,
            change,
            filled: order.filled,
            quote_filled: order.quote_filled,
        }
    }

    fn json(about: OrderEvent) -> serde_json::Value {
        let change = AccountChange::Order(about.clone());
        let event =
            AccountEvent { number: 3, time: Some(Timestamp::from_millis(5)), received: Timestamp::default(), change };
        serde_json::to_value(EventView::of("binance-spot", &event, &about)).expect("JSON")
    }

    #[test]
    fn every_change_has_a_word() {
        let refused = EndReason::Refused(ErrorKind::InsufficientBalance);
        for (change, word, line) in [
            (OrderChange::Pending, "pending", "pending  tw-1"),
            (OrderChange::Open, "open", "open  tw-1  exchange order id 17"),
            (
                OrderChange::Fill(Box::new(examples::fill())),
                "fill",
                "fill  tw-1  0.01 at 60000.5, fee 0.0001 BNB, trade 9",
            ),
            (OrderChange::Completed, "completed", "completed  tw-1  filled 0.01"),
            (OrderChange::Cancelled(EndReason::Requested), "cancelled", "cancelled  tw-1  requested, filled 0.01"),
            (OrderChange::Rejected(refused), "rejected", "rejected  tw-1  refused: insufficient-balance, filled 0.01"),
            (OrderChange::OutcomeUnknown, "outcome-unknown", "outcome-unknown  tw-1"),
        ] {
            assert_eq!(text(&event(change.clone())), line);
            assert_eq!(json(event(change))["event"], word);
        }
        let fill = json(event(OrderChange::Fill(Box::new(examples::fill()))));
        assert_eq!((&fill["number"], &fill["time_ms"], &fill["filled"]), (&3.into(), &5.into(), &"0.01".into()));
        assert_eq!((&fill["fill"]["price"], &fill["fill"]["trade_id"]), (&"60000.5".into(), &"9".into()));
        assert_eq!(json(event(OrderChange::Rejected(refused)))["error"], "insufficient-balance");
    }
}
