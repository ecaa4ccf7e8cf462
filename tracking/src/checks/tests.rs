//! Each rule by itself, each pair of faults, and what the rounding helpers give.

use rust_decimal::Decimal;
use tradewire_core::{
    Amount, Asset, Balance, BalanceStream, Basis, Capabilities, CommandError, Contract, ErrorKind, Instrument,
    InstrumentRules, InstrumentStatus, MarketCapabilities, MarketKind, Missing, OrderRequest, OrderType, Pair, Part,
    PositionMode, PositionSide, Price, Quantity, Range, ReplyMeans, Side, Step, TimeInForce, Timestamp,
    TradingCapabilities, TriggerPrice,
};

use super::*;

pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        exchange: "test-spot",
        kind: MarketKind::Spot,
        environments: &[],
        market: MarketCapabilities {
            book_stream: true,
            sequence_rule: "first-last",
            snapshot_depths: &[100],
            trade_stream: true,
            aggregate_trade_stream: false,
            trade_ids_count_up: true,
            best_prices_stream: false,
            candle_intervals: &[],
            bulk_last_prices: true,
            bulk_best_prices: true,
            ticker_24h: false,
            candles: false,
            recent_trades: false,
            shutdown_notice: false,
        },
        trading: Some(trading()),
        perpetual: None,
        fictional: false,
        missing: Missing(&[]),
    }
}

fn trading() -> TradingCapabilities {
    TradingCapabilities {
        order_types: OrderType::ALL,
        time_in_force: TimeInForce::ALL,
        quote_amount: true,
        trailing: true,
        trigger_prices: &[TriggerPrice::Last],
        iceberg: true,
        reduce_only: false,
        position_side: false,
        self_trade_prevention: &[],
        client_order_id_max_len: 36,
        client_order_id_marks: "-_",
        amend_quantity: false,
        amend_price: false,
        cancel_replace: false,
        batch: false,
        cancel_all: false,
        dead_man_switch: false,
        order_socket: false,
        place_reply: ReplyMeans::Done,
        cancel_reply: ReplyMeans::Done,
        balance_stream: BalanceStream::Whole,
        fees_in_fills: true,
        fee_locked_in_quote: false,
        trades_window_seconds: 86_400,
        trades_page: 1_000,
    }
}

fn d(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect(text)
}

fn price(text: &str) -> Price {
    text.parse().expect(text)
}

fn quantity(text: &str) -> Quantity {
    text.parse().expect(text)
}

fn instrument() -> Instrument {
    Instrument {
        pair: "BTC-USDT".parse().expect("a pair"),
        kind: MarketKind::Spot,
        symbol: "BTCUSDT".into(),
        status: InstrumentStatus::Trading,
        contract: None,
        rules: InstrumentRules {
            price_step: Step::of(d("0.05")),
            price: Range { min: Some(price("1")), max: Some(price("100000")) },
            quantity_step: Step { size: d("0.03"), base: d("0.01") },
            quantity: Range { min: Some(quantity("0.01")), max: Some(quantity("1000")) },
            market_quantity_step: Step { size: d("0.03"), base: d("0.01") },
            market_quantity: Range { min: None, max: Some(quantity("10")) },
            notional: Range { min: Some(d("10")), max: Some(d("9000")) },
            min_notional_for_market: true,
            max_notional_for_market: false,
            market_notional_by_mark: false,
        },
        unknown_filters: Vec::new(),
    }
}

fn limit(q: &str, p: &str) -> OrderRequest {
    OrderRequest::limit("BTC-USDT".parse::<Pair>().expect("a pair"), Side::Buy, quantity(q), price(p))
}

fn market(side: Side, q: &str) -> OrderRequest {
    OrderRequest::market("BTC-USDT".parse::<Pair>().expect("a pair"), side, quantity(q))
}

/// Everything that an order can fail on, in the order in which it is looked at.
struct Case {
    capabilities: Capabilities,
    instrument: Instrument,
    not_ready: Option<(Part, &'static str)>,
    best: BestOffers,
    mark_price: Option<Price>,
    position_mode: Option<PositionMode>,
    order: OrderRequest,
}

impl Case {
    fn of(order: OrderRequest) -> Self {
        let best = BestOffers { bid: Some(price("99")), ask: Some(price("101")) };
        Self {
            capabilities: capabilities(),
            instrument: instrument(),
            not_ready: None,
            best,
            mark_price: None,
            position_mode: None,
            order,
        }
    }

    fn good() -> Self {
        Self::of(limit("1", "100"))
    }

