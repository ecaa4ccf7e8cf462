//! Refusals: a text that begins with its kind.

use flate2::Crc;
use serde_json::{Value, json};

use crate::accounts::{Filter, OrderError};
use crate::front::{Answer, Refusal};

/// A refusal. Those of the exchange itself come with HTTP 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    /// The exchange has none; in the log of requests it tells refusals from other answers with the same status.
    pub(super) code: i64,
    pub(super) text: String,
    /// Told by a machine in front of the exchange, as a web page.
    foreign: bool,
    /// Seconds to wait.
    retry_after: Option<u64>,
}

impl ApiError {
    /// A refusal in the exchange's words.
    pub(super) fn new(text: impl Into<String>) -> ApiError {
        let text = text.into();
        ApiError { status: 200, code: number_of(&text), text, foreign: false, retry_after: None }
    }

    /// An argument that is missing, malformed or out of place.
    pub(super) fn argument(name: &str) -> ApiError {
        ApiError::new(format!("EGeneral:Invalid arguments:{name}"))
    }

    pub(super) fn unknown_pair() -> ApiError {
        ApiError::new("EQuery:Unknown asset pair")
    }

    pub(super) fn unknown_asset() -> ApiError {
        ApiError::new("EQuery:Unknown asset")
    }

    pub(super) fn unknown_method() -> ApiError {
        ApiError::new("EGeneral:Unknown method")
    }

    pub(super) fn too_often() -> ApiError {
        ApiError::new("EAPI:Rate limit exceeded")
    }

    /// What a machine in front of the exchange says to who connects too often.
    pub(super) fn too_many_connections() -> ApiError {
        ApiError { status: 429, ..ApiError::new("EGeneral:Too many requests") }
    }

    /// There is nothing at this path.
    pub(super) fn no_path() -> ApiError {
        ApiError { status: 404, ..ApiError::unknown_method() }
    }

    /// What a fault or maintenance orders.
    pub(super) fn ordered(refusal: Refusal) -> ApiError {
        match refusal {
            Refusal::Status(status) => ApiError { status, foreign: true, ..ApiError::new("gateway") },
            Refusal::RetryAfter(status, seconds) => {
                ApiError { status, retry_after: Some(seconds), ..ApiError::too_often() }
            }
            Refusal::Code(status, _, text) => {
                // The exchange's own errors come with HTTP 200, unless the fault says otherwise than usual.
                let status = if status == 400 { 200 } else { status };
                ApiError { status, ..ApiError::new(text.unwrap_or_else(|| "EGeneral:Internal error".to_owned())) }
            }
            Refusal::Maintenance => ApiError { status: 503, ..ApiError::new("EService:Unavailable") },
        }
    }

    /// What refuses a call of an account.
    pub(super) fn order(error: OrderError) -> ApiError {
        let text = match error {
            OrderError::NotListed => return ApiError::unknown_pair(),
            OrderError::MarketClosed => "EService:Market in cancel_only mode",
            OrderError::Restricted | OrderError::NoAccount => "EGeneral:Permission denied",
            OrderError::Missing(_, field) | OrderError::Unexpected(_, field) | OrderError::NotPositive(field) => {
                return ApiError::argument(rest_name(field));
            }
            OrderError::DuplicateClientId => "EOrder:Duplicate cl_ord_id",
            OrderError::ClientId => return ApiError::argument("cl_ord_id"),
            OrderError::Filter(filter) => return ApiError::filter(filter),
            OrderError::InsufficientBalance => "EOrder:Insufficient funds",
            OrderError::WouldTake => "EOrder:Post only order",
            OrderError::WouldTrigger => "EOrder:Invalid price",
            OrderError::NoLiquidity => "EOrder:Insufficient liquidity",
            OrderError::UnknownOrder | OrderError::NoSuchOrder | OrderError::IdMismatch | OrderError::Archived => {
                "EOrder:Unknown order"
            }
            OrderError::AmendUnchanged => "EOrder:Amend unchanged",
            OrderError::AmendBelowExecuted | OrderError::AmendUnsupported => "EOrder:Order not editable",
            OrderError::FokUnfilled => "EOrder:Unfillable",
            _ => "EGeneral:Invalid arguments",
        };
        ApiError::new(text)
    }

    fn filter(filter: Filter) -> ApiError {
        use Filter::*;
        match filter {
            TickSize | PriceFilter => ApiError::new("EOrder:Tick size check failed"),
            MinPrice | MaxPrice | PercentPriceBySide | PercentPriceUp | PercentPriceDown => {
                ApiError::new("EOrder:Invalid price")
            }
            LotSize | MarketLotSize | StepSize | MinQuantity | MaxQuantity => ApiError::argument("volume"),
            Notional => ApiError::new("EOrder:Cost minimum not met"),
            _ => ApiError::new("EOrder:Orders limit exceeded"),
        }
    }

    /// The answer by REST.
    pub(super) fn answer(&self, weight: u64) -> Answer {
        let mut headers = Vec::new();
        if let Some(seconds) = self.retry_after {
            headers.push(("retry-after", seconds.to_string()));
        }
        let body = if self.foreign {
            headers.push(("content-type", "text/html".to_owned()));
            "<html><body>gateway</body></html>".to_owned()
        } else {
            json!({ "error": [self.text] }).to_string()
        };
        Answer { status: self.status, headers, body, code: self.code, weight }
    }

    /// As it stands in replies on sockets.
    pub(super) fn json(&self) -> Value {
        json!(self.text)
    }
}

/// A number that differs from text to text, and is not zero.
fn number_of(text: &str) -> i64 {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    i64::from(crc.sum()).max(1)
}

/// The name of a field of an order in REST.
fn rest_name(field: &str) -> &str {
    match field {
        "quantity" | "newQty" => "volume",
        "stopPrice" => "price",
        "timeInForce" => "timeinforce",
        other => other,
    }
}
