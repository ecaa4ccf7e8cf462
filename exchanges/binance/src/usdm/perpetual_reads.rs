use serde::Deserialize;
use tradewire_core::{
    Asset, Decimal, Error, FundingReport, LeverageReport, MarginMode, MarginTier, PositionMode, PositionReport,
    Timestamp,
};
use tradewire_tracking::{History, Page};
use tradewire_transport::{Class, Cost, Effect, Endpoint, Method, Query, Security};

use super::order_reads::rows;
use super::words::{margin_mode, position_side};
use crate::account_endpoints::{account_read, add};
use crate::market::mark_price::positive;
use crate::market::{Fault, Number, millis, object};
use crate::page::{ROWS_MAX, page_id};
use crate::private::{decoded, signed, unsigned};

/// Open positions, and those of instruments with open orders. Weight 5. They do not tell leverage and margin mode.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions<'a> {
    /// The instrument; `None` for all.
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for Positions<'_> {
    account_read!("/fapi/v3/positionRisk", Vec<PositionReport>);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, query: &mut Query) {
        add(query, "symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<PositionReport>, Error> {
        decoded(body, |raw| rows(raw, |row| object::<PositionRow<'_>>(row)?.read()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PositionRow<'a> {
    symbol: String,
    position_side: String,
    #[serde(borrow)]
    position_amt: Number<'a>,
    #[serde(borrow)]
    entry_price: Number<'a>,
    #[serde(borrow)]
    mark_price: Number<'a>,
    #[serde(rename = "unRealizedProfit", borrow)]
    unrealised_profit: Number<'a>,
    #[serde(borrow)]
    liquidation_price: Number<'a>,
    #[serde(borrow)]
    isolated_margin: Number<'a>,
    update_time: u64,
}

impl PositionRow<'_> {
    fn read(self) -> Result<PositionReport, Fault> {
        let isolated = signed(&self.isolated_margin)?;
        Ok(PositionReport {
            side: position_side(&self.position_side),
            size: signed(&self.position_amt)?,
            entry_price: positive(&self.entry_price)?,
            mark_price: positive(&self.mark_price)?,
            unrealised_profit: Some(signed(&self.unrealised_profit)?),
            liquidation_price: positive(&self.liquidation_price)?,
            isolated_margin: (!isolated.is_zero()).then_some(isolated),
            leverage: None,
            margin_mode: None,
            time: millis(self.update_time)?,
            symbol: self.symbol,
        })
    }
}

/// Leverage and margin mode of one instrument, or of all. Weight 5.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Symbol-Config>
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    /// The instrument; `None` for all.
    pub(crate) symbol: Option<&'a str>,
}

impl Endpoint for Settings<'_> {
    account_read!("/fapi/v1/symbolConfig", Vec<LeverageReport>);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, query: &mut Query) {
        add(query, "symbol", self.symbol);
    }

    fn decode(&self, body: &[u8]) -> Result<Vec<LeverageReport>, Error> {
        decoded(body, |raw| rows(raw, |row| object::<SettingsRow<'_>>(row)?.read()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingsRow<'a> {
    symbol: String,
    margin_type: String,
    #[serde(borrow)]
    leverage: Number<'a>,
}

impl SettingsRow<'_> {
    fn read(self) -> Result<LeverageReport, Fault> {
        let margin_mode = Some(known_margin_mode(&self.margin_type)?);
        Ok(LeverageReport { symbol: self.symbol, side: None, leverage: unsigned(&self.leverage)?, margin_mode })
    }
}

fn known_margin_mode(word: &str) -> Result<MarginMode, Fault> {
    margin_mode(word).ok_or_else(|| Fault::decode(format!("'{word}' is not a margin mode")))
}

/// The account's position mode, from its configuration: of the two reads that tell it the lighter one. Weight 5.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Account-Config>
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadPositionMode;

impl Endpoint for ReadPositionMode {
    account_read!("/fapi/v1/accountConfig", PositionMode);

    fn cost(&self) -> Cost {
        Cost::weight(5)
    }

    fn query(&self, _: &mut Query) {}

    fn decode(&self, body: &[u8]) -> Result<PositionMode, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            dual_side_position: bool,
        }
        let wire: Wire = decoded(body, object)?;
        Ok(if wire.dual_side_position { PositionMode::Hedge } else { PositionMode::OneWay })
    }
}

/// One page of the funding payments of an instrument. Weight 30.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History>
#[derive(Clone, Copy, Debug)]
pub(crate) struct FundingPayments<'a> {
    symbol: &'a str,
    from: Timestamp,
    until: Timestamp,
}

