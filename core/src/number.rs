use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A text that is not a number this library can hold exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberError {
    text: String,
    why: &'static str,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' {}", self.text, self.why)
    }
}

impl std::error::Error for NumberError {}

/// Parses plain decimal text exactly.
///
/// # Errors
/// Empty text, an exponent, any character but digits, one point and a leading minus, and numbers that need more than 28
/// significant digits or decimals: nothing is rounded.
pub(crate) fn parse_exact(text: &str) -> Result<Decimal, NumberError> {
    let error = |why| NumberError { text: text.chars().take(64).collect(), why };
    if text.is_empty() {
        return Err(error("is empty where a number is needed"));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !plain || !digits.bytes().any(|b| b.is_ascii_digit()) {
        return Err(error("is not a plain decimal number"));
    }
    Decimal::from_str_exact(text).map_err(|_| error("needs more than 28 digits"))
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Decimal);

        impl $name {
            /// Zero.
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// Wraps a decimal.
            pub const fn new(value: Decimal) -> Self {
                Self(value)
            }

            /// `mantissa` divided by ten to the power of `scale`. `scale` is at most 28.
            pub fn from_scaled(mantissa: i64, scale: u32) -> Self {
                Self(Decimal::from_i128_with_scale(i128::from(mantissa), scale.min(28)))
            }

            /// The decimal itself.
            pub const fn value(self) -> Decimal {
                self.0
            }

            /// This number as an integer count of ten to the power of minus `scale`, if it is one and fits.
            pub fn to_scaled(self, scale: u32) -> Option<i64> {
                let plain = self.0.normalize();
                let up = scale.checked_sub(plain.scale())?;
                let scaled = plain.mantissa().checked_mul(10_i128.checked_pow(up)?)?;
                i64::try_from(scaled).ok()
            }
        }

        impl fmt::Display for $name {
            /// Plain decimal text without trailing zeros and without an exponent.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.normalize().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NumberError;

            fn from_str(text: &str) -> Result<Self, NumberError> {
                parse_exact(text).map(Self)
            }
        }

        impl From<$name> for Decimal {
            fn from(number: $name) -> Self {
                number.0
            }
        }
    };
}

number! {
    /// A price, in units of the quote asset for one unit of the base asset. Exact.
    Price
}
number! {
    /// A quantity, in units of the base asset. Exact.
    Quantity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_exactly_or_is_refused() {
        for text in ["0.000000000000000001", "1000000000000000.25", "1234567890123456789012345678"] {
            assert_eq!(text.parse::<Price>().expect(text).to_string(), text);
        }
        for text in ["", ".", "-", "1e5", "+1", "NaN", "1 ", "1_0", "12345678901234567890123456789.1"] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
    }

    #[test]
    fn scaled_integers_and_back() {
        let price: Price = "61837.63000000".parse().expect("a number");
        assert_eq!(price.to_scaled(2), Some(6_183_763));
        assert_eq!(price.to_scaled(1), None, "would lose a digit");
        assert_eq!(Price::from_scaled(6_183_763, 2).to_string(), "61837.63");
    }
}
