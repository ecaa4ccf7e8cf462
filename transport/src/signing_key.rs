use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tradewire_core::{Error, ErrorKind};
use zeroize::Zeroizing;

use crate::{Secret, Signature, SigningAlgorithm};

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// A key on this machine, ready to sign. What it is made of is overwritten when it is dropped, and never printed.
pub struct SigningKey(Key);

enum Key {
    Hmac(Box<hmac::Key>, Secret),
    Hmac512(Box<hmac::Key>),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// A key for HMAC-SHA256.
    ///
    /// # Errors
    /// `Config` if the secret is empty.
    pub fn hmac_sha256(secret: &Secret) -> Result<Self, Error> {
        if secret.expose().is_empty() {
            return Err(Error::new(ErrorKind::Config, "the secret key is empty"));
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        Ok(Self(Key::Hmac(Box::new(key), secret.clone())))
    }

    /// A key for HMAC-SHA512 under a secret that is given as base64.
    ///
    /// # Errors
    /// `Config` if the secret is empty or no base64.
    pub fn hmac_sha512(secret: &Secret) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new(vec![0; secret.expose().len()]);
        let decoded = STANDARD.decode_slice(secret.expose().trim(), &mut bytes).ok().filter(|length| *length > 0);
        let wrong =
            || Error::new(ErrorKind::Config, "the secret key is not what this exchange gives: it must be base64");
        let length = decoded.ok_or_else(wrong)?;
        Ok(Self(Key::Hmac512(Box::new(hmac::Key::new(hmac::HMAC_SHA512, &bytes[..length])))))
    }

    /// The key of the same secret for HMAC-SHA512; `None` for one that has no secret. One that signs so is left as it is.
    ///
    /// # Errors
    /// As [`Self::hmac_sha512`].
    pub(crate) fn for_hmac_sha512(&self) -> Option<Result<Self, Error>> {
        match &self.0 {
            Key::Hmac(_, secret) => Some(Self::hmac_sha512(secret)),
            _ => None,
        }
    }

    /// A private key for RSA or Ed25519, in PEM and PKCS#8: it begins with `-----BEGIN PRIVATE KEY-----`.
    ///
    /// # Errors
    /// `Config` for a text that holds no such key, an encrypted one included.
    pub fn from_pem(pem: &Secret) -> Result<Self, Error> {
        let der = pkcs8(pem)?;
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
            return Ok(Self(Key::Ed25519(key)));
        }
        match RsaKeyPair::from_pkcs8(&der) {
            Ok(key) => Ok(Self(Key::Rsa(key))),
            Err(_) => Err(unreadable("it is neither an Ed25519 key nor an RSA key of 2048 bits or more")),
        }
    }

    /// The Ed25519 key of a seed.
    ///
    /// # Errors
    /// `Config` for a seed that cannot be one.
    pub fn ed25519(seed: &[u8; 32]) -> Result<Self, Error> {
        let key = Ed25519KeyPair::from_seed_unchecked(seed);
        key.map(|key| Self(Key::Ed25519(key))).map_err(|_| unreadable("the seed is not one"))
    }

    /// How it signs.
    pub fn algorithm(&self) -> SigningAlgorithm {
        match self.0 {
            Key::Hmac(..) => SigningAlgorithm::HmacSha256,
            Key::Hmac512(_) => SigningAlgorithm::HmacSha512,
            Key::Rsa(_) => SigningAlgorithm::RsaSha256,
            Key::Ed25519(_) => SigningAlgorithm::Ed25519,
        }
    }

    /// Signs. HMAC allocates nothing on the way, Ed25519 once, inside its library.
    ///
    /// # Errors
    /// `Auth` if the cryptographic library refuses, which a good key gives no reason for.
    pub fn sign(&self, payload: &[u8]) -> Result<Signature, Error> {
        match &self.0 {
            Key::Hmac(key, _) => mac(key, payload, Signature::hmac_sha256),
            Key::Hmac512(key) => mac(key, payload, Signature::hmac_sha512),
            Key::Ed25519(key) => {
                let bytes = key.try_sign(payload).ok().and_then(|signature| signature.as_ref().try_into().ok());
                bytes.map(Signature::ed25519).ok_or_else(refused)
            }
            Key::Rsa(key) => {
                let mut bytes = vec![0; key.public_modulus_len()];
                let signed = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), payload, &mut bytes);
                signed.map(|()| Signature::rsa_sha256(bytes)).map_err(|_| refused())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm())
    }
}

fn mac<const N: usize>(key: &hmac::Key, payload: &[u8], of: fn([u8; N]) -> Signature) -> Result<Signature, Error> {
    let tag = hmac::sign(key, payload);
    tag.as_ref().try_into().map(of).map_err(|_| refused())
}

