use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::value::RawValue;
use tradewire_core::{Decimal, NumberError, Quantity};

use crate::fault::Fault;

/// An i64 holds every number of this many digits.
const DIGITS_MAX: usize = 18;

/// A number on the wire, as text: the exchange writes `"0.10"`, and 0.10 is understood too.
#[derive(Clone, Debug)]
pub struct Number<'a>(Cow<'a, str>);

impl Number<'_> {
    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The number as a count of ten to the power of minus `scale`, exactly.
    ///
    /// # Errors
    /// `Scale` if it is finer than that; `Decode` if it is no plain decimal number without sign and exponent, or has
    /// more than 18 digits.
    pub fn scaled(&self, scale: u32) -> Result<i64, Fault> {
        let (whole, fraction) = match self.0.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(self.malformed()),
            None => (self.text(), ""),
        };
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) {
            return Err(self.malformed());
        }
        let fraction = fraction.trim_end_matches('0');
        let scale = scale as usize;
        if fraction.len() > scale {
            return Err(Fault::scale(format!("'{}' has more than {scale} decimals", self.shown())));
        }
        let digits = format!("{whole}{fraction:0<scale$}");
        match digits.trim_start_matches('0') {
            "" => Ok(0),
            digits if digits.len() <= DIGITS_MAX => digits.parse().map_err(|_| self.malformed()),
            _ => Err(Fault::decode(format!("'{}' has more than 18 digits", self.shown()))),
        }
    }

    /// As [`Self::scaled`], for what must be above zero.
    pub fn positive(&self, scale: u32) -> Result<i64, Fault> {
        match self.scaled(scale)? {
            0 => Err(Fault::decode("zero where a positive number is needed")),
            value => Ok(value),
        }
    }

    fn malformed(&self) -> Fault {
        Fault::decode(format!("'{}' is not a plain number", self.shown()))
    }

    fn shown(&self) -> String {
        self.0.chars().take(64).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Number<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => text(raw).map(Self).map_err(D::Error::custom),
            Some(b'-' | b'0'..=b'9') => Ok(Self(Cow::Borrowed(raw))),
            _ => Err(D::Error::custom("neither a number nor a text")),
        }
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a number that must not be negative, exactly.
pub fn exact<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = NumberError>,
{
    let number = Number::deserialize(deserializer)?;
    if number.text().starts_with('-') {
        return Err(D::Error::custom(format!("'{number}' is negative")));
    }
    number.text().parse().map_err(D::Error::custom)
}

/// As [`exact`].
pub fn exact_decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    exact::<D, Quantity>(deserializer).map(Quantity::value)
}

/// The text of a JSON string.
pub fn text(raw: &str) -> serde_json::Result<Cow<'_, str>> {
    if raw.contains('\\') {
        return serde_json::from_str(raw).map(Cow::Owned);
    }
    serde_json::from_str(raw).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;
    use proptest::prelude::*;
    use tradewire_core::{GapReason, Price};

    fn number(text: &str) -> Number<'_> {
        Number(Cow::Borrowed(text))
    }

    fn fast(text: &str, scale: u32) -> Option<i64> {
        let quoted = format!("\"{text}\"");
        let mut cursor = Cursor::new(quoted.as_bytes());
        cursor.quoted_decimal(scale).filter(|_| cursor.ends_with(b""))
    }

    #[test]
    fn surplus_digits_must_be_zero() {
        for (text, scale, scaled) in [
            ("61837.63000000", 2, 6_183_763),
            ("61837.63", 2, 6_183_763),
            ("61837", 2, 6_183_700),
            ("61837.0", 0, 61_837),
            ("0.00000001", 8, 1),
            ("0.000000010", 8, 1),
            ("0.00000000", 0, 0),
            ("0.00000001", 10, 100),
            ("999999999999999999", 0, 999_999_999_999_999_999),
            ("9999999999.99999999", 8, 999_999_999_999_999_999),
        ] {
            assert_eq!(number(text).scaled(scale), Ok(scaled), "{text}");
            assert_eq!(fast(text, scale), Some(scaled), "{text}");
        }
    }

    #[test]
    fn what_is_too_fine_says_so() {
        for (text, scale) in [("0.001", 2), ("61837.63000001", 2), ("0.1", 0), ("1.0000000000000000000000001", 8)] {
            assert_eq!(number(text).scaled(scale).expect_err(text).reason, GapReason::Scale, "{text}");
            assert_eq!(fast(text, scale), None);
        }
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        for text in [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "1E3", " 1", "1 ", "NaN", "0x1", "1_0", "1,0", "1.2.3", "１",
            "1.-2",
        ] {
            assert_eq!(number(text).scaled(2).expect_err(text).reason, GapReason::Decode, "{text}");
            assert_eq!(fast(text, 2), None, "{text}");
        }
        for (text, scale) in [("1000000000000000000", 0), ("10000000000.0", 8), ("99999999999999999999999", 0)] {
            assert_eq!(number(text).scaled(scale).expect_err(text).reason, GapReason::Decode, "{text}");
            assert_eq!(fast(text, scale), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_readers_agree_with_exact_decimals(text in "[0-9]{1,12}(\\.[0-9]{1,10}0{0,3})?", scale in 0_u32..12) {
            let exact = text.parse::<Price>().expect("a number").to_scaled(scale).filter(|n| *n < 10_i64.pow(18));
            prop_assert_eq!(number(&text).scaled(scale).ok(), exact);
            if let Some(fast) = fast(&text, scale) {
                prop_assert_eq!(Some(fast), exact);
            }
        }

        #[test]
        fn eight_decimals_are_always_read_fast(whole in 0_u64..10_000_000_000, fraction in 0_u64..100_000_000) {
            let text = format!("{whole}.{fraction:08}");
            prop_assert_eq!(fast(&text, 8), number(&text).scaled(8).ok());
            prop_assert!(fast(&text, 8).is_some());
        }

        #[test]
        fn any_text_gives_the_same_or_is_left_to_the_slow_reader(text in "[0-9.\\-+e ]{0,24}", scale in 0_u32..22) {
            if let Some(fast) = fast(&text, scale) {
                prop_assert_eq!(Ok(fast), number(&text).scaled(scale));
            }
        }
    }
}
