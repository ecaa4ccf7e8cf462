use futures_util::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use tradewire_core::Error;
use tradewire_transport::{Class, Cost, Effect, Endpoint, KeyLife, Method, Query, RestClient, Security, StreamKey};

use crate::config::has_path;
use crate::market::object;
use crate::private::decoded;

/// There is no such key, or no longer.
const NO_SUCH_KEY: i64 = -1125;
/// The route of the account's events.
const PRIVATE_STREAMS: &str = "/private";

/// The key of the account's events. It lives for an hour; asked for again while it lives, it is the same one.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams>
#[derive(Clone, Debug)]
pub(crate) struct ListenKey {
    /// Sends the requests about it, which carry the key of the account and no signature.
    pub(crate) rest: RestClient,
    /// The address but for the key.
    pub(crate) url: String,
}

impl ListenKey {
    /// The key of an account whose events come from the server at `address`; a path there is kept.
    pub(crate) fn at(address: &str, rest: RestClient) -> Self {
        let address = address.strip_suffix("/ws").unwrap_or(address);
        let route = if has_path(address) { "" } else { PRIVATE_STREAMS };
        Self { rest, url: format!("{address}{route}/ws") }
    }
}

impl StreamKey for ListenKey {
    fn take(&self) -> BoxFuture<'static, Result<String, Error>> {
        let Self { rest, url } = self.clone();
        async move { Ok(format!("{url}/{}", rest.send(&TakeKey).await?)) }.boxed()
    }

    fn extend(&self) -> BoxFuture<'static, Result<KeyLife, Error>> {
        let rest = self.rest.clone();
        async move {
            match rest.send(&ExtendKey).await {
                Ok(()) => Ok(KeyLife::Extended),
                Err(error) if error.code() == Some(NO_SUCH_KEY) => Ok(KeyLife::Gone),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }
}

/// What the requests about a key have in common. Each can be repeated.
macro_rules! key_request {
    ($method:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::$method;
        const PATH: &'static str = "/fapi/v1/listenKey";
        const SECURITY: Security = Security::Key;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::AccountRead
        }

        fn cost(&self) -> Cost {
            Cost::weight(1)
        }

        fn query(&self, _: &mut Query) {}
    };
}

/// Takes a key, or the one that lives. Weight 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeKey;

impl Endpoint for TakeKey {
    key_request!(POST, String);

    fn decode(&self, body: &[u8]) -> Result<String, Error> {
        // A body that cannot be read must not be kept: it may hold the key.
        decoded(body, |raw| Ok(object::<Key>(raw)?.listen_key)).map_err(|error| Error::new(error.kind(), "not a key"))
    }
}

/// Extends the life of the key. Weight 1.
#[derive(Clone, Copy, Debug)]
struct ExtendKey;

impl Endpoint for ExtendKey {
    key_request!(PUT, ());

    fn decode(&self, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    listen_key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_and_never_shown() {
        assert_eq!(TakeKey.decode(br#"{"listenKey":"abc"}"#).expect("a key"), "abc");
        let error = TakeKey.decode(br#"{"listenkey":"s3cret"}"#).expect_err("no key");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}
