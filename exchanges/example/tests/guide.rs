//! The guide for connector authors shows code as it is in this crate.

use std::fs;
use std::path::Path;

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

#[test]
fn code_in_the_guide_is_code_of_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let page = read("docs/adding-an-exchange.md");
    let pieces = pieces(&page);
    assert!(pieces.len() > 5, "the page was read");
    for (file, code) in pieces {
        assert!(read(file).contains(code), "{file} does not hold:\n{code}");
    }
    assert_eq!(page.matches("```rust").count(), page.matches("<!-- from ").count(), "all code is from a file");
}
