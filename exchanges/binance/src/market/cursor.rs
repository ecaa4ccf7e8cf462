use tradewire_tracking::{MarketSink, Scale, Slot};

/// Reads JSON in the compact layout that the exchange sends.
///
/// Every method gives up (`None`, `false`) at whatever is not in that layout, valid JSON or not, and what it does accept
/// is valid JSON. After giving up the position is of no use.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

/// The name of a field: the bytes of a name of one or two letters, or 0 for others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(u16);

impl Key {
    /// A name that is longer than two letters.
    const LONG: Self = Self(0);
    pub(crate) const AGGREGATE_ID: Self = Self::letter(b'a');
    pub(crate) const ASKS: Self = Self::letter(b'a');
    pub(crate) const ASK_QUANTITY: Self = Self::letter(b'A');
    pub(crate) const BIDS: Self = Self::letter(b'b');
    pub(crate) const BID_QUANTITY: Self = Self::letter(b'B');
    pub(crate) const BUYER_IS_MAKER: Self = Self::letter(b'm');
    pub(crate) const EVENT: Self = Self::letter(b'e');
    pub(crate) const EVENT_TIME: Self = Self::letter(b'E');
    pub(crate) const FIRST_ID: Self = Self::letter(b'U');
    pub(crate) const FIRST_TRADE: Self = Self::letter(b'f');
    pub(crate) const LAST_ID: Self = Self::letter(b'u');
    pub(crate) const LAST_TRADE: Self = Self::letter(b'l');
    pub(crate) const PREVIOUS_ID: Self = Self::letters(*b"pu");
    pub(crate) const PRICE: Self = Self::letter(b'p');
    pub(crate) const QUANTITY: Self = Self::letter(b'q');
    pub(crate) const SYMBOL: Self = Self::letter(b's');
    /// Which futures market a message is from: 1 for USD-M, 2 for COIN-M.
    const SYMBOL_TYPE: Self = Self::letters(*b"st");
    pub(crate) const TRADE_ID: Self = Self::letter(b't');
    pub(crate) const TRADE_KIND: Self = Self::letter(b'X');
    pub(crate) const TRADE_TIME: Self = Self::letter(b'T');

    const fn letter(letter: u8) -> Self {
        Self(letter as u16)
    }

    const fn letters(letters: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(letters))
    }
}

/// Fills a field that may come once.
#[inline(always)]
pub(crate) fn once<T>(field: &mut Option<T>, value: T) -> Option<()> {
    field.replace(value).is_none().then_some(())
}

const ZEROS: u64 = 0x3030_3030_3030_3030;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
/// Lifts every byte above 9 over 0x7F.
const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
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

