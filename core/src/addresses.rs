/// Which servers of an exchange to talk to. All addresses come from one place: a mixture cannot be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// Those of the exchange's first environment, its production.
    #[default]
    Default,
    /// Those of an environment by name, for example `testnet`.
    Environment(String),
    /// Addresses of one's own, such as those of a simulated exchange.
    Own {
        /// Where REST requests go, for example `http://127.0.0.1:8080`.
        rest: String,
        /// Where market streams come from, for example `ws://127.0.0.1:8080`.
        ws: String,
        /// Where commands go over a socket, where the exchange has one.
        ws_api: Option<String>,
        /// Where the account's events come from, where the exchange has an address for them alone.
        ws_private: Option<String>,
    },
}

impl Addresses {
    /// The environment of this name.
    pub fn environment(name: impl Into<String>) -> Self {
        Self::Environment(name.into())
    }

    /// Addresses of one's own, for the market.
    pub fn own(rest: impl Into<String>, ws: impl Into<String>) -> Self {
        Self::Own { rest: rest.into(), ws: ws.into(), ws_api: None, ws_private: None }
    }

    /// With the addresses for commands over a socket and for the account's events, where the exchange has them.
    /// Those of an environment stay as they are.
    #[must_use]
    pub fn with_sockets(mut self, commands: Option<String>, events: Option<String>) -> Self {
        if let Self::Own { ws_api, ws_private, .. } = &mut self {
            *ws_api = commands;
            *ws_private = events;
        }
        self
    }

    /// With an address for commands over a socket. Those of an environment stay as they are.
    #[must_use]
    pub fn with_ws_api(mut self, url: impl Into<String>) -> Self {
        if let Self::Own { ws_api, .. } = &mut self {
            *ws_api = Some(url.into());
        }
        self
    }

    /// With an address for the account's events. Those of an environment stay as they are.
    #[must_use]
    pub fn with_ws_private(mut self, url: impl Into<String>) -> Self {
        if let Self::Own { ws_private, .. } = &mut self {
            *ws_private = Some(url.into());
        }
        self
    }
}
