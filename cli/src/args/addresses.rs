use clap::{Args, ValueEnum};
use tradewire::Addresses;
use tradewire::tracking::OrderEntry;

use crate::failure::Failure;
use crate::wrong_use;

/// Where the exchange is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AddressArgs {
    /// Environment of the exchange, for example testnet [default: its production]
    #[arg(long, value_name = "NAME", global = true)]
    environment: Option<String>,
    /// Own address for REST requests, for example http://127.0.0.1:8080
    #[arg(long, value_name = "URL", global = true, value_parser = wrong_use::rest_address)]
    rest: Option<String>,
    /// Own address for market streams, for example ws://127.0.0.1:8080
    #[arg(long, value_name = "URL", global = true, value_parser = wrong_use::ws_address)]
    ws: Option<String>,
}

/// Where an account's commands and events go, where that is elsewhere.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PrivateAddressArgs {
    #[command(flatten)]
    market: AddressArgs,
    /// Own address for commands over a socket [default: that of --ws]
    #[arg(long, value_name = "URL", global = true, value_parser = wrong_use::ws_address)]
    ws_api: Option<String>,
    /// Own address for the account's events [default: that of --ws-api]
    #[arg(long, value_name = "URL", global = true, value_parser = wrong_use::ws_address)]
    ws_private: Option<String>,
    /// The wire that order commands take, where the exchange has both
    #[arg(long, value_name = "WIRE", global = true, default_value = "rest")]
    order_entry: OrderEntryChoice,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum OrderEntryChoice {
    /// A REST request each.
    #[default]
    Rest,
    /// Calls over one socket.
    Socket,
}

impl AddressArgs {
    /// The addresses, all from one place.
    ///
    /// # Errors
    /// Wrong use: a mixture, or a part of one's own.
    pub(crate) fn addresses(&self) -> Result<Addresses, Failure> {
        match (&self.environment, &self.rest, &self.ws) {
            (None, None, None) => Ok(Addresses::Default),
            (Some(name), None, None) => Ok(Addresses::environment(name)),
            (None, Some(rest), Some(ws)) => Ok(Addresses::own(rest, ws)),
            (Some(_), Some(_), _) => Err(mixed("--rest")),
            (Some(_), _, Some(_)) => Err(mixed("--ws")),
            (None, Some(_), None) => Err(missing("--ws", "--rest")),
            (None, None, Some(_)) => Err(missing("--rest", "--ws")),
        }
    }
}

impl PrivateAddressArgs {
    /// The addresses, all from one place.
    ///
    /// # Errors
    /// Wrong use: a mixture, or a part of one's own.
    pub(crate) fn addresses(&self) -> Result<Addresses, Failure> {
        let further = [("--ws-api", &self.ws_api), ("--ws-private", &self.ws_private)];
        let further = further.into_iter().find_map(|(option, address)| address.as_ref().map(|_| option));
        match (further, &self.market.environment, &self.market.rest) {
            (Some(option), Some(_), _) => Err(mixed(option)),
            (Some(option), None, None) => Err(missing("--rest", option)),
            _ => self.market.addresses().map(|addresses| self.with_sockets(addresses)),
        }
    }

    fn with_sockets(&self, addresses: Addresses) -> Addresses {
        match addresses {
            Addresses::Own { rest, ws, .. } => {
                Addresses::Own { rest, ws, ws_api: self.ws_api.clone(), ws_private: self.ws_private.clone() }
            }
            other => other,
        }
    }

    /// The environment, or the host and port, if one is named: accounts have it in their names.
    pub(crate) fn place(&self) -> Option<&str> {
        let AddressArgs { environment, rest, .. } = &self.market;
        environment.as_deref().or_else(|| {
            let (_, host) = rest.as_ref()?.split_once("://")?;
            host.split('/').next()
        })
    }

    /// The wire that order commands take.
    pub(crate) fn order_entry(&self) -> OrderEntry {
        match self.order_entry {
            OrderEntryChoice::Rest => OrderEntry::Rest,
            OrderEntryChoice::Socket => OrderEntry::Socket,
        }
    }
}

fn mixed(option: &str) -> Failure {
    Failure::wrong_use(format!("'{option}' cannot be used with '--environment': all addresses come from one place"))
}

fn missing(option: &str, given: &str) -> Failure {
    Failure::wrong_use(format!("missing '{option}': it is needed with '{given}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(environment: Option<&str>, rest: Option<&str>, ws: Option<&str>) -> AddressArgs {
        let own = |text: Option<&str>| text.map(str::to_owned);
        AddressArgs { environment: own(environment), rest: own(rest), ws: own(ws) }
    }

    #[test]
    fn addresses_come_from_one_place() {
        let (rest, ws) = (Some("http://h:1"), Some("ws://h:2"));
        assert_eq!(market(None, None, None).addresses().expect("default"), Addresses::Default);
        assert_eq!(market(None, rest, ws).addresses().expect("own"), Addresses::own("http://h:1", "ws://h:2"));
        for (args, word) in [
            (market(Some("testnet"), rest, ws), "--rest"),
            (market(Some("testnet"), None, ws), "--ws"),
            (market(None, rest, None), "missing '--ws'"),
            (market(None, None, ws), "missing '--rest'"),
        ] {
            let failure = args.addresses().expect_err(word);
            assert!(matches!(&failure, Failure::WrongUse(text) if text.contains(word)), "{failure}");
        }
        let further = |market| PrivateAddressArgs {
            market,
            ws_api: Some("ws://h:3".to_owned()),
            ..PrivateAddressArgs::default()
        };
        assert!(further(market(Some("testnet"), None, None)).addresses().is_err());
        assert!(further(market(None, None, None)).addresses().is_err());
        let own = further(market(None, rest, ws)).addresses().expect("own");
        assert_eq!(further(market(None, Some("http://h:1/x"), ws)).place(), Some("h:1"));
        assert_eq!(further(market(Some("testnet"), None, None)).place(), Some("testnet"));
        assert!(matches!(own, Addresses::Own { ws_api: Some(address), ws_private: None, .. } if address == "ws://h:3"));
    }
}
