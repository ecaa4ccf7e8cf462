//! A stand-in for an exchange on loopback that sends ready-made frames as fast as it is read, or at a fixed rate; and the
//! barest client that can follow it.

mod bare;
mod feed;
mod server;

pub use bare::follow;
pub use feed::{Feed, SYMBOL};
pub use server::{Pace, Sent, Server};
