//! How Bybit wants requests signed.
//!
//! | wire | signed | signature |
//! |---|---|---|
//! | REST, GET | time, key, window and the query as sent | a header |
//! | REST, POST | time, key, window and the body as sent | a header |
//! | private socket and socket for commands | `GET/realtime` and the expiry, once a connection | the last argument |

use std::time::Duration;

use tradewire_core::Error;
use tradewire_transport::{
    AuthDialect, Draft, FrameDraft, HeaderName, HeaderValue, LoginDialect, Method, Payload, Signature, Stamp, Unsigned,
    Verdict, append_json_string,
};

use crate::error_codes;

/// How far ahead of the exchange's time the expiry of a login lies.
const LOGIN_EXPIRES: Duration = Duration::from_secs(5);

/// Signs REST requests.
///
/// <https://bybit-exchange.github.io/docs/v5/guide#authentication>
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestSigning;

impl AuthDialect for RestSigning {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("x-bapi-api-key")
    }

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error> {
        let Stamp { at, recv_window, api_key, .. } = request.stamp;
        let (time, window) = (at.as_millis().to_string(), recv_window.as_millis().to_string());
        let signed = if *request.method == Method::GET {
            request.query.as_str().clone_into(&mut draft.query);
            &draft.query
        } else {
            draft.body.push('{');
            request.query.append_json_to(&mut draft.body);
            draft.body.push('}');
            draft.headers.push((HeaderName::from_static("content-type"), HeaderValue::from_static("application/json")));
            &draft.body
        };
        draft.payload = Payload::Text([&time, api_key, &window, signed].concat());
        for (name, value) in [("x-bapi-timestamp", time), ("x-bapi-recv-window", window)] {
            draft.headers.extend(header(name, &value));
        }
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        let mut text = String::new();
        signature.append_to(&mut text);
        draft.headers.extend(header("x-bapi-sign", &text).map(|(name, mut value)| {
            value.set_sensitive(true);
            (name, value)
        }));
    }

    fn outcome(&self, error: &Error) -> Verdict {
        error_codes::verdict(error)
    }
}

/// A header of digits, letters or base64, which every header can hold.
fn header(name: &'static str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
}

/// The login of a socket.
///
/// <https://bybit-exchange.github.io/docs/v5/ws/connect#authentication>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SocketLogin;

impl LoginDialect for SocketLogin {
    fn draft(&self, _: u64, stamp: &Stamp<'_>, draft: &mut FrameDraft) -> Result<(), Error> {
        let expires = stamp.at.after(LOGIN_EXPIRES).as_millis();
        draft.text.push_str(r#"{"op":"auth","args":["#);
        append_json_string(stamp.api_key, &mut draft.text);
        draft.text.push_str(&format!(r#",{expires},""#));
        draft.payload = Some(format!("GET/realtime{expires}"));
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        signature.append_to(&mut draft.text);
        draft.text.push_str(r#""]}"#);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::Timestamp;
    use tradewire_transport::{Query, Secret, SigningKey};

    fn key() -> SigningKey {
        SigningKey::hmac_sha256(&Secret::new("example-secret")).expect("a key")
    }

    fn stamp(millis: i64) -> Stamp<'static> {
        Stamp {
            at: Timestamp::from_millis(millis),
            nonce: 0,
            recv_window: Duration::from_secs(5),
            api_key: "example-key",
        }
    }

    fn signed(method: &Method, query: &Query, millis: i64) -> (Draft, String) {
        let mut draft = Draft::default();
        let path = "/v5/order/create";
        RestSigning.draft(&Unsigned { method, path, query, stamp: stamp(millis) }, &mut draft).expect("a draft");
        let Payload::Text(text) = &draft.payload else { panic!("a text") };
        let signature = key().sign(text.as_bytes()).expect("signed");
        RestSigning.seal(&signature, &mut draft);
        let sign = draft.headers.iter().find(|(name, _)| name == "x-bapi-sign").expect("a signature");
        assert!(sign.1.is_sensitive());
        let sign = sign.1.to_str().expect("text").to_owned();
        (draft, sign)
    }

    #[test]
    fn a_get_is_signed_with_its_query() {
        let mut query = Query::default();
        query.add("category", "linear").add("symbol", "BTCUSDT");
        let (draft, sign) = signed(&Method::GET, &query, 1_658_384_314_791);
        assert_eq!((draft.query.as_str(), draft.body.as_str()), ("category=linear&symbol=BTCUSDT", ""));
        assert_eq!(sign, "842d868ef4896dd23a1546fee6009646ed8b0b0ca0f9900ce368628b67126d93");
        let names: Vec<_> = draft.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().ok())).collect();
        assert_eq!(names[..2], [("x-bapi-timestamp", Some("1658384314791")), ("x-bapi-recv-window", Some("5000"))]);
    }

    #[test]
    fn a_post_is_signed_with_its_body() {
        let mut query = Query::default();
        query.add("category", "linear").add("symbol", "BTCUSDT").add("side", "Buy").add("orderType", "Limit");
        query.add("qty", "0.001").add("price", "60000").add("timeInForce", "GTC").add("orderLinkId", "test-1");
        let (draft, sign) = signed(&Method::POST, &query, 1_658_385_579_423);
        assert!(draft.query.is_empty() && draft.body.starts_with(r#"{"category":"linear","#), "{}", draft.body);
        assert_eq!(sign, "6e0fa32807e340623ed793253dbbdbd8db6062a210cc5a0108646b506b7e0ef3");
    }

    #[test]
    fn a_login_is_signed_with_its_expiry() {
        let mut draft = FrameDraft::default();
        SocketLogin.draft(0, &stamp(1_662_350_395_000), &mut draft).expect("a draft");
        let payload = draft.payload.take().expect("a payload");
        assert_eq!(payload, "GET/realtime1662350400000");
        SocketLogin.seal(&key().sign(payload.as_bytes()).expect("signed"), &mut draft);
        let sign = "48f83e83fe0ef43ccb780ede1720f5a770c200efd699c02009b546dbda2a4e1a";
        assert_eq!(draft.text, format!(r#"{{"op":"auth","args":["example-key",1662350400000,"{sign}"]}}"#));
        assert!(!format!("{draft:?}").contains("example"));
    }

    #[test]
    fn other_keys_sign_in_base64() {
        let mut query = Query::default();
        query.add("symbol", "币安人生USDT");
        let mut draft = Draft::default();
        RestSigning
            .draft(
                &Unsigned { method: &Method::GET, path: "/v5/order/realtime", query: &query, stamp: stamp(1) },
                &mut draft,
            )
            .expect("a draft");
        RestSigning.seal(&Signature::rsa_sha256(vec![0xfb; 256]), &mut draft);
        let sign = draft.headers.last().expect("a signature").1.to_str().expect("text");
        assert!(sign.starts_with("+/v7") && sign.len() == 344, "{sign}");
        let Payload::Text(text) = &draft.payload else { panic!("a text") };
        assert!(text.starts_with("1example-key5000symbol=%E5%B8%81"), "{text}");
    }
}
