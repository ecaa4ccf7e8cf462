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

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error> {
        let mut arguments = request.query.clone();
        add_stamp(&mut arguments, &request.stamp);
        arguments.as_str().clone_into(&mut draft.query);
        Ok(())
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
    fn draft(&self, id: u64, stamp: &Stamp<'_>, draft: &mut FrameDraft) -> Result<(), Error> {
        draft_call(id, self.method, Query::default(), stamp, draft);
        Ok(())
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
    let mut payload = String::with_capacity(arguments.as_str().len());
    for argument in &sorted {
        let separator = if payload.is_empty() { "" } else { "&" };
        for part in [separator, argument.name, "=", &argument.value] {
            payload.push_str(part);
        }
    }
    payload
}

/// Adds what binds a signature to a time.
fn add_stamp(arguments: &mut Query, stamp: &Stamp<'_>) {
    arguments.add_literal("recvWindow", stamp.recv_window.as_millis()).add_literal("timestamp", stamp.at.as_millis());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::time::Duration;
    use tradewire_core::Timestamp;
    use tradewire_transport::{Method, Secret, SigningKey};

    const KEY: &str = "k3y-of-a-test";
    // Computed with another library.
    const HMAC: [&str; 3] = [
        "a48fcc8dd5dd0f2ba71632a5bd4c5ce30ae65f7cefbe1a862ab61789d6cc72da",
        "8dddbf9193341cc401438293c42f300f5f005f91fe1b40f5e68307a8b59521e7",
        "b6c79ab11aba86493575a108210a8670a3392066ec35a6fcb99be0eade05fcc4",
    ];
    const ED25519: [&str; 3] = [
        "2VbbLZaOBJcMMIXownJsMykUF1IrArc%2FQj7Pwx0ec81Nafno81i%2By4pZfDxHWsjO4RBa972BSsiomi6zfmDdDw%3D%3D",
        "CasWrP/WWBzwLfqafcdgKfs6KNqMkS3o4dCEalf3O9cYvq/iNUc2OA4totabMG3O9dhYlvd956i5+SrDteprCw==",
        "ooUviXGajLSVbIR3rAJ2SGqP3c080hfbGbM0tgs/cQPJefK050G1eAw03hWNmTLzlWI0nhx5WafAmrUKo7pCBA==",
    ];

    fn keys() -> [(SigningKey, [&'static str; 3]); 2] {
        let hmac = SigningKey::hmac_sha256(&Secret::new("s3cret-of-a-test")).expect("a key");
        [(hmac, HMAC), (SigningKey::ed25519(&[7; 32]).expect("a key"), ED25519)]
    }

    fn stamp() -> Stamp<'static> {
        Stamp {
            at: Timestamp::from_millis(1_780_000_000_123),
            nonce: 0,
            recv_window: Duration::from_secs(5),
            api_key: KEY,
        }
    }

    fn rest(query: &Query, key: &SigningKey) -> String {
        let signing = RestSigning { verdict: |_| Verdict::Unknown };
        let mut draft = Draft::default();
        signing
            .draft(&Unsigned { method: &Method::POST, path: "/api/v3/order", query, stamp: stamp() }, &mut draft)
            .expect("a draft");
        let signature = key.sign(draft.query.as_bytes()).expect("signed");
        signing.seal(&signature, &mut draft);
        assert!(draft.body.is_empty() && draft.headers.is_empty());
        draft.query
    }

    fn signature(key: &SigningKey, payload: &str) -> String {
        let mut text = String::new();
        key.sign(payload.as_bytes()).expect("signed").append_to(&mut text);
        text
    }

    fn wide() -> Query {
        let mut query = Query::default();
        query.add("symbol", "币安人生USDT").add("side", "BUY").add_literal("orderId", 7).add("note", "a b&c=d");
        query
    }

    fn sealed(key: &SigningKey, mut draft: FrameDraft, seal: impl Fn(&Signature, &mut FrameDraft)) -> Value {
        let signature = key.sign(draft.payload.take().expect("a payload").as_bytes()).expect("signed");
        seal(&signature, &mut draft);
        serde_json::from_str(&draft.text).expect("JSON")
    }

    #[test]
    fn rest_requests_are_signed_as_they_are_sent_with_the_signature_last() {
        for (key, [expected, ..]) in keys() {
            assert_eq!(
                rest(&wide(), &key),
                "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&side=BUY&orderId=7&note=a%20b%26c%3Dd&recvWindow=5000\
                 &timestamp=1780000000123&signature="
                    .to_owned()
                    + expected
            );
            assert!(rest(&Query::default(), &key).starts_with("recvWindow=5000&timestamp=1780000000123&signature="));
        }
    }

    #[test]
    fn calls_are_signed_sorted_and_not_encoded() {
        for (key, [_, signature, _]) in keys() {
            let mut draft = FrameDraft::default();
            draft_call(3, "order.place", wide(), &stamp(), &mut draft);
            let expected = serde_json::json!({
                "id": 3,
                "method": "order.place",
                "params": {
                    "symbol": "币安人生USDT", "side": "BUY", "orderId": 7, "note": "a b&c=d", "apiKey": KEY,
                    "recvWindow": 5000, "timestamp": 1_780_000_000_123_u64, "signature": signature,
                },
            });
            assert_eq!(sealed(&key, draft, seal_call), expected);
        }
    }

    #[test]
    fn a_login_is_a_call_without_arguments() {
        let login = SignedLogin { method: "userDataStream.subscribe.signature" };
        for (key, [_, _, signature]) in keys() {
            let mut draft = FrameDraft::default();
            login.draft(0, &stamp(), &mut draft).expect("a draft");
            assert!(!format!("{draft:?} {login:?} {:?}", stamp()).contains(KEY));
            let frame = sealed(&key, draft, |signature, draft| login.seal(signature, draft));
            assert_eq!((frame["id"].as_u64(), frame["params"]["signature"].as_str()), (Some(0), Some(signature)));
        }
    }

    /// The key of a published example, if the example tells it.
    fn published_key(example: &Value) -> Option<SigningKey> {
        let secret = |name: &str| example[name].as_str().map(Secret::new);
        match (secret("secret"), secret("private_key_pem")) {
            (Some(secret), _) => Some(SigningKey::hmac_sha256(&secret).expect("a key")),
            (None, Some(pem)) if pem.expose().contains("ENCRYPTED") => {
                println!("skipped: the key of {} is encrypted", example["id"]);
                None
            }
            (None, Some(pem)) => Some(SigningKey::from_pem(&pem).expect("a key")),
            (None, None) => None,
        }
    }

    #[test]
    fn published_examples_are_signed_alike() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/protocols/signing-vectors.json");
        let Ok(text) = std::fs::read(path) else {
            println!("skipped: no published examples");
            return;
        };
        let examples: Value = serde_json::from_slice(&text).expect("JSON");
        let ours = |example: &&Value| example["exchange"].as_str().is_some_and(|name| name.starts_with("binance"));
        let (mut signed, mut called) = (0, 0);
        for example in examples["vectors"].as_array().expect("a list").iter().filter(ours) {
            let Some(key) = published_key(example) else { continue };
            let payload = example["payload"].as_str().expect("a payload");
            assert_eq!(Some(signature(&key, payload).as_str()), example["signature"].as_str(), "{}", example["id"]);
            signed += 1;
            if let Some(params) = example["params"].as_object() {
                let mut query = Query::default();
                for (name, value) in params {
                    query.add(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                }
                assert_eq!(call_payload(&query), payload, "{}", example["id"]);
                called += 1;
            }
        }
        assert!(signed > 0 && called > 0, "{signed} signed, {called} called");
    }
}
