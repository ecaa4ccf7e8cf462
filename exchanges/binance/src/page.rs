use tradewire_core::{Error, ErrorKind, Timestamp};
use tradewire_tracking::{History, Page};
use tradewire_transport::Query;

/// The most rows of a list of orders or fills.
pub(crate) const ROWS_MAX: u32 = 1_000;

/// Where a page of an instrument's history begins. The first page of a window is asked for by time; those after it by id,
/// since the exchange does not take both.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// The first page of a window.
    Window {
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// A later page.
    Id {
        /// The first id.
        id: u64,
        /// Until when.
        until: Timestamp,
    },
}

impl Start {
    /// The beginning of a list that is not bounded by time.
    pub(crate) const EVER: Self = Self::from_id(0);

    /// From an id on, not bounded by time.
    pub(crate) const fn from_id(id: u64) -> Self {
        Self::Id { id, until: Timestamp::from_nanos(i64::MAX) }
    }

    /// Of a window's page.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that no answer has named.
    pub(crate) fn of(history: &History<'_>) -> Result<Self, Error> {
        let (from, until) = (history.from, history.until);
        match history.page {
            None => Ok(Self::Window { from, until }),
            Some(page) => Ok(Self::Id { id: page_id(page)?, until }),
        }
    }

    /// Writes it; `id_name` is what the exchange calls the first id.
    pub(crate) fn write(&self, query: &mut Query, id_name: &str) {
        match self {
            Self::Window { from, until } => {
                query.add_literal("startTime", from.as_millis()).add_literal("endTime", until.as_millis());
            }
            Self::Id { id, .. } => drop(query.add_literal(id_name, id)),
        }
        query.add_literal("limit", ROWS_MAX);
    }

    /// The rows of the window, and the name of the next page if there may be more of them.
    pub(crate) fn page<T>(
        &self,
        mut rows: Vec<T>,
        time: impl Fn(&T) -> Timestamp,
        id: impl Fn(&T) -> Option<u64>,
    ) -> Page<T> {
        let (Self::Window { until, .. } | Self::Id { until, .. }) = *self;
        let whole = rows.len() >= ROWS_MAX as usize;
        let last = rows.iter().filter_map(&id).max();
        let asked = rows.len();
        rows.retain(|row| time(row) <= until);
        let more = whole && rows.len() == asked;
        let next = last.filter(|_| more).and_then(|last| last.checked_add(1)).map(|next| next.to_string());
        Page { rows, next, goes_back: false }
    }
}

/// The id that names a page.
///
/// # Errors
/// `InvalidRequest` if it names none.
pub(crate) fn page_id(page: &str) -> Result<u64, Error> {
    let wrong = |_| Error::new(ErrorKind::InvalidRequest, "no page is named so").with("page", format_args!("'{page}'"));
    page.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn page(start: Start, rows: u64, from: u64) -> (usize, Option<String>) {
        let rows: Vec<u64> = (from..from + rows).collect();
        let page = start.page(rows, |id| at(i64::try_from(*id).expect("small")), |id| Some(*id));
        (page.rows.len(), page.next)
    }

    fn written(start: Start) -> String {
        let mut query = Query::default();
        start.write(&mut query, "fromId");
        query.as_str().to_owned()
    }

    #[test]
    fn pages_follow_until_one_is_short_or_leaves_the_window() {
        let first = Start::Window { from: at(1), until: at(1_500) };
        assert_eq!(written(first), "startTime=1&endTime=1500&limit=1000");
        assert_eq!(page(first, 1_000, 1), (1_000, Some("1001".to_owned())));
        assert_eq!(page(first, 999, 1), (999, None));
        let later = Start::Id { id: 1_001, until: at(1_500) };
        assert_eq!(written(later), "fromId=1001&limit=1000");
        assert_eq!(page(later, 1_000, 1_001), (500, None), "the rest lies behind the window");
        assert_eq!(page(later, 0, 1_001), (0, None));
    }

    #[test]
    fn only_pages_of_ours_are_asked_for() {
        assert_eq!(page_id("17").expect("an id"), 17);
        assert_eq!(page_id("x").expect_err("none").kind(), ErrorKind::InvalidRequest);
    }
}
