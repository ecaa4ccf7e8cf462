//! What happens to orders, on the channel `executions`.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Kraken;
use super::exact::{cost_places, exact, price, price_places, quantity, short};
use super::ids;
use super::order_rows::{fee, kind, reason};
use super::private_events::Told;
use super::sessions::Channel;
use super::streams::side;
use super::times::rfc3339;
use crate::accounts::{Account, AccountEvent, AccountId, Fill, Order, OrderChange, OrderEvent, OrderKind, OrderStatus};
use crate::clock::Timestamp;
use crate::engine::TimeInForce;
use crate::exchange::Exchange;
use crate::listing::Listing;
use crate::numbers::ratio;

/// Trades that are shown at first.
const FIRST_TRADES: usize = 50;

/// An order as it is told, with what that needs.
struct Report<'a> {
    exchange: &'a Exchange,
    listing: Arc<Listing>,
    order: &'a Order,
    /// Fees of all its trades so far, in quote units.
    fees: Decimal,
}

impl Kraken {
    /// Tells what has happened to an order.
    pub(super) fn tell_order(&self, exchange: &Exchange, event: &AccountEvent, changed: &OrderEvent) {
        if self.sessions.listeners(event.account, Channel::Executions).is_empty() {
            return;
        }
        let Some(listing) = exchange.listing_of(changed.order.market) else { return };
        let fees = self.fees.so_far(exchange, &changed.order, &listing);
        let report = Report { exchange, fees, listing, order: &changed.order };
        for (exec_type, fields) in report.of_change(event.time, &changed.change) {
            let order = report.order;
            let ended = !order.is_live() && !order.executed.is_zero();
            let last = match &changed.change {
                OrderChange::Trade(trade) => trade.fill.quantity,
                _ => report.listing.step,
            };
            let told = Told {
                channel: Channel::Executions,
                symbol: Some(&report.listing.symbol),
                order: Some((ids::order(order.market, order.id), order.client_id.clone())),
                report: if exec_type == "trade" { "TRADE" } else { exec_type },
                end: ended && exec_type != "trade",
                last,
                between: !["new", "trade", "filled", "canceled", "expired"].contains(&exec_type),
                rows: vec![fields],
            };
            self.tell(exchange, event.account, &told);
        }
    }

    /// Live orders and the last trades of an account.
    pub(super) fn executions_at_first(
        &self,
        exchange: &Exchange,
        account: AccountId,
        (orders, trades): (bool, bool),
    ) -> Vec<Map<String, Value>> {
        let accounts = exchange.accounts.lock();
        let Ok(account) = accounts.account(account) else { return Vec::new() };
        let mut rows = Vec::new();
        if orders {
            let mut open: Vec<&Order> = account.open_orders(None).collect();
            open.sort_by_key(|order| (order.created, order.market, order.id));
            rows.extend(open.into_iter().filter_map(|order| Some(report(exchange, account, order)?.standing())));
        }
        if trades {
            let from = account.fills.len().saturating_sub(FIRST_TRADES);
            rows.extend(account.fills[from..].iter().filter_map(|fill| {
                let order = account.orders.get(&(fill.market, fill.order))?;
                Some(report(exchange, account, order)?.trade(fill))
            }));
        }
        rows
    }
}

fn report<'a>(exchange: &'a Exchange, account: &Account, order: &'a Order) -> Option<Report<'a>> {
    let listing = exchange.listing_of(order.market)?;
    let fees = account.fills_of(order.market, order.id).map(|fill| fee(fill, &listing)).sum();
    Some(Report { exchange, listing, order, fees })
}

