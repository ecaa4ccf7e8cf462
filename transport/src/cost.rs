use std::fmt;

/// What a request is, for the order in which requests leave. The first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Takes an order back.
    Cancel,
    /// Places or amends an order.
    Place,
    /// Reads something of the account.
    AccountRead,
    /// Reads something of the market.
    MarketRead,
    /// Reads a book snapshot. All of them together use at most half of a pool.
    Snapshot,
}

/// What a pool counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Weight by endpoint and parameters.
    Weight,
    /// Requests, each as one.
    Requests,
    /// New orders.
    Orders,
    /// Calls of one endpoint or of one group of endpoints.
    Named(&'static str),
    /// In what an answer says: calls of the endpoint that it answers, whatever that pool's name is.
    Endpoint,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Weight => "weight",
            Self::Requests => "requests",
            Self::Orders => "orders",
            Self::Named(name) => name,
            Self::Endpoint => "endpoint",
        })
    }
}

/// What one request takes from the pools. It takes from every pool of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Units of weight.
    pub weight: u32,
    /// New orders in it. They count once the exchange has accepted them.
    pub orders: u32,
    /// The pool of its endpoint and what it takes there.
    pub named: Option<(&'static str, u32)>,
    /// Whether its weight counts only where it fails.
    pub free_on_success: bool,
}

impl Cost {
    /// A request of some weight, without orders.
    pub const fn weight(weight: u32) -> Self {
        Self { weight, orders: 0, named: None, free_on_success: false }
    }

    /// A request that places orders.
    #[must_use]
    pub const fn with_orders(self, orders: u32) -> Self {
        Self { orders, ..self }
    }

    /// A request that also takes from the pool of its endpoint.
    #[must_use]
    pub const fn with_named(self, name: &'static str, amount: u32) -> Self {
        Self { named: Some((name, amount)), ..self }
    }

    /// A request whose weight the exchange gives back if it succeeds.
    #[must_use]
    pub const fn free_on_success(self) -> Self {
        Self { free_on_success: true, ..self }
    }

    /// What it has cost once it has succeeded.
    #[must_use]
    pub const fn of_success(self) -> Self {
        if self.free_on_success { Self { weight: 0, ..self } } else { self }
    }

    /// What it has cost once it was refused: no order came of it.
    #[must_use]
    pub const fn of_refusal(self) -> Self {
        Self { orders: 0, ..self }
    }

    /// What an answer to a request of this cost means by a unit: [`Unit::Endpoint`] is the pool of its endpoint.
    pub(crate) fn meant(&self, unit: Unit) -> Unit {
        match (unit, self.named) {
            (Unit::Endpoint, Some((name, _))) => Unit::Named(name),
            (unit, _) => unit,
        }
    }

    /// What it takes of a unit. Every request counts as one request.
    pub fn of(&self, unit: Unit) -> u32 {
        match unit {
            Unit::Weight => self.weight,
            Unit::Requests => 1,
            Unit::Orders => self.orders,
            Unit::Endpoint => self.named.map_or(0, |(_, amount)| amount),
            Unit::Named(name) => self.named.filter(|(own, _)| *own == name).map_or(0, |(_, amount)| amount),
        }
    }
}
