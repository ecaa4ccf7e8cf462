use std::sync::Arc;

use futures_util::FutureExt;
use tradewire_core::{CommandError, ErrorKind, OrderState, ReportedStatus};

use super::account::{Known, ScriptedAccount};
use super::desk::Desk;
use super::journal::WriteOnly;
use crate::CancelStart;
use crate::orders::tests::desk::{limit, report};
use crate::trading::place::submit;
use crate::trading::replace::replace;

#[tokio::test]
async fn an_order_that_waits_for_its_record_does_not_leave_a_connector_that_stops() {
    let journal = WriteOnly::held();
    let desk = Desk::with(ScriptedAccount::new(true), journal.clone());
    let order = Arc::new(limit("a", 5));
    let mut recorded = Box::pin(submit(&desk.keeper, &order).expect("a new id").recorded());
    assert!(recorded.as_mut().now_or_never().is_none(), "the disk is slow");
    desk.keeper.change(|state| state.stopping = true);
    journal.release();
    desk.keeper.outbox.write_all().await.expect("written");
    let leaves = recorded.await.expect("recorded").leaves();
    assert!(matches!(leaves, Err(CommandError::NotSent(error)) if error.kind() == ErrorKind::NotReady));
    assert_eq!(desk.state("a"), OrderState::Rejected);
}

/// A desk whose journal is held, with an open order.
async fn with_open_order() -> (Desk, Arc<WriteOnly>) {
    let journal = WriteOnly::held();
    let desk = Desk::with(ScriptedAccount::new(true), journal.clone());
    desk.lose("old");
    desk.account.knows(Known { open: vec![report("old", "X", ReportedStatus::Open, 10)], ..Known::default() });
    let lookup = desk.lookup().next().expect("an order to look for");
    lookup.meet(Arc::clone(&desk.keeper)).await.expect("an answer");
    assert_eq!(desk.state("old"), OrderState::Open);
    (desk, journal)
}

#[tokio::test]
async fn a_replacement_that_is_dropped_before_it_is_recorded_leaves_the_old_order_alone() {
    let (desk, _) = with_open_order().await;
    let old = "old".into();
    let mut replacing = Box::pin(replace(&desk.keeper, &old, limit("new", 4).request));
    assert!(replacing.as_mut().now_or_never().is_none(), "the disk is slow");
    drop(replacing);
    let start = desk.keeper.change_now(|state, now| state.orders.cancel(&old, now).0);
    assert_eq!(start, CancelStart::Send, "nothing was asked of it before");
}

#[tokio::test]
async fn an_order_is_replaced_on_its_own_pair_only() {
    let (desk, _) = with_open_order().await;
    let mut other = limit("new", 4).request;
    other.pair = "ETH-USDT".parse().expect("a pair");
    let refused = replace(&desk.keeper, &"old".into(), other).await.expect_err("refused");
    assert!(matches!(refused, CommandError::NotSent(error) if error.kind() == ErrorKind::InvalidRequest));
}
