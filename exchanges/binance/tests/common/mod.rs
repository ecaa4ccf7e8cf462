//! What tests share.

pub(crate) mod events;
