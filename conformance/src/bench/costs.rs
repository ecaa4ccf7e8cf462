//! What the orders of a desk hold back and move, whether it trades assets or contracts.

use tradewire_core::{Asset, Decimal, Fill, OrderRequest, Pair, Price, Quantity, Side};
use tradewire_tracking::{largest_contract_order, largest_order};

use super::Desk;
use crate::row::Failed;

impl Desk {
    /// What an order of a quantity holds back at a price, and of which asset: its margin, or what it spends.
    pub(crate) fn held(&self, request: &OrderRequest, price: Price) -> Result<(Asset, Decimal), Failed> {
        let quantity = request.quantity().unwrap_or(Quantity::ZERO).value();
        let contract = self.instrument(&request.pair)?.contract.clone();
        Ok(match (contract, request.side) {
            (Some(contract), _) => {
                let leverage = self.connector.leverage(&request.pair, request.position_side).unwrap_or(Decimal::ONE);
                (contract.collateral().clone(), quantity * price.value() / leverage)
            }
            (None, Side::Buy) => (request.pair.quote().into(), quantity * price.value()),
            (None, Side::Sell) => (request.pair.base().into(), quantity),
        })
    }

    /// The assets that fills of a pair move, commission in a third one apart.
    pub(crate) fn moved(&self, pair: &Pair) -> Result<Vec<Asset>, Failed> {
        Ok(match &self.instrument(pair)?.contract {
            Some(contract) => vec![contract.collateral().clone()],
            None => vec![pair.base().into(), pair.quote().into()],
        })
    }

    /// What a fill of a buy order costs at a rate: a part of its value, or of what is received.
    pub(crate) fn fee_of_buying(&self, fill: &Fill, rate: Decimal) -> Result<Decimal, Failed> {
        let pair = fill.pair.as_ref().ok_or_else(|| Failed::new("the pair of a fill", "none"))?;
        let contract = self.instrument(pair)?.contract.is_some();
        Ok(if contract { fill.quote_quantity } else { fill.quantity.value() } * rate)
    }

    /// The largest order that so much of the asset which it holds back pays for, by the connector's own helper.
    pub(crate) fn largest(
        &self,
        pair: &Pair,
        side: Side,
        price: Price,
        available: Decimal,
        fee: Decimal,
    ) -> Result<Option<Quantity>, Failed> {
        let instrument = self.instrument(pair)?;
        Ok(match (&instrument.contract, self.connector.leverage(pair, None)) {
            (Some(_), Some(leverage)) => largest_contract_order(price, available, leverage, fee, &instrument.rules),
            (Some(_), None) => return Err(Failed::new("the leverage of a contract", "none is known")),
            (None, _) => largest_order(side, price, available, fee, &instrument.rules),
        })
    }
}
