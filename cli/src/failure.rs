use std::fmt;
use std::io;
use std::process::ExitCode;

use tradewire::{Error, ErrorKind};

/// Why a command did not succeed: one line, or one for each thing that failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was wrong: exit status 2.
    WrongUse(String),
    /// It was tried and failed: exit status 1.
    Failed {
        /// What is said of it.
        text: String,
        /// The error that it is about, where there is one.
        cause: Option<Error>,
    },
    /// Several things failed, a line for each: exit status 1.
    Several(Vec<Failure>),
    /// Whoever read the output has gone; nothing is wrong, and nobody is there to be told.
    OutputClosed,
}

impl Failure {
    pub(crate) fn failed(text: impl fmt::Display) -> Self {
        Self::Failed { text: text.to_string(), cause: None }
    }

    /// A failure by an error, told in words of one's own.
    pub(crate) fn because(cause: &Error, text: impl fmt::Display) -> Self {
        Self::Failed { text: text.to_string(), cause: Some(cause.clone()) }
    }

    /// Success without failures; one failure alone is itself.
    pub(crate) fn all(mut failures: Vec<Self>) -> Result<(), Self> {
        match failures.pop() {
            None => Ok(()),
            Some(alone) if failures.is_empty() => Err(alone),
            Some(last) => {
                failures.push(last);
                Err(Self::Several(failures))
            }
        }
    }

    pub(crate) fn wrong_use(text: impl fmt::Display) -> Self {
        Self::WrongUse(text.to_string())
    }

    /// An error of something that was made from the command line's words: those may have been wrong.
    pub(crate) fn of_words(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Config | ErrorKind::InvalidRequest | ErrorKind::Unsupported => Self::wrong_use(error.message()),
            _ => error.into(),
        }
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
            Self::Failed { .. } | Self::Several(_) => ExitCode::FAILURE,
            Self::OutputClosed => ExitCode::SUCCESS,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        Self::Failed { text, cause: Some(error) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::WrongUse(text) | Self::Failed { text, .. } => text,
            Self::OutputClosed => "standard output was closed",
            Self::Several(failures) => {
                let lines: Vec<_> = failures.iter().map(Self::to_string).collect();
                return f.write_str(&lines.join("\n"));
            }
        };
        // One line, whatever an error quotes.
        f.write_str(&text.replace(['\n', '\r'], " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_failures_has_a_line_of_its_own() {
        assert!(Failure::all(Vec::new()).is_ok());
        let alone = Failure::all(vec![Failure::failed("a\nb")]).expect_err("a failure");
        assert_eq!(alone.to_string(), "a b");
        let both = Failure::all(vec![Failure::failed("a\nb"), Failure::failed("c")]).expect_err("failures");
        assert_eq!((both.to_string().as_str(), both.exit_code()), ("a b\nc", ExitCode::FAILURE));
    }
}
