use serde::{Serialize, Serializer};
use tradewire_core::{Fill, FillReport, Pair, Timestamp, exact};

use crate::export::{text, word};
use crate::rfc3339::rfc3339;

/// A fill as text: from our record of it, or from what the exchange says. Numbers are plain decimal text; what is not known is absent.
#[derive(Clone, Debug, Serialize)]
pub struct FillText {
    /// The pair, where the exchange lists the instrument.
    pub pair: Option<String>,
    /// The exchange's name of the instrument.
    pub symbol: String,
    /// The exchange's id of the trade.
    pub trade_id: String,
    /// Our id of the order.
    pub client_order_id: Option<String>,
    /// The exchange's id of the order.
    pub exchange_order_id: Option<String>,
    /// `buy` or `sell`.
    pub side: String,
    /// In quote units.
    pub price: String,
    /// In base units.
    pub quantity: String,
    /// Price times quantity.
    pub quote_quantity: Option<String>,
    /// What was charged; a negative fee was paid to us.
    pub fee: Option<String>,
    /// The asset of the fee.
    pub fee_asset: Option<String>,
    /// Whether the fee is not the exchange's figure.
    pub fee_estimated: bool,
    /// `maker` or `taker`.
    pub liquidity: Option<String>,
    /// By the exchange's clock.
    #[serde(rename = "time_ms", serialize_with = "as_millis")]
    pub time: Timestamp,
}

impl FillText {
    /// What comma-separated values call its parts.
    pub const COLUMNS: [&str; 14] = [
        "time",
        "symbol",
        "pair",
        "side",
        "price",
        "quantity",
        "quote_quantity",
        "fee",
        "fee_asset",
        "fee_estimated",
        "liquidity",
        "trade_id",
        "client_order_id",
        "exchange_order_id",
    ];

    /// As the exchange tells it.
    pub fn reported(pair: Option<&Pair>, fill: &FillReport) -> Self {
        let quote = fill.quote_quantity.or_else(|| exact::multiply(fill.price.value(), fill.quantity.value()));
        Self {
            pair: pair.map(ToString::to_string),
            symbol: fill.symbol.clone(),
            trade_id: fill.trade_id.to_string(),
            client_order_id: fill.client_order_id.as_ref().map(ToString::to_string),
            exchange_order_id: fill.exchange_order_id.as_ref().map(ToString::to_string),
            side: fill.side.to_string(),
            price: fill.price.to_string(),
            quantity: fill.quantity.to_string(),
            quote_quantity: quote.map(|quote| quote.normalize().to_string()),
            fee: fill.fee.as_ref().map(|fee| fee.amount.normalize().to_string()),
            fee_asset: fill.fee.as_ref().map(|fee| fee.asset.to_string()),
            fee_estimated: false,
            liquidity: fill.liquidity.map(|liquidity| word(&liquidity)),
            time: fill.time,
        }
    }

    /// In the order of [`Self::COLUMNS`].
    pub fn cells(&self) -> [String; 14] {
        [
            rfc3339(self.time),
            self.symbol.clone(),
            text(self.pair.as_ref()),
            self.side.clone(),
            self.price.clone(),
            self.quantity.clone(),
            text(self.quote_quantity.as_ref()),
            text(self.fee.as_ref()),
            text(self.fee_asset.as_ref()),
            self.fee_estimated.to_string(),
            text(self.liquidity.as_ref()),
            self.trade_id.clone(),
            text(self.client_order_id.as_ref()),
            text(self.exchange_order_id.as_ref()),
        ]
    }
}

/// As it is recorded.
impl From<&Fill> for FillText {
    fn from(fill: &Fill) -> Self {
        Self {
            pair: fill.pair.as_ref().map(ToString::to_string),
            symbol: fill.symbol.to_string(),
            trade_id: fill.trade_id.to_string(),
            client_order_id: Some(fill.client_order_id.to_string()),
            exchange_order_id: Some(fill.exchange_order_id.to_string()),
            side: fill.side.to_string(),
            price: fill.price.to_string(),
            quantity: fill.quantity.to_string(),
            quote_quantity: Some(fill.quote_quantity.normalize().to_string()),
            fee: fill.fee.as_ref().map(|fee| fee.amount.normalize().to_string()),
            fee_asset: fill.fee.as_ref().map(|fee| fee.asset.to_string()),
            fee_estimated: fill.fee_estimated,
            liquidity: fill.liquidity.map(|liquidity| word(&liquidity)),
            time: fill.time,
        }
    }
}

fn as_millis<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(time.as_millis())
}
