use proptest::prelude::*;
use tradewire_core::{Amount, ExecutionReport, FillReport, OrderState, ReportedStatus, Source};

use super::desk::*;

/// Everything that is ever told of one order.
#[derive(Clone, Debug)]
enum Telling {
    Report(Box<ExecutionReport>, Source),
    Reply(Box<ExecutionReport>),
    Fill(Box<FillReport>, Source),
}

/// The life of an order of 5: accepted, changed perhaps, filled in parts, ended.
fn life(parts: &[i64], changed: bool, own: bool) -> (Vec<Telling>, OrderState, i64) {
    let id = if own { "a" } else { "theirs" };
    let mut told = Vec::new();
    let mut quantity_now = 5;
    let mut millis = 10;
    let mut total = 0;
    let accepted = report(id, "X", ReportedStatus::Open, millis);
    if own {
        told.push(Telling::Reply(Box::new(accepted.clone())));
    }
    told.push(Telling::Report(Box::new(accepted), Source::Stream));
    for (number, part) in parts.iter().enumerate() {
        millis += 10;
        let part = (*part).min(quantity_now - total);
        if part == 0 {
            break;
        }
        total += part;
        let fill = trade("X", &number.to_string(), part, millis);
        let status = if total == quantity_now { ReportedStatus::Filled } else { ReportedStatus::PartiallyFilled };
        let mut now = filled(id, "X", status, total, vec![fill.clone()], millis);
        now.amount = Some(Amount::Base(quantity(quantity_now)));
        told.push(Telling::Fill(Box::new(fill.clone()), Source::Rest));
        told.push(Telling::Fill(Box::new(FillReport { fee: None, ..fill }), Source::Stream));
        told.push(Telling::Report(Box::new(now.clone()), Source::Stream));
        now.fills.clear();
        told.push(Telling::Report(Box::new(now), Source::Rest));
        if changed && number == 0 && total < 4 {
            millis += 10;
            quantity_now = 4;
            let mut smaller = filled(id, "X", ReportedStatus::PartiallyFilled, total, Vec::new(), millis);
            smaller.amount = Some(Amount::Base(quantity(4)));
            told.push(Telling::Report(Box::new(smaller), Source::Stream));
        }
    }
    if total == quantity_now {
        return (told, OrderState::Filled, total);
    }
    let mut end = filled(id, "X", ReportedStatus::Cancelled, total, Vec::new(), millis + 10);
    end.amount = Some(Amount::Base(quantity(quantity_now)));
    told.push(Telling::Report(Box::new(end.clone()), Source::Stream));
    told.push(Telling::Report(Box::new(end), Source::Rest));
    (told, OrderState::Cancelled, total)
}

fn tell(desk: &mut Desk, telling: Telling) {
    match telling {
        Telling::Reply(report) => desk.placed("a", Ok(*report)),
        Telling::Report(report, source) => {
            let effects = desk.orders.report(*report, source, desk.now);
            desk.take(effects);
        }
        Telling::Fill(fill, source) => {
            let effects = desk.orders.fill(*fill, source, desk.now);
            desk.take(effects);
        }
    }
    desk.recall();
    desk.pass(1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_and_the_repeats_an_order_comes_to_the_same_end(
        parts in proptest::collection::vec(1..4_i64, 0..4),
        changed: bool,
        own: bool,
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
        rest in any::<u64>(),
    ) {
        let (told, state, total) = life(&parts, changed, own);
        let mut desk = Desk::new();
        if own {
            desk.place("a");
        }
        for index in order {
            tell(&mut desk, index.get(&told).clone());
        }
        let start = usize::try_from(rest % told.len() as u64).expect("small");
        for telling in told[start..].iter().chain(&told[..start]) {
            tell(&mut desk, telling.clone());
        }
        let order = desk.order(if own { "a" } else { "theirs" });
        prop_assert_eq!(order.state, state);
        prop_assert_eq!(order.filled, quantity(total));
        prop_assert_eq!(order.missing_fills, None);
        prop_assert_eq!(desk.fills.len(), usize::from(total > 0) * desk.orders.fills_of(1).count());
        prop_assert!(desk.fills.values().all(|fill| !fill.fee_estimated), "the exchange's word on every fee");
        prop_assert!(desk.inconsistent.is_empty(), "{:?}", desk.inconsistent);
    }
}
