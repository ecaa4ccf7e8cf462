//! Errors as the exchange tells them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::front::{Answer, Refusal};

/// An error with its HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) message: String,
    /// More about it.
    pub(super) data: Option<Box<Value>>,
    /// From when on the client may ask again.
    pub(super) retry_at: Option<Timestamp>,
    /// Told by a machine in front of the exchange, as a web page.
    pub(super) foreign: bool,
}

impl ApiError {
    /// A client's error.
    pub(super) fn new(code: i64, message: impl Into<String>) -> ApiError {
        ApiError::with_status(400, code, message)
    }

    /// An error with a status of its own.
    pub(super) fn with_status(status: u16, code: i64, message: impl Into<String>) -> ApiError {
        ApiError { status, code, message: message.into(), data: None, retry_at: None, foreign: false }
    }

    /// What a fault or maintenance orders to be told, as of `now`.
    pub(super) fn ordered(refusal: Refusal, now: Timestamp) -> ApiError {
        match refusal {
            Refusal::Status(429) => ApiError::with_status(429, -1003, "Too many requests."),
            Refusal::Status(status) => {
                let message = "An unknown error occurred while processing the request.";
                ApiError { foreign: true, ..ApiError::with_status(status, -1000, message) }
            }
            Refusal::RetryAfter(status, seconds) => {
                let retry_at = Some(now.plus(Duration::from_secs(seconds)));
                ApiError { retry_at, ..ApiError::with_status(status, -1003, "Too many requests queued.") }
            }
            Refusal::Code(status, code, message) => {
                ApiError::with_status(status, code, message.unwrap_or_else(|| "Ordered by a fault.".to_owned()))
            }
            Refusal::Maintenance => ApiError::with_status(503, -1016, "This service is no longer available."),
        }
    }

    pub(super) fn illegal(parameter: &str, range: &str) -> ApiError {
        ApiError::new(-1100, format!("Illegal characters found in parameter '{parameter}'; legal range is '{range}'."))
    }

    pub(super) fn missing(parameter: &str) -> ApiError {
        ApiError::new(-1102, format!("Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed."))
    }

    pub(super) fn empty(parameter: &str) -> ApiError {
        ApiError::new(-1105, format!("Parameter '{parameter}' was empty."))
    }

    pub(super) fn invalid(parameter: &str) -> ApiError {
        ApiError::new(-1130, format!("Data sent for parameter '{parameter}' is not valid."))
    }

    pub(super) fn bad_key() -> ApiError {
        ApiError::with_status(401, -2015, "Invalid API-key, IP, or permissions for action.")
    }

    pub(super) fn unknown_symbol() -> ApiError {
        ApiError::new(-1121, "Invalid symbol.")
    }

    pub(super) fn bad_combination() -> ApiError {
        ApiError::new(-1128, "Combination of optional parameters invalid.")
    }

    pub(super) fn other_status() -> ApiError {
        ApiError::new(-1220, "The symbol's status does not match the requested symbolStatus.")
    }

    /// `code`, `msg` and what else there is to say.
    pub(super) fn body(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("code".to_owned(), json!(self.code));
        fields.insert("msg".to_owned(), json!(self.message));
        if let Some(data) = &self.data {
            fields.insert("data".to_owned(), (**data).clone());
        }
        fields
    }

    /// The answer that tells it by REST as of `now`.
    pub(super) fn answer(&self, now: Timestamp) -> Answer {
        if self.foreign {
            return web_page(self.status);
        }
        let body = Value::Object(self.body()).to_string();
        let wait = self.retry_at.map(|at| at.since(now));
        let headers = wait.map(|wait| ("retry-after", seconds(wait).to_string())).into_iter().collect();
        Answer { status: self.status, headers, body, code: self.code, weight: 0 }
    }
}

/// What a machine in front of the exchange says.
pub(super) fn web_page(status: u16) -> Answer {
    let body = format!("<html>\r\n<head><title>{status}</title></head>\r\n<body>{status}</body>\r\n</html>\r\n");
    Answer { status, headers: vec![("content-type", "text/html".to_owned())], body, code: 0, weight: 0 }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
