//! Reading what exchanges send: what the decoders of tradewire's exchanges share. It knows no exchange.
//!
//! | for | see |
//! |---|---|
//! | JSON in the compact layout in which it mostly comes, read once and without allocation | [`Cursor`], [`read_side`] |
//! | any valid JSON, typed | [`decoded`], [`object`], [`Number`] |
//! | exact numbers out of either | [`Number::scaled`], [`price`], [`quantity`], [`signed`] |
//! | times as text or in seconds, and hours | [`rfc3339`], [`unix_seconds`], [`hours`] |
//! | what could not be read, and why | [`Fault`] |
//!
//! A decoder of frequent messages has two readers: a fast one over a [`Cursor`], which gives up at the first surprise, and a
//! typed one (serde) that takes any valid JSON. Whatever the fast one accepts the typed one accepts with the same result.

mod amount;
mod cursor;
mod digits;
mod fault;
mod json;
mod level;
mod number;
mod time;

pub use amount::{above_zero, optional, price, quantity, signed, unsigned};
pub use cursor::Cursor;
pub use digits::Column;
pub use fault::Fault;
pub use json::{Text, decoded, even_null, millis, object, unreadable, utf8, value_of};
pub use level::{LEVELS_MAX, Levels, read_side, side_from_json, side_from_objects};
pub use number::{Number, exact, exact_decimal, text};
pub use time::{hours, rfc3339, unix_seconds};
