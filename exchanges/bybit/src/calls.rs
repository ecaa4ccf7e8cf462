//! The socket for commands.

use serde::Deserialize;
use serde_json::value::RawValue;
use tradewire_core::{Error, Timestamp};
use tradewire_transport::{
    CallAnswer, CallDialect, CallFrame, CallLimits, FrameDraft, Login, Session, Signature, UnsignedCall, Verdict,
};
use tradewire_wire::{Fault, Text, decoded, millis, object};

use std::sync::Arc;

use crate::auth::SocketLogin;
use crate::control::PING;
use crate::error_codes::{self, is_success, refusal_of, stated};
use crate::limits::Told;

/// How many calls may be without a reply. The exchange states no limit.
const IN_FLIGHT: usize = 256;
/// Frames in a second: the exchange takes 3 000 from an address.
const FRAMES_PER_SECOND: usize = 500;
/// The login of a connection that is logged in already.
const LOGGED_IN_ALREADY: i64 = 20_001;

/// How the socket for commands is spoken to. A connection logs in once; calls are not signed.
///
/// <https://bybit-exchange.github.io/docs/v5/websocket/trade/guideline>
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    pub(crate) url: String,
    pub(crate) session: Session,
}

impl CallDialect for Calls {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn login(&self) -> Option<Login> {
        Some(Login::new(self.session.clone(), Arc::new(SocketLogin)))
    }

    /// The id is unlike those of connections before: the exchange refuses one that it has seen.
    fn draft(&self, call: &UnsignedCall<'_>, draft: &mut FrameDraft) {
        let (id, op, time) = (call.id, call.op, call.stamp.at.as_millis());
        let window = call.stamp.recv_window.as_millis();
        draft.text = format!(
            r#"{{"reqId":"{id}-{time}","header":{{"X-BAPI-TIMESTAMP":"{time}","X-BAPI-RECV-WINDOW":"{window}"}},"op":"{op}","args":[{{"#
        );
        call.query.append_json_to(&mut draft.text);
        draft.text.push_str("}]}");
    }

    /// Never asked for: calls are not signed.
    fn seal(&self, _: &Signature, _: &mut FrameDraft) {}

    fn limits(&self) -> CallLimits {
        CallLimits { in_flight: IN_FLIGHT, frames_per_second: FRAMES_PER_SECOND, connecting: None }
    }

    fn ping(&self) -> Option<String> {
        Some(PING.to_owned())
    }

    fn classify(&self, frame: &[u8]) -> CallFrame {
        let head = std::str::from_utf8(frame).ok().and_then(|frame| object::<Head<'_>>(frame).ok());
        let Some(Head { ret_code: Some(_), op, req_id }) = head else { return CallFrame::Other };
        match op.as_deref() {
            Some("pong" | "ping") => CallFrame::Other,
            _ => CallFrame::Reply { id: req_id.as_deref().and_then(call_id) },
        }
    }

    fn answer<'a>(&self, frame: &'a [u8]) -> Result<CallAnswer<'a>, Error> {
        decoded(frame, |raw| {
            let reply: Reply<'_> = object(raw)?;
            let told = reply.header.as_ref().map(Header::told).unwrap_or_default();
            let refused = !is_success(reply.ret_code) && reply.ret_code != LOGGED_IN_ALREADY;
            let text = || reply.ret_msg.as_deref().unwrap_or_default().to_owned();
            Ok(CallAnswer {
                status: 200,
                body: frame,
                error: refused.then(|| stated(reply.ret_code, text())),
                refusal: refusal_of(reply.ret_code, &told),
                used: told.used(),
            })
        })
    }

    fn outcome(&self, error: &Error) -> Verdict {
        error_codes::verdict(error)
    }
}

/// The number of the call in an id.
fn call_id(text: &str) -> Option<u64> {
    text.split('-').next()?.parse().ok()
}

/// Reads the result of a good reply; the time is the exchange's.
///
/// # Errors
/// `Decode` with the reply.
pub(crate) fn reply_result<T>(
    reply: &[u8],
    read: impl FnOnce(&str, Timestamp) -> Result<T, Fault>,
) -> Result<T, Error> {
    decoded(reply, |raw| {
        let reply: Reply<'_> = object(raw)?;
        let data = reply.data.ok_or_else(|| Fault::decode("a reply without data"))?;
        let told = reply.header.as_ref().map(Header::told).unwrap_or_default();
        read(data.get(), millis(told.now.unwrap_or_default())?)
    })
}

/// As much of a frame as tells what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    ret_code: Option<i64>,
    #[serde(borrow)]
    op: Option<Text<'a>>,
    #[serde(borrow)]
    req_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    ret_code: i64,
    #[serde(borrow)]
    ret_msg: Option<Text<'a>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    header: Option<Header<'a>>,
}

