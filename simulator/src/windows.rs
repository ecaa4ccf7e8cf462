//! Counts in fixed windows of the server's time.

use std::time::Duration;

use crate::clock::Timestamp;

/// A count that starts anew at every multiple of its width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    width: i64,
    opened: i64,
    count: u64,
}

impl Window {
    /// A window of `width` microseconds.
    pub(crate) fn new(width: Duration) -> Window {
        let width = i64::try_from(width.as_micros()).unwrap_or(i64::MAX).max(1);
        Window { width, opened: i64::MIN, count: 0 }
    }

    /// Adds `count` as of `now` and returns the sum in the present window.
    pub(crate) fn add(&mut self, now: Timestamp, count: u64) -> u64 {
        self.turn(now);
        self.count += count;
        self.count
    }

    /// Takes `count` off the sum of the window of `now`, never below zero.
    pub(crate) fn give_back(&mut self, now: Timestamp, count: u64) {
        self.turn(now);
        self.count = self.count.saturating_sub(count);
    }

    /// The sum in the window of `now`.
    pub(crate) fn count(&mut self, now: Timestamp) -> u64 {
        self.turn(now);
        self.count
    }

    /// Time from `now` to the next window.
    pub(crate) fn left(&mut self, now: Timestamp) -> Duration {
        self.turn(now);
        Timestamp(self.opened + self.width).since(now)
    }

    fn turn(&mut self, now: Timestamp) {
        let opened = now.0.div_euclid(self.width) * self.width;
        if opened != self.opened {
            (self.opened, self.count) = (opened, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_to_the_clock() {
        let mut window = Window::new(Duration::from_secs(60));
        assert_eq!(window.add(Timestamp::from_millis(59_000), 5), 5);
        assert_eq!(window.left(Timestamp::from_millis(59_000)), Duration::from_secs(1));
        assert_eq!(window.add(Timestamp::from_millis(60_000), 2), 2);
    }
}
