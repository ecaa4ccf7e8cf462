//! The addresses of market and private sockets.

use crate::binance::api::StreamAddress;
use crate::binance::wish::Carries;
use crate::front::Request;

/// Private events that a socket wants of one listen key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedKey {
    pub(super) key: String,
    /// Types of the events; all of them if empty.
    pub(super) events: Vec<String>,
}

/// What the address of a socket says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) carries: Carries,
    pub(super) streams: StreamAddress,
    pub(super) keys: Vec<WantedKey>,
}

impl Address {
    /// Reads the address of a handshake; `None` if there are no sockets there. A socket without a route carries
    /// everything if `old_root`, else what the public route carries.
    pub(super) fn read(request: &Request, old_root: bool) -> Option<Address> {
        let routes = [("/public", Carries::Public), ("/market", Carries::Market), ("/private", Carries::Private)];
        let routed = routes.into_iter().find_map(|(prefix, carries)| {
            let rest = request.path.strip_prefix(prefix)?;
            rest.starts_with('/').then_some((carries, rest))
        });
        let unrouted = if old_root { Carries::Everything } else { Carries::Public };
        let (carries, path) = routed.unwrap_or((unrouted, &request.path));
        let query = request.parameters();
        let streams = StreamAddress::read(path, &query)?;
        Some(Address { carries, streams, keys: wanted_keys(&query) })
    }
}

/// The listen keys of a query, each with the `events` that follow it.
fn wanted_keys(query: &[(String, String)]) -> Vec<WantedKey> {
    let mut keys: Vec<WantedKey> = Vec::new();
    for (name, value) in query {
        match (name.as_str(), keys.last_mut()) {
            ("listenKey", _) if !value.is_empty() => {
                keys.push(WantedKey { key: value.clone(), events: Vec::new() });
            }
            ("events", Some(last)) => {
                last.events = value.split('/').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn read(address: &str, old_root: bool) -> Option<Address> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: Vec::new().into(),
            headers: Vec::new(),
            peer: IpAddr::from([127, 0, 0, 1]),
        };
        Address::read(&request, old_root)
    }

    fn carried(address: &str) -> (Carries, bool, Vec<String>) {
        let read = read(address, true).unwrap();
        (read.carries, read.streams.combined, read.streams.names)
    }

    #[test]
    fn addresses_name_routes_and_streams() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(carried("/public/ws/a@depth/b@depth"), (Carries::Public, false, names(&["a@depth", "b@depth"])));
        assert_eq!(carried("/market/stream?streams=a@aggTrade"), (Carries::Market, true, names(&["a@aggTrade"])));
        assert_eq!(carried("/private/ws/KEY"), (Carries::Private, false, names(&["KEY"])));
        for empty in ["/public/ws", "/market/ws/0", "/private/stream"] {
            assert_eq!(carried(empty).2, names(&[]), "{empty}");
        }
        assert_eq!(carried("/ws/a@markPrice").0, Carries::Everything);
        assert_eq!(read("/ws/a@markPrice", false).unwrap().carries, Carries::Public);
        assert_eq!([read("/publicws", true), read("/private/", true), read("/else/ws", true)], [None, None, None]);
    }

    #[test]
    fn listen_keys_have_the_events_that_follow_them() {
        let keys = read("/private/stream?listenKey=K1&events=A/B&listenKey=K2", true).unwrap().keys;
        let events = |at: usize| keys[at].events.join(",");
        assert_eq!(
            (keys[0].key.as_str(), events(0).as_str(), keys[1].key.as_str(), events(1).as_str()),
            ("K1", "A,B", "K2", "")
        );
    }
}
