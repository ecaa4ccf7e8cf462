use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use tradewire::{
    Amount, Decimal, OrderRequest, OrderType, Pair, PositionMode, PositionSide, Price, Quantity, SelfTradePrevention,
    Side, TimeInForce, TriggerPrice,
};

use super::PrivateAddressArgs;
use crate::credentials::Named;
use crate::failure::Failure;
use crate::wrong_use;

#[derive(Debug, Subcommand)]
pub(crate) enum OrderCommand {
    /// Place an order; shows what becomes of it until the exchange has answered
    Place(PlaceArgs),
    /// Cancel an order
    Cancel(CancelArgs),
    /// Cancel all open orders of a pair, or of the account
    CancelAll(CancelAllArgs),
    /// List the orders that are open
    List(ListArgs),
    /// Show one order and its fills
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    /// Set the leverage of the pair before the order is placed
    #[arg(long, value_name = "LEVERAGE", value_parser = wrong_use::leverage)]
    pub(crate) leverage: Option<Decimal>,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    #[command(flatten)]
    pub(crate) order: OrderIdArgs,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CancelAllArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// Only orders of this pair
    #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
    pub(crate) pair: Option<Pair>,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// Also orders that have ended
    #[arg(long)]
    pub(crate) all: bool,
    /// Days to look back for orders that have ended, where the exchange is asked
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) days: u32,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// The client order id, or the exchange's
    #[arg(value_name = "ID", value_parser = wrong_use::order_id)]
    pub(crate) id: String,
    /// Its pair, where the journal does not know the order
    #[arg(long, value_name = "PAIR", value_parser = wrong_use::pair)]
    pub(crate) pair: Option<Pair>,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BalancesArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PositionsArgs {
    /// Exchange, for example binance-usdm
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FillsArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    /// Only fills of this pair
    #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
    pub(crate) pair: Option<Pair>,
    /// Days to look back, where the exchange is asked
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) days: u32,
    /// How they are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: TableFormat,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

impl FillsArgs {
    pub(crate) fn format(&self) -> TableFormat {
        if self.account.json { TableFormat::Json } else { self.format }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A table for people.
    Text,
    /// One JSON object a line.
    Json,
    /// Comma-separated values with a heading.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// Exchange, for example binance-spot
    #[arg(value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: String,
    #[command(subcommand)]
    pub(crate) action: RequestAction,
    /// Print the request instead of sending it
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Time in the request, in milliseconds since 1970 [default: now]
    #[arg(long, value_name = "MS", global = true, value_parser = wrong_use::milliseconds)]
    pub(crate) timestamp: Option<i64>,
    /// Print the API key as it is, not masked
    #[arg(long, global = true)]
    pub(crate) show_key: bool,
    /// One JSON object
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) who: CredentialsArgs,
    #[command(flatten)]
    pub(crate) addresses: PrivateAddressArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RequestAction {
    /// Place an order
    Place(OrderArgs),
    /// Cancel an order
    Cancel(RequestOrderArgs),
    /// Ask for one order
    Query(RequestOrderArgs),
    /// Ask for open orders
    OpenOrders {
        /// Only orders of this pair
        #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
        pair: Option<Pair>,
    },
    /// Ask for fills
    Fills {
        /// The pair
        #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
        pair: Pair,
    },
    /// Ask for balances
    Balances,
    /// Ask for positions
    Positions,
    /// Set the leverage of a pair
    Leverage {
        /// The pair
        #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
        pair: Pair,
        /// Position value over margin
        #[arg(value_name = "LEVERAGE", value_parser = wrong_use::leverage)]
        leverage: Decimal,
        /// Only for this side of the position: long or short
        #[arg(long, value_name = "SIDE", value_parser = wrong_use::position_side)]
        position_side: Option<PositionSide>,
    },
    /// Set the position mode that holds for a pair
    PositionMode {
        /// The pair
        #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
        pair: Pair,
        /// one-way or hedge
        #[arg(value_name = "MODE", value_parser = wrong_use::position_mode)]
        mode: PositionMode,
    },
    /// Log in to the private stream
    Login,
}

/// Which order.
#[derive(Debug, Args)]
pub(crate) struct OrderIdArgs {
    /// Pair, written BTC-USDT
    #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
    pub(crate) pair: Pair,
    /// The client order id, or the exchange's
    #[arg(value_name = "ID", value_parser = wrong_use::order_id)]
    pub(crate) id: String,
}

/// Which order, where nobody is asked about it.
#[derive(Debug, Args)]
pub(crate) struct RequestOrderArgs {
    #[command(flatten)]
    pub(crate) order: OrderIdArgs,
    /// It is a conditional order that waits for its price
    #[arg(long)]
    pub(crate) conditional: bool,
}

/// Whose account, where it is, and where orders are recorded.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    pub(crate) who: CredentialsArgs,
    #[command(flatten)]
    pub(crate) addresses: PrivateAddressArgs,
    /// File that orders, fills and balances are recorded in [default: one in the user's data folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Seconds to wait for the account to become ready, and for an answer
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = wrong_use::seconds)]
    wait: u64,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

impl AccountArgs {
    /// How long to wait for the account, and for an answer.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

/// Whose account. Without these options the environment says.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CredentialsArgs {
    /// Name of the account in the key store
    #[arg(long, value_name = "NAME", global = true, value_parser = wrong_use::account_name)]
    account: Option<String>,
    /// File with the credentials, TOML or JSON, which only its owner can read
    #[arg(long, value_name = "FILE", global = true)]
    credentials: Option<PathBuf>,
}

