use std::fmt::{self, Debug};
use std::time::Duration;

use http::HeaderValue;
use tradewire_core::{Error, Timestamp};

use crate::{HeaderName, Method, Query, Signature, Verdict};

/// A REST request before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, from the slash on.
    pub path: &'a str,
    /// The arguments.
    pub query: &'a Query,
    /// How and when it is signed.
    pub stamp: Stamp<'a>,
}

/// What every signature is bound to.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// The exchange's time, taken when all waiting was over.
    pub at: Timestamp,
    /// A number above those of all stamps before: the exchange's time in milliseconds, or one more than the last. For exchanges
    /// that want each request of a key to have a greater one.
    pub nonce: u64,
    /// How long the exchange may take the request for good.
    pub recv_window: Duration,
    /// The API key.
    pub api_key: &'a str,
}

impl Debug for Stamp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp").field("at", &self.at).field("recv_window", &self.recv_window).finish_non_exhaustive()
    }
}

/// A REST request on its way to be signed, and signed in the end. It is a secret then: nothing prints it.
#[derive(Default)]
pub struct Draft {
    /// The query as it goes over the wire, without the question mark.
    pub query: String,
    /// The body as it goes over the wire; empty if there is none.
    pub body: String,
    /// Headers besides that of the API key.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What is signed.
    pub payload: Payload,
}

/// What is signed of a REST request.
#[derive(Default)]
pub enum Payload {
    /// Its query followed by its body, with nothing between them.
    #[default]
    QueryAndBody,
    /// A text of its own.
    Text(String),
    /// Bytes that are no text, such as those with a digest among them.
    Bytes(Vec<u8>),
}

impl Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draft(..)")
    }
}

impl Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payload(..)")
    }
}

/// How an exchange wants its REST requests signed, and what its errors prove about commands. Pure: no clock, no state.
pub trait AuthDialect: Send + Sync + Debug {
    /// The header that carries the API key, on requests that want the key alone and on signed ones.
    fn key_header(&self) -> HeaderName;

    /// Writes a signed request but for the signature: arguments, time and validity in query, body and headers, and what is
    /// to be signed. The draft is empty.
    ///
    /// # Errors
    /// Whatever cannot be signed: nothing is sent then.
    fn draft(&self, request: &Unsigned<'_>, draft: &mut Draft) -> Result<(), Error>;

    /// Puts the signature into its place.
    fn seal(&self, signature: &Signature, draft: &mut Draft);

    /// What an error that the exchange has stated proves about a command: by its code and status, never by words.
    fn outcome(&self, error: &Error) -> Verdict;

    /// Whether the exchange refuses a request whose nonce is not above that of the one before: signed requests then take turns,
    /// so that none overtakes another on its way.
    fn takes_turns(&self) -> bool {
        false
    }
}
