use std::cmp::Reverse;

use super::Change;

/// Levels in a sorted vector, the best (lowest key) last, so that work near the best moves little memory.
///
/// A finger remembers where the last search ended: the changes of one update come sorted, so most searches end a few
/// steps from it, those for levels that do not exist as well.
#[derive(Clone, Debug)]
pub(super) struct SortedLevels {
    levels: Vec<(i64, i64)>,
    finger: usize,
}

impl SortedLevels {
    pub(super) const fn new() -> Self {
        Self { levels: Vec::new(), finger: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.levels.len()
    }

    /// All levels, the worst first.
    pub(super) fn as_slice(&self) -> &[(i64, i64)] {
        &self.levels
    }

    pub(super) fn best(&self) -> Option<(i64, i64)> {
        self.levels.last().copied()
    }

    pub(super) fn quantity_at(&self, key: i64) -> Option<i64> {
        let at = self.levels.binary_search_by_key(&Reverse(key), |level| Reverse(level.0)).ok()?;
        Some(self.levels[at].1)
    }

    /// Sets the quantity at `key`; zero deletes.
    pub(super) fn set(&mut self, key: i64, quantity: i64) -> Change {
        let at = self.find(key);
        self.finger = at;
        match (self.levels.get_mut(at), quantity) {
            (Some(level), 0) if level.0 == key => {
                self.levels.remove(at);
                Change::Deleted
            }
            (Some(level), _) if level.0 == key => {
                level.1 = quantity;
                Change::Updated
            }
            (_, 0) => Change::Absent,
            _ => {
                self.make_room();
                self.levels.insert(at, (key, quantity));
                Change::Inserted
            }
        }
    }

    /// Adds a level that is better than all others.
    pub(super) fn push_best(&mut self, key: i64, quantity: i64) {
        debug_assert!(self.best().is_none_or(|best| key < best.0));
        self.make_room();
        self.levels.push((key, quantity));
    }

    /// Drops all but the `keep` worst levels.
    pub(super) fn truncate(&mut self, keep: usize) {
        self.levels.truncate(keep);
    }

    /// Replaces all levels. A repeated key counts with its last quantity; zero is no level.
    pub(super) fn load(&mut self, levels: impl Iterator<Item = (i64, i64)>) {
        self.levels.clear();
        self.levels.extend(levels);
        self.levels.sort_by_key(|level| Reverse(level.0));
        self.levels.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = later.1;
            }
            same
        });
        self.levels.retain(|level| level.1 != 0);
    }

    /// Gives back memory that the levels do not use.
    pub(super) fn shrink(&mut self) {
        self.levels.shrink_to(self.levels.len() + self.levels.len() / 8);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.levels.capacity() * size_of::<(i64, i64)>()
    }

    /// Index of the worst level that is not worse than `key`, counted from the worst.
    fn find(&self, key: i64) -> usize {
        let finger = self.finger.min(self.levels.len());
        if self.levels.get(finger).is_some_and(|level| level.0 > key) {
            self.gallop_to_better(finger + 1, key)
        } else {
            self.gallop_to_worse(finger, key)
        }
    }

    /// All levels before `from` are worse than `key`.
    fn gallop_to_better(&self, mut from: usize, key: i64) -> usize {
        let mut step = 1;
        while let Some(level) = self.levels.get(from + step - 1) {
            if level.0 <= key {
                break;
            }
            from += step;
            step *= 2;
        }
        let to = (from + step - 1).min(self.levels.len());
        from + self.levels[from..to].partition_point(|level| level.0 > key)
    }

    /// No level at `to` or after it is worse than `key`.
    fn gallop_to_worse(&self, mut to: usize, key: i64) -> usize {
        let mut step = 1;
        while step <= to && self.levels[to - step].0 <= key {
            to -= step;
            step *= 2;
        }
        let from = to.saturating_sub(step - 1);
        from + self.levels[from..to].partition_point(|level| level.0 > key)
    }

    /// Grows by an eighth instead of doubling: books are many and long-lived.
    fn make_room(&mut self) {
        if self.levels.len() == self.levels.capacity() {
            self.levels.reserve_exact(self.levels.len() / 8 + 16);
        }
    }
}
