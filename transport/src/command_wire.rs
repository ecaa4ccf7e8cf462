use std::sync::Arc;

use tracing::debug;
use tradewire_core::{Error, Timestamp};

use crate::{
    CallDialect, CallSocket, CallWatch, CommandFailure, RenderedRequest, RestClient, Session, SocketConfig,
    SocketEndpoint, render_call,
};

/// The wire that an account's commands take, where an exchange has both. They mean the same on both.
#[derive(Clone, Debug)]
pub struct CommandWire(Wire);

#[derive(Clone, Debug)]
enum Wire {
    /// A request each.
    Rest(RestClient),
    /// Calls over one socket.
    Socket { socket: CallSocket, dialect: Arc<dyn CallDialect>, session: Session },
}

impl CommandWire {
    /// A request each.
    pub fn rest(rest: &RestClient) -> Self {
        Self(Wire::Rest(rest.clone()))
    }

    /// Calls over one socket, which connects at once. `rest` is the client of the same account, whose limits they share.
    ///
    /// # Errors
    /// `Config` for an address that cannot be one.
    pub fn socket(
        dialect: Arc<dyn CallDialect>,
        rest: &RestClient,
        session: &Session,
        config: SocketConfig,
    ) -> Result<Self, Error> {
        let socket = CallSocket::spawn(dialect.clone(), session.clone(), rest.limits().clone(), config)?;
        Ok(Self(Wire::Socket { socket, dialect, session: session.clone() }))
    }

    /// Sends a command once.
    ///
    /// # Errors
    /// See [`CommandFailure`].
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped one may have reached the exchange.
    pub async fn send<E: SocketEndpoint>(&self, command: &E) -> Result<E::Response, CommandFailure> {
        match &self.0 {
            Wire::Rest(rest) => rest.command(command).await,
            Wire::Socket { socket, .. } => socket.command(command).await,
        }
    }

    /// Tells whether commands can leave over a socket.
    pub fn watch(&self) -> Option<CallWatch> {
        match &self.0 {
            Wire::Rest(_) => None,
            Wire::Socket { socket, .. } => Some(socket.watch()),
        }
    }

    /// Waits until commands can leave.
    ///
    /// # Errors
    /// `NotReady` if the socket was closed.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn connected(&self) -> Result<(), Error> {
        match &self.0 {
            Wire::Rest(_) => Ok(()),
            Wire::Socket { socket, .. } => socket.connected().await,
        }
    }

    /// The command exactly as it would be sent at `at`, or now. Sends nothing.
    ///
    /// # Errors
    /// `Auth` if the signer fails.
    pub async fn render<E: SocketEndpoint>(
        &self,
        command: &E,
        at: Option<Timestamp>,
    ) -> Result<RenderedRequest, Error> {
        match &self.0 {
            Wire::Rest(rest) => rest.render(command, at).await,
            Wire::Socket { dialect, session, .. } => render_call(command, dialect.as_ref(), session, at).await,
        }
    }

    /// Ends what it keeps open. Commands are not sent any longer then.
    pub async fn close(&self) {
        if let Wire::Socket { socket, .. } = &self.0
            && let Err(error) = socket.close().await
        {
            debug!(%error, "the socket for commands did not end by itself");
        }
    }
}
