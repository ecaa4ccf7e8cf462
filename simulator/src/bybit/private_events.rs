//! What happens to accounts, told to the sockets that have subscribed.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Bybit;
use super::category::plain;
use super::executions;
use super::ids::order_id;
use super::market::trades::side;
use super::order_json::{Written, shown_client_id};
use super::{positions, wallet};
use crate::accounts::{
    AccountChange, AccountEvent, AccountId, Fill, FundingPayment, OrderChange, OrderEvent, Origin, Position,
};
use crate::clock::Timestamp;
use crate::exchange::Exchange;
use crate::faults::{Class, FaultKind, Novelty, Occasion};
use crate::hub::Topic;
use crate::listing::Listing;
use crate::sockets::Socket;
use crate::spoil::garbled;

/// Name of all private topics for faults.
const STREAM: &str = "userData";

/// An event about to be told.
#[derive(Clone, Debug)]
struct Told<'a> {
    /// The topic without its product.
    topic: &'static str,
    /// Whether the topic can be had of one product alone.
    by_category: bool,
    symbol: Option<&'a str>,
    /// Number and client id of the order that it is about.
    order: Option<(String, String)>,
    /// What it reports, such as `TRADE`.
    report: &'static str,
    /// Whether it reports the end of an order that has traded.
    end: bool,
    /// By how much a fault understates what an order has traded.
    last: Decimal,
    fields: Map<String, Value>,
}

impl Told<'_> {
    /// An event that is about no order.
    fn plain(topic: &'static str, fields: Map<String, Value>) -> Told<'static> {
        Told {
            topic,
            by_category: false,
            symbol: None,
            order: None,
            report: "",
            end: false,
            last: Decimal::ZERO,
            fields,
        }
    }
}

impl Bybit {
    /// Tells what happened to accounts.
    pub(super) fn tell_accounts(&self, exchange: &Exchange, events: &[AccountEvent]) {
        for event in events {
            match &event.what {
                AccountChange::Order(order) => self.tell_order(exchange, event, order),
                AccountChange::Balances(balances) => {
                    let assets: Vec<Arc<str>> = balances.iter().map(|(asset, _)| Arc::clone(asset)).collect();
                    self.tell_wallet(exchange, event.account, &assets);
                }
                AccountChange::Margin(update) => {
                    for position in &update.positions {
                        self.tell_position(exchange, event.account, position);
                    }
                    let assets: Vec<Arc<str>> =
                        update.wallets.iter().map(|(wallet, _)| Arc::clone(&wallet.asset)).collect();
                    self.tell_wallet(exchange, event.account, &assets);
                }
                AccountChange::Funding(payment) => self.tell_funding(exchange, event.account, payment),
                AccountChange::Leverage { symbol, .. } => self.tell_positions_of(exchange, event.account, symbol),
                _ => {}
            }
        }
    }

    fn tell_order(&self, exchange: &Exchange, event: &AccountEvent, changed: &OrderEvent) {
        let Some(listing) = exchange.listing_of(changed.order.market) else { return };
        if let OrderChange::Trade(trade) = &changed.change {
            self.tell_fill(exchange, event, (&listing, &trade.fill), changed);
            self.attached_traded(&changed.order);
            if trade.fill.origin == Origin::Liquidation {
                self.tell_liquidation(exchange, &listing, &trade.fill);
            }
        }
        let order = &changed.order;
        let sum = self.sums.after(changed);
        let by_dcp = self.dcp.has_cancelled(order);
        let written = Written { category: self.category, listing: &listing, order, fees: &sum.fees, by_dcp };
        let mut fields = written.fields();
        fields.insert("category".to_owned(), json!(self.category.as_str()));
        fields.insert("closedPnl".to_owned(), json!(plain(sum.profit)));
        fields.insert("feeCurrency".to_owned(), json!(""));
        let status = written.status();
        let last = match &changed.change {
            OrderChange::Trade(trade) => trade.fill.quantity,
            _ => listing.step,
        };
        self.tell(
            exchange,
            event.account,
            Told {
                topic: "order",
                by_category: true,
                symbol: Some(&listing.symbol),
                order: Some(self.ids(changed)),
                report: status,
                end: !order.is_live() && !order.executed.is_zero(),
                last,
                fields,
            },
        );
    }

