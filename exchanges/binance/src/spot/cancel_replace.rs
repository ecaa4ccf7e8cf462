use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{ClientOrderId, CommandError, Error, ErrorKind, ExecutionReport};
use tradewire_tracking::{NewOrder, Replaced, Target};
use tradewire_transport::{
    Class, CommandFailure, Cost, Effect, Endpoint, Method, Outcome, Query, Security, SocketEndpoint, Verdict,
};

use super::error_codes;
use super::order_arguments::OrderArguments;
use super::order_commands::COMMAND;
use super::order_row::OrderRow;
use crate::account_endpoints::{call, command, id_of, write_target};
use crate::error_codes::ErrorBody;
use crate::market::{Fault, object};
use crate::private::decoded;

/// Cancels an order and places another; where the cancel fails, nothing is placed. Weight 1 where it fails, and one order.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints#cancel-an-existing-order-and-send-a-new-order-trade>
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelReplace<'a> {
    /// The order to cancel.
    pub(crate) target: &'a Target,
    /// The order to place.
    pub(crate) order: OrderArguments<'a>,
}

impl Endpoint for CancelReplace<'_> {
    command!(POST "/api/v3/order/cancelReplace", Place, Halves);

    fn cost(&self) -> Cost {
        COMMAND.with_orders(1)
    }

    fn query(&self, query: &mut Query) {
        self.order.write(query);
        query.add("cancelReplaceMode", "STOP_ON_FAILURE");
        write_target(query, self.target, "cancelOrderId", "cancelOrigClientOrderId");
    }

    fn decode(&self, body: &[u8]) -> Result<Halves, Error> {
        decoded(body, |raw| Halves::read(raw, None))
    }
}

