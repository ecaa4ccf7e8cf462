//! Commands: each is sent once, and whatever its answer proves is told. A good answer says that the command was received; the
//! private socket tells what became of it.

use serde::Deserialize;
use tradewire_core::{
    Amendment, Amount, Error, ErrorKind, ExchangeOrderId, ExecutionReport, OrderType, Origin, Quantity, ReportedStatus,
    SelfTradePrevention, Side, Timestamp,
};
use tradewire_tracking::{NewOrder, Target};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Text, decoded, object};

use crate::limits;
use crate::order_row::time_in_force_word;
use crate::rest::result;
use crate::symbols::request_name;

/// What all commands have in common.
macro_rules! command {
    ($path:literal, $class:ident, $cost:expr) => {
        type Response = ExecutionReport;
        const METHOD: Method = Method::POST;
        const PATH: &'static str = $path;
        const SECURITY: Security = Security::Signed;
        const EFFECT: Effect = Effect::Command;

        fn class(&self) -> Class {
            Class::$class
        }

        fn cost(&self) -> Cost {
            $cost
        }
    };
}

/// `POST /0/private/AddOrder`
#[derive(Clone, Copy, Debug)]
pub(crate) struct AddOrder<'a> {
    order: &'a NewOrder,
    order_type: &'static str,
    time_in_force: Option<&'static str>,
    prevention: Option<&'static str>,
    volume: Quantity,
    /// The exchange's time: answers tell none.
    at: Timestamp,
}

impl<'a> AddOrder<'a> {
    /// The command for an order that the capabilities have let through.
    ///
    /// # Errors
    /// `Unsupported` for an order that the exchange has no words for.
    pub(crate) fn of(order: &'a NewOrder, at: Timestamp) -> Result<Self, Error> {
        let request = &order.request;
        let wordless = |field| {
            Error::new(ErrorKind::Unsupported, "this exchange does not offer what the order asks for")
                .with("field", field)
        };
        let order_type = match request.order_type {
            OrderType::Limit | OrderType::PostOnly => "limit",
            OrderType::Market => "market",
            _ => return Err(wordless("order_type")),
        };
        let time_in_force = match request.order_type {
            OrderType::Limit => {
                Some(time_in_force_word(request.time_in_force).ok_or_else(|| wordless("time_in_force"))?)
            }
            _ => None,
        };
        let prevention = match request.self_trade_prevention {
            None => None,
            Some(SelfTradePrevention::ExpireTaker) => Some("cancel-newest"),
            Some(SelfTradePrevention::ExpireMaker) => Some("cancel-oldest"),
            Some(SelfTradePrevention::ExpireBoth) => Some("cancel-both"),
            Some(_) => return Err(wordless("self_trade_prevention")),
        };
        let Amount::Base(volume) = request.amount else { return Err(wordless("amount")) };
        Ok(Self { order, order_type, time_in_force, prevention, volume, at })
    }
}

impl Endpoint for AddOrder<'_> {
    command!("/0/private/AddOrder", Place, limits::ORDER);

    /// Fees are asked for in the quote asset: in which they would be otherwise depends on the side.
    fn query(&self, query: &mut Query) {
        let request = &self.order.request;
        query.add("pair", request_name(&self.order.instrument.symbol));
        query.add("type", if request.side == Side::Buy { "buy" } else { "sell" }).add("ordertype", self.order_type);
        if let Some(price) = request.price {
            query.add("price", price);
        }
        query.add("volume", self.volume);
        if let Some(word) = self.time_in_force {
            query.add("timeinforce", word);
        }
        query.add("oflags", if request.order_type == OrderType::PostOnly { "post,fciq" } else { "fciq" });
        if let Some(word) = self.prevention {
            query.add("stptype", word);
        }
        query.add("cl_ord_id", &self.order.client_order_id);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            txid: Vec<Text<'a>>,
        }
        decoded(body, |raw| {
            let Body { txid } = object(result(raw)?)?;
            let [id] = &txid[..] else { return Err(Fault::decode("not one order")) };
            Ok(ExecutionReport {
                client_order_id: Some(self.order.client_order_id.clone()),
                exchange_order_id: Some(ExchangeOrderId::from(&**id)),
                ..received(&self.order.instrument.symbol, self.at)
            })
        })
    }
}

/// `POST /0/private/CancelOrder`
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelOrder<'a> {
    pub(crate) target: &'a Target,
    pub(crate) at: Timestamp,
}

impl Endpoint for CancelOrder<'_> {
    command!("/0/private/CancelOrder", Cancel, limits::CANCEL);

    fn query(&self, query: &mut Query) {
        write_target(query, self.target);
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        #[derive(Deserialize)]
        struct Body {
            count: u32,
        }
        decoded(body, |raw| match object::<Body>(result(raw)?)?.count {
            0 => Err(Fault::decode("nothing was cancelled, and no reason is given")),
            _ => Ok(received_of(self.target, self.at)),
        })
    }
}

/// `POST /0/private/AmendOrder`
#[derive(Clone, Copy, Debug)]
pub(crate) struct AmendOrder<'a> {
    pub(crate) target: &'a Target,
    pub(crate) amendment: &'a Amendment,
    pub(crate) at: Timestamp,
}

impl Endpoint for AmendOrder<'_> {
    command!("/0/private/AmendOrder", Place, limits::ORDER);

    fn query(&self, query: &mut Query) {
        write_target(query, self.target);
        if let Some(quantity) = self.amendment.quantity {
            query.add("order_qty", quantity);
        }
        if let Some(price) = self.amendment.price {
            query.add("limit_price", price);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<ExecutionReport, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            amend_id: Text<'a>,
        }
        decoded(body, |raw| {
            let Body { amend_id } = object(result(raw)?)?;
            Ok(ExecutionReport { word: format!("amend {}", &*amend_id), ..received_of(self.target, self.at) })
        })
    }
}

/// Names an order by the exchange's id where that is known, else by ours.
fn write_target(query: &mut Query, target: &Target) {
    match (&target.exchange_order_id, &target.client_order_id) {
        (Some(id), _) => drop(query.add("txid", id)),
        (None, Some(id)) => drop(query.add("cl_ord_id", id)),
        (None, None) => {}
    }
}

fn received_of(target: &Target, at: Timestamp) -> ExecutionReport {
    ExecutionReport {
        client_order_id: target.client_order_id.clone(),
        exchange_order_id: target.exchange_order_id.clone(),
        ..received(&target.instrument.symbol, at)
    }
}

/// What a good answer says of an order: the exchange has the command.
fn received(symbol: &str, at: Timestamp) -> ExecutionReport {
    ExecutionReport {
        symbol: symbol.to_owned(),
        client_order_id: None,
        new_client_order_id: None,
        exchange_order_id: None,
        side: None,
        order_type: None,
        time_in_force: None,
        price: None,
        amount: None,
        trigger: None,
        reduce_only: None,
        position_side: None,
        status: ReportedStatus::Received,
        filled: None,
        quote_filled: None,
        fills: Vec::new(),
        prevented: None,
        reason: None,
        word: "received".to_owned(),
        origin: Origin::External,
        created: None,
        time: at,
    }
}
