//! How the exchange wants requests and logins signed: the query with the time in it, and the signature as its last argument; on a
//! socket a call whose last parameter is the signature.

use tradewire_core::Error;
use tradewire_transport::{
    AuthDialect, Draft, FrameDraft, HeaderName, LoginDialect, Signature, Stamp, Unsigned, Verdict,
};

use crate::error_codes;

/// Signs REST requests. The framework says when, keeps the clock, and sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestSigning;

impl AuthDialect for RestSigning {
    fn key_header(&self) -> HeaderName {
        HeaderName::from_static("x-api-key")
    }

    /// Writes `request.query` into `draft.query`, then the arguments that hold time and window of `request.stamp`. The payload stays as
    /// it is: query and body as they leave.
    fn draft(&self, _request: &Unsigned<'_>, _draft: &mut Draft) -> Result<(), Error> {
        unwritten!("sign a REST request")
    }

    fn seal(&self, signature: &Signature, draft: &mut Draft) {
        draft.query.push_str("&signature=");
        signature.append_encoded_to(&mut draft.query);
    }

    fn outcome(&self, error: &Error) -> Verdict {
        error_codes::verdict(error)
    }
}

/// Logs a socket in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SocketLogin;

impl LoginDialect for SocketLogin {
    /// Writes the call up to the signature into `draft.text`, and what is signed into `draft.payload`: the parameters in the order of
    /// their names, joined as in a query and not encoded.
    fn draft(&self, _id: u64, _stamp: &Stamp<'_>, _draft: &mut FrameDraft) -> Result<(), Error> {
        unwritten!("sign the login of a socket")
    }

    fn seal(&self, signature: &Signature, draft: &mut FrameDraft) {
        draft.text.push_str(r#","signature":""#);
        signature.append_to(&mut draft.text);
        draft.text.push_str("\"}}");
    }
}
