//! How requests are signed: <https://docs.kraken.com/exchange/guides/rest/authentication>.

use tradewire_core::Error;
use tradewire_transport::{AuthDialect, Draft, HeaderName, HeaderValue, Payload, Signature, Unsigned, Verdict, sha256};

use crate::error_codes;

/// Signs REST requests: HMAC-SHA512 over the path and the SHA-256 of nonce and body. The body is a form that begins with the
/// nonce.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestSigning;

impl AuthDialect for RestSigning {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("api-key")
    }

    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error> {
        let Unsigned { path, query, stamp, .. } = request;
        draft.body = format!("nonce={}", stamp.nonce);
        if !query.as_str().is_empty() {
            draft.body.push('&');
            draft.body.push_str(query.as_str());
        }
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        draft.headers.push((HeaderName::from_static("content-type"), form));
        let digest = sha256(format!("{}{}", stamp.nonce, draft.body).as_bytes());
        draft.payload = Payload::Bytes([path.as_bytes(), &digest].concat());
        Ok(())
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        let mut text = String::new();
        signature.append_to(&mut text);
        // Base64 can stand in every header.
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            draft.headers.push((HeaderName::from_static("api-sign"), value));
        }
    }

    fn outcome(&self, error: &Error) -> Verdict {
        error_codes::verdict(error)
    }

    fn takes_turns(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tradewire_core::Timestamp;
    use tradewire_transport::{Method, Query, Secret, SigningKey, Stamp};

    #[test]
    fn it_is_signed_as_the_documents_show() {
        let mut query = Query::default();
        query
            .add("ordertype", "limit")
            .add("pair", "XBTUSD")
            .add("price", 37_500)
            .add("type", "buy")
            .add("volume", 1.25);
        let (at, recv_window) = (Timestamp::from_millis(1_616_492_376_594), Duration::from_secs(5));
        let stamp = Stamp { at, nonce: 1_616_492_376_594, recv_window, api_key: "k" };
        let unsigned = Unsigned { method: &Method::POST, path: "/0/private/AddOrder", query: &query, stamp };
        let mut draft = Draft::default();
        RestSigning.draft(&unsigned, &mut draft).expect("a draft");
        assert_eq!(draft.body, "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25");
        let Payload::Bytes(payload) = &draft.payload else { panic!("bytes") };
        let secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
        let key = SigningKey::hmac_sha512(&Secret::new(secret)).expect("a key");
        let signature = key.sign(payload).expect("signed");
        RestSigning.seal(&signature, &mut draft);
        let (name, sign) = draft.headers.last().expect("a signature");
        assert_eq!(name.as_str(), "api-sign");
        assert!(sign.is_sensitive());
        assert_eq!(
            sign.to_str().expect("text"),
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
        );
    }
}