    fn check(&self) -> Result<(), CommandError> {
        let Self { capabilities, instrument, not_ready, best, mark_price, position_mode, order } = self;
        let (not_ready, best, mark_price, position_mode) = (*not_ready, *best, *mark_price, *position_mode);
        OrderCheck { capabilities, instrument, not_ready, best, mark_price, position_mode }.check(order)
    }

    /// Kind and field of the refusal.
    fn refusal(&self) -> (ErrorKind, String) {
        match self.check() {
            Err(CommandError::NotSent(error)) => {
                let field = error.context("field").or(error.context("part")).or(error.context("status"));
                (error.kind(), field.unwrap_or_default().to_owned())
            }
            other => panic!("{:?}: {other:?}", self.order),
        }
    }
}

fn refusal(order: OrderRequest) -> (ErrorKind, String) {
    Case::of(order).refusal()
}

/// A fault, and what it is refused with.
type Fault = (fn(&mut Case), ErrorKind, &'static str);

/// One fault of each kind, in the order of the checks. None undoes another.
const FAULTS: [Fault; 9] = [
    (|case| case.order.reduce_only = true, ErrorKind::Unsupported, "reduce_only"),
    (|case| case.not_ready = Some((Part::Journal, "the disk is full")), ErrorKind::NotReady, "journal"),
    (|case| case.instrument.status = InstrumentStatus::Halted("BREAK".into()), ErrorKind::Restricted, "BREAK"),
    (
        |case| {
            case.order.order_type = OrderType::PostOnly;
            case.order.time_in_force = TimeInForce::Ioc;
        },
        ErrorKind::InvalidRequest,
        "time_in_force",
    ),
    (|case| case.order.price = Some(price("100.01")), ErrorKind::FilterFailure, "price"),
    (|case| case.order.amount = Amount::Base(quantity("1.01")), ErrorKind::FilterFailure, "quantity"),
    (|case| case.instrument.rules.quantity.min = Some(quantity("2")), ErrorKind::FilterFailure, "quantity"),
    (|case| case.instrument.rules.notional.min = Some(d("5000")), ErrorKind::FilterFailure, "notional"),
    (|case| case.position_mode = Some(PositionMode::Hedge), ErrorKind::InvalidRequest, "position_side"),
];

#[test]
fn ord_02_of_each_pair_of_faults_the_first_wins() {
    assert!(Case::good().check().is_ok());
    for (first, (spoil, kind, field)) in FAULTS.iter().enumerate() {
        let mut alone = Case::good();
        spoil(&mut alone);
        assert_eq!(alone.refusal(), (*kind, (*field).to_owned()));
        for (also_spoil, ..) in &FAULTS[first + 1..] {
            let mut both = Case::good();
            also_spoil(&mut both);
            spoil(&mut both);
            assert_eq!(both.refusal(), (*kind, (*field).to_owned()));
        }
    }
}

#[test]
fn perp_06_an_order_fits_the_position_mode() {
    let refusal = |mode, side, of, reduce_only| {
        let mut case = Case::good();
        if let Some(trading) = &mut case.capabilities.trading {
            (trading.position_side, trading.reduce_only) = (true, true);
        }
        case.position_mode = Some(mode);
        (case.order.side, case.order.position_side, case.order.reduce_only) = (side, of, reduce_only);
        case.check().is_err().then(|| case.refusal())
    };
    let (long, short) = (Some(PositionSide::Long), Some(PositionSide::Short));
    let wrong = |field: &str| Some((ErrorKind::InvalidRequest, field.to_owned()));
    for (side, closed, opened) in [(Side::Sell, long, short), (Side::Buy, short, long)] {
        for reduce_only in [false, true] {
            assert_eq!(refusal(PositionMode::OneWay, side, None, reduce_only), None);
            assert_eq!(refusal(PositionMode::OneWay, side, closed, reduce_only), wrong("position_side"));
            assert_eq!(refusal(PositionMode::Hedge, side, None, reduce_only), wrong("position_side"));
            assert_eq!(refusal(PositionMode::Hedge, side, closed, reduce_only), None);
        }
        assert_eq!(refusal(PositionMode::Hedge, side, opened, false), None);
        assert_eq!(refusal(PositionMode::Hedge, side, opened, true), wrong("reduce_only"));
    }
}

#[test]
fn a_contract_needs_margin_and_closing_it_none() {
    let contract = Contract { settle: "USDT".into(), size: d("1"), max_leverage: None, funding_interval: None };
    let needed = |order: &OrderRequest| NeededFunds::of_contract(order, &contract, d("8"), Some(price("104")));
    let limit = needed(&limit("1", "100")).expect("known");
    assert_eq!((limit.asset.as_str(), limit.amount, limit.guessed), ("USDT", d("12.5"), false));
    let sell = needed(&market(Side::Sell, "2")).expect("guessed");
    assert_eq!((sell.amount, sell.guessed), (d("26"), true));
    assert_eq!(needed(&market(Side::Sell, "2").reduce_only()), None);
    assert_eq!(needed(&market(Side::Sell, "2").position_side(PositionSide::Long)), None);
    assert!(needed(&market(Side::Sell, "2").position_side(PositionSide::Short)).is_some());
}

#[test]
fn rule_07_a_number_off_its_step_is_refused_with_its_neighbours() {
    let Err(CommandError::NotSent(error)) = Case::of(limit("1", "100.12")).check() else { panic!("passed") };
    let told =
        ["field", "value", "step", "below", "above"].map(|key| error.context(key).unwrap_or_default().to_owned());
    assert_eq!(told, ["price", "100.12", "0.05", "100.1", "100.15"]);
    let Err(CommandError::NotSent(error)) = Case::of(limit("0.99", "100")).check() else { panic!("passed") };
    let told = ["field", "step", "below", "above"].map(|key| error.context(key).unwrap_or_default().to_owned());
    assert_eq!(told, ["quantity", "0.03", "0.97", "1"], "steps count from the minimum");
    let stop = OrderRequest { order_type: OrderType::StopLossLimit, ..limit("1", "100") };
    assert_eq!(refusal(stop.clone().trigger_price(price("99.99"))), (ErrorKind::FilterFailure, "trigger_price".into()));
    assert!(Case::of(stop.trigger_price(price("99.95"))).check().is_ok());
    assert_eq!(refusal(limit("1", "100").visible(quantity("0.5"))), (ErrorKind::FilterFailure, "visible".into()));
}

#[test]
fn rule_09_bounds_and_notional() {
    let filter = |field: &str| (ErrorKind::FilterFailure, field.to_owned());
    for (order, field) in [
        (limit("1", "0.95"), "price"),
        (limit("1", "100000.05"), "price"),
        (limit("1", "0"), "price"),
        (limit("1", "-5"), "price"),
        (limit("-0.02", "100"), "quantity"),
        (limit("1000.03", "100"), "quantity"),
        (limit("0.01", "100"), "notional"),
        (limit("100", "100"), "notional"),
        (market(Side::Buy, "10.03"), "quantity"),
        (limit("1", "100").visible(quantity("1.03")), "visible"),
        (OrderRequest::market_for_quote(instrument().pair, Side::Buy, d("9.99")), "notional"),
        (OrderRequest::market_for_quote(instrument().pair, Side::Buy, d("0")), "amount"),
    ] {
        assert_eq!(refusal(order.clone()), filter(field), "{order:?}");
    }
    assert!(Case::of(limit("1000", "1")).check().is_ok());
    let Err(CommandError::NotSent(error)) = Case::of(limit("0.01", "100")).check() else { panic!("passed") };
    assert_eq!(
        (error.context("value"), error.context("min"), error.context("max")),
        (Some("1"), Some("10"), Some("9000"))
    );
}

#[test]
fn rule_09_the_notional_of_a_market_order_is_by_the_best_price_or_left_to_the_exchange() {
    let mut case = Case::of(market(Side::Buy, "0.1"));
    assert!(case.check().is_ok(), "0.1 × 101");
    case.order.side = Side::Sell;
    assert_eq!(case.refusal(), (ErrorKind::FilterFailure, "notional".into()), "0.1 × 99");
    case.best.bid = None;
    assert!(case.check().is_ok(), "no valid price");
    case.best.bid = Some(price("99"));
    case.instrument.rules.min_notional_for_market = false;
    assert!(case.check().is_ok(), "the rule is not for market orders");
    case.order = market(Side::Sell, "10");
    case.best.bid = Some(price("50000"));
    assert!(case.check().is_ok(), "nor is the largest notional");
}

#[test]
fn rule_09_the_notional_of_a_market_order_is_by_the_mark_price_where_the_exchange_says_so() {
    let mut case = Case::of(market(Side::Buy, "0.1"));
    case.instrument.rules.market_notional_by_mark = true;
    assert!(case.check().is_ok(), "no mark price");
    case.mark_price = Some(price("99.95"));
    assert_eq!(case.refusal(), (ErrorKind::FilterFailure, "notional".into()), "0.1 × 99.95");
    case.mark_price = Some(price("100"));
    assert!(case.check().is_ok(), "0.1 × 100");
    case.order = limit("0.1", "99");
    assert_eq!(case.refusal(), (ErrorKind::FilterFailure, "notional".into()), "its own price rules");
}

#[test]
fn type_time_in_force_and_their_fields_agree() {
    let invalid = |field: &str| (ErrorKind::InvalidRequest, field.to_owned());
    let of_type = |order_type, order: OrderRequest| OrderRequest { order_type, ..order };
    for (order, field) in [
        (OrderRequest { price: None, ..limit("1", "100") }, "price"),
        (market(Side::Buy, "1").price(price("100")), "price"),
        (of_type(OrderType::StopLoss, market(Side::Sell, "1")), "trigger"),
        (limit("1", "100").trigger_price(price("99")), "trigger"),
        (OrderRequest { amount: Amount::Quote(d("100")), ..limit("1", "100") }, "amount"),
        (limit("1", "100").post_only().time_in_force(TimeInForce::Fok), "time_in_force"),
        (market(Side::Buy, "1").time_in_force(TimeInForce::Fok), "time_in_force"),
        (market(Side::Buy, "1").visible(quantity("0.1")), "visible"),
        (limit("1", "100").visible(quantity("0.1")).time_in_force(TimeInForce::Ioc), "visible"),
    ] {
        assert_eq!(refusal(order.clone()), invalid(field), "{order:?}");
    }
    let trailing = of_type(OrderType::StopLoss, market(Side::Sell, "1")).trailing_bips(100);
    for order in [limit("1", "100").post_only(), trailing, market(Side::Buy, "1").time_in_force(TimeInForce::Ioc)] {
        assert!(Case::of(order.clone()).check().is_ok(), "{order:?}");
    }
}

#[test]
fn rule_06_a_halted_or_unknown_instrument_takes_no_orders() {
    let word = "NEW_WORD".to_owned();
    for status in
        [InstrumentStatus::CancelOnly, InstrumentStatus::Halted(word.clone()), InstrumentStatus::Unknown(word)]
    {
        let mut case = Case::good();
        case.instrument.status = status;
        assert_eq!(case.refusal().0, ErrorKind::Restricted);
    }
}

/// A small generator with a seed that a failure names.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn decimal(&mut self) -> Decimal {
        let scale = self.below(10) as u32;
        Decimal::new(1 + (self.below(1 << 31) as i64) * (1 + self.below(1_000) as i64), scale)
    }
}

