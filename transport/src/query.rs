use std::fmt::{self, Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The query of a request, percent-encoded once, in the order in which it is written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// Adds a pair of name and value.
    pub fn add(&mut self, name: &str, value: impl Display) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.write(format_args!("{name}"));
        self.0.push('=');
        self.write(format_args!("{value}"));
        self
    }

    /// The query as it goes over the wire, without the question mark.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a `String` cannot fail, and a `Display` that fails leaves what it wrote before.
        let _ = Encoder(&mut self.0).write_fmt(text);
    }
}

impl fmt::Debug for Query {
    /// Hides the values: a signed query is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query(..)")
    }
}

struct Encoder<'a>(&'a mut String);

impl Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(utf8_percent_encode(text, RESERVED));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        let mut query = Query::default();
        query.add("symbol", "１２").add("symbols", r#"["A","B"]"#).add("limit", 1_000).add("t", "a-b._~ +%&=/?'");
        assert_eq!(
            query.as_str(),
            "symbol=%EF%BC%91%EF%BC%92&symbols=%5B%22A%22%2C%22B%22%5D&limit=1000&t=a-b._~%20%2B%25%26%3D%2F%3F%27"
        );
        assert_eq!(format!("{query:?}"), "Query(..)");
    }
}
