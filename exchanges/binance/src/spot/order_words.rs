use tradewire_core::{EndReason, ErrorKind, OrderType, ReportedStatus, TimeInForce};

/// Where a reason says nothing.
const NONE: &str = "NONE";

/// The word for an order type; `None` for one that the exchange does not have.
pub(crate) const fn type_word(order_type: OrderType) -> Option<&'static str> {
    match order_type {
        OrderType::Limit => Some("LIMIT"),
        OrderType::Market => Some("MARKET"),
        OrderType::PostOnly => Some("LIMIT_MAKER"),
        OrderType::StopLoss => Some("STOP_LOSS"),
        OrderType::StopLossLimit => Some("STOP_LOSS_LIMIT"),
        OrderType::TakeProfit => Some("TAKE_PROFIT"),
        OrderType::TakeProfitLimit => Some("TAKE_PROFIT_LIMIT"),
        _ => None,
    }
}

/// The order type that a word means; `None` for one that is not known here.
pub(crate) fn order_type(word: &str) -> Option<OrderType> {
    OrderType::ALL.iter().copied().find(|known| type_word(*known) == Some(word))
}

/// What the exchange says of an order's state, in its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateWords<'a> {
    /// `X` of the stream, `status` elsewhere.
    pub(crate) status: &'a str,
    /// Why it was refused: `r` of the stream.
    pub(crate) refusal: &'a str,
    /// Why it expired: `eR` of the stream, `expiryReason` elsewhere. Empty where it is not told.
    pub(crate) expiry: &'a str,
    /// Whether a request to cancel it is named.
    pub(crate) cancel_named: bool,
    /// Its type.
    pub(crate) order_type: Option<OrderType>,
    /// Its time in force.
    pub(crate) time_in_force: Option<TimeInForce>,
    /// Whether it belongs to a list of orders.
    pub(crate) in_list: bool,
}

impl StateWords<'_> {
    /// Status and reason in this library's words.
    pub(crate) fn read(&self) -> (ReportedStatus, Option<EndReason>) {
        match self.status {
            "NEW" | "PENDING_NEW" => (ReportedStatus::Open, None),
            "PARTIALLY_FILLED" => (ReportedStatus::PartiallyFilled, None),
            "FILLED" => (ReportedStatus::Filled, None),
            "CANCELED" if self.cancel_named => (ReportedStatus::Cancelled, Some(EndReason::Requested)),
            "CANCELED" => (ReportedStatus::Cancelled, Some(EndReason::Exchange)),
            "REJECTED" => {
                let kind = refusal_kind(self.refusal).unwrap_or(ErrorKind::Exchange);
                (ReportedStatus::Rejected(kind), Some(EndReason::Refused(kind)))
            }
            "EXPIRED_IN_MATCH" => (ReportedStatus::Expired, Some(EndReason::SelfTrade)),
            "EXPIRED" => match self.expiry_reason() {
                EndReason::Exchange => (ReportedStatus::Cancelled, Some(EndReason::Exchange)),
                reason => (ReportedStatus::Expired, Some(reason)),
            },
            unknown => (ReportedStatus::Unknown(unknown.to_owned()), None),
        }
    }

    /// As [`Self::read`]; a reason that is not known here makes the state unknown too.
    pub(crate) fn read_strictly(&self) -> (ReportedStatus, Option<EndReason>) {
        let known = refusal_kind(self.refusal).is_some() && (is_none(self.expiry) || expiry(self.expiry).is_some());
        if known { self.read() } else { (ReportedStatus::Unknown(self.word()), None) }
    }

    /// Why it expired. Where the exchange does not say so, its type tells: an order that would have rested for ever ends by
    /// its list, or by the exchange.
    fn expiry_reason(&self) -> EndReason {
        if !is_none(self.expiry) {
            return expiry(self.expiry).unwrap_or(EndReason::Other);
        }
        match (self.order_type, self.time_in_force) {
            (_, Some(TimeInForce::Ioc | TimeInForce::Fok)) => EndReason::TimeInForce,
            (Some(order_type), _) if !order_type.has_price() => EndReason::Liquidity,
            _ if self.in_list => EndReason::OrderList,
            (Some(_), Some(TimeInForce::Gtc)) => EndReason::Exchange,
            _ => EndReason::Other,
        }
    }

    /// The exchange's own words, joined.
    pub(crate) fn word(&self) -> String {
        let reasons = [self.refusal, self.expiry].into_iter().filter(|reason| !is_none(reason));
        reasons.fold(self.status.to_owned(), |words, reason| format!("{words} {reason}"))
    }
}

fn is_none(reason: &str) -> bool {
    reason.is_empty() || reason == NONE
}

/// The kind of a refusal that the stream tells; `None` for a word that is not known here.
fn refusal_kind(word: &str) -> Option<ErrorKind> {
    match word {
        word if is_none(word) => Some(ErrorKind::Exchange),
        "INSUFFICIENT_BALANCES" => Some(ErrorKind::InsufficientBalance),
        "OCO_BAD_PRICES" | "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY" => Some(ErrorKind::InvalidRequest),
        "WOULD_MATCH_IMMEDIATELY" => Some(ErrorKind::PostOnlyWouldTake),
        _ => None,
    }
}