#[test]
fn rule_08_rounded_numbers_pass_and_are_never_more_aggressive() {
    for seed in 0..20 {
        let mut random = Random(seed);
        for _ in 0..500 {
            let mut case = Case::good();
            let step = |random: &mut Random| Step {
                size: Decimal::new(1 + random.below(99) as i64, random.below(9) as u32),
                base: Decimal::new(random.below(100) as i64, random.below(9) as u32),
            };
            case.instrument.rules = InstrumentRules {
                price_step: step(&mut random),
                quantity_step: step(&mut random),
                ..Default::default()
            };
            let rules = case.instrument.rules.clone();
            let (p, q) = (Price::new(random.decimal()), Quantity::new(random.decimal()));
            for side in [Side::Buy, Side::Sell] {
                let (rounded, less) = (rules.round_price(p, side), rules.round_quantity(q));
                let context = format!("seed {seed}: {p} {q} {side:?} {:?}", rules.price_step);
                assert!(if side == Side::Buy { rounded <= p } else { rounded >= p }, "{context}");
                assert!(less <= q, "{context}");
                assert_eq!(
                    (rules.round_price(rounded, side), rules.round_quantity(less)),
                    (rounded, less),
                    "{context}"
                );
                case.order = OrderRequest { side, amount: Amount::Base(less), ..limit("1", "1").price(rounded) };
                if rounded > Price::ZERO && less > Quantity::ZERO {
                    assert!(case.check().is_ok(), "{context}: {:?}", case.check());
                }
                assert!(rounded.value().scale() <= rules.price_step.decimals(), "{context}");
            }
        }
    }
}

