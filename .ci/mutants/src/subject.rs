//! The connectors that mistakes are made in.

/// A connector with its conformance test.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
    /// Its folder in the repository.
    pub(crate) folder: &'static str,
    /// The test in `tests/conformance.rs`.
    pub(crate) test: &'static str,
}

pub(crate) static EXAMPLE: Subject =
    Subject { name: "example-spot", package: "tradewire-example", folder: "exchanges/example", test: "example" };
