use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A text that must not be shown: a secret key, a private key, a pass phrase, an API key.
///
/// Clones share the bytes; the last one that goes overwrites them with zeros. Nothing prints it.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes a text over. One that is given as a `String` is not copied; a copy that the caller keeps stays the caller's.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text. What is copied from it is no longer protected.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
