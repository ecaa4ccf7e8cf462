//! How the exchange wants requests and logins signed: see "Signatures" in `API.md`.

use tradewire_core::Error;
use tradewire_transport::{
    AuthDialect, Draft, FrameDraft, HeaderName, HeaderValue, LoginDialect, Method, Payload, Signature, Stamp, Unsigned,
    Verdict, append_json_string,
};

use crate::error_codes;

/// Signs REST requests. The framework says when, keeps the clock, and sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestSigning;

impl AuthDialect for RestSigning {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("ex-key")
    }

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error> {
        let Unsigned { method, path, query, stamp } = request;
        if **method == Method::POST {
            draft.body.push('{');
            query.append_json_to(&mut draft.body);
            draft.body.push('}');
            draft.headers.push((HeaderName::from_static("content-type"), HeaderValue::from_static("application/json")));
        } else if !query.as_str().is_empty() {
            draft.query = format!("{}&", query.as_str());
        }
        let window = stamp.recv_window.as_millis();
        draft.query.push_str(&format!("time={}&window={window}", stamp.at.as_millis()));
        draft.payload = Payload::Text(format!("{method}\n{path}\n{}\n{}", draft.query, draft.body));
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        let mut text = String::new();
        signature.append_to(&mut text);
        // Hexadecimal digits can stand in every header.
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            draft.headers.push((HeaderName::from_static("ex-sign"), value));
        }
    }

    fn outcome(&self, error: &Error) -> Verdict {
        error_codes::verdict(error)
    }
}

/// Logs the account socket in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SocketLogin;

impl LoginDialect for SocketLogin {
    fn draft(&self, id: u64, stamp: &Stamp<'_>, draft: &mut FrameDraft) -> Result<(), Error> {
        let (time, window) = (stamp.at.as_millis(), stamp.recv_window.as_millis());
        draft.text.push_str(&format!(r#"{{"id":{id},"do":"login","key":"#));
        append_json_string(stamp.api_key, &mut draft.text);
        draft.text.push_str(&format!(r#","time":{time},"window":{window},"sign":""#));
        draft.payload = Some(format!("LOGIN\n{time}\n{window}"));
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        signature.append_to(&mut draft.text);
        draft.text.push_str(r#""}"#);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tradewire_core::Timestamp;
    use tradewire_transport::{Query, Secret, SigningKey};

    const STAMP: Stamp<'static> = Stamp {
        at: Timestamp::from_millis(1_700_000_000_000),
        nonce: 0,
        recv_window: Duration::from_secs(5),
        api_key: "k",
    };

    fn signed(method: &Method, query: &Query) -> (String, String, String) {
        let mut draft = Draft::default();
        RestSigning.draft(&Unsigned { method, path: "/1/orders", query, stamp: STAMP }, &mut draft).expect("a draft");
        let Payload::Text(payload) = &draft.payload else { panic!("a text") };
        let key = SigningKey::hmac_sha256(&Secret::new("example-secret")).expect("a key");
        let signature = key.sign(payload.as_bytes()).expect("signed");
        RestSigning.seal(&signature, &mut draft);
        let (_, sign) = draft.headers.last().expect("a signature");
        assert!(sign.is_sensitive());
        (draft.query, draft.body, sign.to_str().expect("text").to_owned())
    }

    #[test]
    fn a_post_is_signed_with_its_body() {
        let mut query = Query::default();
        query.add("symbol", "BTC/USDT").add("side", "buy");
        let (query, body, sign) = signed(&Method::POST, &query);
        assert_eq!(query, "time=1700000000000&window=5000");
        assert_eq!(body, r#"{"symbol":"BTC/USDT","side":"buy"}"#);
        assert_eq!(sign, "ec4c7e5360c8d365195009f5ca5fc98149e25552f0ad4ad19e6d7749aed46556");
    }

    #[test]
    fn a_get_is_signed_with_its_query_as_sent() {
        let mut query = Query::default();
        query.add("symbol", "BTC/USDT");
        let (query, body, sign) = signed(&Method::GET, &query);
        assert_eq!((query.as_str(), body.as_str()), ("symbol=BTC%2FUSDT&time=1700000000000&window=5000", ""));
        assert_eq!(sign, "1bd9b865cb51ba5fb428bc2843f94cdbd95960863188f4d4a59cab6e5bf68689");
    }

    #[test]
    fn a_login_is_signed_with_its_time() {
        let mut draft = FrameDraft::default();
        SocketLogin.draft(0, &STAMP, &mut draft).expect("a draft");
        assert_eq!(draft.payload.as_deref(), Some("LOGIN\n1700000000000\n5000"));
        let key = SigningKey::hmac_sha256(&Secret::new("example-secret")).expect("a key");
        SocketLogin.seal(&key.sign(b"LOGIN\n1700000000000\n5000").expect("signed"), &mut draft);
        let sign = "64a70556c950167d2abdf86e5d9305647f13d51ee6c271ecf8c66a1596204ceb";
        let frame = format!(r#"{{"id":0,"do":"login","key":"k","time":1700000000000,"window":5000,"sign":"{sign}"}}"#);
        assert_eq!(draft.text, frame);
    }
}
