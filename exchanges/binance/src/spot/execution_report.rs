use std::borrow::Cow;

use serde::Deserialize;
use tradewire_core::{
    Amount, Asset, ClientOrderId, ExchangeOrderId, ExecutionReport, FillReport, Origin, Price, ReportedStatus, Side,
};

use super::order_words::{StateWords, order_type};
use crate::market::{Fault, Number, millis, object};
use crate::private::{above_zero, fee, liquidity, optional, price, quantity, side, time_in_force, trade_id, unsigned};

/// Kinds of report that are known here.
const KINDS: &[&str] = &["NEW", "CANCELED", "REPLACED", "REJECTED", "TRADE", "EXPIRED", "TRADE_PREVENTION"];

/// Reads the event `executionReport`.
///
/// <https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream#order-update>
pub(crate) fn read(raw: &str) -> Result<ExecutionReport, Fault> {
    object::<Wire<'_>>(raw)?.report()
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "s", borrow)]
    symbol: Cow<'a, str>,
    #[serde(rename = "c", borrow)]
    client_id: Cow<'a, str>,
    #[serde(rename = "C", borrow, default)]
    original_client_id: Cow<'a, str>,
    #[serde(rename = "S", borrow)]
    side: Cow<'a, str>,
    #[serde(rename = "o", borrow)]
    order_type: Cow<'a, str>,
    #[serde(rename = "f", borrow, default)]
    time_in_force: Cow<'a, str>,
    #[serde(rename = "q", borrow)]
    quantity: Number<'a>,
    #[serde(rename = "Q", borrow)]
    quote_quantity: Option<Number<'a>>,
    #[serde(rename = "p", borrow)]
    price: Number<'a>,
    #[serde(rename = "g")]
    list: Option<i64>,
    #[serde(rename = "x", borrow)]
    kind: Cow<'a, str>,
    #[serde(rename = "X", borrow)]
    status: Cow<'a, str>,
    #[serde(rename = "r", borrow, default)]
    refusal: Cow<'a, str>,
    #[serde(rename = "eR", borrow, default)]
    expiry: Cow<'a, str>,
    #[serde(rename = "i", borrow)]
    id: Number<'a>,
    #[serde(rename = "z", borrow)]
    filled: Number<'a>,
    #[serde(rename = "Z", borrow)]
    quote_filled: Option<Number<'a>>,
    #[serde(rename = "A", borrow)]
    prevented: Option<Number<'a>>,
    #[serde(rename = "O")]
    created: Option<u64>,
    #[serde(rename = "T")]
    time: u64,
    #[serde(rename = "l", borrow)]
    last_quantity: Option<Number<'a>>,
    #[serde(rename = "L", borrow)]
    last_price: Option<Number<'a>>,
    #[serde(rename = "Y", borrow)]
    last_quote_quantity: Option<Number<'a>>,
    #[serde(rename = "t", borrow)]
    trade_id: Option<Number<'a>>,
    #[serde(rename = "a", borrow)]
    allocation_id: Option<Number<'a>>,
    #[serde(rename = "n", borrow)]
    commission: Option<Number<'a>>,
    #[serde(rename = "N")]
    commission_asset: Option<Asset>,
    #[serde(rename = "m")]
    is_maker: Option<bool>,
}

