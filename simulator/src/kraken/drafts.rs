//! New orders as REST and the private socket describe them, each with names of its own.

use std::sync::Arc;

use parking_lot::Mutex;
use rust_decimal::Decimal;
use serde_json::Value;

use super::errors::ApiError;
use super::instruments::smallest_order;
use super::names;
use super::params::Params;
use super::times;
use crate::accounts::{OrderKind, OrderRequest, SelfTradeMode};
use crate::engine::{Side, TimeInForce};
use crate::exchange::Exchange;
use crate::listing::Listing;
use crate::market::Market;

/// Letters of a client order id that is no UUID.
const LONGEST_ID: usize = 18;

/// A new order, checked as far as it can be without its account.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) market: Arc<Mutex<Market>>,
    pub(super) request: OrderRequest,
    /// Only to be checked.
    pub(super) validate: bool,
}

/// How the two sides name the arguments.
struct Words {
    quantity: &'static str,
    order_type: &'static str,
    side: &'static str,
    time_in_force: &'static str,
    reference: &'static str,
}

const OF_REST: Words = Words {
    quantity: "volume",
    order_type: "ordertype",
    side: "type",
    time_in_force: "timeinforce",
    reference: "userref",
};
const OF_CALLS: Words = Words {
    quantity: "order_qty",
    order_type: "order_type",
    side: "side",
    time_in_force: "time_in_force",
    reference: "order_userref",
};

impl Draft {
    /// As `AddOrder` describes it.
    ///
    /// # Errors
    /// What is missing, malformed or not simulated.
    pub(super) fn of_rest(exchange: &Exchange, params: &Params) -> Result<Draft, ApiError> {
        let market = names::market(exchange, &params.needed("pair")?)?;
        refuse(params, &["displayvol", "close[ordertype]", "starttm", "expiretm"])?;
        if params.text("leverage").is_some_and(|leverage| leverage != "none") {
            return Err(ApiError::new("EOrder:Margin trading not permitted"));
        }
        let mut request = common(params, &OF_REST)?;
        let flags = params.list("oflags");
        let has = |flag: &str| flags.iter().any(|known| known == flag);
        if let Some(unknown) = flags.iter().find(|flag| !["post", "fciq", "nompp", "viqc"].contains(&flag.as_str())) {
            return Err(ApiError::argument(&format!("oflags:{unknown}")));
        }
        let (price, price2) = (params.decimal("price")?, params.decimal("price2")?);
        if request.kind.is_conditional() {
            (request.stop_price, request.price) = (price, price2);
        } else {
            request.price = price;
        }
        if has("viqc") {
            request.quote_quantity = request.quantity.take();
        }
        finish(exchange, params, market, request, has("post"))
    }

    /// As the call `add_order` describes it.
    ///
    /// # Errors
    /// As [`Draft::of_rest`].
    pub(super) fn of_call(exchange: &Exchange, params: &Params) -> Result<Draft, ApiError> {
        let symbol = params.needed("symbol")?;
        let market = exchange.market(&symbol).ok_or_else(ApiError::unknown_pair)?;
        refuse(params, &["display_qty", "conditional", "effective_time", "expire_time"])?;
        if params.flag("margin", false)? {
            return Err(ApiError::new("EOrder:Margin trading not permitted"));
        }
        let mut request = common(params, &OF_CALLS)?;
        request.price = params.decimal("limit_price")?;
        if let Some(Value::Object(triggers)) = params.value("triggers") {
            let triggers = Params::of_call(triggers.clone());
            request.stop_price = triggers.decimal("price")?;
        }
        request.quote_quantity = params.decimal("cash_order_qty")?;
        let post_only = params.flag("post_only", false)?;
        finish(exchange, params, market, request, post_only)
    }
}

/// Refuses what is not simulated, unless it is empty or zero.
fn refuse(params: &Params, names: &[&str]) -> Result<(), ApiError> {
    let given = |name: &&&str| params.text(name).is_some_and(|text| text != "0");
    names.iter().find(given).map_or(Ok(()), |name| Err(ApiError::argument(name)))
}

