//! The page of the documentation that lists all mutants.

use crate::mutant::{Mutant, STAGES};
use crate::suite::Caught;
use crate::table;

/// Where it is.
pub(crate) const PATH: &str = "docs/mutants.md";

/// Ids of behaviours that are listed by name.
const NAMED: usize = 6;
/// Letters of a message that are shown.
const SHOWN: usize = 280;
/// Letters of two long values that are shown of each, around the first place in which they differ.
const PART: usize = 80;
/// Letters by which the one is found in a message that begins with other words.
const ALIKE: usize = 12;

const HEAD: &str = "\
# Mistakes that the suite catches

A suite is worth what it catches. Here connectors with one mistake each were run against behaviours of the conformance suite that are about
it; every one was caught, by a message that leads to the mistake: what was expected, and what happened instead. They are made in
`exchanges/example`, the folder to begin a connector from.

The mistakes stand in `.ci/mutants/src/table/`. This page is printed by `cargo run -p tradewire-mutants`, which makes and runs them
all; `-- NAME` runs one, and `-- --check` some, others for every commit, as continuous integration does. A mistake that no behaviour
notices is a hole in the suite: add it to the table, then the behaviour that catches it.
";

/// The page.
pub(crate) fn written(caught: &[(&Mutant, Caught)]) -> String {
    let mut page = format!("{HEAD}\n{} mistakes, all caught.\n", caught.len());
    for stage in STAGES {
        let mut of_it = caught.iter().filter(|(mutant, _)| mutant.stage.name == stage.name).peekable();
        if of_it.peek().is_none() {
            continue;
        }
        page +=
            &format!("\n## {}\n\n| mutant | what is wrong | caught by | message |\n|---|---|---|---|\n", stage.name);
        for (mutant, caught) in of_it {
            let message = format!("{}: {}", caught.lead().id, shown(&caught.lead().message, mutant.tells));
            page += &format!("{}{} | {message} |\n", listed(mutant), by(caught));
        }
    }
    page
}

/// The part of a mutant's line that the table decides.
fn listed(mutant: &Mutant) -> String {
    let file = format!("{}/{}", mutant.subject.folder, mutant.file);
    format!("| {} | {} ([`{}`](../{file})) | ", mutant.name, mutant.wrong, mutant.file)
}

/// The behaviours that catch a mutant, that which leads to the mistake first.
fn by(caught: &Caught) -> String {
    let lead = caught.lead();
    let others = caught.failed.iter().filter(|row| *row != lead);
    let ids: Vec<_> = std::iter::once(lead).chain(others).map(|row| row.id.as_str()).collect();
    match ids.len().saturating_sub(NAMED) {
        0 => ids.join(", "),
        more => format!("{} and {more} more", ids[..NAMED].join(", ")),
    }
}

/// A message as a cell of a table: of two long values only where the one tells of the mistake.
fn shown(message: &str, tells: &str) -> String {
    let long = message.chars().count() > SHOWN;
    let text = match message.split_once("; happened: ") {
        Some((expected, happened)) if long => differing(expected, happened, tells),
        _ => message.to_owned(),
    };
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { " …" } else { "" };
    format!("{}{more}", short.replace('|', "\\|").replace('<', "&lt;"))
}

/// Two values from a little before the place that tells of the mistake, or else the first in which they differ.
fn differing(expected: &str, happened: &str, tells: &str) -> String {
    let begins: String = happened.chars().take(ALIKE).collect();
    let (what, value) = expected.split_at(expected.find(&begins).unwrap_or_default());
    let same = match happened.find(tells) {
        Some(at) => happened[..at].chars().count(),
        None => value.chars().zip(happened.chars()).take_while(|(one, other)| one == other).count(),
    };
    let part = |text: &str| text.chars().skip(same.saturating_sub(PART / 2)).take(PART).collect::<String>();
    format!("{what}… {} …; happened: … {} …", part(value), part(happened))
}

/// Checks that a page lists what the table lists.
///
/// # Errors
/// What it misses, or has besides.
pub(crate) fn agrees(page: &str) -> Result<(), String> {
    let again = "print it anew: cargo run -p tradewire-mutants";
    let listed: Vec<String> = table::all().map(listed).collect();
    if let Some(missing) = listed.iter().find(|line| !page.contains(line.as_str())) {
        return Err(format!("{PATH} has no line '{missing}'; {again}"));
    }
    let lines = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| mutant |")).count();
    if lines == listed.len() {
        Ok(())
    } else {
        Err(format!("{PATH} lists {lines} of {} mutants; {again}", listed.len()))
    }
}
