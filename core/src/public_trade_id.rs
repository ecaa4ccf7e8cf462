use std::fmt;

use serde::{Serialize, Serializer};

/// The exchange's id of a public trade. It is shown as the exchange writes it.
///
/// Ids of both forms are without meaning but for equality, unless the exchange declares that its numbers count up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublicTradeId {
    /// A number.
    Number(u64),
    /// 128 bits, written as 32 hexadecimal digits in five groups.
    Uuid(u128),
}

impl PublicTradeId {
    /// The number, if it is one.
    pub const fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Uuid(_) => None,
        }
    }

    /// Whether it is the number after `other`.
    pub fn follows(self, other: Self) -> bool {
        self.number().zip(other.number()).is_some_and(|(number, other)| other.checked_add(1) == Some(number))
    }

    /// Reads an id as exchanges write it: a number without leading zeros, or five groups of hexadecimal digits in lower
    /// case. `None` for anything else.
    pub fn read(text: &[u8]) -> Option<Self> {
        if text.len() == UUID_LENGTH {
            return uuid(text).map(Self::Uuid);
        }
        let padded = text.len() > 1 && text.starts_with(b"0");
        let digits = text.iter().map(|byte| u64::from(byte.wrapping_sub(b'0')));
        let number = digits
            .into_iter()
            .try_fold(0_u64, |number, digit| if digit > 9 { None } else { number.checked_mul(10)?.checked_add(digit) });
        number.filter(|_| !text.is_empty() && !padded).map(Self::Number)
    }
}

const UUID_LENGTH: usize = 36;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

fn uuid(text: &[u8]) -> Option<u128> {
    let mut value = 0;
    for (place, byte) in text.iter().enumerate() {
        let digit = match byte {
            b'-' if HYPHENS.contains(&place) => continue,
            _ if HYPHENS.contains(&place) => return None,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u128::from(digit);
    }
    Some(value)
}

impl From<u64> for PublicTradeId {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for PublicTradeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Uuid(uuid) => {
                let group = |shift: u32, digits: u32| (uuid >> shift) & ((1 << (4 * digits)) - 1);
                let (a, b, c, d, e) = (group(96, 8), group(80, 4), group(64, 4), group(48, 4), group(0, 12));
                write!(f, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
            }
        }
    }
}

impl Serialize for PublicTradeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Uuid(_) => serializer.collect_str(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shown_as_they_are_read() {
        for text in ["0", "17", "18446744073709551615", "0a1b2c3d-0000-5eef-8899-00aabbccddee"] {
            assert_eq!(PublicTradeId::read(text.as_bytes()).expect(text).to_string(), text);
        }
        assert_eq!(PublicTradeId::read(b"17").and_then(PublicTradeId::number), Some(17));
        for text in ["", "01", "-1", "18446744073709551616", "1x", "0A1B2C3D-0000-5EEF-8899-00AABBCCDDEE"] {
            assert_eq!(PublicTradeId::read(text.as_bytes()), None, "{text}");
        }
        for text in ["0a1b2c3d00000-5eef-8899-00aabbccddee", "0a1b2c3d-0000-5eef-8899-00aabbccddeg"] {
            assert_eq!(PublicTradeId::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_numbers_in_json() {
        let json = |id: PublicTradeId| serde_json::to_string(&id).expect("JSON");
        assert_eq!(json(PublicTradeId::from(7)), "7");
        assert_eq!(json(PublicTradeId::Uuid(1)), "\"00000000-0000-0000-0000-000000000001\"");
    }
}
