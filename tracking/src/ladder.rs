mod slab;
mod sorted;
#[cfg(test)]
mod tests;
mod window;

use tradewire_core::Side;

use sorted::SortedLevels;
use window::{WORD, WORDS_MAX, Window};

/// Fewer levels than this are kept in a sorted vector alone.
const WINDOW_LEVELS: usize = 200;

/// What [`Ladder::set`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new level.
    Inserted,
    /// A level with another quantity, or the same once more.
    Updated,
    /// The level is gone.
    Deleted,
    /// A level was to be deleted that did not exist.
    Absent,
}

impl Change {
    #[inline]
    const fn of(present: bool, wanted: bool) -> Self {
        // A table, because the answer cannot be predicted.
        [Self::Absent, Self::Inserted, Self::Deleted, Self::Updated][(present as usize) << 1 | wanted as usize]
    }
}

/// One side of a book in integers: a price to a quantity, sorted, best first.
///
/// Prices around the best lie in a *window* of 16 384 or 65 536 consecutive prices with one bit each; the quantities of 64
/// neighbouring prices are in one block. A change there costs no search and moves nothing. The window follows the best
/// price; levels beyond it are in a sorted vector, and so is the whole of a side with few levels or with prices too far
/// apart. At 1000 levels a level takes 16 to 30 bytes after loading.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Exclusive-or of price and key: the lowest key is the best price on either side.
    flip: i64,
    window: Window,
    /// Levels worse than all that the window covers. There are none on its better side.
    far: SortedLevels,
    /// Far levels at which the window's size is chosen anew.
    review_at: usize,
}

impl Ladder {
    /// An empty side. On `Side::Buy` (bids) the highest price is the best, on `Side::Sell` (asks) the lowest.
    pub const fn new(side: Side) -> Self {
        let flip = match side {
            Side::Buy => -1,
            Side::Sell => 0,
        };
        Self { flip, window: Window::new(), far: SortedLevels::new(), review_at: WINDOW_LEVELS }
    }

    /// Number of levels.
    pub fn len(&self) -> usize {
        self.window.len() + self.far.len()
    }

    /// Whether there is no level.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the quantity at a price; zero deletes the level. Never fails, for any price.
    #[inline]
    pub fn set(&mut self, price: i64, quantity: i64) -> Change {
        let key = price ^ self.flip;
        match self.window.set(key, quantity) {
            Some(change) => change,
            None => self.set_far(key, quantity),
        }
    }

    /// The best price and its quantity.
    #[inline]
    pub fn best(&self) -> Option<(i64, i64)> {
        let (key, quantity) = self.window.best().or_else(|| self.far.best())?;
        Some((key ^ self.flip, quantity))
    }

    /// The worst price and its quantity.
    #[inline]
    pub fn worst(&self) -> Option<(i64, i64)> {
        let (key, quantity) = self.far.worst().or_else(|| self.window.worst())?;
        Some((key ^ self.flip, quantity))
    }

    /// The quantity at a price; `None` without a level there.
    pub fn quantity_at(&self, price: i64) -> Option<i64> {
        let key = price ^ self.flip;
        self.window.quantity_at(key).or_else(|| self.far.quantity_at(key))
    }

    /// All levels as price and quantity, best first. Costs nothing to begin.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64)> + Clone + '_ {
        let all = self.window.iter().chain(self.far.iter());
        all.map(|(key, quantity)| (key ^ self.flip, quantity))
    }

    /// Removes all levels.
    pub fn clear(&mut self) {
        self.load(&[]);
    }

    /// Replaces all levels, which may come in any order. Of a price given twice the last quantity counts; zero is no level.
    pub fn load(&mut self, levels: &[(i64, i64)]) {
        let flip = self.flip;
        self.far.load(levels.iter().map(|(price, quantity)| (price ^ flip, *quantity)));
        self.lay_out();
    }

    /// Bytes allocated, without the ladder itself.
    pub fn heap_bytes(&self) -> usize {
        self.window.heap_bytes() + self.far.heap_bytes()
    }

    /// `set` for a key outside the window.
    #[inline(never)]
    fn set_far(&mut self, key: i64, quantity: i64) -> Change {
        if self.window.is_after(key) {
            return self.set_before_window(key, quantity);
        }
        let change = self.far.set(key, quantity);
        if self.far.len() > self.review_at {
            self.review();
        } else if self.far.len() > 0 && self.window.lags() {
            self.follow_best();
        }
        change
    }

    /// `set` for a key better than all that the window covers: there is no level yet.
    fn set_before_window(&mut self, key: i64, quantity: i64) -> Change {
        if quantity == 0 {
            return Change::Absent;
        }
        self.move_window(key);
        let change = self.window.set(key, quantity);
        debug_assert_eq!(change, Some(Change::Inserted));
        Change::Inserted
    }

    /// Moves the window after the best level, which has drifted out of its first half.
    #[cold]
    fn follow_best(&mut self) {
        if let Some((key, _)) = self.window.best().or_else(|| self.far.best()) {
            self.move_window(key);
        }
    }

    /// Moves the window to the new best key. Levels that leave it become far ones, far ones that it now covers enter.
    fn move_window(&mut self, best: i64) {
        let far = &mut self.far;
        self.window.move_to(best, |key, quantity| far.push_best(key, quantity));
        let entered = self.window.fill(far.packed());
        far.truncate_packed(far.len() - entered);
    }

    /// Chooses the window anew, after the far levels have become many.
    #[cold]
    fn review(&mut self) {
        let far = &mut self.far;
        self.window.take_all(|key, quantity| far.push_best(key, quantity));
        self.lay_out();
    }

    /// Makes a window fit for the levels, which are all in `far`, and moves those that it covers.
    fn lay_out(&mut self) {
        let levels = self.far.packed();
        let entered = self.window.lay_out(window_words(levels), levels);
        self.far.truncate_packed(self.far.len() - entered);
        self.review_at = WINDOW_LEVELS.max(2 * self.far.len());
        self.far.shrink();
    }
}

/// How large a window suits the levels, the best last: none for few levels or prices far apart.
fn window_words(levels: &[(i64, i64)]) -> usize {
    let best = levels.last().map_or(0, |level| level.0);
    let covered_by = |words: usize| {
        let depth = words as u64 * WORD * 3 / 4;
        levels.len() - levels.partition_point(|level| level.0.wrapping_sub(best) as u64 >= depth)
    };
    match levels.len() - levels.len() / 16 {
        _ if covered_by(WORDS_MAX) < WINDOW_LEVELS => 0,
        most if covered_by(WORDS_MAX / 4) >= most => WORDS_MAX / 4,
        _ => WORDS_MAX,
    }
}
