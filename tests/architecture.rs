//! Dependencies point one way, downwards in this list, and what is written apart stays apart.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// The crates from the bottom up: each may depend on those before it.
const CRATES: &[&str] = &[
    "tradewire-core",
    "tradewire-transport",
    "tradewire-tracking",
    "tradewire-journal",
    "tradewire-simulator",
    "tradewire-wire",
    EXCHANGES,
    "tradewire",
    "tradewire-conformance",
    "tradewire-cli",
    "tradewire-mutants",
    "tradewire-benches",
];

/// Stands in the list for the connectors: they are of one rank, so that none depends on another.
const EXCHANGES: &str = "exchanges/*";
/// What connectors share: of their folder, and none of them.
const WIRE: &str = "tradewire-wire";
const SIMULATOR: &str = "tradewire-simulator";

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Member>,
}

/// A crate of the workspace.
#[derive(Deserialize)]
struct Member {
    name: String,
    manifest_path: String,
    /// The registries that it may be published to; `None` for any.
    publish: Option<Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` for what the crate itself needs; tests may use more.
    kind: Option<String>,
}

impl Member {
    /// Whether it is in the folder of the exchanges: a connector, or what connectors share.
    fn is_of_exchanges(&self) -> bool {
        let folder = Path::new(&self.manifest_path).parent().and_then(Path::parent);
        folder.is_some_and(|folder| folder.ends_with("exchanges"))
    }

    fn is_connector(&self) -> bool {
        self.is_of_exchanges() && self.name != WIRE
    }

    fn rank(&self) -> usize {
        let name = if self.is_connector() { EXCHANGES } else { &self.name };
        let place = CRATES.iter().position(|known| *known == name);
        place.unwrap_or_else(|| panic!("{} has no place in the list", self.name))
    }

    /// The members that it is built with.
    fn needs<'a>(&self, members: &'a [Member]) -> Vec<&'a Member> {
        let named = |member: &&Member| {
            self.dependencies.iter().any(|needed| needed.kind.as_deref() != Some("dev") && needed.name == member.name)
        };
        members.iter().filter(named).collect()
    }

    fn manifest(&self) -> String {
        std::fs::read_to_string(&self.manifest_path).expect("a crate has a manifest")
    }
}

/// All members of the workspace, as cargo knows them.
fn members() -> Vec<Member> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let told = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let Workspace { packages } = serde_json::from_slice(&told.stdout).expect("the workspace");
    assert!(packages.iter().filter(|member| member.is_connector()).count() > 3, "the exchanges were read");
    packages
}

#[test]
fn dependencies_point_downwards() {
    let members = members();
    for member in &members {
        for needed in member.needs(&members) {
            assert!(needed.rank() < member.rank(), "{} must not depend on {}", member.name, needed.name);
        }
    }
    for known in CRATES.iter().filter(|known| **known != EXCHANGES) {
        assert!(members.iter().any(|member| member.name == *known), "there is no {known}");
    }
}

/// The simulator encodes what connectors decode: neither knows the other.
#[test]
fn what_is_written_apart_stays_apart() {
    let members = members();
    for member in members.iter().filter(|member| member.is_of_exchanges() || member.name == SIMULATOR) {
        for needed in member.needs(&members) {
            let apart = if member.name == SIMULATOR { !needed.is_of_exchanges() } else { needed.name != SIMULATOR };
            assert!(apart, "{} must not know {}", member.name, needed.name);
        }
    }
}

#[test]
fn every_crate_says_what_it_is() {
    const FIELDS: [&str; 7] =
        ["description", "license", "repository", "readme", "keywords", "categories", "rust-version"];
    for member in members().iter().filter(|member| member.publish.is_none()) {
        let manifest = member.manifest();
        let section = manifest.split("\n[").find(|section| section.trim_start_matches('[').starts_with("package]"));
        let names = section.expect("[package]").lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        let names: Vec<_> = names.collect();
        for field in FIELDS {
            assert!(names.contains(&field), "{} has no {field}", member.name);
        }
    }
}

#[test]
fn the_core_knows_no_socket_and_no_runtime() {
    let members = members();
    let core = members.iter().find(|member| member.name == "tradewire-core").expect("the core");
    for word in ["tokio", "reqwest", "hyper", "tungstenite"] {
        assert!(!core.manifest().contains(word), "core must not depend on {word}");
    }
}

/// The places in which a connector is entered, as the guide for authors lists them.
#[test]
fn every_exchange_is_known() {
    const PLACES: [&str; 7] = [
        "Cargo.toml",
        "src/registry.rs",
        "src/lib.rs",
        "conformance/src/subjects/mod.rs",
        "ARCHITECTURE.md",
        "README.md",
        "CHANGELOG.md",
    ];
    let read = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}")).to_lowercase()
    };
    let guide = read("docs/adding-an-exchange.md");
    for place in PLACES {
        let row = format!("\n| `{place}` |").to_lowercase();
        assert!(guide.contains(&row), "the guide does not name {place}");
        let text = read(place);
        for member in members().iter().filter(|member| member.is_connector()) {
            let name = member.name.trim_start_matches("tradewire-");
            assert!(text.contains(name), "{name} is not entered in {place}");
        }
    }
}
