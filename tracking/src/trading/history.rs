use std::collections::VecDeque;
use std::time::Duration;

use tradewire_core::{Error, ExchangeOrderId, ExecutionReport, FillReport, FundingReport, Instrument, Timestamp};

use crate::{AccountSource, FillQuery, History, Page};

/// All open orders of an instrument, or of the account, read to the last page.
///
/// # Errors
/// Those of the requests.
///
/// # Cancel safety
/// Cancel safe: nothing is kept.
pub async fn read_open_orders(
    source: &dyn AccountSource,
    instrument: Option<&Instrument>,
) -> Result<Vec<ExecutionReport>, Error> {
    all_pages(|page: Option<String>| async move { source.open_orders(instrument, page.as_deref()).await }).await
}

/// All fills of an instrument in a window, oldest first, read to the last page, the window cut to what the exchange allows.
///
/// # Errors
/// Those of the requests.
///
/// # Cancel safety
/// Cancel safe: nothing is kept.
pub async fn read_fills_of_window(
    source: &dyn AccountSource,
    instrument: &Instrument,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<FillReport>, Error> {
    let mut fills = Vec::new();
    for (from, until) in cut(from, until, longest_window(source)) {
        let page = |page: Option<String>| async move {
            let window = History { instrument, from, until, page: page.as_deref() };
            source.fills(&FillQuery::Window(window)).await
        };
        fills.extend(all_pages(page).await?);
    }
    fills.sort_by_key(|fill| fill.time);
    Ok(fills)
}

/// All fills of one order, oldest first, read to the last page.
///
/// # Errors
/// Those of the requests.
///
/// # Cancel safety
/// Cancel safe: nothing is kept.
pub async fn read_fills_of_order(
    source: &dyn AccountSource,
    instrument: &Instrument,
    order: &ExchangeOrderId,
) -> Result<Vec<FillReport>, Error> {
    let page = |page: Option<String>| async move {
        source.fills(&FillQuery::Order { instrument, order, page: page.as_deref() }).await
    };
    let mut fills = all_pages(page).await?;
    fills.sort_by_key(|fill| fill.time);
    Ok(fills)
}

/// All orders of an instrument that were created in a window, oldest first, read to the last page, the window cut to what the
/// exchange allows.
///
/// # Errors
/// Those of the requests.
///
/// # Cancel safety
/// Cancel safe: nothing is kept.
pub async fn read_orders_of_window(
    source: &dyn AccountSource,
    instrument: &Instrument,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<ExecutionReport>, Error> {
    let mut orders = Vec::new();
    for (from, until) in cut(from, until, longest_window(source)) {
        let page = |page: Option<String>| async move {
            source.orders(&History { instrument, from, until, page: page.as_deref() }).await
        };
        orders.extend(all_pages(page).await?);
    }
    orders.sort_by_key(|order| order.created.unwrap_or(order.time));
    Ok(orders)
}

/// All funding payments of an instrument that were booked in a window.
pub(super) async fn payments_of_window(
    source: &dyn AccountSource,
    instrument: &Instrument,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<FundingReport>, Error> {
    let Some(contracts) = source.perpetual() else { return Ok(Vec::new()) };
    let mut payments = Vec::new();
    for (from, until) in cut(from, until, longest_window(source)) {
        let page = |page: Option<String>| async move {
            contracts.funding_payments(&History { instrument, from, until, page: page.as_deref() }).await
        };
        payments.extend(all_pages(page).await?);
    }
    Ok(payments)
}

/// The rows of all pages of a list, in their order: rows of one moment have no other.
async fn all_pages<T, F>(page: impl Fn(Option<String>) -> F) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<Page<T>, Error>>,
{
    let (mut all, mut next) = (VecDeque::new(), None);
    loop {
        let Page { rows, next: following, goes_back } = page(next).await?;
        if goes_back {
            all.push_front(rows);
        } else {
            all.push_back(rows);
        }
        match following {
            Some(page) => next = Some(page),
            None => return Ok(all.into_iter().flatten().collect()),
        }
    }
}

fn longest_window(source: &dyn AccountSource) -> Duration {
    let trading = source.market().capabilities().trading.as_ref();
    Duration::from_secs(trading.map_or(86_400, |trading| trading.trades_window_seconds))
}

/// The window in pieces that are no longer than `longest`, oldest first. Both ends belong to a piece, which is so long that from its
/// first millisecond to its last it is one less; pieces share none.
fn cut(from: Timestamp, until: Timestamp, longest: Duration) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    const MILLISECOND: Duration = Duration::from_millis(1);
    let mut next = Some(from);
    std::iter::from_fn(move || {
        let start = next.take()?;
        let end = start.after(longest.saturating_sub(MILLISECOND)).min(until);
        if end < until {
            next = Some(end.after(MILLISECOND));
        }
        Some((start, end.max(start)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_cut_without_a_hole_or_an_overlap() {
        let ms = Timestamp::from_millis;
        let pieces: Vec<_> = cut(ms(0), ms(250), Duration::from_millis(100)).collect();
        assert_eq!(pieces, [(ms(0), ms(99)), (ms(100), ms(199)), (ms(200), ms(250))]);
        assert_eq!(cut(ms(5), ms(5), Duration::from_millis(100)).collect::<Vec<_>>(), [(ms(5), ms(5))]);
        assert_eq!(cut(ms(0), ms(99), Duration::from_millis(100)).count(), 1);
    }

    #[tokio::test]
    async fn rows_come_in_their_order_whichever_way_pages_go() {
        for (goes_back, pages) in [(false, [[1, 2], [3, 4]]), (true, [[3, 4], [1, 2]])] {
            let page = |page: Option<String>| async move {
                let (rows, next) = match page {
                    None => (pages[0], Some("more".to_owned())),
                    Some(_) => (pages[1], None),
                };
                Ok(Page { rows: rows.to_vec(), next, goes_back })
            };
            assert_eq!(all_pages(page).await.expect("rows"), [1, 2, 3, 4]);
        }
    }
}