/// What REST says in headers, whose names the exchange does not always write alike.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow, alias = "x-bapi-limit", rename = "X-Bapi-Limit")]
    limit: Option<Text<'a>>,
    #[serde(borrow, alias = "x-bapi-limit-status", rename = "X-Bapi-Limit-Status")]
    left: Option<Text<'a>>,
    #[serde(borrow, alias = "x-bapi-limit-reset-timestamp", rename = "X-Bapi-Limit-Reset-Timestamp")]
    reset: Option<Text<'a>>,
    #[serde(borrow, alias = "timenow", alias = "TimeNow", rename = "Timenow")]
    now: Option<Text<'a>>,
}

impl Header<'_> {
    fn told(&self) -> Told {
        let number = |text: &Option<Text<'_>>| text.as_deref().and_then(|text| text.parse::<u64>().ok());
        let small = |text: &Option<Text<'_>>| number(text).and_then(|count| u32::try_from(count).ok());
        Told { limit: small(&self.limit), left: small(&self.left), reset: number(&self.reset), now: number(&self.now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tradewire_core::ErrorKind;
    use tradewire_transport::{Clock, Credentials, Query, Secret, Security, ServerClock, SigningKey, Stamp, Unit};

    fn calls() -> Calls {
        let key = SigningKey::hmac_sha256(&Secret::new("s")).expect("a key");
        let credentials = Credentials::new(Secret::new("k"), key).expect("credentials");
        let never = || -> futures_util::future::BoxFuture<'static, _> { Box::pin(std::future::pending()) };
        let session = Session::new(credentials, Duration::from_secs(5), ServerClock::new(Clock::start()), never);
        Calls { url: "ws://127.0.0.1:1/v5/trade".to_owned(), session }
    }

    #[test]
    fn a_call_is_written_with_its_time_and_not_signed() {
        let mut query = Query::default();
        query.add("category", "linear").add_literal("positionIdx", 0);
        let at = Timestamp::from_millis(1_700_000_000_123);
        let stamp = Stamp { at, nonce: 0, recv_window: Duration::from_secs(5), api_key: "k" };
        let mut draft = FrameDraft::default();
        let call = UnsignedCall { id: 7, op: "order.create", security: Security::Signed, query: &query, stamp };
        calls().draft(&call, &mut draft);
        assert!(draft.payload.is_none());
        assert_eq!(
            draft.text,
            concat!(
                r#"{"reqId":"7-1700000000123","header":{"X-BAPI-TIMESTAMP":"1700000000123","X-BAPI-RECV-WINDOW":"5000"},"#,
                r#""op":"order.create","args":[{"category":"linear","positionIdx":0}]}"#
            )
        );
    }

    #[test]
    fn replies_find_their_calls() {
        let of = |frame: &str| calls().classify(frame.as_bytes());
        assert_eq!(of(r#"{"reqId":"7-17","retCode":0,"op":"order.create"}"#), CallFrame::Reply { id: Some(7) });
        assert_eq!(of(r#"{"retCode":0,"retMsg":"OK","op":"auth","connId":"c"}"#), CallFrame::Reply { id: None });
        for other in [r#"{"retCode":0,"retMsg":"OK","op":"pong","data":["1"]}"#, "{}", "", "[]"] {
            assert_eq!(of(other), CallFrame::Other, "{other}");
        }
    }

    #[test]
    fn a_reply_states_its_error_and_what_is_used() {
        let frame = |code: i64| {
            format!(
                r#"{{"reqId":"1","retCode":{code},"retMsg":"x","op":"order.create","data":{{}},"header":{{"X-Bapi-Limit":"10","X-Bapi-Limit-Status":"4","X-Bapi-Limit-Reset-Timestamp":"1500","Timenow":"1000"}}}}"#
            )
        };
        let good = frame(0);
        let answer = calls().answer(good.as_bytes()).expect("an answer");
        assert!(answer.error.is_none() && answer.refusal.is_none());
        assert_eq!(answer.used[0].used, 6);
        let passed = frame(10_006);
        let answer = calls().answer(passed.as_bytes()).expect("an answer");
        assert_eq!(answer.error.map(|error| error.kind()), Some(ErrorKind::RateLimited));
        let refusal = answer.refusal.expect("a refusal");
        assert_eq!((refusal.unit, refusal.pause), (Some(Unit::Endpoint), Some(Duration::from_millis(500))));
        let again = frame(LOGGED_IN_ALREADY);
        assert!(calls().answer(again.as_bytes()).expect("an answer").error.is_none());
        assert!(calls().answer(b"{}").is_err());
    }
}
