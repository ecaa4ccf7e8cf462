use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use public_api::Builder;

use crate::printed;

/// The libraries that are published.
const LIBRARIES: [&str; 12] = [
    "tradewire",
    "tradewire_binance",
    "tradewire_bybit",
    "tradewire_conformance",
    "tradewire_core",
    "tradewire_example",
    "tradewire_journal",
    "tradewire_kraken",
    "tradewire_simulator",
    "tradewire_tracking",
    "tradewire_transport",
    "tradewire_wire",
];

/// The public items of a library, each as one line of Rust.
pub(crate) struct Listing {
    pub(crate) library: String,
    pub(crate) items: BTreeSet<String>,
}

impl Listing {
    /// The items that the sources have now.
    pub(crate) fn of_all(root: &Path) -> Result<Vec<Self>, String> {
        // With the features of the workspace, so that nothing is compiled for this alone.
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["doc", "--workspace", "--no-deps", "--lib", "--locked", "--quiet"]).current_dir(root);
        cargo.env("RUSTDOC", root.join(".ci/public-api/rustdoc"));
        cargo.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
        printed(&mut cargo)?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
        LIBRARIES.iter().map(|library| Self::read(library, &target.join(format!("doc/{library}.json")))).collect()
    }

    fn read(library: &str, json: &Path) -> Result<Self, String> {
        let lines = |derived: bool| {
            let builder = Builder::from_rustdoc_json(json).omit_blanket_impls(true);
            let api = builder.omit_auto_trait_impls(!derived).omit_auto_derived_impls(!derived).build();
            let api = api.map_err(|error| format!("{}: {error}", json.display()))?;
            Ok::<Vec<String>, String>(api.items().map(ToString::to_string).collect())
        };
        let mut items = BTreeSet::from_iter(lines(false)?);
        items.extend(lines(true)?.into_iter().filter(|line| says_what_a_type_can(line)));
        Ok(Self { library: library.to_owned(), items })
    }

    pub(crate) fn parse(library: &str, text: &str) -> Self {
        Self { library: library.to_owned(), items: text.lines().map(str::to_owned).collect() }
    }

    pub(crate) fn text(&self) -> String {
        self.items.iter().map(|item| format!("{item}\n")).collect()
    }

    /// The items that another listing does not have.
    pub(crate) fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.items.difference(&other.items).map(String::as_str)
    }
}

/// Whether a line about what is derived says more than the type's own: its methods are always the same, and only two of the traits
/// that types have by themselves matter to callers.
fn says_what_a_type_can(line: &str) -> bool {
    let of_itself = ["Freeze", "Unpin", "UnsafeUnpin", "StructuralPartialEq", "UnwindSafe", "RefUnwindSafe"];
    let name =
        line.strip_prefix("impl").and_then(|rest| rest.split(" for ").next()).and_then(|rest| rest.rsplit("::").next());
    name.is_some_and(|name| !of_itself.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_gone_is_told_and_what_is_new_is_not() {
        let before = Listing::parse("a", "pub fn a::f()\npub fn a::g()\n");
        let now = Listing::parse("a", "pub fn a::f(u8)\npub fn a::g()\npub fn a::h()\n");
        assert_eq!(before.without(&now).collect::<Vec<_>>(), ["pub fn a::f()"]);
        assert_eq!(now.without(&before).count(), 2);
        assert_eq!(Listing::parse("a", &now.text()).items, now.items);
    }

    #[test]
    fn of_what_is_derived_the_traits_are_kept() {
        for kept in [
            "impl core::clone::Clone for a::T",
            "impl<T> core::marker::Send for a::T<T>",
            "impl !core::marker::Sync for a::T",
        ] {
            assert!(says_what_a_type_can(kept), "{kept}");
        }
        for left_out in ["pub fn a::T::clone(&self) -> a::T", "impl core::marker::Unpin for a::T"] {
            assert!(!says_what_a_type_can(left_out), "{left_out}");
        }
    }
}
