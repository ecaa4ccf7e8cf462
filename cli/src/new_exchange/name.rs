use super::manifest;

/// Words that Rust keeps for itself or for crates of its own, and what the skeleton's files are called by.
const KEPT: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "wire",
    "yield",
];

/// Reads the name of a connector's crate.
pub(crate) fn crate_name(text: &str) -> Result<String, String> {
    const LONGEST: usize = 40;
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c != '-')
        && text.len() <= LONGEST
        && text.chars().all(letter)
        && !text.contains("--");
    if !good {
        return Err(format!("the name of a crate has up to {LONGEST} small letters, digits and '-', like 'acme'"));
    }
    if KEPT.contains(&text.replace('-', "_").as_str()) {
        return Err("the word has a meaning of its own; choose another, like 'acme'".to_owned());
    }
    if manifest::is_taken(text) || text.starts_with("tradewire") {
        return Err("a crate that connectors depend on has this name; choose another, like 'acme'".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates() {
        for good in ["acme", "my-exchange", "x2"] {
            assert_eq!(crate_name(good).as_deref(), Ok(good));
        }
        for bad in
            ["", "Acme", "2x", "a b", "a/b", "../a", "a--b", "a-", "self", "bytes", "tradewire-core", "wire", "ä"]
        {
            assert!(crate_name(bad).is_err(), "{bad}");
        }
        assert!(crate_name(&"a".repeat(41)).is_err());
    }
}
