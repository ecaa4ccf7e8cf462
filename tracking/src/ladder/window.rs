use super::Change;
use super::slab::{Block, Slab};

/// Keys that one word stands for.
pub(super) const WORD: u64 = 64;

/// The most words of a window: 65536 keys.
pub(super) const WORDS_MAX: usize = 1024;

/// Which of 64 neighbouring keys are levels, and where their quantities are. In bytes, so that it takes 12 and not 16.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// Bit `i` is set if there is a level `i` keys above the first.
    bits: [u8; 8],
    /// A block with a slot for each bit set. A word that has lost its levels keeps it.
    block: [u8; 4],
}

impl Word {
    #[inline]
    const fn new(bits: u64, block: Block) -> Self {
        Self { bits: bits.to_ne_bytes(), block: block.raw().to_ne_bytes() }
    }

    #[inline]
    const fn bits(self) -> u64 {
        u64::from_ne_bytes(self.bits)
    }

    #[inline]
    const fn block(self) -> Block {
        Block::from_raw(u32::from_ne_bytes(self.block))
    }
}

/// Words of the summary.
const GROUPS: usize = WORDS_MAX / 64;

/// A range of consecutive keys, one bit each, with the quantities in a block a word. Lower keys are better.
///
/// Its size is fixed when it is made: a multiple of 64 words, or nothing.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// The first key, a multiple of 64.
    origin: i64,
    words: Vec<Word>,
    /// Bit `i` of word `j` is set if word `64 j + i` has levels.
    summary: [u64; GROUPS],
    slab: Slab,
    levels: usize,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self { origin: 0, words: Vec::new(), summary: [0; GROUPS], slab: Slab::new(), levels: 0 }
    }

    #[cfg(test)]
    pub(super) fn words(&self) -> usize {
        self.words.len()
    }

    pub(super) fn len(&self) -> usize {
        self.levels
    }

    /// Makes the window anew, `words` large (at most [`WORDS_MAX`]), and fills it from the end of `levels` (best last).
    /// Returns how many of them it took.
    pub(super) fn lay_out(&mut self, words: usize, levels: &[(i64, i64)]) -> usize {
        self.words.clear();
        self.words.resize(words, Word::default());
        self.words.shrink_to_fit();
        self.summary = [0; GROUPS];
        self.levels = 0;
        self.origin = self.origin_for(levels.last().map_or(0, |level| level.0));
        let words =
            levels.iter().rev().take_while(|level| self.covers(level.0)).map(|level| self.offset(level.0) / WORD);
        self.slab = Slab::with_capacity(Slab::capacity_for(run_lengths(words)));
        self.fill(levels)
    }

    /// Whether the window exists and `key` lies before it, on the better side.
    pub(super) fn is_after(&self, key: i64) -> bool {
        !self.words.is_empty() && key < self.origin
    }

    /// Whether `key` lies within.
    pub(super) fn covers(&self, key: i64) -> bool {
        self.offset(key) / WORD < self.words.len() as u64
    }

    /// The best level.
    #[inline]
    pub(super) fn best(&self) -> Option<(i64, i64)> {
        let index = self.next_word(0)?;
        let word = self.words[index];
        let bit = word.bits().trailing_zeros();
        Some((self.key(index, bit), self.slab.quantity(word.block(), bit)))
    }

    /// The worst level.
    pub(super) fn worst(&self) -> Option<(i64, i64)> {
        let (group, bits) = self.summary.iter().enumerate().rev().find(|(_, bits)| **bits != 0)?;
        let index = group * 64 + bits.ilog2() as usize;
        let word = self.words[index];
        let bit = word.bits().checked_ilog2()?;
        Some((self.key(index, bit), self.slab.quantity(word.block(), bit)))
    }

    /// Whether the best level has left the first half.
    pub(super) fn lags(&self) -> bool {
        !self.words.is_empty() && self.next_word(0).is_none_or(|word| word > self.words.len() / 2)
    }

    pub(super) fn quantity_at(&self, key: i64) -> Option<i64> {
        let offset = self.offset(key);
        let word = *self.words.get(usize::try_from(offset / WORD).ok()?)?;
        let bit = (offset % WORD) as u32;
        (word.bits() >> bit & 1 == 1).then(|| self.slab.quantity(word.block(), bit))
    }

    /// Sets the quantity at `key`, zero deletes; `None` if the key lies outside.
    ///
    /// Whether a change inserts, updates or deletes cannot be predicted: hence no branch on it.
    #[inline]
    pub(super) fn set(&mut self, key: i64, quantity: i64) -> Option<Change> {
        let offset = self.offset(key);
        let index = usize::try_from(offset / WORD).ok()?;
        let word = self.words.get_mut(index)?;
        let (bits, bit) = (word.bits(), (offset % WORD) as u32);
        let (present, wanted) = (bits >> bit & 1 == 1, quantity != 0);
        if !self.slab.put(word.block(), bit, present, quantity) {
            return Some(self.set_without_slot(index, key, quantity));
        }
        let bits = bits & !(1 << bit) | u64::from(wanted) << bit;
        word.bits = bits.to_ne_bytes();
        let group = &mut self.summary[index / 64 % GROUPS];
        *group = *group & !(1 << (index % 64)) | u64::from(bits != 0) << (index % 64);
        self.levels = self.levels + usize::from(wanted) - usize::from(present);
        Some(Change::of(present, wanted))
    }

    /// `set` for a key that is no level, in a word whose block is full.
    #[cold]
    fn set_without_slot(&mut self, index: usize, key: i64, quantity: i64) -> Change {
        if quantity == 0 {
            return Change::Absent;
        }
        let count = self.words[index].bits().count_ones() as usize + 1;
        if self.slab.wants_collecting(count) {
            self.collect();
        }
        let block = self.slab.take(count);
        self.move_block(index, block);
        let change = self.set(key, quantity);
        debug_assert_eq!(change, Some(Change::Inserted));
        Change::Inserted
    }

    /// Moves the quantities of a word to a vacant block with room for them and gives the old one back.
    fn move_block(&mut self, index: usize, to: Block) {
        let word = self.words[index];
        for bit in ones(word.bits()) {
            let quantity = self.slab.quantity(word.block(), bit);
            self.slab.put(to, bit, false, quantity);
        }
        self.slab.give(word.block());
        self.words[index] = Word::new(word.bits(), to);
    }

    /// Gives each word the smallest block that fits, in a slab without unused ones and with room to grow by a half.
    fn collect(&mut self) {
        let counts = self.words.iter().map(|word| word.bits().count_ones() as usize).filter(|count| *count > 0);
        let needed = Slab::capacity_for(counts);
        let mut slab = Slab::with_capacity(needed + needed / 2);
        for word in &mut self.words {
            let mut block = Block::NONE;
            if word.bits() != 0 {
                block = slab.take(word.bits().count_ones() as usize);
            }
            for bit in ones(word.bits()) {
                slab.put(block, bit, false, self.slab.quantity(word.block(), bit));
            }
            *word = Word::new(word.bits(), block);
        }
        self.slab = slab;
    }

    /// Takes levels from the end of `levels` (best last), as far as they are covered, into words that were empty so far.
    /// Returns how many.
    pub(super) fn fill(&mut self, levels: &[(i64, i64)]) -> usize {
        let mut left = levels;
        while let Some(&(best, _)) = left.last().filter(|level| self.covers(level.0)) {
            let index = (self.offset(best) / WORD) as usize;
            let first = self.key(index, 0);
            let in_word = |level: &&(i64, i64)| (level.0.wrapping_sub(first) as u64) < WORD;
            let count = left.iter().rev().take_while(in_word).count();
            let (rest, entering) = left.split_at(left.len() - count);
            let block = self.slab.take(count);
            let mut bits = 0;
            for (key, quantity) in entering {
                let bit = key.wrapping_sub(first) as u32;
                self.slab.put(block, bit, false, *quantity);
                bits |= 1 << bit;
            }
            debug_assert_eq!(self.words[index].block(), Block::NONE);
            self.words[index] = Word::new(bits, block);
            self.summary[index / 64] |= 1 << (index % 64);
            left = rest;
        }
        let entered = levels.len() - left.len();
        self.levels += entered;
        entered
    }

    /// Moves the window to where `key` is near its beginning. Words that leave it go to `left`, level by level, the worst
    /// first.
    pub(super) fn move_to(&mut self, key: i64, mut left: impl FnMut(i64, i64)) {
        let origin = self.origin_for(key);
        let by = origin.abs_diff(self.origin) / WORD;
        let size = self.words.len();
        let by = usize::try_from(by).map_or(size, |by| by.min(size));
        if origin < self.origin {
            self.drain(size - by..size, &mut left);
            self.words.copy_within(..size - by, by);
            self.words[..by].fill(Word::default());
        } else {
            self.drain(0..by, &mut left);
            self.words.copy_within(by.., 0);
            self.words[size - by..].fill(Word::default());
        }
        self.origin = origin;
        self.summarise();
    }

    /// Takes all levels out, the worst first.
    pub(super) fn take_all(&mut self, mut left: impl FnMut(i64, i64)) {
        self.drain(0..self.words.len(), &mut left);
        self.summary = [0; GROUPS];
    }

    /// The levels, best first.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter { window: self, index: 0, bits: self.words.first().map_or(0, |word| word.bits()) }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<Word>() + self.slab.heap_bytes()
    }

    fn drain(&mut self, range: std::ops::Range<usize>, left: &mut impl FnMut(i64, i64)) {
        for index in range.rev() {
            let word = std::mem::take(&mut self.words[index]);
            let mut bits = word.bits();
            self.levels -= bits.count_ones() as usize;
            while bits != 0 {
                let bit = bits.ilog2();
                left(self.key(index, bit), self.slab.quantity(word.block(), bit));
                bits &= !(1 << bit);
            }
            self.slab.give(word.block());
        }
    }

    fn summarise(&mut self) {
        self.summary = [0; GROUPS];
        for (index, word) in self.words.iter().enumerate() {
            self.summary[index / 64] |= u64::from(word.bits() != 0) << (index % 64);
        }
    }

    /// A quarter of the window for better prices to come, the rest for the depth.
    fn origin_for(&self, key: i64) -> i64 {
        let size = (self.words.len() as u64 * WORD) as i64;
        let highest = (i64::MAX - size).saturating_add(1);
        (key.saturating_sub(size / 4) & !(WORD as i64 - 1)).min(highest)
    }

    /// Distance from the first key; at least the window's size if `key` lies outside.
    #[inline]
    fn offset(&self, key: i64) -> u64 {
        key.wrapping_sub(self.origin) as u64
    }

    #[inline]
    fn key(&self, index: usize, bit: u32) -> i64 {
        self.origin + (index as u64 * WORD) as i64 + i64::from(bit)
    }

    /// The first word from `from` on that has levels.
    #[inline]
    fn next_word(&self, from: usize) -> Option<usize> {
        let group = from / 64;
        let bits = self.summary.get(group)? >> (from % 64);
        if bits != 0 {
            return Some(from + bits.trailing_zeros() as usize);
        }
        let (at, bits) = self.summary.iter().enumerate().skip(group + 1).find(|(_, bits)| **bits != 0)?;
        Some(at * 64 + bits.trailing_zeros() as usize)
    }
}