#[test]
fn bal_07_the_largest_order_rounds_down_counts_the_fee_and_leaves_dust() {
    let rules = InstrumentRules { quantity_step: Step::of(d("0.001")), ..InstrumentRules::default() };
    let largest = |side, available: &str, fee: &str, rules: &InstrumentRules| {
        largest_order(side, price("30000"), d(available), d(fee), rules).map(|quantity| quantity.to_string())
    };
    assert_eq!(largest(Side::Buy, "100", "0", &rules).as_deref(), Some("0.003"));
    assert_eq!(largest(Side::Buy, "90", "0", &rules).as_deref(), Some("0.003"));
    assert_eq!(largest(Side::Buy, "90", "0.001", &rules).as_deref(), Some("0.002"), "the fee is on top");
    assert_eq!(largest(Side::Sell, "0.0039", "0", &rules).as_deref(), Some("0.003"));
    assert_eq!(largest(Side::Sell, "0.0009", "0", &rules), None, "dust");
    assert_eq!(largest(Side::Buy, "-1", "0", &rules), None);
    let bounded = InstrumentRules {
        quantity: Range { min: Some(quantity("0.002")), max: Some(quantity("0.005")) },
        notional: Range { min: Some(d("70")), max: Some(d("130")) },
        ..rules
    };
    assert_eq!(largest(Side::Buy, "1000", "0", &bounded).as_deref(), Some("0.004"), "the largest notional");
    assert_eq!(largest(Side::Buy, "65", "0", &bounded), None, "below the smallest notional");
    assert_eq!(largest(Side::Sell, "0.0015", "0", &bounded), None, "below the smallest quantity");
}

