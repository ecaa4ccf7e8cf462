use tradewire_core::{
    EndReason, ErrorKind, OrderType, Origin, PositionSide, ReportedStatus, SelfTradePrevention, Side, TimeInForce,
    TriggerPrice,
};

/// The word for a side.
pub(crate) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "Buy",
        Side::Sell => "Sell",
    }
}

/// The word for a time in force; `None` for one that the exchange does not have.
pub(crate) const fn time_in_force_word(time_in_force: TimeInForce) -> Option<&'static str> {
    match time_in_force {
        TimeInForce::Gtc => Some("GTC"),
        TimeInForce::Ioc => Some("IOC"),
        TimeInForce::Fok => Some("FOK"),
        _ => None,
    }
}

/// The time in force that a word means. What never takes stays until it is cancelled.
pub(crate) fn time_in_force(word: &str) -> Option<TimeInForce> {
    match word {
        POST_ONLY => Some(TimeInForce::Gtc),
        _ => TimeInForce::ALL.iter().copied().find(|known| time_in_force_word(*known) == Some(word)),
    }
}

/// The time in force that is an order type here.
pub(crate) const POST_ONLY: &str = "PostOnly";

/// The word for a self-trade prevention; `None` for one that the exchange does not have.
pub(crate) const fn prevention_word(mode: SelfTradePrevention) -> Option<&'static str> {
    match mode {
        SelfTradePrevention::Off => Some("None"),
        SelfTradePrevention::ExpireMaker => Some("CancelMaker"),
        SelfTradePrevention::ExpireTaker => Some("CancelTaker"),
        SelfTradePrevention::ExpireBoth => Some("CancelBoth"),
        _ => None,
    }
}

/// The word for a price that triggers.
pub(crate) const fn trigger_word(price: TriggerPrice) -> Option<&'static str> {
    match price {
        TriggerPrice::Last => Some("LastPrice"),
        TriggerPrice::Mark => Some("MarkPrice"),
        TriggerPrice::Index => Some("IndexPrice"),
        _ => None,
    }
}

/// The price that a word means; the exchange's default where there is none.
pub(crate) fn trigger_price(word: &str) -> TriggerPrice {
    match word {
        "MarkPrice" => TriggerPrice::Mark,
        "IndexPrice" => TriggerPrice::Index,
        _ => TriggerPrice::Last,
    }
}

/// The side of the position that an index means; `None` in one-way mode.
pub(crate) const fn position_side(index: u8) -> Option<PositionSide> {
    match index {
        1 => Some(PositionSide::Long),
        2 => Some(PositionSide::Short),
        _ => None,
    }
}

/// Who placed an order, by how it was created.
pub(crate) fn origin(created: &str) -> Origin {
    match created {
        "CreateByLiq" | "CreateByTakeOver_PassThrough" => Origin::Liquidation,
        "CreateByAdl_PassThrough" => Origin::Adl,
        "CreateBySettle" => Origin::Settlement,
        _ => Origin::External,
    }
}

/// The words of an order that tell where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateWords<'a> {
    pub(crate) status: &'a str,
    pub(crate) cancel: &'a str,
    pub(crate) refusal: &'a str,
    pub(crate) order_type: Option<OrderType>,
    pub(crate) time_in_force: Option<TimeInForce>,
}

