//! Mistakes in what the private stream tells.

use crate::mutant::{Mutant, USER_STREAM};
use crate::subject::EXAMPLE;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "maker-reversed",
        wrong: "maker and taker are swapped",
        file: "src/fill_row.rs",
        right: "if self.maker { Liquidity::Maker } else { Liquidity::Taker }",
        instead: "if self.maker { Liquidity::Taker } else { Liquidity::Maker }",
        rows: "USER-02",
        tells: "liquidity: Some(Maker)",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "fee-sign",
        wrong: "a commission is told as a rebate",
        file: "src/fill_row.rs",
        right: "Some(Fee { amount: signed(amount)?, asset",
        instead: "Some(Fee { amount: -signed(amount)?, asset",
        rows: "USER-02",
        tells: "amount: -0.0004",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "value-taken-for-price",
        wrong: "the value of a fill is taken for its price",
        file: "src/fill_row.rs",
        right: r"price: price(&self.price)?,
            quantity: quantity(&self.quantity)?,
            quote_quantity",
        instead: r"price: price(&self.value)?,
            quantity: quantity(&self.quantity)?,
            quote_quantity",
        rows: "USER-02",
        tells: "price: Price(12200.1)",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "order-id-taken-for-trade-id",
        wrong: "the id of the order is taken for that of the trade",
        file: "src/fill_row.rs",
        right: "trade_id: (&*self.id).into(),",
        instead: "trade_id: (&*self.order).into(),",
        rows: "USER-02",
        tells: "trade_id: 7001",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "client-id-dropped",
        wrong: "the client order id of a report is dropped",
        file: "src/order_row.rs",
        right: "client_order_id: self.client_id.as_deref().map(Into::into),",
        instead: "client_order_id: None,",
        rows: "USER-02",
        tells: "client_order_id: None",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "expired-is-cancelled",
        wrong: "an order that expired counts as cancelled",
        file: "src/order_row.rs",
        right: r#""expired" => (ReportedStatus::Expired, reason),"#,
        instead: r#""expired" => (ReportedStatus::Cancelled, reason),"#,
        rows: "USER-02",
        tells: "status: Cancelled",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "unknown-status-ends",
        wrong: "a status that nobody knows counts as cancelled",
        file: "src/order_row.rs",
        right: "unknown => (ReportedStatus::Unknown(unknown.to_owned()), None),",
        instead: "_ => (ReportedStatus::Cancelled, None),",
        rows: "USER-02",
        tells: "status: Cancelled",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "time-created",
        wrong: "the time of a report is that at which the order was created",
        file: "src/order_row.rs",
        right: "time: millis(self.updated)?,",
        instead: "time: millis(self.created)?,",
        rows: "USER-02",
        tells: "time: Timestamp(1760000000245",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "quantity-taken-for-filled",
        wrong: "the quantity of an order is taken for what of it is filled",
        file: "src/order_row.rs",
        right: "let filled = quantity(&self.filled)?;",
        instead: "let filled = quantity(&self.quantity)?;",
        rows: "USER-02",
        tells: "filled: Some(Quantity(0.5))",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "empty-is-zero",
        wrong: "a quantity without a figure counts as zero",
        file: "src/order_row.rs",
        right: "amount: Some(Amount::Base(quantity(&self.quantity)?)),",
        instead: "amount: Some(Amount::Base(quantity(&self.quantity).unwrap_or_default())),",
        rows: "USER-02",
        tells: "an order of no quantity",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "fills-dropped",
        wrong: "fills of the private stream are dropped",
        file: "src/user_stream.rs",
        right: r"PrivateMessage::Fill(Box::new(row.report()?))
            }",
        instead: r#"let _ = row;
                return Ok(PrivateFrame::Unknown("fill".to_owned()));
            }"#,
        rows: "USER-02",
        tells: "a fill",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
    Mutant {
        name: "closing-unnoticed",
        wrong: "the notice that the account socket will close is not recognised",
        file: "src/user_stream.rs",
        right: r#""closing" => return Ok(PrivateFrame::ShutdownNotice),"#,
        instead: "",
        rows: "USER-02",
        tells: "a shutdown",
        ..Mutant::of(&USER_STREAM, &EXAMPLE)
    },
];