/// What both sides say alike.
fn common(params: &Params, words: &Words) -> Result<OrderRequest, ApiError> {
    let side = match params.needed(words.side)?.as_str() {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        _ => return Err(ApiError::argument(words.side)),
    };
    let kind = match params.needed(words.order_type)?.as_str() {
        "limit" => OrderKind::Limit,
        "market" => OrderKind::Market,
        "stop-loss" => OrderKind::StopLoss,
        "stop-loss-limit" => OrderKind::StopLossLimit,
        "take-profit" => OrderKind::TakeProfit,
        "take-profit-limit" => OrderKind::TakeProfitLimit,
        _ => return Err(ApiError::argument(words.order_type)),
    };
    let mut request = OrderRequest::new(side, kind);
    request.quantity = params.decimal(words.quantity)?;
    request.time_in_force = match params.text(words.time_in_force).map(|text| text.to_uppercase()).as_deref() {
        None | Some("GTC") => kind.has_price().then_some(TimeInForce::Gtc),
        Some("IOC") => kind.has_price().then_some(TimeInForce::Ioc),
        Some("FOK") if kind.has_price() => Some(TimeInForce::Fok),
        Some(_) => return Err(ApiError::argument(words.time_in_force)),
    };
    request.strategy_id = params.parsed(words.reference)?;
    request.client_id = params.text("cl_ord_id");
    if request.client_id.as_deref().is_some_and(|id| !is_client_id(id)) {
        return Err(ApiError::argument("cl_ord_id"));
    }
    if request.client_id.is_some() && request.strategy_id.is_some_and(|reference| reference != 0) {
        return Err(ApiError::argument(words.reference));
    }
    request.self_trade = match params.text("stp_type").or(params.text("stptype")).as_deref() {
        None | Some("cancel-newest" | "cancel_newest") => Some(SelfTradeMode::ExpireTaker),
        Some("cancel-oldest" | "cancel_oldest") => Some(SelfTradeMode::ExpireMaker),
        Some("cancel-both" | "cancel_both") => Some(SelfTradeMode::ExpireBoth),
        Some(_) => return Err(ApiError::argument("stp_type")),
    };
    Ok(request)
}

/// Whether this is a UUID, with or without hyphens, or a short text.
fn is_client_id(text: &str) -> bool {
    let hex: String = text.chars().filter(|letter| *letter != '-').collect();
    let is_uuid = hex.len() == 32 && hex.chars().all(|letter| letter.is_ascii_hexdigit());
    is_uuid && [32, 36].contains(&text.len()) || text.len() <= LONGEST_ID && text.chars().all(|c| c.is_ascii_graphic())
}

fn finish(
    exchange: &Exchange,
    params: &Params,
    market: Arc<Mutex<Market>>,
    mut request: OrderRequest,
    post_only: bool,
) -> Result<Draft, ApiError> {
    if post_only {
        if request.kind != OrderKind::Limit {
            return Err(ApiError::argument("post_only"));
        }
        (request.kind, request.time_in_force) = (OrderKind::LimitMaker, None);
    }
    if request.quote_quantity.is_some() && (request.kind, request.side) != (OrderKind::Market, Side::Buy) {
        return Err(ApiError::argument("volume"));
    }
    if !request.kind.has_price() {
        request.price = None;
    }
    check_size(&market.lock().listing, &request)?;
    check_deadline(exchange, params)?;
    Ok(Draft { market, request, validate: params.flag("validate", false)? })
}

fn check_size(listing: &Listing, request: &OrderRequest) -> Result<(), ApiError> {
    if request.quantity.is_some_and(|quantity| quantity <= Decimal::ZERO) {
        return Err(ApiError::argument("volume"));
    }
    if request.quantity.is_some_and(|quantity| quantity < smallest_order(listing)) {
        return Err(ApiError::new("EOrder:Order minimum not met"));
    }
    Ok(())
}

/// Whether there is still time.
///
/// # Errors
/// `EService:Deadline elapsed`, or a deadline that is malformed.
pub(super) fn check_deadline(exchange: &Exchange, params: &Params) -> Result<(), ApiError> {
    let Some(text) = params.text("deadline") else { return Ok(()) };
    let deadline = times::parsed(&text).ok_or_else(|| ApiError::argument("deadline"))?;
    let elapsed = deadline < exchange.clock.server_now();
    if elapsed { Err(ApiError::new("EService:Deadline elapsed")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_ids_are_uuids_or_short() {
        let good = ["6d1b345e-2821-40e2-ad83-4ecb18a06876", "da8e4ad59b78481c93e589746b0cf91f", "arb-20240509-00010"];
        let bad = ["a text of nineteen", "arb-20240509-000100", "6d1b345e-2821-40e2-ad83-4ecb18a0687"];
        assert_eq!((good.map(is_client_id), bad.map(is_client_id)), ([true; 3], [false; 3]));
    }
}