impl Wire<'_> {
    fn report(&self) -> Result<ExecutionReport, Fault> {
        let (client_order_id, new_client_order_id) = self.client_ids();
        let side = side(&self.side).ok_or_else(|| Fault::decode(format!("'{}' is not a side", self.side)))?;
        let words = self.words();
        let (status, reason) = match KINDS.contains(&&*self.kind) {
            true => words.read_strictly(),
            false => (ReportedStatus::Unknown(format!("{} {}", self.kind, words.word())), None),
        };
        let quote_amount = optional(self.quote_quantity.as_ref(), above_zero)?.flatten();
        Ok(ExecutionReport {
            symbol: self.symbol.clone().into_owned(),
            client_order_id: Some(client_order_id),
            new_client_order_id,
            exchange_order_id: Some(self.exchange_order_id()),
            side: Some(side),
            order_type: words.order_type,
            time_in_force: words.time_in_force,
            price: above_zero(&self.price)?.map(Price::new),
            amount: Some(match quote_amount {
                Some(quote) => Amount::Quote(quote),
                None => Amount::Base(quantity(&self.quantity)?),
            }),
            status,
            filled: Some(quantity(&self.filled)?),
            quote_filled: optional(self.quote_filled.as_ref(), unsigned)?,
            fills: if self.kind == "TRADE" { vec![self.fill(side)?] } else { Vec::new() },
            trigger: None,
            reduce_only: None,
            position_side: None,
            prevented: optional(self.prevented.as_ref(), quantity)?,
            reason,
            word: words.word(),
            origin: Origin::External,
            created: self.created.map(millis).transpose()?,
            time: millis(self.time)?,
        })
    }

    /// The order's id, and the one that it has from now on if it is renamed: the report of a cancel or of an amendment names
    /// the request first, and the order as the original.
    fn client_ids(&self) -> (ClientOrderId, Option<ClientOrderId>) {
        let (named, original) = (|| (&*self.client_id).into(), || (&*self.original_client_id).into());
        match &*self.kind {
            "CANCELED" if self.names_original() => (original(), None),
            "REPLACED" if self.names_original() => {
                (original(), (self.client_id != self.original_client_id).then(named))
            }
            _ => (named(), None),
        }
    }

    fn names_original(&self) -> bool {
        !matches!(&*self.original_client_id, "" | "null")
    }

    fn exchange_order_id(&self) -> ExchangeOrderId {
        self.id.text().into()
    }

    fn words(&self) -> StateWords<'_> {
        StateWords {
            status: &self.status,
            refusal: &self.refusal,
            expiry: &self.expiry,
            cancel_named: self.names_original(),
            order_type: order_type(&self.order_type),
            time_in_force: time_in_force(&self.time_in_force),
            in_list: self.list.is_some_and(|list| list >= 0),
        }
    }

    fn fill(&self, side: Side) -> Result<FillReport, Fault> {
        Ok(FillReport {
            symbol: self.symbol.clone().into_owned(),
            trade_id: trade_id(needed(&self.trade_id, "t")?, self.allocation_id.as_ref())?,
            exchange_order_id: Some(self.exchange_order_id()),
            client_order_id: Some(self.client_ids().0),
            side,
            price: price(needed(&self.last_price, "L")?)?,
            quantity: quantity(needed(&self.last_quantity, "l")?)?,
            quote_quantity: optional(self.last_quote_quantity.as_ref(), unsigned)?,
            fee: fee(self.commission.as_ref(), self.commission_asset.as_ref())?,
            liquidity: liquidity(self.is_maker),
            position_side: None,
            realised_profit: None,
            time: millis(self.time)?,
        })
    }
}

