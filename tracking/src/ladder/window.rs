use super::Change;
use super::slab::Slab;

/// Keys that one word stands for.
pub(super) const WORD: u64 = 64;

/// The most words of a window: 65536 keys.
pub(super) const WORDS_MAX: usize = 1024;

/// Which of 64 neighbouring keys are levels, and where their quantities are.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// Bit `i` is set if there is a level `i` keys above the first.
    bits: u64,
    /// First quantity of the block in the slab; meaningless without bits.
    start: u32,
    /// Class of that block.
    class: u32,
}

impl Word {
    #[inline]
    fn count(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// Place of the quantity for `bit` within the block.
    #[inline]
    fn rank(self, bit: u32) -> usize {
        (self.bits & ((1 << bit) - 1)).count_ones() as usize
    }
}

/// A range of consecutive keys, one bit each, with the quantities packed word by word. Lower keys are better.
///
/// Its size is fixed when it is made: a multiple of 64 words, or nothing.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// The first key, a multiple of 64.
    origin: i64,
    words: Vec<Word>,
    /// Bit `i` of word `j` is set if word `64 j + i` has levels.
    summary: [u64; WORDS_MAX / 64],
    slab: Slab,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self { origin: 0, words: Vec::new(), summary: [0; WORDS_MAX / 64], slab: Slab::new() }
    }

    pub(super) fn words(&self) -> usize {
        self.words.len()
    }

    /// Makes the window anew: empty, `words` large (at most [`WORDS_MAX`]), starting `lead` words before `key`'s, with
    /// room for about `levels` levels.
    pub(super) fn reset(&mut self, words: usize, key: i64, levels: usize) {
        self.words.clear();
        self.words.resize(words, Word::default());
        self.words.shrink_to_fit();
        self.summary = [0; WORDS_MAX / 64];
        self.slab.reset(levels + levels / 2);
        self.origin = self.origin_for(key);
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
        Some((self.key(index, word.bits.trailing_zeros()), self.slab.as_slice()[word.start as usize]))
    }

    /// The word in which the best level is, counted from the window's beginning.
    pub(super) fn best_word(&self) -> Option<usize> {
        self.next_word(0)
    }

    pub(super) fn quantity_at(&self, key: i64) -> Option<i64> {
        let offset = self.offset(key);
        let word = *self.words.get(usize::try_from(offset / WORD).ok()?)?;
        let bit = (offset % WORD) as u32;
        (word.bits >> bit & 1 == 1).then(|| self.slab.as_slice()[word.start as usize + word.rank(bit)])
    }

    /// Sets the quantity at `key`, zero deletes; `None` if the key lies outside.
    #[inline]
    pub(super) fn set(&mut self, key: i64, quantity: i64) -> Option<Change> {
        let offset = self.offset(key);
        let index = usize::try_from(offset / WORD).ok()?;
        let word = self.words.get_mut(index)?;
        let bit = (offset % WORD) as u32;
        let place = word.rank(bit);
        match (word.bits >> bit & 1 == 1, quantity) {
            (true, 0) => {
                let (start, count) = (word.start as usize, word.count());
                self.slab.as_mut_slice()[start..start + count].copy_within(place + 1.., place);
                word.bits &= !(1 << bit);
                self.after_delete(index, count - 1);
                Some(Change::Deleted)
            }
            (true, _) => {
                self.slab.as_mut_slice()[word.start as usize + place] = quantity;
                Some(Change::Updated)
            }
            (false, 0) => Some(Change::Absent),
            (false, _) => {
                let count = word.count();
                if count == 0 || count == Slab::capacity(word.class) {
                    self.make_room(index, count);
                }
                let word = &mut self.words[index];
                let start = word.start as usize;
                word.bits |= 1 << bit;
                let block = &mut self.slab.as_mut_slice()[start..=start + count];
                block.copy_within(place..count, place + 1);
                block[place] = quantity;
                Some(Change::Inserted)
            }
        }
    }

    /// Gives the block of a word back, or takes a smaller one, now that `count` levels are left in it.
    #[inline]
    fn after_delete(&mut self, index: usize, count: usize) {
        let word = &mut self.words[index];
        if count == 0 {
            self.slab.give(word.start, word.class);
            self.summary[index / 64] &= !(1 << (index % 64));
        } else if word.class > 0 && count * 4 <= Slab::capacity(word.class) {
            word.start = self.slab.exchange(word.start, word.class, word.class - 1, count);
            word.class -= 1;
        }
    }

    /// Gives a word whose block is full, or that has none, room for one level more.
    #[cold]
    fn make_room(&mut self, index: usize, count: usize) {
        let word = &mut self.words[index];
        if count == 0 {
            (word.start, word.class) = (self.slab.take(0), 0);
            self.summary[index / 64] |= 1 << (index % 64);
        } else {
            word.start = self.slab.exchange(word.start, word.class, word.class + 1, count);
            word.class += 1;
        }
    }

    /// Fills the word of the first of `levels`, which must be empty, from the end of `levels` (best last); returns how
    /// many belonged to that word. None if the best of them lies outside.
    pub(super) fn fill_word(&mut self, levels: &[(i64, i64)]) -> usize {
        let Some(&(best, _)) = levels.last().filter(|level| self.covers(level.0)) else { return 0 };
        let index = (self.offset(best) / WORD) as usize;
        let first = self.key(index, 0);
        let count = levels.iter().rev().take_while(|level| (level.0.wrapping_sub(first) as u64) < WORD).count();
        let class = Slab::class_for(count);
        let word = Word { bits: 0, start: self.slab.take(class), class };
        let block = &mut self.slab.as_mut_slice()[word.start as usize..];
        let mut bits = 0;
        for ((key, quantity), place) in levels.iter().rev().take(count).zip(block) {
            bits |= 1 << key.wrapping_sub(first);
            *place = *quantity;
        }
        self.words[index] = Word { bits, ..word };
        self.summary[index / 64] |= 1 << (index % 64);
        count
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
        self.summary = [0; WORDS_MAX / 64];
    }

    /// The levels, best first.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter { window: self, index: 0, bits: self.words.first().map_or(0, |word| word.bits), place: 0 }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<Word>() + self.slab.heap_bytes()
    }

    fn drain(&mut self, range: std::ops::Range<usize>, left: &mut impl FnMut(i64, i64)) {
        for index in range.rev() {
            let word = self.words[index];
            if word.bits == 0 {
                continue;
            }
            let (mut bits, mut place) = (word.bits, word.start as usize + word.count());
            while bits != 0 {
                let bit = bits.ilog2();
                place -= 1;
                left(self.key(index, bit), self.slab.as_slice()[place]);
                bits &= !(1 << bit);
            }
            self.slab.give(word.start, word.class);
            self.words[index] = Word::default();
        }
    }

    fn summarise(&mut self) {
        self.summary = [0; WORDS_MAX / 64];
        for (index, word) in self.words.iter().enumerate() {
            self.summary[index / 64] |= u64::from(word.bits != 0) << (index % 64);
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
    /// Place of the next one in its block.
    place: usize,
}

impl Iterator for Iter<'_> {
    type Item = (i64, i64);

    #[inline]
    fn next(&mut self) -> Option<(i64, i64)> {
        if self.bits == 0 {
            self.index = self.window.next_word(self.index + 1)?;
            self.bits = self.window.words[self.index].bits;
            self.place = 0;
        }
        let bit = self.bits.trailing_zeros();
        self.bits &= self.bits - 1;
        let start = self.window.words[self.index].start as usize;
        let quantity = self.window.slab.as_slice()[start + self.place];
        self.place += 1;
        Some((self.window.key(self.index, bit), quantity))
    }
}

#[cfg(test)]
impl Window {
    /// Checks that summary, words and blocks agree; returns the number of levels.
    pub(super) fn check(&self) -> usize {
        assert_eq!(self.origin % WORD as i64, 0);
        let mut used = vec![false; self.slab.as_slice().len()];
        for (index, word) in self.words.iter().enumerate() {
            assert_eq!(self.summary[index / 64] >> (index % 64) & 1 == 1, word.bits != 0, "summary of {index}");
            if word.bits == 0 {
                continue;
            }
            assert!(word.count() <= Slab::capacity(word.class), "block of {index} too small");
            for place in &mut used[word.start as usize..][..Slab::capacity(word.class)] {
                assert!(!std::mem::replace(place, true), "block of {index} shared");
            }
        }
        self.words.iter().map(|word| word.count()).sum()
    }
}