/// The levels of a window, best first.
#[derive(Clone, Debug)]
pub(super) struct Iter<'a> {
    window: &'a Window,
    index: usize,
    /// Levels of the present word that are still to come.
    bits: u64,
}

impl Iterator for Iter<'_> {
    type Item = (i64, i64);

    #[inline]
    fn next(&mut self) -> Option<(i64, i64)> {
        if self.bits == 0 {
            self.index = self.window.next_word(self.index + 1)?;
            self.bits = self.window.words[self.index].bits();
        }
        let bit = self.bits.trailing_zeros();
        self.bits &= self.bits - 1;
        let quantity = self.window.slab.quantity(self.window.words[self.index].block(), bit);
        Some((self.window.key(self.index, bit), quantity))
    }
}

/// The places of the bits that are set, lowest first.
fn ones(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = bits.checked_ilog2().map(|_| bits.trailing_zeros())?;
        bits &= bits - 1;
        Some(bit)
    })
}

/// How many times each value comes in a row.
fn run_lengths(values: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    let mut values = values.peekable();
    std::iter::from_fn(move || {
        let value = values.next()?;
        let mut length = 1;
        while values.next_if_eq(&value).is_some() {
            length += 1;
        }
        Some(length)
    })
}

#[cfg(test)]
impl Window {
    /// Checks that summary, words and blocks agree.
    pub(super) fn check(&self) {
        assert_eq!(self.origin % WORD as i64, 0);
        let mut used = vec![false; self.slab.heap_bytes() / size_of::<i64>()];
        for (index, word) in self.words.iter().enumerate() {
            assert_eq!(self.summary[index / 64] >> (index % 64) & 1 == 1, word.bits() != 0, "summary of {index}");
            let places = self.slab.check(word.block(), word.bits());
            assert!(
                word.block() == Block::NONE
                    || places.into_iter().all(|place| !std::mem::replace(&mut used[place], true)),
                "block shared"
            );
        }
        let levels: u32 = self.words.iter().map(|word| word.bits().count_ones()).sum();
        assert_eq!(levels as usize, self.levels);
    }
}
