//! Errors as the exchange tells them.

use crate::front::Answer;

/// An error with its HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) message: String,
}

impl ApiError {
    /// A client's error.
    pub(super) fn new(code: i64, message: impl Into<String>) -> ApiError {
        ApiError { status: 400, code, message: message.into() }
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

    pub(super) fn unknown_symbol() -> ApiError {
        ApiError::new(-1121, "Invalid symbol.")
    }

    pub(super) fn bad_combination() -> ApiError {
        ApiError::new(-1128, "Combination of optional parameters invalid.")
    }

    pub(super) fn other_status() -> ApiError {
        ApiError::new(-1220, "The symbol's status does not match the requested symbolStatus.")
    }

    /// The answer that tells it.
    pub(super) fn answer(&self) -> Answer {
        let body = serde_json::json!({ "code": self.code, "msg": self.message }).to_string();
        Answer { status: self.status, headers: Vec::new(), body, weight: 0 }
    }
}
