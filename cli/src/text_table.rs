use std::fmt;

/// On which side of its column a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table of plain text: a heading and rows, columns as wide as what is in them.
#[derive(Debug)]
pub(crate) struct TextTable {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row with one text for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn width(&self, column: usize) -> usize {
        let of = |text: &str| text.chars().count();
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| of(cell));
        cells.max().unwrap_or(0).max(of(self.columns[column].0))
    }

    fn line<'a>(&self, widths: &[usize], cells: impl Iterator<Item = &'a str>) -> String {
        let cell = |((text, width), (_, align)): ((&str, &usize), &(_, Align))| match align {
            Align::Left => format!("{text:<width$}"),
            Align::Right => format!("{text:>width$}"),
        };
        let cells: Vec<_> = cells.zip(widths).zip(&self.columns).map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<_> = (0..self.columns.len()).map(|column| self.width(column)).collect();
        f.write_str(&self.line(&widths, self.columns.iter().map(|(name, _)| *name)))?;
        self.rows.iter().try_for_each(|row| write!(f, "\n{}", self.line(&widths, row.iter().map(String::as_str))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_needed() {
        let mut table = TextTable::new(&[("asset", Align::Left), ("total", Align::Right), ("", Align::Left)]);
        assert!(table.is_empty());
        table.row(["BTC".to_owned(), "1.5".to_owned(), String::new()]);
        table.row(["USDT".to_owned(), "100000".to_owned(), "é".to_owned()]);
        assert_eq!(table.to_string(), "asset   total\nBTC       1.5\nUSDT   100000  é");
    }
}
