//! Numbers from text, eight digits at a time where they come so: as the bytes of one integer.

/// 1 in each byte.
pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;
/// The high bit of each byte.
pub(crate) const HIGH_BITS: u64 = EACH << 7;
const ZEROS: u64 = EACH * b'0' as u64;
/// Lifts every byte above 9 over 0x7F.
const ABOVE_NINE: u64 = EACH * 0x76;
/// An i64 holds every number of this many digits.
const DIGITS_MAX: u32 = 18;
const POWERS: [u64; 19] = {
    let mut powers = [1_u64; 19];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// A whole number of at most 18 digits without leading zeros, and what follows it.
#[inline(always)]
pub(crate) fn integer(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (value, digits, rest) = match bytes.split_first_chunk::<8>() {
        Some((eight, rest)) if all_digits(eight) => {
            let (low, digits, rest) = leading_digits(rest);
            (
                eight_digits(values(eight)).wrapping_mul(POWERS[digits.min(10) as usize]).wrapping_add(low),
                digits + 8,
                rest,
            )
        }
        _ => leading_digits(bytes),
    };
    let padded = digits > 1 && bytes[0] == b'0';
    (digits > 0 && digits <= DIGITS_MAX && !padded).then_some((value, rest))
}

/// A whole number of thirteen digits, as times in milliseconds are until the year 2286, and what follows it.
#[inline(always)]
pub(crate) fn thirteen(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, last) = (bytes.first_chunk::<8>()?, bytes.get(5..)?.first_chunk::<8>()?);
    let rest = &bytes[13..];
    if bytes[0] == b'0' || !all_digits(first) || !all_digits(last) || rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Three digits are in both.
    Some((eight_digits(values(first)) * 100_000 + eight_digits(values(last) & !0xFF_FFFF), rest))
}

/// A plain decimal number and its closing quote, as a count of ten to the power of minus `scale`, and what follows.
///
/// Surplus decimals must be zero, and the whole number, at this scale, must not have more than 18 digits.
#[inline(always)]
pub(crate) fn decimal(bytes: &[u8], scale: u32) -> Option<(i64, &[u8])> {
    completed(leading_digits(bytes), scale)
}

/// A number of which the digits before the point have been read: their value, how many, and what follows.
#[inline(always)]
fn completed((whole, digits, rest): (u64, u32, &[u8]), scale: u32) -> Option<(i64, &[u8])> {
    if digits == 0 || digits + scale > DIGITS_MAX {
        return None;
    }
    let whole = whole.wrapping_mul(POWERS[scale as usize]);
    let (fraction, rest) = match rest {
        [b'"', rest @ ..] => (0, rest),
        [b'.', rest @ ..] => match usual_fraction(rest, scale) {
            Some(read) => read,
            None => fraction(rest, scale)?,
        },
        _ => return None,
    };
    Some(((whole + fraction) as i64, rest))
}

/// The numbers of one column of a list, such as the prices of a side. They mostly have one layout, as many digits before
/// the point as after: the last one's is tried first, without a look at where the point is.
#[derive(Clone, Copy)]
pub struct Column {
    scale: u32,
    layout: Layout,
}

impl Column {
    /// A column of numbers of this scale.
    pub fn new(scale: u32) -> Self {
        Self { scale, layout: Layout::NONE }
    }

    /// Reads a plain number at the beginning of the bytes, and what follows it; `None` for one that is written unusually.
    #[inline(always)]
    pub fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<(i64, &'a [u8])> {
        if self.scale > 0
            && let Some(read) = self.layout.read(bytes)
        {
            return Some(read);
        }
        let (value, rest) = completed(few_leading_digits(bytes), self.scale)?;
        let length = bytes.len() - rest.len() - 1;
        if self.scale > 0 {
            self.layout = Layout::of(&bytes[..length], self.scale);
        }
        Some((value, rest))
    }
}

