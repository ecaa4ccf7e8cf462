use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A base and a quote asset, written `BTC-USDT`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    text: Arc<str>,
    dash: usize,
}

impl Pair {
    /// The pair of two assets.
    ///
    /// # Errors
    /// An asset that is empty or holds a `-` or white space.
    pub fn new(base: &str, quote: &str) -> Result<Self, PairError> {
        format!("{base}-{quote}").parse()
    }

    /// The asset that is bought and sold.
    pub fn base(&self) -> &str {
        &self.text[..self.dash]
    }

    /// The asset that prices are in.
    pub fn quote(&self) -> &str {
        &self.text[self.dash + 1..]
    }

    /// The pair as text, `BTC-USDT`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Pair {
    type Err = PairError;

    fn from_str(text: &str) -> Result<Self, PairError> {
        let error = || PairError { text: text.to_owned() };
        let (base, quote) = text.split_once('-').ok_or_else(error)?;
        let whole = |asset: &str| {
            !asset.is_empty() && !asset.contains(|c: char| c == '-' || c.is_whitespace() || c.is_control())
        };
        if !whole(base) || !whole(quote) {
            return Err(error());
        }
        Ok(Self { text: text.into(), dash: base.len() })
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Pair {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is not a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairError {
    text: String,
}

impl fmt::Display for PairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a pair; write base and quote asset with a dash, like BTC-USDT", self.text)
    }
}

impl std::error::Error for PairError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_base_dash_quote() {
        let pair: Pair = "BTC-USDT".parse().expect("a pair");
        assert_eq!((pair.base(), pair.quote()), ("BTC", "USDT"));
        assert_eq!("币安人生-USDT".parse::<Pair>().expect("a pair").base(), "币安人生");
        for text in ["BTCUSDT", "-USDT", "BTC-", "BTC-USDT-PERP", "BTC USDT", ""] {
            assert!(text.parse::<Pair>().is_err(), "{text}");
        }
    }
}
