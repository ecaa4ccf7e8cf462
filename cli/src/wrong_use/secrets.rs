use std::ffi::OsString;

use crate::credentials::{API_KEY, PRIVATE_KEY_FILE, SECRET_KEY};
use crate::failure::Failure;

/// Words in the name of an option, or before an equals sign, after which a secret follows.
const TELLING: [&str; 8] =
    ["secret", "passphrase", "password", "private-key", "api-key", "apikey", "credential", "token"];
/// Options that name a file.
const HARMLESS: [&str; 2] = ["credentials", "private-key-file"];

/// Refuses a command line with what looks like a secret in it, without repeating it: the list of processes and the
/// history of the shell show it.
///
/// # Errors
/// Wrong use, with the places where secrets belong.
pub(crate) fn refuse_secrets(words: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    if words.into_iter().any(|word| names_a_secret(&word.to_string_lossy())) {
        return Err(Failure::wrong_use(format!(
            "a secret on the command line is refused: others can read it there. Set {API_KEY} and {SECRET_KEY} \
             (or {PRIVATE_KEY_FILE}), name a file with --credentials, or use 'tradewire keys add' and --account"
        )));
    }
    Ok(())
}

fn names_a_secret(word: &str) -> bool {
    let (name, assigned) = word.split_once('=').map_or((word, false), |(name, _)| (name, true));
    if !name.starts_with('-') && !assigned {
        return false;
    }
    let name = name.trim_start_matches('-').to_lowercase().replace('_', "-");
    !HARMLESS.contains(&name.as_str()) && TELLING.iter().any(|telling| name.contains(telling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_refused_without_being_repeated() {
        for word in ["--secret-key", "--secret=hush", "--SECRET_KEY=hush", "-passphrase", "TRADEWIRE_SECRET_KEY=hush"] {
            let words = ["order", "place", word, "hush"].into_iter().map(OsString::from);
            let text = refuse_secrets(words).expect_err(word).to_string();
            assert!(
                text.contains("TRADEWIRE_SECRET_KEY") && text.contains("keys add") && !text.contains("hush"),
                "{text}"
            );
        }
        for word in ["--credentials", "--private-key-file=x.pem", "secret", "--account", "--show-key", "BTC-USDT"] {
            assert!(refuse_secrets([OsString::from(word)].into_iter()).is_ok(), "{word}");
        }
    }
}