call!(CancelReplace<'_>, "order.cancelReplace");

/// What became of both halves of a cancel-replace.
#[derive(Debug)]
pub(crate) struct Halves {
    cancelled: Half,
    placed: Half,
}

/// What became of one half.
#[derive(Debug)]
enum Half {
    Done(Box<ExecutionReport>),
    Failed(Error),
    NotAttempted,
}

impl Halves {
    /// Reads both; `status` is that of an answer that states an error.
    fn read(raw: &str, status: Option<u16>) -> Result<Self, Fault> {
        let wire: Wire<'_> = object(raw)?;
        Ok(Self {
            cancelled: Half::read(wire.cancel_result, wire.cancel_response, status)?,
            placed: Half::read(wire.new_order_result, wire.new_order_response, status)?,
        })
    }

    /// What an error answer says about each half; `None` for one that says nothing about them.
    fn of_failure(failure: &CommandFailure) -> Option<Self> {
        let body: Failed<'_> = object(std::str::from_utf8(failure.body.as_ref()?).ok()?).ok()?;
        Self::read(body.data?.get(), failure.error.status()).ok()
    }
}

impl Half {
    fn read(result: &str, response: Option<&RawValue>, status: Option<u16>) -> Result<Self, Fault> {
        let response = || response.map(RawValue::get).ok_or_else(|| Fault::decode("a result without its response"));
        match result {
            "SUCCESS" => Ok(Self::Done(Box::new(object::<OrderRow<'_>>(response()?)?.report(None)?))),
            "FAILURE" => {
                let error = object::<ErrorBody<'_>>(response()?)?.into_error(error_codes::kind);
                // Within a failure each half is an answer of its own, refused as any other.
                Ok(Self::Failed(error.with_status(status.unwrap_or(400))))
            }
            "NOT_ATTEMPTED" => Ok(Self::NotAttempted),
            unknown => Err(Fault::decode(format!("'{unknown}' is not a result"))),
        }
    }

    fn outcome(self, client_order_id: &ClientOrderId) -> Result<ExecutionReport, CommandError> {
        match self {
            Self::Done(report) => Ok(*report),
            Self::Failed(error) => {
                let outcome = match error_codes::verdict(&error) {
                    Verdict::Refused => Outcome::Rejected,
                    Verdict::Unknown => Outcome::Unknown,
                };
                Err(CommandFailure { outcome, error, body: None }.about(client_order_id))
            }
            Self::NotAttempted => {
                let text = "the other half of the cancel-replace failed, so that this one was not attempted";
                Err(CommandError::NotSent(Error::new(ErrorKind::StateConflict, text)))
            }
        }
    }
}

/// What an answer, good or bad, says about the order to cancel and the one to place.
pub(crate) fn replaced(answer: Result<Halves, CommandFailure>, target: &Target, order: &NewOrder) -> Replaced {
    let (cancelled_id, placed_id) = (id_of(target), &order.client_order_id);
    let halves = match answer {
        Ok(halves) => halves,
        Err(failure) => match Halves::of_failure(&failure) {
            Some(halves) => halves,
            None => {
                let other = CommandFailure { outcome: failure.outcome, error: failure.error.clone(), body: None };
                return Replaced { cancelled: Err(other.about(&cancelled_id)), placed: Err(failure.about(placed_id)) };
            }
        },
    };
    Replaced { cancelled: halves.cancelled.outcome(&cancelled_id), placed: halves.placed.outcome(placed_id) }
}

/// A command that was refused here.
pub(crate) fn not_sent(error: Error) -> Replaced {
    Replaced { cancelled: Err(CommandError::NotSent(error.clone())), placed: Err(CommandError::NotSent(error)) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    cancel_result: &'a str,
    new_order_result: &'a str,
    #[serde(borrow)]
    cancel_response: Option<&'a RawValue>,
    #[serde(borrow)]
    new_order_response: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Failed<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::{order, target};
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::{OrderRequest, Side};

    fn new_order() -> NewOrder {
        let pair = "BTC-USDT".parse().expect("a pair");
        order(OrderRequest::limit(pair, Side::Buy, "1".parse().expect("a number"), "2".parse().expect("a number")))
    }

    fn row(id: &str, status: &str) -> Value {
        json!({
            "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": id, "transactTime": 9, "price": "1", "origQty": "2",
            "executedQty": "0", "status": status, "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
        })
    }

    fn halves(cancel: &str, cancel_response: &Value, new: &str, new_response: &Value) -> Value {
        json!({
            "cancelResult": cancel, "newOrderResult": new,
            "cancelResponse": cancel_response, "newOrderResponse": new_response,
        })
    }

    fn failed(status: u16, code: i64, data: &Value) -> Replaced {
        let error = Error::new(ErrorKind::Exchange, "failed").with_code(code).with_status(status);
        let outcome = match error_codes::verdict(&error) {
            Verdict::Refused => Outcome::Rejected,
            Verdict::Unknown => Outcome::Unknown,
        };
        let body = json!({"code": code, "msg": "failed", "data": data}).to_string().into_bytes();
        let failure = CommandFailure { outcome, error, body: Some(body.into()) };
        replaced(Err(failure), &target(Some("old"), None), &new_order())
    }

    fn words(replaced: &Replaced) -> (String, String) {
        let word = |half: &Result<ExecutionReport, CommandError>| match half {
            Ok(_) => "done".to_owned(),
            Err(CommandError::NotSent(_)) => "not sent".to_owned(),
            Err(CommandError::Rejected(error)) => format!("rejected {:?}", error.kind()),
            Err(CommandError::Unknown { client_order_id, .. }) => format!("unknown {client_order_id}"),
        };
        (word(&replaced.cancelled), word(&replaced.placed))
    }

    fn pair(cancelled: &str, placed: &str) -> (String, String) {
        (cancelled.to_owned(), placed.to_owned())
    }

    #[test]
    fn both_halves_are_asked_for_and_answered() {
        let (target, order) = (target(Some("old"), Some("7")), new_order());
        let command = CancelReplace { target: &target, order: OrderArguments::of(&order).expect("words") };
        let mut query = Query::default();
        command.query(&mut query);
        assert!(query.as_str().ends_with("&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=7"), "{}", query.as_str());
        let body = halves("SUCCESS", &row("old", "CANCELED"), "SUCCESS", &row("tw-1", "NEW")).to_string();
        let answer = command.decode(body.as_bytes()).expect("both");
        assert_eq!(words(&replaced(Ok(answer), &target, &order)), pair("done", "done"));
        assert!(command.decode(b"{}").is_err());
    }

    #[test]
    fn each_half_of_a_failure_has_its_own_outcome() {
        let not_found = json!({"code": -2011, "msg": "Unknown order sent."});
        let would_take = json!({"code": -2010, "msg": "Order would immediately match and take."});
        let timeout = json!({"code": -1007, "msg": ""});
        let cancelled = row("old", "CANCELED");
        let null = Value::Null;
        for (status, code, data, expected) in [
            (400, -2022, halves("FAILURE", &not_found, "NOT_ATTEMPTED", &null), pair("rejected NotFound", "not sent")),
            (
                409,
                -2021,
                halves("SUCCESS", &cancelled, "FAILURE", &would_take),
                pair("done", "rejected PostOnlyWouldTake"),
            ),
            (409, -2021, halves("SUCCESS", &cancelled, "FAILURE", &timeout), pair("done", "unknown tw-1")),
            (
                409,
                -2021,
                halves("FAILURE", &not_found, "SUCCESS", &row("tw-1", "NEW")),
                pair("rejected NotFound", "done"),
            ),
            (400, -2022, halves("FAILURE", &timeout, "NOT_ATTEMPTED", &null), pair("unknown old", "not sent")),
        ] {
            assert_eq!(words(&failed(status, code, &data)), expected, "{data}");
        }
    }

    #[test]
    fn a_failure_that_says_nothing_of_the_halves_holds_for_both() {
        let null = Value::Null;
        assert_eq!(words(&failed(400, -1013, &null)), pair("rejected Exchange", "rejected Exchange"));
        assert_eq!(words(&failed(400, -2022, &null)), pair("rejected Exchange", "rejected Exchange"));
        assert_eq!(words(&failed(409, -2021, &null)), pair("unknown old", "unknown tw-1"), "one of them succeeded");
        assert_eq!(words(&failed(409, -2021, &json!({"cancelResult": "MOON"}))), pair("unknown old", "unknown tw-1"));
        let no_answer =
            CommandFailure { outcome: Outcome::NotSent, error: Error::new(ErrorKind::Connection, ""), body: None };
        let answer = replaced(Err(no_answer), &target(Some("old"), None), &new_order());
        assert_eq!(words(&answer), pair("not sent", "not sent"));
    }
}
