use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tradewire_core::{Error, ErrorKind};

use crate::address::Address;
use crate::dial::{Dialer, STREAM_BUFFER};
use crate::socket_task::SocketTask;
use crate::{Clock, ConnectPace, ProxyChoice, SocketHandler, StreamDialect};

/// How long a closing socket may take before its task is aborted.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How many commands wait for a socket's task at most.
const COMMANDS_MAX: usize = 1_024;

/// What a socket needs besides its dialect.
#[derive(Clone, Debug)]
pub struct SocketConfig {
    /// The exchange's name, for logs and metrics.
    pub exchange: &'static str,
    /// The proxy to use.
    pub proxy: ProxyChoice,
    /// The pace of new connections, shared by everything that connects from this address.
    pub connects: ConnectPace,
    /// The clock that frames are stamped by.
    pub clock: Clock,
}

/// A WebSocket that keeps itself connected and subscribed, on a task of its own.
///
/// The handler runs on that task. A lost connection is opened again with growing pauses, for ever; one that has grown old
/// or is announced to end is replaced before it ends.
#[derive(Debug)]
pub struct Socket;

impl Socket {
    /// Starts a socket. It connects at once, with no topics until the handler asks for some.
    ///
    /// # Errors
    /// `Config` for an address that cannot be one.
    pub fn spawn<H: SocketHandler>(
        handler: H,
        dialect: Arc<dyn StreamDialect>,
        config: SocketConfig,
    ) -> Result<SocketHandle<H::Command>, Error> {
        Address::parse(&dialect.url(), "ws", "wss")?;
        let dialer = Dialer::new(config.proxy, config.connects, STREAM_BUFFER)?;
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let task = SocketTask::new(handler, dialect, dialer, config.clock, config.exchange);
        let task = tokio::spawn(task.run(inbox));
        Ok(SocketHandle { commands, task })
    }
}

/// Speaks to a socket's task, and owns it. Dropped, it lets the task close the socket and end by itself.
#[derive(Debug)]
pub struct SocketHandle<C> {
    commands: mpsc::Sender<C>,
    task: JoinHandle<()>,
}

impl<C: Send> SocketHandle<C> {
    /// Gives a command to the handler; waits while too many are waiting.
    ///
    /// # Errors
    /// `NotReady` if the task has ended.
    ///
    /// # Cancel safety
    /// Cancel safe: a dropped wait gives nothing.
    pub async fn send(&self, command: C) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| ended())
    }

    /// Gives a command to the handler if there is room.
    ///
    /// # Errors
    /// `NotReady` if the task has ended or too many commands wait.
    pub fn try_send(&self, command: C) -> Result<(), Error> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::new(ErrorKind::NotReady, "too many commands wait"),
            mpsc::error::TrySendError::Closed(_) => ended(),
        })
    }

    /// Lets the handler take the commands given so far, closes the socket, and waits for the task to end; aborts it after
    /// [`STOP_TIMEOUT`].
    ///
    /// # Errors
    /// `Timeout` if it had to be aborted, `NotReady` if it had panicked.
    pub async fn close(self) -> Result<(), Error> {
        let Self { commands, mut task } = self;
        drop(commands);
        match timeout(STOP_TIMEOUT, &mut task).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(ended()),
            Err(_) => {
                task.abort();
                // Ended or aborted: what it says about that is known already.
                let _ = task.await;
                Err(Error::new(ErrorKind::Timeout, "the socket did not close in time and was aborted"))
            }
        }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::NotReady, "the socket's task has ended")
}