fn expiry(word: &str) -> Option<EndReason> {
    match word {
        "EXCHANGE_CANCELED" => Some(EndReason::Exchange),
        "EXECUTION_RULE_PRICE_RANGE_EXCEEDED" => Some(EndReason::PriceBand),
        "INSUFFICIENT_LIQUIDITY" => Some(EndReason::Liquidity),
        "OCO_TRIGGER" | "OTO_PHASE_ONE_EXPIRED" => Some(EndReason::OrderList),
        "REJECTED" => Some(EndReason::Refused(ErrorKind::Exchange)),
        "UNFILLED_FOK_ORDER_EXPIRED" | "UNFILLED_IOC_QUANTITY_EXPIRED" => Some(EndReason::TimeInForce),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESTING: StateWords<'static> = StateWords {
        status: "EXPIRED",
        refusal: "NONE",
        expiry: "",
        cancel_named: false,
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Gtc),
        in_list: false,
    };

    #[test]
    fn types_are_read_as_they_are_written() {
        for known in OrderType::ALL {
            assert_eq!(type_word(*known).and_then(order_type), Some(*known));
        }
        assert_eq!(order_type("MOON"), None);
    }

    #[test]
    fn every_end_has_its_meaning() {
        use ReportedStatus::{Cancelled, Expired};
        for (expiry, status, reason) in [
            ("EXCHANGE_CANCELED", Cancelled, EndReason::Exchange),
            ("EXECUTION_RULE_PRICE_RANGE_EXCEEDED", Expired, EndReason::PriceBand),
            ("INSUFFICIENT_LIQUIDITY", Expired, EndReason::Liquidity),
            ("OCO_TRIGGER", Expired, EndReason::OrderList),
            ("OTO_PHASE_ONE_EXPIRED", Expired, EndReason::OrderList),
            ("REJECTED", Expired, EndReason::Refused(ErrorKind::Exchange)),
            ("UNFILLED_FOK_ORDER_EXPIRED", Expired, EndReason::TimeInForce),
            ("UNFILLED_IOC_QUANTITY_EXPIRED", Expired, EndReason::TimeInForce),
            ("NONE", Cancelled, EndReason::Exchange),
            ("MOON", Expired, EndReason::Other),
        ] {
            assert_eq!(StateWords { expiry, ..RESTING }.read(), (status, Some(reason)), "{expiry}");
        }
        let ioc = StateWords { time_in_force: Some(TimeInForce::Ioc), ..RESTING };
        assert_eq!(ioc.read(), (Expired, Some(EndReason::TimeInForce)));
        let market = StateWords { order_type: Some(OrderType::Market), ..RESTING };
        assert_eq!(market.read(), (Expired, Some(EndReason::Liquidity)));
        assert_eq!(StateWords { in_list: true, ..RESTING }.read(), (Expired, Some(EndReason::OrderList)));
        let in_match = StateWords { status: "EXPIRED_IN_MATCH", ..RESTING };
        assert_eq!(in_match.read(), (Expired, Some(EndReason::SelfTrade)));
        let cancelled = StateWords { status: "CANCELED", ..RESTING };
        assert_eq!(cancelled.read(), (Cancelled, Some(EndReason::Exchange)));
        let requested = StateWords { cancel_named: true, ..cancelled };
        assert_eq!(requested.read(), (Cancelled, Some(EndReason::Requested)));
    }

    #[test]
    fn refusals_have_a_kind() {
        for (refusal, kind) in [
            ("NONE", ErrorKind::Exchange),
            ("INSUFFICIENT_BALANCES", ErrorKind::InsufficientBalance),
            ("WOULD_MATCH_IMMEDIATELY", ErrorKind::PostOnlyWouldTake),
            ("STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY", ErrorKind::InvalidRequest),
        ] {
            let rejected = StateWords { status: "REJECTED", refusal, ..RESTING };
            assert_eq!(rejected.read_strictly().0, ReportedStatus::Rejected(kind), "{refusal}");
        }
    }

    #[test]
    fn unknown_words_are_kept() {
        let unknown = StateWords { status: "PENDING_MOON", ..RESTING };
        assert_eq!(unknown.read(), (ReportedStatus::Unknown("PENDING_MOON".to_owned()), None));
        let strange = StateWords { expiry: "FULL_MOON", ..RESTING };
        assert_eq!(strange.read_strictly(), (ReportedStatus::Unknown("EXPIRED FULL_MOON".to_owned()), None));
        let strange = StateWords { status: "NEW", refusal: "FULL_MOON", ..RESTING };
        assert_eq!(strange.read_strictly(), (ReportedStatus::Unknown("NEW FULL_MOON".to_owned()), None));
        assert_eq!(StateWords { status: "NEW", ..strange }.read().0, ReportedStatus::Open, "a query must get on");
    }
}