impl Report<'_> {
    /// What is told of a change, in this order.
    fn of_change(&self, at: Timestamp, change: &OrderChange) -> Vec<(&'static str, Map<String, Value>)> {
        match change {
            OrderChange::New => {
                let short = self.named("new", "new", at);
                vec![("pending_new", self.whole("pending_new", "pending_new", at)), ("new", short)]
            }
            OrderChange::Activated => {
                let mut fields = self.named("status", self.status(), at);
                fields.insert("triggers".to_owned(), self.triggers(at));
                vec![("status", fields)]
            }
            OrderChange::Trade(trade) => {
                let mut told = vec![("trade", self.trade(&trade.fill))];
                if self.order.status == OrderStatus::Filled {
                    let mut fields = self.named("filled", "filled", at);
                    fields.extend(self.sums());
                    told.push(("filled", fields));
                }
                told
            }
            OrderChange::Replaced { .. } | OrderChange::Modified => {
                vec![("amended", self.amended("amended", at, "User requested"))]
            }
            _ if self.order.is_live() => vec![("restated", self.amended("restated", at, "Self trade prevention"))],
            _ => {
                let mut fields = self.named("canceled", "canceled", at);
                fields.extend(self.sums());
                let reason = reason(self.order).unwrap_or("User requested");
                fields.insert("cancel_reason".to_owned(), json!(reason));
                fields.insert("reason".to_owned(), json!(reason));
                vec![("canceled", fields)]
            }
        }
    }

    fn status(&self) -> &'static str {
        match self.order.status {
            OrderStatus::New | OrderStatus::PendingNew => "new",
            OrderStatus::PartiallyFilled => "partially_filled",
            OrderStatus::Filled => "filled",
            _ => "canceled",
        }
    }

    /// What every report has.
    fn named(&self, exec_type: &str, status: &str, at: Timestamp) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("timestamp".to_owned(), json!(rfc3339(at)));
        fields.insert("order_status".to_owned(), json!(status));
        fields.insert("exec_type".to_owned(), json!(exec_type));
        if self.order.named {
            fields.insert("cl_ord_id".to_owned(), json!(self.order.client_id));
        }
        if let Some(reference) = self.order.strategy_id {
            fields.insert("order_userref".to_owned(), json!(reference));
        }
        fields.insert("order_id".to_owned(), json!(ids::order(self.order.market, self.order.id)));
        fields
    }

    /// Everything that was ordered.
    fn whole(&self, exec_type: &str, status: &str, at: Timestamp) -> Map<String, Value> {
        let (order, listing) = (self.order, &self.listing);
        let mut fields = self.named(exec_type, status, at);
        let mut set = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        set("symbol", json!(listing.symbol));
        if order.is_by_amount() {
            set("cash_order_qty", short(order.quote_quantity));
        } else {
            set("order_qty", quantity(listing, order.quantity));
        }
        set("cum_cost", self.cost(order.executed_quote));
        set("time_in_force", json!(time_in_force(order)));
        set("side", json!(side(order.side)));
        set("order_type", json!(kind(order.kind)));
        if order.kind.has_price() {
            set("limit_price_type", json!("static"));
            set("limit_price", price(listing, order.price));
        }
        if order.kind == OrderKind::LimitMaker {
            set("post_only", json!(true));
        }
        set("stop_price", price(listing, order.stop_price));
        if order.kind.is_conditional() {
            set("triggers", self.triggers(at));
        }
        set("fee_usd_equiv", self.in_dollars(self.fees));
        set("fee_ccy_pref", json!("fciq"));
        fields
    }

    /// A live order as it stands.
    fn standing(&self) -> Map<String, Value> {
        let mut fields = self.whole("new", self.status(), self.order.created);
        fields.extend(self.sums());
        fields.insert("amended".to_owned(), json!(!self.order.amendments.is_empty()));
        fields
    }

    fn triggers(&self, at: Timestamp) -> Value {
        let (order, listing) = (self.order, &self.listing);
        let stop = price(listing, order.stop_price);
        let mut triggers = json!({
            "reference": "last", "price": stop, "price_type": "static", "actual_price": stop,
            "status": if order.is_working { "triggered" } else { "untriggered" },
        });
        if order.is_working {
            triggers["timestamp"] = json!(rfc3339(order.working_time.unwrap_or(at)));
        }
        triggers
    }

    /// What it has traded so far.
    fn sums(&self) -> Map<String, Value> {
        let order = self.order;
        let average = ratio(order.executed_quote, order.executed).unwrap_or_default();
        let places = price_places(&self.listing);
        Map::from_iter([
            ("cum_qty".to_owned(), quantity(&self.listing, order.executed)),
            ("cum_cost".to_owned(), self.cost(order.executed_quote)),
            ("fee_usd_equiv".to_owned(), self.in_dollars(self.fees)),
            ("avg_price".to_owned(), exact(average.round_dp(places + 4), places)),
        ])
    }

    fn amended(&self, exec_type: &str, at: Timestamp, reason: &str) -> Map<String, Value> {
        let (order, listing) = (self.order, &self.listing);
        let mut fields = self.named(exec_type, self.status(), at);
        fields.insert("cum_qty".to_owned(), quantity(listing, order.executed));
        fields.insert("reason".to_owned(), json!(reason));
        fields.insert("amended".to_owned(), json!(true));
        fields.insert("order_qty".to_owned(), quantity(listing, order.quantity));
        if order.kind.has_price() {
            fields.insert("limit_price".to_owned(), price(listing, order.price));
            fields.insert("limit_price_type".to_owned(), json!("static"));
        }
        if order.kind.is_conditional() {
            fields.insert("triggers".to_owned(), self.triggers(at));
        }
        fields
    }

    /// A trade. Even the one that fills the order tells it as filled in part; another report tells the end.
    fn trade(&self, fill: &Fill) -> Map<String, Value> {
        let listing = &self.listing;
        let mut fields = self.named("trade", "partially_filled", fill.time);
        let mut set = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        set("exec_id", json!(ids::fill(fill)));
        set("trade_id", json!(fill.trade_id));
        set("symbol", json!(listing.symbol));
        set("side", json!(side(fill.side)));
        set("last_qty", quantity(listing, fill.quantity));
        set("last_price", price(listing, fill.price));
        set("liquidity_ind", json!(if fill.maker { "m" } else { "t" }));
        set("cost", self.cost(fill.quote));
        set("order_type", json!(kind(self.order.kind)));
        set("fees", json!([{ "asset": fill.commission_asset, "qty": short(fill.commission) }]));
        fields.extend(self.sums());
        fields.insert("fee_usd_equiv".to_owned(), self.in_dollars(fee(fill, listing)));
        fields
    }

    fn cost(&self, value: Decimal) -> Value {
        exact(value, cost_places(&self.listing))
    }

    /// An amount of the quote asset in dollars, which a stable coin stands for; zero if that is not known.
    fn in_dollars(&self, value: Decimal) -> Value {
        let worth = self.exchange.prices.convert(value, &self.listing.quote, "USDT");
        exact(worth.unwrap_or_default().round_dp(4), 4)
    }
}

fn time_in_force(order: &Order) -> &'static str {
    match order.time_in_force {
        TimeInForce::Ioc => "IOC",
        TimeInForce::Fok => "FOK",
        TimeInForce::Gtc => "GTC",
    }
}
