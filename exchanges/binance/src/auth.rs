//! How Binance wants requests signed, on all of its markets.
//!
//! | wire | signed | signature |
//! |---|---|---|
//! | REST | the query as sent, percent-encoded | last in the query, percent-encoded |
//! | WebSocket API | `name=value` of all parameters in the order of names, not encoded | the parameter `signature` |

use std::fmt::Write;

use tradewire_core::Error;
use tradewire_transport::{
    AuthDialect, Draft, FrameDraft, HeaderName, LoginDialect, Query, Signature, Stamp, Unsigned, Verdict,
};

/// Signs REST requests. Everything stands in the query.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security>
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestSigning {
    /// What an error of the market proves about a command.
    pub(crate) verdict: fn(&Error) -> Verdict,
}

impl AuthDialect for RestSigning {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("x-mbx-apikey")
    }

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) {
        let mut arguments = request.query.clone();
        add_stamp(&mut arguments, &request.stamp);
        arguments.as_str().clone_into(&mut draft.query);
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        draft.query.push_str("&signature=");
        signature.append_encoded_to(&mut draft.query);
    }

    fn outcome(&self, error: &Error) -> Verdict {
        (self.verdict)(error)
    }
}

/// Signs a call without arguments as the login of a socket.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/request-security>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedLogin {
    /// What is called.
    pub(crate) method: &'static str,
}

impl LoginDialect for SignedLogin {
    fn draft(&self, id: u64, stamp: &Stamp<'_>, draft: &mut FrameDraft) {
        draft_call(id, self.method, Query::default(), stamp, draft);
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        seal_call(signature, draft);
    }
}

/// Writes a call of the WebSocket API but for its signature, which comes last.
pub(crate) fn draft_call(id: u64, method: &str, mut arguments: Query, stamp: &Stamp<'_>, draft: &mut FrameDraft) {
    arguments.add("apiKey", stamp.api_key);
    add_stamp(&mut arguments, stamp);
    // Writing to a `String` cannot fail.
    let _ = write!(draft.text, r#"{{"id":{id},"method":"{method}","params":{{"#);
    arguments.append_json_to(&mut draft.text);
    draft.payload = Some(call_payload(&arguments));
}

/// Closes a call with its signature.
pub(crate) fn seal_call(signature: &Signature, draft: &mut FrameDraft) {
    draft.text.push_str(r#","signature":""#);
    signature.append_to(&mut draft.text);
    draft.text.push_str("\"}}");
}

/// What is signed of a call.
fn call_payload(arguments: &Query) -> String {
    let mut sorted: Vec<_> = arguments.arguments().collect();
    sorted.sort_unstable_by_key(|argument| argument.name);
    let pairs = sorted.iter().map(|argument| [argument.name, "=", &argument.value].concat());
    pairs.collect::<Vec<_>>().join("&")
}

/// Adds what binds a signature to a time.
fn add_stamp(arguments: &mut Query, stamp: &Stamp<'_>) {
    arguments.add_literal("recvWindow", stamp.recv_window.as_millis()).add_literal("timestamp", stamp.at.as_millis());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tradewire_core::Timestamp;
    use tradewire_transport::{Method, Secret, SigningKey};

    const KEY: &str = "k3y-of-a-test";

    fn hmac() -> SigningKey {
        SigningKey::hmac_sha256(&Secret::new("s3cret-of-a-test")).expect("a key")
    }

    fn stamp() -> Stamp<'static> {
        Stamp { at: Timestamp::from_millis(1_780_000_000_123), recv_window: Duration::from_secs(5), api_key: KEY }
    }

    fn rest(query: &Query, key: &SigningKey) -> String {
        let signing = RestSigning { verdict: |_| Verdict::Unknown };
        let mut draft = Draft::default();
        signing.draft(&Unsigned { method: &Method::POST, path: "/api/v3/order", query, stamp: stamp() }, &mut draft);
        let signature = key.sign(draft.query.as_bytes()).expect("signed");
        signing.seal(&signature, &mut draft);
        assert!(draft.body.is_empty() && draft.headers.is_empty());
        draft.query
    }

    fn text(key: &SigningKey, payload: &str) -> String {
        let mut text = String::new();
        key.sign(payload.as_bytes()).expect("signed").append_to(&mut text);
        text
    }

    fn wide() -> Query {
        let mut query = Query::default();
        query.add("symbol", "币安人生USDT").add("side", "BUY").add_literal("orderId", 7).add("note", "a b&c=d");
        query
    }

    #[test]
    fn rest_requests_are_signed_as_they_are_sent_with_the_signature_last() {
        let payload = "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&side=BUY&orderId=7&note=a%20b%26c%3Dd\
                       &recvWindow=5000&timestamp=1780000000123";
        let hmac = hmac();
        assert_eq!(rest(&wide(), &hmac), format!("{payload}&signature={}", text(&hmac, payload)));
        let ed25519 = SigningKey::ed25519(&[7; 32]).expect("a key");
        let signature = text(&ed25519, payload).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert_eq!(rest(&wide(), &ed25519), format!("{payload}&signature={signature}"));
        assert_eq!(rest(&Query::default(), &hmac).split('&').count(), 3);
    }

    #[test]
    fn calls_are_signed_sorted_and_not_encoded() {
        let mut draft = FrameDraft::default();
        draft_call(3, "order.place", wide(), &stamp(), &mut draft);
        let payload = "apiKey=k3y-of-a-test&note=a b&c=d&orderId=7&recvWindow=5000&side=BUY&symbol=币安人生USDT\
                       &timestamp=1780000000123";
        assert_eq!(draft.payload.as_deref(), Some(payload));
        let key = hmac();
        seal_call(&key.sign(payload.as_bytes()).expect("signed"), &mut draft);
        let expected = serde_json::json!({
            "id": 3,
            "method": "order.place",
            "params": {
                "symbol": "币安人生USDT", "side": "BUY", "orderId": 7, "note": "a b&c=d", "apiKey": KEY, "recvWindow": 5000,
                "timestamp": 1_780_000_000_123_u64, "signature": text(&key, payload),
            },
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&draft.text).expect("JSON"), expected);
    }

    #[test]
    fn a_login_is_a_call_without_arguments() {
        let login = SignedLogin { method: "userDataStream.subscribe.signature" };
        let mut draft = FrameDraft::default();
        login.draft(0, &stamp(), &mut draft);
        assert_eq!(draft.payload.as_deref(), Some("apiKey=k3y-of-a-test&recvWindow=5000&timestamp=1780000000123"));
        login.seal(&hmac().sign(b"").expect("signed"), &mut draft);
        assert!(serde_json::from_str::<serde_json::Value>(&draft.text).is_ok(), "{}", draft.text);
        assert!(!format!("{draft:?} {login:?} {:?}", stamp()).contains(KEY));
    }
}
