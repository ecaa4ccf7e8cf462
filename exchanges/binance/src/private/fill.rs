use tradewire_core::{Asset, Fee, Liquidity, TradeId};
use tradewire_wire::{Fault, Number, optional, signed};

/// The fee of a fill. An amount without an asset says nothing, and neither does an asset without an amount.
pub(crate) fn fee(amount: Option<&Number<'_>>, asset: Option<&Asset>) -> Result<Option<Fee>, Fault> {
    let amount = optional(amount, signed)?;
    let asset = asset.filter(|asset| !asset.as_str().is_empty());
    Ok(amount.zip(asset).map(|(amount, asset)| Fee { amount, asset: asset.clone() }))
}

/// The id of a fill. One by smart order routing has an allocation and no trade of its own.
pub(crate) fn trade_id(id: &Number<'_>, allocation: Option<&Number<'_>>) -> Result<TradeId, Fault> {
    if !id.text().starts_with('-') {
        return Ok(id.text().into());
    }
    match allocation {
        Some(allocation) => Ok(format!("allocation-{allocation}").into()),
        None => Err(Fault::decode("a fill without the id of a trade")),
    }
}

/// Whether an order rested or took, where that is told.
pub(crate) fn liquidity(is_maker: Option<bool>) -> Option<Liquidity> {
    is_maker.map(|is_maker| if is_maker { Liquidity::Maker } else { Liquidity::Taker })
}
