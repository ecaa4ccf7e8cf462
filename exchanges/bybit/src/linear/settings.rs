use tradewire_core::{Decimal, Error, PositionMode};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use crate::category::Category;
use crate::envelope::result;
use crate::limits::Group;
use crate::order_commands::command;

/// Sets the leverage of an instrument. "Already so" is success.
///
/// <https://bybit-exchange.github.io/docs/v5/position/leverage>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetLeverage<'a> {
    pub(crate) symbol: &'a str,
    /// Of long positions.
    pub(crate) buy: Decimal,
    /// Of short positions: the same, but in hedge mode with isolated margin.
    pub(crate) sell: Decimal,
}

impl Endpoint for SetLeverage<'_> {
    command!("/v5/position/set-leverage", Place, ());

    fn cost(&self) -> Cost {
        Group::SET_LEVERAGE.call()
    }

    fn query(&self, query: &mut Query) {
        query.add("category", Category::Linear).add("symbol", self.symbol);
        query.add("buyLeverage", self.buy.normalize()).add("sellLeverage", self.sell.normalize());
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        result(body, |_, _| Ok(()))
    }
}

/// Sets the position mode of an instrument. "Already so" is success.
///
/// <https://bybit-exchange.github.io/docs/v5/position/position-mode>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SwitchMode<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) mode: PositionMode,
}

impl Endpoint for SwitchMode<'_> {
    command!("/v5/position/switch-mode", Place, ());

    fn cost(&self) -> Cost {
        Group::SWITCH_MODE.call()
    }

    fn query(&self, query: &mut Query) {
        query.add("category", Category::Linear).add("symbol", self.symbol);
        query.add_literal(
            "mode",
            match self.mode {
                PositionMode::OneWay => 0,
                PositionMode::Hedge => 3,
            },
        );
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        result(body, |_, _| Ok(()))
    }
}

/// Sets the margin mode of the account. "Already so" is success.
///
/// <https://bybit-exchange.github.io/docs/v5/account/set-margin-mode>
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetMarginMode {
    /// The exchange's word.
    pub(crate) word: &'static str,
}

impl Endpoint for SetMarginMode {
    command!("/v5/account/set-margin-mode", Place, ());

    fn cost(&self) -> Cost {
        Group::SET_MARGIN_MODE.call()
    }

    fn query(&self, query: &mut Query) {
        query.add("setMarginMode", self.word);
    }

    fn decode(&self, body: &[u8]) -> Result<(), Error> {
        result(body, |_, _| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(endpoint: &impl Endpoint) -> String {
        let (mut query, mut json) = (Query::default(), String::new());
        endpoint.query(&mut query);
        query.append_json_to(&mut json);
        json
    }

    #[test]
    fn settings_name_what_they_reach() {
        let leverage = SetLeverage { symbol: "BTCUSDT", buy: Decimal::new(100, 1), sell: Decimal::new(125, 1) };
        assert_eq!(
            json(&leverage),
            r#""category":"linear","symbol":"BTCUSDT","buyLeverage":"10","sellLeverage":"12.5""#
        );
        let mode = SwitchMode { symbol: "BTCUSDT", mode: PositionMode::Hedge };
        assert_eq!(json(&mode), r#""category":"linear","symbol":"BTCUSDT","mode":3"#);
        assert_eq!(json(&SetMarginMode { word: "ISOLATED_MARGIN" }), r#""setMarginMode":"ISOLATED_MARGIN""#);
        let already = br#"{"retCode":110043,"retMsg":"not modified","result":{},"retExtInfo":{},"time":1}"#;
        leverage.decode(already).expect("success");
    }
}
