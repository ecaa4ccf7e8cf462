use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_wire::{Fault, even_null};

/// The answer to a control message on a market stream.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#live-subscribingunsubscribing-to-streams>
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The request's id, if it is one of ours: a number.
    pub(crate) id: Option<u64>,
    /// Code and text of a refusal.
    pub(crate) refused: Option<String>,
}

impl Reply {
    /// Reads a frame that is no event; `None` if it is no answer either.
    ///
    /// A refusal comes as `{"error":{"code","msg"},"id"}` or as `{"code","msg"}`.
    pub(crate) fn from_json(raw: &str) -> Result<Option<Self>, Fault> {
        let wire: Wire<'_> = serde_json::from_str(raw)?;
        let refusal = match (&wire.error, wire.code) {
            (Some(error), _) => Some(error.to_text()),
            (None, Some(code)) => Some(Refusal { code, text: wire.text }.to_text()),
            (None, None) if wire.result.is_some() => None,
            (None, None) => return Ok(None),
        };
        let id = wire.id.and_then(|id| id.get().parse().ok());
        Ok(Some(Self { id, refused: refusal }))
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "even_null")]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<Refusal<'a>>,
    code: Option<i64>,
    #[serde(rename = "msg", borrow)]
    text: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Refusal<'a> {
    code: i64,
    #[serde(rename = "msg", borrow)]
    text: Option<Cow<'a, str>>,
}

impl Refusal<'_> {
    fn to_text(&self) -> String {
        format!("code {}: {}", self.code, self.text.as_deref().unwrap_or_default())
    }
}
