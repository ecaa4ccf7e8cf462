use clap::ValueEnum;

use super::place::Place;
use super::{checklist, manifest};
use crate::failure::Failure;

/// The shapes of authorisation that a skeleton can begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// REST signed in headers over a text of its own, a login on the account socket.
    Example,
    /// The query is signed and carries the signature.
    Binance,
    /// REST signed in headers with time and window, a login with an expiry.
    Bybit,
}

impl Shape {
    fn auth(self) -> &'static str {
        match self {
            Self::Example => include_str!("templates/example/auth.rs"),
            Self::Binance => include_str!("templates/binance/auth.rs"),
            Self::Bybit => include_str!("templates/bybit/auth.rs"),
        }
    }

    /// What the exchange counts.
    fn pools(self) -> &'static str {
        match self {
            Self::Example | Self::Binance => include_str!("templates/weight_pools.rs"),
            Self::Bybit => include_str!("templates/request_pools.rs"),
        }
    }

    /// The paths of the market and of the account socket, where an address has none.
    fn sockets(self) -> [&'static str; 2] {
        match self {
            Self::Example => ["/market", "/account"],
            Self::Binance => ["/ws", "/ws-api"],
            Self::Bybit => ["/public", "/private"],
        }
    }
}

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("templates/", $name)))
    };
}

// Links to files of the fictional exchange and of its suite, so that the program's package holds them too.
macro_rules! from_example {
    ($name:literal) => {
        ($name, include_str!(concat!("templates/joints/", $name)))
    };
}

macro_rules! example_wire {
    ($name:literal) => {
        ($name, include_str!(concat!("templates/wire/", $name)))
    };
}

/// What has to be written.
const UNWRITTEN: &[(&str, &str)] = &[
    template!("account_reads.rs"),
    template!("book.rs"),
    template!("error_codes.rs"),
    template!("fill_row.rs"),
    template!("funding.rs"),
    template!("lib.rs"),
    template!("limits.rs"),
    template!("order_commands.rs"),
    template!("order_row.rs"),
    template!("perpetual.rs"),
    template!("position_row.rs"),
    template!("rest.rs"),
    template!("settings.rs"),
    template!("symbols.rs"),
    template!("trades.rs"),
    template!("user_stream.rs"),
];

/// What joins it to the framework, and differs less: as the fictional exchange has it.
const JOINTS: &[(&str, &str)] = &[
    from_example!("account.rs"),
    from_example!("capabilities.rs"),
    from_example!("config.rs"),
    from_example!("control.rs"),
    from_example!("exchange.rs"),
    from_example!("frames.rs"),
    from_example!("market_stream.rs"),
];

/// Where the fictional exchange declares its contracts: a skeleton begins with the same.
const CONTRACTS: &str = include_str!("templates/joints/perpetual.rs");

/// The wire of the fictional exchange, against whose simulated server a skeleton is tried first.
const WIRE: &[(&str, &str)] = &[
    example_wire!("mod.rs"),
    example_wire!("account.rs"),
    example_wire!("contract_frames.rs"),
    example_wire!("private_frames.rs"),
];

const TEST: &str = include_str!("templates/conformance.rs");

/// The files of a skeleton: their paths in its folder, and their texts.
#[derive(Debug)]
pub(super) struct Files(pub(super) Vec<(String, String)>);

impl Files {
    /// # Errors
    /// Wrong use: a name that the code has for something else.
    pub(super) fn of(name: &str, like: Shape, place: &Place) -> Result<Self, Failure> {
        let package = manifest::package(name, place);
        let own = OwnNames { name, type_name: type_name(name) };
        if own.collides() {
            let text = format!("'{name}' cannot be used: the code has another thing called {}", own.type_name);
            return Err(Failure::wrong_use(text));
        }
        let mut files = vec![
            (".gitignore".to_owned(), "/target\n".to_owned()),
            ("Cargo.toml".to_owned(), manifest::text(name, place)),
            ("CHECKLIST.md".to_owned(), checklist::text(name)),
            ("src/auth.rs".to_owned(), own.put_into(like.auth())),
            ("tests/conformance.rs".to_owned(), own.put_into(&TEST.replace("{crate}", &package.replace('-', "_")))),
        ];
        for (file, text) in UNWRITTEN {
            let text = text.replace("    // {pools}\n", like.pools()).replace("// {declared}\n", declared_contracts());
            files.push((format!("src/{file}"), own.put_into(&joint(&text, like))));
        }
        for (file, text) in JOINTS {
            files.push((format!("src/{file}"), own.put_into(&joint(text, like))));
        }
        for (file, text) in WIRE {
            files.push((
                format!("tests/wire/{file}"),
                own.put_into(&text.replace("crate::", "tradewire_conformance::")),
            ));
        }
        if let Place::Apart { checkout: Some(root) } = place
            && let Ok(lock) = std::fs::read_to_string(root.join("Cargo.lock"))
        {
            files.push(("Cargo.lock".to_owned(), lock));
        }
        Ok(Self(files))
    }
}

