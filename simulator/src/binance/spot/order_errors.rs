//! Refusals of orders, in the exchange's codes and words.

use crate::accounts::{Filter, OrderError};
use crate::binance::errors::ApiError;

/// What was asked: the same refusal has another code for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Amend,
    Cancel,
    Place,
    Query,
}

impl Attempt {
    fn code(self) -> i64 {
        match self {
            Attempt::Amend => -2038,
            Attempt::Cancel => -2011,
            Attempt::Place => -2010,
            Attempt::Query => -2013,
        }
    }
}

/// The error that tells a refusal.
pub(super) fn refused(error: OrderError, attempt: Attempt) -> ApiError {
    let told = |message: &str| ApiError::new(attempt.code(), message);
    match error {
        OrderError::NoAccount | OrderError::NotWorking => ApiError::new(-1000, error.to_string()),
        OrderError::NotListed => ApiError::unknown_symbol(),
        OrderError::MarketClosed => told("Market is closed."),
        OrderError::Restricted => told("This account may not place or cancel orders."),
        OrderError::Missing(_, field) => ApiError::missing(field),
        OrderError::Unexpected(_, field) => {
            ApiError::new(-1106, format!("Parameter '{field}' sent when not required."))
        }
        OrderError::NotPositive(field) => ApiError::new(-1013, format!("Invalid {field}.")),
        OrderError::ClientId => ApiError::illegal("newClientOrderId", "^[a-zA-Z0-9-_]{1,36}$"),
        OrderError::DuplicateClientId | OrderError::DuplicateListClientId => told("Duplicate order sent."),
        OrderError::Filter(filter) => filter_failure(filter, attempt),
        OrderError::IcebergExceedsQuantity => told("IcebergQty exceeds QTY."),
        OrderError::IcebergNeedsGtc => told("Unsupported order combination"),
        OrderError::InsufficientBalance => told("Account has insufficient balance for requested action."),
        OrderError::WouldTake => told("Order would immediately match and take."),
        OrderError::WouldTrigger => told("Order would trigger immediately."),
        OrderError::NoLiquidity => told("Order book liquidity is less than LOT_SIZE filter minimum quantity."),
        OrderError::UnknownOrder => told("Unknown order sent."),
        OrderError::NoSuchOrder if attempt == Attempt::Query => told("Order does not exist."),
        OrderError::NoSuchOrder => told("Unknown order sent."),
        OrderError::IdMismatch if attempt == Attempt::Query => {
            ApiError::new(-2039, "Client order ID is not correct for this order ID.")
        }
        OrderError::IdMismatch => told("Cancel order is invalid. Check origClOrdId and orderId."),
        OrderError::Archived => ApiError::new(
            -2026,
            "Order was canceled or expired with no executed qty over 90 days ago and has been archived.",
        ),
        OrderError::CancelRestricted => told("Order was not canceled due to cancel restrictions."),
        OrderError::AmendNotSmaller => told("Order amend (quantity increase) is not supported."),
        OrderError::AmendBelowExecuted => told("The requested action would change no state; rejecting"),
        OrderError::AmendUnsupported => told("Order amend is not supported for this order."),
        OrderError::ListLegs => ApiError::new(-1158, "Order type not supported in OCO."),
        OrderError::ListPrices => told("The relationship of the prices for the orders is not correct."),
        OrderError::WorkingMustBuy => ApiError::new(-1222, "The working order must be a BUY order."),
        OrderError::PendingMustSell => ApiError::new(-1223, "The pending orders must be SELL orders."),
        OrderError::PendingQuantity => ApiError::new(-1225, "The pending orders must not have a quantity."),
        OrderError::UnknownList if attempt == Attempt::Query => told("Order list does not exist."),
        OrderError::UnknownList => told("Unknown order sent."),
        OrderError::AmendUnchanged => told("The requested action would change no state; rejecting"),
        // Of contracts alone.
        OrderError::InsufficientMargin
        | OrderError::ReduceOnly
        | OrderError::PositionSide
        | OrderError::FokUnfilled => told("Unsupported order combination"),
    }
}

fn filter_failure(filter: Filter, attempt: Attempt) -> ApiError {
    let code = if filter.found_by_engine() { attempt.code() } else { -1013 };
    ApiError::new(code, format!("Filter failure: {}", filter.as_str()))
}
