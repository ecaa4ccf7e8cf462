use std::cmp::Reverse;

use super::Change;

/// Vacant places that may lie before the worst level.
const VACANT_FIRST: usize = 16;

/// Levels in a sorted vector, the best (lowest key) last, so that work near the best moves little memory.
///
/// A level that is deleted leaves its place *vacant*, with quantity zero, for the next one that comes there: levels far
/// from the best come and go at the same prices. A finger remembers where the last search ended: the changes of one update
/// come sorted, so most searches end a few steps from it, those for levels that do not exist as well.
#[derive(Clone, Debug)]
pub(super) struct SortedLevels {
    /// Levels and vacant places; the last one is a level.
    places: Vec<(i64, i64)>,
    vacant: usize,
    finger: usize,
}

impl SortedLevels {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), vacant: 0, finger: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len() - self.vacant
    }

    pub(super) fn best(&self) -> Option<(i64, i64)> {
        self.places.last().copied()
    }

    /// The worst level. Few places before it are vacant.
    pub(super) fn worst(&self) -> Option<(i64, i64)> {
        self.places.iter().copied().find(|place| place.1 != 0)
    }

    /// The levels, best first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, i64)> + Clone + '_ {
        self.places.iter().rev().copied().filter(|place| place.1 != 0)
    }

    /// The levels, worst first, without vacant places.
    pub(super) fn packed(&mut self) -> &[(i64, i64)] {
        if self.vacant > 0 {
            self.places.retain(|place| place.1 != 0);
            self.vacant = 0;
        }
        &self.places
    }

    pub(super) fn quantity_at(&self, key: i64) -> Option<i64> {
        let at = self.places.binary_search_by_key(&Reverse(key), |place| Reverse(place.0)).ok()?;
        Some(self.places[at].1).filter(|quantity| *quantity != 0)
    }

    /// Sets the quantity at `key`; zero deletes.
    #[inline]
    pub(super) fn set(&mut self, key: i64, quantity: i64) -> Change {
        let at = self.find(key);
        self.finger = at;
        match self.places.get_mut(at) {
            Some(place) if place.0 == key => {
                let (present, wanted) = (place.1 != 0, quantity != 0);
                place.1 = quantity;
                self.vacant = self.vacant + usize::from(present) - usize::from(wanted);
                if !wanted {
                    self.tidy(at);
                }
                Change::of(present, wanted)
            }
            _ if quantity == 0 => Change::Absent,
            _ => {
                self.insert(at, (key, quantity));
                Change::Inserted
            }
        }
    }

    /// Adds a level that is better than all others.
    pub(super) fn push_best(&mut self, key: i64, quantity: i64) {
        debug_assert!(self.best().is_none_or(|best| key < best.0));
        self.make_room();
        self.places.push((key, quantity));
    }

    /// Drops all but the `keep` worst levels of packed ones.
    pub(super) fn truncate_packed(&mut self, keep: usize) {
        debug_assert_eq!(self.vacant, 0);
        self.places.truncate(keep);
    }

    /// Replaces all levels. A repeated key counts with its last quantity; zero is no level.
    pub(super) fn load(&mut self, levels: impl Iterator<Item = (i64, i64)>) {
        self.places.clear();
        self.vacant = 0;
        self.places.extend(levels);
        self.places.sort_by_key(|level| Reverse(level.0));
        self.places.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = later.1;
            }
            same
        });
        self.places.retain(|level| level.1 != 0);
    }

    /// Gives back memory that the levels do not use.
    pub(super) fn shrink(&mut self) {
        self.places.shrink_to(self.places.len() + self.places.len() / 8);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<(i64, i64)>()
    }

    /// Puts a level that does not exist before the place `at`, or into a vacant one beside it.
    fn insert(&mut self, at: usize, level: (i64, i64)) {
        let beside = [at, at.wrapping_sub(1)];
        if let Some(place) = beside.into_iter().find(|place| self.places.get(*place).is_some_and(|place| place.1 == 0))
        {
            self.places[place] = level;
            self.vacant -= 1;
        } else {
            self.make_room();
            self.places.insert(at, level);
        }
    }

    /// After a delete: a level is the last place, few places before the worst level are vacant, and in all not too many.
    fn tidy(&mut self, deleted: usize) {
        if deleted <= VACANT_FIRST {
            let first = self.places.iter().take_while(|place| place.1 == 0).count();
            if first > VACANT_FIRST {
                self.places.drain(..first);
                self.vacant -= first;
            }
        }
        while self.places.pop_if(|place| place.1 == 0).is_some() {
            self.vacant -= 1;
        }
        if self.vacant > 32 + self.places.len() / 4 {
            self.packed();
        }
    }

    /// Index of the worst place that is not worse than `key`, counted from the worst.
    fn find(&self, key: i64) -> usize {
        let finger = self.finger.min(self.places.len());
        if self.places.get(finger).is_some_and(|place| place.0 > key) {
            self.gallop_to_better(finger + 1, key)
        } else {
            self.gallop_to_worse(finger, key)
        }
    }

    /// All places before `from` are worse than `key`.
    fn gallop_to_better(&self, mut from: usize, key: i64) -> usize {
        let mut step = 1;
        while let Some(place) = self.places.get(from + step - 1) {
            if place.0 <= key {
                break;
            }
            from += step;
            step *= 2;
        }
        let to = (from + step - 1).min(self.places.len());
        from + self.places[from..to].partition_point(|place| place.0 > key)
    }

    /// No place at `to` or after it is worse than `key`.
    fn gallop_to_worse(&self, mut to: usize, key: i64) -> usize {
        let mut step = 1;
        while step <= to && self.places[to - step].0 <= key {
            to -= step;
            step *= 2;
        }
        let from = to.saturating_sub(step - 1);
        from + self.places[from..to].partition_point(|place| place.0 > key)
    }

    /// Grows by an eighth instead of doubling: books are many and long-lived.
    fn make_room(&mut self) {
        if self.places.len() == self.places.capacity() {
            self.places.reserve_exact(self.places.len() / 8 + 16);
        }
    }
}

#[cfg(test)]
impl SortedLevels {
    /// Checks that places are sorted, the last one is a level, and vacant ones are counted.
    pub(super) fn check(&self) {
        assert!(self.places.windows(2).all(|pair| pair[0].0 > pair[1].0), "sorted");
        assert!(self.places.last().is_none_or(|last| last.1 != 0));
        assert!(self.places.iter().take_while(|place| place.1 == 0).count() <= VACANT_FIRST);
        assert_eq!(self.places.iter().filter(|place| place.1 == 0).count(), self.vacant);
    }
}
