use bytes::Bytes;
use tradewire_core::{ClientOrderId, CommandError, Error};

/// What an exchange's error answer proves about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The command was refused: nothing came of it.
    Refused,
    /// It may have taken effect.
    Unknown,
}

/// What is known about a command that has no good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Proved not to have left this machine.
    NotSent,
    /// The exchange answered and refused.
    Rejected,
    /// No proof either way.
    Unknown,
}

/// Why a command has no good answer, on either wire.
#[derive(Debug)]
pub struct CommandFailure {
    /// What is known about it.
    pub outcome: Outcome,
    /// What went wrong.
    pub error: Error,
    /// The whole body of an error answer, for commands whose error answers say more than a code.
    pub body: Option<Bytes>,
}

impl CommandFailure {
    /// The failure of a command about one order.
    #[must_use]
    pub fn about(self, client_order_id: &ClientOrderId) -> CommandError {
        match self.outcome {
            Outcome::NotSent => CommandError::NotSent(self.error),
            Outcome::Rejected => CommandError::Rejected(self.error),
            Outcome::Unknown => CommandError::Unknown { client_order_id: client_order_id.clone(), cause: self.error },
        }
    }

    pub(crate) fn not_sent(error: Error) -> Self {
        let error = if error.context("sent").is_none() { error.with("sent", "no") } else { error };
        Self { outcome: Outcome::NotSent, error, body: None }
    }

    pub(crate) fn unknown(error: Error) -> Self {
        Self { outcome: Outcome::Unknown, error, body: None }
    }
}
