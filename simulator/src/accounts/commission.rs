//! Fees of fills.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::account::AccountId;
use super::desk::Desk;
use super::perpetual::Origin;
use super::rates::Rates;
use crate::engine::{OrderId, Side};
use crate::faults::{Class, FaultKind, Occasion};
use crate::numbers::notional;

/// Decimals of a fee. What lies below is dropped: the fee is rounded down, a rebate towards zero.
pub(super) const FEE_DECIMALS: u32 = 8;

/// What an order received by one trade.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub(super) asset: Arc<str>,
    pub(super) amount: Decimal,
    pub(super) side: Side,
    pub(super) maker: bool,
}

impl Receipt {
    fn fee(&self, rates: &Rates) -> Decimal {
        let liquidity = if self.maker { rates.maker } else { rates.taker };
        let side = if self.side == Side::Buy { rates.buyer } else { rates.seller };
        notional(self.amount, liquidity + side)
    }
}

impl Desk<'_> {
    /// Fee and its asset of a trade; of an order by which the exchange settles nothing is taken.
    pub(super) fn commission_of(&mut self, account: AccountId, id: OrderId, receipt: &Receipt) -> (Decimal, Arc<str>) {
        let origin = self.order(account, id).map(|order| order.origin).unwrap_or_default();
        match origin {
            Origin::Settlement | Origin::Adl => (Decimal::ZERO, Arc::clone(&receipt.asset)),
            _ => self.commission(account, receipt),
        }
    }

    /// Fee and its asset for what an account has just received. It is taken from what was received; at a discount
    /// from another asset if the account wants that and has enough there, for there is no part payment.
    pub(super) fn commission(&mut self, account: AccountId, receipt: &Receipt) -> (Decimal, Arc<str>) {
        let rates = self.accounts.rates(account, self.market.id);
        let standard = receipt.fee(&rates.standard);
        let fixed = receipt.fee(&rates.special) + receipt.fee(&rates.tax);
        let usual = (standard + fixed).trunc_with_scale(FEE_DECIMALS);
        for fault in self.faults_on_fill(account) {
            match fault {
                FaultKind::Rebate { rate } => {
                    let rebate = notional(receipt.amount, rate).trunc_with_scale(FEE_DECIMALS);
                    return (-rebate, Arc::clone(&receipt.asset));
                }
                FaultKind::FeeAsset { asset } => {
                    if let Some(fee) = self.payable(account, usual, receipt, &asset) {
                        return (fee, Arc::from(asset));
                    }
                }
                _ => {}
            }
        }
        let discount = rates.discount;
        if discount.enabled && usual > Decimal::ZERO {
            let reduced = notional(standard, discount.factor) + fixed;
            if let Some(fee) = self.payable(account, reduced, receipt, &discount.asset) {
                return (fee, Arc::from(discount.asset));
            }
        }
        (usual, Arc::clone(&receipt.asset))
    }

    /// The same receipt in quote units, if the fee is to be taken of those and the account has enough of them free.
    pub(super) fn receipt_in_quote(&self, account: AccountId, usual: &Receipt, quote: Decimal) -> Option<Receipt> {
        if !self.policy().fees_in_quote || usual.side != Side::Buy {
            return None;
        }
        let asset = Arc::clone(&self.market.names.quote);
        let free = self.accounts.account(account).ok()?.balance(&asset).free;
        let receipt = Receipt { asset, amount: quote, ..usual.clone() };
        let rates = self.accounts.rates(account, self.market.id);
        let fee = receipt.fee(&rates.standard) + receipt.fee(&rates.special) + receipt.fee(&rates.tax);
        (fee <= free).then_some(receipt)
    }

    /// The fee in units of `asset`, if the account has as much of it free.
    fn payable(&self, account: AccountId, fee: Decimal, receipt: &Receipt, asset: &str) -> Option<Decimal> {
        let fee = self.prices.convert(fee, &receipt.asset, asset)?;
        let free = self.accounts.account(account).ok()?.balance(asset).free;
        (fee <= free).then_some(fee)
    }

    fn faults_on_fill(&self, account: AccountId) -> Vec<FaultKind> {
        if self.faults.is_empty() {
            return Vec::new();
        }
        let listing = &self.market.listing;
        let pair = listing.pair();
        let name = self.accounts.account(account).ok().map(|account| account.name.as_str());
        let symbol = Some((listing.symbol.as_str(), pair.as_str()));
        let occasion = Occasion { symbol, account: name, ..Occasion::default() };
        self.faults.strike(self.true_now, &[Class::Fill], &occasion)
    }
}
