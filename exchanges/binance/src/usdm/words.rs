use tradewire_core::{
    EndReason, ErrorKind, MarginMode, OrderType, Origin, PositionSide, ReportedStatus, TimeInForce, TriggerPrice,
};

use crate::private;

/// A post-only order: it is a time in force here.
pub(crate) const POST_ONLY: &str = "GTX";

/// The word for an order type that the engine takes at once; `None` for one that waits for a trigger.
pub(crate) const fn type_word(order_type: OrderType) -> Option<&'static str> {
    match order_type {
        OrderType::Limit | OrderType::PostOnly => Some("LIMIT"),
        OrderType::Market => Some("MARKET"),
        _ => None,
    }
}

/// The word for the type of an order that waits for a trigger; `None` for one that the exchange does not have.
pub(crate) const fn conditional_word(order_type: OrderType, trailing: bool) -> Option<&'static str> {
    match (order_type, trailing) {
        (OrderType::StopLoss, false) => Some("STOP_MARKET"),
        (OrderType::StopLossLimit, false) => Some("STOP"),
        (OrderType::TakeProfit, false) => Some("TAKE_PROFIT_MARKET"),
        (OrderType::TakeProfitLimit, false) => Some("TAKE_PROFIT"),
        (OrderType::StopLoss, true) => Some("TRAILING_STOP_MARKET"),
        _ => None,
    }
}

/// The order type that the words for type and time in force mean; `None` for one that is not known here.
pub(crate) fn order_type(word: &str, time_in_force: &str) -> Option<OrderType> {
    match word {
        "LIMIT" if time_in_force == POST_ONLY => Some(OrderType::PostOnly),
        "LIMIT" => Some(OrderType::Limit),
        "MARKET" => Some(OrderType::Market),
        "STOP" => Some(OrderType::StopLossLimit),
        "STOP_MARKET" | "TRAILING_STOP_MARKET" => Some(OrderType::StopLoss),
        "TAKE_PROFIT" => Some(OrderType::TakeProfitLimit),
        "TAKE_PROFIT_MARKET" => Some(OrderType::TakeProfit),
        _ => None,
    }
}

/// The time in force that a word means; a post-only order stays until it is cancelled.
pub(crate) fn time_in_force(word: &str) -> Option<TimeInForce> {
    if word == POST_ONLY { Some(TimeInForce::Gtc) } else { private::time_in_force(word) }
}

/// The word for the side of a position.
pub(crate) const fn position_side_word(side: PositionSide) -> &'static str {
    match side {
        PositionSide::Long => "LONG",
        PositionSide::Short => "SHORT",
    }
}

/// The side of a position that a word means; `None` in one-way mode, whose word is `BOTH`.
pub(crate) fn position_side(word: &str) -> Option<PositionSide> {
    match word {
        "LONG" => Some(PositionSide::Long),
        "SHORT" => Some(PositionSide::Short),
        _ => None,
    }
}

/// The margin mode that a word means; there are two spellings of one.
pub(crate) fn margin_mode(word: &str) -> Option<MarginMode> {
    match word {
        "cross" | "CROSSED" => Some(MarginMode::Cross),
        "isolated" | "ISOLATED" => Some(MarginMode::Isolated),
        _ => None,
    }
}

/// The word for the price that sends a conditional order; `None` for one that the exchange does not look at.
pub(crate) const fn trigger_price_word(by: TriggerPrice) -> Option<&'static str> {
    match by {
        TriggerPrice::Last => Some("CONTRACT_PRICE"),
        TriggerPrice::Mark => Some("MARK_PRICE"),
        _ => None,
    }
}

/// The price that sends a conditional order, by its word.
pub(crate) fn trigger_price(word: &str) -> TriggerPrice {
    if word == "MARK_PRICE" { TriggerPrice::Mark } else { TriggerPrice::Last }
}

/// Who has placed an order, by the client id that it has.
pub(crate) fn origin(client_order_id: &str) -> Origin {
    if client_order_id.starts_with("autoclose-") {
        Origin::Liquidation
    } else if client_order_id.starts_with("adl_autoclose") {
        Origin::Adl
    } else if client_order_id.starts_with("settlement_autoclose-") {
        Origin::Settlement
    } else {
        Origin::External
    }
}

/// What the exchange says of an order's state, in its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateWords<'a> {
    /// `X` of the stream, `status` elsewhere.
    pub(crate) status: &'a str,
    /// Why it ended: `er` of the stream. Empty where it is not told.
    pub(crate) reason: &'a str,
    /// Its type.
    pub(crate) order_type: Option<OrderType>,
    /// Its time in force.
    pub(crate) time_in_force: Option<TimeInForce>,
}

