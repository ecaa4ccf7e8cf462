//! The heartbeat: background traders, publications and ends of faults, in steps of 20 ms.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::exchanges::Product;
use crate::flow::STEPS_PER_SECOND;

/// Length of a step in microseconds.
const STEP: i64 = 1_000_000 / STEPS_PER_SECOND as i64;
/// Steps that are caught up after a jump of the clock; older ones are left out.
const CATCH_UP: u64 = 2 * STEPS_PER_SECOND;

/// Runs until the exchange shuts down.
pub(crate) async fn drive(exchange: Arc<Exchange>) {
    let shutdown = exchange.shutdown.clone();
    shutdown.run_until_cancelled(heartbeat(&exchange)).await;
}

async fn heartbeat(exchange: &Exchange) {
    let start = Timestamp(exchange.clock.now().0.div_euclid(1_000_000) * 1_000_000);
    let mut done = steps_until(start, exchange.clock.now());
    loop {
        if !exchange.has_traders() && !exchange.front.busy() {
            idle(exchange).await;
            exchange.pass_time(false);
            done = done.max(steps_until(start, exchange.clock.now()));
        }
        exchange.clock.sleep_until(Timestamp(start.0 + (done as i64 + 1) * STEP)).await;
        let due = steps_until(start, exchange.clock.now());
        done = done.max(due.saturating_sub(CATCH_UP));
        while done < due {
            done += 1;
            exchange.expire_faults();
            exchange.step_traders();
            exchange.pass_time(done.is_multiple_of(STEPS_PER_SECOND));
            exchange.front.stepped(exchange, done);
            tokio::task::yield_now().await;
        }
    }
}

/// Waits until something happens in a market where nobody trades by himself.
async fn idle(exchange: &Exchange) {
    let expiry = async {
        match exchange.faults.next_expiry() {
            Some(at) => exchange.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = exchange.wake.notified() => {}
        () = exchange.clock.jumped(), if exchange.product == Product::LinearPerpetual => {}
        () = expiry => {}
    }
}

fn steps_until(start: Timestamp, now: Timestamp) -> u64 {
    u64::try_from((now.0 - start.0) / STEP).unwrap_or(0)
}
