use tradewire::Error;
use tradewire::transport::Secret;

use super::{Material, Proof, config};

/// Credentials as far as one source has them.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) api_key: Option<Secret>,
    pub(super) secret_key: Option<Secret>,
    pub(super) private_key: Option<Secret>,
}

/// What a source calls the parts.
pub(super) struct Names {
    pub(super) api_key: &'static str,
    pub(super) secret_key: &'static str,
    pub(super) private_key: &'static str,
}

impl Parts {
    /// All that is needed, or nothing. `place` says where they are, for people.
    ///
    /// # Errors
    /// `Config` with the name of the part that is missing, or that is one too many.
    pub(super) fn complete(self, names: &Names, place: &str) -> Result<Option<Material>, Error> {
        let Names { api_key, secret_key, private_key } = names;
        match (self.api_key, self.secret_key, self.private_key) {
            (None, None, None) => Ok(None),
            (_, Some(_), Some(_)) => {
                Err(config(format!("{place} has both {secret_key} and {private_key}; leave one of them out")))
            }
            (Some(_), None, None) => {
                Err(config(format!("{place} has {api_key}, but {secret_key} (or {private_key}) is missing")))
            }
            (None, Some(_), None) => Err(config(format!("{place} has {secret_key}, but {api_key} is missing"))),
            (None, None, Some(_)) => Err(config(format!("{place} has {private_key}, but {api_key} is missing"))),
            (Some(key), Some(secret), None) => {
                let proof = Proof::SecretKey(one_word(&secret, secret_key, place)?);
                Ok(Some(Material { api_key: one_word(&key, api_key, place)?, proof }))
            }
            (Some(key), None, Some(pem)) => {
                let proof = Proof::PrivateKey(private_key_in(pem, private_key, place)?);
                Ok(Some(Material { api_key: one_word(&key, api_key, place)?, proof }))
            }
        }
    }
}

/// Keys and secrets have no white space in them. What is around them is not part of them.
pub(crate) fn one_word(secret: &Secret, name: &str, place: &str) -> Result<Secret, Error> {
    let trimmed = secret.expose().trim();
    if trimmed.is_empty() || trimmed.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(config(format!("{name} in {place} is not one word")));
    }
    Ok(Secret::new(trimmed))
}

/// Checks that a text is a private key that is not encrypted.
pub(crate) fn private_key_in(pem: Secret, name: &str, place: &str) -> Result<Secret, Error> {
    let text = pem.expose();
    if text.contains("-----BEGIN ENCRYPTED") {
        return Err(config(format!("{name} in {place} is encrypted; keep the plain key in the encrypted key store")));
    }
    if !text.contains("-----BEGIN PRIVATE KEY-----") {
        return Err(config(format!("{name} in {place} is not a private key in PEM (-----BEGIN PRIVATE KEY-----)")));
    }
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names = Names { api_key: "KEY", secret_key: "SECRET", private_key: "PEM" };

    fn parts(api_key: &str, secret_key: &str, private_key: &str) -> Parts {
        let part = |text: &str| (!text.is_empty()).then(|| Secret::new(text));
        Parts { api_key: part(api_key), secret_key: part(secret_key), private_key: part(private_key) }
    }

    #[test]
    fn half_of_them_names_the_missing_one() {
        for (parts, missing) in [
            (parts("k", "", ""), "SECRET (or PEM) is missing"),
            (parts("", "hush", ""), "KEY is missing"),
            (parts("", "", "hush"), "KEY is missing"),
            (parts("k", "hush", "hush"), "both SECRET and PEM"),
            (parts("k", "hush hush", ""), "SECRET in here is not one word"),
            (parts("k", "", "hush"), "PEM in here is not a private key"),
            (parts("k", "", "-----BEGIN ENCRYPTED PRIVATE KEY-----"), "PEM in here is encrypted"),
        ] {
            let error = parts.complete(&NAMES, "here").expect_err(missing).to_string();
            assert!(error.contains(missing) && !error.contains("hush"), "{error}");
        }
        assert!(parts("", "", "").complete(&NAMES, "here").expect("nothing").is_none());
    }

    #[test]
    fn white_space_around_them_is_not_part_of_them() {
        let found = parts(" k\n", "s\n", "").complete(&NAMES, "here").expect("whole").expect("there");
        assert_eq!(found.api_key.expose(), "k");
        assert!(matches!(found.proof, Proof::SecretKey(secret) if secret.expose() == "s"));
    }
}
