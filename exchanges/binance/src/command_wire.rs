use std::sync::Arc;

use tracing::debug;
use tradewire_core::{Error, Timestamp};
use tradewire_tracking::OrderEntry;
use tradewire_transport::{
    CallDialect, CallSocket, CallWatch, CommandFailure, RenderedRequest, RestClient, Session, SocketEndpoint,
    render_call,
};

use crate::Binance;
use crate::calls::Calls;
use crate::product::Product;

/// The wire that commands take.
#[derive(Clone, Debug)]
pub(crate) enum CommandWire {
    /// A request each.
    Rest(RestClient),
    /// Calls over one socket.
    Socket { socket: CallSocket, dialect: Arc<dyn CallDialect>, session: Session },
}

impl CommandWire {
    /// The wire that is asked for. A socket connects at once.
    ///
    /// # Errors
    /// `Config` for an address that cannot be one.
    pub(crate) fn open<P: Product>(
        entry: OrderEntry,
        market: &Binance<P>,
        rest: &RestClient,
        session: &Session,
    ) -> Result<Self, Error> {
        let OrderEntry::Socket = entry else { return Ok(Self::Rest(rest.clone())) };
        let dialect: Arc<dyn CallDialect> = Arc::new(Calls::of::<P>(market.addresses().calls.clone()));
        let config = market.socket_config();
        let socket = CallSocket::spawn(dialect.clone(), session.clone(), rest.limits().clone(), config)?;
        Ok(Self::Socket { socket, dialect, session: session.clone() })
    }

    /// Sends a command once.
    pub(crate) async fn send<E: SocketEndpoint>(&self, command: &E) -> Result<E::Response, CommandFailure> {
        match self {
            Self::Rest(rest) => rest.command(command).await,
            Self::Socket { socket, .. } => socket.command(command).await,
        }
    }

    /// Waits until commands can leave.
    pub(crate) async fn connected(&self) -> Result<(), Error> {
        match self {
            Self::Rest(_) => Ok(()),
            Self::Socket { socket, .. } => socket.connected().await,
        }
    }

    /// Tells whether commands can leave; `None` where each is a request by itself.
    pub(crate) fn watch(&self) -> Option<CallWatch> {
        match self {
            Self::Rest(_) => None,
            Self::Socket { socket, .. } => Some(socket.watch()),
        }
    }

    /// The command exactly as it would be sent at `at`.
    pub(crate) async fn render<E: SocketEndpoint>(
        &self,
        command: &E,
        at: Option<Timestamp>,
    ) -> Result<RenderedRequest, Error> {
        match self {
            Self::Rest(rest) => rest.render(command, at).await,
            Self::Socket { dialect, session, .. } => render_call(command, dialect.as_ref(), session, at).await,
        }
    }

    /// Ends what it keeps open. Commands are not sent any longer then.
    pub(crate) async fn close(&self) {
        if let Self::Socket { socket, .. } = self
            && let Err(error) = socket.close().await
        {
            debug!(%error, "the socket for commands did not end by itself");
        }
    }
}
