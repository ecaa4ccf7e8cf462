use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use rusqlite::ErrorCode;
use tradewire_core::{Error, ErrorKind};

/// The journal's name in errors: its path.
#[derive(Clone, Debug)]
pub(crate) struct Place(Arc<Path>);

impl Place {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.into())
    }

    pub(crate) fn in_memory() -> Self {
        Self(Path::new("in memory").into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path with something behind the file's name, as SQLite names the files that belong to one.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.0.as_os_str().to_owned();
        path.push(suffix);
        path.into()
    }

    pub(crate) fn error(&self, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Journal, message).with("file", self)
    }

    pub(crate) fn io(&self, doing: &str, cause: io::Error) -> Error {
        self.error(format!("cannot {doing}: {cause}")).with_source(cause)
    }

    /// What SQLite says, with what to do about it.
    pub(crate) fn sqlite(&self, doing: &str, cause: rusqlite::Error) -> Error {
        let error = match advice(&cause) {
            Some(advice) => self.error(format!("cannot {doing}: {cause}; {advice}")),
            None if cause.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => self.damaged(&cause),
            None => self.error(format!("cannot {doing}: {cause}")),
        };
        error.with_source(cause)
    }

    pub(crate) fn damaged(&self, what: impl fmt::Display) -> Error {
        self.error(format!("the file is damaged: {what}; {DAMAGED}"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

const DAMAGED: &str = "nothing in it was changed. Put back a copy, or move it away together with the files beside it that \
                       begin with its name, and start with an empty journal";

fn advice(cause: &rusqlite::Error) -> Option<&'static str> {
    let rusqlite::Error::SqliteFailure(failure, _) = cause else {
        return matches!(cause, rusqlite::Error::FromSqlConversionFailure(..))
            .then_some("a row is damaged, or written by a newer program");
    };
    match failure.code {
        ErrorCode::DiskFull => Some("make room on the disk; nothing was written, and the next write is tried as usual"),
        ErrorCode::NotADatabase => Some("it is no journal, and was not changed. Choose another file"),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Some("another program keeps it locked. End that program, a database browser perhaps")
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            Some("make the file and its folder writable for the user that runs this")
        }
        ErrorCode::CannotOpen => {
            Some("see that it exists, and that the user that runs this may read it and write in its folder")
        }
        ErrorCode::SystemIoFailure => Some("look at the disk"),
        _ => None,
    }
}
