use std::fmt::{self, Debug};
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, ready};
use parking_lot::Mutex;
use tradewire_core::Error;

use crate::{KeyLife, Secret, StreamKey};

/// A token that an exchange gives over REST before a socket connects, and that every request to subscribe carries. A new one
/// is taken for every connection, and it needs no extension while that lives. Clones share it.
#[derive(Clone)]
pub struct StreamToken(Arc<Inner>);

struct Inner {
    url: String,
    fetch: Box<dyn Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync>,
    newest: Mutex<Option<Secret>>,
}

impl StreamToken {
    /// The tokens of a socket at `url`; `fetch` asks for one.
    pub fn new(
        url: impl Into<String>,
        fetch: impl Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner { url: url.into(), fetch: Box::new(fetch), newest: Mutex::new(None) }))
    }

    /// Where the socket connects to.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The newest token; `None` before the first connection.
    pub fn newest(&self) -> Option<Secret> {
        self.0.newest.lock().clone()
    }
}

impl Debug for StreamToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamToken").field("url", &self.0.url).finish_non_exhaustive()
    }
}

impl StreamKey for StreamToken {
    fn take(&self) -> BoxFuture<'static, Result<String, Error>> {
        let token = self.clone();
        async move {
            let fresh = (token.0.fetch)().await?;
            *token.0.newest.lock() = Some(fresh);
            Ok(token.0.url.clone())
        }
        .boxed()
    }

    fn extend(&self) -> BoxFuture<'static, Result<KeyLife, Error>> {
        ready(Ok(KeyLife::Extended)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn every_connection_takes_a_token_of_its_own() {
        let count = AtomicU32::new(0);
        let token = StreamToken::new("wss://stream.example", move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            ready(Ok(Secret::new(format!("token-{number}")))).boxed()
        });
        assert!(token.newest().is_none());
        for expected in ["token-0", "token-1"] {
            assert_eq!(token.take().await.expect("an address"), "wss://stream.example");
            assert_eq!(token.clone().newest().expect("a token").expose(), expected);
            assert_eq!(token.extend().await.expect("extended"), KeyLife::Extended);
        }
        assert!(!format!("{token:?}").contains("token-1"));
    }
}
