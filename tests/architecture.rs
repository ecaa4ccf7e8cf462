//! Dependencies point one way, downwards in this list, and what is written apart stays apart.

use std::fs;
use std::path::Path;

/// The crates from the bottom up, with their folders.
const CRATES: &[(&str, &str)] = &[
    ("tradewire-core", "core"),
    ("tradewire-transport", "transport"),
    ("tradewire-tracking", "tracking"),
    ("tradewire-journal", "journal"),
    ("tradewire-simulator", "simulator"),
    ("tradewire-wire", "exchanges/wire"),
    ("tradewire-binance", "exchanges/binance"),
    ("tradewire-bybit", "exchanges/bybit"),
    ("tradewire-kraken", "exchanges/kraken"),
    ("tradewire-example", "exchanges/example"),
    ("tradewire", "."),
    ("tradewire-conformance", "conformance"),
    ("tradewire-cli", "cli"),
];

/// Pairs of crates of which neither may know the other: one encodes what the other decodes.
const APART: &[(&str, &str)] = &[
    ("tradewire-simulator", "tradewire-wire"),
    ("tradewire-simulator", "tradewire-binance"),
    ("tradewire-simulator", "tradewire-bybit"),
    ("tradewire-simulator", "tradewire-kraken"),
    ("tradewire-simulator", "tradewire-example"),
];

/// The crates of this workspace that a crate's `[dependencies]` name; tests may use more.
fn dependencies(folder: &str) -> Vec<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("Cargo.toml");
    let manifest = fs::read_to_string(&manifest).expect("a crate has a manifest");
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]")).expect("[dependencies]");
    let names = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| CRATES.iter().any(|(known, _)| known == name)).map(str::to_owned).collect()
}

fn rank(name: &str) -> usize {
    CRATES.iter().position(|(known, _)| *known == name).expect("a crate of the list")
}

#[test]
fn dependencies_point_downwards() {
    let mut seen = 0;
    for (name, folder) in CRATES {
        for dependency in dependencies(folder) {
            seen += 1;
            assert!(rank(&dependency) < rank(name), "{name} must not depend on {dependency}");
        }
    }
    assert!(seen >= CRATES.len(), "the manifests were read");
}

#[test]
fn what_is_written_apart_stays_apart() {
    for (one, other) in APART {
        for (name, against) in [(one, other), (other, one)] {
            let (_, folder) = CRATES[rank(name)];
            assert!(!dependencies(folder).iter().any(|known| known == against), "{name} must not know {against}");
        }
    }
}

#[test]
fn every_crate_says_what_it_is() {
    const FIELDS: [&str; 7] =
        ["description", "license", "repository", "readme", "keywords", "categories", "rust-version"];
    for (name, folder) in CRATES {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("Cargo.toml");
        let manifest = fs::read_to_string(&manifest).expect("a crate has a manifest");
        let section = manifest.split("\n[").find(|section| section.trim_start_matches('[').starts_with("package]"));
        let names = section.expect("[package]").lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        let names: Vec<_> = names.collect();
        for field in FIELDS {
            assert!(names.contains(&field), "{name} has no {field}");
        }
    }
}

#[test]
fn the_core_knows_no_socket_and_no_runtime() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("core/Cargo.toml")).expect("a manifest");
    for word in ["tokio", "reqwest", "hyper", "tungstenite"] {
        assert!(!manifest.contains(word), "core must not depend on {word}");
    }
}
