//! Mistakes about positions, settings and funding of perpetual contracts.

use crate::mutant::{Mutant, PERPETUAL};
use crate::subject::EXAMPLE_PERP;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "position-side-reversed",
        wrong: "the position that an order is for is reversed",
        file: "src/order_row.rs",
        right: r#"PositionSide::Long => "long",
        PositionSide::Short => "short","#,
        instead: r#"PositionSide::Long => "short",
        PositionSide::Short => "long","#,
        rows: "PERP-06,PERP-02",
        tells: "nothing to reduce",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "reduce-only-left-out",
        wrong: "an order that only reduces a position is sent without saying so",
        file: "src/order_commands.rs",
        right: r#"query.add_literal("reduce_only", true);"#,
        instead: r#"query.add_literal("reduce_only", false);"#,
        rows: "PERP-06,PERP-07",
        tells: "position and reduce-only of the closing order",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "short-is-positive",
        wrong: "the size of a short position is told without its sign",
        file: "src/position_row.rs",
        right: "size: signed(&self.size)?,",
        instead: "size: signed(&self.size)?.abs(),",
        rows: "USER-02,PERP-05",
        tells: "size: 0.5",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "leverage-not-read",
        wrong: "the leverage is taken for what it is by default, and not read",
        file: "src/perpetual.rs",
        right: "let margin_mode = Some(margin_mode);",
        instead: r"let _ = leverage;
            let (leverage, margin_mode) = (tradewire_core::Decimal::TEN, Some(margin_mode));",
        rows: "PERP-09,PERP-01",
        tells: "tells another value",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "margin-modes-swapped",
        wrong: "the words for the margin modes are swapped",
        file: "src/settings.rs",
        right: r#"MarginMode::Isolated => "isolated",
        _ => "cross","#,
        instead: r#"MarginMode::Isolated => "cross",
        _ => "isolated","#,
        rows: "USER-02,PERP-12",
        tells: "margin_mode: Some(Cross)",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "hedge-is-one-way",
        wrong: "the words for the position modes are swapped",
        file: "src/settings.rs",
        right: r#"PositionMode::OneWay => "one_way",
        PositionMode::Hedge => "hedge","#,
        instead: r#"PositionMode::OneWay => "hedge",
        PositionMode::Hedge => "one_way","#,
        rows: "PERP-01,PERP-11",
        tells: "position mode",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "mark-and-index-swapped",
        wrong: "mark price and index price are swapped",
        file: "src/funding.rs",
        right: r"mark_price: Some(price(&self.mark)?),
            index_price: Some(price(&self.index)?),",
        instead: r"mark_price: Some(price(&self.index)?),
            index_price: Some(price(&self.mark)?),",
        rows: "PERP-13",
        tells: "of BTC-USDT",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "next-funding-in-seconds",
        wrong: "the time of the next funding is taken for seconds",
        file: "src/funding.rs",
        right: "next_time: Some(millis(self.next)?),",
        instead: "next_time: Some(millis(self.next * 1_000)?),",
        rows: "PERP-13",
        tells: "of BTC-USDT",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "funding-interval-in-minutes",
        wrong: "the hours between fundings are taken for minutes",
        file: "src/funding.rs",
        right: "interval: Some(hours(self.hours)?),",
        instead: "interval: Some(hours(self.hours)? / 60),",
        rows: "PERP-13",
        tells: "of BTC-USDT",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "funding-sign",
        wrong: "a funding payment that was paid is told as received",
        file: "src/funding.rs",
        right: "amount: signed(&self.amount)?,",
        instead: "amount: -signed(&self.amount)?,",
        rows: "USER-02,PERP-15",
        tells: "amount: 3.05",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "payments-dropped",
        wrong: "funding payments of the account socket are dropped",
        file: "src/user_stream.rs",
        right: "PrivateMessage::Funding(Box::new(row.report()?))",
        instead: r#"let _ = row;
                return Ok(PrivateFrame::Unknown("payment".to_owned()));"#,
        rows: "USER-02",
        tells: "a payment",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "liquidation-unmarked",
        wrong: "an order by which the exchange liquidates a position counts as one of somebody else",
        file: "src/order_row.rs",
        right: r#"Some("liquidation") => Origin::Liquidation,"#,
        instead: r#"Some("liquidation") => Origin::External,"#,
        rows: "PERP-17,USER-02",
        tells: "External(Liquidation)",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "contract-size",
        wrong: "the size of a contract is taken for its highest leverage",
        file: "src/symbols.rs",
        right: r"            size,
",
        instead: r"            size: unsigned(&self.leverage_max)?,
",
        rows: "PERP-01",
        tells: "base units in a quantity of 1",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "tiers-from-zero",
        wrong: "every margin tier begins at zero",
        file: "src/settings.rs",
        right: "let floor = tiers.last().and_then(|below| below.cap).unwrap_or_default();",
        instead: "let floor = Decimal::ZERO;",
        rows: "PERP-01",
        tells: "margin tiers of",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
    Mutant {
        name: "reduce-only-undeclared-in-hedge",
        wrong: "reduce-only is not declared of hedge mode, where it works",
        file: "src/perpetual.rs",
        right: "reduce_only_in_hedge_mode: true,",
        instead: "reduce_only_in_hedge_mode: false,",
        rows: "PERP-06",
        tells: "position and reduce-only of the closing order",
        ..Mutant::of(&PERPETUAL, &EXAMPLE_PERP)
    },
];
