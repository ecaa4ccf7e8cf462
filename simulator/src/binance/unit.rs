//! The unit in which times are written.

use super::errors::ApiError;
use crate::clock::Timestamp;
use crate::front::{Request, parameters};

/// Milliseconds unless the client asks for microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum TimeUnit {
    #[default]
    Millisecond,
    Microsecond,
}

/// The time unit that a handshake asks for.
pub(super) fn of_handshake(request: &Request) -> Result<TimeUnit, ApiError> {
    let given = parameters(&request.query);
    TimeUnit::named(given.iter().find(|(name, _)| name == "timeUnit").map(|(_, value)| value.as_str()))
}

impl TimeUnit {
    /// Reads the client's wish.
    pub(super) fn named(word: Option<&str>) -> Result<TimeUnit, ApiError> {
        match word.map(str::to_ascii_uppercase).as_deref() {
            None | Some("MILLISECOND") => Ok(TimeUnit::Millisecond),
            Some("MICROSECOND") => Ok(TimeUnit::Microsecond),
            Some(_) => {
                Err(ApiError::new(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."))
            }
        }
    }

    /// An instant in this unit.
    pub(super) fn stamp(self, at: Timestamp) -> i64 {
        match self {
            TimeUnit::Millisecond => at.millis(),
            TimeUnit::Microsecond => at.0,
        }
    }

    /// The first instant of a millisecond, in this unit.
    pub(super) fn first(self, millis: i64) -> i64 {
        self.stamp(Timestamp::from_millis(millis))
    }

    /// The last instant before a millisecond, in this unit.
    pub(super) fn last_before(self, millis: i64) -> i64 {
        self.first(millis) - 1
    }
}