/// Where the digits of a number stand. The point and the digits that count are within eight bytes.
#[derive(Clone, Copy)]
struct Layout {
    /// The byte of the point, and it in its place.
    point_mask: u64,
    point: u64,
    /// The bytes before the point.
    whole_mask: u64,
    /// Moves the last digit that counts into the last byte.
    shift: u32,
    /// Where the surplus decimals begin, and the bytes that they fill.
    surplus: usize,
    surplus_mask: u64,
    /// Where the closing quote is.
    quote: usize,
}

impl Layout {
    /// No number's.
    const NONE: Self = Self { point_mask: 0, point: 1, whole_mask: 0, shift: 0, surplus: 0, surplus_mask: 0, quote: 0 };

    /// The layout of a number, or [`Self::NONE`] if it does not fit into one.
    #[inline(always)]
    fn of(text: &[u8], scale: u32) -> Self {
        let scale = scale as usize;
        match text.iter().take(8).position(|byte| *byte == b'.') {
            Some(whole) if whole + scale < 8 && (0..8).contains(&text.len().wrapping_sub(whole + 1 + scale)) => {
                Self::with(whole, scale, text.len())
            }
            _ => Self::NONE,
        }
    }

    #[inline(always)]
    fn with(whole: usize, scale: usize, length: usize) -> Self {
        let bytes = |count: usize| (1_u64 << (8 * count)) - 1;
        let surplus = whole + 1 + scale;
        Self {
            point_mask: 0xFF << (8 * whole),
            point: u64::from(b'.' ^ b'0') << (8 * whole),
            whole_mask: bytes(whole),
            shift: 8 * (8 - whole - scale) as u32,
            surplus,
            surplus_mask: bytes(length - surplus),
            quote: length,
        }
    }

    #[inline(always)]
    fn read<'a>(&self, bytes: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let values = values(bytes.first_chunk()?);
        let digits = (values & self.whole_mask | values >> 8 & !self.whole_mask) << self.shift;
        let others = (digits | digits.wrapping_add(ABOVE_NINE)) & HIGH_BITS;
        let surplus = self::values(bytes.get(self.surplus..)?.first_chunk()?) & self.surplus_mask;
        let [b'"', rest @ ..] = bytes.get(self.quote..)? else { return None };
        if values & self.point_mask != self.point || others | surplus != 0 {
            return None;
        }
        Some((eight_digits(digits) as i64, rest))
    }
}

/// As [`leading_digits`], up to seven of them at once: better where nobody can guess how many they are.
#[inline(always)]
fn few_leading_digits(bytes: &[u8]) -> (u64, u32, &[u8]) {
    let Some(eight) = bytes.first_chunk::<8>() else { return leading_digits(bytes) };
    let values = values(eight);
    let others = (values | values.wrapping_add(ABOVE_NINE)) & HIGH_BITS;
    let digits = others.trailing_zeros() / 8;
    match values.checked_shl(64 - 8 * digits) {
        Some(kept) if digits < 8 => (eight_digits(kept), digits, &bytes[digits as usize..]),
        _ => leading_digits(bytes),
    }
}

/// The digits that `bytes` begin with: value, how many, and what follows. The value is right for up to 18 digits.
#[inline(always)]
fn leading_digits(bytes: &[u8]) -> (u64, u32, &[u8]) {
    let mut rest = bytes;
    let mut value = 0_u64;
    let mut digits = 0;
    while let [byte, tail @ ..] = rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        digits += 1;
        rest = tail;
    }
    (value, digits, rest)
}

/// The digits after the point and the closing quote, where there are as many as the scale has, or eight.
#[inline(always)]
fn usual_fraction(bytes: &[u8], scale: u32) -> Option<(u64, &[u8])> {
    let digits = values(bytes.first_chunk::<8>()?);
    let kept = digits.checked_shl(64_u32.checked_sub(8 * scale)?).unwrap_or(0);
    if (kept | kept.wrapping_add(ABOVE_NINE)) & HIGH_BITS != 0 {
        return None;
    }
    let rest = match (bytes.get(scale as usize), bytes.get(8)) {
        (Some(b'"'), _) if scale > 0 => &bytes[scale as usize + 1..],
        (_, Some(b'"')) if digits.checked_shr(8 * scale).unwrap_or(0) == 0 => &bytes[9..],
        _ => return None,
    };
    Some((eight_digits(kept), rest))
}

