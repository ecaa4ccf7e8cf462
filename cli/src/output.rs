use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Writes one line to standard output, at once.
pub(crate) fn line(text: impl Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| Failure::of_output(&error))
}

/// Writes one JSON object as a line to standard output, at once.
pub(crate) fn json(object: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(object).map_err(|cause| Failure::failed(format!("cannot write JSON: {cause}")))?;
    line(text)
}

/// Success also where nobody reads any longer: for commands whose end must tell more than that.
pub(crate) fn even_if_closed(written: Result<(), Failure>) -> Result<(), Failure> {
    match written {
        Err(Failure::OutputClosed) => Ok(()),
        other => other,
    }
}
