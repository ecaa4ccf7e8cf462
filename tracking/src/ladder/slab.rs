/// Sizes of the blocks: 2, 4, … 64 quantities.
pub(super) const CLASSES: usize = 6;

/// Free blocks of a class are linked through their first quantity; this ends the list.
const END: i64 = -1;

/// Blocks of quantities in one allocation.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    quantities: Vec<i64>,
    free: [i64; CLASSES],
}

impl Slab {
    pub(super) const fn new() -> Self {
        Self { quantities: Vec::new(), free: [END; CLASSES] }
    }

    /// Quantities that a block of `class` holds.
    pub(super) const fn capacity(class: u32) -> usize {
        2 << class
    }

    /// The smallest class with room for `count` quantities, which are 1 to 64.
    pub(super) const fn class_for(count: usize) -> u32 {
        count.next_power_of_two().trailing_zeros().saturating_sub(1)
    }

    pub(super) fn as_slice(&self) -> &[i64] {
        &self.quantities
    }

    #[inline]
    pub(super) fn as_mut_slice(&mut self) -> &mut [i64] {
        &mut self.quantities
    }

    /// Takes a block. What it holds is not defined.
    pub(super) fn take(&mut self, class: u32) -> u32 {
        let head = self.free[class as usize];
        if head != END {
            self.free[class as usize] = self.quantities[head as usize];
            return head as u32;
        }
        let start = self.quantities.len();
        let end = start + Self::capacity(class);
        if end > self.quantities.capacity() {
            // By an eighth instead of doubling: books are many and long-lived.
            self.quantities.reserve_exact(start / 8 + 64);
        }
        self.quantities.resize(end, 0);
        // A window has at most 1024 blocks in use, and at most as many free ones of each class: far below 2^32.
        start as u32
    }

    /// Gives a block back.
    pub(super) fn give(&mut self, start: u32, class: u32) {
        self.quantities[start as usize] = self.free[class as usize];
        self.free[class as usize] = i64::from(start);
    }

    /// Moves the first `count` quantities of a block to one of another class and gives the old one back.
    pub(super) fn exchange(&mut self, start: u32, from: u32, to: u32, count: usize) -> u32 {
        let new = self.take(to);
        let old = start as usize;
        self.quantities.copy_within(old..old + count, new as usize);
        self.give(start, from);
        new
    }

    /// Forgets all blocks and gives back memory beyond room for `quantities` of them.
    pub(super) fn reset(&mut self, quantities: usize) {
        self.quantities.clear();
        self.quantities.shrink_to(quantities);
        self.free = [END; CLASSES];
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.quantities.capacity() * size_of::<i64>()
    }
}
