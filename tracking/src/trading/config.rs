use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tradewire_core::{Asset, Decimal, PositionMode};

use crate::Journal;

/// For how long ended orders, their fills and events are kept: as long as the exchanges keep their own history.
pub const JOURNAL_KEEP: Duration = Duration::from_hours(90 * 24);

/// How a connector trades.
#[derive(Clone, Debug)]
pub struct TradingConfig {
    /// Where orders are recorded before they are sent.
    pub journal: Arc<dyn Journal>,
    /// What client order ids begin with: letters and digits.
    pub id_prefix: String,
    /// What becomes of own orders when the connector stops.
    pub on_stop: OnStop,
    /// Whether orders of a pair are held back while its book is not valid.
    pub require_valid_book: bool,
    /// Whether orders beyond the available balance, fees included, are held back.
    pub check_balance: bool,
    /// For how long the journal keeps what has ended.
    pub journal_keep: Duration,
    /// The most that own orders may use of an asset.
    pub budgets: BTreeMap<Asset, Decimal>,
    /// How the program expects positions to be kept, where contracts are traded; `None` takes the account's mode as it is.
    /// While the account is in the other mode no order is sent, and the mode is not switched by itself.
    pub position_mode: Option<PositionMode>,
    /// After how long without a word of the connector the exchange cancels all orders of an instrument, also those of others, from
    /// 5 s on; `None` leaves the switch off. It is armed before the first order of an instrument, renewed at a third of this
    /// while own orders are live and every part is ready, and switched off by an orderly stop.
    pub dead_man_switch: Option<Duration>,
}

impl TradingConfig {
    /// The default settings with a journal.
    pub fn new(journal: Arc<dyn Journal>) -> Self {
        Self {
            journal,
            id_prefix: "tw".to_owned(),
            on_stop: OnStop::default(),
            require_valid_book: false,
            check_balance: true,
            journal_keep: JOURNAL_KEEP,
            budgets: BTreeMap::new(),
            position_mode: None,
            dead_man_switch: None,
        }
    }
}

/// What becomes of own orders when a connector stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnStop {
    /// They stay as they are; the next start goes on with them.
    #[default]
    Leave,
    /// They are cancelled, within 20 s.
    Cancel,
}
