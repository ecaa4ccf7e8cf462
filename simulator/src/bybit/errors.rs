//! Refusals, and the envelope in which every answer comes.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::front::{Answer, Refusal};

/// A refusal: HTTP status, code and text of the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    /// 200 for all that the exchange itself refuses.
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) message: String,
    /// Seconds after which the client may ask again, where the answer tells.
    pub(super) retry_after: Option<u64>,
    /// What the answer holds in spite of the refusal.
    pub(super) result: Option<Box<Value>>,
}

impl ApiError {
    pub(super) fn new(code: i64, message: impl Into<String>) -> ApiError {
        ApiError { status: 200, code, message: message.into(), retry_after: None, result: None }
    }

    /// A refusal by a machine in front of the exchange.
    pub(super) fn of_status(status: u16, code: i64, message: impl Into<String>) -> ApiError {
        ApiError { status, ..ApiError::new(code, message) }
    }

    /// A parameter with a wrong value.
    pub(super) fn invalid(name: &str) -> ApiError {
        ApiError::new(10001, format!("params error: {name} invalid"))
    }

    /// A parameter that must be there.
    pub(super) fn missing(name: &str) -> ApiError {
        ApiError::new(10001, format!("params error: {name} is required"))
    }

    /// A key that is unknown or revoked.
    pub(super) fn bad_key() -> ApiError {
        ApiError::new(10003, "API key is invalid.")
    }

    /// Too many calls of one endpoint within a second.
    pub(super) fn too_often() -> ApiError {
        ApiError::new(10006, "Too many visits. Exceeded the API Rate Limit.")
    }

    /// A path that is not served.
    pub(super) fn no_route() -> ApiError {
        ApiError::of_status(404, 10017, "Route not found.")
    }

    /// What a fault orders. Errors of the exchange come with HTTP 200 unless the fault wants another status than
    /// the one that it has by default.
    pub(super) fn ordered(refusal: Refusal) -> ApiError {
        match refusal {
            Refusal::Status(status) => ApiError::of_status(status, i64::from(status), "service unavailable"),
            Refusal::RetryAfter(status, seconds) => {
                let code = if status == 429 { 10429 } else { i64::from(status) };
                let refused = ApiError::of_status(status, code, "Too many requests.");
                ApiError { retry_after: Some(seconds), ..refused }
            }
            Refusal::Code(status, code, message) => {
                let status = if status == 400 { 200 } else { status };
                ApiError::of_status(status, code, message.unwrap_or_else(|| "ordered by a fault".to_owned()))
            }
            Refusal::Maintenance => ApiError::of_status(503, 503, "system maintenance"),
        }
    }

    /// The answer by REST.
    pub(super) fn answer(&self, now: Timestamp) -> Answer {
        let mut headers = Vec::new();
        if let Some(seconds) = self.retry_after {
            headers.push(("retry-after", seconds.to_string()));
        }
        // Only the exchange itself speaks JSON.
        let own = self.status == 200 || self.code >= 10_000;
        let body = if own { self.body(now) } else { format!("<html><body>{}</body></html>", self.message) };
        if !own {
            headers.push(("content-type", "text/html".to_owned()));
        }
        Answer { status: self.status, headers, body, code: self.code, weight: 1 }
    }

    fn body(&self, now: Timestamp) -> String {
        let result = self.result.as_deref().cloned().unwrap_or_else(|| json!({}));
        envelope((self.code, &self.message), &result, &json!({}), now)
    }
}

/// The text of an answer.
pub(super) fn envelope((code, message): (i64, &str), result: &Value, ext: &Value, now: Timestamp) -> String {
    let time = now.millis();
    json!({ "retCode": code, "retMsg": message, "result": result, "retExtInfo": ext, "time": time }).to_string()
}