impl<'a> FundingPayments<'a> {
    /// The page that is asked for. There are no ids to go on by: a page begins at the time of the last row before it, and
    /// rows of that time come again.
    ///
    /// # Errors
    /// `InvalidRequest` for a page that no answer has named.
    pub(crate) fn of(history: &'a History<'_>) -> Result<Self, Error> {
        let page = history.page.map(page_id).transpose()?;
        let from = page.and_then(|page| millis(page).ok()).unwrap_or(history.from);
        Ok(Self { symbol: &history.instrument.symbol, from, until: history.until })
    }
}

impl Endpoint for FundingPayments<'_> {
    account_read!("/fapi/v1/income", Page<FundingReport>);

    fn cost(&self) -> Cost {
        Cost::weight(30)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol).add("incomeType", "FUNDING_FEE");
        query.add_literal("startTime", self.from.as_millis()).add_literal("endTime", self.until.as_millis());
        query.add_literal("limit", ROWS_MAX);
    }

    fn decode(&self, body: &[u8]) -> Result<Page<FundingReport>, Error> {
        decoded(body, |raw| {
            let mut payments = rows(raw, |row| object::<IncomeRow<'_>>(row)?.read())?;
            payments.sort_by_key(|payment| payment.time);
            let whole = payments.len() >= ROWS_MAX as usize;
            let last = payments.last().map(|payment| payment.time).filter(|last| whole && *last > self.from);
            Ok(Page { rows: payments, next: last.map(|last| last.as_millis().to_string()), goes_back: false })
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IncomeRow<'a> {
    symbol: String,
    #[serde(borrow)]
    income: Number<'a>,
    asset: Asset,
    time: u64,
    #[serde(borrow)]
    tran_id: Number<'a>,
}

impl IncomeRow<'_> {
    fn read(self) -> Result<FundingReport, Fault> {
        Ok(FundingReport {
            symbol: self.symbol,
            side: None,
            id: Some(self.tran_id.text().to_owned()),
            asset: self.asset,
            amount: signed(&self.income)?,
            rate: None,
            size: None,
            time: millis(self.time)?,
        })
    }
}

/// The margin that positions of an instrument need. Weight 1.
///
/// <https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Notional-and-Leverage-Brackets>
#[derive(Clone, Copy, Debug)]
pub(crate) struct MarginTiers<'a> {
    /// The instrument.
    pub(crate) symbol: &'a str,
}

impl Endpoint for MarginTiers<'_> {
    account_read!("/fapi/v1/leverageBracket", Vec<MarginTier>);

    fn cost(&self) -> Cost {
        Cost::weight(1)
    }

    fn query(&self, query: &mut Query) {
        query.add("symbol", self.symbol);
    }

    /// The answer is a list, or a single object.
    fn decode(&self, body: &[u8]) -> Result<Vec<MarginTier>, Error> {
        decoded(body, |raw| {
            let instruments: Vec<BracketsRow<'_>> = match raw.starts_with('[') {
                true => rows(raw, object)?,
                false => vec![object(raw)?],
            };
            let brackets = instruments.into_iter().find(|row| row.symbol == self.symbol);
            let brackets = brackets.ok_or_else(|| Fault::decode("an answer about other instruments"))?.brackets;
            let mut tiers = brackets.iter().map(BracketRow::read).collect::<Result<Vec<_>, _>>()?;
            tiers.sort_by_key(|tier| tier.floor);
            if let Some(highest) = tiers.last_mut() {
                highest.cap = None;
            }
            Ok(tiers)
        })
    }
}

#[derive(Deserialize)]
struct BracketsRow<'a> {
    symbol: String,
    #[serde(borrow)]
    brackets: Vec<BracketRow<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BracketRow<'a> {
    #[serde(borrow)]
    initial_leverage: Number<'a>,
    #[serde(borrow)]
    notional_cap: Number<'a>,
    #[serde(borrow)]
    notional_floor: Number<'a>,
    #[serde(borrow)]
    maint_margin_ratio: Number<'a>,
    #[serde(borrow)]
    cum: Number<'a>,
}