/// The DER inside a PEM. Every copy on the way is overwritten.
fn pkcs8(pem: &Secret) -> Result<Zeroizing<Vec<u8>>, Error> {
    let text = pem.expose();
    let body = text.split_once(PEM_BEGIN).and_then(|(_, rest)| rest.split_once(PEM_END)).map(|(body, _)| body);
    let body = body.ok_or_else(|| unreadable("it must be a PEM that begins with -----BEGIN PRIVATE KEY-----"))?;
    let mut base64 = Zeroizing::new(Vec::with_capacity(body.len()));
    base64.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; base64.len()]);
    let length = STANDARD.decode_slice(&*base64, &mut der).map_err(|_| unreadable("its base64 is damaged"))?;
    der.truncate(length);
    Ok(der)
}

fn unreadable(why: &'static str) -> Error {
    Error::new(ErrorKind::Config, "the private key cannot be read").with("because", why)
}

fn refused() -> Error {
    Error::new(ErrorKind::Auth, "the key does not sign").with("sent", "no")
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    fn text(key: &SigningKey, payload: &str) -> String {
        let mut text = String::new();
        key.sign(payload.as_bytes()).expect("signed").append_to(&mut text);
        text
    }

    fn pem(der: &[u8]) -> Secret {
        let lines: Vec<String> =
            STANDARD.encode(der).as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        Secret::new(format!("{PEM_BEGIN}\r\n{}\r\n{PEM_END}\r\n", lines.join("\r\n")))
    }

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        let key = SigningKey::hmac_sha256(&Secret::new("Jefe")).expect("a key");
        assert_eq!(
            text(&key, "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(SigningKey::hmac_sha256(&Secret::new("")).expect_err("empty").kind(), ErrorKind::Config);
    }

    #[test]
    fn hmac_sha512_takes_its_secret_as_base64() {
        // RFC 4231, test case 2: the key is "Jefe".
        let key = SigningKey::hmac_sha512(&Secret::new("SmVmZQ==")).expect("a key");
        let expected = "Fkt6e/z4GeLjlfvnO1bgo4e9ZCIugx/WECcM1+olBVSXWL91wFqZSm0DT2X48Ob9yuqxo01Ka0tjbgcKOLznNw==";
        assert_eq!(text(&key, "what do ya want for nothing?"), expected);
        let same = SigningKey::hmac_sha256(&Secret::new("SmVmZQ==")).expect("a key").for_hmac_sha512();
        assert_eq!(text(&same.expect("a secret").expect("base64"), "what do ya want for nothing?"), expected);
        for wrong in ["", "not base64!", "="] {
            let error = SigningKey::hmac_sha512(&Secret::new(wrong)).expect_err(wrong);
            assert_eq!(error.kind(), ErrorKind::Config);
        }
        assert!(SigningKey::ed25519(&[7; 32]).expect("a key").for_hmac_sha512().is_none());
    }

    #[test]
    fn ed25519_agrees_with_rfc_8032() {
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = SigningKey::ed25519(&seed).expect("a key");
        let expected = [
            0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72, 0x90, 0x86, 0xe2, 0xcc, 0x80, 0x6e, 0x82, 0x8a, 0x84, 0x87,
            0x7f, 0x1e, 0xb8, 0xe5, 0xd9, 0x74, 0xd8, 0x73, 0xe0, 0x65, 0x22, 0x49, 0x01, 0x55, 0x5f, 0xb8, 0x82, 0x15,
            0x90, 0xa3, 0x3b, 0xac, 0xc6, 0x1e, 0x39, 0x70, 0x1c, 0xf9, 0xb4, 0x6b, 0xd2, 0x5b, 0xf5, 0xf0, 0x59, 0x5b,
            0xbe, 0x24, 0x65, 0x51, 0x41, 0x43, 0x8e, 0x7a, 0x10, 0x0b,
        ];
        assert_eq!(key.sign(b"").expect("signed"), Signature::ed25519(expected));
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a pair");
        for der in [pair.to_pkcs8v1().expect("version 1"), pair.to_pkcs8().expect("version 2")] {
            let same = SigningKey::from_pem(&pem(der.as_ref())).expect("a key");
            assert_eq!((same.algorithm(), text(&same, "x")), (SigningAlgorithm::Ed25519, text(&key, "x")));
        }
    }

    #[test]
    fn rsa_signatures_verify() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a pair");
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).expect("PKCS#8");
        let key = SigningKey::from_pem(&pem(der.as_ref())).expect("a key");
        assert_eq!(key.algorithm(), SigningAlgorithm::RsaSha256);
        let signature = STANDARD.decode(text(&key, "payload")).expect("base64");
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        public.verify(b"payload", &signature).expect("verified");
        assert_eq!(text(&key, "payload"), text(&key, "payload"), "no chance in it");
    }

    #[test]
    fn what_is_no_key_is_told_without_showing_it() {
        for text in [
            "s3cret",
            "-----BEGIN PRIVATE KEY-----\ns3cret!\n-----END PRIVATE KEY-----",
            &format!("{PEM_BEGIN}{PEM_END}"),
        ] {
            let error = SigningKey::from_pem(&Secret::new(text)).expect_err("no key");
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }
}
