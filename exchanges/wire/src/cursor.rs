use crate::digits::{self, Column, EACH, HIGH_BITS};

/// Reads JSON in the compact layout that the exchange sends.
///
/// Every method gives up (`None`, `false`) at whatever is not in that layout, valid JSON or not, and what it does accept
/// is valid JSON. After giving up the position is of no use.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

const QUOTES: u64 = EACH * b'"' as u64;
const BACKSLASHES: u64 = EACH * b'\\' as u64;
const SPACES: u64 = EACH * b' ' as u64;

impl<'a> Cursor<'a> {
    /// At the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether this and nothing else is left.
    #[inline(always)]
    pub fn ends_with(&self, end: &[u8]) -> bool {
        self.rest == end
    }

    /// Steps over `literal` if it comes next.
    #[inline(always)]
    pub fn eat(&mut self, literal: &[u8]) -> bool {
        match self.rest.strip_prefix(literal) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Steps over `literal`, which must come next.
    #[inline(always)]
    pub fn expect(&mut self, literal: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// The next byte.
    #[inline(always)]
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// The rest of a string whose opening quote has been read, with its closing quote. Gives up on escapes.
    #[inline(always)]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let mut length = 0;
        let mut wide = 0;
        loop {
            let Some(eight) = self.rest.get(length..)?.first_chunk::<8>() else {
                return self.short_string(length);
            };
            let eight = u64::from_le_bytes(*eight);
            let ends = zero_bytes(eight ^ QUOTES) | zero_bytes(eight ^ BACKSLASHES) | bytes_below(eight, SPACES);
            if ends == 0 {
                wide |= eight & HIGH_BITS;
                length += 8;
                continue;
            }
            wide |= eight & HIGH_BITS & (ends & ends.wrapping_neg()).wrapping_sub(1);
            length += ends.trailing_zeros() as usize / 8;
            return self.string_of(length, wide != 0);
        }
    }

    /// A string that may end close to the end of everything; `known` bytes of it have been looked at.
    #[cold]
    fn short_string(&mut self, known: usize) -> Option<&'a [u8]> {
        let end = self.rest[known..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        self.string_of(known + end, true)
    }

    #[inline(always)]
    fn string_of(&mut self, length: usize, wide: bool) -> Option<&'a [u8]> {
        let (text, [b'"', rest @ ..]) = self.rest.split_at_checked(length)? else { return None };
        self.rest = rest;
        (!wide || std::str::from_utf8(text).is_ok()).then_some(text)
    }

    /// A whole number.
    #[inline(always)]
    pub fn integer(&mut self) -> Option<u64> {
        let (value, rest) = digits::integer(self.rest)?;
        self.rest = rest;
        Some(value)
    }

    /// A whole number that mostly has the length of a time.
    #[inline(always)]
    pub fn time(&mut self) -> Option<u64> {
        let (value, rest) = match digits::thirteen(self.rest) {
            Some(read) => read,
            None => digits::integer(self.rest)?,
        };
        self.rest = rest;
        Some(value)
    }

    /// `true` or `false`.
    #[inline(always)]
    pub fn boolean(&mut self) -> Option<bool> {
        if self.eat(b"true") {
            Some(true)
        } else {
            self.expect(b"false")?;
            Some(false)
        }
    }

    /// A string that holds a plain decimal number, as a count of ten to the power of minus `scale`.
    #[inline(always)]
    pub fn quoted_decimal(&mut self, scale: u32) -> Option<i64> {
        self.expect(b"\"")?;
        self.decimal(scale)
    }

    /// As [`Self::quoted_decimal`], the opening quote having been read.
    #[inline(always)]
    pub fn decimal(&mut self, scale: u32) -> Option<i64> {
        let (value, rest) = digits::decimal(self.rest, scale)?;
        self.rest = rest;
        Some(value)
    }

    /// As [`Self::decimal`], for a number of a column.
    #[inline(always)]
    pub fn number_of(&mut self, column: &mut Column) -> Option<i64> {
        let (value, rest) = column.read(self.rest)?;
        self.rest = rest;
        Some(value)
    }

    /// Steps over a field that has none of these names.
    pub fn skip_field_except(&mut self, names: &[&[u8]]) -> Option<()> {
        self.expect(b"\"")?;
        let name = self.string()?;
        self.expect(b":")?;
        if names.contains(&name) { None } else { self.skip_scalar() }
    }

    /// Steps over a value that is neither a list nor an object.
    #[inline(never)]
    pub fn skip_scalar(&mut self) -> Option<()> {
        match self.rest.first()? {
            b'"' => {
                self.byte()?;
                self.string().map(drop)
            }
            b'n' => self.expect(b"null"),
            b't' | b'f' => self.boolean().map(drop),
            _ => self.integer().map(drop),
        }
    }
}

/// The high bit of each byte that is zero. Right up to and with the first of them.
#[inline(always)]
fn zero_bytes(eight: u64) -> u64 {
    eight.wrapping_sub(EACH) & !eight & HIGH_BITS
}

/// The high bit of each byte that is below that of `bound`, which is at most 0x80. Right up to and with the first of them.
#[inline(always)]
fn bytes_below(eight: u64, bound: u64) -> u64 {
    eight.wrapping_sub(bound) & !eight & HIGH_BITS
}
