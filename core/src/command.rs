use std::fmt;

use crate::{ClientOrderId, Error};

/// Why an order command has no good answer. Besides yes and no there is a third answer: nobody knows yet.
///
/// Only after `NotSent` is it safe to send a new order again. Closed by definition.
#[derive(Clone, Debug)]
pub enum CommandError {
    /// Proved not to have reached the exchange: refused locally, or the connection never opened.
    NotSent(Error),
    /// The exchange answered and refused. Nothing is live through this command.
    Rejected(Error),
    /// No proof either way, so the command may have taken effect. The order stays tracked, and is asked for until there is
    /// evidence.
    Unknown {
        /// The order that the command was about, by our id.
        client_order_id: ClientOrderId,
        /// What went wrong on the way.
        cause: Error,
    },
}

impl CommandError {
    /// The error behind it.
    pub fn error(&self) -> &Error {
        match self {
            Self::NotSent(error) | Self::Rejected(error) => error,
            Self::Unknown { cause, .. } => cause,
        }
    }

    /// Whether nobody knows if the command took effect.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => write!(f, "not sent: {error}"),
            Self::Rejected(error) => write!(f, "rejected: {error}"),
            Self::Unknown { client_order_id, cause } => {
                write!(f, "outcome of {client_order_id} unknown: {cause}")
            }
        }
    }
}

impl std::error::Error for CommandError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.error())
    }
}
