use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::words::words;
use crate::{ClientOrderId, Pair, Price, Quantity, Side};

/// How an order is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OrderType {
    /// Trades up to its price.
    Limit,
    /// Trades at any price.
    Market,
    /// A limit order that is refused or ended if it would take.
    PostOnly,
    /// A market order sent by the exchange once the price has moved against the position.
    StopLoss,
    /// A limit order sent by the exchange once the price has moved against the position.
    StopLossLimit,
    /// A market order sent by the exchange once the price has moved in favour of the position.
    TakeProfit,
    /// A limit order sent by the exchange once the price has moved in favour of the position.
    TakeProfitLimit,
}

words!("an order type", OrderType {
    Limit => "limit",
    Market => "market",
    PostOnly => "post-only",
    StopLoss => "stop-loss",
    StopLossLimit => "stop-loss-limit",
    TakeProfit => "take-profit",
    TakeProfitLimit => "take-profit-limit",
});

impl OrderType {
    /// Whether it has a price of its own.
    pub const fn has_price(self) -> bool {
        matches!(self, Self::Limit | Self::PostOnly | Self::StopLossLimit | Self::TakeProfitLimit)
    }

    /// Whether it waits for a trigger.
    pub const fn is_conditional(self) -> bool {
        matches!(self, Self::StopLoss | Self::StopLossLimit | Self::TakeProfit | Self::TakeProfitLimit)
    }
}

/// How long an order stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TimeInForce {
    /// Until it is filled or cancelled.
    Gtc,
    /// What does not trade at once expires.
    Ioc,
    /// It trades wholly at once or expires.
    Fok,
}

words!("a time in force", TimeInForce { Gtc => "gtc", Ioc => "ioc", Fok => "fok" });

/// What happens when two orders of one account would trade with each other. The word of the order that takes rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SelfTradePrevention {
    /// They trade.
    Off,
    /// The order that rests ends.
    ExpireMaker,
    /// The order that takes ends.
    ExpireTaker,
    /// Both end.
    ExpireBoth,
    /// Both shrink by the smaller quantity; the smaller one ends.
    Decrement,
}

words!("a self-trade prevention", SelfTradePrevention {
    Off => "off",
    ExpireMaker => "expire-maker",
    ExpireTaker => "expire-taker",
    ExpireBoth => "expire-both",
    Decrement => "decrement",
});

/// The side of a position in hedge mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PositionSide {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl PositionSide {
    /// Whether an order of `side` makes it smaller.
    pub const fn is_closed_by(self, side: Side) -> bool {
        matches!((self, side), (Self::Long, Side::Sell) | (Self::Short, Side::Buy))
    }
}

words!("a position side", PositionSide { Long => "long", Short => "short" });

/// How much an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amount {
    /// In units of the base asset.
    Base(Quantity),
    /// In units of the quote asset, to spend or to receive. Market orders only.
    Quote(Decimal),
}

/// Which price sends a conditional order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TriggerPrice {
    /// The price of the newest trade.
    #[default]
    Last,
    /// The mark price.
    Mark,
    /// The index price.
    Index,
}

words!("a trigger price", TriggerPrice { Last => "last", Mark => "mark", Index => "index" });

/// When a conditional order is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Which price is looked at.
    #[serde(default)]
    pub by: TriggerPrice,
    /// Once that price is at or beyond this one. Of a trailing order: from which price on it trails; at once if absent.
    pub price: Option<Price>,
    /// Once the price has come back from its best by so many hundredths of a percent.
    pub trailing_bips: Option<u32>,
}

/// An order to be placed. Nothing of it is rounded on the way to the exchange.
///
/// ```
/// use tradewire_core::{OrderRequest, Side};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let order = OrderRequest::limit("BTC-USDT".parse()?, Side::Buy, "0.01".parse()?, "60000".parse()?).post_only();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// What is bought or sold.
    pub pair: Pair,
    /// Whether it is bought or sold.
    pub side: Side,
    /// How it is executed.
    pub order_type: OrderType,
    /// How much.
    pub amount: Amount,
    /// The worst acceptable price, for types that have one.
    pub price: Option<Price>,
    /// When it is sent, for conditional types.
    pub trigger: Option<Trigger>,
    /// How long it stays, for types that have a price.
    pub time_in_force: TimeInForce,
    /// Whether it may only make a position smaller.
    pub reduce_only: bool,
    /// The side of the position in hedge mode.
    pub position_side: Option<PositionSide>,
    /// What to do rather than trade with an own order; the exchange's default if absent.
    pub self_trade_prevention: Option<SelfTradePrevention>,
    /// The part of the quantity that others may see, for an iceberg order.
    pub visible: Option<Quantity>,
    /// An id of the caller's; one is made if absent.
    pub client_order_id: Option<ClientOrderId>,
}

