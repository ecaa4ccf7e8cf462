use std::time::Duration;

use serde::Serialize;
use tradewire::{GapReason, Pair};

/// Something worth a line: a fault, a loss, a recovery.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Entry {
    #[serde(flatten)]
    pub(super) what: Happening,
    /// Milliseconds since the demo began.
    pub(super) at_ms: u64,
    pub(super) exchange: &'static str,
    pub(super) pair: Pair,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Happening {
    /// The simulated exchange is told to misbehave.
    Fault { fault: &'static str, text: &'static str },
    /// The connector says that a book cannot be trusted, or that something is missing.
    Gap { reason: GapReason, lost: Option<u64> },
    /// The connector says that the book is valid again.
    Recovered { after_ms: f64 },
    /// Something was done or learnt on the account.
    Order { text: String },
    /// The book is not the exchange's own.
    Difference { detail: String },
}

impl Entry {
    /// The entry as words, without time and pair.
    pub(super) fn words(&self) -> String {
        match &self.what {
            Happening::Fault { text, .. } => format!("fault: the exchange {text}"),
            Happening::Gap { reason, lost: Some(lost) } => format!("gap: {reason}, {lost} lost"),
            Happening::Gap { reason, lost: None } => format!("gap: {reason}"),
            Happening::Recovered { after_ms } => format!("valid again after {}", short(*after_ms)),
            Happening::Order { text } => text.clone(),
            Happening::Difference { detail } => format!("DIFFERENCE: {detail}"),
        }
    }

    /// The same where there is little room.
    pub(super) fn short_words(&self) -> String {
        match &self.what {
            Happening::Fault { fault, .. } => format!("fault: {fault}"),
            Happening::Recovered { after_ms } => format!("valid after {}", short(*after_ms)),
            Happening::Difference { .. } => "DIFFERENCE".to_owned(),
            Happening::Gap { .. } | Happening::Order { .. } => self.words(),
        }
    }

    /// The time since the demo began, as minutes and seconds.
    pub(super) fn clock(&self) -> String {
        clock(Duration::from_millis(self.at_ms))
    }
}

/// Minutes and seconds.
pub(super) fn clock(since: Duration) -> String {
    let seconds = since.as_secs();
    format!("{:02}:{:02}.{}", seconds / 60, seconds % 60, since.subsec_millis() / 100)
}

/// A duration in milliseconds or seconds, whichever reads better.
pub(super) fn short(millis: f64) -> String {
    if millis < 1000.0 { format!("{millis:.0} ms") } else { format!("{:.1} s", millis / 1000.0) }
}
