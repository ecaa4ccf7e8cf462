use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, ErrorKind};
use tradewire_tracking::PrivateFrame;
use tradewire_wire::{Fault, even_null, object, utf8};

use crate::error_codes::{ErrorBody, KindOf};

/// What a frame of a private socket holds.
pub(crate) enum Content<'a> {
    /// Something that happened to the account.
    Event { kind: Cow<'a, str>, raw: &'a str },
    /// The answer to a request.
    Reply(Reply),
    /// Something else.
    Unknown,
}

/// The answer to a request on a private socket.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/response-format>
#[derive(Debug)]
pub(crate) struct Reply {
    /// The request's id, if it is one of ours: a number.
    pub(crate) id: Option<u64>,
    /// Why it was refused.
    pub(crate) refused: Option<Error>,
}

impl<'a> Content<'a> {
    /// Looks into a frame: an event, alone or as `event` beside the id of its subscription, or an answer.
    pub(crate) fn of(frame: &'a [u8], kind_of: KindOf) -> Result<Self, Fault> {
        let frame = utf8(frame)?;
        let envelope: Envelope<'_> = object(frame)?;
        if let Some(event) = envelope.event {
            return Ok(Self::Event { kind: kind_of_event(event.get())?, raw: event.get() });
        }
        if let Some(Text(kind)) = envelope.kind {
            return Ok(Self::Event { kind, raw: frame });
        }
        if envelope.id.is_none() && envelope.status.is_none() {
            return Ok(Self::Unknown);
        }
        let id = envelope.id.and_then(|id| id.get().parse().ok());
        let refused = match (envelope.error, envelope.status) {
            (Some(error), status) => Some(refusal(error.get(), status, kind_of)?),
            (None, Some(status)) if !(200..300).contains(&status) => {
                Some(Error::new(ErrorKind::Exchange, "refused without a reason").with_status(status))
            }
            (None, _) => None,
        };
        Ok(Self::Reply(Reply { id, refused }))
    }
}

/// What kind of event this is. It comes first as a rule; where it does not, the event is read whole.
fn kind_of_event(event: &str) -> Result<Cow<'_, str>, Fault> {
    let first = event.strip_prefix(r#"{"e":""#).and_then(|rest| rest.split_once('"'));
    match first {
        Some((kind, _)) if !kind.contains('\\') => Ok(Cow::Borrowed(kind)),
        _ => Ok(object::<Named<'_>>(event)?.kind),
    }
}

impl Reply {
    /// As a frame of the private stream. An answer that belongs to no request says that the connection serves the account
    /// no longer if it is about the key, else it is a fault of ours.
    pub(crate) fn into_frame(self, frame: &[u8]) -> PrivateFrame {
        match (self.id, self.refused) {
            (Some(id), refused) => PrivateFrame::Reply { id, refused },
            (None, Some(error)) if error.kind() == ErrorKind::Auth => PrivateFrame::SubscriptionEnded,
            (None, Some(error)) => PrivateFrame::Messages(Vec::new(), vec![error.with_frame(frame)]),
            (None, None) => PrivateFrame::Unknown("reply".to_owned()),
        }
    }
}

fn refusal(error: &str, status: Option<u16>, kind_of: KindOf) -> Result<Error, Fault> {
    let error = object::<ErrorBody<'_>>(error)?.into_error(kind_of);
    Ok(match status {
        Some(status) => error.with_status(status),
        None => error,
    })
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(rename = "e", borrow)]
    kind: Option<Text<'a>>,
    #[serde(default, borrow, deserialize_with = "even_null")]
    id: Option<&'a RawValue>,
    status: Option<u16>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(rename = "e", borrow)]
    kind: Cow<'a, str>,
}

/// A text that is borrowed where it has no escapes, also as an `Option`.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_codes::shared_kind;

    fn of(frame: &str) -> PrivateFrame {
        match Content::of(frame.as_bytes(), |code, _| shared_kind(code)).expect(frame) {
            Content::Reply(reply) => reply.into_frame(frame.as_bytes()),
            Content::Event { kind, raw } => PrivateFrame::Unknown(format!("{kind} {raw}")),
            Content::Unknown => PrivateFrame::Unknown("nothing".to_owned()),
        }
    }

    #[test]
    fn answers_are_told_from_events_and_keep_their_reason() {
        assert!(matches!(
            of(r#"{"id":7,"status":200,"result":{"subscriptionId":0},"rateLimits":[]}"#),
            PrivateFrame::Reply { id: 7, refused: None }
        ));
        let refused = of(r#"{"id":8,"status":400,"error":{"code":-1021,"msg":"Timestamp","novel":1}}"#);
        let PrivateFrame::Reply { id: 8, refused: Some(error) } = refused else { panic!("{refused:?}") };
        assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Clock, Some(-1021), Some(400)));
        let unasked = of(r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key."}}"#);
        assert!(matches!(unasked, PrivateFrame::SubscriptionEnded), "{unasked:?}");
        let ours = of(r#"{"id":null,"status":400,"error":{"code":-1135,"msg":"Invalid JSON"}}"#);
        assert!(
            matches!(&ours, PrivateFrame::Messages(told, errors) if told.is_empty() && errors.len() == 1),
            "{ours:?}"
        );
    }

    #[test]
    fn events_come_alone_or_with_their_subscription() {
        for (frame, told) in [
            (r#"{"subscriptionId":3,"event":{"e":"a\"b","E":1}}"#, r#"a"b {"e":"a\"b","E":1}"#),
            (r#"{"e":"plain","E":1}"#, r#"plain {"e":"plain","E":1}"#),
            ("{}", "nothing"),
        ] {
            let read = of(frame);
            assert!(matches!(&read, PrivateFrame::Unknown(text) if text == told), "{read:?}");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for frame in ["", "[]", "7", r#"{"event":7}"#, r#"{"event":{}}"#, r#"{"id":1,"error":[-1,"x"]}"#, "{\"e\":1}"] {
            assert!(Content::of(frame.as_bytes(), |code, _| shared_kind(code)).is_err(), "{frame}");
        }
    }
}