impl OrderRequest {
    /// An order of any type; what the type needs is added by the methods below.
    pub fn new(pair: Pair, side: Side, order_type: OrderType, amount: Amount) -> Self {
        Self {
            pair,
            side,
            order_type,
            amount,
            price: None,
            trigger: None,
            time_in_force: TimeInForce::Gtc,
            reduce_only: false,
            position_side: None,
            self_trade_prevention: None,
            visible: None,
            client_order_id: None,
        }
    }

    /// An order that trades up to `price` and rests until it is filled or cancelled.
    pub fn limit(pair: Pair, side: Side, quantity: Quantity, price: Price) -> Self {
        Self::new(pair, side, OrderType::Limit, Amount::Base(quantity)).price(price)
    }

    /// An order that trades at any price.
    pub fn market(pair: Pair, side: Side, quantity: Quantity) -> Self {
        Self::new(pair, side, OrderType::Market, Amount::Base(quantity))
    }

    /// A market order for as much as `quote` units of the quote asset buy, or as must be sold to receive them.
    pub fn market_for_quote(pair: Pair, side: Side, quote: Decimal) -> Self {
        Self::new(pair, side, OrderType::Market, Amount::Quote(quote))
    }

    /// With a price.
    #[must_use]
    pub fn price(mut self, price: Price) -> Self {
        self.price = Some(price);
        self
    }

    /// Never taking.
    #[must_use]
    pub fn post_only(mut self) -> Self {
        self.order_type = OrderType::PostOnly;
        self
    }

    /// With another time in force than until cancelled.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = time_in_force;
        self
    }

    /// Sent once a trade happens at or beyond `price`.
    #[must_use]
    pub fn trigger_price(mut self, price: Price) -> Self {
        self.trigger.get_or_insert_default().price = Some(price);
        self
    }

    /// Sent by another price than that of the newest trade.
    #[must_use]
    pub fn triggered_by(mut self, by: TriggerPrice) -> Self {
        self.trigger.get_or_insert_default().by = by;
        self
    }

    /// Sent once the price has come back by so many hundredths of a percent.
    #[must_use]
    pub fn trailing_bips(mut self, bips: u32) -> Self {
        self.trigger.get_or_insert_default().trailing_bips = Some(bips);
        self
    }

    /// Only making a position smaller.
    #[must_use]
    pub fn reduce_only(mut self) -> Self {
        self.reduce_only = true;
        self
    }

    /// For one side of the position in hedge mode.
    #[must_use]
    pub fn position_side(mut self, side: PositionSide) -> Self {
        self.position_side = Some(side);
        self
    }

    /// With a choice of what to do rather than trade with an own order.
    #[must_use]
    pub fn self_trade_prevention(mut self, mode: SelfTradePrevention) -> Self {
        self.self_trade_prevention = Some(mode);
        self
    }

    /// Showing only `visible` of its quantity.
    #[must_use]
    pub fn visible(mut self, visible: Quantity) -> Self {
        self.visible = Some(visible);
        self
    }

    /// With an id of the caller's.
    #[must_use]
    pub fn client_order_id(mut self, id: impl Into<ClientOrderId>) -> Self {
        self.client_order_id = Some(id.into());
        self
    }

    /// Whether it can only make a position smaller: marked so, or against the side of its position in hedge mode.
    pub fn closes(&self) -> bool {
        self.reduce_only || self.position_side.is_some_and(|position| position.is_closed_by(self.side))
    }

    /// The quantity in base units, where the order states one.
    pub fn quantity(&self) -> Option<Quantity> {
        match self.amount {
            Amount::Base(quantity) => Some(quantity),
            Amount::Quote(_) => None,
        }
    }
}

/// A change of an order that keeps its place in the queue where the exchange can do that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The new whole quantity, filled part included, in base units.
    pub quantity: Option<Quantity>,
    /// The new price.
    pub price: Option<Price>,
}
