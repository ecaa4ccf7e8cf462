//! Trading and looking from the shell: `order`, `balances`, `positions`, `fills` and `request`.

mod account;
mod balance_view;
mod balances;
mod cancel;
mod cancel_all;
mod ending;
mod event_view;
#[cfg(test)]
mod examples;
mod fill_view;
mod fills;
mod list;
mod named;
mod order_view;
mod outcome;
mod place;
mod position_view;
mod positions;
mod recorded;
mod remote;
mod rendered_view;
mod request;
mod show;

use crate::args::{BalancesArgs, FillsArgs, OrderCommand, PositionsArgs, RequestArgs};
use crate::failure::Failure;
use crate::stop::Stop;

pub(crate) async fn order(command: OrderCommand, mut stop: Stop) -> Result<(), Failure> {
    match command {
        OrderCommand::Place(args) => place::run(&args, stop).await,
        OrderCommand::Cancel(args) => stop.or(cancel::run(&args)).await,
        OrderCommand::CancelAll(args) => stop.or(cancel_all::run(&args)).await,
        OrderCommand::List(args) => stop.or(list::run(&args)).await,
        OrderCommand::Show(args) => stop.or(show::run(&args)).await,
    }
}

pub(crate) async fn balances(args: BalancesArgs, mut stop: Stop) -> Result<(), Failure> {
    stop.or(balances::run(&args)).await
}

pub(crate) async fn positions(args: PositionsArgs, mut stop: Stop) -> Result<(), Failure> {
    stop.or(positions::run(&args)).await
}

pub(crate) async fn fills(args: FillsArgs, mut stop: Stop) -> Result<(), Failure> {
    stop.or(fills::run(&args)).await
}

pub(crate) async fn request(args: RequestArgs, mut stop: Stop) -> Result<(), Failure> {
    stop.or(request::run(&args)).await
}
