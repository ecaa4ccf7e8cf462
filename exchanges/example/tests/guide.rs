//! The guide for connector authors shows code as it is in this crate, and names what there is.

use std::fs;
use std::path::{Path, PathBuf};

const GUIDE: &str = "docs/adding-an-exchange.md";
const CHECKLIST: &str = "docs/exchange-api-checklist.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The sources in a folder and those below it, as one text.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let text = |path: PathBuf| match path.is_dir() {
        true => sources(&path),
        false => fs::read_to_string(path).unwrap_or_default(),
    };
    paths.map(text).collect()
}

/// The pieces of code in a page, each with the file that it is from.
fn pieces(page: &str) -> Vec<(&str, &str)> {
    let marked = page.split("<!-- from ").skip(1);
    marked
        .map(|rest| {
            let (file, rest) = rest.split_once(" -->\n```rust\n").expect("code follows the mark");
            let (code, _) = rest.split_once("```").expect("the end of the code");
            (file, code)
        })
        .collect()
}

/// What stands between single backticks, outside of blocks.
fn quoted(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).collect()
}

/// The methods of a trait in a source, and whether each must be written.
fn methods(file: &str, name: &str) -> Vec<(String, bool)> {
    let text = read(file);
    let (_, body) = text.split_once(&format!("pub trait {name}:")).expect("the trait");
    let (body, _) = body.split_once("\n}\n").expect("its end");
    let method = |text: &str| {
        let name = text.split('(').next().unwrap_or_default().to_owned();
        let end = text.find(['{', ';']).expect("the end of its head");
        (name, text[end..].starts_with(';'))
    };
    body.split("\n    fn ").skip(1).map(method).collect()
}

#[test]
fn code_in_the_guide_is_code_of_the_example() {
    let page = read(GUIDE);
    let pieces = pieces(&page);
    assert!(pieces.len() > 5, "the page was read");
    for (file, code) in pieces {
        assert!(read(file).contains(code), "{file} does not hold:\n{code}");
    }
    assert_eq!(page.matches("```rust").count(), page.matches("<!-- from ").count(), "all code is from a file");
}

#[test]
fn fields_and_paths_in_the_guide_exist() {
    let example = sources(&root().join("exchanges/example/src"));
    let framework = ["core", "transport", "tracking", "conformance", "exchanges/wire"];
    let framework: String = framework.iter().map(|folder| sources(&root().join(folder).join("src"))).collect();
    let known = |word: &str| framework.contains(word) || example.contains(word);
    let mut fields = 0;
    for page in [read(GUIDE), read(CHECKLIST)] {
        for code in quoted(&page) {
            if let Some((name, _)) = code.split_once(": ").filter(|(name, _)| name.chars().all(is_of_name)) {
                fields += 1;
                assert!(example.contains(code), "the example has no `{code}` (of {name})");
            }
            let is_path = code.contains("::") && code.chars().all(|c| is_of_name(c) || c == ':');
            assert!(!is_path || code.split("::").all(known), "there is no `{code}`");
        }
    }
    assert!(fields > 0, "the pages were read");
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[test]
fn the_guide_says_when_to_write_every_part_of_the_wire() {
    let page = read(GUIDE);
    let (_, table) = page.split_once("| before step |").expect("the table of the wire");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let named = quoted(table);
    let wire = methods("conformance/src/subject.rs", "Wire");
    let account = methods("conformance/src/account_wire.rs", "AccountWire");
    assert!(wire.len() > 20 && account.len() > 40, "the traits were read");
    for (method, required) in wire.iter().chain(&account) {
        assert!(!required || named.contains(&method.as_str()), "the guide does not say when to write {method}");
    }
    let places = ["tests/wire/mod.rs", "tests/wire/account.rs", "contract_frames.rs", "funding"];
    for name in named.iter().filter(|name| !places.contains(name)) {
        assert!(wire.iter().chain(&account).any(|(method, _)| method == name), "no wire has a method {name}");
    }
}
