//! An account of every order, fill, fee and balance of a demo, against the exchange's own books.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use tradewire::journal::{FillFilter, JournalReader, OrderFilter};
use tradewire::{Connector, Decimal, Fill, Order, OrderState, Origin};
use tradewire_simulator::{AccountLedger, Product, Simulator};

use super::trader::ACCOUNT;
use crate::failure::Failure;

/// What the connector says of its account, and where the exchange says otherwise.
#[derive(Debug, Serialize)]
pub(super) struct AccountSummary {
    /// Whether everything was known in time and nothing differs.
    pub(super) ok: bool,
    orders: usize,
    completed: usize,
    cancelled: usize,
    rejected: usize,
    expired: usize,
    fills: usize,
    /// What was charged, by asset.
    fees: BTreeMap<String, Decimal>,
    /// Assets that the account has.
    balances: usize,
    restarts: u32,
    /// What is not as the exchange has it.
    differences: Vec<String>,
}

impl AccountSummary {
    /// The account by the journal of a connector that has stopped; `differences` are those found before.
    pub(super) fn of(
        simulator: &Simulator,
        journal: &Path,
        restarts: u32,
        mut differences: Vec<String>,
    ) -> Result<Self, Failure> {
        let reader = JournalReader::open(journal)?;
        let orders: Vec<Order> =
            reader.orders(&OrderFilter::default())?.into_iter().map(|listed| listed.entry.order).collect();
        let fills: Vec<Fill> = reader.fills(&FillFilter::default())?.into_iter().map(|listed| listed.entry).collect();
        let ledger = simulator.account_ledger(ACCOUNT).ok_or_else(|| Failure::failed("the account is gone"))?;
        differences.extend(differences_of_orders(&ledger, &orders));
        differences.extend(differences_of_fills(&ledger, &fills));
        let ended = |state| orders.iter().filter(|order| order.state == state).count();
        let mut fees = BTreeMap::new();
        for fee in fills.iter().filter_map(|fill| fill.fee.as_ref()) {
            *fees.entry(fee.asset.as_str().to_owned()).or_insert(Decimal::ZERO) += fee.amount;
        }
        Ok(Self {
            ok: differences.is_empty(),
            orders: orders.len(),
            completed: ended(OrderState::Filled),
            cancelled: ended(OrderState::Cancelled),
            rejected: ended(OrderState::Rejected),
            expired: ended(OrderState::Expired),
            fills: fills.len(),
            fees,
            balances: ledger.balances.len(),
            restarts,
            differences,
        })
    }

    /// The account for people.
    pub(super) fn text(&self) -> String {
        let fees: Vec<_> = self.fees.iter().map(|(asset, amount)| format!("{amount} {asset}")).collect();
        let mut text = format!(
            "orders          {}: {} completed, {} cancelled, {} rejected, {} expired\n",
            self.orders, self.completed, self.cancelled, self.rejected, self.expired
        );
        text += &format!("fills           {}, each once; fees {}\n", self.fills, fees.join(" + "));
        text += &format!("balances        {} assets; {} restarts from the journal\n", self.balances, self.restarts);
        text += &format!("against the exchange's own books: {} differences\n", self.differences.len());
        for difference in &self.differences {
            text += &format!("  {difference}\n");
        }
        text
    }
}

/// Where balances and positions are not the exchange's. What is available of collateral moves with the mark price all the
/// time: there only the totals are compared.
pub(super) fn differences_of_funds(simulator: &Simulator, connector: &Connector) -> Vec<String> {
    let ours = connector.balances();
    let contracts = simulator.product() == Product::LinearPerpetual;
    let mut differences = Vec::new();
    for (asset, theirs) in simulator.balances(ACCOUNT) {
        let same = ours.get(asset.as_str()).map_or(theirs.total().is_zero(), |ours| {
            ours.total == theirs.total() && (contracts || ours.available == theirs.free)
        });
        if !same {
            differences.push(format!("{asset}: the exchange has {theirs:?}, known is {:?}", ours.get(asset.as_str())));
        }
    }
    let mut theirs: Vec<_> =
        simulator.positions(ACCOUNT).iter().map(|position| (position.symbol.to_string(), position.size)).collect();
    let mut known: Vec<_> =
        connector.positions().iter().map(|position| (position.symbol.to_string(), position.size)).collect();
    theirs.sort();
    known.sort();
    if theirs != known {
        differences.push(format!("positions: the exchange has {theirs:?}, known are {known:?}"));
    }
    differences
}

fn differences_of_orders(ledger: &AccountLedger, orders: &[Order]) -> Vec<String> {
    let mut differences = Vec::new();
    for theirs in &ledger.orders {
        let id = &theirs.client_id;
        let ours = orders.iter().find(|order| *order.symbol == *theirs.symbol && same_order(order, theirs));
        match ours {
            None => differences.push(format!("order {id} of the exchange is not known")),
            Some(ours) if ours.filled.value() != theirs.executed || ours.quote_filled != theirs.executed_quote => {
                differences
                    .push(format!("order {id}: the exchange filled {}, known are {}", theirs.executed, ours.filled));
            }
            Some(ours) if ours.state.is_live() != theirs.is_live() => {
                differences
                    .push(format!("order {id}: the exchange says {:?}, known is {:?}", theirs.status, ours.state));
            }
            Some(_) => {}
        }
    }
    differences
}

/// Whether both are the same order. Orders that the exchange places itself may have an id there that it does not tell: they are
/// told apart by what they have filled.
fn same_order(ours: &Order, theirs: &tradewire_simulator::Order) -> bool {
    let own = ours.origin == Origin::Own || ours.origin == Origin::External;
    if own {
        return ours.client_order_id.as_str() == theirs.client_id;
    }
    let filled = (ours.filled.value(), ours.quote_filled) == (theirs.executed, theirs.executed_quote);
    theirs.origin != tradewire_simulator::Origin::User && filled
}

fn differences_of_fills(ledger: &AccountLedger, fills: &[Fill]) -> Vec<String> {
    let mut theirs: Vec<_> =
        ledger.fills.iter().map(|fill| (fill.symbol.to_string(), fill.price, fill.quantity, fill.commission)).collect();
    let mut ours: Vec<_> = fills
        .iter()
        .map(|fill| {
            let fee = fill.fee.as_ref().map_or(Decimal::ZERO, |fee| fee.amount);
            (fill.symbol.to_string(), fill.price.value(), fill.quantity.value(), fee)
        })
        .collect();
    theirs.sort();
    ours.sort();
    if theirs == ours { Vec::new() } else { vec![format!("fills: the exchange has {theirs:?}, known are {ours:?}")] }
}
