use serde::Serialize;
use tradewire::{CommandError, Error, Pair};

use super::order_view::OrderView;
use crate::failure::Failure;
use crate::output;
use crate::plain::word;

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
    /// Of an error of the library.
    kind: Option<String>,
    message: String,
    code: Option<i64>,
    retry_at_ms: Option<i64>,
}

impl ErrorView {
    fn of(error: &Error) -> Self {
        Self {
            kind: Some(word(error.kind())),
            message: error.to_string(),
            code: error.code(),
            retry_at_ms: error.retry_at().map(|at| at.as_millis()),
        }
    }

    fn of_failure(text: &str, cause: Option<&Error>) -> Self {
        let message = text.to_owned();
        match cause {
            Some(cause) => Self { message, ..Self::of(cause) },
            None => Self { kind: None, message, code: None, retry_at_ms: None },
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

/// The failure of a command before anything was sent; with `json` its outcome is printed.
pub(super) fn nothing_sent(failure: Failure, id: Option<&str>, json: bool) -> Failure {
    print_if(json, "not-sent", failure, id)
}

/// The failure of a command after it was sent, which tells nothing of it; with `json` its outcome is printed.
pub(super) fn not_known(failure: Failure, id: Option<&str>, json: bool) -> Failure {
    print_if(json, "unknown", failure, id)
}

fn print_if(json: bool, outcome: &'static str, failure: Failure, id: Option<&str>) -> Failure {
    let Failure::Failed { text, cause } = &failure else { return failure };
    if !json {
        return failure;
    }
    let error = Some(ErrorView::of_failure(text, cause.as_ref()));
    let view = OutcomeView { outcome, client_order_id: id.map(str::to_owned), order: None, error };
    output::even_if_closed(output::json(&view)).err().unwrap_or(failure)
}

/// What a command without a good answer was about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    /// A new order, by our id if it has one by then.
    Order(Option<&'a str>),
    /// The cancel of an order, by the id that was given.
    Cancel(&'a Pair, &'a str),
    /// The cancel of all orders of a pair.
    CancelAll(&'a Pair),
    /// A setting, after which an order was to follow.
    Setting(&'static str),
}

impl About<'_> {
    /// What is said of it, and what to do then.
    pub(super) fn failure(self, exchange: &str, error: &CommandError) -> Failure {
        let text = match self {
            Self::Order(id) => of_order(exchange, id, error),
            Self::Cancel(pair, id) => {
                let ask = format!("tradewire order show {exchange} {id} --pair {pair}");
                of_cancel(exchange, &format!("'{id}'"), &ask, error)
            }
            Self::CancelAll(pair) => {
                let ask = format!("tradewire order list {exchange}");
                of_cancel(exchange, &format!("every order of {pair}"), &ask, error)
            }
            Self::Setting(what) => of_setting(exchange, what, error),
        };
        Failure::because(error.error(), text)
    }
}

fn of_order(exchange: &str, id: Option<&str>, error: &CommandError) -> String {
    let of = id.map_or_else(String::new, |id| format!(" ({id})"));
    match error {
        CommandError::NotSent(why) => format!("not sent{of}: {why}"),
        CommandError::Rejected(why) => format!("rejected by {exchange}{of}: {why}"),
        CommandError::Unknown { cause, .. } => format!(
            "outcome unknown, the order may be live: {cause}; do not send it again before \
             'tradewire order show {exchange} {}' has told what became of it",
            id.unwrap_or("ID")
        ),
    }
}

/// A cancel names what it cancels: unlike a new order, it can be sent again.
fn of_cancel(exchange: &str, what: &str, ask: &str, error: &CommandError) -> String {
    match error {
        CommandError::NotSent(why) => format!("the cancel of {what} was not sent: {why}"),
        CommandError::Rejected(why) => format!("{exchange} refused to cancel {what}: {why}"),
        CommandError::Unknown { cause, .. } => {
            format!("whether {what} was cancelled is not known: {cause}; ask with '{ask}', or cancel again")
        }
    }
}

fn of_setting(exchange: &str, what: &str, error: &CommandError) -> String {
    match error {
        CommandError::NotSent(why) => format!("{what} was not set: {why}; no order was sent"),
        CommandError::Rejected(why) => format!("{exchange} refused {what}: {why}; no order was sent"),
        CommandError::Unknown { cause, .. } => {
            format!("whether {what} was set is not known: {cause}; no order was sent")
        }
    }
}

#[cfg(test)]
mod tests {
    use tradewire::ErrorKind;

    use super::*;
    use crate::trade::examples;

    fn answers() -> [CommandError; 3] {
        let error = || Error::new(ErrorKind::Timeout, "nothing came");
        let unknown = CommandError::Unknown { client_order_id: "".into(), cause: error() };
        [CommandError::NotSent(error()), CommandError::Rejected(error()), unknown]
    }

    #[test]
    fn the_three_bad_answers_are_told_apart() {
        for (answer, outcome) in answers().iter().zip(["not-sent", "rejected", "unknown"]) {
            let json = serde_json::to_value(OutcomeView::failed(Some("tw-1"), answer)).expect("JSON");
            assert_eq!((&json["outcome"], &json["error"]["kind"]), (&outcome.into(), &"timeout".into()));
        }
        let accepted = serde_json::to_value(OutcomeView::accepted(OrderView::of_order("x", None, &examples::order())))
            .expect("JSON");
        assert_eq!(
            (&accepted["outcome"], &accepted["order"]["state"]),
            (&"accepted".into(), &"partially-filled".into())
        );
    }

    #[test]
    fn each_kind_of_command_says_what_to_do_next() {
        let pair = "BTC-USDT".parse().expect("a pair");
        for (about, [not_sent, rejected, unknown]) in [
            (
                About::Order(Some("tw-1")),
                ["not sent (tw-1)", "rejected by E (tw-1)", "before 'tradewire order show E tw-1' has told"],
            ),
            (
                About::Cancel(&pair, "17"),
                [
                    "the cancel of '17' was not sent",
                    "E refused to cancel '17'",
                    "ask with 'tradewire order show E 17 --pair BTC-USDT', or cancel again",
                ],
            ),
            (
                About::CancelAll(&pair),
                [
                    "the cancel of every order of BTC-USDT was not sent",
                    "E refused to cancel every order of BTC-USDT",
                    "ask with 'tradewire order list E', or cancel again",
                ],
            ),
            (
                About::Setting("the leverage"),
                [
                    "the leverage was not set: no answer in time: nothing came; no order was sent",
                    "E refused the leverage",
                    "whether the leverage was set is not known: no answer in time: nothing came; no order was sent",
                ],
            ),
        ] {
            for (answer, words) in answers().iter().zip([not_sent, rejected, unknown]) {
                let text = about.failure("E", answer).to_string();
                assert!(text.contains(words) && text.contains("nothing came"), "{text}");
                assert_eq!(text.contains("may be live"), answer.is_unknown() && matches!(about, About::Order(_)));
            }
        }
    }
}