impl BracketRow<'_> {
    fn read(&self) -> Result<MarginTier, Fault> {
        let cap: Decimal = unsigned(&self.notional_cap)?;
        Ok(MarginTier {
            floor: unsigned(&self.notional_floor)?,
            cap: Some(cap),
            max_leverage: unsigned(&self.initial_leverage)?,
            maintenance_rate: unsigned(&self.maint_margin_ratio)?,
            deduction: unsigned(&self.cum)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::order_arguments::tests::instrument;
    use super::*;
    use serde_json::json;
    use tradewire_core::PositionSide;

    fn query(endpoint: &impl Endpoint) -> String {
        let mut query = Query::default();
        endpoint.query(&mut query);
        query.as_str().to_owned()
    }

    #[test]
    fn positions_keep_their_sign_and_side() {
        let body = json!([{
            "symbol": "BTCUSDT", "positionSide": "SHORT", "positionAmt": "-0.5", "entryPrice": "61000", "breakEvenPrice": "1",
            "markPrice": "60000", "unRealizedProfit": "500", "liquidationPrice": "0", "isolatedMargin": "0",
            "notional": "-30000", "marginAsset": "USDT", "updateTime": 9,
        }]);
        let positions = Positions { symbol: None };
        let read = positions.decode(body.to_string().as_bytes()).expect("positions").remove(0);
        assert_eq!((read.side, read.size.to_string().as_str()), (Some(PositionSide::Short), "-0.5"));
        assert_eq!((read.liquidation_price, read.isolated_margin, read.leverage), (None, None, None));
        assert_eq!(query(&Positions { symbol: Some("BTCUSDT") }), "symbol=BTCUSDT");
    }

    #[test]
    fn settings_are_read_as_they_are() {
        let body = br#"[{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":21,"maxNotionalValue":"1"}]"#;
        let read = Settings { symbol: Some("BTCUSDT") }.decode(body).expect("settings").remove(0);
        assert_eq!((read.leverage.to_string().as_str(), read.margin_mode), ("21", Some(MarginMode::Cross)));
        let strange = std::str::from_utf8(body).expect("text").replace("CROSSED", "MOON");
        assert!(Settings { symbol: None }.decode(strange.as_bytes()).is_err());
        assert_eq!(ReadPositionMode.decode(br#"{"dualSidePosition":true}"#).expect("a mode"), PositionMode::Hedge);
    }

    #[test]
    fn payments_go_on_by_time() {
        let instrument = instrument();
        let at = Timestamp::from_millis;
        let mut history = History { instrument: &instrument, from: at(5), until: at(90_000), page: None };
        let first = FundingPayments::of(&history).expect("a page");
        assert_eq!(query(&first), "symbol=BTCUSDT&incomeType=FUNDING_FEE&startTime=5&endTime=90000&limit=1000");
        let row = |id: u64| json!({"symbol": "BTCUSDT", "incomeType": "FUNDING_FEE", "income": "-0.375", "asset": "USDT", "info": "", "time": 10 + id, "tranId": id, "tradeId": ""});
        let many: Vec<_> = (1..=1_000).rev().map(row).collect();
        let page = first.decode(serde_json::to_string(&many).expect("JSON").as_bytes()).expect("a page");
        assert_eq!((page.rows[0].id.as_deref(), page.rows[0].amount.to_string().as_str()), (Some("1"), "-0.375"));
        assert_eq!((page.rows.len(), page.next.as_deref()), (1_000, Some("1010")));
        history.page = page.next.as_deref();
        let next = FundingPayments::of(&history).expect("a page");
        assert!(query(&next).contains("&startTime=1010&"));
        assert_eq!(next.decode(json!([row(1)]).to_string().as_bytes()).expect("a page").next, None);
    }

    #[test]
    fn tiers_join_without_a_step() {
        let tier = |floor: u32, cap: u32, leverage: u32| json!({"bracket": 1, "initialLeverage": leverage, "notionalCap": cap, "notionalFloor": floor, "maintMarginRatio": 0.004, "cum": "50.0"});
        let body = json!([{"symbol": "BTCUSDT", "brackets": [tier(50_000, 250_000, 100), tier(0, 50_000, 125)]}]);
        let tiers = MarginTiers { symbol: "BTCUSDT" };
        let read = tiers.decode(body.to_string().as_bytes()).expect("tiers");
        assert_eq!(
            (read[0].max_leverage.to_string(), read[0].cap.map(|cap| cap.to_string())),
            ("125".to_owned(), Some("50000".to_owned()))
        );
        assert_eq!(read[1].cap, None);
        assert_eq!(tiers.decode(body[0].to_string().as_bytes()).expect("tiers"), read);
        assert!(tiers.decode(b"[]").is_err());
    }
}
