use tradewire_core::{SelfTradePrevention, Side, TimeInForce};

/// The side that a word means.
pub(crate) fn side(word: &str) -> Option<Side> {
    match word {
        "BUY" => Some(Side::Buy),
        "SELL" => Some(Side::Sell),
        _ => None,
    }
}

/// The word for a side.
pub(crate) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// The time in force that a word means; `None` for one that is not known here.
pub(crate) fn time_in_force(word: &str) -> Option<TimeInForce> {
    TimeInForce::ALL.iter().copied().find(|known| time_in_force_word(*known) == Some(word))
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

/// The word for a self-trade prevention; `None` for one that the exchange does not have.
pub(crate) const fn prevention_word(mode: SelfTradePrevention) -> Option<&'static str> {
    match mode {
        SelfTradePrevention::Off => Some("NONE"),
        SelfTradePrevention::ExpireMaker => Some("EXPIRE_MAKER"),
        SelfTradePrevention::ExpireTaker => Some("EXPIRE_TAKER"),
        SelfTradePrevention::ExpireBoth => Some("EXPIRE_BOTH"),
        SelfTradePrevention::Decrement => Some("DECREMENT"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for known in TimeInForce::ALL {
            assert_eq!(time_in_force_word(*known).and_then(time_in_force), Some(*known));
        }
        for known in [Side::Buy, Side::Sell] {
            assert_eq!(side(side_word(known)), Some(known));
        }
        assert!(SelfTradePrevention::ALL.iter().all(|mode| prevention_word(*mode).is_some()));
        assert_eq!((side("buy"), time_in_force("GTX")), (None, None));
    }
}
