//! Codes and texts of refused orders.

use super::category::Category;
use super::errors::ApiError;
use crate::accounts::{Filter, OrderError};

/// The refusal of an order, a change of one or a cancel, in the words of the product.
pub(super) fn told(category: Category, error: OrderError) -> ApiError {
    let (code, text) = if category.is_spot() { of_spot(error) } else { of_contracts(error) };
    ApiError::new(code, text)
}

fn of_spot(error: OrderError) -> (i64, String) {
    let (code, text) = match error {
        OrderError::NotListed => (170_121, "Invalid symbol."),
        OrderError::MarketClosed => (170_157, "The trading pair is not available for trading."),
        OrderError::Restricted => (170_031, "The trading of this account is restricted."),
        OrderError::DuplicateClientId => (170_141, "Duplicate clientOrderId"),
        OrderError::InsufficientBalance => (170_131, "Insufficient balance."),
        OrderError::WouldTake => (170_218, "The LIMIT-MAKER order is rejected due to invalid price."),
        OrderError::NoLiquidity => (170_210, "New order rejected."),
        OrderError::AmendUnchanged => (170_312, "Order could not be modified."),
        OrderError::UnknownOrder | OrderError::NoSuchOrder | OrderError::IdMismatch | OrderError::Archived => {
            (170_213, "Order does not exist.")
        }
        OrderError::AmendNotSmaller | OrderError::AmendBelowExecuted | OrderError::AmendUnsupported => {
            (170_312, "Order could not be modified.")
        }
        OrderError::Filter(filter) => filter_of_spot(filter),
        other => return (10001, format!("params error: {other}")),
    };
    (code, text.to_owned())
}

fn filter_of_spot(filter: Filter) -> (i64, &'static str) {
    match filter {
        Filter::PriceFilter => (170_134, "Order price has too many decimals."),
        Filter::PercentPriceBySide => (170_132, "Order price has exceeded the limit."),
        Filter::LotSize => (170_137, "Order volume decimal too long."),
        Filter::MarketLotSize => (170_124, "Order amount too large."),
        Filter::Notional => (170_140, "Order value exceeded lower limit."),
        _ => (170_810, "Cannot exceed maximum of 500 conditional, TP/SL and active orders."),
    }
}

fn of_contracts(error: OrderError) -> (i64, String) {
    let (code, text) = match error {
        OrderError::NotListed => (10001, "params error: symbol invalid"),
        OrderError::MarketClosed => (110_074, "This contract is not live"),
        OrderError::Restricted => (110_066, "Trading is currently not allowed."),
        OrderError::DuplicateClientId => (110_072, "OrderLinkedID is duplicate"),
        OrderError::InsufficientBalance | OrderError::InsufficientMargin => (110_007, "ab not enough for new order"),
        OrderError::ReduceOnly => (110_017, "current position is zero, cannot fix reduce-only order qty"),
        OrderError::PositionSide => (10001, "position idx not match position mode"),
        OrderError::AmendUnchanged => {
            (10001, "The order remains unchanged as the parameters entered match the existing ones.")
        }
        OrderError::WouldTrigger => (110_093, "TriggerPrice invalid"),
        OrderError::NoLiquidity => (110_003, "Order price exceeds the allowable range."),
        OrderError::UnknownOrder | OrderError::NoSuchOrder | OrderError::IdMismatch | OrderError::Archived => {
            (110_001, "order not exists or too late to cancel")
        }
        OrderError::AmendNotSmaller | OrderError::AmendBelowExecuted | OrderError::AmendUnsupported => {
            (110_064, "The order modification failed")
        }
        OrderError::Filter(filter) => filter_of_contracts(filter),
        other => return (10001, format!("params error: {other}")),
    };
    (code, text.to_owned())
}

fn filter_of_contracts(filter: Filter) -> (i64, &'static str) {
    match filter {
        Filter::PriceFilter | Filter::TickSize | Filter::MinPrice | Filter::MaxPrice => {
            (10001, "params error: price invalid")
        }
        Filter::PercentPriceBySide | Filter::PercentPriceUp | Filter::PercentPriceDown => {
            (110_003, "Order price exceeds the allowable range.")
        }
        Filter::MaxPosition => (110_013, "Cannot set leverage due to risk limit level."),
        Filter::LotSize | Filter::MarketLotSize | Filter::MinQuantity | Filter::MaxQuantity | Filter::StepSize => {
            (10001, "params error: Qty invalid")
        }
        Filter::Notional => (110_094, "Order notional value below the lower limit"),
        Filter::MaxNumAlgoOrders => (110_009, "The number of stop orders exceeds the maximum allowable limit."),
        _ => (110_020, "Not allowed to have more than 500 active orders."),
    }
}
