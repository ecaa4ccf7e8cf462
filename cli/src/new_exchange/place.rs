use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where a connector is put, which decides where its dependencies come from.
pub(super) enum Place {
    /// Among the members of the workspace that holds the crates of tradewire.
    Member,
    /// Anywhere else. The checkout that this program was built from, if it is still there.
    Apart { checkout: Option<PathBuf> },
}

impl Place {
    /// The place of a folder.
    ///
    /// # Errors
    /// Failed: there is no current folder.
    pub(super) fn of(folder: &Path) -> Result<Self, Failure> {
        let folder = std::path::absolute(folder)
            .map_err(|cause| Failure::failed(format_args!("{}: {cause}", folder.display())))?;
        if folder.ancestors().skip(1).any(|root| is_member(root, &folder)) {
            return Ok(Self::Member);
        }
        // Known where this program was built, and gone where it is installed without its sources.
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned);
        let checkout = checkout.filter(|root| root.join("core/Cargo.toml").is_file());
        Ok(Self::Apart { checkout })
    }

    /// What is to be said about the dependencies.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Member => "a member of the workspace: dependencies are the workspace's".to_owned(),
            Self::Apart { checkout: Some(root) } => format!(
                "[patch.crates-io] in Cargo.toml takes the crates of tradewire from {}, and Cargo.lock is a copy of the one there",
                root.display()
            ),
            Self::Apart { checkout: None } => {
                "the crates of tradewire come from the registry: the sources of this program are not here".to_owned()
            }
        }
    }
}

/// Whether a folder belongs to the members of the workspace at `root`, and that is one with tradewire's crates.
fn is_member(root: &Path, folder: &Path) -> bool {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let Some(toml::Value::Table(workspace)) = manifest.and_then(|mut manifest| manifest.remove("workspace")) else {
        return false;
    };
    let holds_ours = workspace.get("dependencies").is_some_and(|known| known.get("tradewire-core").is_some());
    let Ok(inside) = folder.strip_prefix(root) else { return false };
    let members = workspace.get("members").and_then(toml::Value::as_array).into_iter().flatten();
    let covers = |member: &str| match member.strip_suffix("/*") {
        Some(parent) => inside.parent() == Some(Path::new(parent)),
        None => inside == Path::new(member),
    };
    holds_ours && members.filter_map(toml::Value::as_str).any(covers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_under_a_members_glob_are_members() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a root");
        assert!(is_member(root, &root.join("exchanges/acme")));
        assert!(is_member(root, &root.join("cli")));
        for elsewhere in ["acme", "exchanges/example/acme", "docs/acme"] {
            assert!(!is_member(root, &root.join(elsewhere)), "{elsewhere}");
        }
        assert!(matches!(Place::of(&std::env::temp_dir().join("acme")), Ok(Place::Apart { checkout: Some(_) })));
    }
}
