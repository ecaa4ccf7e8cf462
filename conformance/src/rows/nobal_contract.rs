//! Estimated balances of an account that trades contracts: a story with known figures.

use tradewire_core::{OrderRequest, OrderState, PositionMode, Price, Quantity, Side};
use tradewire_simulator::{AccountSetup, CommissionRates, Rates};

use super::mkt::SECOND;
use super::nobal::{A_MOMENT, figures, no_reads};
use super::perp::setup;
use crate::bench::desk::MAIN;
use crate::bench::world::decimal;
use crate::bench::{Bench, Desk, comes_true};
use crate::row::{Failed, Verdict, expect};

/// The worked example: leverage 10, flat, 1 000 available.
pub(super) async fn example(bench: &Bench) -> Verdict {
    let mut setup = setup(bench, &["BTC-USDT"], PositionMode::OneWay)?;
    setup.exchange.listings[0].opening_price = decimal("30500")?;
    let account = AccountSetup::new(MAIN).with("USDT", decimal("1000")?);
    setup.exchange.accounts = vec![AccountSetup { leverage: Some(decimal("10")?), ..account }];
    let desk = bench.desk(setup).await?;
    let fee = decimal("0.0005")?;
    let mut rates = CommissionRates::default();
    rates.standard = Rates::new(fee, fee);
    desk.simulator.set_rates(MAIN, rates).map_err(|error| Failed::new("rates", error))?;
    desk.ready().await?;
    desk.pass(A_MOMENT).await;
    let fault = no_reads(bench, &desk)?;
    are(&desk, "at first", "1000", "1000").await?;
    let order = |side, price: &str| {
        let (quantity, price) = ("0.1".parse::<Quantity>()?, price.parse::<Price>()?);
        Ok::<_, Failed>(OrderRequest::limit(desk.pair(0).clone(), side, quantity, price))
    };
    let buy = desk.place(order(Side::Buy, "30000")?).await?;
    are(&desk, "a buy order placed", "1000", "700").await?;
    desk.fill(&buy, None)?;
    desk.order_is(&buy.client_order_id, OrderState::Filled).await?;
    are(&desk, "it is filled", "998.5", "698.5").await?;
    let sell = desk.place(order(Side::Sell, "31000")?.reduce_only()).await?;
    are(&desk, "a reduce-only sell order placed", "998.5", "698.5").await?;
    desk.fill(&sell, None)?;
    desk.order_is(&sell.client_order_id, OrderState::Filled).await?;
    are(&desk, "that is filled", "1096.95", "1096.95").await?;
    desk.simulator.clear_fault(fault);
    desk.end(bench).await
}

async fn are(desk: &Desk, step: &str, total: &str, available: &str) -> Result<(), Failed> {
    let expected = (decimal(total)?, decimal(available)?);
    let now = || figures(desk, "USDT");
    let came = comes_true(SECOND, || now().is_ok_and(|now| now == expected)).await;
    expect(came, format_args!("{step}: USDT (total, available) {expected:?}"), format_args!("{:?}", now()?))
}
