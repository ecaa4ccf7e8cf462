//! API keys of accounts.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// How requests with a key are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum KeyType {
    /// HMAC-SHA256 with a shared secret.
    Hmac,
    /// RSA, PKCS#1 v1.5 with SHA-256; 2048 bits.
    Rsa,
    /// Ed25519.
    Ed25519,
}

/// What the exchange keeps to check a signature.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum KeyMaterial {
    /// The shared secret.
    Hmac(String),
    /// The public key, PKCS#1 DER (`RSAPublicKey`).
    Rsa(Vec<u8>),
    /// The public key, 32 bytes.
    Ed25519(Vec<u8>),
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyMaterial::Hmac(_) => "Hmac(..)",
            KeyMaterial::Rsa(_) => "Rsa(..)",
            KeyMaterial::Ed25519(_) => "Ed25519(..)",
        })
    }
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Permissions {
    /// Reading the account.
    pub read: bool,
    /// Placing and cancelling.
    pub trade: bool,
}

impl Default for Permissions {
    fn default() -> Permissions {
        Permissions { read: true, trade: true }
    }
}

/// An API key as the exchange keeps it.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    pub(crate) text: String,
    pub(crate) material: KeyMaterial,
    pub(crate) permissions: Permissions,
    /// Addresses that may use it; all if empty.
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) revoked: bool,
}

/// A key as its owner holds it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// Name of the account.
    pub account: String,
    /// How requests are signed.
    pub key_type: KeyType,
    /// The key's text, sent with each request.
    pub api_key: String,
    /// The shared secret of an HMAC key, else the private key as PEM (PKCS#8).
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key_type = self.key_type;
        f.debug_struct("Credentials")
            .field("account", &self.account)
            .field("key_type", &key_type)
            .finish_non_exhaustive()
    }
}
