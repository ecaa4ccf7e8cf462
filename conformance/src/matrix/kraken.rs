//! What Kraken is particular in: nothing tells that a subscription is about to end.

use super::cell::Line;
use super::command::Command;
use super::place::UNTOLD_END;

/// The lines that differ.
pub(super) const LINES: &[(Command, Line)] = &[(Command::Place, UNTOLD_END)];
