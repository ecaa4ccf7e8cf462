use std::path::Path;

use tradewire::Error;
use tradewire::transport::Secret;

use super::parts::{Names, Parts};
use super::{Material, read_private};

/// The environment variable with the API key.
pub(crate) const API_KEY: &str = "TRADEWIRE_API_KEY";
/// The environment variable with the secret key.
pub(crate) const SECRET_KEY: &str = "TRADEWIRE_SECRET_KEY";
/// The environment variable with the path of a private key.
pub(crate) const PRIVATE_KEY_FILE: &str = "TRADEWIRE_PRIVATE_KEY_FILE";

const NAMES: Names = Names { api_key: API_KEY, secret_key: SECRET_KEY, private_key: PRIVATE_KEY_FILE };

/// The credentials of the environment, whose variables `variable` reads. An empty variable is none.
pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Material>, Error> {
    let setting = |name: &str| variable(name).filter(|text| !text.is_empty()).map(Secret::new);
    let file = setting(PRIVATE_KEY_FILE);
    let parts = Parts {
        api_key: setting(API_KEY),
        secret_key: setting(SECRET_KEY),
        private_key: file.map(|path| read_private(Path::new(path.expose()))).transpose()?,
    };
    parts.complete(&NAMES, "the environment")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Proof;

    fn with(settings: &[(&str, &str)]) -> Result<Option<Material>, Error> {
        read(|name| settings.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
    }

    #[test]
    fn two_variables_make_credentials_and_one_does_not() {
        let whole = with(&[(API_KEY, "k"), (SECRET_KEY, "s"), (PRIVATE_KEY_FILE, "")]);
        assert!(matches!(whole.expect("whole").expect("there").proof, Proof::SecretKey(_)));
        assert!(with(&[]).expect("nothing").is_none());
        let half = with(&[(API_KEY, "k")]).expect_err("half").to_string();
        assert!(half.contains(SECRET_KEY) && half.contains(PRIVATE_KEY_FILE), "{half}");
        let half = with(&[(SECRET_KEY, "hush")]).expect_err("half").to_string();
        assert!(half.contains(API_KEY) && !half.contains("hush"), "{half}");
    }
}
