use serde::Serialize;
use tradewire::{CommandError, Error};

use super::order_view::OrderView;
use super::plain::word;
use crate::failure::Failure;

/// What became of a command, as the last line of JSON.
#[derive(Debug, Serialize)]
pub(super) struct OutcomeView {
    /// `accepted`, `not-sent`, `rejected` or `unknown`.
    outcome: &'static str,
    client_order_id: Option<String>,
    order: Option<OrderView>,
    error: Option<ErrorView>,
}

/// An error as a part of a line of JSON.
#[derive(Debug, Serialize)]
struct ErrorView {
    kind: String,
    message: String,
    code: Option<i64>,
    retry_at_ms: Option<i64>,
}

impl ErrorView {
    fn of(error: &Error) -> Self {
        Self {
            kind: word(error.kind()),
            message: error.to_string(),
            code: error.code(),
            retry_at_ms: error.retry_at().map(|at| at.as_millis()),
        }
    }
}

impl OutcomeView {
    /// Of a command that the exchange has accepted.
    pub(super) fn accepted(order: OrderView) -> Self {
        Self { outcome: "accepted", client_order_id: order.client_order_id.clone(), order: Some(order), error: None }
    }

    /// Of a command that has no good answer.
    pub(super) fn failed(client_order_id: Option<&str>, error: &CommandError) -> Self {
        let outcome = match error {
            CommandError::NotSent(_) => "not-sent",
            CommandError::Rejected(_) => "rejected",
            CommandError::Unknown { .. } => "unknown",
        };
        let client_order_id = client_order_id.map(str::to_owned);
        Self { outcome, client_order_id, order: None, error: Some(ErrorView::of(error.error())) }
    }

    /// With the order as it stands.
    pub(super) fn with_order(mut self, order: Option<OrderView>) -> Self {
        self.order = order;
        self
    }
}

/// What is said of a command without a good answer, and what to do then.
pub(super) fn failure(exchange: &str, id: Option<&str>, error: &CommandError) -> Failure {
    let of = id.map_or_else(String::new, |id| format!(" ({id})"));
    match error {
        CommandError::NotSent(why) => Failure::failed(format!("not sent{of}: {why}")),
        CommandError::Rejected(why) => Failure::failed(format!("rejected by {exchange}{of}: {why}")),
        CommandError::Unknown { client_order_id, cause } => Failure::failed(format!(
            "outcome unknown, the order may be live: {cause}; do not send it again before \
             'tradewire order show {exchange} {client_order_id}' has told what became of it"
        )),
    }
}

#[cfg(test)]
mod tests {
    use tradewire::ErrorKind;

    use super::*;
    use crate::trade::examples;

    #[test]
    fn the_three_bad_answers_are_told_apart() {
        let error = || Error::new(ErrorKind::Timeout, "nothing came");
        for (answer, outcome, words) in [
            (CommandError::NotSent(error()), "not-sent", &["not sent (tw-1)", "nothing came"][..]),
            (CommandError::Rejected(error()), "rejected", &["rejected by binance-spot (tw-1)"]),
            (
                CommandError::Unknown { client_order_id: "tw-1".into(), cause: error() },
                "unknown",
                &["may be live", "tradewire order show binance-spot tw-1"],
            ),
        ] {
            let json = serde_json::to_value(OutcomeView::failed(Some("tw-1"), &answer)).expect("JSON");
            assert_eq!((&json["outcome"], &json["error"]["kind"]), (&outcome.into(), &"timeout".into()));
            let text = failure("binance-spot", Some("tw-1"), &answer).to_string();
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
        }
        let accepted = serde_json::to_value(OutcomeView::accepted(OrderView::of_order("x", None, &examples::order())))
            .expect("JSON");
        assert_eq!(
            (&accepted["outcome"], &accepted["order"]["state"]),
            (&"accepted".into(), &"partially-filled".into())
        );
    }
}
