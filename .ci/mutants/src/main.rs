//! Proves that the conformance suite catches mistakes: connectors with one mistake each go through it, and must be caught by a
//! message that leads to the mistake.
//!
//! ```text
//! cargo run -p tradewire-mutants                  all of them; writes docs/mutants.md
//! cargo run -p tradewire-mutants -- --check [N]   N of them, others for every commit, and the page's list
//! cargo run -p tradewire-mutants -- NAME…         these, with every behaviour that failed
//! ```

mod mutant;
mod page;
mod subject;
mod suite;
mod table;
mod workshop;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use mutant::Mutant;
use suite::Caught;
use workshop::Workshop;

/// How many a check runs unless it is told.
const CHECKED: usize = 6;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => all(),
        ["--check"] => check(CHECKED),
        ["--check", count] => count.parse().map_err(|_| format!("'{count}' is no number")).and_then(check),
        names => some(names),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}

/// Runs all behaviours that are asked for without a mistake, then every mutant, and writes the page.
fn all() -> Result<(), String> {
    let workshop = Workshop::open(root())?;
    for subject in table::subjects() {
        let broken = workshop.without_mistake(subject)?;
        if let Some(failed) = broken.first() {
            return Err(format!("{} fails {} without any mistake: {}", subject.name, failed.id, failed.message));
        }
    }
    let mut caught = Vec::new();
    let mut escaped = Vec::new();
    for mutant in table::all() {
        let failed = workshop.run(mutant)?;
        match Caught::of(mutant, failed) {
            Ok(one) => {
                println!("{:<28} {} {}", mutant.name, one.lead().id, one.lead().message);
                caught.push((mutant, one));
            }
            Err(why) => {
                println!("{:<28} {why}", mutant.name);
                escaped.push(mutant.name);
            }
        }
    }
    if !escaped.is_empty() {
        return Err(format!("not caught as the table says: {}", escaped.join(", ")));
    }
    let page = root().join(page::PATH);
    std::fs::write(&page, page::written(&caught)).map_err(|error| format!("{}: {error}", page.display()))?;
    println!("{} mutants caught; {} written", caught.len(), page::PATH);
    Ok(())
}

/// Runs some mutants, and compares the page's list with the table.
fn check(count: usize) -> Result<(), String> {
    let page = root().join(page::PATH);
    let page = std::fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
    page::agrees(&page)?;
    let workshop = Workshop::open(root())?;
    for mutant in chosen(count) {
        let caught = Caught::of(mutant, workshop.run(mutant)?)?;
        println!("{:<28} {} {}", mutant.name, caught.lead().id, caught.lead().message);
    }
    Ok(())
}

/// As many mutants, others for every commit.
fn chosen(count: usize) -> Vec<&'static Mutant> {
    let commit = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root()).output();
    let commit = commit.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
    let number = usize::from_str_radix(commit.get(..6).unwrap_or_default(), 16).unwrap_or_default();
    let mutants: Vec<_> = table::all().collect();
    let step = (mutants.len() / count.max(1)).max(1);
    (0..count.min(mutants.len())).map(|place| mutants[(number + place * step) % mutants.len()]).collect()
}

/// Runs the mutants that are named.
fn some(names: &[&str]) -> Result<(), String> {
    let workshop = Workshop::open(root())?;
    for name in names {
        let mutant = table::all().find(|mutant| mutant.name == *name);
        let mutant = mutant.ok_or_else(|| format!("there is no mutant '{name}'"))?;
        println!("{name}: {}", mutant.wrong);
        let failed = workshop.run(mutant)?;
        for row in &failed {
            println!("  {} {}", row.id, row.message);
        }
        if let Err(why) = Caught::of(mutant, failed) {
            println!("  {why}");
        }
    }
    Ok(())
}
