//! How the exchange wants requests and logins signed: time, window, key and signature in headers, over a text of time, key, window
//! and query or body; and a frame with an expiry that logs a socket in.

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
        HeaderName::from_static("x-api-key")
    }

    /// Writes `request.query` into `draft.query`, or as JSON into `draft.body` where the method has one; time and window of
    /// `request.stamp` into `draft.headers`; and into `draft.payload` the text of time, key, window and what leaves.
    fn draft(&self, _request: &Unsigned<'_>, _draft: &mut Draft) -> Result<(), Error> {
        unwritten!("sign a REST request")
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        let mut text = String::new();
        signature.append_to(&mut text);
        // Hexadecimal digits and base64 can stand in every header.
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            draft.headers.push((HeaderName::from_static("x-sign"), value));
        }
    }

    fn outcome(&self, error: &Error) -> Verdict {
        error_codes::verdict(error)
    }
}

/// Logs a socket in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SocketLogin;

impl LoginDialect for SocketLogin {
    /// Writes the frame up to the signature into `draft.text`, and what is signed, with the expiry, into `draft.payload`.
    fn draft(&self, _id: u64, _stamp: &Stamp<'_>, _draft: &mut FrameDraft) -> Result<(), Error> {
        unwritten!("sign the login of a socket")
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        signature.append_to(&mut draft.text);
        draft.text.push_str(r#""]}"#);
    }
}