impl StateWords<'_> {
    /// Where the order stands, and why it ended.
    pub(crate) fn read(&self) -> (ReportedStatus, Option<EndReason>) {
        match self.status {
            "New" | "Untriggered" | "Triggered" => (ReportedStatus::Open, None),
            "PartiallyFilled" => (ReportedStatus::PartiallyFilled, None),
            "Filled" => (ReportedStatus::Filled, None),
            "Rejected" => (ReportedStatus::Rejected(self.refusal_kind()), None),
            "Cancelled" | "PartiallyFilledCanceled" | "Deactivated" => self.ended(),
            unknown => (ReportedStatus::Unknown(unknown.to_owned()), None),
        }
    }

    /// As [`Self::read`]; a reason that is not known here makes the state unknown too.
    pub(crate) fn read_strictly(&self) -> (ReportedStatus, Option<EndReason>) {
        let cancel_known = is_none(self.cancel) || self.end_by_cancel().is_some();
        if cancel_known && is_known_refusal(self.refusal) {
            self.read()
        } else {
            (ReportedStatus::Unknown(self.word()), None)
        }
    }

    /// The exchange's own words, joined.
    pub(crate) fn word(&self) -> String {
        let reasons = [self.cancel, self.refusal].into_iter().filter(|word| !is_none(word));
        reasons.fold(self.status.to_owned(), |words, word| format!("{words} {word}"))
    }

    fn ended(&self) -> (ReportedStatus, Option<EndReason>) {
        let reason = self.end_by_refusal().or_else(|| self.end_by_cancel()).unwrap_or_else(|| self.end_by_terms());
        let by_own_terms = matches!(
            reason,
            EndReason::TimeInForce
                | EndReason::Liquidity
                | EndReason::SelfTrade
                | EndReason::PostOnlyWouldTake
                | EndReason::ReduceOnly
        );
        (if by_own_terms { ReportedStatus::Expired } else { ReportedStatus::Cancelled }, Some(reason))
    }

    fn end_by_refusal(&self) -> Option<EndReason> {
        match self.refusal {
            "EC_PostOnlyWillTakeLiquidity" => Some(EndReason::PostOnlyWouldTake),
            "EC_BySelfMatch" => Some(EndReason::SelfTrade),
            "EC_NoImmediateQtyToFill" | "EC_NoEnoughQtyToFill" | "EC_CancelForNoFullFill" => Some(self.not_filled()),
            _ => None,
        }
    }

    fn end_by_cancel(&self) -> Option<EndReason> {
        match self.cancel {
            "CancelByUser" => Some(EndReason::Requested),
            "CancelByReduceOnly" => Some(EndReason::ReduceOnly),
            "CancelByPrepareLiq" | "CancelAllBeforeLiq" => Some(EndReason::Liquidation),
            "CancelByPrepareAdl" | "CancelAllBeforeAdl" | "CancelByAdmin" | "CancelByTpSlTsClear" => {
                Some(EndReason::Exchange)
            }
            "CancelBySettle" => Some(EndReason::Settlement),
            "CancelBySmp" => Some(EndReason::SelfTrade),
            "CancelByDCP" => Some(EndReason::DeadMan),
            _ => None,
        }
    }

    /// Why it ended where no word says so: what cannot rest has found nothing to trade with.
    fn end_by_terms(&self) -> EndReason {
        let known = is_none(self.cancel) && is_known_refusal(self.refusal);
        match (self.order_type, self.time_in_force) {
            _ if self.refusal == "EC_PerCancelRequest" => EndReason::Requested,
            (Some(OrderType::Market), _) | (_, Some(TimeInForce::Ioc | TimeInForce::Fok)) => self.not_filled(),
            _ if known => EndReason::Exchange,
            _ => EndReason::Other,
        }
    }

    fn not_filled(&self) -> EndReason {
        let priced = self.order_type.is_none_or(OrderType::has_price);
        if priced { EndReason::TimeInForce } else { EndReason::Liquidity }
    }

    fn refusal_kind(&self) -> ErrorKind {
        match self.refusal {
            "EC_PostOnlyWillTakeLiquidity" => ErrorKind::PostOnlyWouldTake,
            "EC_InvalidSymbolStatus" => ErrorKind::NotTradable,
            _ => ErrorKind::Exchange,
        }
    }
}

fn is_none(word: &str) -> bool {
    matches!(word, "" | "UNKNOWN" | "EC_NoError")
}

