//! Refusals: code, status and text.

use serde_json::{Value, json};

use crate::accounts::{OrderError, SettingError};
use crate::front::{Answer, Refusal};

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    status: u16,
    /// None for what a machine in front of the exchange says.
    code: Option<i64>,
    text: String,
    /// Seconds to wait.
    retry_after: Option<u64>,
}

impl ApiError {
    fn new(status: u16, code: i64, text: impl Into<String>) -> ApiError {
        ApiError { status, code: Some(code), text: text.into(), retry_after: None }
    }

    /// An argument that is missing or malformed.
    pub(super) fn argument(name: &str) -> ApiError {
        ApiError::new(400, 1001, format!("argument {name} is missing or malformed"))
    }

    pub(super) fn no_symbol() -> ApiError {
        ApiError::new(400, 1002, "no such symbol")
    }

    pub(super) fn no_path() -> ApiError {
        ApiError::new(404, 1003, "no such path")
    }

    pub(super) fn bad_key() -> ApiError {
        ApiError::new(401, 2001, "unknown key")
    }

    pub(super) fn bad_signature() -> ApiError {
        ApiError::new(401, 2002, "the signature does not agree")
    }

    pub(super) fn bad_time() -> ApiError {
        ApiError::new(401, 2003, "the time is outside of the window")
    }

    pub(super) fn not_permitted() -> ApiError {
        ApiError::new(403, 2004, "the key may not do this")
    }

    pub(super) fn too_often(seconds: u64) -> ApiError {
        ApiError { retry_after: Some(seconds), ..ApiError::new(429, 4001, "too many requests") }
    }

    pub(super) fn shut_out(seconds: u64) -> ApiError {
        ApiError { retry_after: Some(seconds), ..ApiError::new(418, 4002, "shut out") }
    }

    /// Its HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Its code; 0 for what a machine in front of the exchange says.
    pub(super) fn code(&self) -> i64 {
        self.code.unwrap_or_default()
    }

    /// What a fault orders.
    pub(super) fn ordered(refusal: Refusal) -> ApiError {
        match refusal {
            Refusal::Status(status) => {
                ApiError { status, code: None, text: "<html><body>gateway</body></html>".to_owned(), retry_after: None }
            }
            Refusal::RetryAfter(418, seconds) => ApiError::shut_out(seconds),
            Refusal::RetryAfter(status, seconds) => ApiError { status, ..ApiError::too_often(seconds) },
            Refusal::Code(status, code, text) => {
                ApiError::new(status, code, text.unwrap_or_else(|| "ordered by a fault".to_owned()))
            }
            Refusal::Maintenance => ApiError::new(503, 5001, "closed for maintenance"),
        }
    }

    /// What refuses a call of an account.
    pub(super) fn order(error: OrderError) -> ApiError {
        let (status, code) = match error {
            OrderError::NotListed => return ApiError::no_symbol(),
            OrderError::Restricted | OrderError::NoAccount => return ApiError::not_permitted(),
            OrderError::InsufficientBalance | OrderError::InsufficientMargin => (400, 3001),
            OrderError::Filter(filter) if filter.as_str().contains("NUM_ORDERS") => (400, 3008),
            OrderError::Filter(_) | OrderError::NoLiquidity => (400, 3002),
            OrderError::DuplicateClientId => (400, 3003),
            OrderError::NoSuchOrder | OrderError::IdMismatch | OrderError::Archived => (404, 3004),
            OrderError::UnknownOrder => (400, 3005),
            OrderError::WouldTake => (400, 3006),
            OrderError::MarketClosed => (400, 3007),
            OrderError::ReduceOnly => (400, 3009),
            OrderError::PositionSide => (400, 3010),
            _ => (400, 1001),
        };
        ApiError::new(status, code, error.to_string())
    }

    /// What refuses a change of a setting.
    pub(super) fn setting(error: SettingError) -> ApiError {
        let code = match error {
            SettingError::NotListed => return ApiError::no_symbol(),
            SettingError::NoAccount => return ApiError::not_permitted(),
            SettingError::InsufficientMargin => 3001,
            SettingError::OrdersOpen | SettingError::PositionOpen | SettingError::IsolatedPosition => 3011,
            SettingError::LeverageRange | SettingError::LeverageForPosition => 3012,
            _ => 1001,
        };
        ApiError::new(400, code, error.to_string())
    }

    /// As it stands in answers and frames.
    pub(super) fn json(&self) -> Value {
        json!({ "code": self.code, "text": self.text })
    }

    /// The answer by REST.
    pub(super) fn answer(&self, weight: u64) -> Answer {
        let mut headers = Vec::new();
        if let Some(seconds) = self.retry_after {
            headers.push(("retry-after", seconds.to_string()));
        }
        let body = match self.code {
            Some(_) => json!({ "error": self.json() }).to_string(),
            None => {
                headers.push(("content-type", "text/html".to_owned()));
                self.text.clone()
            }
        };
        Answer { status: self.status, headers, body, code: self.code(), weight }
    }
}
