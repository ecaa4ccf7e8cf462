//! What a mutant is.

use crate::subject::Subject;

/// A connector with one mistake.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    /// What is wrong, as a sentence.
    pub(crate) wrong: &'static str,
    pub(crate) stage: &'static Stage,
    pub(crate) subject: &'static Subject,
    /// The file in the subject's crate.
    pub(crate) file: &'static str,
    /// The text that is right; it stands once in the file.
    pub(crate) right: &'static str,
    /// What stands there instead.
    pub(crate) instead: &'static str,
    /// The behaviours that it is run against, by prefixes of their ids; the message of the first leads to the mistake.
    pub(crate) rows: &'static str,
    /// What that message must tell.
    pub(crate) tells: &'static str,
}

impl Mutant {
    /// What mutants of a stage and a connector have in common.
    pub(crate) const fn of(stage: &'static Stage, subject: &'static Subject) -> Self {
        Self { name: "", wrong: "", stage, subject, file: "", right: "", instead: "", rows: "", tells: "" }
    }

    /// The behaviour whose message leads to the mistake.
    pub(crate) fn lead(&self) -> &'static str {
        self.rows.split(',').next().unwrap_or_default()
    }
}

/// A stage of building a connector.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
}

pub(crate) static AUTH: Stage = Stage { name: "auth" };
pub(crate) static UTILS: Stage = Stage { name: "utils" };
pub(crate) static ORDER_BOOK: Stage = Stage { name: "order-book" };
pub(crate) static MARKET_STREAM: Stage = Stage { name: "market-stream" };
pub(crate) static USER_STREAM: Stage = Stage { name: "user-stream" };
pub(crate) static CONNECTOR: Stage = Stage { name: "connector" };
pub(crate) static PERPETUAL: Stage = Stage { name: "perpetual" };
pub(crate) static NO_BALANCE_STREAM: Stage = Stage { name: "no-balance-stream" };

/// All of them, in the order in which a connector is built.
pub(crate) static STAGES: [&Stage; 8] =
    [&AUTH, &UTILS, &ORDER_BOOK, &MARKET_STREAM, &USER_STREAM, &CONNECTOR, &PERPETUAL, &NO_BALANCE_STREAM];
