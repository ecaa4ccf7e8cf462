//! A text encrypted under a passphrase: Argon2id makes the key, AES-256-GCM seals with it.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tradewire::Error;
use tradewire::transport::Secret;
use zeroize::Zeroizing;

use crate::credentials::config;

const FORMAT: &str = "tradewire key store";
const VERSION: u32 = 1;
const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
/// What encrypting adds to a text.
pub(super) const TAG_BYTES: usize = 16;
/// More work than this is not asked of whoever opens a file.
const MEMORY_KIB_MAX: u32 = 1 << 20;
const PASSES_MAX: u32 = 16;

/// How much work a guess of the passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Work {
    memory_kib: u32,
    passes: u32,
}

impl Work {
    /// RFC 9106's second recommendation: 64 MiB, three passes.
    pub(super) const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    #[cfg(test)]
    pub(super) const CHEAP: Self = Self { memory_kib: 8, passes: 1 };
}

/// The file as it is stored. It says nothing of what it holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    format: String,
    version: u32,
    argon2id: Work,
    salt: String,
    nonce: String,
    sealed: String,
}

/// Encrypts `plain` in its place. Salt and nonce are new every time.
pub(super) fn seal(mut plain: Zeroizing<Vec<u8>>, passphrase: &Secret, work: Work) -> Result<Sealed, Error> {
    let mut salt = [0; SALT_BYTES];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| config("the system gives no random numbers"))?;
    let nonce = cipher(passphrase, &salt, work)?
        .seal_in_place_append_tag(Aad::from(bound(work, &salt)), &mut *plain)
        .map_err(|_| config("the key store cannot be encrypted"))?;
    Ok(Sealed {
        format: FORMAT.to_owned(),
        version: VERSION,
        argon2id: work,
        salt: STANDARD.encode(salt),
        nonce: STANDARD.encode(nonce.as_ref()),
        sealed: STANDARD.encode(&*plain),
    })
}

/// Decrypts. Of a wrong passphrase and of a damaged text it says the same.
pub(super) fn open(sealed: &Sealed, passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, Error> {
    let wrong = || config("the passphrase is wrong or the key store is damaged");
    if sealed.format != FORMAT || sealed.version != VERSION {
        return Err(config("not a key store of this version"));
    }
    let work = sealed.argon2id;
    let salt: [u8; SALT_BYTES] = bytes(&sealed.salt).and_then(|salt| salt.try_into().ok()).ok_or_else(wrong)?;
    let nonce = bytes(&sealed.nonce).and_then(|nonce| Nonce::try_assume_unique_for_key(&nonce).ok());
    let nonce = nonce.ok_or_else(wrong)?;
    let mut text = Zeroizing::new(bytes(&sealed.sealed).ok_or_else(wrong)?);
    let cipher = cipher(passphrase, &salt, work)?;
    let length = cipher.open_in_place(nonce, Aad::from(bound(work, &salt)), &mut text).map_err(|_| wrong())?.len();
    text.truncate(length);
    Ok(text)
}

fn bytes(base64: &str) -> Option<Vec<u8>> {
    STANDARD.decode(base64).ok()
}

/// What the seal covers besides the text.
fn bound(work: Work, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let mut bound = FORMAT.as_bytes().to_vec();
    for number in [VERSION, work.memory_kib, work.passes] {
        bound.extend(number.to_be_bytes());
    }
    bound.extend(salt);
    bound
}

fn cipher(passphrase: &Secret, salt: &[u8], work: Work) -> Result<RandomizedNonceKey, Error> {
    let impossible = || config("the key store asks for work that this program does not do");
    if work.memory_kib > MEMORY_KIB_MAX || work.passes > PASSES_MAX {
        return Err(impossible());
    }
    let params = Params::new(work.memory_kib, work.passes, 1, Some(KEY_BYTES)).map_err(|_| impossible())?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
        .map_err(|_| impossible())?;
    RandomizedNonceKey::new(&AES_256_GCM, &*key).map_err(|_| impossible())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &str, passphrase: &str) -> Sealed {
        seal(Zeroizing::new(text.into()), &Secret::new(passphrase), Work::CHEAP).expect("sealed")
    }

    fn opened(sealed: &Sealed, passphrase: &str) -> Result<Vec<u8>, String> {
        open(sealed, &Secret::new(passphrase)).map(|text| text.to_vec()).map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_passphrase_opens_it() {
        let sealed = sealed("hush", "correct horse");
        assert_eq!(opened(&sealed, "correct horse").expect("opened"), b"hush");
        let wrong = opened(&sealed, "correct hors").expect_err("wrong");
        assert_eq!(wrong, opened(&sealed, "").expect_err("wrong"), "no hint");
        assert!(wrong.contains("wrong or the key store is damaged"), "{wrong}");
    }

    #[test]
    fn any_change_is_seen() {
        fn flip(text: &mut String) {
            let mut bytes = STANDARD.decode(&*text).expect("base64");
            bytes[0] ^= 1;
            *text = STANDARD.encode(bytes);
        }
        let changes: [fn(&mut Sealed); 6] = [
            |sealed| flip(&mut sealed.salt),
            |sealed| flip(&mut sealed.nonce),
            |sealed| flip(&mut sealed.sealed),
            |sealed| sealed.argon2id.passes += 1,
            |sealed| sealed.nonce.clear(),
            |sealed| sealed.sealed = "x".to_owned(),
        ];
        for change in changes {
            let mut sealed = sealed("hush", "horse");
            change(&mut sealed);
            assert!(opened(&sealed, "horse").is_err());
        }
    }

    #[test]
    fn absurd_work_is_refused_before_it_is_done() {
        let mut sealed = sealed("hush", "horse");
        sealed.argon2id.memory_kib = u32::MAX;
        assert!(opened(&sealed, "horse").expect_err("refused").contains("work"));
    }

    #[test]
    fn nothing_is_used_twice() {
        let (first, second) = (sealed("hush", "horse"), sealed("hush", "horse"));
        assert!(first.salt != second.salt && first.nonce != second.nonce && first.sealed != second.sealed);
    }
}
