//! Orders as the command line names them: by one word, which is our id or the exchange's.

use std::sync::Arc;

use tradewire::tracking::Target;
use tradewire::{Capabilities, ExecutionReport, Instrument};

/// The order that a report is of.
pub(super) fn target_of(instrument: &Arc<Instrument>, report: &ExecutionReport) -> Target {
    Target {
        instrument: Arc::clone(instrument),
        client_order_id: report.new_client_order_id.clone().or_else(|| report.client_order_id.clone()),
        exchange_order_id: report.exchange_order_id.clone(),
        conditional: report.trigger.is_some(),
    }
}

/// Whether a report is of the order that `id` names.
pub(super) fn is_of(report: &ExecutionReport, id: &str) -> bool {
    [&report.client_order_id, &report.new_client_order_id].into_iter().flatten().any(|known| known.as_str() == id)
        || report.exchange_order_id.as_ref().is_some_and(|known| known.as_str() == id)
}

/// All that an id may name where nothing is known of it, the likeliest first; at last conditional orders, where there are any.
pub(super) fn guesses(capabilities: &Capabilities, instrument: &Arc<Instrument>, id: &str) -> Vec<Target> {
    let likely = likely(capabilities, instrument, id);
    let other = match likely.client_order_id {
        None => ours(instrument, id),
        Some(_) => theirs(instrument, id),
    };
    let mut guesses = vec![likely, other];
    let types = capabilities.trading.as_ref().map_or(&[][..], |trading| trading.order_types);
    if types.iter().any(|offered| offered.is_conditional()) {
        let waiting: Vec<_> = guesses.iter().map(|guess| Target { conditional: true, ..guess.clone() }).collect();
        guesses.extend(waiting);
    }
    guesses
}

/// What an id most likely names.
pub(super) fn likely(capabilities: &Capabilities, instrument: &Arc<Instrument>, id: &str) -> Target {
    if is_likely_theirs(capabilities, id) { theirs(instrument, id) } else { ours(instrument, id) }
}

fn ours(instrument: &Arc<Instrument>, id: &str) -> Target {
    let instrument = Arc::clone(instrument);
    Target { instrument, client_order_id: Some(id.into()), exchange_order_id: None, conditional: false }
}

fn theirs(instrument: &Arc<Instrument>, id: &str) -> Target {
    let instrument = Arc::clone(instrument);
    Target { instrument, client_order_id: None, exchange_order_id: Some(id.into()), conditional: false }
}

/// Whether an id is the exchange's rather than ours: digits, or what our ids there cannot be.
fn is_likely_theirs(capabilities: &Capabilities, id: &str) -> bool {
    let fits = capabilities.trading.as_ref().is_none_or(|trading| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || trading.client_order_id_marks.contains(letter);
        id.len() <= trading.client_order_id_max_len && id.chars().all(fits)
    });
    !fits || id.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::examples;

    fn capabilities(exchange: &str) -> &'static Capabilities {
        let mut all = tradewire::exchanges().into_iter();
        all.find(|known| known.exchange == exchange).expect("an exchange")
    }

    #[test]
    fn the_likeliest_guess_comes_first_and_conditional_orders_last() {
        let instrument = Arc::new(examples::instrument());
        let guessed = |exchange, id| {
            let text = |target: &Target| (target.exchange_order_id.is_some(), target.conditional);
            guesses(capabilities(exchange), &instrument, id).iter().map(text).collect::<Vec<_>>()
        };
        let (ours, theirs) = ([(false, false), (true, false)], [(true, false), (false, false)]);
        let (waiting_ours, waiting_theirs) = ([(false, true), (true, true)], [(true, true), (false, true)]);
        assert_eq!(guessed("binance-spot", "4711"), [theirs, waiting_theirs].concat());
        assert_eq!(guessed("binance-spot", "tw-1"), [ours, waiting_ours].concat());
        assert_eq!(guessed("bybit-linear", "6f1c2a34-0000-4abc-8def-0123456789ab"), [ours, waiting_ours].concat());
        // What our ids there cannot be is not ours.
        assert_eq!(guessed("bybit-linear", "of/another-kind"), [theirs, waiting_theirs].concat());
        assert_eq!(guessed("bybit-linear", &"long".repeat(10)), [theirs, waiting_theirs].concat());
    }

    #[test]
    fn an_order_is_named_by_any_of_its_ids() {
        let report = ExecutionReport { new_client_order_id: Some("tw-2".into()), ..examples::report() };
        assert!(["tw-1", "tw-2", "17"].iter().all(|id| is_of(&report, id)) && !is_of(&report, "1"));
        let target = target_of(&Arc::new(examples::instrument()), &report);
        assert_eq!((target.client_order_id, target.exchange_order_id), (Some("tw-2".into()), Some("17".into())));
        assert!(!target.conditional);
    }
}
