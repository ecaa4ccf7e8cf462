use std::sync::Arc;

use tradewire_core::{AccountChange, Error, ErrorKind, PrivateMessage, ReportedStatus};

use super::desk::Desk;
use crate::orders::tests::desk::report;
use crate::trading::keeper::HELD_BACK_MAX;
use crate::trading::reconcile::reconcile;

fn is_reconciled(desk: &Desk) -> bool {
    let mut events = desk.keeper.feed.read_after(0);
    std::iter::from_fn(|| events.try_next()).any(|event| matches!(event.change, AccountChange::Reconciled { .. }))
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_replaced_while_its_hole_is_fetched_has_another_hole() {
    let desk = Desk::new();
    desk.keeper.stream_opened();
    let keeper = Arc::clone(&desk.keeper);
    desk.account.meanwhile(move || {
        keeper.stream_lost(&Error::new(ErrorKind::Connection, "lost"));
        keeper.stream_opened();
    });
    let error = reconcile(&desk.keeper).await.expect_err("there is more to fetch");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!is_reconciled(&desk));
    assert!(desk.keeper.look(|state| state.held_back.is_some() && state.windows.asked()));

    reconcile(&desk.keeper).await.expect("everything");
    assert!(is_reconciled(&desk));
    assert!(desk.keeper.look(|state| state.held_back.is_none() && !state.windows.asked()));
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_too_long_is_fetched_instead() {
    let desk = Desk::new();
    desk.keeper.stream_opened();
    let keeper = Arc::clone(&desk.keeper);
    desk.account.meanwhile(move || {
        for millis in 0..=HELD_BACK_MAX {
            let told = report("a", "X", ReportedStatus::Open, i64::try_from(millis).expect("few"));
            keeper.stream_messages(vec![PrivateMessage::Order(Box::new(told))], keeper.now());
        }
    });
    reconcile(&desk.keeper).await.expect_err("there is more to fetch");
    let held_back = desk.keeper.look(|state| state.held_back.as_ref().map(Vec::len));
    assert_eq!(held_back, Some(1), "the last one");
    reconcile(&desk.keeper).await.expect("everything");
    assert!(is_reconciled(&desk));
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_while_it_is_fetched_is_fetched_again() {
    let desk = Desk::new();
    desk.keeper.stream_opened();
    let keeper = Arc::clone(&desk.keeper);
    desk.account.meanwhile(move || keeper.look_again());
    reconcile(&desk.keeper).await.expect("everything");
    assert!(is_reconciled(&desk) && desk.keeper.look(|state| state.windows.asked()));
}
