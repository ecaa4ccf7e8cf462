//! Questions to whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal};

use tradewire::transport::Secret;

/// Asks the terminal, also where standard input is something else. What is typed is not shown.
pub(crate) fn hidden(question: &str) -> io::Result<Secret> {
    rpassword::prompt_password(question).map(Secret::new)
}

/// Reads one answer: from the terminal without showing it, or a line of standard input where that is no terminal.
pub(crate) fn answer(question: &str) -> io::Result<Secret> {
    if io::stdin().is_terminal() {
        return hidden(question);
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map(|_| Secret::new(line))
}
