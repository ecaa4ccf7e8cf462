/// Byte of a directory for a slot that holds no quantity.
const VACANT: u64 = 64;

/// Byte of a directory beyond the block's slots.
const NO_SLOT: u64 = 0xff;

/// A byte repeated eight times is that byte times this.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The directory without any slot.
const NO_SLOTS: u64 = NO_SLOT * EACH;

/// How many quantities a block holds, and how they are found.
///
/// A *list* begins with a directory: a byte a slot that names the bit whose quantity is there. A *table* has a slot for
/// each of the 64 bits. Quantities never move within a block, so that neither insert nor delete copies any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u32);

impl Class {
    /// No block at all: a list of no slots.
    const NONE: Self = Self(0);
    /// A list of 16, the largest one, with a directory of two words.
    const LONG: Self = Self(4);
    const TABLE: Self = Self(5);
    const COUNT: usize = 6;

    /// Quantities that fit.
    const fn slots(self) -> usize {
        [0, 2, 4, 8, 16, 64][self.0 as usize]
    }

    /// Words of 64 bits that a block takes, the directory included.
    const fn size(self) -> usize {
        self.slots() + self.directory()
    }

    /// Words of the directory.
    const fn directory(self) -> usize {
        [1, 1, 1, 1, 2, 0][self.0 as usize]
    }

    /// The smallest one with room for `count` quantities, which are at most 64.
    fn for_count(count: usize) -> Self {
        (0..Self::COUNT as u32 - 1).map(Self).find(|class| class.slots() >= count).unwrap_or(Self::TABLE)
    }
}

/// Where a block is: the class in the lowest three bits, the rest its first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block(u32);

impl Block {
    /// No block: the empty list that every slab begins with.
    pub(super) const NONE: Self = Self(0);

    const fn new(start: usize, class: Class) -> Self {
        // A window has at most 1024 blocks in use and as many free ones of each class: below 2^18 words.
        Self((start as u32) << 3 | class.0)
    }

    pub(super) const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    pub(super) const fn raw(self) -> u32 {
        self.0
    }

    #[inline]
    const fn start(self) -> usize {
        (self.0 >> 3) as usize
    }

    #[inline]
    const fn class(self) -> Class {
        Class(self.0 & 7)
    }
}

/// Blocks of quantities in one allocation.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    /// Directories and quantities. Free blocks of a class are linked through their first word.
    words: Vec<i64>,
    free: [Block; Class::COUNT],
    /// Size at which unused room may be worth collecting.
    collect_at: usize,
}

impl Slab {
    pub(super) const fn new() -> Self {
        Self { words: Vec::new(), free: [Block::NONE; Class::COUNT], collect_at: 0 }
    }

