use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tradewire::Error;
use tradewire::transport::Secret;
use zeroize::Zeroizing;

use super::sealed::TAG_BYTES;
use crate::credentials::{Material, Proof, config};

/// The keys of one account in the store.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// What the owner calls it.
    pub(crate) name: String,
    /// The exchange that they are for, if the owner said so.
    pub(crate) exchange: Option<String>,
    /// The keys.
    pub(crate) material: Material,
}

/// An entry as it is encrypted. Keys are in base64, so that no text needs escapes: readers and writers of JSON would leave
/// copies of those behind.
#[derive(Serialize, Deserialize)]
struct Plain<'a> {
    name: &'a str,
    exchange: Option<&'a str>,
    api_key: &'a str,
    kind: PlainKind,
    proof: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PlainKind {
    SecretKey,
    PrivateKey,
}

/// All entries as they are encrypted, with room for the seal.
pub(super) fn write(entries: &[Entry]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let encoded: Vec<_> = entries.iter().map(Encoded::of).collect();
    let plain: Vec<_> = entries.iter().zip(&encoded).map(|(entry, encoded)| encoded.plain(entry)).collect();
    let room: usize = entries.iter().zip(&encoded).map(|(entry, encoded)| room(entry, encoded)).sum();
    // As large as it will ever be: growing would leave copies behind.
    let mut out = Zeroizing::new(Vec::with_capacity(room + 2 + TAG_BYTES));
    serde_json::to_writer(&mut *out, &plain).map_err(|_| config("the key store cannot be written"))?;
    Ok(out)
}

/// The entries of a decrypted text.
pub(super) fn read(text: &[u8]) -> Result<Vec<Entry>, Error> {
    let damaged = || config("the key store holds what this version does not know");
    let plain: Vec<Plain<'_>> = serde_json::from_slice(text).map_err(|_| damaged())?;
    plain.iter().map(|plain| plain.entry().ok_or_else(damaged)).collect()
}

struct Encoded {
    api_key: Zeroizing<String>,
    proof: Zeroizing<String>,
}

impl Encoded {
    fn of(entry: &Entry) -> Self {
        let encode = |secret: &Secret| Zeroizing::new(STANDARD.encode(secret.expose()));
        let (Proof::SecretKey(proof) | Proof::PrivateKey(proof)) = &entry.material.proof;
        Self { api_key: encode(&entry.material.api_key), proof: encode(proof) }
    }

    fn plain<'a>(&'a self, entry: &'a Entry) -> Plain<'a> {
        let kind = match entry.material.proof {
            Proof::SecretKey(_) => PlainKind::SecretKey,
            Proof::PrivateKey(_) => PlainKind::PrivateKey,
        };
        let exchange = entry.exchange.as_deref();
        Plain { name: &entry.name, exchange, api_key: &self.api_key, kind, proof: &self.proof }
    }
}

/// Bytes that an entry takes at most: its texts and the names of the fields.
fn room(entry: &Entry, encoded: &Encoded) -> usize {
    let exchange = entry.exchange.as_ref().map_or(0, String::len);
    entry.name.len() + exchange + encoded.api_key.len() + encoded.proof.len() + 128
}

impl Plain<'_> {
    fn entry(&self) -> Option<Entry> {
        let proof = decode(self.proof)?;
        let proof = match self.kind {
            PlainKind::SecretKey => Proof::SecretKey(proof),
            PlainKind::PrivateKey => Proof::PrivateKey(proof),
        };
        let material = Material { api_key: decode(self.api_key)?, proof };
        Some(Entry { name: self.name.to_owned(), exchange: self.exchange.map(str::to_owned), material })
    }
}

fn decode(base64: &str) -> Option<Secret> {
    let bytes = Zeroizing::new(STANDARD.decode(base64).ok()?);
    std::str::from_utf8(&bytes).ok().map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_survive_and_never_outgrow_their_buffer() {
        for length in [0, 1, 2, 64, 5000] {
            let secret = || Secret::new("é".repeat(length));
            let entry = |proof| Entry {
                name: "n".repeat(length),
                exchange: (length > 1).then(|| "binance-spot".to_owned()),
                material: Material { api_key: secret(), proof },
            };
            let entries = [entry(Proof::SecretKey(secret())), entry(Proof::PrivateKey(secret()))];
            let text = write(&entries).expect("written");
            let room: usize = entries.iter().map(|entry| room(entry, &Encoded::of(entry))).sum();
            assert!(text.len() <= room + 2, "no growth");
            let same = read(&text).expect("read");
            assert_eq!((same.len(), &same[1].name, &same[0].exchange), (2, &entries[1].name, &entries[0].exchange));
            assert!(matches!(&same[1].material.proof, Proof::PrivateKey(pem) if pem.expose() == secret().expose()));
        }
    }
}
