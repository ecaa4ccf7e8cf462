use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::failure::Failure;

/// Tells when the program is to stop: on Ctrl-C or a request to terminate. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for signals from now on.
    pub(crate) fn on_signals() -> Result<Self, Failure> {
        let mut signals =
            Signals::listen().map_err(|cause| Failure::failed(format!("cannot await signals: {cause}")))?;
        let (told, stop) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                () = signals.any() => drop(told.send(true)),
                () = told.closed() => {}
            }
        });
        Ok(Self(stop))
    }

    /// What comes of `work`, or failure if the program is to stop before.
    pub(crate) async fn or(&mut self, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
        tokio::select! {
            result = work => result,
            () = self.wait() => Err(Failure::failed("stopped before it was done")),
        }
    }

    /// Waits until the program is to stop.
    ///
    /// Cancel safe.
    pub(crate) async fn wait(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn any(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The end of a time, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// So many seconds after `start`; never without a number.
    pub(crate) fn after(start: Instant, seconds: Option<u64>) -> Self {
        Self(seconds.and_then(|seconds| start.checked_add(Duration::from_secs(seconds))))
    }

    /// Waits until the time is over. Cancel safe.
    pub(crate) async fn wait(&self) {
        match self.0 {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}
