use crate::Row;

/// Not yet.
pub(super) const ROWS: &[Row] = &[];
