use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use tradewire::Error;
use tradewire::transport::Secret;
use zeroize::Zeroizing;

use super::config;

/// More than any file with keys needs.
const LIMIT: usize = 1 << 20;

/// Reads a text that only its owner may read.
///
/// # Errors
/// `Config` if others may read it, with the command that mends it, and if it cannot be read.
pub(crate) fn read_private(path: &Path) -> Result<Secret, Error> {
    let cannot = |cause: io::Error| unreadable(path, &cause);
    let mut file = File::open(path).map_err(cannot)?;
    check_owner_only(path, &file.metadata().map_err(cannot)?)?;
    // As large as it will ever be: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    (&mut file).take(LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() > LIMIT {
        return Err(config(format!("{} is too large for a file with keys", path.display())));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| config(format!("{} is not text", path.display())))?;
    Ok(Secret::new(text))
}

fn unreadable(path: &Path, cause: &io::Error) -> Error {
    config(format!("cannot read {}: {cause}", path.display()))
}

#[cfg(unix)]
fn check_owner_only(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;

    let mode = metadata.mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(config(format!("others may read {shown} (mode {mode:04o}); run: chmod 600 '{shown}'")))
}

/// Elsewhere the system's own rules for a user's folder have to do.
#[cfg(not(unix))]
fn check_owner_only(_path: &Path, _metadata: &Metadata) -> Result<(), Error> {
    Ok(())
}

/// Creates a file that only its owner may read, or opens it empty.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder, and those above it, that only their owner may read. One that exists is left as it is.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_files_of_their_owner_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        std::fs::write(&path, "hush").expect("written");
        for (mode, refused) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false), (0o400, false)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("changed");
            match read_private(&path) {
                Ok(secret) => assert!(!refused && secret.expose() == "hush"),
                Err(error) => assert!(refused && error.to_string().contains("chmod 600"), "{error}"),
            }
        }
    }
}
