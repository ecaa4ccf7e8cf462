use std::sync::Arc;

use tradewire_core::Error;
use tradewire_tracking::{MarketSource, OrderEntry, session};
use tradewire_transport::{CallDialect, CommandWire, Credentials, RestClient, Session};

use crate::Binance;
use crate::auth::RestSigning;
use crate::calls::Calls;
use crate::product::Product;

/// What all accounts on Binance have: a name, and the ways on which requests leave.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) name: String,
    pub(crate) market: Arc<dyn MarketSource>,
    pub(crate) rest: RestClient,
    pub(crate) commands: CommandWire,
    pub(crate) session: Session,
}

impl Base {
    /// The account of a key on a market. A socket for commands connects at once.
    ///
    /// # Errors
    /// `Config` for a receive window that the exchange does not take, or an address that cannot be one.
    pub(crate) fn open<P: Product>(
        market: Arc<Binance<P>>,
        credentials: Credentials,
        entry: OrderEntry,
    ) -> Result<Self, Error> {
        let name = credentials.account_name(P::CAPABILITIES.exchange, &market.addresses().label);
        let recv_window = market.config().checked_recv_window()?;
        let session = session(credentials, recv_window, &market);
        let limits = market.limits().account(&name);
        let rest = market.rest().signed(session.clone(), limits, RestSigning { verdict: P::verdict });
        let commands = match entry {
            OrderEntry::Rest => CommandWire::rest(&rest),
            OrderEntry::Socket => {
                let dialect: Arc<dyn CallDialect> = Arc::new(Calls::of::<P>(market.addresses().calls.clone()));
                CommandWire::socket(dialect, &rest, &session, market.socket_config())?
            }
        };
        Ok(Self { name, market, rest, commands, session })
    }
}
