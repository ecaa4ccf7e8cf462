use std::sync::Arc;

use aws_lc_rs::rand;
use tradewire::tracking::{Action, ClientOrderIds, IdForm, NewOrder, Target};
use tradewire::{
    AccountSource, Capabilities, CommandError, Decimal, Error, ErrorKind, Instrument, InstrumentRules,
    InstrumentStatus, OrderRequest, Pair, PositionMode, PositionSide, Timestamp,
};

use super::account;
use super::named::likely;
use super::rendered_view::RenderedView;
use crate::args::{RequestAction, RequestArgs, RequestOrderArgs};
use crate::failure::Failure;
use crate::output;

/// What ids that are made here begin with, as those of a connector do.
const ID_PREFIX: &str = "tw";

/// `tradewire request`: the exact request of an action, which is not sent. Nobody is asked for anything.
pub(super) async fn run(args: &RequestArgs) -> Result<(), Failure> {
    if !args.dry_run {
        return Err(Failure::wrong_use("'tradewire request' sends nothing: say so with '--dry-run'"));
    }
    let wanted = Wanted::of(&args.action)?;
    account::check_place(&args.exchange, &args.addresses)?;
    let credentials = account::credentials(&args.exchange, &args.who)?;
    let credentials = credentials.ok_or_else(|| account::missing("without which nothing can be signed"))?;
    let key = (!args.show_key).then(|| credentials.api_key().to_owned());
    let source = account::source(&args.exchange, &args.addresses, credentials)?;
    let action = wanted.action(&*source).map_err(|error| Failure::failed(error.error()))?;
    let rendered = source.render(&action, args.timestamp.map(Timestamp::from_millis)).await?;
    let view = RenderedView::of(rendered, key.as_deref());
    let view = view.ok_or_else(|| Failure::failed("a request of a kind that cannot be shown"))?;
    if args.json { output::json(&view) } else { output::line(view.text()) }
}

/// The order as a connector would send it, as far as can be told without the exchange's rules.
fn new_order(source: &dyn AccountSource, request: OrderRequest) -> Result<Action, CommandError> {
    let capabilities = source.market().capabilities();
    capabilities.check(&request)?;
    let client_order_id = match &request.client_order_id {
        Some(given) => {
            id_form(capabilities)?.check(given)?;
            given.clone()
        }
        None => {
            let ids = ClientOrderIds::start(id_form(capabilities)?, None, random()?);
            ids.map_err(CommandError::NotSent)?.next(source.market().server_clock().local().now())
        }
    };
    let instrument = likely_instrument(source, &request.pair);
    Ok(Action::Place(NewOrder { request, client_order_id, instrument }))
}

fn random() -> Result<u64, CommandError> {
    let mut bytes = [0; 8];
    let none = |_| CommandError::NotSent(Error::new(ErrorKind::Io, "the system gives no random numbers"));
    rand::fill(&mut bytes).map_err(none)?;
    Ok(u64::from_ne_bytes(bytes))
}

fn id_form(capabilities: &Capabilities) -> Result<IdForm, CommandError> {
    let form = match &capabilities.trading {
        Some(trading) => IdForm::new(ID_PREFIX, trading),
        None => Err(Error::new(ErrorKind::Unsupported, "this exchange is for market data only")),
    };
    form.map_err(CommandError::NotSent)
}

/// What a request is for, its words checked.
enum Wanted<'a> {
    Place(OrderRequest),
    Cancel(&'a RequestOrderArgs),
    Query(&'a RequestOrderArgs),
    OpenOrders(Option<&'a Pair>),
    Fills(&'a Pair),
    Balances,
    Positions,
    Leverage(&'a Pair, Option<PositionSide>, Decimal),
    PositionMode(&'a Pair, PositionMode),
    Login,
}

impl<'a> Wanted<'a> {
    fn of(action: &'a RequestAction) -> Result<Self, Failure> {
        Ok(match action {
            RequestAction::Place(order) => Self::Place(order.request()?),
            RequestAction::Cancel(order) => Self::Cancel(order),
            RequestAction::Query(order) => Self::Query(order),
            RequestAction::OpenOrders { pair } => Self::OpenOrders(pair.as_ref()),
            RequestAction::Fills { pair } => Self::Fills(pair),
            RequestAction::Balances => Self::Balances,
            RequestAction::Positions => Self::Positions,
            RequestAction::Leverage { pair, leverage, position_side } => {
                Self::Leverage(pair, *position_side, *leverage)
            }
            RequestAction::PositionMode { pair, mode } => Self::PositionMode(pair, *mode),
            RequestAction::Login => Self::Login,
        })
    }

    fn action(self, source: &dyn AccountSource) -> Result<Action, CommandError> {
        let instrument = |pair| likely_instrument(source, pair);
        Ok(match self {
            Self::Place(order) => new_order(source, order)?,
            Self::Cancel(order) => Action::Cancel(likely_target(source, order)),
            Self::Query(order) => Action::Query(likely_target(source, order)),
            Self::OpenOrders(pair) => Action::OpenOrders(pair.map(instrument)),
            Self::Fills(pair) => Action::Fills(instrument(pair)),
            Self::Balances => Action::Balances,
            Self::Positions => Action::Positions,
            Self::Leverage(pair, side, leverage) => Action::Leverage(instrument(pair), side, leverage),
            Self::PositionMode(pair, mode) => Action::PositionMode(instrument(pair), mode),
            Self::Login => Action::Login,
        })
    }
}

/// The order that an id most likely names.
fn likely_target(source: &dyn AccountSource, order: &RequestOrderArgs) -> Target {
    let RequestOrderArgs { order, conditional } = order;
    let instrument = likely_instrument(source, &order.pair);
    Target { conditional: *conditional, ..likely(source.market().capabilities(), &instrument, &order.id) }
}

/// The instrument that a pair most likely is; its rules are not known.
fn likely_instrument(source: &dyn AccountSource, pair: &Pair) -> Arc<Instrument> {
    Arc::new(Instrument {
        pair: pair.clone(),
        kind: source.market().capabilities().kind,
        symbol: source.market().guess_symbol(pair).into(),
        status: InstrumentStatus::Trading,
        contract: None,
        rules: InstrumentRules::default(),
        unknown_filters: Vec::new(),
    })
}
