use std::fmt;

/// A request exactly as it would be sent. It holds the key and the signature: show it only to who asked for it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderedRequest {
    /// A REST request.
    Rest {
        /// The method.
        method: String,
        /// The whole address.
        url: String,
        /// Headers that authorise it.
        headers: Vec<(String, String)>,
        /// The body; empty if there is none.
        body: String,
    },
    /// A frame of a socket.
    Frame {
        /// Where the socket is.
        url: String,
        /// The text.
        text: String,
    },
}

impl fmt::Debug for RenderedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedRequest(..)")
    }
}
