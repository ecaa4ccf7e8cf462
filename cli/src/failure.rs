use std::fmt;
use std::io;
use std::process::ExitCode;

use tradewire::Error;

/// Why a command did not succeed, as one line.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was wrong: exit status 2.
    WrongUse(String),
    /// It was tried and failed: exit status 1.
    Failed(String),
    /// Whoever read the output has gone; nothing is wrong, and nobody is there to be told.
    OutputClosed,
}

impl Failure {
    pub(crate) fn failed(text: impl fmt::Display) -> Self {
        Self::Failed(text.to_string())
    }

    pub(crate) fn wrong_use(text: impl fmt::Display) -> Self {
        Self::WrongUse(text.to_string())
    }

    /// A failure to write to standard output.
    pub(crate) fn of_output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::failed(format!("cannot write to standard output: {error}")),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::WrongUse(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
            Self::OutputClosed => ExitCode::SUCCESS,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::failed(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::WrongUse(text) | Self::Failed(text) => text,
            Self::OutputClosed => "standard output was closed",
        };
        // One line, whatever an error quotes.
        f.write_str(&text.replace(['\n', '\r'], " "))
    }
}