impl StateWords<'_> {
    /// Status and reason in this library's words. A reason that is not known here makes the state unknown too.
    pub(crate) fn read(&self) -> (ReportedStatus, Option<EndReason>) {
        let stated = match stated(self.reason) {
            Ok(stated) => stated,
            Err(()) => return (ReportedStatus::Unknown(self.word()), None),
        };
        match self.status {
            "NEW" => (ReportedStatus::Open, None),
            "PARTIALLY_FILLED" => (ReportedStatus::PartiallyFilled, None),
            "FILLED" => (ReportedStatus::Filled, None),
            "CANCELED" => (ReportedStatus::Cancelled, Some(stated.unwrap_or(EndReason::Requested))),
            "REJECTED" => {
                let kind = ErrorKind::Exchange;
                (ReportedStatus::Rejected(kind), Some(EndReason::Refused(kind)))
            }
            "EXPIRED_IN_MATCH" => (ReportedStatus::Expired, Some(EndReason::SelfTrade)),
            "EXPIRED" => match stated.unwrap_or_else(|| self.likely_reason()) {
                reason @ (EndReason::Exchange | EndReason::Liquidation | EndReason::Settlement) => {
                    (ReportedStatus::Cancelled, Some(reason))
                }
                reason => (ReportedStatus::Expired, Some(reason)),
            },
            unknown => (ReportedStatus::Unknown(unknown.to_owned()), None),
        }
    }

    /// Why it expired, where the exchange does not say so: an order that would have rested for ever ends by the exchange.
    fn likely_reason(&self) -> EndReason {
        match (self.order_type, self.time_in_force) {
            (Some(order_type), _) if !order_type.has_price() => EndReason::Liquidity,
            (_, Some(TimeInForce::Ioc | TimeInForce::Fok)) => EndReason::TimeInForce,
            (Some(_), Some(TimeInForce::Gtc)) => EndReason::Exchange,
            _ => EndReason::Other,
        }
    }

    /// The exchange's own words, joined.
    pub(crate) fn word(&self) -> String {
        if matches!(self.reason, "" | "0") {
            self.status.to_owned()
        } else {
            format!("{} {}", self.status, self.reason)
        }
    }
}

/// Why an order ended, by the number that the stream tells; an error for one that is not known here.
fn stated(reason: &str) -> Result<Option<EndReason>, ()> {
    Ok(Some(match reason {
        "" | "0" => return Ok(None),
        "1" | "3" => EndReason::SelfTrade,
        "2" | "10" => EndReason::TimeInForce,
        "4" => EndReason::ReduceOnly,
        "5" => EndReason::Liquidation,
        "6" | "8" => EndReason::Other,
        "7" => EndReason::Settlement,
        "9" => EndReason::Liquidity,
        "11" => EndReason::PostOnlyWouldTake,
        _ => return Err(()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESTING: StateWords<'static> = StateWords {
        status: "EXPIRED",
        reason: "0",
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Gtc),
    };

    #[test]
    fn words_are_read_as_they_are_written() {
        for known in OrderType::ALL {
            let tif = if *known == OrderType::PostOnly { POST_ONLY } else { "GTC" };
            let word = type_word(*known).or(conditional_word(*known, false)).expect("a word");
            assert_eq!(order_type(word, tif), Some(*known));
        }
        assert_eq!(conditional_word(OrderType::TakeProfit, true), None);
        for side in [PositionSide::Long, PositionSide::Short] {
            assert_eq!(position_side(position_side_word(side)), Some(side));
        }
        assert_eq!((position_side("BOTH"), time_in_force("GTX")), (None, Some(TimeInForce::Gtc)));
        assert_eq!(
            (margin_mode("CROSSED"), margin_mode("isolated")),
            (Some(MarginMode::Cross), Some(MarginMode::Isolated))
        );
        assert_eq!(trigger_price_word(TriggerPrice::Mark).map(trigger_price), Some(TriggerPrice::Mark));
    }

    #[test]
    fn every_reason_has_its_meaning() {
        use ReportedStatus::{Cancelled, Expired};
        for (reason, status, meaning) in [
            ("1", Expired, EndReason::SelfTrade),
            ("2", Expired, EndReason::TimeInForce),
            ("3", Expired, EndReason::SelfTrade),
            ("4", Expired, EndReason::ReduceOnly),
            ("5", Cancelled, EndReason::Liquidation),
            ("6", Expired, EndReason::Other),
            ("7", Cancelled, EndReason::Settlement),
            ("8", Expired, EndReason::Other),
            ("9", Expired, EndReason::Liquidity),
            ("10", Expired, EndReason::TimeInForce),
            ("11", Expired, EndReason::PostOnlyWouldTake),
            ("0", Cancelled, EndReason::Exchange),
        ] {
            assert_eq!(StateWords { reason, ..RESTING }.read(), (status, Some(meaning)), "{reason}");
        }
        let ended = |status| StateWords { status, ..RESTING }.read().1;
        assert_eq!(ended("CANCELED"), Some(EndReason::Requested));
        assert_eq!(ended("EXPIRED_IN_MATCH"), Some(EndReason::SelfTrade));
        let of_type = |order_type| StateWords { order_type: Some(order_type), ..RESTING }.read().1;
        assert_eq!(of_type(OrderType::Market), Some(EndReason::Liquidity));
        assert_eq!(of_type(OrderType::PostOnly), Some(EndReason::Exchange));
        let dated = StateWords { time_in_force: None, ..RESTING }.read();
        assert_eq!(dated, (Expired, Some(EndReason::Other)));
    }

    #[test]
    fn unknown_words_are_kept() {
        for (status, reason, word) in [("MOON", "0", "MOON"), ("EXPIRED", "77", "EXPIRED 77"), ("NEW", "x", "NEW x")] {
            let read = StateWords { status, reason, ..RESTING }.read();
            assert_eq!(read, (ReportedStatus::Unknown(word.to_owned()), None));
        }
    }

    #[test]
    fn orders_of_the_exchange_are_told_by_their_id() {
        for (id, expected) in [
            ("autoclose-1767225600000", Origin::Liquidation),
            ("adl_autoclose", Origin::Adl),
            ("settlement_autoclose-7", Origin::Settlement),
            ("tw-1", Origin::External),
        ] {
            assert_eq!(origin(id), expected, "{id}");
        }
    }
}