impl<'a> Cursor<'a> {
    /// At the beginning of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub(crate) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Steps over `literal` if it comes next.
    #[inline(always)]
    pub(crate) fn eat(&mut self, literal: &[u8]) -> bool {
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
    pub(crate) fn expect(&mut self, literal: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// The next byte.
    #[inline(always)]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// After a field's value: whether another field follows, or the object ends.
    #[inline(always)]
    pub(crate) fn another(&mut self) -> Option<bool> {
        match self.byte()? {
            b',' => Some(true),
            b'}' => Some(false),
            _ => None,
        }
    }

    /// A field's name and its colon.
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Option<Key> {
        if let [b'"', letter, b'"', b':', rest @ ..] = self.rest
            && letter.is_ascii_alphanumeric()
        {
            self.rest = rest;
            return Some(Key::letter(*letter));
        }
        self.long_key()
    }

    fn long_key(&mut self) -> Option<Key> {
        self.expect(b"\"")?;
        let name = self.string()?;
        self.expect(b":")?;
        Some(match name {
            b"stream" | b"data" => return None,
            &[first, second] => Key::letters([first, second]),
            _ => Key::LONG,
        })
    }

    /// The rest of a string whose opening quote has been read, with its closing quote. Gives up on escapes.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let mut wide = false;
        for (i, &byte) in self.rest.iter().enumerate() {
            match byte {
                b'"' => {
                    let (text, rest) = self.rest.split_at(i);
                    self.rest = &rest[1..];
                    return (!wide || std::str::from_utf8(text).is_ok()).then_some(text);
                }
                b'\\' | 0..0x20 => return None,
                _ => wide |= byte >= 0x80,
            }
        }
        None
    }

    /// A whole number.
    #[inline(always)]
    pub(crate) fn integer(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        let mut length = 0;
        for &byte in self.rest {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            length += 1;
        }
        let padded = length > 1 && self.rest[0] == b'0';
        if length == 0 || length > DIGITS_MAX as usize || padded {
            return None;
        }
        self.rest = &self.rest[length..];
        Some(value)
    }

    /// `true` or `false`.
    #[inline(always)]
    pub(crate) fn boolean(&mut self) -> Option<bool> {
        if self.eat(b"true") {
            Some(true)
        } else {
            self.expect(b"false")?;
            Some(false)
        }
    }

    /// A string that holds a plain decimal number, as a count of ten to the power of minus `scale`.
    #[inline(always)]
    pub(crate) fn quoted_decimal(&mut self, scale: u32) -> Option<i64> {
        self.expect(b"\"")?;
        self.decimal(scale)
    }

    /// As [`Self::quoted_decimal`], the opening quote having been read.
    #[inline(always)]
    pub(crate) fn decimal(&mut self, scale: u32) -> Option<i64> {
        let (whole, digits, rest) = whole_part(self.rest);
        if digits == 0 || digits + scale > DIGITS_MAX {
            return None;
        }
        let whole = whole.wrapping_mul(POWERS[scale as usize]);
        let (fraction, rest) = match rest {
            [b'"', rest @ ..] => (0, rest),
            [b'.', rest @ ..] => match eight_decimals(rest, scale) {
                Some(read) => read,
                None => decimals(rest, scale)?,
            },
            _ => return None,
        };
        self.rest = rest;
        Some((whole + fraction) as i64)
    }

    /// A symbol's string, looked up.
    #[inline(always)]
    pub(crate) fn symbol(&mut self, sink: &mut dyn MarketSink) -> Option<(Slot, Scale)> {
        self.expect(b"\"")?;
        sink.find(self.string()?)
    }

    /// Steps over the value of a field that is not needed, unless it is a list or an object, or a field that changes what
    /// the message means.
    #[inline]
    pub(crate) fn skip_field(&mut self, key: Key) -> Option<()> {
        match key {
            Key::EVENT => None,
            Key::SYMBOL_TYPE => self.expect(b"1"),
            _ => self.skip_scalar(),
        }
    }

    /// Steps over a field that has none of these names.
    pub(crate) fn skip_field_except(&mut self, names: &[&[u8]]) -> Option<()> {
        self.expect(b"\"")?;
        let name = self.string()?;
        self.expect(b":")?;
        if names.contains(&name) { None } else { self.skip_scalar() }
    }

    #[inline]
    fn skip_scalar(&mut self) -> Option<()> {
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

/// The digits that `bytes` begin with: value, how many, and what follows. The value is right for up to 18 digits.
#[inline(always)]
fn whole_part(bytes: &[u8]) -> (u64, u32, &[u8]) {
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

/// The digits after the point and the closing quote, where there are exactly eight of them: spot's usual form. All eight
/// are read at once, as the bytes of one integer.
#[inline(always)]
fn eight_decimals(bytes: &[u8], scale: u32) -> Option<(u64, &[u8])> {
    let (eight, [b'"', rest @ ..]) = bytes.split_first_chunk::<8>()? else { return None };
    let digits = u64::from_le_bytes(*eight) ^ ZEROS;
    let other = (digits | digits.wrapping_add(ABOVE_NINE)) & HIGH_BITS;
    let surplus = digits.checked_shr(8 * scale).unwrap_or(0);
    if other != 0 || surplus != 0 || scale > 8 {
        return None;
    }
    let kept = digits.checked_shl(8 * (8 - scale)).unwrap_or(0);
    Some((eight_digits(kept), rest))
}

/// The number whose eight digits are the bytes of `digits`, the first in the lowest byte.
#[inline(always)]
fn eight_digits(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(1 + (10 << 8)) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(1 + (100 << 16)) >> 16 & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(1 + (10_000 << 32)) >> 32
}

/// The digits after the point and the closing quote, any number of them.
#[inline(always)]
fn decimals(bytes: &[u8], scale: u32) -> Option<(u64, &[u8])> {
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
