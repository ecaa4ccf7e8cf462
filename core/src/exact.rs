//! Sums, products and quotients of decimals, guarded in one place: `rust_decimal` rounds past 28 digits without saying so.

use rust_decimal::Decimal;

const MANTISSA_MAX: i128 = (1 << 96) - 1;
const SCALE_MAX: u32 = 28;
/// The first number with more than 28 digits.
const DIGITS_END: u128 = 10_u128.pow(28);

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

/// The exact sum, or the nearest decimal where that needs more than 28 digits; `None` on overflow.
pub fn nearest_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    add(a, b).or_else(|| a.checked_add(b))
}

/// The exact product, or the nearest decimal where that needs more than 28 digits; `None` on overflow.
pub fn nearest_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    multiply(a, b).or_else(|| a.checked_mul(b))
}

/// The quotient rounded half to even at 28 significant digits, and at most 28 decimals, which is all that a decimal holds;
/// `None` for division by zero or overflow.
pub fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    // Both are below 2^96, so that ten times either fits.
    let (dividend, mut divisor) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    let mut quotient = dividend.checked_div(divisor)?;
    let mut scale = i64::from(a.scale()) - i64::from(b.scale());
    if quotient >= DIGITS_END {
        divisor *= 10;
        scale -= 1;
        quotient = dividend / divisor;
    }
    let mut rest = dividend % divisor;
    while rest != 0 && quotient < DIGITS_END / 10 && scale < i64::from(SCALE_MAX) {
        rest *= 10;
        quotient = quotient * 10 + rest / divisor;
        rest %= divisor;
        scale += 1;
    }
    let round_up = rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 == 1);
    let magnitude = i128::try_from(quotient + u128::from(round_up)).ok()?;
    let mantissa = if a.is_sign_negative() == b.is_sign_negative() { magnitude } else { -magnitude };
    match u32::try_from(scale) {
        Ok(scale) => compose(mantissa, scale),
        Err(_) => compose(mantissa.checked_mul(10_i128.checked_pow(u32::try_from(-scale).ok()?)?)?, 0),
    }
}

/// What is left of `a` after taking `b` off it as often as it goes: exact, from zero up to but not including |`b`|. `None` if
/// `b` is zero, and for a negative `a` whose rest needs more than 28 digits.
pub fn remainder(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let (dividend, divisor) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    if divisor == 0 {
        return None;
    }
    let rest = match b.scale().checked_sub(a.scale()) {
        // Below 2^96, so that ten times it fits.
        Some(up) => (0..up).fold(dividend % divisor, |rest, _| rest * 10 % divisor),
        // A divisor that does not fit is larger than the dividend.
        None => match 10_u128.checked_pow(a.scale() - b.scale()).and_then(|power| divisor.checked_mul(power)) {
            Some(divisor) => dividend % divisor,
            None => dividend,
        },
    };
    let rest = compose(i128::try_from(rest).ok()?, a.scale().max(b.scale()))?;
    if a.is_sign_negative() && !rest.is_zero() { subtract(b.abs(), rest) } else { Some(rest) }
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
    use proptest::prelude::*;

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

    #[test]
    fn quotients_round_half_to_even_at_28_digits() {
        for (a, b, quotient) in [
            ("20", "3", "6.666666666666666666666666667"),
            ("-20", "3", "-6.666666666666666666666666667"),
            ("2", "3", "0.6666666666666666666666666667"),
            ("3000000000000000000000000001", "2", "1500000000000000000000000000"),
            ("3000000000000000000000000003", "2", "1500000000000000000000000002"),
            ("0.3000000000000000000000000003", "-2", "-0.1500000000000000000000000002"),
            ("0.0000000000000000000000000001", "2", "0"),
            ("0.0000000000000000000000000003", "2", "0.0000000000000000000000000002"),
            ("20000000000000000000000000005", "1", "20000000000000000000000000000"),
            ("1", "0.0000000000000000000000000001", "10000000000000000000000000000"),
            ("0", "7", "0"),
        ] {
            assert_eq!(divide(decimal(a), decimal(b)), Some(decimal(quotient)), "{a} / {b}");
        }
        assert_eq!(divide(decimal("10"), decimal("0.0000000000000000000000000001")), None);
    }

    #[test]
    fn remainders_are_exact_where_28_digits_do_not_hold_both() {
        for (a, b, rest) in [
            ("100.12", "0.05", Some("0.02")),
            ("-0.1", "0.3", Some("0.2")),
            ("-0.3", "0.3", Some("0")),
            ("1000000000000000", "0.000000000000000001", Some("0")),
            ("1000000000000000", "0.000000000000000003", Some("0.000000000000000001")),
            ("0.0000000000000000000000000001", "79228162514264337593543950335", Some("0.0000000000000000000000000001")),
            ("5", "-3", Some("2")),
            ("1", "0", None),
        ] {
            assert_eq!(remainder(decimal(a), decimal(b)), rest.map(decimal), "{a} mod {b}");
        }
    }

    proptest! {
        #[test]
        fn quotients_are_the_nearest(a in 1..1_000_000_000_i64, b in 1..1_000_000_000_i64, up in 0..9_u32, down in 0..9_u32) {
            let quotient = divide(Decimal::new(a, up), Decimal::new(b, down)).expect("fits");
            // quotient = m / 10^s should be a 10^(down - up) / b: compare a 10^(s + down) with m b 10^up.
            let (mut s, mut m) = (quotient.scale(), quotient.mantissa());
            prop_assert!(m < 10_i128.pow(28));
            while s < 28 && m < 10_i128.pow(27) {
                (s, m) = (s + 1, m * 10);
            }
            let shift = i64::from(s) + i64::from(down) - i64::from(up);
            let power = 10_i128.pow(shift.unsigned_abs() as u32);
            let (exact, unit) = if shift >= 0 {
                (i128::from(a).checked_mul(power), i128::from(b))
            } else {
                (Some(i128::from(a)), i128::from(b) * power)
            };
            if let (Some(exact), Some(product)) = (exact, m.checked_mul(unit)) {
                prop_assert!((exact - product).abs() * 2 <= unit, "{quotient} is not the nearest");
            }
        }
    }
}