    /// An empty slab of a capacity in words of 64 bits.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut words = Vec::with_capacity(capacity.max(1));
        words.push(NO_SLOTS as i64);
        Self { words, free: [Block::NONE; Class::COUNT], collect_at: capacity + capacity / 2 + 256 }
    }

    /// The capacity for exactly the blocks that hold these numbers of quantities.
    pub(super) fn capacity_for(counts: impl Iterator<Item = usize>) -> usize {
        1 + counts.map(|count| Class::for_count(count).size()).sum::<usize>()
    }

    /// Sets the quantity of `bit`, zero to vacate its slot; `present` says whether it has one now. False, without any
    /// change, if it has none and no slot is vacant.
    #[inline]
    pub(super) fn put(&mut self, block: Block, bit: u32, present: bool, quantity: i64) -> bool {
        let (start, class) = (block.start(), block.class());
        if class == Class::TABLE {
            self.words[start + bit as usize] = quantity;
            return true;
        }
        let sought = if present { u64::from(bit) } else { VACANT };
        let left = if quantity != 0 { u64::from(bit) } else { VACANT };
        let mut at = start;
        let mut found = matches(self.words[start] as u64, sought);
        let long = usize::from(class == Class::LONG);
        if class == Class::LONG {
            let second = matches(self.words[start + 1] as u64, sought);
            // Without a branch: which half it is cannot be predicted.
            at = start + usize::from(found == 0);
            found = if found == 0 { second } else { found };
        }
        if found == 0 {
            return false;
        }
        let shift = found.trailing_zeros() & !7;
        self.words[at] ^= ((sought ^ left) << shift) as i64;
        let slot = (at - start) * 8 + (shift / 8) as usize;
        self.words[start + 1 + long + slot] = quantity;
        true
    }

    /// The quantity of a bit that has one.
    #[inline]
    pub(super) fn quantity(&self, block: Block, bit: u32) -> i64 {
        let (start, class) = (block.start(), block.class());
        if class == Class::TABLE {
            return self.words[start + bit as usize];
        }
        let found = matches(self.words[start] as u64, u64::from(bit));
        let slot = if class == Class::LONG && found == 0 {
            8 + matches(self.words[start + 1] as u64, u64::from(bit)).trailing_zeros() / 8
        } else {
            found.trailing_zeros() / 8
        };
        self.words[start + class.directory() + slot as usize]
    }

    /// Takes a vacant block with at least `count` slots.
    pub(super) fn take(&mut self, count: usize) -> Block {
        let class = Class::for_count(count);
        let block = self.take_free(class).unwrap_or_else(|| self.append(class));
        let start = block.start();
        for word in 0..class.directory() {
            let slots = (class.slots() - 8 * word).min(8) as u32;
            let beyond = NO_SLOTS.checked_shl(8 * slots).unwrap_or(0);
            self.words[start + word] = (beyond | ((VACANT * EACH) & !beyond)) as i64;
        }
        block
    }

    /// Gives a block back.
    pub(super) fn give(&mut self, block: Block) {
        let class = block.class();
        if class != Class::NONE {
            let free = &mut self.free[class.0 as usize];
            self.words[block.start()] = i64::from(free.raw());
            *free = block;
        }
    }

    /// Whether no block with `count` slots can be had without growing, and so much has been taken since the slab was made
    /// that much of it may be unused.
    pub(super) fn wants_collecting(&self, count: usize) -> bool {
        let class = Class::for_count(count);
        let full = self.words.len() + class.size() > self.words.capacity();
        full && self.free[class.0 as usize] == Block::NONE && self.words.len() > self.collect_at
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<i64>()
    }

    fn take_free(&mut self, class: Class) -> Option<Block> {
        let free = self.free[class.0 as usize];
        if free == Block::NONE {
            return None;
        }
        self.free[class.0 as usize] = Block::from_raw(self.words[free.start()] as u32);
        Some(free)
    }

    fn append(&mut self, class: Class) -> Block {
        let start = self.words.len();
        if start + class.size() > self.words.capacity() {
            // By an eighth instead of doubling: books are many and long-lived.
            self.words.reserve_exact(start / 8 + Class::TABLE.size());
        }
        self.words.resize(start + class.size(), 0);
        Block::new(start, class)
    }
}

/// A set highest bit in each byte of `directory` that equals `byte`. Bits above the lowest one set may be wrong.
#[inline]
const fn matches(directory: u64, byte: u64) -> u64 {
    let differs = directory ^ (byte * EACH);
    differs.wrapping_sub(EACH) & !differs & (0x80 * EACH)
}

#[cfg(test)]
impl Slab {
    /// Checks that a block's slots are of the bits given and no other; returns the words that it takes.
    pub(super) fn check(&self, block: Block, bits: u64) -> std::ops::Range<usize> {
        let (start, class) = (block.start(), block.class());
        assert!(bits.count_ones() as usize <= class.slots());
        let slots = self.words[start..start + class.directory()].iter().flat_map(|word| word.to_le_bytes());
        let named = slots.filter(|byte| *byte < VACANT as u8).fold(0, |bits, byte| bits | 1_u64 << byte);
        assert!(class == Class::TABLE || named == bits, "directory");
        start..start + class.size()
    }
}