/// A file of the fictional exchange as a skeleton begins with it: without its tests, which are about that exchange.
fn joint(text: &str, like: Shape) -> String {
    let code = text.split_once("\n#[cfg(test)]\n").map_or(text, |(code, _)| code);
    let [market, account] = like.sockets();
    code.replace("example-spot", "{name}-spot")
        .replace("example-perp", "{name}-perp")
        .replace("fictional: true", "fictional: false")
        .replace("exchange.example", "{name}.example")
        .replace("/market\"", &format!("{market}\""))
        .replace("/account\"", &format!("{account}\""))
}

/// What the fictional exchange declares of contracts, with their environments.
fn declared_contracts() -> &'static str {
    let declared =
        CONTRACTS.split_once("\n/// What this connector offers").map_or("", |(head, _)| &CONTRACTS[head.len() + 1..]);
    declared.split_once("\n/// Positions, settings and payments").map_or("", |(declared, _)| declared)
}

/// What the new exchange's things are called.
struct OwnNames<'a> {
    name: &'a str,
    type_name: String,
}

impl OwnNames<'_> {
    /// Whether the code has another thing of the type's name.
    fn collides(&self) -> bool {
        let known = UNWRITTEN.iter().chain(JOINTS).map(|(_, text)| *text).chain([TEST]);
        self.type_name != "Example" && known.into_iter().any(|text| replace_word(text, &self.type_name, "") != text)
    }

    /// The text with the new names in the place of the fictional exchange's.
    fn put_into(&self, text: &str) -> String {
        let mut renamed = text.replace("{name}", self.name).replace("API.md", "CHECKLIST.md");
        for suffix in ["AccountWire", "Account", "Dialect", "Wire", ""] {
            renamed = replace_word(&renamed, &format!("Example{suffix}"), &format!("{}{suffix}", self.type_name));
        }
        renamed
    }
}

/// The name of the exchange's types: `my-exchange` becomes `MyExchange`.
fn type_name(name: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    name.split(['-', '_']).filter(|part| !part.is_empty()).map(capital).collect()
}

/// Replaces a word where it stands alone.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(word) {
        let alone = !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part);
        if alone && at >= from {
            replaced += &text[from..at];
            replaced += by;
            from = at + word.len();
        }
    }
    replaced + &text[from..]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files(name: &str, like: Shape) -> Vec<(String, String)> {
        Files::of(name, like, &Place::Apart { checkout: None }).expect("files").0
    }

    #[test]
    fn a_skeleton_has_the_files_of_the_example() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exchanges/example/src");
        let example = std::fs::read_dir(root).expect("the example").map(|entry| entry.expect("an entry").file_name());
        let example: BTreeSet<_> = example.map(|name| format!("src/{}", name.to_string_lossy())).collect();
        for like in Shape::value_variants() {
            let files = files("acme", *like);
            let ours = files.iter().map(|(path, _)| path.clone()).filter(|path| path.starts_with("src/"));
            assert_eq!(ours.collect::<BTreeSet<_>>(), example, "{like:?}");
        }
    }

    #[test]
    fn nothing_of_the_fictional_exchange_is_left_in_names() {
        for (path, text) in files("my-exchange", Shape::Example) {
            for word in [
                "ExampleAccount",
                "ExampleDialect",
                "ExampleWire",
                "{name}",
                "{crate}",
                "API.md",
                "{pools}",
                "{declared}",
            ] {
                assert!(!text.contains(word), "{word} in {path}");
            }
            let declared = match path.as_str() {
                "src/capabilities.rs" => "my-exchange-spot",
                "src/perpetual.rs" => "my-exchange-perp",
                _ => continue,
            };
            assert!(
                text.contains(&format!(r#"exchange: "{declared}""#)) && text.contains("fictional: false"),
                "{text}"
            );
        }
    }

    #[test]
    fn sockets_have_the_paths_of_the_shape() {
        let files = files("acme", Shape::Binance);
        for name in ["src/config.rs", "src/perpetual.rs"] {
            let (_, text) = files.iter().find(|(path, _)| path == name).expect("a file");
            assert!(text.contains("acme.example/ws\"") && !text.contains("/market\""), "{text}");
        }
    }

    #[test]
    fn a_name_that_means_something_else_is_refused() {
        let refused = Files::of("error", Shape::Example, &Place::Member).expect_err("taken");
        assert!(refused.to_string().contains("called Error"), "{refused}");
    }

    #[test]
    fn what_is_to_be_written_says_so() {
        for (path, text) in files("acme", Shape::Bybit) {
            assert!(!text.contains("todo!") && !text.contains("panic!("), "{path}");
        }
        let unwritten: usize =
            files("acme", Shape::Example).iter().map(|(_, text)| text.matches("unwritten!(\"").count()).sum();
        assert!(unwritten > 10, "{unwritten}");
    }
}
