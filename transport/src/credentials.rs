use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use futures_util::future::BoxFuture;
use http::HeaderValue;
use tokio::time::timeout;
use tradewire_core::{Error, ErrorKind};

use crate::{Secret, Signature, SigningAlgorithm, SigningKey};

/// How long an external signer may take.
pub const SIGN_TIMEOUT: Duration = Duration::from_secs(2);

/// How many bytes of its key's digest name an account.
const DIGEST_BYTES: usize = 6;

/// Signs elsewhere: in a hardware module, in another process, over a network. It stands in for a secret.
pub trait ExternalSigner: Send + Sync + Debug + 'static {
    /// How it signs.
    fn algorithm(&self) -> SigningAlgorithm;

    /// Signs. Taking longer than [`SIGN_TIMEOUT`] is the same as failing.
    ///
    /// # Cancel safety
    /// Must be cancel safe: a caller that has waited long enough drops the future.
    fn sign<'a>(&'a self, payload: &'a [u8]) -> BoxFuture<'a, Result<Signature, Error>>;
}

/// An API key and what signs for it. Clones share both. Nothing prints either.
#[derive(Clone, Debug)]
pub struct Credentials {
    api_key: Secret,
    header: HeaderValue,
    signer: Signer,
}

#[derive(Clone, Debug)]
enum Signer {
    Local(Arc<SigningKey>),
    External(Arc<dyn ExternalSigner>),
}

impl Credentials {
    /// An API key with the key that belongs to it.
    ///
    /// # Errors
    /// `Config` for an API key that is empty or cannot stand in a header.
    pub fn new(api_key: Secret, key: SigningKey) -> Result<Self, Error> {
        Self::with_signer(api_key, Signer::Local(Arc::new(key)))
    }

    /// An API key with a signer elsewhere.
    ///
    /// # Errors
    /// As [`Credentials::new`].
    pub fn external(api_key: Secret, signer: Arc<dyn ExternalSigner>) -> Result<Self, Error> {
        Self::with_signer(api_key, Signer::External(signer))
    }

    fn with_signer(api_key: Secret, signer: Signer) -> Result<Self, Error> {
        let header = HeaderValue::from_str(api_key.expose()).ok().filter(|header| !header.is_empty());
        let wrong = || Error::new(ErrorKind::Config, "the API key is empty or holds characters that no key has");
        let mut header = header.ok_or_else(wrong)?;
        header.set_sensitive(true);
        Ok(Self { api_key, header, signer })
    }

    /// The same, to sign with HMAC-SHA512 under the secret as base64: for exchanges that give such secrets.
    ///
    /// # Errors
    /// `Config` for a secret that is no base64, and for keys of other kinds.
    pub fn with_hmac_sha512(self) -> Result<Self, Error> {
        let other = || Error::new(ErrorKind::Config, "this exchange takes HMAC-SHA512 keys only");
        match (&self.signer, self.algorithm()) {
            (_, SigningAlgorithm::HmacSha512) => Ok(self),
            (Signer::Local(key), _) => {
                let key = key.for_hmac_sha512().ok_or_else(other)??;
                Ok(Self { signer: Signer::Local(Arc::new(key)), ..self })
            }
            (Signer::External(_), _) => Err(other()),
        }
    }

    /// The API key, as it goes over the wire.
    pub fn api_key(&self) -> &str {
        self.api_key.expose()
    }

    /// Names the account without telling a secret: exchange, environment or server, and the beginning of a digest of the key.
    pub fn account_name(&self, exchange: &str, place: &str) -> String {
        let digest = digest(&SHA256, self.api_key().as_bytes());
        digest.as_ref()[..DIGEST_BYTES]
            .iter()
            .fold(format!("{exchange} {place} "), |name, byte| name + &format!("{byte:02x}"))
    }

    /// How requests are signed.
    pub fn algorithm(&self) -> SigningAlgorithm {
        match &self.signer {
            Signer::Local(key) => key.algorithm(),
            Signer::External(signer) => signer.algorithm(),
        }
    }

    /// Signs. With a key of this machine the future is ready at once.
    ///
    /// # Errors
    /// `Auth` with the context `sent` = `no` if the signer fails or takes longer than [`SIGN_TIMEOUT`].
    ///
    /// # Cancel safety
    /// Cancel safe: nothing is kept.
    pub async fn sign(&self, payload: &[u8]) -> Result<Signature, Error> {
        match &self.signer {
            Signer::Local(key) => key.sign(payload),
            Signer::External(signer) => match timeout(SIGN_TIMEOUT, signer.sign(payload)).await {
                Ok(Ok(signature)) => Ok(signature),
                Ok(Err(error)) => Err(not_signed("the external signer failed").with_source(error)),
                Err(_) => Err(not_signed("the external signer took too long")),
            },
        }
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

fn not_signed(why: &'static str) -> Error {
    Error::new(ErrorKind::Auth, why).with("sent", "no")
}
