use tradewire::Error;
use tradewire::transport::{Credentials, Secret, SigningKey};

/// The key of an account and its proof, as a person or a file gives them.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    pub(crate) api_key: Secret,
    pub(crate) proof: Proof,
}

/// What requests are signed with.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// A secret that the exchange knows too.
    SecretKey(Secret),
    /// A private key in PEM whose public half the exchange knows.
    PrivateKey(Secret),
}

impl Material {
    /// Ready to sign.
    ///
    /// # Errors
    /// `Config` for a key that is none.
    pub(crate) fn credentials(&self) -> Result<Credentials, Error> {
        Credentials::new(self.api_key.clone(), self.proof.signing_key()?)
    }
}

impl Proof {
    fn signing_key(&self) -> Result<SigningKey, Error> {
        match self {
            Self::SecretKey(secret) => SigningKey::hmac_sha256(secret),
            Self::PrivateKey(pem) => SigningKey::from_pem(pem),
        }
    }
}

/// So much of a key that its owner knows which it is, and nobody else can use it.
pub(crate) fn masked(key: &str) -> String {
    const SHOWN: usize = 4;
    let letters: Vec<char> = key.chars().collect();
    if letters.len() < 4 * SHOWN {
        return "…".to_owned();
    }
    let text = |part: &[char]| part.iter().collect::<String>();
    format!("{}…{}", text(&letters[..SHOWN]), text(&letters[letters.len() - SHOWN..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_masked_and_secrets_hidden() {
        assert_eq!(masked("abcdefghijklmnop"), "abcd…mnop");
        assert_eq!(masked("abcdefghijklmno"), "…", "too short to show a part of it");
        let proof = Proof::SecretKey(Secret::new("hush-hush-hush"));
        let material = Material { api_key: Secret::new("abcdefghijklmnop"), proof };
        for shown in [format!("{material:?}"), format!("{:?}", material.credentials())] {
            assert!(!shown.contains("hush") && !shown.contains("efgh"), "{shown}");
        }
    }
}
