//! Sums, products and quotients of decimals, guarded in one place: `rust_decimal` rounds past 28 digits without saying so.

use rust_decimal::{Decimal, RoundingStrategy};

const MANTISSA_MAX: i128 = (1 << 96) - 1;
const SCALE_MAX: u32 = 28;

/// The exact sum, or `None` if it needs more than 28 digits.
pub fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let scale = a.scale().max(b.scale());
    let left = raise(a, scale)?;
    let right = raise(b, scale)?;
    compose(left.checked_add(right)?, scale)
}

/// The exact difference, or `None` if it needs more than 28 digits.
pub fn subtract(a: Decimal, b: Decimal) -> Option<Decimal> {
    add(a, -b)
}

/// The exact product, or `None` if it needs more than 28 digits.
pub fn multiply(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    compose(a.mantissa().checked_mul(b.mantissa())?, a.scale() + b.scale())
}

/// The quotient rounded half to even at 28 significant digits; `None` for division by zero or overflow.
pub fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    let quotient = a.checked_div(b)?;
    Some(quotient.round_dp_with_strategy(SCALE_MAX, RoundingStrategy::MidpointNearestEven).normalize())
}

/// `mantissa` divided by ten to the power of `scale`, or `None` if a decimal cannot hold it exactly.
pub fn compose(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    while (scale > SCALE_MAX || mantissa.abs() > MANTISSA_MAX) && scale > 0 {
        if mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        scale -= 1;
    }
    if mantissa.abs() > MANTISSA_MAX {
        return None;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok().map(|d| d.normalize())
}

fn raise(number: Decimal, scale: u32) -> Option<i128> {
    number.mantissa().checked_mul(10_i128.checked_pow(scale - number.scale())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect(text)
    }

    #[test]
    fn exact_or_nothing() {
        assert_eq!(multiply(decimal("0.1"), decimal("0.2")), Some(decimal("0.02")));
        assert_eq!(multiply(decimal("123456789012345.6789"), decimal("98765432109876.54321")), None);
        assert_eq!(add(decimal("1000000000000000"), decimal("0.0000000000000001")), None);
        assert_eq!(add(decimal("1.50"), decimal("2.5")), Some(decimal("4")));
        assert_eq!(subtract(decimal("1"), decimal("1")), Some(Decimal::ZERO));
        assert_eq!(divide(decimal("1"), Decimal::ZERO), None);
        assert_eq!(divide(decimal("250.75"), decimal("2.5")), Some(decimal("100.3")));
    }
}
