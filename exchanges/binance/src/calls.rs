//! The WebSocket API: calls and their replies in the form that all of Binance's markets share.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::Error;
use tradewire_transport::{
    CallAnswer, CallDialect, CallFrame, CallLimits, Cost, FrameDraft, Signature, UnsignedCall, Verdict,
};

use crate::auth::{draft_call, seal_call};
use crate::error_codes::{ErrorBody, KindOf, refusal_of};
use crate::limits::used_by_reply;
use crate::market::{Fault, object};
use crate::private::decoded;
use crate::product::Product;

/// How many calls may be without a reply. The exchange states no limit.
const IN_FLIGHT: usize = 256;
/// Frames in a second. The exchange states no limit but the weights of calls.
const FRAMES_PER_SECOND: usize = 200;

/// How a market's socket for calls is spoken to. Each call is signed by itself, which all types of keys can.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/websocket-api>
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    /// Where it is.
    pub(crate) url: String,
    /// The kind of an error.
    pub(crate) kind_of: KindOf,
    /// What an error proves about a command.
    pub(crate) verdict: fn(&Error) -> Verdict,
    /// What a connection costs.
    pub(crate) connecting: Cost,
}

impl Calls {
    /// The calls of a market.
    pub(crate) fn of<P: Product>(url: String) -> Self {
        Self { url, kind_of: P::kind, verdict: P::verdict, connecting: Cost::weight(P::CALLS_CONNECT_WEIGHT) }
    }
}

impl CallDialect for Calls {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn draft(&self, call: &UnsignedCall<'_>, draft: &mut FrameDraft) {
        draft_call(call.id, call.op, call.query.clone(), &call.stamp, draft);
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        seal_call(signature, draft);
    }

    fn limits(&self) -> CallLimits {
        CallLimits { in_flight: IN_FLIGHT, frames_per_second: FRAMES_PER_SECOND, connecting: Some(self.connecting) }
    }

    fn classify(&self, frame: &[u8]) -> CallFrame {
        let head = std::str::from_utf8(frame).ok().and_then(|frame| object::<Head<'_>>(frame).ok());
        match head {
            Some(Head { event: Some(event), .. }) if event.kind == Some("serverShutdown") => CallFrame::ShutdownNotice,
            Some(Head { status: Some(_), id, .. }) => CallFrame::Reply { id: id.and_then(|id| id.get().parse().ok()) },
            _ => CallFrame::Other,
        }
    }

    fn answer<'a>(&self, frame: &'a [u8]) -> Result<CallAnswer<'a>, Error> {
        decoded(frame, |raw| object::<Reply<'_>>(raw)?.answer(self.kind_of))
    }

    fn outcome(&self, error: &Error) -> Verdict {
        (self.verdict)(error)
    }
}

/// As much of a frame as tells what it is.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    status: Option<u16>,
    #[serde(borrow)]
    event: Option<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "e")]
    kind: Option<&'a str>,
}

/// The reply to a call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    status: u16,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    rate_limits: Vec<&'a RawValue>,
}

/// What an error of a passed limit says besides: when to try again, and what time it is.
#[derive(Deserialize)]
struct Passed {
    data: Option<Until>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Until {
    server_time: u64,
    retry_after: u64,
}

impl<'a> Reply<'a> {
    fn answer(self, kind_of: KindOf) -> Result<CallAnswer<'a>, Fault> {
        let used = used_by_reply(&self.rate_limits);
        let Some(error) = self.error else {
            let body = self.result.ok_or_else(|| Fault::decode("a reply without result and error"))?.get().as_bytes();
            return Ok(CallAnswer { status: self.status, body, error: None, refusal: None, used });
        };
        let stated = object::<ErrorBody<'_>>(error.get())?;
        let pause = || {
            let until = serde_json::from_str::<Passed>(error.get()).ok()?.data?;
            Some(Duration::from_millis(until.retry_after.saturating_sub(until.server_time)))
        };
        Ok(CallAnswer {
            status: self.status,
            body: error.get().as_bytes(),
            refusal: refusal_of(self.status, Some(stated.code), pause),
            error: Some(stated.into_error(kind_of)),
            used,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::ErrorKind;
    use tradewire_transport::{RefusalKind, Unit};

    fn calls() -> Calls {
        let url = "ws://127.0.0.1:1/ws-api/v3".to_owned();
        let verdict = |_: &Error| Verdict::Refused;
        Calls { url, kind_of: |code, _| crate::error_codes::shared_kind(code), verdict, connecting: Cost::weight(2) }
    }

    fn answer(frame: &str) -> CallAnswer<'_> {
        calls().answer(frame.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_good_reply_has_a_result_and_counts() {
        let frame = r#"{"id":5,"status":200,"result":{"a": 1},"rateLimits":[
            {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":13},
            {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":322},
            {"rateLimitType":"MOONS","interval":"MINUTE","intervalNum":1,"limit":1,"count":1}, 7]}"#;
        assert_eq!(calls().classify(frame.as_bytes()), CallFrame::Reply { id: Some(5) });
        let answer = answer(frame);
        assert_eq!((answer.status, answer.body, answer.error.is_none()), (200, &br#"{"a": 1}"#[..], true));
        let counts: Vec<_> = answer.used.iter().map(|used| (used.unit, used.window.as_secs(), used.used)).collect();
        assert_eq!(counts, [(Unit::Orders, 10, 13), (Unit::Weight, 60, 322)]);
    }

    #[test]
    fn a_bad_reply_keeps_the_whole_error() {
        let error = r#"{"code":-1003,"msg":"Way too much","data":{"serverTime":1000,"retryAfter":61000}}"#;
        let frame = format!(r#"{{"id":null,"status":418,"error":{error}}}"#);
        assert_eq!(calls().classify(frame.as_bytes()), CallFrame::Reply { id: None });
        let answer = answer(&frame);
        assert_eq!(answer.body, error.as_bytes());
        assert_eq!(answer.error.map(|error| (error.kind(), error.code())), Some((ErrorKind::RateLimited, Some(-1003))));
        let refusal = answer.refusal.expect("a passed limit");
        assert_eq!((refusal.kind, refusal.pause), (RefusalKind::Banned, Some(Duration::from_secs(60))));
    }

    #[test]
    fn what_is_no_reply_is_told_or_refused() {
        let notice = br#"{"event":{"e":"serverShutdown","E":1}}"#;
        assert_eq!(calls().classify(notice), CallFrame::ShutdownNotice);
        for frame in ["", "[]", "{}", r#"{"event":{"e":"other"}}"#, "{\"id\":"] {
            assert_eq!(calls().classify(frame.as_bytes()), CallFrame::Other, "{frame}");
        }
        for frame in [r#"{"id":1,"status":200}"#, r#"{"id":1,"status":400,"error":[]}"#, r#"{"id":1}"#, "x"] {
            assert_eq!(calls().answer(frame.as_bytes()).expect_err(frame).kind(), ErrorKind::Decode);
        }
    }
}
