//! What the endpoints of all of Binance's accounts have in common.

use std::fmt::Display;

use tradewire_core::ClientOrderId;
use tradewire_tracking::Target;
use tradewire_transport::Query;

/// What all commands have in common.
macro_rules! command {
    ($method:ident $path:literal, $class:ident, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::$method;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Command;

        fn class(&self) -> Class {
            Class::$class
        }
    };
}

/// A command that is also a call of the WebSocket API, with the same result.
macro_rules! call {
    ($command:ty, $method:literal) => {
        impl SocketEndpoint for $command {
            const OP: &'static str = $method;

            fn decode_result(&self, result: &[u8]) -> Result<Self::Response, Error> {
                self.decode(result)
            }
        }
    };
}

/// What all questions about an account have in common.
macro_rules! account_read {
    ($path:literal, $response:ty) => {
        type Response = $response;
        const METHOD: Method = Method::GET;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Read;

        fn class(&self) -> Class {
            Class::AccountRead
        }
    };
}

pub(crate) use {account_read, call, command};

/// Adds an argument that may be absent.
pub(crate) fn add(query: &mut Query, name: &str, value: Option<impl Display>) {
    if let Some(value) = value {
        query.add(name, value);
    }
}

/// Names an order by its number where that is known, which is the quickest for the exchange, else by its client id.
pub(crate) fn write_target(query: &mut Query, target: &Target, number: &str, client_id: &str) {
    let known = target.exchange_order_id.as_ref().and_then(|id| id.as_str().parse::<u64>().ok());
    match (known, &target.client_order_id) {
        (Some(id), _) => drop(query.add_literal(number, id)),
        (None, Some(id)) => drop(query.add(client_id, id)),
        (None, None) => {}
    }
}

/// The id by which errors name an order: ours, or the exchange's where we know no other.
pub(crate) fn id_of(target: &Target) -> ClientOrderId {
    let other = || target.exchange_order_id.as_ref().map(|id| id.as_str()).unwrap_or_default().into();
    target.client_order_id.clone().unwrap_or_else(other)
}
