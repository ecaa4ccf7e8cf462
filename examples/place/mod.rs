//! Where the examples find an exchange: at the addresses given, else simulated within the same program.

use tradewire::Addresses;
use tradewire_simulator::{Config, Simulator};

/// An exchange to talk to.
pub(crate) struct Place {
    /// Where it is.
    pub(crate) addresses: Addresses,
    /// The simulated exchange, if it is one of ours.
    pub(crate) simulator: Option<Simulator>,
}

/// The exchange at the REST, stream and, if there is a third, command addresses on the command line, else a new simulated
/// one.
pub(crate) async fn find() -> Result<Place, Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    if let (Some(rest), Some(ws)) = (words.next(), words.next()) {
        let addresses = Addresses::own(rest, ws);
        let addresses = match words.next() {
            Some(ws_api) => addresses.with_ws_api(ws_api),
            None => addresses,
        };
        return Ok(Place { addresses, simulator: None });
    }
    let simulator = Simulator::start(Config::default()).await?;
    let at = simulator.addresses();
    let addresses = Addresses::own(&at.rest, &at.ws).with_sockets(at.ws_api.clone(), at.ws_private.clone());
    Ok(Place { addresses, simulator: Some(simulator) })
}

impl Place {
    /// Stops the simulated exchange, if it is one of ours.
    pub(crate) async fn close(self) {
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
    }
}
