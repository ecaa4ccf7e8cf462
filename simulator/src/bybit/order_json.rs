//! Orders as the exchange writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::category::{Category, plain};
use super::ids::order_id;
use super::market::trades::side;
use super::order_params::OrderFilter;
use crate::accounts::{
    ExpiryReason, Fill, Order, OrderKind, OrderStatus, Origin, PositionSide, RejectReason, SelfTradeMode, TriggerBy,
};
use crate::engine::TimeInForce;
use crate::listing::Listing;
use crate::numbers::{notional, ratio};

/// The id that the client gave; empty if it gave none.
pub(super) fn shown_client_id(order: &Order) -> &str {
    if order.named { &order.client_id } else { "" }
}

/// How lists and cancels of spot call it.
pub(super) fn filter_of(order: &Order) -> OrderFilter {
    match order.kind.is_conditional() && !order.is_working {
        false => OrderFilter::Order,
        true if order.trigger.holds_nothing => OrderFilter::StopOrder,
        true => OrderFilter::TpslOrder,
    }
}

/// How the exchange numbers a position.
pub(super) fn position_index(side: PositionSide) -> u8 {
    match side {
        PositionSide::Both => 0,
        PositionSide::Long => 1,
        PositionSide::Short => 2,
    }
}

/// Who has placed an order.
pub(super) fn create_type(origin: Origin) -> &'static str {
    match origin {
        Origin::Liquidation => "CreateByLiq",
        Origin::Adl => "CreateByAdl_PassThrough",
        Origin::Settlement => "CreateBySettle",
        _ => "CreateByUser",
    }
}

/// An order with all that is needed to write it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'a> {
    pub(super) category: Category,
    pub(super) listing: &'a Listing,
    pub(super) order: &'a Order,
    /// Fees so far, by asset.
    pub(super) fees: &'a BTreeMap<Arc<str>, Decimal>,
    /// Whether the exchange has cancelled it because its client was gone.
    pub(super) by_dcp: bool,
}

/// The fees of the fills that make up what an order has traded, by asset; `fills` are oldest first.
pub(super) fn fees<'a>(order: &Order, fills: impl Iterator<Item = &'a Fill>) -> BTreeMap<Arc<str>, Decimal> {
    let (mut sum, mut left) = (BTreeMap::new(), order.executed);
    for fill in fills {
        if left <= Decimal::ZERO {
            break;
        }
        left -= fill.quantity;
        *sum.entry(Arc::clone(&fill.commission_asset)).or_default() += fill.commission;
    }
    sum
}

