//! Many callers at the same limits.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tradewire_core::Timestamp;
use tradewire_transport::{
    Applicant, Class, Clock, Cost, Limits, PoolSpec, Refusal, RefusalKind, Scope, ServerClock, Unit, Window,
};

const SECOND: Duration = Duration::from_secs(1);

fn limits(limit: u32, window: Window) -> Limits {
    let clock = Clock::starting_at(Timestamp::from_millis(1_700_000_041_000));
    let pool = PoolSpec { unit: Unit::Weight, limit, window, scope: Scope::Address, cancels: false };
    Limits::new(&[pool], 100, ServerClock::new(clock))
}

fn read(weight: u32) -> Applicant {
    Applicant::read(Cost::weight(weight), Class::MarketRead)
}

#[tokio::test(start_paused = true)]
async fn parallel_callers_never_take_the_last_unit_twice() {
    let limits = limits(100, Window::Fixed(10 * SECOND));
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..64 {
        let limits = limits.clone();
        callers.spawn(async move {
            let mut left = Vec::new();
            for _ in 0..5 {
                let permit = limits.acquire(read(1)).await.expect("a turn");
                left.push(begun.elapsed());
                permit.settle(&Cost::weight(1), &[]);
            }
            left
        });
    }
    let left: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    // The clock starts at 1 s of a window, and a window counts as turned 20 ms late.
    let window_of = |at: &Duration| (at.as_millis() + 980) / 10_000;
    let by_window: Vec<_> = (0..4).map(|window| left.iter().filter(|at| window_of(at) == window).count()).collect();
    assert_eq!(by_window, [95, 95, 95, 35]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_frees_its_place() {
    let limits = limits(100, Window::Fixed(60 * SECOND));
    let permit = limits.acquire(read(90)).await.expect("a turn");
    assert!(timeout(SECOND, limits.acquire(read(50))).await.is_err(), "no room");
    let small = limits.acquire(read(5)).await.expect("not held back by the one that gave up");
    permit.unsent();
    small.settle(&Cost::weight(5), &[]);
    assert_eq!(limits.usage()[0].used, 5);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_reaches_commands_that_wait_already() {
    let limits = limits(100, Window::Fixed(60 * SECOND));
    let _held = limits.acquire(read(95)).await.expect("a turn");
    let waiting = limits.clone();
    let command =
        tokio::spawn(async move { waiting.acquire(Applicant::command(Cost::weight(1), Class::Place)).await.map(drop) });
    tokio::task::yield_now().await;
    let begun = Instant::now();
    limits.refused(Refusal { kind: RefusalKind::Banned, unit: None, pause: Some(120 * SECOND) });
    let error = command.await.expect("joined").expect_err("banned");
    assert_eq!(error.retry_at(), Some(Timestamp::from_millis(1_700_000_161_000)));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn published_limits_wake_those_that_wait() {
    let limits = limits(10, Window::Fixed(60 * SECOND));
    let _held = limits.acquire(read(9)).await.expect("a turn");
    let waiting = limits.clone();
    let reader = tokio::spawn(async move { waiting.acquire(read(5)).await.map(drop) });
    tokio::task::yield_now().await;
    let begun = Instant::now();
    let window = Window::Fixed(60 * SECOND);
    limits.replace_pools(&[PoolSpec {
        unit: Unit::Weight,
        limit: 6_000,
        window,
        scope: Scope::Address,
        cancels: true,
    }]);
    reader.await.expect("joined").expect("a turn");
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
