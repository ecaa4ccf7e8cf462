use tradewire_core::{Addresses, Decimal, Environment, Error, ErrorKind, FeeRates};

/// The environments of the spot market, production first. `API.md` begins with them.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    Environment {
        name: "production",
        rest: "https://api.exchange.example",
        ws: "wss://stream.exchange.example/market",
        ws_api: None,
        ws_private: Some("wss://stream.exchange.example/account"),
    },
    Environment {
        name: "testnet",
        rest: "https://api.testnet.exchange.example",
        ws: "wss://stream.testnet.exchange.example/market",
        ws_api: None,
        ws_private: Some("wss://stream.testnet.exchange.example/account"),
    },
];

/// The commission until an account's own is known.
pub(crate) const DEFAULT_FEES: FeeRates =
    FeeRates { maker: Decimal::from_parts(1, 0, 0, false, 3), taker: Decimal::from_parts(2, 0, 0, false, 3) };

/// The addresses in use: all of one environment, or all given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Servers {
    pub(crate) rest: String,
    pub(crate) market: String,
    /// `None` where addresses were given for the market alone.
    pub(crate) account: Option<String>,
    /// What names them in the account's name: the environment, or the server.
    pub(crate) label: String,
}

impl Servers {
    /// # Errors
    /// `Config` for an environment that is none of `environments`, or an address with a user or a password.
    pub(crate) fn of(environments: &[Environment], addresses: &Addresses) -> Result<Self, Error> {
        let name = match addresses {
            Addresses::Own { rest, ws, ws_private, .. } => return Self::own(rest, ws, ws_private.as_deref()),
            Addresses::Environment(name) => name,
            Addresses::Default => environments[0].name,
        };
        let known = environments.iter().find(|known| known.name == name).ok_or_else(|| {
            let names: Vec<_> = environments.iter().map(|known| known.name).collect();
            Error::new(ErrorKind::Config, "there is no such environment")
                .with("environment", format_args!("'{name}'"))
                .with("known", names.join(", "))
        })?;
        Ok(Self {
            rest: known.rest.to_owned(),
            market: known.ws.to_owned(),
            account: known.ws_private.map(str::to_owned),
            label: known.name.to_owned(),
        })
    }

    /// Addresses as they are given; the path of a socket is added where there is none.
    fn own(rest: &str, market: &str, account: Option<&str>) -> Result<Self, Error> {
        if [Some(rest), Some(market), account].into_iter().flatten().any(|address| address.contains('@')) {
            return Err(Error::new(ErrorKind::Config, "an address must not hold a user or a password"));
        }
        let with_path = |url: &str, path: &str| {
            let bare = url.trim_end_matches('/');
            if bare.ends_with(path) { bare.to_owned() } else { format!("{bare}{path}") }
        };
        Ok(Self {
            rest: rest.trim_end_matches('/').to_owned(),
            market: with_path(market, "/market"),
            account: account.map(|account| with_path(account, "/account")),
            label: rest.split("://").last().unwrap_or(rest).trim_end_matches('/').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_from_one_place() {
        let production = Servers::of(ENVIRONMENTS, &Addresses::Default).expect("addresses");
        assert_eq!(
            (production.rest.as_str(), production.label.as_str()),
            ("https://api.exchange.example", "production")
        );
        let own = Addresses::own("http://127.0.0.1:1/", "ws://127.0.0.1:1");
        let own = Servers::of(ENVIRONMENTS, &own).expect("addresses");
        assert_eq!((own.rest.as_str(), own.market.as_str()), ("http://127.0.0.1:1", "ws://127.0.0.1:1/market"));
        assert_eq!((own.account, own.label.as_str()), (None, "127.0.0.1:1"));
        let error = Servers::of(ENVIRONMENTS, &Addresses::environment("moon")).expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::Config);
        let error = Servers::of(ENVIRONMENTS, &Addresses::own("http://a:b@127.0.0.1:1", "ws://127.0.0.1:1"))
            .expect_err("a password");
        assert!(!error.to_string().contains("a:b"), "{error}");
    }
}
