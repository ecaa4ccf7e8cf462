use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How many arguments can be literals.
const LITERALS_MAX: u32 = u64::BITS;

/// The arguments of a request in the order in which they are written, once for every wire: percent-encoded as a query or
/// a form, and read back as pairs or as JSON where a wire wants that.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query {
    text: String,
    count: u32,
    /// A bit for each of the first arguments that is a literal in JSON.
    literals: u64,
}

/// One argument, as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, not encoded.
    pub value: Cow<'a, str>,
    /// Whether it stands in JSON as it is, without quotation marks.
    pub literal: bool,
}

impl Query {
    /// A query with room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), count: 0, literals: 0 }
    }

    /// Adds a pair of name and value. In JSON the value is a string. Names are made of unreserved characters.
    pub fn add(&mut self, name: &str, value: impl Display) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.push_str(name);
        self.text.push('=');
        // Writing to a `String` cannot fail, and a `Display` that fails leaves what it wrote before.
        let _ = write!(Encoder(&mut self.text), "{value}");
        self.count = self.count.saturating_add(1);
        self
    }

    /// Adds a pair whose value stands in JSON as it is: a number, a truth value, an array, an object. This holds for the
    /// first 64 arguments; later ones are strings.
    pub fn add_literal(&mut self, name: &str, value: impl Display) -> &mut Self {
        if self.count < LITERALS_MAX {
            self.literals |= 1 << self.count;
        }
        self.add(name, value)
    }

    /// Adds a list of JSON objects: for each item, one with the arguments that `write` adds for it.
    pub fn add_objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut Query),
    ) -> &mut Self {
        let mut list = String::from("[");
        for (place, item) in items.into_iter().enumerate() {
            list.push_str(if place == 0 { "{" } else { ",{" });
            let mut arguments = Query::default();
            write(item, &mut arguments);
            arguments.append_json_to(&mut list);
            list.push('}');
        }
        list.push(']');
        self.add_literal(name, list)
    }

    /// The query as it goes over the wire, without the question mark.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path of an address, with all that stands before it, and its query; `None` without a query.
    pub fn of_url(url: &str) -> Option<(&str, Self)> {
        let (path, text) = url.split_once('?')?;
        let count = text.split('&').count();
        Some((path, Self { text: text.to_owned(), count: u32::try_from(count).unwrap_or(u32::MAX), literals: 0 }))
    }

    /// The first value of this name, not encoded.
    pub fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.arguments().find(|argument| argument.name == name).map(|argument| argument.value)
    }

    /// The arguments as they were given.
    pub fn arguments(&self) -> impl Iterator<Item = Argument<'_>> {
        let pairs = self.text.split('&').filter_map(|pair| pair.split_once('='));
        pairs.zip(0..).map(|((name, value), index)| Argument {
            name,
            value: decoded(value),
            literal: index < LITERALS_MAX && self.literals & (1 << index) != 0,
        })
    }

    /// Appends the arguments as members of a JSON object, without its braces.
    pub fn append_json_to(&self, out: &mut String) {
        for (index, argument) in self.arguments().enumerate() {
            if index > 0 {
                out.push(',');
            }
            append_json_string(argument.name, out);
            out.push(':');
            if argument.literal {
                out.push_str(&argument.value);
            } else {
                append_json_string(&argument.value, out);
            }
        }
    }
}

impl fmt::Debug for Query {
    /// Hides the values: a signed query is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query(..)")
    }
}

impl fmt::Debug for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Argument({}, ..)", self.name)
    }
}

/// Appends a text as a JSON string, with its quotation marks.
pub fn append_json_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        // Such a byte is a character of its own in UTF-8.
        let (plain, escaped) = rest.split_at(at);
        out.push_str(plain);
        match escaped.as_bytes()[0] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &escaped[1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// A value as it was given.
fn decoded(value: &str) -> Cow<'_, str> {
    if value.bytes().any(|byte| byte == b'%') { percent_decode_str(value).decode_utf8_lossy() } else { value.into() }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

struct Encoder<'a>(&'a mut String);

impl Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(is_unreserved) {
            self.0.push_str(text);
        } else {
            self.0.extend(utf8_percent_encode(text, RESERVED));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn an_address_is_read_back() {
        let (path, query) = Query::of_url("http://a/book?symbol=A%2FB&limit=5&symbol=C").expect("a query");
        assert_eq!((path, query.value("symbol").as_deref()), ("http://a/book", Some("A/B")));
        assert_eq!((query.value("limit").as_deref(), query.value("lim")), (Some("5"), None));
        assert!(Query::of_url("http://a/book").is_none());
    }

    #[test]
    fn literals_stand_in_json_as_they_are() {
        let mut query = Query::default();
        query.add("side", "Buy").add_literal("window", 5_000).add("text", "a\"b\\\n\u{1}é").add_literal("rows", "[{}]");
        let mut json = String::new();
        query.append_json_to(&mut json);
        assert_eq!(json, r#""side":"Buy","window":5000,"text":"a\"b\\\n\u0001é","rows":[{}]"#);
        let mut none = String::new();
        Query::default().append_json_to(&mut none);
        assert_eq!(none, "");
    }

    #[test]
    fn lists_of_objects_stand_in_json() {
        let mut query = Query::default();
        query.add_objects("orders", [1, 2], |number, order| {
            order.add("id", number).add_literal("quantity", number);
        });
        query.add_objects("none", [0; 0], |_, _| {});
        let mut json = String::new();
        query.append_json_to(&mut json);
        assert_eq!(json, r#""orders":[{"id":"1","quantity":1},{"id":"2","quantity":2}],"none":[]"#);
    }

    proptest! {
        #[test]
        fn arguments_come_back_as_they_were_given(given in prop::collection::vec(("[a-zA-Z]{1,8}", ".*", any::<bool>()), 0..80)) {
            let mut query = Query::default();
            for (name, value, literal) in &given {
                if *literal { query.add_literal(name, value) } else { query.add(name, value) };
            }
            let found: Vec<_> = query.arguments().map(|found| (found.name.to_owned(), found.value.into_owned(), found.literal)).collect();
            let expected: Vec<_> = given.into_iter().enumerate().map(|(index, (name, value, literal))| (name, value, literal && index < 64)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
