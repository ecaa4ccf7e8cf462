use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::wrong_use;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Add the keys of an account; they are asked for, or read from standard input, a line each
    Add(KeysAddArgs),
    /// List the accounts with their keys masked
    List(KeysListArgs),
    /// Remove the keys of an account
    Remove(KeysRemoveArgs),
}

#[derive(Debug, Args)]
pub(crate) struct KeysAddArgs {
    /// What to call the account: letters, digits, '-', '_' and '.'
    #[arg(value_name = "NAME", value_parser = wrong_use::account_name)]
    pub(crate) name: String,
    /// The only exchange to use them for [default: any]
    #[arg(long, value_name = "EXCHANGE", value_parser = wrong_use::exchange)]
    pub(crate) exchange: Option<String>,
    /// File with a private key, Ed25519 or RSA in PEM, instead of a secret key
    #[arg(long, value_name = "FILE")]
    pub(crate) private_key_file: Option<PathBuf>,
    /// The account as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeysListArgs {
    /// One JSON object per line and account
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeysRemoveArgs {
    /// The account
    #[arg(value_name = "NAME", value_parser = wrong_use::account_name)]
    pub(crate) name: String,
    /// The account as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
