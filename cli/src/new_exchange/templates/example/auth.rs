//! How the exchange wants requests and logins signed: time and window in the query, key and signature in headers, and a signed frame
//! that logs the socket in.

use tradewire_core::Error;
use tradewire_transport::{
    AuthDialect, Draft, FrameDraft, HeaderName, HeaderValue, LoginDialect, Signature, Stamp, Unsigned, Verdict,
};

use crate::error_codes;

/// Signs REST requests. The framework says when, keeps the clock, and sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestSigning;

impl AuthDialect for RestSigning {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("ex-key")
    }

    /// Writes what leaves into the draft: `request.query` into `draft.query`, or into `draft.body` where the method has one, with the
    /// time of `request.stamp`; and into `draft.payload` the very text that the exchange signs for itself.
    fn draft(&self, _request: &Unsigned<'_>, _draft: &mut Draft) -> Result<(), Error> {
        unwritten!("sign a REST request")
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
    /// Writes the frame up to the signature into `draft.text`, and what is signed into `draft.payload`.
    fn draft(&self, _id: u64, _stamp: &Stamp<'_>, _draft: &mut FrameDraft) -> Result<(), Error> {
        unwritten!("sign the login of a socket")
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        signature.append_to(&mut draft.text);
        draft.text.push_str(r#""}"#);
    }
}
