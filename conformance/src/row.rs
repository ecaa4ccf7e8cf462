use std::fmt;

use futures_util::future::LocalBoxFuture;
use tradewire_core::{Error, QueryError};
use tradewire_tracking::OrderEntry;

use crate::bench::Bench;
use crate::{Component, ids};

/// How often a row with chance in it runs.
pub(crate) const SEEDS: u64 = 20;

/// One behaviour.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its id, which never changes its meaning.
    pub id: &'static str,
    /// What is shown, in short.
    pub text: &'static str,
    pub(crate) action: Action,
}

/// What is done to see it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// It runs once.
    Once(Body),
    /// There is chance in it: it runs with [`SEEDS`] seeds.
    Seeded(Body),
    /// It runs once by each wire that order commands can take.
    Traded(Body),
    /// As `Traded`, with [`SEEDS`] seeds.
    TradedSeeded(Body),
    /// It cannot run before this exists.
    Needs(&'static str),
}

/// The steps of a row.
pub(crate) type Body = for<'a> fn(&'a Bench) -> LocalBoxFuture<'a, Verdict>;

/// What came of a row.
pub(crate) type Verdict = Result<Shown, Failed>;

/// A behaviour that was seen, or why it could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It works.
    Works,
    /// It is not declared, and is refused.
    Refused,
    /// This subject cannot show it; the text says what is needed.
    NotRun(String),
}

/// A behaviour that was not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) expected: String,
    pub(crate) happened: String,
    /// What this subject does not have and the row cannot do without: then it has not run.
    pub(crate) lacks: Option<&'static str>,
}

impl Row {
    pub(crate) const fn once(id: &'static str, text: &'static str, body: Body) -> Self {
        Self { id, text, action: Action::Once(body) }
    }

    pub(crate) const fn seeded(id: &'static str, text: &'static str, body: Body) -> Self {
        Self { id, text, action: Action::Seeded(body) }
    }

    pub(crate) const fn traded(id: &'static str, text: &'static str, body: Body) -> Self {
        Self { id, text, action: Action::Traded(body) }
    }

    pub(crate) const fn traded_seeded(id: &'static str, text: &'static str, body: Body) -> Self {
        Self { id, text, action: Action::TradedSeeded(body) }
    }

    pub(crate) const fn needs(id: &'static str, text: &'static str, need: &'static str) -> Self {
        Self { id, text, action: Action::Needs(need) }
    }

    /// The stage that it belongs to.
    pub fn component(&self) -> Component {
        ids::component(self.id).unwrap_or(Component::Connector)
    }

    /// How often it runs, in words.
    pub(crate) const fn occasions(&self) -> &'static str {
        match self.action {
            Action::Once(_) => "yes",
            Action::Seeded(_) => "yes, with 20 seeds",
            Action::Traded(_) => "yes, by each order wire",
            Action::TradedSeeded(_) => "yes, by each order wire, with 20 seeds",
            Action::Needs(_) => "no",
        }
    }

    /// What must exist before it can run; `None` if it runs.
    pub fn need(&self) -> Option<&'static str> {
        match self.action {
            Action::Needs(need) => Some(need),
            Action::Once(_) | Action::Seeded(_) | Action::Traded(_) | Action::TradedSeeded(_) => None,
        }
    }
}

impl Failed {
    pub(crate) fn new(expected: impl fmt::Display, happened: impl fmt::Display) -> Self {
        Self { expected: expected.to_string(), happened: happened.to_string(), lacks: None }
    }

    /// The row cannot go on: the subject does not have this.
    pub(crate) fn lacks(need: &'static str) -> Self {
        Self { lacks: Some(need), ..Self::new(need, "there is none") }
    }

    /// Says of what this is a failure.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.expected = format!("{place}: {}", self.expected);
        self
    }
}

/// Commands over REST are the usual case and are not mentioned.
impl Failed {
    pub(crate) fn by(self, wire: OrderEntry) -> Self {
        match wire {
            OrderEntry::Rest => self,
            OrderEntry::Socket => self.at("with commands over a socket"),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}; happened: {}", self.expected, self.happened)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::new("no error", error)
    }
}

impl From<QueryError> for Failed {
    fn from(error: QueryError) -> Self {
        Self::new("an answer of the book", error)
    }
}

impl From<tradewire_simulator::StartError> for Failed {
    fn from(error: tradewire_simulator::StartError) -> Self {
        Self::new("a running simulator", error)
    }
}

impl From<tradewire_simulator::FaultError> for Failed {
    fn from(error: tradewire_simulator::FaultError) -> Self {
        Self::new("a fault in force", error)
    }
}

impl From<tradewire_simulator::MarketError> for Failed {
    fn from(error: tradewire_simulator::MarketError) -> Self {
        Self::new("an order of the simulated market", error)
    }
}

impl From<tradewire_core::NumberError> for Failed {
    fn from(error: tradewire_core::NumberError) -> Self {
        Self::new("a number", error)
    }
}

/// Goes on if `holds`.
pub(crate) fn expect(holds: bool, expected: impl fmt::Display, happened: impl fmt::Display) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::new(expected, happened)) }
}

/// Goes on if both are equal.
pub(crate) fn equal<T: PartialEq + fmt::Debug>(
    what: impl fmt::Display,
    expected: T,
    happened: T,
) -> Result<(), Failed> {
    if expected == happened {
        return Ok(());
    }
    Err(Failed::new(format_args!("{what} {expected:?}"), format_args!("{happened:?}")))
}
