use std::io;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt;
use ratatui::{DefaultTerminal, Frame};

use crate::failure::Failure;
use crate::screen::Theme;

/// The whole terminal, given back as it was when dropped, in a panic too.
pub(crate) struct Screen {
    terminal: DefaultTerminal,
    inputs: EventStream,
    theme: Theme,
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Wants to leave.
    Quit,
    /// The next of several.
    Next,
    /// The one before.
    Previous,
    /// Another key with a letter or digit.
    Key(char),
    /// Nothing that means anything here.
    Other,
}

impl Screen {
    /// Takes the terminal over.
    pub(crate) fn enter() -> Result<Self, Failure> {
        let terminal = ratatui::try_init().map_err(|error| cannot_draw(&error))?;
        Ok(Self { terminal, inputs: EventStream::new(), theme: Theme::from_environment() })
    }

    /// Draws one picture.
    pub(crate) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>, &Theme)) -> Result<(), Failure> {
        let theme = self.theme;
        self.terminal.draw(|frame| picture(frame, &theme)).map(drop).map_err(|error| cannot_draw(&error))
    }

    /// Waits for something that a person does. A terminal that has gone counts as leaving. Cancel safe.
    pub(crate) async fn input(&mut self) -> Result<Input, Failure> {
        match self.inputs.next().await {
            Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => Ok(meaning(&key)),
            Some(Ok(_)) => Ok(Input::Other),
            Some(Err(error)) => Err(Failure::failed(format!("cannot read the keyboard: {error}"))),
            None => Ok(Input::Quit),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn meaning(key: &KeyEvent) -> Input {
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Input::Quit,
        KeyCode::Char('q') | KeyCode::Esc => Input::Quit,
        KeyCode::Tab | KeyCode::Right | KeyCode::Down => Input::Next,
        KeyCode::BackTab | KeyCode::Left | KeyCode::Up => Input::Previous,
        KeyCode::Char(letter) => Input::Key(letter),
        _ => Input::Other,
    }
}

fn cannot_draw(error: &io::Error) -> Failure {
    Failure::failed(format!("cannot draw on the terminal: {error}"))
}
