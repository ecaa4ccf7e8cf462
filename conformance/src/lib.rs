//! The behaviours that every tradewire connector shows, as a suite that runs against a simulated exchange over its real wire
//! protocol.
//!
//! A [`Subject`] is a connector under test: what it declares, how to make it, and what the rows must know of its exchange's
//! wire ([`Wire`]). Every row runs by itself, in a virtual time that simulator and connector share; afterwards everything
//! is stopped, and no task and no socket may be left.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use tradewire_conformance::{Selection, Subject, run};
//! # use tradewire_core::Addresses;
//! # fn example(
//! #     capabilities: tradewire_core::Capabilities,
//! #     connect: fn(&Addresses) -> Result<Arc<dyn tradewire_tracking::MarketSource>, tradewire_core::Error>,
//! # ) -> Result<(), tradewire_core::Error> {
//! let subject = Subject::known(capabilities, connect)?;
//! let report = run(&subject, &Selection::default());
//! println!("{}", report.text());
//! assert!(report.is_green());
//! # Ok(())
//! # }
//! ```
//!
//! | for | see |
//! |---|---|
//! | the connector under test | [`Subject`], [`Wire`], [`AccountWire`] |
//! | a connector's test in one call | [`prove()`], [`prove_build_up`] for one that is being written |
//! | which rows run | [`Selection`], [`Component`] |
//! | the result, as text, JSON lines or JUnit | [`Report`], [`RowReport`], [`Status`] |
//! | how far a connector is that is being written | [`build_up()`], [`BuildUp`] |
//! | a server for an exchange that is not simulated | [`scripted`] |
//! | all rows | [`rows()`] |
//! | what becomes of orders when commands meet faults | [`matrix`] |

mod account_wire;
mod bench;
mod build_up;
mod component;
mod ids;
pub mod matrix;
mod prove;
mod report;
mod row;
mod rows;
mod runner;
pub mod scripted;
mod subject;
mod subjects;

pub use account_wire::{
    AccountPaths, AccountReports, AccountSocket, AccountWire, ExampleKey, PerpetualPaths, SignedPart, SigningExample,
    WireErrorText, WireOrderError, WireOrderLimit, WirePrivateFrame, WireTells,
};
pub use build_up::{BuildUp, build_up};
pub use component::Component;
pub use prove::{prove, prove_build_up};
pub use report::{Report, RowReport, Status};
pub use row::Row;
pub use rows::{all as rows, document};
pub use runner::{Selection, run};
pub use subject::{
    Paths, RefusedTopics, Subject, Wire, WireBan, WireError, WireInstrument, WireLimits, WireList, WireTrade,
    WireUpdate, WireVersion,
};
