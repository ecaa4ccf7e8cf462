//! The encrypted key store.
#![cfg(unix)]

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{User, tradewire};

const PASSPHRASE: &str = "correct horse battery staple";
const KEY: &str = "abcdEFGHijklMNOPqrstUVWX";
const SECRET: &str = "hush-hush-hush-hush";
/// The example key of RFC 8410, section 10.3.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

fn user() -> User {
    User::new().setting("TRADEWIRE_KEYSTORE_PASSPHRASE", PASSPHRASE)
}

#[test]
fn keys_are_added_listed_masked_and_removed() {
    let user = user();
    assert_eq!(user.tradewire(&["keys", "list"]).stdout, "no keys\n");
    let typed = format!("{KEY}\n{SECRET}\n");
    let added = user.typing(&typed, &["keys", "add", "main", "--exchange", "binance-spot"]);
    assert_eq!((added.status, added.stderr.as_str()), (Some(0), ""));
    let pem = user.file("key.pem", PEM, 0o600);
    let added = user.typing(&format!("{KEY}\n"), &["keys", "add", "other", "--private-key-file", &pem, "--json"]);
    assert_eq!((added.status, added.stderr.as_str()), (Some(0), ""));
    let added = added.json();
    user.typing(&typed, &["keys", "add", "main"]).refused(1, &["'main'", "already"]);

    let listed = user.tradewire(&["keys", "list", "--json"]).json();
    let entry =
        serde_json::json!({"name": "main", "exchange": "binance-spot", "key_type": "hmac", "api_key": "abcd…UVWX"});
    assert_eq!(listed[0], entry);
    assert_eq!((&listed[1]["name"], &listed[1]["key_type"]), (&"other".into(), &"ed25519".into()));
    assert_eq!(added, [listed[1].clone()]);
    let text = user.tradewire(&["keys", "list"]).stdout;
    assert!(text.contains("abcd…UVWX") && !text.contains(KEY) && !text.contains(SECRET), "{text}");

    assert_eq!(user.tradewire(&["keys", "remove", "main"]).stdout, "removed 'main'\n");
    user.tradewire(&["keys", "remove", "man"]).refused(1, &["'man'", "'other'"]);
    assert_eq!(user.tradewire(&["keys", "list", "--json"]).json().len(), 1);
    assert_eq!(user.tradewire(&["keys", "remove", "other", "--json"]).json(), added);
}

#[test]
fn the_store_is_private_encrypted_and_opens_for_its_passphrase_only() {
    let user = user();
    user.typing(&format!("{KEY}\n{SECRET}\n"), &["keys", "add", "main"]);
    let path = user.home.path().join(".config/tradewire/keys.json");
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).expect("read");
    for word in [KEY, SECRET, PASSPHRASE, "main"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let store = path.to_str().expect("UTF-8");
    let with = |passphrase| {
        User::new().setting("TRADEWIRE_KEYSTORE", store).setting("TRADEWIRE_KEYSTORE_PASSPHRASE", passphrase)
    };
    assert_eq!(with(PASSPHRASE).tradewire(&["keys", "list", "--json"]).json().len(), 1);
    let wrong = with("correct horse battery stable").tradewire(&["keys", "list"]);
    wrong.refused(1, &["passphrase is wrong or the key store is damaged"]);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changed");
    with(PASSPHRASE).tradewire(&["keys", "list"]).refused(1, &["others may read", "chmod 600"]);
}

#[test]
fn what_is_not_typed_or_is_no_key_is_refused() {
    let user = user();
    user.typing("", &["keys", "add", "main"]).refused(1, &["the API key is missing"]);
    user.typing(&format!("{KEY}\n"), &["keys", "add", "main"]).refused(1, &["the secret key is missing"]);
    let open = user.file("open.pem", PEM, 0o644);
    let add = ["keys", "add", "main", "--private-key-file"];
    user.typing(KEY, &[&add[..], &[&open]].concat()).refused(1, &["chmod 600"]);
    let damaged = user.file("damaged.pem", &PEM.replace("MC4C", "MC4D"), 0o600);
    user.typing(KEY, &[&add[..], &[&damaged]].concat()).refused(1, &["private key"]);
    assert_eq!(user.tradewire(&["keys", "list"]).stdout, "no keys\n", "nothing is kept of them");
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    for args in [
        &["keys", "add", "main", "--secret-key", SECRET][..],
        &["keys", "add", "main", "--secret=hush-hush-hush-hush"],
        &["keys", "add", "main", "--passphrase", SECRET],
        &["--api-secret", SECRET, "book", "binance-spot", "BTC-USDT"],
        &["TRADEWIRE_SECRET_KEY=hush-hush-hush-hush", "keys", "list"],
    ] {
        let run = tradewire(args);
        run.refused(2, &["secret on the command line", "TRADEWIRE_SECRET_KEY", "--credentials", "keys add"]);
        assert!(!run.stderr.contains("hush"), "{}", run.stderr);
    }
    for args in
        [&["keys", "add", "main", KEY, SECRET][..], &["keys", "add", "hush hush"], &["keys", "remove", "a", SECRET]]
    {
        let run = tradewire(args);
        run.refused(2, &["keys"]);
        assert!(!run.stderr.contains("hush") && !run.stderr.contains(KEY), "{}", run.stderr);
    }
}
