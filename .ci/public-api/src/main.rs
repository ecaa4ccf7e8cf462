//! Compares the public items of every published library with the lists in `docs/api`.
//!
//! ```text
//! cargo run -p tradewire-public-api                 tells what has gone; fails if it was released
//! cargo run -p tradewire-public-api -- --strict     fails if a listed item has gone, released or not
//! cargo run -p tradewire-public-api -- --write      writes the lists anew
//! ```

mod listing;
mod release;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use listing::Listing;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => check(Gone::IfReleased),
        ["--strict"] => check(Gone::Always),
        ["--write"] => write(),
        _ => Err("usage: tradewire-public-api [--strict | --write]".to_owned()),
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

/// Where the list of a library is kept, in the repository.
fn kept(library: &str) -> String {
    format!("docs/api/{library}.txt")
}

/// When an item that has gone is a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gone {
    /// Nobody's program depends on what was never released.
    IfReleased,
    Always,
}

fn check(fails: Gone) -> Result<(), String> {
    let (mut listed, mut added, mut gone, mut broken) = (0, 0, 0, 0);
    for now in Listing::of_all(&root())? {
        let file = kept(&now.library);
        let text = std::fs::read_to_string(root().join(&file)).map_err(|_| format!("{file} is missing: {WRITE}"))?;
        let before = Listing::parse(&now.library, &text);
        for item in before.without(&now) {
            println!("{file}: no longer there: {item}");
            gone += 1;
        }
        added += now.without(&before).count();
        listed += now.items.len();
        for item in release::broken(&root(), &file, &now)? {
            println!("{file}: released, and no longer there: {item}");
            broken += 1;
        }
    }
    println!(
        "{listed} public items, {added} not in the lists yet; {gone} of the lists and {broken} of the release have gone"
    );
    if broken > 0 {
        return Err("callers of what has gone no longer compile: keep it, or move the version on".to_owned());
    }
    if gone > 0 && fails == Gone::Always {
        return Err(format!("if that is meant: {WRITE}"));
    }
    Ok(())
}

const WRITE: &str = "run `cargo run -p tradewire-public-api -- --write`, and show the difference in review";

fn write() -> Result<(), String> {
    std::fs::create_dir_all(root().join("docs/api")).map_err(|error| error.to_string())?;
    for listing in Listing::of_all(&root())? {
        let file = kept(&listing.library);
        std::fs::write(root().join(&file), listing.text()).map_err(|error| format!("{file}: {error}"))?;
        println!("{file}: {} items", listing.items.len());
    }
    Ok(())
}

/// What a command prints.
fn printed(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