/// The digits after the point and the closing quote, any number of them.
#[inline(always)]
fn fraction(bytes: &[u8], scale: u32) -> Option<(u64, &[u8])> {
    let mut rest = bytes;
    let mut value = 0_u64;
    let mut missing = scale;
    while missing > 0 {
        let (byte, tail) = rest.split_first()?;
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value * 10 + u64::from(digit);
        missing -= 1;
        rest = tail;
    }
    while let [b'0', tail @ ..] = rest
        && missing == 0
    {
        rest = tail;
    }
    let [b'"', tail @ ..] = rest else { return None };
    (rest.len() < bytes.len()).then_some((value * POWERS[missing as usize], tail))
}

/// The values of eight digits, each in its byte. Bytes above 9 were no digits.
#[inline(always)]
fn values(eight: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*eight) ^ ZEROS
}

#[inline(always)]
fn all_digits(eight: &[u8; 8]) -> bool {
    let values = values(eight);
    (values | values.wrapping_add(ABOVE_NINE)) & HIGH_BITS == 0
}

/// The number whose eight digits are the bytes of `values`, the first in the lowest byte.
#[inline(always)]
fn eight_digits(values: u64) -> u64 {
    let pairs = values.wrapping_mul(1 + (10 << 8)) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(1 + (100 << 16)) >> 16 & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(1 + (10_000 << 32)) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use proptest::prelude::*;

    fn read_column(texts: &[String], scale: u32) -> Vec<Option<i64>> {
        let mut column = Column::new(scale);
        let read = |text: &String| {
            let quoted = format!("{text}\",\"and what follows\"]");
            column.read(quoted.as_bytes()).map(|(value, rest)| {
                assert_eq!(rest, b",\"and what follows\"]");
                value
            })
        };
        texts.iter().map(read).collect()
    }

    #[test]
    fn a_column_follows_a_changing_layout() {
        let texts = ["61837.63000000", "61836.10000000", "9.99000000", "10.00", "10", "0.01000000", "61837.63000001"];
        let expected = [Some(6_183_763), Some(6_183_610), Some(999), Some(1_000), Some(1_000), Some(1), None];
        assert_eq!(read_column(&texts.map(str::to_owned), 2), expected);
        let texts = ["412", "7", "3000", "12.000", "0.5"];
        assert_eq!(read_column(&texts.map(str::to_owned), 0), [Some(412), Some(7), Some(3_000), Some(12), None]);
    }

    proptest! {
        #[test]
        fn a_column_gives_what_its_numbers_are(
            texts in prop::collection::vec("[0-9]{1,9}(\\.[0-9]{0,3}0{0,8})?|[0-9.]{0,12}", 1..20),
            scale in 0_u32..12,
        ) {
            for (text, read) in texts.iter().zip(read_column(&texts, scale)) {
                let exact = serde_json::from_str::<Number<'_>>(&format!("\"{text}\"")).expect("a text").scaled(scale);
                if let Some(read) = read {
                    prop_assert_eq!(exact, Ok(read), "{}", text);
                }
            }
        }

        #[test]
        fn times_are_what_they_are(number in 0_u64..100_000_000_000_000, tail in "[,}]?") {
            let text = format!("{number}{tail}");
            let read = thirteen(text.as_bytes());
            let long = number.to_string().len() == 13;
            prop_assert_eq!(read, long.then_some((number, tail.as_bytes())));
        }

        #[test]
        fn integers_are_what_they_are(number in any::<u64>(), tail in "[,}]?") {
            let text = format!("{number}{tail}");
            let read = integer(text.as_bytes());
            prop_assert_eq!(read, (number < 10_u64.pow(18)).then_some((number, tail.as_bytes())));
        }
    }
}
