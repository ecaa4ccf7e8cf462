//! Where mutants are made: a workspace in `target/mutants` with copies of the crates concerned. Everything else is built from the
//! repository, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::mutant::Mutant;
use crate::subject::Subject;
use crate::suite::{self, FailedRow};
use crate::table;

/// A workspace of copies.
#[derive(Debug)]
pub(crate) struct Workshop {
    root: PathBuf,
    home: PathBuf,
    target: PathBuf,
}

impl Workshop {
    /// Copies the crates concerned as they are.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub(crate) fn open(root: PathBuf) -> Result<Self, String> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = std::path::absolute(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        let workshop = Self { home: root.join("target/mutants"), target, root };
        // Left by an earlier run; most often there is none.
        let _ = fs::remove_dir_all(workshop.home.join("crates"));
        for subject in table::subjects() {
            for part in ["src", "tests", "fixtures", "Cargo.toml", "API.md"] {
                let from = workshop.root.join(subject.folder).join(part);
                if from.exists() {
                    copy(&from, &workshop.copy_of(subject.package).join(part))?;
                }
            }
        }
        copy(&workshop.root.join("Cargo.lock"), &workshop.home.join("Cargo.lock"))?;
        let manifest = read(&workshop.root.join("Cargo.toml"))?;
        write(&workshop.home.join("Cargo.toml"), &workshop.manifest(&manifest))?;
        Ok(workshop)
    }

    /// Runs all behaviours that mutants of a subject are run against, without any mistake.
    ///
    /// # Errors
    /// If it cannot be built, or the suite has no answer.
    pub(crate) fn without_mistake(&self, subject: &Subject) -> Result<Vec<FailedRow>, String> {
        let rows =
            table::all().filter(|mutant| mutant.subject == subject).map(|mutant| mutant.rows).collect::<Vec<_>>();
        suite::run(&self.built(subject)?, subject, &rows.join(","))
    }

    /// Makes the mutant's mistake, runs its behaviours, and mends it.
    ///
    /// # Errors
    /// If the table does not fit the code, the mutant does not compile, or the suite has no answer.
    pub(crate) fn run(&self, mutant: &Mutant) -> Result<Vec<FailedRow>, String> {
        let file = self.copy_of(mutant.subject.package).join(mutant.file);
        let right = read(&file)?;
        let wrong = mutated(mutant, &right)?;
        write(&file, &wrong)?;
        let test = self.built(mutant.subject).map_err(|error| format!("{}: {error}", mutant.name));
        let failed = test.and_then(|test| suite::run(&test, mutant.subject, mutant.rows));
        write(&file, &right)?;
        failed
    }

    fn copy_of(&self, package: &str) -> PathBuf {
        self.home.join("crates").join(package)
    }

    /// Builds a subject's conformance test.
    fn built(&self, subject: &Subject) -> Result<PathBuf, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["test", "--no-run", "--test", "conformance", "--package", subject.package, "--manifest-path"])
            .arg(self.home.join("Cargo.toml"))
            // Cargo tells paths below the folder it runs in without that folder.
            .current_dir(&self.home)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        let said = String::from_utf8_lossy(&built.stderr);
        let test = said.lines().find_map(|line| line.trim().strip_prefix("Executable tests/conformance.rs ("));
        match test.and_then(|test| test.strip_suffix(')')) {
            Some(test) if built.status.success() => Ok(self.home.join(test)),
            _ => Err(format!("cannot be built:\n{said}")),
        }
    }

    /// The manifest of the workspace: that of the repository, with the copies for what is copied.
    fn manifest(&self, of_the_repository: &str) -> String {
        let shared = shared_sections(of_the_repository);
        let lines = shared.lines().map(|line| {
            let Some((name, rest)) = line.split_once(" = { path = \"") else { return line.to_owned() };
            let Some((path, rest)) = rest.split_once('"') else { return line.to_owned() };
            let copy = self.copy_of(name);
            let path = if copy.exists() { copy } else { self.root.join(path) };
            format!("{name} = {{ path = \"{}\"{rest}", path.display())
        });
        let head = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n".to_owned();
        lines.fold(head, |manifest, line| manifest + &line + "\n")
    }
}

/// The file with the mistake.
///
/// # Errors
/// Unless the text that is right stands in it exactly once.
pub(crate) fn mutated(mutant: &Mutant, right: &str) -> Result<String, String> {
    match right.matches(mutant.right).count() {
        1 => Ok(right.replacen(mutant.right, mutant.instead, 1)),
        count => Err(format!("{}: its text stands {count} times in {}", mutant.name, mutant.file)),
    }
}

/// The sections of a manifest that are for all packages of its workspace.
fn shared_sections(manifest: &str) -> String {
    let mut kept = String::new();
    let mut takes = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            takes = line.starts_with("[workspace.") || line.starts_with("[profile.");
        }
        if takes {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    if !from.is_dir() {
        to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
        return fs::copy(from, to).map(drop).map_err(failed);
    }
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