#[test]
fn bal_07_the_largest_order_of_a_contract_is_paid_for_by_its_margin() {
    let rules = &instrument().rules;
    let largest = |available: &str, leverage: &str, fee: &str| {
        let largest = largest_contract_order(price("100"), d(available), d(leverage), d(fee), rules);
        largest.map(|quantity| quantity.to_string())
    };
    assert_eq!(largest("10", "10", "0"), Some("1".into()), "ten times as much as without leverage");
    assert_eq!(largest("9.99", "10", "0"), Some("0.97".into()), "rounded down to 0.01 + 32 × 0.03");
    assert_eq!(largest("10", "10", "0.001"), Some("0.97".into()), "1 % of the margin for the fee");
    assert_eq!(largest("0.9", "10", "0"), None, "less than the smallest notional");
}

#[test]
fn bal_07_the_largest_order_can_be_paid_for_and_one_step_more_cannot() {
    for seed in 0..20 {
        let mut random = Random(seed);
        for _ in 0..100 {
            let step = Step::of(Decimal::new(1 + random.below(9) as i64, random.below(6) as u32));
            let rules = InstrumentRules { quantity_step: step, ..InstrumentRules::default() };
            let (price, available) = (Price::new(random.decimal()), random.decimal());
            let fee = Decimal::new(random.below(20) as i64, 4);
            for (side, unit) in [(Side::Buy, price.value() * (Decimal::ONE + fee)), (Side::Sell, Decimal::ONE + fee)] {
                let context =
                    format!("seed {seed}: {side:?} at {price} with {available}, fee {fee}, step {}", step.size);
                let largest = largest_order(side, price, available, fee, &rules).unwrap_or(Quantity::ZERO).value();
                assert!(largest * unit <= available, "{context}");
                assert!((largest + step.size) * unit > available, "{context}");
            }
        }
    }
}

fn reported(available: &str, basis: Basis) -> Balance {
    let (total, time) = (d("1000"), Timestamp::default());
    Balance { asset: Asset::from("USDT"), total, available: d(available), basis, time }
}

#[test]
fn too_little_is_refused_only_where_that_is_certain() {
    let needed = NeededFunds::of(&limit("1", "100"), d("0.001"), None).expect("known");
    assert_eq!((needed.asset.as_str(), needed.amount, needed.guessed), ("USDT", d("100.1"), false));
    assert!(needed.check(&reported("100.1", Basis::Reported)).is_ok());
    let refused = needed.check(&reported("100.09", Basis::Reported)).expect_err("too little");
    assert_eq!(refused.error().kind(), ErrorKind::InsufficientBalance);
    assert_eq!(refused.error().context("needed"), Some("100.1"));
    assert!(needed.check(&reported("0", Basis::Estimated)).is_ok(), "an estimate proves nothing");

    let guess = NeededFunds::of(&market(Side::Buy, "1"), Decimal::ZERO, Some(price("100"))).expect("guessed");
    assert!(guess.guessed && guess.check(&reported("0", Basis::Reported)).is_ok(), "a market price proves nothing");
    assert!(guess.check_budget(d("99")).is_err() && guess.check_budget(d("100")).is_ok());

    assert_eq!(NeededFunds::of(&market(Side::Buy, "1"), Decimal::ZERO, None), None);
    let sell = NeededFunds::of(&market(Side::Sell, "1"), d("0.001"), None).expect("known");
    assert_eq!((sell.asset.as_str(), sell.amount, sell.guessed), ("BTC", d("1"), false));
    let for_quote = OrderRequest::market_for_quote(instrument().pair, Side::Buy, d("50"));
    let for_quote = NeededFunds::of(&for_quote, Decimal::ZERO, None).expect("known");
    assert_eq!((for_quote.amount, for_quote.guessed), (d("50"), false));
}
