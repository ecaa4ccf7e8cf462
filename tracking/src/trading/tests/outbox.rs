use futures_util::FutureExt;
use tradewire_core::AccountChange;

use super::account::ScriptedAccount;
use super::desk::Desk;
use super::journal::WriteOnly;

fn tell(desk: &Desk, what: &str) -> u64 {
    let change = AccountChange::Inconsistent { what: what.to_owned() };
    desk.keeper.step(|_, step, _| step.tell(None, change)).1
}

#[tokio::test]
async fn what_has_begun_to_be_written_is_told_though_nobody_waits_for_it_any_longer() {
    let journal = WriteOnly::held();
    let desk = Desk::with(ScriptedAccount::new(true), journal.clone());
    let mut events = desk.keeper.feed.read_on();
    tell(&desk, "first");
    let mut writing = Box::pin(desk.keeper.outbox.write_all());
    assert!(writing.as_mut().now_or_never().is_none(), "the disk is slow");
    drop(writing);
    let second = tell(&desk, "second");
    journal.release();
    desk.keeper.outbox.write_all().await.expect("written");
    desk.keeper.outbox.written(second).await.expect("written");
    for number in [1, 2] {
        let event = events.next().await.expect("the feed").expect("an event");
        assert_eq!(event.number, number);
    }
}
