use serde::Deserialize;
use tradewire_core::{Decimal, Error, MarginMode, MarginTier, exact};
use tradewire_tracking::Page;
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};
use tradewire_wire::{Fault, Number, Text, object, unsigned};

use super::position_row::PositionRow;
use crate::category::Category;
use crate::envelope::{List, result, rows};
use crate::limits::Group;
use crate::order_reads::account_read;
use crate::page::{SettlePage, write_page};
use crate::private::{filled, positive};

/// The most rows of a list of positions.
const POSITIONS_MAX: usize = 200;

/// Positions, each read by `R`.
///
/// <https://bybit-exchange.github.io/docs/v5/position>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions<'a, R> {
    /// Of which instrument, flat ones too, or of which page of all contracts, those that are not flat.
    pub(crate) of: PositionsOf<'a>,
    /// What is wanted of a row.
    pub(crate) read: fn(&PositionRow<'_>) -> Result<R, Fault>,
}

/// Which positions are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PositionsOf<'a> {
    Symbol(&'a str),
    Settled(SettlePage<'a>),
}

impl<R: Send> Endpoint for Positions<'_, R> {
    account_read!("/v5/position/list", POSITIONS, Page<R>);

    fn query(&self, query: &mut Query) {
        query.add("category", Category::Linear);
        match self.of {
            PositionsOf::Symbol(symbol) => query.add("symbol", symbol),
            PositionsOf::Settled(page) => query.add("settleCoin", page.coin),
        };
        query.add("limit", POSITIONS_MAX);
        if let PositionsOf::Settled(page) = self.of {
            write_page(query, page.cursor);
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Page<R>, Error> {
        result(body, |raw, _| {
            let list: List<'_> = object(raw)?;
            let rows = list.rows(|row| (self.read)(&object::<PositionRow<'_>>(row)?))?;
            let next = match self.of {
                PositionsOf::Symbol(_) => None,
                // The last page is named too.
                PositionsOf::Settled(page) if rows.len() < POSITIONS_MAX => page.next(None),
                PositionsOf::Settled(page) => page.next(list.next_page().as_deref()),
            };
            Ok(Page { rows, next, goes_back: false })
        })
    }
}

/// The margin mode of the account.
///
/// <https://bybit-exchange.github.io/docs/v5/account/account-info>
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountInfo;

impl Endpoint for AccountInfo {
    account_read!("/v5/account/info", ACCOUNT_INFO, MarginMode);

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<MarginMode, Error> {
        result(body, |raw, _| {
            let word = object::<Info<'_>>(raw)?.margin_mode;
            let known = [MarginMode::Cross, MarginMode::Isolated, MarginMode::Portfolio].into_iter();
            let mode = known.into_iter().find(|known| margin_mode_word(*known) == Some(&*word));
            mode.ok_or_else(|| Fault::decode(format!("the unknown margin mode '{}'", &*word)))
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    #[serde(borrow)]
    margin_mode: Text<'a>,
}

/// The word for a margin mode; `None` for one that the exchange does not have.
pub(crate) const fn margin_mode_word(mode: MarginMode) -> Option<&'static str> {
    match mode {
        MarginMode::Cross => Some("REGULAR_MARGIN"),
        MarginMode::Isolated => Some("ISOLATED_MARGIN"),
        MarginMode::Portfolio => Some("PORTFOLIO_MARGIN"),
        _ => None,
    }
}

/// The margin that positions need, by their value. Public.
///
/// <https://bybit-exchange.github.io/docs/v5/market/risk-limit>
#[derive(Clone, Copy, Debug)]
pub(crate) struct RiskLimits<'a> {
    pub(crate) symbol: &'a str,
}

impl Endpoint for RiskLimits<'_> {
    type Response = Vec<MarginTier>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v5/market/risk-limit";
    const SECURITY: Security = Security::None;
    const EFFECT: Effect = Effect::Read;

    fn class(&self) -> Class {
        Class::MarketRead
    }

    fn cost(&self) -> Cost {
        Cost::weight(0)
    }

    fn query(&self, query: &mut Query) {
        query.add("category", Category::Linear).add("symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<MarginTier>, Error> {
        let mut bands = rows(body, |row| object::<Band<'_>>(row)?.read())?;
        bands.sort_by_key(|band| band.0);
        let mut floor = Decimal::ZERO;
        let tiers = bands.into_iter().map(|(cap, tier)| {
            let tier = MarginTier { floor, cap: Some(cap), ..tier };
            floor = cap;
            tier
        });
        Ok(tiers.collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Band<'a> {
    #[serde(borrow)]
    risk_limit_value: Number<'a>,
    #[serde(borrow)]
    maintenance_margin: Number<'a>,
    #[serde(borrow)]
    initial_margin: Number<'a>,
    #[serde(borrow)]
    max_leverage: Number<'a>,
    #[serde(borrow)]
    mm_deduction: Option<Number<'a>>,
}

impl Band<'_> {
    /// The value up to which it holds, and what it needs but for its bounds.
    ///
    /// Margins are told in percent or as fractions: the initial one is what the highest leverage leaves.
    fn read(&self) -> Result<(Decimal, MarginTier), Fault> {
        let max_leverage =
            positive(Some(&self.max_leverage))?.ok_or_else(|| Fault::decode("a band without leverage"))?;
        let initial = positive(Some(&self.initial_margin))?.ok_or_else(|| Fault::decode("a band without a margin"))?;
        let ratio = exact::divide(unsigned(&self.maintenance_margin)?, initial);
        let rate = ratio.and_then(|ratio| exact::divide(ratio, max_leverage));
        let tier = MarginTier {
            floor: Decimal::ZERO,
            cap: None,
            max_leverage: max_leverage.normalize(),
            maintenance_rate: rate.ok_or_else(|| Fault::decode("a margin of too many digits"))?.normalize(),
            deduction: filled(self.mm_deduction.as_ref()).map(unsigned).transpose()?.unwrap_or_default(),
        };
        Ok((unsigned(&self.risk_limit_value)?, tier))
    }
}

#[cfg(test)]
mod tests {
    use super::super::position_row::tests::position;
    use super::*;
    use serde_json::{Value, json};
    use tradewire_core::PositionMode;

    fn body(result: Value) -> Vec<u8> {
        json!({"retCode": 0, "retMsg": "OK", "result": result, "time": 1}).to_string().into_bytes()
    }

    #[test]
    fn rows_tell_position_leverage_and_mode() {
        let list = body(json!({"list": [position(1, "Buy", "1", "10"), position(2, "", "0", "20.00")]}));
        let of = PositionsOf::Symbol("BTCUSDT");
        let modes = Positions { of, read: |row| Ok(row.mode()) }.decode(&list).expect("modes");
        assert_eq!((modes.rows, modes.next), (vec![PositionMode::Hedge; 2], None));
        let leverage = Positions { of, read: |row| row.leverage_report() }.decode(&list).expect("leverage");
        let shown: Vec<_> = leverage.rows.iter().map(|report| report.leverage.to_string()).collect();
        assert_eq!(shown, ["10", "20"]);
        let mut query = Query::default();
        let usdc = PositionsOf::Settled(SettlePage { coin: "USDC", cursor: Some("a b") });
        Positions { of: usdc, read: |row| row.report() }.query(&mut query);
        assert_eq!(query.as_str(), "category=linear&settleCoin=USDC&limit=200&cursor=a%20b");
    }

    #[test]
    fn a_full_page_of_positions_has_another_behind_it() {
        let page = |coin, rows| {
            let of = PositionsOf::Settled(SettlePage { coin, cursor: None });
            let list = body(json!({"list": vec![position(1, "Buy", "1", "10"); rows], "nextPageCursor": "x"}));
            Positions { of, read: |row| row.report() }.decode(&list).expect("positions").next
        };
        assert_eq!(page("USDT", 200).as_deref(), Some("USDT x"));
        assert_eq!(page("USDT", 199).as_deref(), Some("USDC"));
        assert_eq!(page("USDC", 200).as_deref(), Some("USDC x"));
        assert_eq!(page("USDC", 3), None);
    }

    #[test]
    fn bands_join_without_a_hole() {
        let band = |value: &str, maintenance: &str, initial: &str, leverage: &str| {
            json!({"id": 1, "symbol": "BTCUSDT", "riskLimitValue": value, "maintenanceMargin": maintenance,
                "initialMargin": initial, "maxLeverage": leverage, "mmDeduction": ""})
        };
        let list = json!({"list": [band("4000000", "0.01", "0.02", "50"), band("2000000", "0.5", "1", "100.00")]});
        let tiers = RiskLimits { symbol: "BTCUSDT" }.decode(&body(list)).expect("tiers");
        let shown: Vec<_> =
            tiers.iter().map(|tier| (tier.floor.to_string(), tier.maintenance_rate.to_string())).collect();
        assert_eq!(shown, [("0".to_owned(), "0.005".to_owned()), ("2000000".to_owned(), "0.01".to_owned())]);
    }

    #[test]
    fn the_margin_mode_is_the_accounts() {
        let info = |word: &str| AccountInfo.decode(&body(json!({"marginMode": word, "unifiedMarginStatus": 5})));
        assert_eq!(info("REGULAR_MARGIN").expect("a mode"), MarginMode::Cross);
        assert_eq!(info("PORTFOLIO_MARGIN").expect("a mode"), MarginMode::Portfolio);
        assert!(info("MOON_MARGIN").is_err());
    }
}