impl Written<'_> {
    /// What lists and events tell alike.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let order = self.order;
        let mut fields = Map::new();
        let mut put = |value: Value| {
            if let Value::Object(more) = value {
                fields.extend(more);
            }
        };
        put(self.what());
        put(self.how_far());
        put(self.conditions());
        put(json!({
            "smpType": smp_type(order.self_trade), "smpGroup": 0, "smpOrderId": self.prevented_by(),
            "placeType": "", "slippageToleranceType": "UNKNOWN", "slippageTolerance": "",
            "createdTime": order.created.millis().to_string(), "updatedTime": order.updated.millis().to_string(),
            "rpiTakerAccess": false, "rpiMatchedQty": "0",
        }));
        fields
    }

    fn what(&self) -> Value {
        let (order, listing) = (self.order, self.listing);
        let mut what = json!({
            "orderId": order_id(self.category, order.market, order.id), "orderLinkId": shown_client_id(order),
            "blockTradeId": "", "symbol": listing.symbol, "price": self.category.price(listing, order.price),
            "qty": self.quantity(), "side": side(order.side),
            "isLeverage": if self.category.is_spot() { "0" } else { "" }, "positionIdx": self.position_index(),
            "orderType": if order.kind.has_price() { "Limit" } else { "Market" },
            "timeInForce": self.time_in_force(), "marketUnit": self.market_unit(),
        });
        if !self.category.is_spot() {
            what["createType"] = json!(create_type(self.order.origin));
        }
        what
    }

    /// The quantity as it was ordered: an amount where the client gave one.
    fn quantity(&self) -> String {
        let order = self.order;
        if order.is_by_amount() {
            plain(order.quote_quantity)
        } else {
            self.category.quantity(self.listing, order.quantity)
        }
    }

    fn market_unit(&self) -> &'static str {
        match (self.category.is_spot() && !self.order.kind.has_price(), self.order.is_by_amount()) {
            (false, _) => "",
            (true, true) => "quoteCoin",
            (true, false) => "baseCoin",
        }
    }

    fn time_in_force(&self) -> &'static str {
        match (self.order.kind, self.order.time_in_force) {
            (OrderKind::LimitMaker, _) => "PostOnly",
            (kind, _) if !kind.has_price() => "IOC",
            (_, TimeInForce::Ioc) => "IOC",
            (_, TimeInForce::Fok) => "FOK",
            _ => "GTC",
        }
    }

    fn position_index(&self) -> u8 {
        position_index(self.order.position.side)
    }

    /// Where it stands, and what it has traded.
    fn how_far(&self) -> Value {
        let (order, listing) = (self.order, self.listing);
        let left = if order.is_live() { self.left() } else { Decimal::ZERO };
        let left_value = if order.is_by_amount() { left } else { notional(order.price, left) };
        let average = ratio(order.executed_quote, order.executed).map(|price| price.round_dp(8));
        let fees: Map<String, Value> =
            self.fees.iter().map(|(asset, fee)| (asset.to_string(), json!(plain(*fee)))).collect();
        json!({
            "orderStatus": self.status(), "cancelType": self.cancel_type(), "rejectReason": self.reject_reason(),
            "avgPrice": average.map(plain).unwrap_or_default(),
            "leavesQty": self.category.quantity(listing, left), "leavesValue": plain(left_value),
            "cumExecQty": self.category.quantity(listing, order.executed), "cumExecValue": plain(order.executed_quote),
            "cumExecFee": plain(self.fees.values().sum()), "cumFeeDetail": fees,
        })
    }

    fn left(&self) -> Decimal {
        let order = self.order;
        if order.is_by_amount() { order.quote_quantity - order.executed_quote } else { order.remaining() }
    }

    /// The status as the exchange calls it.
    pub(super) fn status(&self) -> &'static str {
        let order = self.order;
        let waits = order.kind.is_conditional() && !order.is_working;
        let spot_part = self.category.is_spot() && !order.executed.is_zero();
        match order.status {
            OrderStatus::New | OrderStatus::PendingNew if waits => "Untriggered",
            OrderStatus::New | OrderStatus::PendingNew => "New",
            OrderStatus::PartiallyFilled => "PartiallyFilled",
            OrderStatus::Filled => "Filled",
            OrderStatus::Rejected if self.is_taking_maker() => "Cancelled",
            OrderStatus::Rejected => "Rejected",
            _ if waits => "Deactivated",
            _ if spot_part => "PartiallyFilledCanceled",
            _ => "Cancelled",
        }
    }

    /// A post-only order that was received and would have traded.
    fn is_taking_maker(&self) -> bool {
        self.order.reject == RejectReason::WouldMatchImmediately
    }

    fn cancel_type(&self) -> &'static str {
        match (self.order.status, self.order.expiry) {
            _ if self.by_dcp => "CancelByDCP",
            (OrderStatus::Canceled, _) => "CancelByUser",
            (OrderStatus::ExpiredInMatch, _) => "CancelBySmp",
            (OrderStatus::Expired, ExpiryReason::ExchangeCanceled) => "CancelByAdmin",
            (OrderStatus::Expired, ExpiryReason::ReduceOnly) => "CancelByReduceOnly",
            (OrderStatus::Expired, ExpiryReason::PositionClosed) => "CancelByTpSlTsClear",
            (OrderStatus::Expired, ExpiryReason::Liquidation) => "CancelAllBeforeLiq",
            (OrderStatus::Expired, ExpiryReason::Adl) => "CancelAllBeforeAdl",
            (OrderStatus::Expired, ExpiryReason::Settlement) => "CancelBySettle",
            (OrderStatus::Expired, ExpiryReason::OcoTrigger) => "CancelByTpSlTsClear",
            _ => "UNKNOWN",
        }
    }

    fn reject_reason(&self) -> &'static str {
        let order = self.order;
        match (order.status, order.expiry) {
            _ if self.is_taking_maker() => "EC_PostOnlyWillTakeLiquidity",
            (OrderStatus::Rejected, _) => "EC_Others",
            (OrderStatus::Canceled, _) => "EC_PerCancelRequest",
            (OrderStatus::ExpiredInMatch, _) => "EC_BySelfMatch",
            (OrderStatus::Expired, ExpiryReason::UnfilledFokOrderExpired) => "EC_NoEnoughQtyToFill",
            (OrderStatus::Expired, ExpiryReason::UnfilledIocQuantityExpired | ExpiryReason::InsufficientLiquidity) => {
                "EC_NoImmediateQtyToFill"
            }
            (OrderStatus::Expired, _) => "EC_PerCancelRequest",
            _ => "EC_NoError",
        }
    }

    /// What it waits for.
    fn conditions(&self) -> Value {
        let (order, listing) = (self.order, self.listing);
        let price = |value: Decimal| if value.is_zero() { String::new() } else { self.category.price(listing, value) };
        let mut conditions = json!({
            "stopOrderType": self.stop_order_type(), "orderIv": "", "triggerPrice": price(order.stop_price),
            "takeProfit": "", "stopLoss": "", "tpTriggerBy": "", "slTriggerBy": "", "ocoTriggerBy": "",
            "tpLimitPrice": "", "slLimitPrice": "",
            "triggerDirection": self.trigger_direction(), "triggerBy": self.trigger_by(), "lastPriceOnCreated": "",
            "reduceOnly": order.only_closes() && !self.category.is_spot(),
            "closeOnTrigger": order.position.close_position, "tpslMode": "",
        });
        if self.category.is_spot()
            && let Some(fields) = conditions.as_object_mut()
        {
            fields.shift_remove("tpslMode");
        }
        conditions
    }

    fn stop_order_type(&self) -> &'static str {
        match self.order.kind.is_conditional() {
            false => "",
            true if self.order.position.ends_with_position && self.takes_profit() => "TakeProfit",
            true if self.order.position.ends_with_position => "StopLoss",
            true if self.category.is_spot() && !self.order.trigger.holds_nothing => "tpslOrder",
            true => "Stop",
        }
    }

    fn trigger_direction(&self) -> u8 {
        match self.order.kind.is_conditional() {
            false => 0,
            true if self.order.waits_above() => 1,
            true => 2,
        }
    }

    fn takes_profit(&self) -> bool {
        matches!(self.order.kind, OrderKind::TakeProfit | OrderKind::TakeProfitLimit)
    }

    fn trigger_by(&self) -> &'static str {
        match (self.order.kind.is_conditional(), self.order.trigger.by) {
            (false, _) => "",
            (true, TriggerBy::Mark) => "MarkPrice",
            (true, TriggerBy::Index) => "IndexPrice",
            (true, _) => "LastPrice",
        }
    }

    /// The other order of a match that was prevented.
    fn prevented_by(&self) -> String {
        let other = self
            .order
            .prevented
            .last()
            .map(|matched| if matched.taker == self.order.id { matched.maker } else { matched.taker });
        other.map(|other| order_id(self.category, self.order.market, other)).unwrap_or_default()
    }
}

fn smp_type(mode: SelfTradeMode) -> &'static str {
    match mode {
        SelfTradeMode::ExpireMaker => "CancelMaker",
        SelfTradeMode::ExpireTaker => "CancelTaker",
        SelfTradeMode::ExpireBoth => "CancelBoth",
        _ => "None",
    }
}
