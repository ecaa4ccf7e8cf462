use std::sync::Arc;

use tradewire_core::{AccountChange, Error, ErrorKind};

use super::desk::Desk;
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
async fn what_is_asked_for_while_it_is_fetched_is_fetched_again() {
    let desk = Desk::new();
    desk.keeper.stream_opened();
    let keeper = Arc::clone(&desk.keeper);
    desk.account.meanwhile(move || keeper.look_again());
    reconcile(&desk.keeper).await.expect("everything");
    assert!(is_reconciled(&desk) && desk.keeper.look(|state| state.windows.asked()));
}
