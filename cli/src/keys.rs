//! `tradewire keys`: the encrypted key store. Keys are typed or piped in, never written on the command line.

use serde::Serialize;
use tradewire::transport::{Secret, SigningAlgorithm};

use crate::args::{KeysAddArgs, KeysCommand, KeysListArgs, KeysRemoveArgs};
use crate::credentials::{Material, Proof, masked, one_word, private_key_in, read_private};
use crate::failure::Failure;
use crate::key_store::{Entry, KeyStore};
use crate::output;
use crate::prompt;
use crate::text_table::{Align, TextTable};

pub(crate) fn run(command: &KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Add(args) => add(args),
        KeysCommand::List(args) => list(args),
        KeysCommand::Remove(args) => remove(args),
    }
}

fn add(args: &KeysAddArgs) -> Result<(), Failure> {
    let _lock = KeyStore::lock()?;
    let mut store = KeyStore::open_or_create()?;
    store.check_free(&args.name)?;
    let material = ask(args)?;
    // A key that cannot sign is refused now rather than when it is needed.
    material.credentials()?;
    store.add(Entry { name: args.name.clone(), exchange: args.exchange.clone(), material })?;
    if args.json {
        return store
            .entries()
            .iter()
            .filter(|entry| entry.name == args.name)
            .map(Shown::of)
            .try_for_each(|entry| output::json(&entry));
    }
    output::line(format!("added '{}' to {}", args.name, store.path().display()))
}

fn ask(args: &KeysAddArgs) -> Result<Material, Failure> {
    let api_key = answer("API key: ", "the API key")?;
    let proof = match &args.private_key_file {
        Some(path) => {
            let place = path.display().to_string();
            Proof::PrivateKey(private_key_in(read_private(path)?, "the private key", &place)?)
        }
        None => Proof::SecretKey(answer("Secret key: ", "the secret key")?),
    };
    Ok(Material { api_key, proof })
}

fn answer(question: &str, what: &str) -> Result<Secret, Failure> {
    let answer = prompt::answer(question).map_err(|cause| Failure::failed(format!("cannot read {what}: {cause}")))?;
    if answer.expose().trim().is_empty() {
        return Err(Failure::failed(format!("{what} is missing")));
    }
    Ok(one_word(&answer, what, "what was typed")?)
}

/// An entry as it is shown.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    name: &'a str,
    exchange: Option<&'a str>,
    key_type: &'static str,
    api_key: String,
}

impl<'a> Shown<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            name: &entry.name,
            exchange: entry.exchange.as_deref(),
            key_type: key_type(&entry.material),
            api_key: masked(entry.material.api_key.expose()),
        }
    }
}

fn key_type(material: &Material) -> &'static str {
    match material.credentials().map(|credentials| credentials.algorithm()) {
        Ok(SigningAlgorithm::HmacSha256) => "hmac",
        Ok(SigningAlgorithm::RsaSha256) => "rsa",
        Ok(SigningAlgorithm::Ed25519) => "ed25519",
        _ => "unknown",
    }
}

fn list(args: &KeysListArgs) -> Result<(), Failure> {
    let store = KeyStore::open()?;
    let mut shown = store.entries().iter().map(Shown::of);
    if args.json {
        return shown.try_for_each(|entry| output::json(&entry));
    }
    let mut table = TextTable::new(&[
        ("name", Align::Left),
        ("exchange", Align::Left),
        ("type", Align::Left),
        ("key", Align::Left),
    ]);
    for entry in shown {
        let exchange = entry.exchange.unwrap_or("any");
        table.row([entry.name.to_owned(), exchange.to_owned(), entry.key_type.to_owned(), entry.api_key]);
    }
    if table.is_empty() { output::line("no keys") } else { output::line(table) }
}

fn remove(args: &KeysRemoveArgs) -> Result<(), Failure> {
    let _lock = KeyStore::lock()?;
    let mut store = KeyStore::open()?;
    let removed = store.remove(&args.name)?;
    if args.json {
        return output::json(&Shown::of(&removed));
    }
    output::line(format!("removed '{}'", args.name))
}
