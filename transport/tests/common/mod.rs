//! Tiny servers on loopback, and what the tests share.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod account;
pub mod http;
pub mod socket;