    /// Number and client id of an order.
    fn ids(&self, changed: &OrderEvent) -> (String, String) {
        let order = &changed.order;
        (order_id(self.category, order.market, order.id), shown_client_id(order).to_owned())
    }

    fn tell_fill(
        &self,
        exchange: &Exchange,
        event: &AccountEvent,
        (listing, fill): (&Listing, &Fill),
        changed: &OrderEvent,
    ) {
        let mut fields = executions::fields(self.category, listing, fill, &changed.order);
        let more = json!({ "category": self.category.as_str(), "isLeverage": "0", "marketUnit": "",
            "execPnl": if self.category.is_spot() { String::new() } else { plain(fill.realised) } });
        if let Value::Object(more) = more {
            fields.extend(more);
        }
        fields.insert("extraFees".to_owned(), json!([]));
        let whole = Told {
            topic: "execution",
            by_category: true,
            symbol: Some(&listing.symbol),
            order: Some(self.ids(changed)),
            report: "TRADE",
            end: false,
            last: fill.quantity,
            fields,
        };
        let fast = fast(&whole, fill.maker);
        self.tell(exchange, event.account, fast);
        self.tell(exchange, event.account, whole);
    }

    /// Tells a funding among the fills.
    fn tell_funding(&self, exchange: &Exchange, account: AccountId, payment: &FundingPayment) {
        let Some(listing) = exchange.listing_of(payment.market) else { return };
        let mut fields = executions::funding(self.category, &listing, payment);
        let more = json!({ "category": self.category.as_str(), "isLeverage": "0", "marketUnit": "", "execPnl": "" });
        if let Value::Object(more) = more {
            fields.extend(more);
        }
        let told = Told::plain("execution", fields);
        self.tell(exchange, account, Told { by_category: true, symbol: Some(&listing.symbol), ..told });
    }

    /// Tells the positions of a contract.
    fn tell_positions_of(&self, exchange: &Exchange, account: AccountId, symbol: &str) {
        let market = exchange.market_number(symbol);
        for position in exchange.positions(account, market) {
            self.tell_position(exchange, account, &position);
        }
    }

    fn tell_position(&self, exchange: &Exchange, account: AccountId, position: &Position) {
        let told = Told::plain("position", positions::told(self, exchange, account, position));
        self.tell(exchange, account, Told { by_category: true, symbol: Some(&position.symbol), ..told });
    }

    /// Tells the public that a position was liquidated.
    fn tell_liquidation(&self, exchange: &Exchange, listing: &Listing, fill: &Fill) {
        let name = format!("allLiquidation.{}", listing.symbol);
        let now = exchange.clock.server_now().millis();
        let topic = Topic { name, symbol: Some((listing.symbol.clone(), listing.pair())), book_update: false };
        let data = json!([{
            "T": fill.time.millis(), "s": listing.symbol, "S": side(fill.side.opposite()),
            "v": self.category.quantity(listing, fill.quantity), "p": self.category.price(listing, fill.price),
        }]);
        self.hub.publish(exchange, &topic, |()| {
            json!({ "topic": topic.name, "type": "snapshot", "ts": now, "data": data }).to_string()
        });
    }

    fn tell_wallet(&self, exchange: &Exchange, account: AccountId, assets: &[Arc<str>]) {
        let Value::Object(fields) = wallet::changed(exchange, account, assets) else { return };
        self.tell(exchange, account, Told::plain("wallet", fields));
    }

    /// Tells one event on the topics that carry it.
    fn tell(&self, exchange: &Exchange, account: AccountId, told: Told<'_>) {
        let one_product = format!("{}.{}", told.topic, self.category.as_str());
        let names = if told.by_category { vec![told.topic, &one_product] } else { vec![told.topic] };
        for name in names {
            for socket in self.sessions.listeners(account, name) {
                self.tell_socket(exchange, (&socket, account), name, told.clone());
            }
        }
    }

