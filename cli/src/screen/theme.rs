use ratatui::style::{Color, Modifier, Style};
use tradewire::{BookState, Side};

/// Colours, or none where `NO_COLOR` is set: every meaning is also in a word, a sign or a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    colours: bool,
}

impl Theme {
    pub(crate) fn from_environment() -> Self {
        Self { colours: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    fn colour(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    pub(crate) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    pub(crate) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// For what can be overlooked.
    pub(crate) fn faint(self) -> Style {
        if self.colours { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// For a key that can be pressed.
    pub(crate) fn key(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    pub(crate) fn good(self) -> Style {
        self.colour(Color::Green)
    }

    pub(crate) fn warning(self) -> Style {
        self.colour(Color::Yellow)
    }

    pub(crate) fn bad(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// For the prices of a side: bids are `Buy`.
    pub(crate) fn side(self, side: Side) -> Style {
        self.colour(match side {
            Side::Buy => Color::Green,
            Side::Sell => Color::Red,
        })
    }

    pub(crate) fn state(self, state: BookState) -> Style {
        match state {
            BookState::Live => self.good(),
            BookState::Syncing => self.warning(),
            BookState::Stale | BookState::Invalid => self.bad(),
        }
    }
}

/// The sign of a state, so that it can be told without colours.
pub(super) fn sign(state: BookState) -> &'static str {
    match state {
        BookState::Live => "●",
        BookState::Syncing => "◌",
        BookState::Stale => "◐",
        BookState::Invalid => "✗",
    }
}
