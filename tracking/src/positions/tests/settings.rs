use tradewire_core::{
    LeverageReport, MarginMode, MarginModeReport, PositionMode, PositionModeReport, PositionSide, Scope,
};

use super::*;

fn leverage(side: Option<PositionSide>, leverage: &str) -> Setting {
    Setting::Leverage(LeverageReport { symbol: "BTCUSDT".into(), side, leverage: d(leverage), margin_mode: None })
}

#[test]
fn what_is_told_again_is_no_news() {
    let mut settings = AccountSettings::default();
    let hedge = Setting::PositionMode(PositionModeReport { scope: Scope::Account, mode: PositionMode::Hedge });
    for _ in 0..2 {
        settings.take(hedge.clone());
        settings.take(leverage(None, "10"));
    }
    assert_eq!(settings.changes(), [hedge.clone(), leverage(None, "10")]);
    let mut restored = AccountSettings::restore(vec![hedge.clone(), leverage(None, "10")]);
    restored.take(hedge);
    assert!(restored.changes().is_empty());
}

#[test]
fn the_narrowest_scope_rules() {
    let mut settings = AccountSettings::default();
    let instrument = instrument("BTCUSDT");
    let told = |scope, mode| PositionModeReport { scope, mode };
    assert_eq!(settings.position_mode(&instrument), None);
    settings.position_mode_told(told(Scope::Account, PositionMode::OneWay));
    assert_eq!(settings.position_mode(&instrument), Some(PositionMode::OneWay));
    settings.position_mode_told(told(Scope::Instrument("BTCUSDT".into()), PositionMode::Hedge));
    settings.position_mode_told(told(Scope::Instrument("ETHUSDT".into()), PositionMode::OneWay));
    assert_eq!(settings.position_mode(&instrument), Some(PositionMode::Hedge));
}

#[test]
fn one_leverage_for_both_sides_takes_the_place_of_two() {
    let mut settings = AccountSettings::default();
    let (long, short) = (Some(PositionSide::Long), Some(PositionSide::Short));
    settings.take(leverage(long, "20"));
    settings.take(leverage(short, "5"));
    assert_eq!(settings.leverage("BTCUSDT", long), Some(d("20")));
    assert_eq!(settings.leverage("BTCUSDT", None), Some(d("5")));
    settings.take(leverage(None, "7"));
    assert_eq!(settings.leverage("BTCUSDT", long), Some(d("7")));
    assert_eq!(settings.leverage("ETHUSDT", None), None);
    let keys: Vec<_> = leverage(None, "7").replaces();
    assert_eq!(keys, [leverage(long, "20").key(), leverage(short, "5").key()]);
}

#[test]
fn a_leverage_can_bring_a_margin_mode() {
    let mut settings = AccountSettings::default();
    settings.leverage_told(LeverageReport {
        symbol: "BTCUSDT".into(),
        side: None,
        leverage: d("3"),
        margin_mode: Some(MarginMode::Isolated),
    });
    assert_eq!(settings.margin_mode(&instrument("BTCUSDT")), Some(MarginMode::Isolated));
    let scope = Scope::Instrument("BTCUSDT".into());
    let isolated = Setting::MarginMode(MarginModeReport { scope, mode: MarginMode::Isolated });
    assert_eq!(settings.changes(), [isolated, leverage(None, "3")]);
}
