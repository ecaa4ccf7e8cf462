//! Decimal helpers shared by all parts.

use rust_decimal::{Decimal, RoundingStrategy};

/// Price times quantity in quote units; the largest decimal where the product does not fit.
pub(crate) fn notional(price: Decimal, quantity: Decimal) -> Decimal {
    price.checked_mul(quantity).unwrap_or(Decimal::MAX)
}

/// The largest multiple of `step` that is not above `value`; `value` itself if `step` is zero.
pub(crate) fn floor_to(value: Decimal, step: Decimal) -> Decimal {
    (value - value.checked_rem(step).unwrap_or_default()).normalize()
}

/// Text with exactly `places` decimals, more only where the number needs them.
pub(crate) fn fixed(value: Decimal, places: u32) -> String {
    let shown = value.normalize();
    if shown.scale() > places {
        return shown.to_string();
    }
    let mut padded = shown;
    padded.rescale(places);
    padded.to_string()
}

/// Text with exactly `places` decimals, rounded half to even.
pub(crate) fn rounded(value: Decimal, places: u32) -> String {
    let mut shown = value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    shown.rescale(places);
    shown.to_string()
}

/// `numerator / denominator`, or `None` where there is no quotient.
pub(crate) fn ratio(numerator: Decimal, denominator: Decimal) -> Option<Decimal> {
    numerator.checked_div(denominator)
}
