//! Perpetuals.

use crate::Row;

/// Perpetuals.
pub(super) const ROWS: &[Row] = &[
    Row::needs("PERP-01", "modes, leverage, positions and funding are read before ready", "positions"),
    Row::needs("PERP-02", "positions are kept by pair, or by pair and side", "positions"),
    Row::needs("PERP-03", "an account in another mode is not switched", "positions"),
    Row::needs("PERP-04", "a position equals the sum of its fills", "positions"),
    Row::needs("PERP-05", "a full list replaces the set of positions", "positions"),
    Row::needs("PERP-06", "opening and closing become the right fields", "positions"),
    Row::needs("PERP-07", "reduce-only refused opens nothing", "positions"),
    Row::needs("PERP-08", "reduce-only orders that the exchange shrinks say so", "positions"),
    Row::needs("PERP-09", "leverage is read back after it was set", "positions"),
    Row::needs("PERP-10", "settings changed elsewhere are seen", "positions"),
    Row::needs("PERP-11", "the position mode is set while flat, and read back", "positions"),
    Row::needs("PERP-12", "with positions open a change of mode is refused", "positions"),
    Row::needs("PERP-13", "mark, index, rate and funding time are read and updated", "positions"),
    Row::needs("PERP-14", "each funding payment comes once", "positions"),
    Row::needs("PERP-15", "fundings while down come in time order", "positions"),
    Row::needs("PERP-16", "after a restart no payment is missed or repeated", "positions"),
    Row::needs("PERP-17", "liquidation orders are external orders of that origin", "positions"),
    Row::needs("PERP-18", "auto-deleveraging and settlement likewise", "positions"),
    Row::needs("PERP-19", "replies without averages and fees decode", "positions"),
];
