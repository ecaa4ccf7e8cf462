//! Refusals of orders, in the exchange's codes and words.

use crate::accounts::{Filter, OrderError};
use crate::binance::errors::ApiError;

/// What was asked: the same refusal has another code for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Cancel,
    Place,
    Query,
}

/// The error that tells a refusal.
pub(super) fn refused(error: OrderError, attempt: Attempt) -> ApiError {
    let told = ApiError::new;
    match error {
        OrderError::NotListed => ApiError::unknown_symbol(),
        OrderError::MarketClosed => told(-4141, "Symbol is closed."),
        OrderError::Restricted => told(-4192, "Trade forbidden due to Cooling-off Period."),
        OrderError::Missing(_, field) => ApiError::missing(field),
        OrderError::Unexpected(_, field) => told(-1106, &format!("Parameter '{field}' sent when not required.")[..]),
        OrderError::NotPositive("quantity") => told(-4003, "Quantity less than or equal to zero."),
        OrderError::NotPositive(_) => told(-4001, "Price less than 0."),
        OrderError::ClientId => told(-4015, "Client order id is not valid."),
        OrderError::DuplicateClientId => told(-4116, "ClientOrderId is duplicated."),
        OrderError::Filter(filter) => filter_failure(filter),
        OrderError::InsufficientBalance | OrderError::InsufficientMargin => told(-2019, "Margin is insufficient."),
        OrderError::WouldTake => told(
            -5022,
            "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history",
        ),
        OrderError::FokUnfilled => told(
            -5021,
            "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history",
        ),
        OrderError::WouldTrigger => told(-2021, "Order would immediately trigger."),
        OrderError::NoLiquidity => told(-2020, "Unable to fill."),
        OrderError::ReduceOnly => told(-2022, "ReduceOnly Order is rejected."),
        OrderError::PositionSide => told(-4061, "Order's position side does not match user's setting."),
        OrderError::AmendUnchanged => told(-5027, "No need to modify the order."),
        OrderError::AmendUnsupported => told(-5025, "Only limit order is supported."),
        OrderError::UnknownOrder | OrderError::NoSuchOrder | OrderError::IdMismatch | OrderError::Archived => {
            match attempt {
                Attempt::Cancel => told(-2011, "Unknown order sent."),
                Attempt::Place | Attempt::Query => no_such_order(),
            }
        }
        other => told(-1000, &other.to_string()[..]),
    }
}

/// There is no such order.
pub(super) fn no_such_order() -> ApiError {
    ApiError::new(-2013, "Order does not exist.")
}

fn filter_failure(filter: Filter) -> ApiError {
    let (code, message) = match filter {
        Filter::MinPrice => (-4013, "Price less than min price."),
        Filter::MaxPrice => (-4002, "Price greater than max price."),
        Filter::PriceFilter | Filter::TickSize => (-4014, "Price not increased by tick size."),
        Filter::MinQuantity => (-4004, "Quantity less than min quantity."),
        Filter::MaxQuantity => (-4005, "Quantity greater than max quantity."),
        Filter::LotSize | Filter::MarketLotSize | Filter::StepSize => (-4023, "Qty not increased by step size."),
        Filter::PercentPriceUp => (-4016, "Price is higher than mark price multiplier cap."),
        Filter::PercentPriceDown => (-4024, "Price is lower than mark price multiplier floor."),
        Filter::Notional => (-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."),
        Filter::MaxPosition => (-2027, "Exceeded the maximum allowable position at current leverage."),
        Filter::MaxNumOrders | Filter::ExchangeMaxNumOrders => (-2025, "Reach max open order limit."),
        Filter::MaxNumAlgoOrders | Filter::ExchangeMaxNumAlgoOrders => (-4045, "Reach max stop order limit."),
        Filter::TrailingDelta => (-2007, "Invalid callBack rate."),
        other => return ApiError::new(-1013, format!("Filter failure: {}", other.as_str())),
    };
    ApiError::new(code, message)
}
