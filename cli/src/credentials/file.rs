use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use tradewire::transport::Secret;
use tradewire::{Error, nearest};

use super::parts::{Names, Parts};
use super::{Material, config, read_private};

const NAMES: Names = Names { api_key: "api_key", secret_key: "secret_key", private_key: "private_key" };
const PRIVATE_KEY_FILE: &str = "private_key_file";

/// The credentials in a file: TOML, or JSON if it begins with a brace. Only its owner may be able to read it.
pub(super) fn read(path: &Path) -> Result<Material, Error> {
    let place = path.display().to_string();
    let mut fields = fields(&read_private(path)?, &place)?;
    let mut take = |name| fields.remove(name).map(|Text(secret)| secret);
    let mut private_key = take(NAMES.private_key);
    if let Some(file) = take(PRIVATE_KEY_FILE) {
        if private_key.is_some() {
            return Err(config(format!("{place} has both private_key and private_key_file; leave one of them out")));
        }
        let beside = path.parent().unwrap_or(Path::new("."));
        private_key = Some(read_private(&beside.join(file.expose()))?);
    }
    let parts = Parts { api_key: take(NAMES.api_key), secret_key: take(NAMES.secret_key), private_key };
    let found = match fields.keys().next() {
        Some(word) => return Err(unknown_field(word, &place)),
        None => parts.complete(&NAMES, &place)?,
    };
    found.ok_or_else(|| config(format!("{place} has no credentials; write api_key and secret_key or private_key_file")))
}

fn unknown_field(word: &str, place: &str) -> Error {
    let known = [NAMES.api_key, NAMES.secret_key, NAMES.private_key, PRIVATE_KEY_FILE];
    let hint = nearest(word, known).unwrap_or_default();
    config(format!("'{word}' in {place} is not a setting; did you mean '{hint}'? Known: {}", known.join(", ")))
}

/// The texts of the file by name. What the readers say of an error is left out, for it can quote the file.
fn fields(text: &Secret, place: &str) -> Result<BTreeMap<String, Text>, Error> {
    let text = text.expose();
    let (form, result) = if text.trim_start().starts_with('{') {
        ("JSON", serde_json::from_str(text).map_err(|error| error.line()))
    } else {
        ("TOML", toml::from_str(text).map_err(|error| line_of(text, error.span().map_or(0, |span| span.start))))
    };
    result.map_err(|line| config(format!("{place}, line {line}: not {form} with one text for each name")))
}

/// A text of the file.
struct Text(Secret);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::credentials::{Proof, open_private};

    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n";

    fn read_text(text: &str) -> Result<Material, Error> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("credentials", text), ("key.pem", PEM)] {
            let mut file = open_private(&folder.path().join(name)).expect("created");
            file.write_all(text.as_bytes()).expect("written");
        }
        read(&folder.path().join("credentials"))
    }

    #[test]
    fn toml_and_json_are_read() {
        for text in ["api_key = 'k'\nsecret_key = 's'\n", " {\"api_key\": \"k\", \"secret_key\": \"s\"}"] {
            let found = read_text(text).expect(text);
            assert!(
                found.api_key.expose() == "k"
                    && matches!(found.proof, Proof::SecretKey(secret) if secret.expose() == "s")
            );
        }
        let inline = format!("api_key = 'k'\nprivate_key = '''\n{PEM}'''\n");
        for text in ["api_key = 'k'\nprivate_key_file = 'key.pem'\n", &inline] {
            let found = read_text(text).expect(text);
            assert!(matches!(found.proof, Proof::PrivateKey(pem) if pem.expose() == PEM), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_a_secret() {
        for (text, words) in [
            ("", &["no credentials"][..]),
            ("api_key = 'k'", &["secret_key (or private_key) is missing"]),
            ("secret_key = 'hush'", &["api_key is missing"]),
            ("api_key = 'k'\nsecretkey = 'hush'", &["'secretkey'", "'secret_key'"]),
            ("api_key = 'k'\nsecret_key = hush", &["line 2"]),
            ("api_key = 'k'\nsecret_key = 4321", &["line 2"]),
            ("{\"api_key\": \"k\",\n\"secret_key\": 4321}", &["line 2"]),
            ("private_key = 'hush'\nprivate_key_file = 'key.pem'", &["both private_key and private_key_file"]),
        ] {
            let error = read_text(text).expect_err(text);
            for shown in [error.to_string(), format!("{error:?}")] {
                assert!(words.iter().all(|word| shown.contains(word)), "{shown}");
                assert!(!shown.contains("hush") && !shown.contains("4321"), "{shown}");
            }
        }
    }
}
