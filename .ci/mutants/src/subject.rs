//! The connectors that mistakes are made in.

/// A market of a connector, with its conformance test.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
    /// Its folder in the repository.
    pub(crate) folder: &'static str,
    /// The test in `tests/conformance.rs`.
    pub(crate) test: &'static str,
}

const EXAMPLE_SPOT: Subject =
    Subject { name: "example-spot", package: "tradewire-example", folder: "exchanges/example", test: "example" };

pub(crate) static EXAMPLE: Subject = EXAMPLE_SPOT;

pub(crate) static EXAMPLE_PERP: Subject = Subject { name: "example-perp", test: "perpetual", ..EXAMPLE_SPOT };
