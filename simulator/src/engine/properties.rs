//! Properties of the engine under random orders.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{
    Engine, Event, Instruction, NewOrder, OrderId, OwnerId, PlacementStatus, SelfTrade, Side, Terms, TimeInForce,
};

#[derive(Clone, Debug)]
enum Step {
    Place(NewOrder),
    Cancel(u64),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn time_in_force() -> impl Strategy<Value = TimeInForce> {
    prop_oneof![
        3 => Just(TimeInForce::Gtc),
        1 => Just(TimeInForce::Ioc),
        1 => Just(TimeInForce::Fok),
    ]
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let price = || (90..110_i64).prop_map(|price| Decimal::new(price, 1));
    let quantity = || (1..50_i64).prop_map(|quantity| Decimal::new(quantity, 2));
    prop_oneof![
        6 => (price(), quantity(), time_in_force())
            .prop_map(|(price, quantity, time_in_force)| Instruction::Limit { price, quantity, time_in_force }),
        3 => (price(), quantity()).prop_map(|(price, quantity)| Instruction::PostOnly { price, quantity }),
        1 => quantity().prop_map(|quantity| Instruction::Market { quantity }),
        1 => quantity().prop_map(|quote_quantity| Instruction::MarketQuote { quote_quantity }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let place = (side(), instruction(), 1..4_u32)
        .prop_map(|(side, instruction, owner)| Step::Place(NewOrder { owner: OwnerId(owner), side, instruction }));
    prop_oneof![4 => place, 1 => (1..60_u64).prop_map(Step::Cancel)]
}

/// What an order may ask besides.
fn terms() -> impl Strategy<Value = Terms> {
    let self_trade = prop_oneof![
        Just(SelfTrade::ExpireMaker),
        Just(SelfTrade::ExpireTaker),
        Just(SelfTrade::ExpireBoth),
        Just(SelfTrade::Decrement),
    ];
    let amount = || prop::option::of((1..30_i64).prop_map(|amount| Decimal::new(amount, 2)));
    (self_trade, amount(), amount()).prop_map(|(self_trade, visible, purse)| Terms {
        id: None,
        self_trade,
        visible,
        purse,
    })
}

/// A book kept from events alone.
#[derive(Default)]
struct Fold {
    levels: BTreeMap<(Side, Decimal), Decimal>,
    update_id: u64,
}

impl Fold {
    fn apply(&mut self, event: &Event) {
        let Event::Level(change) = event else { return };
        assert_eq!(change.update_id, self.update_id + 1, "ids count up by one");
        self.update_id = change.update_id;
        let key = (change.side, change.price);
        assert_eq!(self.levels.get(&key).copied().unwrap_or_default(), change.before);
        assert!(change.after >= Decimal::ZERO);
        if change.after.is_zero() {
            self.levels.remove(&key);
        } else {
            self.levels.insert(key, change.after);
        }
    }

    fn side(&self, side: Side) -> Vec<(Decimal, Decimal)> {
        self.levels.iter().filter(|((of, _), _)| *of == side).map(|((_, price), q)| (*price, *q)).collect()
    }
}

fn run(steps: &[Step], mut check: impl FnMut(&Engine, &[Event], &Step)) {
    let mut engine = Engine::new(Decimal::new(1, 2), 0, 1);
    for step in steps {
        match step {
            Step::Place(order) => {
                let _refused_or_not = engine.place(*order);
            }
            Step::Cancel(id) => {
                let _remaining = engine.cancel(OrderId(*id));
            }
        }
        let events = engine.take_events();
        check(&engine, &events, step);
    }
}

proptest! {
    #[test]
    fn the_book_is_never_crossed_and_equals_the_fold_of_its_updates(steps in prop::collection::vec(step(), 1..120)) {
        let mut fold = Fold::default();
        run(&steps, |engine, events, _| {
            events.iter().for_each(|event| fold.apply(event));
            let book = engine.book();
            if let (Some((bid, _)), Some((ask, _))) = (book.best_bid(), book.best_ask()) {
                assert!(bid < ask, "crossed: {bid} and {ask}");
            }
            assert_eq!(fold.side(Side::Sell), book.asks().collect::<Vec<_>>());
            assert_eq!(fold.side(Side::Buy), book.bids().collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>());
            assert_eq!(fold.update_id, engine.update_id());
        });
    }

    #[test]
    fn icebergs_purses_and_self_trade_prevention_keep_the_book_true(
        steps in prop::collection::vec((step(), terms(), 0..9_u64, 1..30_i64), 1..120)
    ) {
        let mut engine = Engine::new(Decimal::new(1, 2), 0, 1);
        let mut fold = Fold::default();
        for (step, terms, other, quantity) in &steps {
            match step {
                Step::Place(order) => {
                    if let Ok(placed) = engine.place_with(*order, *terms)
                        && let (Instruction::Market { .. }, Some(purse)) = (order.instruction, terms.purse)
                    {
                        let spent = if order.side == Side::Buy { placed.filled_quote } else { placed.filled };
                        prop_assert!(spent <= purse);
                    }
                }
                Step::Cancel(id) if other % 3 == 0 => drop(engine.cancel(OrderId(*id))),
                Step::Cancel(id) if other % 3 == 1 => drop(engine.shrink(OrderId(*id), Decimal::new(*quantity, 2))),
                Step::Cancel(id) => {
                    engine.fill(OrderId(*id), Decimal::new(*quantity, 2), OwnerId(1), OwnerId(7));
                }
            }
            for event in engine.take_events() {
                fold.apply(&event);
                if let Event::Trade(trade) = event {
                    prop_assert_ne!(trade.maker_owner, trade.taker_owner);
                }
            }
            prop_assert_eq!(fold.side(Side::Sell), engine.book().asks().collect::<Vec<_>>());
            let shown: Decimal = engine.book().asks().map(|(_, quantity)| quantity).sum();
            let offered: Decimal = engine.book().offers(Side::Sell, None).map(|(_, quantity)| quantity).sum();
            prop_assert!(shown <= offered, "what is kept back is not shown");
        }
    }

    #[test]
    fn nothing_is_made_or_lost(steps in prop::collection::vec(step(), 1..120)) {
        let mut engine = Engine::new(Decimal::new(1, 2), 0, 1);
        let (mut traded, mut filled) = (Decimal::ZERO, Decimal::ZERO);
        let (mut entered, mut cancelled) = (Decimal::ZERO, Decimal::ZERO);
        for step in &steps {
            match step {
                Step::Place(order) => {
                    let Ok(placement) = engine.place(*order) else { continue };
                    filled += placement.filled;
                    let resting = matches!(placement.status, PlacementStatus::Resting | PlacementStatus::PartlyFilled);
                    if let (true, Instruction::Limit { quantity, .. } | Instruction::PostOnly { quantity, .. }) =
                        (resting, order.instruction)
                    {
                        entered += quantity - placement.filled;
                    }
                }
                Step::Cancel(id) => cancelled += engine.cancel(OrderId(*id)).unwrap_or_default(),
            }
            for event in engine.take_events() {
                if let Event::Trade(trade) = event {
                    traded += trade.quantity;
                }
            }
        }
        let resting: Decimal = engine.book().bids().chain(engine.book().asks()).map(|(_, quantity)| quantity).sum();
        prop_assert_eq!(traded, filled);
        prop_assert_eq!(entered, cancelled + traded + resting);
    }

    #[test]
    fn better_prices_and_older_orders_trade_first(steps in prop::collection::vec(step(), 1..120)) {
        run(&steps, |engine, events, step| {
            let Step::Place(order) = step else { return };
            let trades: Vec<_> = events.iter().filter_map(|event| match event {
                Event::Trade(trade) => Some(trade),
                Event::Level(_) | Event::Prevented(_) => None,
            }).collect();
            for pair in trades.windows(2) {
                assert_eq!(pair[1].id, pair[0].id + 1);
                assert!(order.side.reaches(pair[1].price, pair[0].price), "the better price first");
                if pair[0].price == pair[1].price {
                    assert!(pair[0].maker < pair[1].maker, "the older order first");
                }
            }
            if let (Some(last), Some((best, _))) = (trades.last(), engine.book().best(order.side.opposite())) {
                assert!(order.side.reaches(best, last.price), "no better level was passed over");
            }
        });
    }

    #[test]
    fn fill_or_kill_is_all_or_nothing(steps in prop::collection::vec(step(), 1..60), quantity in 1..200_i64) {
        let mut engine = Engine::new(Decimal::new(1, 2), 0, 1);
        for step in &steps {
            if let Step::Place(order) = step {
                let _refused_or_not = engine.place(*order);
            }
        }
        let quantity = Decimal::new(quantity, 2);
        let instruction =
            Instruction::Limit { price: Decimal::new(105, 1), quantity, time_in_force: TimeInForce::Fok };
        let placed = engine.place(NewOrder { owner: OwnerId(9), side: Side::Buy, instruction }).unwrap();
        prop_assert!(placed.filled == quantity || placed.filled.is_zero());
    }
}