fn is_known_refusal(word: &str) -> bool {
    const KNOWN: &[&str] = &[
        "EC_BySelfMatch",
        "EC_CancelForNoFullFill",
        "EC_InvalidSymbolStatus",
        "EC_NoEnoughQtyToFill",
        "EC_NoImmediateQtyToFill",
        "EC_OrigClOrdIDDoesNotExist",
        "EC_Others",
        "EC_PerCancelRequest",
        "EC_PostOnlyWillTakeLiquidity",
        "EC_TooLateToCancel",
    ];
    is_none(word) || KNOWN.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESTING: StateWords<'static> = StateWords {
        status: "Cancelled",
        cancel: "UNKNOWN",
        refusal: "EC_NoError",
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Gtc),
    };

    #[test]
    fn every_end_has_its_meaning() {
        use ReportedStatus::{Cancelled, Expired};
        for (cancel, status, reason) in [
            ("CancelByUser", Cancelled, EndReason::Requested),
            ("CancelByReduceOnly", Expired, EndReason::ReduceOnly),
            ("CancelByPrepareLiq", Cancelled, EndReason::Liquidation),
            ("CancelAllBeforeLiq", Cancelled, EndReason::Liquidation),
            ("CancelAllBeforeAdl", Cancelled, EndReason::Exchange),
            ("CancelByAdmin", Cancelled, EndReason::Exchange),
            ("CancelBySettle", Cancelled, EndReason::Settlement),
            ("CancelBySmp", Expired, EndReason::SelfTrade),
            ("CancelByDCP", Cancelled, EndReason::DeadMan),
            ("UNKNOWN", Cancelled, EndReason::Exchange),
            ("CancelByMoon", Cancelled, EndReason::Other),
        ] {
            assert_eq!(StateWords { cancel, ..RESTING }.read(), (status, Some(reason)), "{cancel}");
        }
        for (refusal, reason) in [
            ("EC_PostOnlyWillTakeLiquidity", EndReason::PostOnlyWouldTake),
            ("EC_NoImmediateQtyToFill", EndReason::TimeInForce),
            ("EC_CancelForNoFullFill", EndReason::TimeInForce),
            ("EC_BySelfMatch", EndReason::SelfTrade),
        ] {
            assert_eq!(StateWords { refusal, ..RESTING }.read(), (Expired, Some(reason)), "{refusal}");
        }
        let ioc = StateWords { time_in_force: Some(TimeInForce::Ioc), ..RESTING };
        assert_eq!(ioc.read(), (Expired, Some(EndReason::TimeInForce)));
        let partly = StateWords { status: "PartiallyFilledCanceled", cancel: "CancelByUser", ..RESTING };
        assert_eq!(partly.read(), (Cancelled, Some(EndReason::Requested)));
        let market = StateWords { order_type: Some(OrderType::Market), ..ioc };
        assert_eq!(market.read(), (Expired, Some(EndReason::Liquidity)));
    }

    #[test]
    fn refusals_have_a_kind_and_unknown_words_are_kept() {
        let rejected = StateWords { status: "Rejected", refusal: "EC_PostOnlyWillTakeLiquidity", ..RESTING };
        assert_eq!(rejected.read().0, ReportedStatus::Rejected(ErrorKind::PostOnlyWouldTake));
        let unknown = StateWords { status: "Dreaming", ..RESTING };
        assert_eq!(unknown.read().0, ReportedStatus::Unknown("Dreaming".to_owned()));
        let strange = StateWords { cancel: "CancelByMoon", ..RESTING };
        assert_eq!(strange.read_strictly().0, ReportedStatus::Unknown("Cancelled CancelByMoon".to_owned()));
        let strange = StateWords { status: "New", refusal: "EC_Moon", ..RESTING };
        assert_eq!(strange.read_strictly().0, ReportedStatus::Unknown("New EC_Moon".to_owned()));
        assert_eq!(strange.read().0, ReportedStatus::Open, "a query must get on");
        let late =
            StateWords { status: "Filled", cancel: "CancelByUser", refusal: "EC_OrigClOrdIDDoesNotExist", ..RESTING };
        assert_eq!(late.read_strictly(), (ReportedStatus::Filled, None));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for known in TimeInForce::ALL {
            assert_eq!(time_in_force_word(*known).and_then(time_in_force), Some(*known));
        }
        assert_eq!((time_in_force(POST_ONLY), time_in_force("RPI")), (Some(TimeInForce::Gtc), None));
        for known in [TriggerPrice::Last, TriggerPrice::Mark, TriggerPrice::Index] {
            assert_eq!(trigger_word(known).map(trigger_price), Some(known));
        }
        assert_eq!((position_side(0), position_side(2)), (None, Some(PositionSide::Short)));
        assert_eq!((origin("CreateByLiq"), origin("CreateByUser")), (Origin::Liquidation, Origin::External));
    }
}