/// A field that reports of a trade must have.
fn needed<'n, 'a>(field: &'n Option<Number<'a>>, name: &str) -> Result<&'n Number<'a>, Fault> {
    field.as_ref().ok_or_else(|| Fault::decode(format!("a trade without the field `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewire_core::{Decimal, EndReason, Fee, Liquidity, OrderType, TimeInForce};

    /// A report with some fields replaced or added; an empty value takes a field away.
    fn with(changes: &[(&str, &str)]) -> String {
        let raw = include_str!("../../fixtures/user-execution-report.json");
        let frame: serde_json::Value = serde_json::from_str(raw).expect("JSON");
        let mut event = frame["event"].clone();
        let fields = event.as_object_mut().expect("an object");
        for (name, value) in changes {
            match *value {
                "" => drop(fields.remove(*name)),
                value => drop(fields.insert((*name).to_owned(), serde_json::from_str(value).expect(value))),
            }
        }
        event.to_string()
    }

    fn report(changes: &[(&str, &str)]) -> ExecutionReport {
        let raw = with(changes);
        read(&raw).unwrap_or_else(|fault| panic!("{}: {raw}", fault.message))
    }

    fn decimal(text: &str) -> Decimal {
        text.parse::<Price>().expect(text).value()
    }

    const TRADE: &[(&str, &str)] = &[
        ("x", r#""TRADE""#),
        ("X", r#""PARTIALLY_FILLED""#),
        ("l", r#""0.2""#),
        ("L", r#""61000.5""#),
        ("Y", r#""12200.1""#),
        ("z", r#""0.2""#),
        ("n", r#""0.0002""#),
        ("N", r#""BTC""#),
        ("t", "77"),
        ("m", "true"),
    ];

    fn trade(changes: &[(&str, &str)]) -> ExecutionReport {
        report(&[TRADE, changes].concat())
    }

    #[test]
    fn a_new_order_is_open() {
        let new = report(&[]);
        assert_eq!((new.symbol.as_str(), new.status.clone(), new.reason), ("BTCUSDT", ReportedStatus::Open, None));
        assert_eq!(new.client_order_id.as_ref().map(ClientOrderId::as_str), Some("tw-1"));
        assert_eq!(new.exchange_order_id.as_ref().map(ExchangeOrderId::as_str), Some("4001"));
        assert_eq!((new.side, new.order_type), (Some(Side::Buy), Some(OrderType::Limit)));
        assert_eq!(new.time_in_force, Some(TimeInForce::Gtc));
        assert_eq!(new.price.map(Price::value), Some(decimal("61000.5")));
        assert_eq!(new.amount, Some(Amount::Base("0.5".parse().expect("a quantity"))));
        assert_eq!((new.fills.len(), new.prevented, new.created.is_some()), (0, None, true));
        assert_eq!((new.time.as_millis(), new.word.as_str()), (1_780_000_000_101, "NEW"));
    }

    #[test]
    fn a_trade_carries_its_fill() {
        let report = trade(&[]);
        let [fill] = report.fills.as_slice() else { panic!("{report:?}") };
        assert_eq!((fill.trade_id.as_str(), fill.side, fill.liquidity), ("77", Side::Buy, Some(Liquidity::Maker)));
        assert_eq!((fill.price.to_string().as_str(), fill.quantity.to_string().as_str()), ("61000.5", "0.2"));
        assert_eq!(fill.quote_quantity, Some(decimal("12200.1")));
        assert_eq!(fill.fee, Some(Fee { amount: decimal("0.0002"), asset: "BTC".into() }));
        assert_eq!(report.filled, Some("0.2".parse().expect("a quantity")));
    }

    #[test]
    fn a_fee_of_zero_is_one_and_an_absent_one_is_none() {
        let fee = |changes: &[(&str, &str)]| trade(changes).fills.remove(0).fee;
        assert_eq!(fee(&[("n", r#""0""#)]).map(|fee| fee.amount), Some(Decimal::ZERO));
        assert_eq!(fee(&[("n", r#""-0.01""#)]).map(|fee| fee.amount), Some(-decimal("0.01")), "a rebate");
        assert_eq!(fee(&[("n", ""), ("N", "")]), None);
        assert_eq!(fee(&[("N", "null")]), None);
    }

    #[test]
    fn numbers_come_as_text_or_as_numbers() {
        let number = trade(&[("l", "0.2"), ("L", "61000.50"), ("q", "0.5"), ("t", r#""77""#), ("i", r#""4001""#)]);
        assert_eq!(number, trade(&[]));
        for (field, value) in [("q", r#""""#), ("z", r#""-1""#), ("L", r#""0""#), ("l", "true"), ("p", r#""1e3""#)] {
            assert!(read(&with(&[TRADE, &[(field, value)]].concat())).is_err(), "{field} {value}");
        }
    }

    #[test]
    fn what_is_needed_must_be_there_and_the_rest_need_not() {
        for field in ["s", "c", "S", "o", "q", "p", "x", "X", "i", "z", "T", "l", "L", "t"] {
            assert!(read(&with(&[TRADE, &[(field, "")]].concat())).is_err(), "{field}");
        }
        let bare = [("C", ""), ("Q", ""), ("g", ""), ("r", ""), ("Z", ""), ("O", ""), ("Y", ""), ("m", ""), ("f", "")];
        let bare = trade(&bare);
        assert_eq!((bare.quote_filled, bare.fills[0].liquidity, bare.created), (None, None, None));
        assert_eq!(trade(&[("novel", r#"{"a":[1]}"#)]), trade(&[]));
    }

    #[test]
    fn cancels_and_amendments_reach_the_order_by_its_own_id() {
        let ids = |changes: &[(&str, &str)]| {
            let report = report(changes);
            let new = report.new_client_order_id.map(|id| id.to_string());
            (report.client_order_id.expect("an id").to_string(), new)
        };
        let request = [("c", r#""cancel-9""#), ("C", r#""tw-1""#)];
        let cancelled = [&request[..], &[("x", r#""CANCELED""#), ("X", r#""CANCELED""#)]].concat();
        assert_eq!(ids(&cancelled), ("tw-1".to_owned(), None));
        assert_eq!(report(&cancelled).reason, Some(EndReason::Requested));
        let replaced = [&request[..], &[("x", r#""REPLACED""#), ("q", r#""0.4""#)]].concat();
        assert_eq!(ids(&replaced), ("tw-1".to_owned(), Some("cancel-9".to_owned())));
        assert_eq!(report(&replaced).status, ReportedStatus::Open);
        let kept = [("x", r#""REPLACED""#), ("C", r#""tw-1""#)];
        assert_eq!(ids(&kept), ("tw-1".to_owned(), None), "an amendment may keep the id");
        let alone = [("x", r#""CANCELED""#), ("X", r#""CANCELED""#), ("C", r#""""#)];
        assert_eq!((ids(&alone).0.as_str(), report(&alone).reason), ("tw-1", Some(EndReason::Exchange)));
    }

    #[test]
    fn self_trade_prevention_is_no_fill() {
        let shortened = [("x", r#""TRADE_PREVENTION""#), ("A", r#""0.1""#), ("B", r#""0.1""#), ("v", "3")];
        let shortened = report(&shortened);
        assert_eq!((shortened.status, shortened.fills.len()), (ReportedStatus::Open, 0));
        assert_eq!(shortened.prevented, Some("0.1".parse().expect("a quantity")));
        let ended = report(&[("x", r#""TRADE_PREVENTION""#), ("X", r#""EXPIRED_IN_MATCH""#), ("A", r#""0.5""#)]);
        assert_eq!((ended.status, ended.reason), (ReportedStatus::Expired, Some(EndReason::SelfTrade)));
    }

    #[test]
    fn unknown_words_are_kept_and_their_fills_counted() {
        let moon = r#""FULL_MOON""#;
        let unknown = |changes: &[(&str, &str)]| match report(changes).status {
            ReportedStatus::Unknown(word) => word,
            known => panic!("{known:?}"),
        };
        assert_eq!(unknown(&[("x", moon)]), "FULL_MOON NEW");
        assert_eq!(unknown(&[("X", moon)]), "FULL_MOON");
        assert_eq!(unknown(&[("r", moon)]), "NEW FULL_MOON");
        assert_eq!(unknown(&[("X", r#""EXPIRED""#), ("eR", moon)]), "EXPIRED FULL_MOON");
        assert_eq!(trade(&[("X", moon)]).fills, trade(&[]).fills);
        let strange = report(&[("o", moon), ("f", moon), ("V", moon)]);
        assert_eq!((strange.order_type, strange.time_in_force, strange.status), (None, None, ReportedStatus::Open));
        assert!(read(&with(&[("S", moon)])).is_err(), "without a side it cannot be booked");
    }

    #[test]
    fn orders_by_quote_amount_and_routed_fills() {
        let market = trade(&[("o", r#""MARKET""#), ("p", r#""0.00""#), ("Q", r#""100.0""#)]);
        assert_eq!((market.price, market.amount), (None, Some(Amount::Quote(decimal("100")))));
        let routed = trade(&[("t", "-1"), ("a", "5"), ("b", r#""ONE_PARTY_TRADE_REPORT""#)]);
        assert_eq!(routed.fills[0].trade_id.as_str(), "allocation-5");
        assert!(read(&with(&[TRADE, &[("t", "-1")]].concat())).is_err());
    }

    #[test]
    fn symbols_need_not_be_ascii() {
        assert_eq!(report(&[("s", r#""币安人生USDT""#)]).symbol, "币安人生USDT");
        assert_eq!(read(&with(&[]).replace("BTCUSDT", r"币USDT")).expect("a report").symbol, "币USDT");
    }
}
