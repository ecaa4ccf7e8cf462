use std::path::Path;

use super::place::Place;

const APART: &str = include_str!("templates/Cargo.toml.txt");
const MEMBER: &str = include_str!("templates/Cargo.member.toml.txt");

/// The crates of tradewire that a connector names, with their folders in the checkout.
const OURS: &[(&str, &str)] = &[
    ("tradewire-conformance", "conformance"),
    ("tradewire-core", "core"),
    ("tradewire-simulator", "simulator"),
    ("tradewire-tracking", "tracking"),
    ("tradewire-transport", "transport"),
    ("tradewire-wire", "exchanges/wire"),
];

/// The package's name: those of the workspace begin alike.
pub(super) fn package(name: &str, place: &Place) -> String {
    match place {
        Place::Member => format!("tradewire-{name}"),
        Place::Apart { .. } => name.to_owned(),
    }
}

/// The crate's `Cargo.toml`.
pub(super) fn text(name: &str, place: &Place) -> String {
    let (template, patch) = match place {
        Place::Member => (MEMBER, String::new()),
        Place::Apart { checkout } => (APART, checkout.as_deref().map(patch).unwrap_or_default()),
    };
    let filled = template
        .replace("{name}", &package(name, place))
        .replace("{version}", env!("CARGO_PKG_VERSION"))
        .replace("{rust_version}", env!("CARGO_PKG_RUST_VERSION"));
    filled + &patch
}

/// Takes our crates from a checkout.
fn patch(checkout: &Path) -> String {
    let from = |(name, folder): &(&str, &str)| {
        // A string of JSON is one of TOML too.
        let path = serde_json::Value::from(checkout.join(folder).to_string_lossy());
        format!("{name} = {{ path = {path} }}\n")
    };
    let crates: String = OURS.iter().map(from).collect();
    format!(
        "\n# tradewire as in the checkout that this was made with. To go by what is published, take this out.\n[patch.crates-io]\n{crates}"
    )
}

/// Whether a crate of this name would be mistaken for one that connectors depend on.
pub(super) fn is_taken(name: &str) -> bool {
    APART.parse::<toml::Table>().is_ok_and(|manifest| {
        ["dependencies", "dev-dependencies"].iter().any(|section| manifest[*section].get(name).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_workspace() {
        let read = |text: &str| text.parse::<toml::Table>().expect("a manifest");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let ours = read(&std::fs::read_to_string(root).expect("the workspace"));
        let version = |of: &toml::Value| of.as_str().or_else(|| of.get("version")?.as_str()).map(str::to_owned);
        for section in ["dependencies", "dev-dependencies"] {
            for (name, wanted) in read(APART)[section].as_table().expect("a section") {
                let known = &ours["workspace"]["dependencies"][name.as_str()];
                let wanted = version(wanted).expect("a version").replace("{version}", env!("CARGO_PKG_VERSION"));
                assert_eq!(version(known), Some(wanted), "{name}");
                assert!(read(MEMBER)[section].get(name).is_some(), "{name}");
            }
        }
        assert!(is_taken("bytes") && !is_taken("acme"));
    }

    #[test]
    fn a_manifest_can_be_read() {
        let apart = |checkout| text("acme", &Place::Apart { checkout }).parse::<toml::Table>().expect("a manifest");
        let patched = apart(Some("/a \"b\"".into()));
        assert_eq!(patched["patch"]["crates-io"]["tradewire-core"]["path"].as_str(), Some("/a \"b\"/core"));
        assert!(apart(None).get("patch").is_none() && apart(None).get("workspace").is_some());
        let member = text("acme", &Place::Member).parse::<toml::Table>().expect("a manifest");
        assert_eq!(member["package"]["name"].as_str(), Some("tradewire-acme"));
        assert!(member.get("workspace").is_none());
    }
}
