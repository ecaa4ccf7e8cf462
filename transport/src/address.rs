use std::net::IpAddr;

use http::Uri;
use tradewire_core::{Error, ErrorKind};

/// Whether connections go through the proxy that the environment names (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` …).
/// This machine itself is always reached directly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// As the environment says.
    #[default]
    FromEnvironment,
    /// Never.
    Direct,
}

/// A server's address from the configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) uri: Uri,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) secure: bool,
}

impl Address {
    /// Checks an address that must have one of two schemes: `plain` or `secure`.
    pub(crate) fn parse(text: &str, plain: &str, secure: &str) -> Result<Self, Error> {
        if text.contains('@') {
            return Err(Error::new(ErrorKind::Config, "an address must not hold a user or a password"));
        }
        let wrong = |why: &str| {
            Error::new(ErrorKind::Config, format!("'{text}' is not an address for this: {why}")).with("address", text)
        };
        let uri: Uri = text.parse().map_err(|_| wrong("it cannot be read"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if scheme != plain && scheme != secure {
            return Err(wrong(&format!("it must begin with {secure}:// or {plain}://")));
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
        let secure = scheme == secure;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { uri, host, port, secure })
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Host and port for people, and for a proxy.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_addresses_are_quoted() {
        for text in ["", "example.com", "ftp://example.com", "https://", "http://a b", "http://user:s3cret@example.com"]
        {
            let error = Address::parse(text, "http", "https").expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        let address = Address::parse("https://api.example.com", "http", "https").expect("an address");
        assert_eq!((address.host.as_str(), address.port, address.secure), ("api.example.com", 443, true));
        let address = Address::parse("ws://[::1]:9443/ws", "ws", "wss").expect("an address");
        assert_eq!((address.authority().as_str(), address.is_loopback()), ("[::1]:9443", true));
    }
}
