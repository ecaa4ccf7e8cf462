//! `tradewire new-exchange`: the skeleton of a connector, with the test that says what to write next.

mod checklist;
mod files;
mod manifest;
mod name;
mod place;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::args::NewExchangeArgs;
use crate::failure::Failure;
use crate::output;

pub(crate) use files::Shape;
pub(crate) use name::crate_name;

use files::Files;
use place::Place;

pub(crate) fn run(args: &NewExchangeArgs) -> Result<(), Failure> {
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    must_be_empty(&folder)?;
    let place = Place::of(&folder)?;
    let files = Files::of(&args.name, args.like, &place)?;
    for (path, text) in &files.0 {
        write(&folder.join(path), text)?;
    }
    let written = Written {
        folder: &folder,
        files: files.0.len(),
        dependencies: place.said(),
        next: format!("cd {} && cargo test", folder.display()),
    };
    if args.json { output::json(&written) } else { output::line(written.text()) }
}

/// What was written, and what to do with it.
#[derive(Serialize)]
struct Written<'a> {
    folder: &'a Path,
    files: usize,
    /// What is to be said about the dependencies.
    dependencies: String,
    /// The next command.
    next: String,
}

impl Written<'_> {
    fn text(&self) -> String {
        let Self { folder, files, dependencies, next } = self;
        format!("{}: {files} files of a connector\n{dependencies}\nnext: {next}", folder.display())
    }
}

fn must_be_empty(folder: &Path) -> Result<(), Failure> {
    match fs::read_dir(folder).map(Iterator::count) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Failure::wrong_use(format_args!("{} is not empty; nothing was written", folder.display()))),
        Err(_) if !folder.exists() => Ok(()),
        Err(cause) => Err(Failure::wrong_use(format_args!("{} cannot be used: {cause}", folder.display()))),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |cause| Failure::failed(format_args!("cannot write {}: {cause}", path.display()));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
