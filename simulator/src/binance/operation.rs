//! What can be asked of a product, by REST and by the WebSocket API: one table for both.

use super::api::Api;
use super::call::Asked;
use super::errors::ApiError;
use super::params::{Known, Params};
use super::unit::TimeUnit;
use super::weights::Weight;
use crate::exchange::Exchange;
use crate::requests::OrderCommand;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Anybody.
    Open,
    /// Whoever names a key; nothing is signed.
    Keyed,
    /// The owner of an account.
    UserData,
    /// The owner of an account, by a key that may trade.
    Trade,
}

/// Answers a question about the market.
pub(super) type OpenHandler = fn(&Exchange, &Params, TimeUnit) -> Result<String, ApiError>;

/// Does something for an account, or to a session.
pub(super) type PrivateHandler<A> = fn(&Asked<'_, A>) -> Result<String, ApiError>;

/// Carries an operation out.
#[derive(Debug)]
pub(super) enum Run<A> {
    Open(OpenHandler),
    Private(PrivateHandler<A>),
}

/// One operation.
#[derive(Debug)]
pub(super) struct Operation<A> {
    /// HTTP method and path.
    pub(super) rest: Option<(&'static str, &'static str)>,
    /// Method of the WebSocket API.
    pub(super) socket: Option<&'static str>,
    pub(super) security: Security,
    pub(super) weight: Weight,
    /// Names of its parameters, those of the signature left out.
    pub(super) known: Known,
    pub(super) command: Option<OrderCommand>,
    pub(super) run: Run<A>,
}

impl<A: Api> Operation<A> {
    /// Whether it places orders, so that answers tell how many there were.
    pub(super) fn places(&self) -> bool {
        let places = [OrderCommand::Place, OrderCommand::PlaceList, OrderCommand::Replace];
        self.command.is_some_and(|command| places.contains(&command))
    }

    /// The operation of an HTTP method and a path.
    ///
    /// # Errors
    /// Whether the path is known with another method.
    pub(super) fn by_path(method: &str, path: &str) -> Result<&'static Operation<A>, bool> {
        let at_path = |operation: &&Operation<A>| operation.rest.is_some_and(|(_, known)| known == path);
        let exact = |operation: &&Operation<A>| operation.rest.is_some_and(|(known, _)| known == method);
        let mut found = A::operations().iter().filter(at_path).peekable();
        let known = found.peek().is_some();
        found.find(exact).ok_or(known)
    }

    /// The operation of a method of the WebSocket API.
    pub(super) fn by_method(method: &str) -> Option<&'static Operation<A>> {
        A::operations().iter().find(|operation| operation.socket == Some(method))
    }
}
