use std::borrow::Cow;

use tradewire_core::{Error, ErrorKind, GapReason};
use tradewire_tracking::{DecodeError, Slot};

/// Why a message could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `Decode` or `Scale`.
    pub reason: GapReason,
    /// What is wrong, for people.
    pub message: Cow<'static, str>,
}

impl Fault {
    /// It is not as documented.
    pub fn decode(message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: GapReason::Decode, message: message.into() }
    }

    /// A number is finer than the instrument's decimals.
    pub fn scale(message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: GapReason::Scale, message: message.into() }
    }
}

impl Fault {
    /// What it says of a message, and of the instrument that the message is for, if that can be told.
    pub fn of_message(self, slot: Option<Slot>, raw: &[u8]) -> DecodeError {
        let error = Error::new(ErrorKind::Decode, self.message).with_frame(raw);
        DecodeError { slot, reason: self.reason, error }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::decode(error.to_string())
    }
}

impl From<tradewire_core::NumberError> for Fault {
    fn from(error: tradewire_core::NumberError) -> Self {
        Self::decode(error.to_string())
    }
}