impl CredentialsArgs {
    /// Which credentials are meant.
    ///
    /// # Errors
    /// Wrong use if two are named.
    pub(crate) fn named(&self) -> Result<Named, Failure> {
        match (&self.account, &self.credentials) {
            (None, None) => Ok(Named::Nothing),
            (Some(name), None) => Ok(Named::Account(name.clone())),
            (None, Some(path)) => Ok(Named::File(path.clone())),
            (Some(_), Some(_)) => Err(Failure::wrong_use("'--credentials' cannot be used with '--account'")),
        }
    }
}

/// An order to be placed.
#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    /// Pair, written BTC-USDT
    #[arg(value_name = "PAIR", value_parser = wrong_use::pair)]
    pub(crate) pair: Pair,
    /// buy or sell
    #[arg(value_name = "SIDE", value_parser = wrong_use::side)]
    side: Side,
    /// How much, in units of the base asset
    #[arg(value_name = "QUANTITY", value_parser = wrong_use::quantity)]
    quantity: Quantity,
    /// Price, in units of the quote asset, for types that have one
    #[arg(long, value_name = "PRICE", value_parser = wrong_use::price)]
    price: Option<Price>,
    /// limit, market, post-only, stop-loss, stop-loss-limit, take-profit or take-profit-limit
    #[arg(long = "type", value_name = "TYPE", default_value = "limit", value_parser = wrong_use::order_type)]
    order_type: OrderType,
    /// How long it stays: gtc, ioc or fok [default: gtc]
    #[arg(long = "tif", value_name = "TIF", value_parser = wrong_use::time_in_force)]
    time_in_force: Option<TimeInForce>,
    /// Id of one's own [default: one is made]
    #[arg(long, value_name = "ID", value_parser = wrong_use::order_id)]
    client_order_id: Option<String>,
    /// QUANTITY is in units of the quote asset; market orders only
    #[arg(long)]
    in_quote: bool,
    /// Price at which a conditional order is sent
    #[arg(long, value_name = "PRICE", value_parser = wrong_use::price)]
    trigger_price: Option<Price>,
    /// Which price sends a conditional order: last, mark or index [default: last]
    #[arg(long, value_name = "PRICE", value_parser = wrong_use::trigger_price)]
    trigger_by: Option<TriggerPrice>,
    /// Hundredths of a percent by which the price must have come back before a conditional order is sent
    #[arg(long, value_name = "N")]
    trailing_bips: Option<u32>,
    /// The part of the quantity that others may see
    #[arg(long, value_name = "QUANTITY", value_parser = wrong_use::quantity)]
    visible: Option<Quantity>,
    /// What to do rather than trade with an own order: off, expire-maker, expire-taker, expire-both or decrement
    #[arg(long, value_name = "MODE", value_parser = wrong_use::self_trade_prevention)]
    self_trade_prevention: Option<SelfTradePrevention>,
    /// Only make a position smaller
    #[arg(long)]
    reduce_only: bool,
    /// Side of the position in hedge mode: long or short
    #[arg(long, value_name = "SIDE", value_parser = wrong_use::position_side)]
    pub(crate) position_side: Option<PositionSide>,
}

impl OrderArgs {
    /// The order that the words mean.
    ///
    /// # Errors
    /// Wrong use: what the type needs is missing, or what it cannot have is given.
    pub(crate) fn request(&self) -> Result<OrderRequest, Failure> {
        self.check()?;
        let amount = if self.in_quote { Amount::Quote(self.quantity.value()) } else { Amount::Base(self.quantity) };
        let mut order = OrderRequest::new(self.pair.clone(), self.side, self.order_type, amount);
        order.price = self.price;
        order.time_in_force = self.time_in_force.unwrap_or(order.time_in_force);
        order.reduce_only = self.reduce_only;
        order.position_side = self.position_side;
        order.self_trade_prevention = self.self_trade_prevention;
        order.visible = self.visible;
        order.client_order_id = self.client_order_id.as_deref().map(Into::into);
        if let Some(price) = self.trigger_price {
            order = order.trigger_price(price);
        }
        if let Some(by) = self.trigger_by {
            order = order.triggered_by(by);
        }
        if let Some(bips) = self.trailing_bips {
            order = order.trailing_bips(bips);
        }
        Ok(order)
    }

    fn check(&self) -> Result<(), Failure> {
        let kind = self.order_type;
        let triggered = self.trigger_price.is_some() || self.trailing_bips.is_some();
        let by = self.trigger_by.is_some();
        let wrong = [
            (kind.has_price() && self.price.is_none(), "missing '--price'"),
            (!kind.has_price() && self.price.is_some(), "'--price' cannot be used"),
            (!kind.has_price() && self.time_in_force.is_some(), "'--tif' cannot be used"),
            (kind.is_conditional() && !triggered, "missing '--trigger-price' or '--trailing-bips'"),
            (!kind.is_conditional() && triggered, "'--trigger-price' and '--trailing-bips' cannot be used"),
            (!kind.is_conditional() && by, "'--trigger-by' cannot be used"),
            (kind != OrderType::Market && self.in_quote, "'--in-quote' cannot be used"),
        ];
        match wrong.into_iter().find(|(is, _)| *is) {
            Some((_, what)) => Err(Failure::wrong_use(format!("{what} for an order of type '{kind}'"))),
            None => Ok(()),
        }
    }
}
