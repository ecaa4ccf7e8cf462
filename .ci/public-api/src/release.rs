use std::path::Path;
use std::process::Command;

use crate::listing::Listing;
use crate::printed;

/// The items of the last release that are no longer there, unless the version says that the next one may break callers: until
/// it does, a list that was written anew hides nothing.
pub(crate) fn broken(root: &Path, file: &str, now: &Listing) -> Result<Vec<String>, String> {
    let git = |arguments: &[&str]| printed(Command::new("git").args(arguments).current_dir(root));
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    // A tree without its history, and a version that is not released yet.
    if git(&["rev-parse", "--verify", "--quiet", &format!("{tag}^{{commit}}")]).is_err() {
        return Ok(Vec::new());
    }
    let released = Listing::parse(&now.library, &git(&["show", &format!("{tag}:{file}")])?);
    Ok(released.without(now).map(str::to_owned).collect())
}
