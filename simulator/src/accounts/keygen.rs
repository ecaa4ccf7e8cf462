//! Making of keys.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::key::{ApiKey, KeyMaterial, KeyType, Permissions};
use crate::market::name_seed;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Letters of a key and of an HMAC secret.
const KEY_LENGTH: usize = 64;

/// `length` letters and digits.
pub(super) fn letters(random: &mut ChaCha8Rng, length: usize) -> String {
    let letter = |random: &mut ChaCha8Rng| char::from(LETTERS[(random.next_u64() % 62) as usize]);
    (0..length).map(|_| letter(random)).collect()
}

/// The `nth` key of an account, and what its owner keeps secret: the shared secret, or the private key as PEM.
///
/// Text, HMAC secrets and Ed25519 keys follow from the seed; RSA keys are new each time. `in_base64` says what a shared
/// secret looks like.
///
/// # Errors
/// What the library for cryptography says.
pub(super) fn make(
    seed: u64,
    (account, nth): (&str, usize),
    key_type: KeyType,
    in_base64: bool,
) -> Result<(ApiKey, String), String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ name_seed(account).rotate_left(7) ^ ((nth as u64) << 48));
    let text = letters(&mut random, KEY_LENGTH);
    let (material, secret) = match key_type {
        KeyType::Hmac => {
            let secret = if in_base64 { bytes(&mut random) } else { letters(&mut random, KEY_LENGTH) };
            (KeyMaterial::Hmac(secret.clone()), secret)
        }
        KeyType::Ed25519 => ed25519(&mut random)?,
        KeyType::Rsa => rsa()?,
    };
    let key = ApiKey { text, material, permissions: Permissions::default(), addresses: Vec::new(), revoked: false };
    Ok((key, secret))
}

/// 64 bytes in base64.
fn bytes(random: &mut ChaCha8Rng) -> String {
    let mut bytes = [0; 64];
    random.fill_bytes(&mut bytes);
    STANDARD.encode(bytes)
}

fn ed25519(random: &mut ChaCha8Rng) -> Result<(KeyMaterial, String), String> {
    let mut seed = [0; 32];
    random.fill_bytes(&mut seed);
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| error.to_string())?;
    let private = pair.to_pkcs8v1().map_err(|error| error.to_string())?;
    Ok((KeyMaterial::Ed25519(pair.public_key().as_ref().to_vec()), pem(private.as_ref())))
}

fn rsa() -> Result<(KeyMaterial, String), String> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|error| error.to_string())?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|error| error.to_string())?;
    Ok((KeyMaterial::Rsa(pair.public_key().as_ref().to_vec()), pem(private.as_ref())))
}

fn pem(pkcs8: &[u8]) -> String {
    let encoded = STANDARD.encode(pkcs8);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};

    use super::*;

    fn der(pem: &str) -> Vec<u8> {
        let inner: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(inner).unwrap()
    }

    #[test]
    fn keys_follow_from_the_seed() {
        let made = |seed, nth, key_type| make(seed, ("main", nth), key_type, false).unwrap();
        for key_type in [KeyType::Hmac, KeyType::Ed25519] {
            let (key, secret) = made(1, 0, key_type);
            let (again, secret_again) = made(1, 0, key_type);
            assert_eq!((&key.text, &secret), (&again.text, &secret_again));
            assert_ne!(made(2, 0, key_type).1, secret);
            assert_ne!(made(1, 1, key_type).0.text, key.text);
            assert_eq!(key.text.len(), 64);
        }
    }

    #[test]
    fn what_the_private_half_signs_the_public_half_verifies() {
        let (key, secret) = make(1, ("main", 1), KeyType::Ed25519, false).unwrap();
        let signature = Ed25519KeyPair::from_pkcs8(&der(&secret)).unwrap().sign(b"text");
        let KeyMaterial::Ed25519(public) = key.material else { panic!("an Ed25519 key") };
        UnparsedPublicKey::new(&ED25519, public).verify(b"text", signature.as_ref()).unwrap();

        let (key, secret) = make(1, ("main", 2), KeyType::Rsa, false).unwrap();
        let pair = RsaKeyPair::from_pkcs8(&der(&secret)).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"text", &mut signature).unwrap();
        let KeyMaterial::Rsa(public) = key.material else { panic!("an RSA key") };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(b"text", &signature).unwrap();
    }
}
