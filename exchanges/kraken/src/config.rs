use tradewire_core::{Addresses, Decimal, Environment, Error, ErrorKind, FeeRates};

/// The environments, production first. The beta sockets lead to the production engine; a testnet for spot there is none.
pub(crate) const ENVIRONMENTS: &[Environment] = &[
    Environment {
        name: "production",
        rest: "https://api.kraken.com",
        ws: "wss://ws.kraken.com/v2",
        ws_api: None,
        ws_private: Some("wss://ws-auth.kraken.com/v2"),
    },
    Environment {
        name: "beta",
        rest: "https://api.kraken.com",
        ws: "wss://beta-ws.kraken.com/v2",
        ws_api: None,
        ws_private: Some("wss://beta-ws-auth.kraken.com/v2"),
    },
];

/// The commission until an account's own is known: that of the lowest tier.
pub(crate) const DEFAULT_FEES: FeeRates =
    FeeRates { maker: Decimal::from_parts(25, 0, 0, false, 4), taker: Decimal::from_parts(40, 0, 0, false, 4) };

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
    /// `Config` for an environment that is not in [`ENVIRONMENTS`], or an address with a user or a password.
    pub(crate) fn of(addresses: &Addresses) -> Result<Self, Error> {
        let name = match addresses {
            Addresses::Own { rest, ws, ws_private, .. } => return Self::own(rest, ws, ws_private.as_deref()),
            Addresses::Environment(name) => name,
            Addresses::Default => ENVIRONMENTS[0].name,
        };
        let known = ENVIRONMENTS.iter().find(|known| known.name == name).ok_or_else(|| {
            let names: Vec<_> = ENVIRONMENTS.iter().map(|known| known.name).collect();
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
        let with_path = |url: &str| {
            let bare = url.trim_end_matches('/');
            if bare.ends_with("/v2") { bare.to_owned() } else { format!("{bare}/v2") }
        };
        Ok(Self {
            rest: rest.trim_end_matches('/').to_owned(),
            market: with_path(market),
            account: account.map(with_path),
            label: rest.split("://").last().unwrap_or(rest).trim_end_matches('/').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_from_one_place() {
        let beta = Servers::of(&Addresses::environment("beta")).expect("addresses");
        assert_eq!((beta.rest.as_str(), beta.label.as_str()), ("https://api.kraken.com", "beta"));
        let own = Addresses::own("http://127.0.0.1:1/", "ws://127.0.0.1:1")
            .with_sockets(None, Some("ws://127.0.0.1:2/v2".into()));
        let own = Servers::of(&own).expect("addresses");
        assert_eq!((own.rest.as_str(), own.market.as_str()), ("http://127.0.0.1:1", "ws://127.0.0.1:1/v2"));
        assert_eq!((own.account.as_deref(), own.label.as_str()), (Some("ws://127.0.0.1:2/v2"), "127.0.0.1:1"));
        let error = Servers::of(&Addresses::environment("moon")).expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::Config);
        let error = Servers::of(&Addresses::own("http://a:b@127.0.0.1:1", "ws://127.0.0.1:1")).expect_err("a password");
        assert!(!error.to_string().contains("a:b"), "{error}");
    }
}
