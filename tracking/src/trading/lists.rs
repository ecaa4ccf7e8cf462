use std::sync::Arc;

use tradewire_core::{Error, ExecutionReport, Instrument, Timestamp};

use super::history::{read_fills_of_window, read_open_orders, read_orders_of_window};
use super::keeper::Keeper;
use super::needs::target;
use crate::{Queried, Search, Subject};

/// Orders of one instrument, as the exchange lists them.
#[derive(Debug)]
pub(super) struct Lists {
    instrument: Arc<Instrument>,
    /// Open ones last. They were read first: one that ended meanwhile is among the others.
    reports: Vec<ExecutionReport>,
    /// When the first list was asked for, by our clock.
    asked: Timestamp,
}

impl Lists {
    /// Reads the lists that show `subjects`, all of one instrument, if they are on the exchange. `None` without any.
    ///
    /// # Errors
    /// Those of the requests: part of the lists says nothing.
    pub(super) async fn showing<'a>(
        keeper: &Keeper,
        subjects: impl Iterator<Item = &'a Subject> + Clone,
    ) -> Result<Option<Self>, Error> {
        let Some((first, since)) = subjects.clone().next().zip(oldest(subjects)) else { return Ok(None) };
        let (instrument, asked) = (target(keeper, first)?.instrument, keeper.now());
        let open = read_open_orders(&*keeper.source, Some(&instrument)).await?;
        let (from, until) = (keeper.on_exchange_clock(since), keeper.exchange_now());
        let mut reports = read_orders_of_window(&*keeper.source, &instrument, from, until).await?;
        reports.extend(open);
        Ok(Some(Self { instrument, reports, asked }))
    }

    /// What they say of an order.
    pub(super) fn shown(&self, subject: &Subject) -> Queried {
        let is_it = |report: &&ExecutionReport| match (&subject.exchange_order_id, &report.exchange_order_id) {
            (Some(known), Some(told)) => known == told,
            _ => report.client_order_id.as_ref() == Some(&subject.client_order_id),
        };
        let answer = self.reports.iter().rev().find(is_it).cloned();
        Queried { number: subject.number, answer, asked: self.asked }
    }

    /// Concludes the searches for orders that these lists would show: their fills are read too, and if there is nothing of an
    /// order it has ended.
    ///
    /// # Errors
    /// Those of the requests; no search is concluded then.
    pub(super) async fn prove(mut self, keeper: &Keeper, subjects: &[Subject]) -> Result<(), Error> {
        let Some(since) = oldest(subjects.iter()) else { return Ok(()) };
        for report in &mut self.reports {
            unmask(keeper, &self.instrument, subjects, report).await?;
        }
        let (from, until) = (keeper.on_exchange_clock(since), keeper.exchange_now());
        let fills = read_fills_of_window(&*keeper.source, &self.instrument, from, until).await?;
        let found = Search { reports: self.reports, fills, asked: self.asked };
        keeper.note(|state, step, now| {
            for subject in subjects {
                let effects = state.orders.searched(subject.number, &found, now);
                keeper.absorb(state, step, effects, now);
            }
        });
        Ok(())
    }
}

/// When the oldest of them was recorded, by our clock.
pub(super) fn oldest<'a>(subjects: impl Iterator<Item = &'a Subject>) -> Option<Timestamp> {
    subjects.map(|subject| subject.recorded).min()
}

/// Finds out whether an order that nobody knows is one of those that are searched for, renamed by an amendment.
async fn unmask(
    keeper: &Keeper,
    instrument: &Instrument,
    wanted: &[Subject],
    report: &mut ExecutionReport,
) -> Result<(), Error> {
    let Some(id) = report.exchange_order_id.clone() else { return Ok(()) };
    if keeper.look(|state| state.orders.number_of(report).is_some()) {
        return Ok(());
    }
    let placed_as = keeper.source.placed_as(instrument, &id).await?;
    if let Some(own) = placed_as.filter(|own| wanted.iter().any(|subject| subject.client_order_id == *own)) {
        report.new_client_order_id = report.client_order_id.replace(own);
    }
    Ok(())
}
