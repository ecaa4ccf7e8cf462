//! Whether a signature is good.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::accounts::KeyMaterial;

/// Whether `signature` is that of `payload`: hex in any case for HMAC, else base64.
pub(crate) fn signed_by(material: &KeyMaterial, payload: &[u8], signature: &str) -> bool {
    let decoded = || STANDARD.decode(signature).unwrap_or_default();
    match material {
        KeyMaterial::Hmac(secret) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            from_hex(signature).is_some_and(|tag| hmac::verify(&key, payload, &tag).is_ok())
        }
        KeyMaterial::Rsa(public) => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(payload, &decoded()).is_ok()
        }
        KeyMaterial::Ed25519(public) => UnparsedPublicKey::new(&ED25519, public).verify(payload, &decoded()).is_ok(),
    }
}

/// The bytes of a text in hex.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}