    /// Sends one event to one socket, as far as faults let it through.
    fn tell_socket(
        &self,
        exchange: &Exchange,
        (socket, account): (&Arc<Socket>, AccountId),
        name: &str,
        mut told: Told<'_>,
    ) {
        let faults = faults_on(exchange, (socket, account), &told);
        let now = exchange.clock.server_now();
        let mut copies = 1;
        for fault in &faults {
            match fault {
                FaultKind::Mute | FaultKind::EndSubscription => copies = 0,
                FaultKind::Duplicate => copies *= 2,
                FaultKind::Understate { quantity } => understate(&mut told, *quantity),
                FaultKind::NoFee => {
                    told.fields.retain(|name, _| !["execFee", "feeRate", "feeCurrency"].contains(&name.as_str()))
                }
                FaultKind::Novel { what: Novelty::Field } => {
                    told.fields.insert("neverSeen".to_owned(), json!("yes"));
                }
                FaultKind::Novel { what: Novelty::Enum } => new_enum(&mut told.fields),
                FaultKind::Novel { what: Novelty::Event } => {
                    socket.send(self.message("neverSeen", &Map::new(), now).into());
                }
                _ => {}
            }
        }
        let mut text = self.message(name, &told.fields, now);
        if faults.contains(&FaultKind::Garble) {
            text = garbled(&text);
        }
        for _ in 0..copies {
            self.delivery.event(exchange, (socket, told.topic), &text, &faults);
        }
        if faults.contains(&FaultKind::EndSubscription) {
            self.sessions.end(Some(account), Some(socket.id));
        }
    }

    fn message(&self, topic: &str, fields: &Map<String, Value>, now: Timestamp) -> String {
        let time = now.millis();
        if topic.starts_with("execution.fast") {
            return json!({ "topic": topic, "creationTime": time, "data": [fields] }).to_string();
        }
        let number = self.messages.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let id = format!("{time}_{number}");
        json!({ "id": id, "topic": topic, "creationTime": time, "data": [fields] }).to_string()
    }
}

/// The short form of a fill, without the client's id where the order rested.
fn fast<'a>(whole: &Told<'a>, maker: bool) -> Told<'a> {
    let names = [
        "category",
        "symbol",
        "execId",
        "execPrice",
        "execQty",
        "orderId",
        "isMaker",
        "orderLinkId",
        "side",
        "execTime",
        "seq",
    ];
    let field = |name: &&str| whole.fields.get(*name).map(|value| ((*name).to_owned(), value.clone()));
    let mut fields: Map<String, Value> = names.iter().filter_map(field).collect();
    if maker {
        fields.insert("orderLinkId".to_owned(), json!(""));
    }
    Told { topic: "execution.fast", fields, ..whole.clone() }
}

/// The faults that strike an event on a socket; those on the socket itself are carried out.
fn faults_on(exchange: &Exchange, (socket, account): (&Arc<Socket>, AccountId), told: &Told<'_>) -> Vec<FaultKind> {
    if exchange.faults.is_empty() {
        return Vec::new();
    }
    let accounts = exchange.accounts.lock();
    let owner = accounts.account(account).map(|account| account.name.clone()).unwrap_or_default();
    drop(accounts);
    let pair = told.symbol.and_then(|symbol| exchange.pair_of(symbol));
    let occasion = Occasion {
        path: Some(&socket.path),
        symbol: told.symbol.zip(pair.as_deref()),
        stream: Some(STREAM),
        connection: Some(socket.id),
        account: Some(&owner),
        event: Some(told.topic),
        report: Some(told.report),
        end: told.end,
        order: told.order.as_ref().map(|(id, client_id)| (id.as_str(), client_id.as_str())),
        ..Occasion::default()
    };
    let now = exchange.clock.now();
    for kind in exchange.faults.strike(now, &[Class::Socket], &occasion) {
        exchange.strike_socket(&kind, socket);
    }
    exchange.faults.strike(now, &[Class::Frame, Class::Message], &occasion)
}

/// Makes what an order has traded too low.
fn understate(told: &mut Told<'_>, quantity: Option<Decimal>) {
    let less = quantity.unwrap_or(told.last);
    if let Some(Value::String(text)) = told.fields.get_mut("cumExecQty")
        && let Ok(traded) = text.parse::<Decimal>()
    {
        *text = plain((traded - less).max(Decimal::ZERO));
    }
}

fn new_enum(fields: &mut Map<String, Value>) {
    for name in ["orderStatus", "execType", "accountType", "positionStatus"] {
        if let Some(value) = fields.get_mut(name) {
            *value = json!("NeverSeen");
            return;
        }
    }
}
