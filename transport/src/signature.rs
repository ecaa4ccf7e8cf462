use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes that base64 turns into a line without padding.
const CHUNK: usize = 48;
/// What a chunk becomes.
const CHUNK_TEXT: usize = 64;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256; written as hexadecimal digits in lower case.
    HmacSha256,
    /// HMAC with SHA-512 under a secret that is given as base64; written as base64.
    HmacSha512,
    /// RSA, PKCS#1 v1.5 with SHA-256; written as base64.
    RsaSha256,
    /// Ed25519; written as base64.
    Ed25519,
}

/// A signature. Whoever has it can send the request that was signed, so nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Hmac([u8; 32]),
    Hmac512([u8; 64]),
    Rsa(Vec<u8>),
    Ed25519([u8; 64]),
}

impl Signature {
    /// A signature by HMAC-SHA256.
    pub fn hmac_sha256(mac: [u8; 32]) -> Self {
        Self(Form::Hmac(mac))
    }

    /// A signature by HMAC-SHA512.
    pub fn hmac_sha512(mac: [u8; 64]) -> Self {
        Self(Form::Hmac512(mac))
    }

    /// A signature by RSA.
    pub fn rsa_sha256(bytes: Vec<u8>) -> Self {
        Self(Form::Rsa(bytes))
    }

    /// A signature by Ed25519.
    pub fn ed25519(bytes: [u8; 64]) -> Self {
        Self(Form::Ed25519(bytes))
    }

    /// How it was made.
    pub fn algorithm(&self) -> SigningAlgorithm {
        match self.0 {
            Form::Hmac(_) => SigningAlgorithm::HmacSha256,
            Form::Hmac512(_) => SigningAlgorithm::HmacSha512,
            Form::Rsa(_) => SigningAlgorithm::RsaSha256,
            Form::Ed25519(_) => SigningAlgorithm::Ed25519,
        }
    }

    /// Appends its text: hexadecimal digits or base64, by its algorithm.
    pub fn append_to(&self, out: &mut String) {
        match &self.0 {
            Form::Hmac(mac) => append_hex(mac, out),
            Form::Rsa(bytes) => STANDARD.encode_string(bytes, out),
            Form::Hmac512(bytes) | Form::Ed25519(bytes) => STANDARD.encode_string(bytes, out),
        }
    }

    /// Appends its text as it stands in a query or in a form: percent-encoded.
    pub fn append_encoded_to(&self, out: &mut String) {
        match &self.0 {
            Form::Hmac(mac) => append_hex(mac, out),
            Form::Rsa(bytes) => append_encoded_base64(bytes, out),
            Form::Hmac512(bytes) | Form::Ed25519(bytes) => append_encoded_base64(bytes, out),
        }
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

fn append_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

fn append_encoded_base64(bytes: &[u8], out: &mut String) {
    let mut text = [0; CHUNK_TEXT];
    for chunk in bytes.chunks(CHUNK) {
        // The buffer has room for the longest chunk.
        let length = STANDARD.encode_slice(chunk, &mut text).unwrap_or(0);
        for byte in &text[..length] {
            match byte {
                b'+' => out.push_str("%2B"),
                b'/' => out.push_str("%2F"),
                b'=' => out.push_str("%3D"),
                other => out.push(char::from(*other)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(signature: &Signature) -> (String, String) {
        let (mut plain, mut encoded) = (String::new(), String::new());
        signature.append_to(&mut plain);
        signature.append_encoded_to(&mut encoded);
        (plain, encoded)
    }

    #[test]
    fn texts_are_hexadecimal_or_base64() {
        let (plain, encoded) = text(&Signature::hmac_sha256([0xa0; 32]));
        assert_eq!((plain.as_str(), plain.len()), ("a0".repeat(32).as_str(), 64));
        assert_eq!(encoded, plain);
        for length in [64, 256, 257, 258, 512] {
            let bytes: Vec<u8> = (0..length).map(|index| (index * 37 % 256) as u8).collect();
            let (plain, encoded) = text(&Signature::rsa_sha256(bytes.clone()));
            assert_eq!(STANDARD.decode(&plain).expect("base64"), bytes);
            assert_eq!(encoded, plain.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        }
        let signature = Signature::ed25519([0xff; 64]);
        assert_eq!(text(&signature).0.len(), 88);
        assert_eq!(format!("{signature:?}"), "Signature(..)");
    }
}
