use tradewire_tracking::{MarketSink, Scale, Slot};
use tradewire_wire::Cursor;

/// The name of a field: its letter, or a code for a longer one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(u8);

impl Key {
    /// A name that is not needed anywhere.
    const OTHER: Self = Self(0);
    pub(crate) const PREVIOUS_ID: Self = Self(27);
    /// Which futures market a message is from: 1 for USD-M, 2 for COIN-M.
    const SYMBOL_TYPE: Self = Self(28);
    pub(crate) const AGGREGATE_ID: Self = Self(b'a');
    pub(crate) const ASKS: Self = Self(b'a');
    pub(crate) const ASK_QUANTITY: Self = Self(b'A');
    pub(crate) const BIDS: Self = Self(b'b');
    pub(crate) const BID_QUANTITY: Self = Self(b'B');
    pub(crate) const BUYER_IS_MAKER: Self = Self(b'm');
    pub(crate) const EVENT: Self = Self(b'e');
    pub(crate) const EVENT_TIME: Self = Self(b'E');
    pub(crate) const FIRST_ID: Self = Self(b'U');
    pub(crate) const FIRST_TRADE: Self = Self(b'f');
    pub(crate) const LAST_ID: Self = Self(b'u');
    pub(crate) const LAST_TRADE: Self = Self(b'l');
    pub(crate) const PRICE: Self = Self(b'p');
    pub(crate) const QUANTITY: Self = Self(b'q');
    pub(crate) const SYMBOL: Self = Self(b's');
    pub(crate) const TRADE_ID: Self = Self(b't');
    pub(crate) const TRADE_KIND: Self = Self(b'X');
    pub(crate) const TRADE_TIME: Self = Self(b'T');

    const fn named(name: &[u8]) -> Self {
        match name {
            [letter] if letter.is_ascii_alphabetic() => Self(*letter),
            b"pu" => Self::PREVIOUS_ID,
            b"st" => Self::SYMBOL_TYPE,
            _ => Self::OTHER,
        }
    }

    /// Its bit in a set. The low six bits of a letter are from 1 to 26 or from 33 to 58; 27 and 28 are the names of two.
    const fn bit(self) -> u64 {
        match self {
            Self::OTHER => 0,
            Self(code) => 1 << (code & 63),
        }
    }
}

/// The fields that a message has had so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen(u64);

impl Seen {
    /// A set of fields.
    pub(crate) const fn of(keys: &[Key]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < keys.len() {
            bits |= keys[i].bit();
            i += 1;
        }
        Self(bits)
    }

    /// Whether all of these have come.
    pub(crate) const fn all(self, of: Self) -> bool {
        self.0 & of.0 == of.0
    }

    /// Adds one that has not come yet.
    #[inline(always)]
    fn add(&mut self, key: Key) -> Option<()> {
        let bit = key.bit();
        let first = self.0 & bit == 0;
        self.0 |= bit;
        first.then_some(())
    }
}

/// The fields of a message, one after the other, each at most once. Gives up as [`Cursor`] does.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    cursor: Cursor<'a>,
    /// Whether the name of its stream stands around the message.
    wrapped: bool,
    seen: Seen,
}

impl<'a> Fields<'a> {
    /// Steps into the message of a frame.
    #[inline(always)]
    pub(crate) fn open(frame: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(frame);
        let wrapped = cursor.eat(b"{\"stream\":\"");
        if wrapped {
            cursor.string()?;
            cursor.expect(b",\"data\":")?;
        }
        cursor.expect(b"{")?;
        Some(Self { cursor, wrapped, seen: Seen::default() })
    }

    /// Whether the message's kind is the first field; then its opening quote has been read.
    #[inline(always)]
    pub(crate) fn named_first(&mut self) -> bool {
        let named = self.cursor.eat(b"\"e\":\"");
        if named {
            self.seen = Seen::of(&[Key::EVENT]);
        }
        named
    }

    /// Where the value of the current field is read.
    #[inline(always)]
    pub(crate) fn value(&mut self) -> &mut Cursor<'a> {
        &mut self.cursor
    }

    /// The name of the first field, or of the first after the kind.
    #[inline(always)]
    pub(crate) fn first(&mut self) -> Option<Key> {
        let key = self.key()?;
        self.seen.add(key)?;
        Some(key)
    }

    /// After a field's value: the name of the next field. `Some(None)`: there is no other.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Option<Option<Key>> {
        const FORM: u64 = u64::from_le_bytes(*b",\"\0\":\0\0\0");
        const FORM_MASK: u64 = 0xFF_FF00_FFFF;
        let rest = self.cursor.rest();
        if let Some(eight) = rest.first_chunk::<8>() {
            let eight = u64::from_le_bytes(*eight);
            let letter = (eight >> 16) as u8;
            if eight & FORM_MASK == FORM && letter.is_ascii_alphabetic() {
                self.cursor = Cursor::new(&rest[5..]);
                self.seen.add(Key(letter))?;
                return Some(Some(Key(letter)));
            }
        }
        match self.cursor.byte()? {
            b',' => self.first().map(Some),
            b'}' => Some(None),
            _ => None,
        }
    }

    /// After the last field: checks that these have come, and that nothing else follows.
    #[inline(always)]
    pub(crate) fn close(self, needed: Seen) -> Option<()> {
        let end: &[u8] = if self.wrapped { b"}" } else { b"" };
        (self.seen.all(needed) && self.cursor.ends_with(end)).then_some(())
    }

    /// A symbol, looked up.
    #[inline(always)]
    pub(crate) fn symbol(&mut self, sink: &mut dyn MarketSink) -> Option<(Slot, Scale)> {
        self.cursor.expect(b"\"")?;
        sink.find(self.cursor.string()?)
    }

    /// Steps over the value of a field that is not needed, unless it is a list or an object, or a field that changes what
    /// the message means.
    #[inline(always)]
    pub(crate) fn skip(&mut self, key: Key) -> Option<()> {
        match key {
            Key::EVENT => None,
            Key::EVENT_TIME | Key::TRADE_TIME => self.cursor.time().map(drop),
            Key::SYMBOL_TYPE => self.cursor.expect(b"1"),
            _ => self.cursor.skip_scalar(),
        }
    }

    #[inline(always)]
    fn key(&mut self) -> Option<Key> {
        match self.cursor.rest() {
            [b'"', letter, b'"', b':', rest @ ..] if letter.is_ascii_alphabetic() => {
                self.cursor = Cursor::new(rest);
                Some(Key(*letter))
            }
            [b'"', first, second, b'"', b':', rest @ ..]
                if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() =>
            {
                self.cursor = Cursor::new(rest);
                Some(Key::named(&[*first, *second]))
            }
            _ => self.long_key(),
        }
    }

    #[inline(never)]
    fn long_key(&mut self) -> Option<Key> {
        self.cursor.expect(b"\"")?;
        let name = self.cursor.string()?;
        self.cursor.expect(b":")?;
        match name {
            b"stream" | b"data" => None,
            name => Some(Key::named(name)),
        }
    }
}
