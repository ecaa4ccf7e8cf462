use std::collections::BTreeMap;

use serde::Serialize;
use tradewire::transport::RenderedRequest;

use crate::credentials::masked;

/// A request as it would be sent, as a line of JSON. The key is masked unless it was asked for.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum RenderedView {
    Rest { method: String, url: String, headers: BTreeMap<String, String>, body: String },
    Frame { url: String, frame: String },
}

impl RenderedView {
    /// `key` is masked wherever it stands; `None` shows it.
    pub(super) fn of(request: RenderedRequest, key: Option<&str>) -> Option<Self> {
        let hide = |text: String| match key {
            Some(key) => hidden(&text, key),
            None => text,
        };
        match request {
            RenderedRequest::Rest { method, url, headers, body } => Some(Self::Rest {
                method,
                url: hide(url),
                headers: headers.into_iter().map(|(name, value)| (name, hide(value))).collect(),
                body: hide(body),
            }),
            RenderedRequest::Frame { url, text } => Some(Self::Frame { url: hide(url), frame: hide(text) }),
            _ => None,
        }
    }

    /// The same for people, in the order of the wire.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Rest { method, url, headers, body } => {
                let mut text = format!("{method} {url}");
                for (name, value) in headers {
                    text += &format!("\n{name}: {value}");
                }
                if !body.is_empty() {
                    text += &format!("\n\n{body}");
                }
                text
            }
            Self::Frame { url, frame } => format!("{url}\n\n{frame}"),
        }
    }
}

/// `text` with `key` masked wherever it stands as a word of its own.
fn hidden(text: &str, key: &str) -> String {
    let of_word = |c: char| c.is_alphanumeric();
    let (mask, mut shown) = (masked(key), String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(key).filter(|_| !key.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + key.len()..]);
        let inside = shown.chars().chain(before.chars()).next_back().is_some_and(of_word) || after.starts_with(of_word);
        shown.push_str(before);
        shown.push_str(if inside { key } else { &mask });
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnop";

    #[test]
    fn the_key_is_masked_wherever_it_stands_unless_it_is_asked_for() {
        let rest = || RenderedRequest::Rest {
            method: "POST".to_owned(),
            url: format!("https://x/order?apiKey={KEY}&symbol=BTC"),
            headers: vec![("X-KEY".to_owned(), KEY.to_owned())],
            body: format!("k={KEY}"),
        };
        let text = RenderedView::of(rest(), Some(KEY)).expect("shown").text();
        assert_eq!(text, "POST https://x/order?apiKey=abcd…mnop&symbol=BTC\nX-KEY: abcd…mnop\n\nk=abcd…mnop");
        assert!(RenderedView::of(rest(), None).expect("shown").text().contains(KEY));
        let frame = RenderedRequest::Frame { url: "wss://x".to_owned(), text: format!("{{\"apiKey\":\"{KEY}\"}}") };
        let json = serde_json::to_string(&RenderedView::of(frame, Some(KEY)).expect("shown")).expect("JSON");
        assert_eq!(json, r#"{"url":"wss://x","frame":"{\"apiKey\":\"abcd…mnop\"}"}"#);
    }

    #[test]
    fn a_short_key_hides_nothing_else() {
        assert_eq!(hidden("k=k&kk=1&x=k", "k"), "…=…&kk=1&x=…");
        assert_eq!(hidden("abc", ""), "abc");
    }
}
